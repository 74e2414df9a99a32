# what: objects that compute, loop or raise whenever they are looked at
# place: after
# must: failed
# %%
class Trap:
    def __getattribute__(self, name):
        raise SystemExit(name)

    def _(self, *a):
        raise KeyboardInterrupt

    __len__ = __iter__ = __getitem__ = __bool__ = __hash__ = __eq__ = __repr__ = __str__ = __array__ = __float__ = __int__ = _


class Endless(dict):
    def items(self):
        while True:
            yield "low", 1.0

    keys = __iter__ = items


class Growing(list):
    def __iter__(self):
        return iter([Growing()])

    __len__ = lambda self: 1 << 62


def scale(X):
    return Trap()


def mean_square(y):
    return [Trap(), Growing([1])]


def mirror(text):
    return Growing([1])


def limits(text):
    return Endless(low=1, high=2)
