# what: twelve children take a share of the memory each, none of them much
# place: after
# must: crashed
# limit: memory_mb
# %%
import os
import time

for _ in range(12):
    if os.fork() == 0:
        block = bytearray(os.urandom(1 << 20)) * 80
        time.sleep(100)
        os._exit(0)
time.sleep(100)
