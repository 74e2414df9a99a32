# what: a list, a dict and an array that contain themselves
# place: after
# must: failed
# %%
import numpy as np

loop = []
loop.append(loop)
ring = {}
ring["low"] = ring
round_ = np.empty(2, dtype=object)
round_[:] = [round_, loop]


def scale(X):
    return loop


def mean_square(y):
    return round_


def limits(text):
    return ring


def count(X):
    loop.append(X)
    return loop
