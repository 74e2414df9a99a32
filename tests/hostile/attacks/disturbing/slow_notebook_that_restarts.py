# what: the notebook takes nearly all its time, and every function ends the process, so that it runs again and again
# place: after
# must: crashed
# slow: uses up all of its time
# %%
import os
import time

time.sleep(3.4)


def leave(*a):
    time.sleep(0.9)
    os._exit(1)


scale = mean_square = mirror = fit = count = limits = leave
