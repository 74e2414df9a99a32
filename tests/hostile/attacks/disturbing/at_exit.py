# what: exit handlers, destructors and fork hooks that never end
# place: after
# must: failed
# %%
import atexit
import os
import sys
import threading
import time
import weakref


class Sticky:
    def __del__(self):
        time.sleep(1000)


sticky = Sticky()
atexit.register(time.sleep, 1000)
threading._register_atexit(time.sleep, 1000)
weakref.finalize(sticky, time.sleep, 1000)
os.register_at_fork(before=lambda: time.sleep(1000))
sys.excepthook = sys.unraisablehook = lambda *a: time.sleep(1000)
threading.Thread(target=time.sleep, args=(1000,)).start()
