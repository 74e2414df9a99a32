# what: masked, structured, object, date, empty, overlapping and misaligned arrays
# place: after
# must: failed
# %%
import numpy as np


def scale(X):
    return np.ma.masked_all((3, 2))


def mean_square(y):
    return np.zeros(2, dtype=[("a", "f8"), ("b", "O")]) if len(y) > 1 else np.array([np.datetime64("now")])


def mirror(text):
    return np.array([text.encode(), None, object()], dtype=object)


def fit(X, y):
    return np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 20, 1 << 20), (0, 0))


def limits(text):
    return np.zeros((0, 5, 0), dtype=np.longdouble)
