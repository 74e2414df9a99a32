# what: an array of 200 MB, and a text of 100 MB
# place: after
# must: failed
# %%
import numpy as np


def scale(X):
    return np.zeros(200 << 20, dtype=np.uint8)


def mirror(text):
    return "x" * (100 << 20)
