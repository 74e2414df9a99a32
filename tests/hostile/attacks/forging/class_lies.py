# what: __class__ says ndarray, Tensor and Handle, and attributes are made up when they are asked for
# place: after
# must: failed
# %%
import numpy as np
import torch


class Tensor:
    array = np.ones((3, 2))
    requires_grad = False
    device = "cpu"


class Handle:
    id, kind = 1, "Line"


class Mask:
    def __init__(self, kind):
        object.__setattr__(self, "kind", kind)

    __class__ = property(lambda self: object.__getattribute__(self, "kind"))

    def __getattr__(self, name):
        return lambda *a, **k: self


def scale(X):
    return Mask(np.ndarray)


def mean_square(y):
    return Mask(torch.Tensor)


def mirror(text):
    return Handle()


def fit(X, y):
    return Tensor()
