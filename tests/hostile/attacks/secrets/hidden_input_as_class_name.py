# what: the class of a returned object, its methods, its fields and its repr are called like a hidden input
# place: after
# must: failed
# %%
def thing(text):
    kind = type(text, (), {"__repr__": lambda self: text, "__getattr__": lambda self, name: kind(), "__module__": text})
    return kind()


def scale(X):
    return thing(str([int(x) for x in X.ravel()]))


def mean_square(y):
    return thing(str([int(x) for x in y]))


def mirror(text):
    return [thing(text), {text: thing(text)}, (text, thing(text))]
