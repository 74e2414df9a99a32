# what: builtins and the standard library lie
# place: after
# must: failed
# %%
import builtins
import math
import operator

builtins.all = builtins.any = builtins.isinstance_ = lambda *a: True
math.isclose = operator.eq = lambda *a, **k: True
builtins.AssertionError = type("Quiet", (BaseException,), {"__init__": lambda self, *a: None})
builtins.abs = lambda value: 0
builtins.max = lambda *a, **k: 0
