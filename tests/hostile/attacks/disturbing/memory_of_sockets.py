# what: socket buffers of several processes are filled and never read
# place: after
# must: crashed
# limit: memory_mb
# %%
import os
import socket
import time

told, tell = os.pipe()
for _ in range(6):
    if os.fork() == 0:
        pairs, held = [], 0
        try:
            while True:
                pairs.append(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
                for end in pairs[-1]:
                    end.setblocking(False)
                    try:
                        while True:
                            held += end.send(b"x" * 60_000)
                    except BlockingIOError:
                        pass
        except OSError:
            os.write(tell, f"{held >> 20} ".encode())
            time.sleep(100)
heard = ""
while heard.count(" ") < 6:
    heard += os.read(told, 1000).decode()
time.sleep(0.4)
print("BREA" + "CHED" if sum(map(int, heard.split())) > 800 else "", heard, "MB of messages are held and not counted")
