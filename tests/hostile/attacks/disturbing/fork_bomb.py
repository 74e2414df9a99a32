# what: every process forks two, for ever
# place: after
# must: crashed
# limit: processes
# %%
import os
import time

while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
