# what: every signal is sent to every number in sight, to -1, and to the parent
# place: after
# must: graded
# %%
import os
import signal

for target in [-1, os.getppid(), 0, *range(2, 400)]:
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGHUP, signal.SIGUSR1):
        try:
            os.kill(target, number) if target != 0 else os.killpg(os.getppid() or 12345, number)
        except OSError:
            pass
