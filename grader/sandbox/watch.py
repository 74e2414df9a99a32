"""Counts what the whole tree of a box uses, from outside, ten times a second.

Theory of operation. Delegated cgroups would do this better, and cannot be assumed. So we walk /proc from the
box's first process, to which every orphan of the box returns. Resident memory is cheap to read and counts shared
pages once for every process; only where that sum is above the limit do we pay for PSS, which counts them once in
all. The tmpfs of the box is not in it, since files have a limit of their own (disk), which is read from the
file system itself.

Of CUDA, only what is in the machine's memory counts: the address space that it reserves is not resident, and a GPU's
memory, mapped from its device node, has no pages that the kernel counts. What a submission keeps without mapping it
(`grader.inside.seccomp` says when it may) and what the driver pins for it is not seen here.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Limits

SOCKET_BYTES = 212_992  # net.core.wmem_default; a notebook has a handful of sockets


@dataclass(frozen=True)
class Use:
    """What a box uses at a moment: bytes of memory (0 where that was not looked at), processes with their threads, and
    the name of the limit that it is over."""

    memory: int
    processes: int
    over: str | None = None


def tree(pid: int) -> list[int]:
    """The process and all its descendants, as far as they still are there."""
    found: list[int] = []
    waiting = [pid]
    while waiting and len(found) < 5000:
        process = waiting.pop()
        found.append(process)
        for task in threads(process):
            waiting += [int(child) for child in _read(f"/proc/{process}/task/{task}/children").split()]
    return found


def threads(pid: int) -> list[str]:
    """The numbers of a process's threads."""
    return _listdir(f"/proc/{pid}/task")


def resident(pid: int) -> int:
    """Bytes in memory, shared pages and page tables included."""
    return _of_status(pid, "VmRSS:", "VmPTE:")


def _of_status(pid: int, *names: str) -> int:
    """The sum of these lines, in bytes. Every thread is asked, until one tells: a process whose first thread has
    ended keeps its memory, and the kernel shows it under the others alone."""
    for task in threads(pid):
        lines = _read(f"/proc/{pid}/task/{task}/status").splitlines()
        if found := [int(line.split()[1]) for line in lines if line.startswith(names)]:
            return sum(found) << 10
    return 0


def proportional(pid: int) -> int:
    """Bytes in memory, each shared page divided by those who share it (PSS); resident memory where the kernel
    does not let us look."""
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return (int(line.split()[1]) << 10) + _of_status(pid, "VmPTE:")
    return resident(pid)


def sockets(pid: int) -> int:
    """Bytes that the buffers of all sockets in the box may hold; they belong to no process. 0 where the box shares
    our network."""
    if _namespace(pid) in (None, _namespace("self")):
        return 0
    for line in _read(f"/proc/{pid}/net/sockstat").splitlines():
        if line.startswith("sockets:"):
            return int(line.split()[2]) * SOCKET_BYTES
    return 0


def _namespace(pid: int | str) -> int | None:
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino
    except OSError:
        return None


def look(pid: int, limits: Limits, folder: str) -> Use:
    """What the tree under `pid` uses now. `folder` is a private writable one."""
    processes = tree(pid)
    number = sum(len(threads(process)) or 1 for process in processes)
    if number > limits.processes:
        return Use(0, number, "processes")
    allowed = (limits.memory_mb << 20) - sockets(pid)
    memory = sum(map(resident, processes))
    if memory > allowed:
        memory = min(memory, sum(map(proportional, processes)))
    if memory > allowed:
        return Use(memory, number, "memory_mb")
    return Use(memory, number, "disk_mb" if _is_full(folder, limits.disk_mb << 20) else None)


def _is_full(folder: str, allowed: int) -> bool:
    """A box has a file system of that size to itself; without a box, the files in its folder are added up."""
    try:
        status = os.statvfs(folder)
    except OSError:
        return False
    if status.f_blocks * status.f_frsize == allowed:
        return status.f_bavail == 0
    files = (os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return sum(map(_size, itertools.islice(files, 20_000))) > allowed


def _size(file: str) -> int:
    try:
        return os.lstat(file).st_blocks * 512
    except OSError:
        return 0


def _listdir(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _read(file: str) -> str:
    try:
        return Path(file).read_text()
    except OSError:
        return ""
