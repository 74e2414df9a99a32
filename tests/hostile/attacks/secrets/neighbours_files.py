# what: other submissions' private files, in every folder that they could lie in
# place: before
# must: graded
# %%
import glob
import os

for pattern in ("/tmp/*", "/tmp/.*", "/dev/shm/*", "/content/*", "/home/*/*", "/mnt/*", "/run/*", "/var/tmp/*", "/opt/data/*", "/proc/*/root/content/*", "/tmp/grader-*/*"):
    for path in glob.glob(pattern):
        print(path)
        if os.path.basename(path) == "private.txt":
            print("BREA" + "CHED", open(path).read())
