# %%
import numpy as np
import torch


def scale(X):
    return 2.0 * X + 1.0


def mean_square(y):
    return float(np.mean(np.square(y)))


def mirror(text):
    return text[::-1]


# %%
class Line:
    def __init__(self, weights):
        self.weights = weights

    def predict(self, X):
        return np.c_[X, np.ones(len(X))] @ self.weights


def fit(X, y):
    return Line(np.linalg.lstsq(np.c_[X, np.ones(len(X))], y, rcond=None)[0])


# %%
def count(X):
    return len(X)


def limits(text):
    return {"low": 0, "high": len(text)}


print("a right notebook", count([1, 2]))
float(torch.ones(3).sum())
