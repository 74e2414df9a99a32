# what: netlink, packet, vsock, crypto and other rare families
# place: before
# must: graded
# %%
import socket

for name in ("AF_PACKET", "AF_VSOCK", "AF_ALG", "AF_CAN", "AF_TIPC", "AF_RDS", "AF_QIPCRTR", "AF_BLUETOOTH"):
    family = getattr(socket, name, None)
    if family is None:
        continue
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM, socket.SOCK_STREAM):
        try:
            with socket.socket(family, kind) as sock:
                sock.settimeout(0.2)
                if name == "AF_VSOCK":
                    for port in (1, 22, 1024, 5000):
                        sock.connect((2, port))
                        print("BREA" + "CHED", name, port)
                elif name == "AF_PACKET":
                    print("BREA" + "CHED", name, sock.recv(100))
        except (OSError, TypeError) as error:
            print(name, error)
import ctypes
# %%
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
netlink.settimeout(0.2)
netlink.bind((0, 1 | 16 | 256))
try:
    import struct

    up = struct.pack("IHHII", 32, 16, 5, 1, 0) + struct.pack("BBHiII", 0, 0, 0, 1, 1, 1)  # bring lo up
    netlink.send(up)
    code = struct.unpack("i", netlink.recv(4096)[16:20])[0]
    if code == 0:
        print("BREA" + "CHED", "lo is up")
    print(code)
except OSError as error:
    print(error)
