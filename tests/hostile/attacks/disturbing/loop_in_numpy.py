# what: a numpy operation that takes minutes
# place: after
# must: timeout
# limit: call_seconds
# %%
import numpy as np


def scale(X):
    big = np.broadcast_to(np.float64(1.0), (1 << 20, 1 << 20))
    return np.sin(big, out=np.empty(1), where=False) if False else big.sum()
