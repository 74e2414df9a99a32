# what: su, mount, unshare, bwrap, sudo and other programs that are more than the student
# place: before
# must: graded
# %%
import os
import subprocess

COMMANDS = ["su -c id", "sudo -n id", "mount -t tmpfs none /tmp", "unshare -Ur id -u", "unshare --mount true", "bwrap --ro-bind / / --unshare-user id -u",
            "chroot / id", "nsenter -t 1 -m true", "newgrp root", "pkexec id", "at now", "crontab -l", "passwd -d root", "mknod /tmp/null c 1 3",
            "chown root /content", "setpriv --reuid 0 id -u", "capsh --print", "docker ps", "insmod x.ko", "ping -c 1 127.0.0.1"]
for command in COMMANDS:
    done = subprocess.run(command, shell=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=3)
    print(command, done.returncode, (done.stdout + done.stderr)[:80])
    if done.returncode == 0 and not command.startswith("capsh"):
        print("BREA" + "CHED", command)
for folder in ("/usr/bin", "/usr/sbin", "/bin", "/usr/lib/dbus-1.0", "/usr/lib/openssh"):
    if os.path.isdir(folder) and not os.statvfs(folder).f_flag & os.ST_NOSUID:
        print("BREA" + "CHED", folder, "may be setuid")
