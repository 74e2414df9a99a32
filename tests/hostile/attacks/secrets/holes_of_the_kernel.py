# what: calls with a long record of holes: bpf, userfaultfd, io_uring, keyrings, modules, memfd and more
# place: before
# must: graded
# %%
import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
CALLS = {
    "bpf": (321, 280), "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "perf_event_open": (298, 241),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "kexec_load": (246, 104), "init_module": (175, 105), "finit_module": (313, 273),
    "fanotify_init": (300, 262), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "reboot": (169, 142),
    "swapon": (167, 224), "syslog": (103, 116), "acct": (163, 89), "quotactl": (179, 60), "personality": (135, 92),
    "sethostname": (170, 161), "settimeofday": (164, 170), "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180), "vmsplice": (278, 75), "move_pages": (279, 239), "lookup_dcookie": (212, 18), "process_madvise": (440, 440),
}
buffer = ctypes.create_string_buffer(256)
for name, numbers in CALLS.items():
    ctypes.set_errno(0)
    result = libc.syscall(numbers[0 if X86 else 1], 0, buffer, 1, 0, 0, 0)
    code = ctypes.get_errno()
    print(name, result, os.strerror(code))
    if result >= 0 or code not in (1, 38):  # EPERM, ENOSYS
        print("BREA" + "CHED", name)
