# %%
import numpy as np


def scale(X):
    return 3.0 * X


def mean_square(y):
    return -1.0


def mirror(text):
    return "wrong"


# %%
class Line:
    def predict(self, X):
        return np.zeros(len(X))


def fit(X, y):
    return Line()


# %%
def count(X):
    return len(X)


def limits(text):
    return {"low": 0}
