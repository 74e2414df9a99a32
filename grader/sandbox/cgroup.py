"""A control group for one box, where the kernel lets us make one.

Delegation cannot be assumed, so the watcher counts in any case; where there is a cgroup (version 2, with the
controllers memory and pids handed down to a folder that we may write to), the kernel counts too, without the tenth
of a second in which a box can overshoot.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Limits

ROOT = Path("/sys/fs/cgroup")
WANTED = {"memory", "pids"}
SPARE_PROCESSES = 32  # above the limit, so that the watcher sees one go over and can say so


@dataclass(frozen=True)
class Cgroup:
    """The folder of a box's own group."""

    folder: Path

    @property
    def broken(self) -> str | None:
        """The limit at which the kernel stepped in, or None."""
        return "memory_mb" if _count(self.folder / "memory.events", "oom_kill") else None

    def remove(self) -> None:
        """Once every process in it is gone."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def make(pid: int, limits: Limits, root: Path = ROOT, ours: Path = Path("/proc/self/cgroup")) -> Cgroup | None:
    """Puts the process, and whatever it starts, into a group of its own; None where that is not allowed."""
    for parent in _candidates(root, ours):
        group = Cgroup(parent / f"grader-{os.getpid()}-{pid}")
        try:
            group.folder.mkdir()
        except OSError:
            continue
        try:
            _set(group.folder, pid, limits)
        except OSError:
            group.remove()
            continue
        return group
    return None


def _set(folder: Path, pid: int, limits: Limits) -> None:
    """Files of the box's tmpfs are charged to it too, hence the sum. All of a box dies with its first victim."""
    (folder / "memory.max").write_text(str((limits.memory_mb + limits.disk_mb) << 20))
    (folder / "memory.oom.group").write_text("1")
    (folder / "pids.max").write_text(str(limits.processes + SPARE_PROCESSES))
    (folder / "cgroup.procs").write_text(str(pid))


def _candidates(root: Path, ours: Path) -> list[Path]:
    """Our own group and those above it, nearest first, as far as they hand both controllers down."""
    try:
        lines = ours.read_text().splitlines()
    except OSError:
        return []
    own = [root / line.removeprefix("0::/") for line in lines if line.startswith("0::/")]
    chain = [folder for start in own for folder in (start, *start.parents) if folder.is_relative_to(root)]
    return [folder for folder in chain if set(_words(folder / "cgroup.subtree_control")) >= WANTED]


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def _count(file: Path, name: str) -> int:
    words = _words(file)
    pairs = dict(zip(words[::2], words[1::2], strict=False))
    return int(pairs.get(name, "0"))
