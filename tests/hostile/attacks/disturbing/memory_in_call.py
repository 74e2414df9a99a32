# what: a call fills the memory, on top of what a cell has taken
# place: after
# must: crashed
# limit: memory_mb
# %%
import numpy as np


held = np.ones(256 << 20, dtype=np.uint8)


def scale(X):
    return [np.ones(16 << 20, dtype=np.uint8) for _ in range(100)]
