# what: /dev/shm is filled
# place: after
# must: crashed
# limit: disk_mb
# %%
import time

with open("/dev/shm/block", "wb") as file:
    try:
        while True:
            file.write(b"x" * (1 << 20))
            file.flush()
    except OSError as error:
        print(error)
        time.sleep(100)
