# what: resource limits and priorities are raised and lowered
# place: after
# must: graded
# %%
import os
import resource

for kind in range(16):
    soft, hard = resource.getrlimit(kind)
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if hard != resource.RLIM_INFINITY:
            print("BREA" + "CHED", kind)
    except (OSError, ValueError) as error:
        print(kind, error)
for change in (lambda: os.nice(-20), lambda: os.setpriority(os.PRIO_PROCESS, 0, -20), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))):
    try:
        change()
        print("BREA" + "CHED", "priority")
    except OSError as error:
        print(error)
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
