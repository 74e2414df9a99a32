# what: a subclass of ndarray whose comparisons and differences are always nothing
# place: after
# must: failed
# %%
import numpy as np


class Liar(np.ndarray):
    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__

    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    def tobytes(self, *a, **k):
        return b"\0" * self.nbytes

    def __array_finalize__(self, parent):
        pass

    def astype(self, *a, **k):
        return self


def scale(X):
    return np.zeros_like(X).view(Liar)
