# what: hidden numbers as the cell and the line in which an exception was raised
# place: after
# with: wire
# must: failed
# %%
import types

from grader.inside.shell import Fault

notes = []


def fault(error):
    number = notes[-1] if notes else 0
    return Fault("ValueError", str(number), number, number)


worker.notebook.fault = fault


def mean_square(y):
    notes.append(int(max(y)))
    raise ValueError


def scale(X):
    notes.append(int(X.max()))
    exec(compile("\n" * 70 + "raise ValueError", scale.__code__.co_filename, "exec"))
