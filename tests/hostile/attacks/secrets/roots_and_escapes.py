# what: the way out of the root folder: /proc/1/root, chroot and back, open descriptors of folders, dot-dot
# place: before
# must: graded
# %%
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for path in ("/proc/1/root", "/proc/self/root", "/proc/1/cwd", "/proc/self/cwd/../../../..", "/../../..", "/proc/1/task/1/root"):
    try:
        print(path, sorted(os.listdir(path)))
        print(os.listdir(path + "/work/main"))
    except OSError as error:
        print(path, error.strerror)
outside = os.open("/", os.O_RDONLY)
os.makedirs("/tmp/jail", exist_ok=True)
if libc.chroot(b"/tmp/jail") == 0:
    print("BREA" + "CHED", "chroot")
os.fchdir(outside)
for _ in range(64):
    os.chdir("..")
print(sorted(os.listdir(".")))
for name in ("reference", "assignments", "webapp"):
    if os.path.exists(f"/work/main/{name}"):
        print("BREA" + "CHED", name)
os.chdir("/content")
