# what: a child whose first thread has ended fills the memory in another thread
# place: after
# must: crashed
# limit: memory_mb
# %%
import ctypes
import os
import platform
import threading
import time

if os.fork() == 0:
    def fill():
        blocks = []
        for _ in range(75):
            time.sleep(0.01)
            blocks.append(bytearray(os.urandom(1 << 20)) * 16)
        time.sleep(1.5)
        print("BREA" + "CHED", len(blocks) * 16, "MB are held by a process whose first thread is dead")
        os.write(1, ("BREA" + "CHED\n").encode())

    threading.Thread(target=fill).start()
    libc = ctypes.PyDLL(None)
    state = ctypes.pythonapi.PyEval_SaveThread
    state.restype = ctypes.c_void_p
    ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)
os.wait()
