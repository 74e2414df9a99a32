# what: pseudo terminals, typing into terminals, and taking a controlling one
# place: after
# must: failed
# %%
import fcntl
import os
import pty
import termios

for path in ("/dev/tty", "/dev/console", "/dev/tty1", "/dev/pts/0", "/dev/ptmx"):
    try:
        terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
        fcntl.ioctl(terminal, termios.TIOCSTI, b"x")
        print("BREA" + "CHED", path)
    except OSError as error:
        print(path, error.strerror)
ends = []
try:
    while True:
        ends += pty.openpty()
        fcntl.ioctl(ends[-1], termios.TIOCSTI, b"x")
        print("BREA" + "CHED", "TIOCSTI")
        break
except OSError as error:
    print(error)
