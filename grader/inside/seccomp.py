"""A seccomp filter that refuses what no notebook needs.

Theory of operation. The kernel runs a small BPF program before every system call; it sees the number and the
raw arguments. Ours allows everything but a list: calls that look into other processes, change what is mounted,
make namespaces, load code into the kernel, or have a long record of holes (io_uring, userfaultfd, bpf, keyctl).
They fail with EPERM, as if the machine did not allow them, so that libraries fall back. `clone3` answers ENOSYS,
because its flags lie in memory that BPF cannot read, and libc then uses `clone`, whose flags it can. A call of
another architecture kills the process: its numbers mean something else.

A list of what is refused, not of what is allowed: torch and its threads need too much, and the namespaces, not
this filter, are the wall. Numbers are those of asm/unistd_64.h and asm-generic/unistd.h.

A box with a real GPU needs two of them back, because NVIDIA's driver keeps its queues and pinned buffers in such
memory and CUDA does not start without it (error 304): `memfd_create`, and anonymous memory that is shared. Both stay
refused for huge pages. What they cost: memory that is kept without being mapped, which the watcher cannot see (a
control group does, where there is one); a memfd is no larger than a file may be, and all of it is freed with the box.
ioctl stays as it is, for its numbers mean something else on each device: what bounds it is which devices are there.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_*
X32_BIT = 0x40000000
MEMFD_CREATE = (319, 279)  # x86_64, aarch64

REFUSED: dict[str, tuple[int | None, int | None]] = {  # name: (x86_64, aarch64)
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "unshare": (272, 97),
    "setns": (308, 268),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "fanotify_init": (300, 262),
    "memfd_create": MEMFD_CREATE,  # memory that no limit of ours counts
    "memfd_secret": (447, 447),
    "shmget": (29, 194),  # likewise
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "personality": (135, 92),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "_sysctl": (156, None),
    "lookup_dcookie": (212, 18),
    "vmsplice": (278, 75),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "set_mempolicy": (238, 237),
    "mbind": (237, 235),
    "landlock_create_ruleset": (444, 444),
}
CLONE = (56, 220)
CLONE3 = 435
IOCTL = (16, 29)
MMAP = (9, 222)
SOCKET = (41, 198)
FAMILIES = (15, 17, 21, 29, 30, 31, 38, 40, 42, 44)  # AF_VSOCK (40) crosses network namespaces; the others, such
# as AF_ALG (38), AF_PACKET (17) and AF_XDP (44), have a record of holes. Left: UNIX, INET, INET6 and NETLINK.
SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS: memory that is kept, and counted nowhere, once unmapped in part
HUGE_MEMFD, HUGE_MAPPING = 0x4, 0x40000  # MFD_HUGETLB, MAP_HUGETLB
NEW_NAMESPACES = 0x7E020080  # CLONE_NEW{TIME,NS,CGROUP,UTS,IPC,USER,PID,NET}
TERMINAL_TRICKS = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing into somebody's terminal

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN, AND = 0x20, 0x15, 0x45, 0x35, 0x06, 0x54
NUMBER, ARCHITECTURE, ARG0_LOW, ARG1_LOW, ARG3_LOW = 0, 4, 16, 24, 40  # offsets in struct seccomp_data, little endian

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, k


def supported() -> bool:
    """Whether the system calls of this machine are known here."""
    return platform.machine() in ARCHITECTURES


def program(machine: str, gpu: bool = False) -> bytes:
    """The filter for one machine, as an array of struct sock_filter, with or without what CUDA needs. Raises
    ValueError for an unknown one."""
    column = list(ARCHITECTURES).index(machine)
    lifted = {None, MEMFD_CREATE[column]} if gpu else {None}
    numbers = sorted({pair[column] for pair in REFUSED.values()} - lifted, key=lambda n: n or 0)
    code: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32_BIT),
        (RETURN, 0, 0, ERRNO | errno.ENOSYS),
        *_when(CLONE3, ERRNO | errno.ENOSYS),
    ]
    for number in numbers:
        code += _when(number or 0, ERRNO | errno.EPERM)
    code += _when_argument(CLONE[column], ARG0_LOW, ANY_BIT, [NEW_NAMESPACES])
    code += _when_argument(SOCKET[column], ARG0_LOW, EQUAL, list(FAMILIES))
    code += _when_argument(IOCTL[column], ARG1_LOW, EQUAL, list(TERMINAL_TRICKS))
    if gpu:
        code += _when_argument(MEMFD_CREATE[column], ARG1_LOW, ANY_BIT, [HUGE_MEMFD])
    code += _when_bits(MMAP[column], ARG3_LOW, SHARED_ANONYMOUS | (HUGE_MAPPING if gpu else 0))
    code.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _when(number: int, result: int) -> list[Instruction]:
    return [(EQUAL, 0, 1, number), (RETURN, 0, 0, result)]


def _when_argument(number: int, offset: int, test: int, values: list[int]) -> list[Instruction]:
    """Refuse `number` where its argument meets one of the values; the argument replaces the number in A,
    so each way through ends in a return."""
    tests: list[Instruction] = []
    for value in values:
        tests += [(test, 0, 1, value), (RETURN, 0, 0, ERRNO | errno.EPERM)]
    body: list[Instruction] = [(LOAD, 0, 0, offset), *tests, (RETURN, 0, 0, ALLOW)]
    return [(EQUAL, 0, len(body), number), *body]


def _when_bits(number: int, offset: int, bits: int) -> list[Instruction]:
    """Refuse `number` where its argument has all of the bits."""
    body: list[Instruction] = [
        (LOAD, 0, 0, offset),
        (AND, 0, 0, bits),
        (EQUAL, 0, 1, bits),
        (RETURN, 0, 0, ERRNO | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    return [(EQUAL, 0, len(body), number), *body]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install(gpu: bool = False) -> None:
    """Puts the filter on this thread and all that it starts, for good. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    code = program(platform.machine(), gpu)
    memory = ctypes.create_string_buffer(code, len(code))
    struct_ = _Program(len(code) // 8, ctypes.cast(memory, ctypes.c_void_p))
    if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(struct_), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
