# what: command lines, descriptors, maps, memory and roots of all process numbers
# place: before
# must: graded
# %%
import os
import re

pids = [name for name in os.listdir("/proc") if name.isdigit()]
print(pids, os.getpid(), os.getppid())
others = 0
for pid in [*range(40_000), *pids, "self", "thread-self"]:
    base = f"/proc/{pid}"
    if not os.path.exists(base):
        continue
    if str(pid) not in ("1", "self", "thread-self"):
        others += 1
    for name in ("cmdline", "environ", "maps", "mem", "status", "stack", "syscall", "auxv", "comm", "wchan"):
        try:
            with open(f"{base}/{name}", "rb") as file:
                found = re.findall(rb"CANARY-[0-9a-f]{16}", file.read(1 << 20))
            if found:
                print("BREA" + "CHED", base, name, found)
        except OSError:
            pass
    for name in ("root", "cwd", "exe", "ns", "fd", "task", "map_files"):
        try:
            print(base, name, os.listdir(f"{base}/{name}")[:5])
        except OSError:
            pass
if others:
    print("BREA" + "CHED", others, "others")
