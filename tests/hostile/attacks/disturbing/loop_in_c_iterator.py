# what: a sum over an endless iterator in C, in a cell
# place: after
# must: timeout
# limit: notebook_seconds
# %%
import collections
import itertools

collections.deque(itertools.count(), maxlen=0)
