# what: the process stops and kills itself
# place: after
# must: failed
# %%
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
os.kill(os.getpid(), signal.SIGTSTP)
os.kill(os.getpid(), signal.SIGKILL)
