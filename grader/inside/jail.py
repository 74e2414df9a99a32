"""The walls that a fork builds around itself before it runs a line of student code.

Theory of operation. The warm process lives in the outer box with capabilities that count only there. Its fork
leaves for namespaces of its own (mounts, processes, IPC, network), takes a private, size-limited tmpfs as its
only writable place, and then burns the bridges: another user namespace in which it owns nothing, no
capabilities, no new privileges, resource limits, and the seccomp filter. A wall that cannot be built raises
OSError, and the fork ends before the student's first cell.

With a real GPU (`gpu`) the same walls stand, in the same order, and CUDA is initialised behind them. What differs:

/dev        holds NVIDIA's nodes too, because the outer box was given them; no node can be made here (no CAP_MKNOD, no
            writable /dev), so an ioctl reaches the GPU's driver and no other. /dev/zero is the real one: what is
            counted nowhere when it is mapped, the driver maps anyway
/proc, /sys /proc/driver/nvidia can be read and not set; of /sys there is what `grader.sandbox.gpu` names, read-only
RLIMIT_DATA counts writable private memory, not the hundreds of gigabytes of address space that CUDA reserves without
            any access (RLIMIT_AS would, and is not set); the driver's own arenas are what `CUDA_DATA_MB` allows
MEMLOCK     64 kB, every distribution's smallest; the driver pins pages by itself, past this limit
seccomp     gives back the two calls without which CUDA does not start; see `grader.inside.seccomp`
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from grader.inside import seccomp

UID = 1000
HOME = Path("/home/student")
WORK = Path("/content")  # where Colab puts a notebook
STAGE = Path("/mnt")  # the tmpfs is built here, then seen only through its parts

NAMESPACES = 0x00020000 | 0x08000000 | 0x40000000 | 0x04000000  # mounts, ipc, net, uts
NEW_PID = 0x20000000
NEW_USER = 0x10000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_REC, MS_PRIVATE = 16384, 1 << 18
DETACH = 2
PR_CAPBSET_DROP, PR_SET_DUMPABLE, PR_SET_SECUREBITS, PR_CAP_AMBIENT = 24, 4, 28, 47
NO_ROOT_LOCKED = 0b101111  # no root magic, no fixups, keep-caps locked off
CAPABILITIES = 64
CUDA_DATA_MB = 16384  # what RLIMIT_DATA, a backstop under the watcher, leaves to CUDA
CUDA_MEMLOCK = 64 << 10
PROC_COVERED = ("sys", "irq", "bus", "fs", "acpi", "scsi", "driver", "sysrq-trigger")
PROC_EMPTY = ("kcore", "keys", "timer_list", "kallsyms", "sched_debug", "interrupts", "slabinfo")

libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{arguments[:4]}: {os.strerror(number)}")


def _mount(source: str, target: Path, kind: str | None, flags: int, data: str | None = None) -> None:
    _call(
        "mount",
        source.encode(),
        bytes(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        data.encode() if data else None,
    )


@contextmanager
def children_in_a_namespace() -> Iterator[None]:
    """A process forked in here is the first of a PID namespace of its own; we ourselves stay where we are."""
    ours = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        _call("unshare", ctypes.c_int(NEW_PID))
        try:
            yield
        finally:
            _call("setns", ctypes.c_int(ours), ctypes.c_int(NEW_PID))
    finally:
        os.close(ours)


def leave_namespaces() -> None:
    """Mounts, IPC, network and host name of our own."""
    _call("unshare", ctypes.c_int(NAMESPACES))


COVERED = (Path("/tmp"), Path("/dev/shm"), HOME, WORK)


def private_folders(disk_mb: int, kept: Sequence[str] = (), gpu: bool = False) -> None:
    """One tmpfs for all that a notebook may write: /tmp, /dev/shm, its home and its working folder. `kept` are
    parts of Python that lie in one of these and must not vanish under it."""
    _mount("none", Path("/"), None, MS_REC | MS_PRIVATE)
    _mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, f"size={disk_mb}m,nr_inodes=100k,mode=0755")
    for number, path in enumerate(kept):
        _bind(Path(path), STAGE / f"kept-{number}")
    for target in COVERED:
        part = STAGE / target.name
        part.mkdir()
        part.chmod(0o777)
        _mount(str(part), target, None, MS_BIND)
    for number, path in enumerate(kept):
        _bind(STAGE / f"kept-{number}", Path(path))
    _call("umount2", bytes(STAGE), DETACH)
    if not gpu:
        _mount("/dev/null", Path("/dev/zero"), None, MS_BIND)  # mapped as shared memory it would be counted nowhere
    _mount("devpts", Path("/dev/pts"), "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")


def _bind(source: Path, target: Path) -> None:
    """Shows a folder or file in a second place, which is made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.mkdir() if source.is_dir() else target.touch()
    _mount(str(source), target, None, MS_BIND | MS_REC)


def private_proc() -> None:
    """A /proc that knows only this submission's processes and in which nothing of the machine can be set."""
    proc = Path("/proc")
    _mount("proc", proc, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for name in PROC_COVERED:
        if (proc / name).exists():
            _mount(str(proc / name), proc / name, None, MS_BIND | MS_REC)
            flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC
            _mount("none", proc / name, None, flags)
    for name in PROC_EMPTY:
        if (proc / name).exists():
            _mount("/dev/null", proc / name, None, MS_BIND)


def copy_data(data: Path, work: Path) -> None:
    """The assignment's public files, as the student's own copy under data/ of the working folder."""
    if data.is_dir():
        shutil.copytree(data, work / "data")
        for folder, _, files in os.walk(work / "data"):
            os.chmod(folder, 0o777)
            for file in files:
                os.chmod(os.path.join(folder, file), 0o666)


def become_nobody() -> None:
    """Another user, in a user namespace that owns nothing here, without any capability.

    Where root started us, the uid outside becomes one that owns no file of the machine; otherwise it stays
    that of the person who started us, and the namespaces alone keep us from their files.
    """
    try:
        os.setgroups([])
    except OSError:
        pass  # an ordinary user's namespace denies setgroups, and has only the one group
    ours = 0
    if _is_mapped(UID):
        os.setresgid(UID, UID, UID)
        os.setresuid(UID, UID, UID)
        ours = UID
    _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # or the maps below cannot be written
    _call("unshare", ctypes.c_int(NEW_USER))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{UID} {ours} 1")
    Path("/proc/self/gid_map").write_text(f"{UID} {ours} 1")
    _drop_capabilities()


def _is_mapped(uid: int) -> bool:
    lines = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    return any(int(first) <= uid < int(first) + int(count) for first, _, count in lines)


def _drop_capabilities() -> None:
    for capability in range(CAPABILITIES):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # fails beyond the last one, which is fine
    libc.prctl(PR_CAP_AMBIENT, 4, 0, 0, 0)  # clear all
    _call("prctl", PR_SET_SECUREBITS, NO_ROOT_LOCKED, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    nothing = (ctypes.c_uint32 * 6)()
    _call("capset", ctypes.byref(header), ctypes.byref(nothing))


def limit_resources(seconds: float, processes: int | None, disk_mb: int, memory_mb: int, gpu: bool = False) -> None:
    """Backstops under the watcher outside: what a single process may take. The number of processes is left
    alone (None) where it would count all that the person who started us runs."""
    cpu = int(seconds * (os.cpu_count() or 1)) + 60
    data_mb = 2 * memory_mb + 1024 + (CUDA_DATA_MB if gpu else 0)
    limits: Sequence[tuple[int, int]] = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, disk_mb << 20),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_MEMLOCK, CUDA_MEMLOCK if gpu else 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        *([(resource.RLIMIT_NPROC, processes + 32)] if processes else []),  # the watcher is to see one go over
        (resource.RLIMIT_DATA, _data_now() + (data_mb << 20)),
    )
    for kind, value in limits:
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _data_now() -> int:
    """Bytes of private writable memory that the fork begins with (VmData), which RLIMIT_DATA counts too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) << 10
    return 0


def seal(gpu: bool = False) -> None:
    """The last wall: no privileges ever again, and the system-call filter."""
    seccomp.install(gpu)
