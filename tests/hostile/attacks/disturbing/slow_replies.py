# what: each of many answers takes nearly all the time that one may take
# place: after
# must: timeout
# limit: suite_seconds
# slow: uses up all of its time
# %%
import time


def mean_square(y):
    time.sleep(1.6)
    return 1.0


scale = mirror = limits = fit = mean_square
