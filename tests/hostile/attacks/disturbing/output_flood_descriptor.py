# what: 500 MB are written to descriptors 1 and 2, past Python
# place: after
# must: crashed
# limit: output_mb
# %%
import os

for number in range(500):
    os.write(1 + number % 2, b"x" * (1 << 20))
