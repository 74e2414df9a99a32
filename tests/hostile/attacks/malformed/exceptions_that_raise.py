# what: exceptions whose text raises, whose class has no name, and whose traceback is a circle
# place: after
# must: failed
# %%
class Nasty(Exception):
    def __str__(self):
        raise SystemExit

    __repr__ = __str__
    __traceback__ = property(lambda self: self)


class Meta(type):
    __name__ = property(lambda self: 1 / 0)


class Nameless(Exception, metaclass=Meta):
    pass


def scale(X):
    raise Nasty


def mean_square(y):
    error = ValueError("circle")
    error.__cause__ = error.__context__ = error
    raise error


def fit(X, y):
    raise Nameless
# %%
raise Nasty
