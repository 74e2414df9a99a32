# what: recursion without end, in Python and in C
# place: after
# must: crashed
# %%
import sys

sys.setrecursionlimit(10**9)


def scale(X):
    return scale(X)


def mean_square(y):
    deep = []
    for _ in range(10**6):
        deep = [deep]
    return repr(deep)
