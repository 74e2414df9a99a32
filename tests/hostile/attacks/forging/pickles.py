# what: objects whose unpickling would run code, as values, in arrays and as raw bytes
# place: after
# must: failed
# %%
import pickle

import numpy as np


class Bomb:
    def __reduce__(self):
        return (exec, ("import os; os.environ['OWNED'] = '1'; raise SystemExit(0)",))

    __reduce_ex__ = lambda self, protocol: self.__reduce__()


def scale(X):
    return np.array([Bomb(), pickle.dumps(np.ones(3))], dtype=object)


def mean_square(y):
    return pickle.dumps(Bomb(), protocol=0).decode("latin-1") if False else Bomb()


def mirror(text):
    return "cos\nsystem\n(S'touch /tmp/owned'\ntR."


def fit(X, y):
    return {"__reduce__": Bomb(), "model": np.void(b"12345678")}
