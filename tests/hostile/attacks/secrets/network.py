# what: sockets to this machine, the cloud's metadata, name servers and neighbours
# place: before
# must: graded
# %%
import socket

for family, address in [
    (socket.AF_INET, ("127.0.0.1", 22)), (socket.AF_INET, ("127.0.0.1", 5000)), (socket.AF_INET, ("169.254.169.254", 80)),
    (socket.AF_INET, ("8.8.8.8", 53)), (socket.AF_INET, ("10.0.0.1", 80)), (socket.AF_INET6, ("::1", 22)),
    (socket.AF_INET6, ("2001:4860:4860::8888", 53)),
]:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(family, kind) as sock:
                sock.settimeout(0.2)
                sock.connect(address)
                sock.sendall(b"hello")
                print("BREA" + "CHED", address)
        except OSError as error:
            print(address, error)
print(socket.if_nameindex())
try:
    print("BREA" + "CHED", socket.getaddrinfo("example.com", 80))
except OSError as error:
    print(error)
# %%
!pip install requests
!curl -s --max-time 1 http://169.254.169.254/
