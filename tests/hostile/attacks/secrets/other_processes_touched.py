# what: ptrace, process_vm_readv, pidfd_getfd, kcmp and process_madvise on every number up to 500
# place: before
# must: graded
# %%
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
ARM = os.uname().machine == "aarch64"
PTRACE, READ, PIDFD_OPEN, GETFD, KCMP = (117, 270, 434, 438, 272) if ARM else (101, 310, 434, 438, 312)
buffer = ctypes.create_string_buffer(4096)
child = os.fork()
if child == 0:
    import time

    time.sleep(60)
    os._exit(0)


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


local = Vector(ctypes.addressof(buffer), 4096)
remote = Vector(ctypes.addressof(buffer), 4096)
for pid in [child, *range(500)]:
    for request in (16, 0x4206):  # ATTACH, SEIZE
        if libc.syscall(PTRACE, request, pid, 0, 0) == 0:
            print("BREA" + "CHED", "ptrace", pid)
    if libc.syscall(READ, pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) > 0:
        print("BREA" + "CHED", "process_vm_readv", pid)
    pidfd = libc.syscall(PIDFD_OPEN, pid, 0)
    if pidfd >= 0:
        for number in range(10):
            if libc.syscall(GETFD, pidfd, number, 0) >= 0:
                print("BREA" + "CHED", "pidfd_getfd", pid)
        os.close(pidfd)
    if libc.syscall(KCMP, os.getpid(), pid, 0, 0, 0) >= 0:
        print("BREA" + "CHED", "kcmp", pid)
os.kill(child, 9)
