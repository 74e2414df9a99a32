# what: isinstance says yes to everything, so the encoder misreads every value
# place: after
# must: crashed
# %%
import builtins

builtins.isinstance = lambda thing, kind: True
