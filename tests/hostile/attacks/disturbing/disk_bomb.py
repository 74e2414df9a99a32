# what: files fill every folder, and are deleted while they are open
# place: after
# must: crashed
# limit: disk_mb
# %%
import os
import time

files = []
number = 0
while True:
    for folder in ("/tmp", "/content", "/home/student", "/dev/shm"):
        number += 1
        try:
            file = open(f"{folder}/{number}", "wb", 0)
            file.write(os.urandom(1 << 20))
            files.append(file)
            os.unlink(file.name)
        except OSError:
            time.sleep(0.05)
