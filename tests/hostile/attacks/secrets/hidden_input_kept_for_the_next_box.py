# what: a hidden input is written everywhere before a crash, and looked for when the notebook runs again
# place: after
# must: crashed
# %%
import glob
import os
import socket

for path in glob.glob("/tmp/*") + glob.glob("/dev/shm/*") + glob.glob("/content/*") + glob.glob("/home/student/*"):
    if os.path.isfile(path):
        print(path, open(path, "rb").read()[:200])


def mirror(text):
    for folder in ("/tmp", "/dev/shm", "/content", "/home/student", "/content/data", "/opt/data", "/mnt"):
        try:
            with open(f"{folder}/kept", "w") as file:
                file.write(text)
        except OSError:
            pass
    os.write(1, text.encode())
    os.kill(os.getpid(), 6)
    os._exit(3)
