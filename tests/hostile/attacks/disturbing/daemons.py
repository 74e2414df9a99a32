# what: daemons leave the session, ignore signals, and write for ever
# place: after
# must: failed
# %%
import os
import signal
import subprocess

for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() != 0:
            os._exit(0)
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        os.execvp("sleep", ["grader-hostile-daemon", "10000"])
subprocess.Popen("nohup setsid sleep 10001 >/dev/null 2>&1 &", shell=True)
subprocess.Popen(["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"], start_new_session=True)
