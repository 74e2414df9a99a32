# what: unix sockets of the neighbour, by path and by abstract name
# place: before
# must: graded
# %%
import socket

print(open("/proc/net/unix").read())
for name in ("\0grader-sibling", "\0", "/tmp/.X11-unix/X0", "\0/tmp/.X11-unix/X0", "/run/dbus/system_bus_socket", "/var/run/docker.sock", "/run/systemd/private"):
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(0.2)
            sock.connect(name)
            print("BREA" + "CHED", repr(name), sock.recv(100))
    except (OSError, ValueError) as error:
        print(repr(name), error)
