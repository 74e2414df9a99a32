# what: threads are started until none can be
# place: after
# must: crashed
# limit: processes
# %%
import threading
import time

while True:
    try:
        threading.Thread(target=time.sleep, args=(1000,)).start()
    except RuntimeError:
        time.sleep(0.01)
