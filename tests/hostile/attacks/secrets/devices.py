# what: devices: those that are there, those that are made, and the memory and disks of the machine
# place: before
# must: graded
# %%
import os
import stat

EXPECTED = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "fd", "core", "stdin", "stdout", "stderr", "console"}
print(set(os.listdir("/dev")) - EXPECTED)
for name in set(os.listdir("/dev")) - EXPECTED:
    print("BREA" + "CHED", name)
for folder in ("/tmp", "/content", "/dev/shm", "/home/student", "/dev"):
    for kind, major, minor in ((stat.S_IFCHR, 1, 1), (stat.S_IFCHR, 1, 3), (stat.S_IFBLK, 8, 0), (stat.S_IFCHR, 10, 229)):
        try:
            os.mknod(f"{folder}/node", kind | 0o666, os.makedev(major, minor))
            print("BREA" + "CHED", folder, major, minor)
        except OSError as error:
            print(folder, error.strerror)
for path in ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/kvm", "/dev/loop0", "/dev/net/tun", "/proc/kcore", "/proc/kmsg"):
    try:
        if open(path, "rb").read(16):
            print("BREA" + "CHED", path)
    except OSError as error:
        print(path, error.strerror)
