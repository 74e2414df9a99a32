# what: folders nested ten thousand deep, and a file of a claimed size of terabytes
# place: after
# must: failed
# %%
import os

try:
    for _ in range(10_000):
        os.mkdir("d" * 50)
        os.chdir("d" * 50)
except OSError as error:
    print(error)
try:
    os.truncate(os.open("/tmp/sparse", os.O_RDWR | os.O_CREAT), 1 << 42)
except OSError as error:
    print(error)
