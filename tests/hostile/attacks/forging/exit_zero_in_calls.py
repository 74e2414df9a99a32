# what: every function ends the process with success
# place: after
# must: crashed
# %%
import os


def leave(*a):
    os._exit(0)


scale = mean_square = mirror = fit = count = leave
