# what: the classic one-line bomb in a shell, in a session of its own
# place: after
# must: crashed
# limit: processes
# %%
import subprocess
import time

subprocess.Popen(["bash", "-c", "b() { b | b & }; b; sleep 100"], start_new_session=True)
time.sleep(100)
