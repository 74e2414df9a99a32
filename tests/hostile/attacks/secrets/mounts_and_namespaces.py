# what: mount, remount, move, pivot, unshare, setns, and clone with flags for new namespaces
# place: before
# must: graded
# %%
import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
os.makedirs("/tmp/m", exist_ok=True)
X86 = platform.machine() == "x86_64"


def tried(name, result):
    if result == 0 or (result > 0 and name in ("open_tree", "fsopen", "fspick")):
        print("BREA" + "CHED", name, result)
    else:
        print(name, os.strerror(ctypes.get_errno()))


tried("tmpfs", libc.mount(b"none", b"/tmp/m", b"tmpfs", 0, None))
tried("proc", libc.mount(b"proc", b"/tmp/m", b"proc", 0, None))
tried("bind", libc.mount(b"/", b"/tmp/m", None, 4096, None))
tried("remount", libc.mount(b"none", b"/", None, 4096 | 32, None))
tried("umount", libc.umount2(b"/proc/sys", 2))
tried("umount", libc.umount2(b"/content", 2))
for flags in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x10000000 | 0x00020000, 0x80):
    tried(f"unshare {flags:x}", libc.unshare(flags))
for name in ("mnt", "pid", "net", "user"):
    tried(f"setns {name}", libc.setns(os.open(f"/proc/self/ns/{name}", os.O_RDONLY), 0))
tried("open_tree", libc.syscall(428, -100, b"/", 1))
tried("fsopen", libc.syscall(430, b"tmpfs", 0))
tried("fspick", libc.syscall(433, -100, b"/", 0))
tried("pivot_root", libc.syscall(155 if X86 else 41, b"/tmp/m", b"/tmp/m"))
tried("mount_setattr", libc.syscall(442, -100, b"/", 0, ctypes.create_string_buffer(32), 32))
CLONE = 56 if X86 else 220
for flags in (0x10000000, 0x10020000, 0x30000000, 0x02000000, 0x60000000):
    pid = libc.syscall(CLONE, flags | 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    if pid > 0:
        print("BREA" + "CHED", "clone", hex(flags))
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
pid = libc.syscall(435, ctypes.byref(arguments), 88)
if pid == 0:
    os._exit(0)
if pid > 0:
    print("BREA" + "CHED", "clone3")
