# what: children that are stopped, or wait for each other, while the parent ends
# place: after
# must: crashed
# %%
import os
import signal
import time

for _ in range(5):
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(1000)
    os.setpgid(child, child)


def scale(X):
    os._exit(0)
