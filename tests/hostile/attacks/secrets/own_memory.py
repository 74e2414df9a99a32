# what: the memory of the process itself is searched for what the warm process may have known
# place: before
# must: graded
# %%
import re

needle = re.compile(rb"CANARY" + rb"-[0-9a-f]{16}")
found = set()
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        ends, rights = line.split()[:2]
        start, end = (int(text, 16) for text in ends.split("-"))
        if "r" not in rights or end - start > 1 << 28 or ("/" in line and "w" not in rights):
            continue
        try:
            memory.seek(start)
            found |= set(needle.findall(memory.read(end - start)))
        except (OSError, ValueError, OverflowError):
            pass
print(len(found), found)
