# what: a regular expression backtracks for ever in C and holds the interpreter's lock
# place: after
# must: timeout
# limit: call_seconds
# %%
import re


def mirror(text):
    return re.match(r"(a+)+$", "a" * 60 + "b").group()
