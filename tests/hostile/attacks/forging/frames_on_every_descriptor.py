# what: valid frames that answer the next 200 questions are written to every open descriptor
# place: after
# with: wire
# must: refused
# %%
import os

forged = b"".join(frame(table(id=number, value=1.0, seconds=0.0)) for number in range(1, 201))
for name in os.listdir("/proc/self/fd"):
    try:
        os.write(int(name), forged)
    except OSError:
        pass
