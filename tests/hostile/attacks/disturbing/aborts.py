# what: abort, a segmentation fault, a bus error and an illegal instruction in calls
# place: after
# must: crashed
# %%
import ctypes
import os
import signal


def scale(X):
    ctypes.string_at(0)


def mean_square(y):
    os.abort()


def mirror(text):
    signal.signal(signal.SIGILL, signal.SIG_DFL)
    signal.raise_signal(signal.SIGBUS)
    ctypes.memset(1, 0, 8)
