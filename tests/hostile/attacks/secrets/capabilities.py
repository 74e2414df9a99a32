# what: user and group numbers, capabilities and privileges are asked back
# place: before
# must: graded
# %%
import ctypes
import os
import re

libc = ctypes.CDLL(None, use_errno=True)
for name, arguments in [("setuid", (0,)), ("setgid", (0,)), ("setreuid", (0, 0)), ("setresuid", (65534,) * 3), ("setfsuid", (0,)), ("setgroups", (0, None))]:
    result = getattr(libc, name)(*arguments)
    if result == 0 and name != "setfsuid":
        print("BREA" + "CHED", name)
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
wanted = (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
if libc.capset(ctypes.byref(header), ctypes.byref(wanted)) == 0:
    print("BREA" + "CHED", "capset")
for option in ((23, 21), (47, 2, 21, 0, 0), (28, 0), (38, 0, 0, 0, 0), (22, 0, 0)):
    libc.prctl(*option)
status = open("/proc/self/status").read()
print(status)
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(re.search(rf"{name}:\s+(\w+)", status)[1], 16):
        print("BREA" + "CHED", name)
if not re.search(r"NoNewPrivs:\s+1", status) or not re.search(r"Seccomp:\s+2", status) or os.getuid() != 1000:
    print("BREA" + "CHED", "privileges")
for path in ("/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/setgroups", "/proc/self/projid_map"):
    try:
        with open(path, "w") as file:
            file.write("0 0 4294967295")
        print("BREA" + "CHED", path)
    except OSError as error:
        print(path, error.strerror)
