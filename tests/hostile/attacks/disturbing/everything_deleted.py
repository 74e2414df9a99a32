# what: everything that can be is deleted, and the folders are locked
# place: after
# must: failed
# %%
import os
import shutil

for folder in ("/content", "/tmp", "/dev/shm", "/home/student", "/opt", "/usr/lib/python3"):
    shutil.rmtree(folder, ignore_errors=True)
for folder in ("/content", "/tmp", "/dev/shm", "/home/student", "/"):
    try:
        os.chmod(folder, 0)
    except OSError:
        pass
