# what: exceptions whose class is called like one of Python's and whose text is a hidden input
# place: after
# must: failed
# %%
def scale(X):
    raise KeyError(str([int(x) for x in X.ravel()]))


def mean_square(y):
    raise type("ValueError", (Exception,), {"__str__": lambda self: str([int(x) for x in y])})()


def mirror(text):
    raise NotImplementedError(text)
