# what: /dev/zero is mapped as shared memory, filled, let go of, and yet kept
# place: after
# must: graded
# %%
import mmap
import os
import time

kept, held = [], 0
try:
    while held < 1100:
        descriptor = os.open("/dev/zero", os.O_RDWR)
        block = mmap.mmap(descriptor, 64 << 20, flags=mmap.MAP_SHARED)
        os.close(descriptor)
        for start in range(0, 64 << 20, 4096):
            block[start] = 1
        block.madvise(mmap.MADV_DONTNEED)
        kept.append(block)
        held += 64
    time.sleep(0.4)
    print("BREA" + "CHED", held, "MB of shared memory are held and not counted")
except (OSError, ValueError) as error:
    print(error)
