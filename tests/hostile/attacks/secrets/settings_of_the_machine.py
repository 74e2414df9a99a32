# what: core_pattern, sysrq, oom scores and other settings are written
# place: before
# must: graded
# %%
import glob
import os

TARGETS = ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger", "/proc/sys/kernel/hostname", "/proc/sys/kernel/ns_last_pid",
           "/proc/sys/vm/overcommit_memory", "/proc/sys/fs/binfmt_misc/register", "/proc/sys/kernel/pid_max", "/proc/irq/default_smp_affinity",
           "/proc/sys/net/ipv4/ip_forward", "/proc/sys/user/max_user_namespaces", "/proc/timer_list", "/proc/acpi/wakeup", "/proc/mtrr"]
TARGETS += glob.glob("/proc/sys/kernel/*")[:100] + glob.glob("/sys/kernel/*")
for target in TARGETS:
    if not os.path.isfile(target):
        continue
    try:
        with open(target, "r+") as file:
            file.write(file.read())
        print("BREA" + "CHED", target)
    except OSError as error:
        pass
try:
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("-1000")
    print("BREA" + "CHED", "oom_score_adj")
except OSError as error:
    print(error.strerror)
