# what: the first thread of the worker ends, and another one goes on in silence
# place: after
# must: timeout
# limit: notebook_seconds
# %%
import ctypes
import platform
import threading
import time

threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)
