# what: the process at the other end of the worker's socket is asked for, signalled and entered
# place: before
# with: wire
# must: graded
# %%
import ctypes
import fcntl
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
SO_PEERPIDFD = 77
print(struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))
try:
    pidfd = sock.getsockopt(socket.SOL_SOCKET, SO_PEERPIDFD)
except OSError as error:
    print(error)
else:
    print(open(f"/proc/self/fdinfo/{pidfd}").read())
    if libc.syscall(424, pidfd, signal.SIGWINCH, None, 0) == 0:
        print("BREA" + "CHED", "signal")
    for number in range(20):
        if libc.syscall(438, pidfd, number, 0) >= 0:
            print("BREA" + "CHED", "descriptor", number)
    if libc.syscall(308, pidfd, 0x7E020000) == 0:
        print("BREA" + "CHED", "setns")
    for request in range(0xFF01, 0xFF0C):  # PIDFD_GET_*_NAMESPACE
        try:
            print("BREA" + "CHED", "namespace", fcntl.ioctl(pidfd, request, 0))
        except OSError as error:
            print(hex(request), error.strerror)
print([os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{name}")])
