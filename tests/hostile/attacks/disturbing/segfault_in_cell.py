# what: a segmentation fault while the notebook runs
# place: after
# must: crashed
# %%
import ctypes

ctypes.string_at(0)
