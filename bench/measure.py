"""Runs a command and says what it cost: wall and CPU seconds with all its children, and memory at its peak.

Theory of operation. A grader leaves processes that nobody waits for, whose CPU seconds the kernel then adds to
nobody. So we are the reaper of all orphans below us (PR_SET_CHILD_SUBREAPER), wait for them, and read the
seconds of all children before and after. Memory is the PSS of the whole tree, looked at five times a second:
shared pages count once.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grader.sandbox import watch

PR_SET_CHILD_SUBREAPER = 36
LOOKS = 0.2  # seconds between two looks at the memory
ORPHANS = 10.0  # seconds that we wait for what a command has left behind


@dataclass(frozen=True)
class Cost:
    """What one command, or one notebook of it, took."""

    wall: float
    cpu: float
    peak_mb: float

    def each(self, count: int) -> Cost:
        return Cost(self.wall / count, self.cpu / count, self.peak_mb)


@dataclass
class Peak:
    """The highest memory that was seen."""

    megabytes: float = 0.0
    _done: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def of(self, pid: int) -> Iterator[None]:
        watcher = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            self._done.set()
            watcher.join()

    def _watch(self, pid: int) -> None:
        while not self._done.wait(LOOKS):
            now = sum(map(watch.proportional, watch.tree(pid))) / 2**20
            self.megabytes = max(self.megabytes, now)


def cost(
    words: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, memory: bool = True
) -> Cost:
    """Runs a command to its end. Raises CalledProcessError, with its last words, where it fails."""
    _adopt_orphans()
    before, started = _cpu(), time.perf_counter()
    peak = Peak()
    process = subprocess.Popen(
        list(map(str, words)), cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    with process, peak.of(process.pid) if memory else contextlib.nullcontext():
        output, _ = process.communicate()
    wall = time.perf_counter() - started
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, process.args, output[-2000:].decode("utf-8", "replace"))
    _wait_for_orphans()
    return Cost(wall, _cpu() - before, peak.megabytes)


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each number."""
    return Cost(*(statistics.median(getattr(one, name) for one in costs) for name in ("wall", "cpu", "peak_mb")))


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _adopt_orphans() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    deadline = time.monotonic() + ORPHANS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)
