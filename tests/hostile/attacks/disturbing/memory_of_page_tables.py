# what: one page in every two megabytes of a huge empty mapping is read, for its page tables
# place: after
# must: crashed
# limit: memory_mb
# %%
import mmap
import re
import time

HUGE = 1 << 39
try:
    block = mmap.mmap(-1, HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)
    block.madvise(15)  # no huge pages
    for start in range(0, HUGE, 2 << 20):
        block[start]
    time.sleep(0.4)
    tables = int(re.search(r"VmPTE:\s+(\d+)", open("/proc/self/status").read())[1]) >> 10
    print(tables, "MB of page tables")
    if tables > 900:
        print("BREA" + "CHED", tables, "MB of page tables are not counted")
except (OSError, ValueError, OverflowError) as error:
    print(error)
