# what: a power of a power of whole numbers, computed in C for minutes
# place: after
# must: timeout
# limit: call_seconds
# %%
def mean_square(y):
    return 10 ** 10**8
