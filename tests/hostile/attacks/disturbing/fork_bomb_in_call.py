# what: a call forks until it cannot, and the children answer too
# place: after
# must: crashed
# limit: processes
# %%
import os
import time


def scale(X):
    for _ in range(1000):
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)
    return X
