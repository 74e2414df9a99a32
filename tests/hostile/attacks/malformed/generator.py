# what: generators, iterators, coroutines, modules, types and functions are returned
# place: after
# must: failed
# %%
import itertools
import sys


async def later():
    return 1


def scale(X):
    return itertools.count()


def mean_square(y):
    return (value for value in itertools.repeat(1.0))


def mirror(text):
    return later


def fit(X, y):
    return sys


limits = lambda text: dict.fromkeys
