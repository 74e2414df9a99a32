# what: SystemExit, KeyboardInterrupt and GeneratorExit in cells and in calls
# place: after
# must: failed
# %%
import sys

sys.exit(0)
# %%
raise KeyboardInterrupt
# %%
def scale(X):
    sys.exit(0)


def mean_square(y):
    raise KeyboardInterrupt


def mirror(text):
    raise GeneratorExit


def fit(X, y):
    raise BaseExceptionGroup("both", [SystemExit(0), KeyboardInterrupt()])
