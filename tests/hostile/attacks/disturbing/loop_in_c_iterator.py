# what: a sum over an endless iterator in C, in a cell
# place: after
# must: timeout
# limit: notebook_seconds
# slow: the notebook's whole time
# %%
import collections
import itertools

collections.deque(itertools.count(), maxlen=0)
