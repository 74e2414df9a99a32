# what: each of many answers is as large as it may be
# place: after
# must: refused
# %%
import numpy as np


def mean_square(y):
    return np.zeros(60 << 20, dtype=np.uint8)
