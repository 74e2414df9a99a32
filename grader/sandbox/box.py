"""One box from outside: its socket, its death, and who may cause it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from grader.assignment import Limits
from grader.inside.channel import Channel
from grader.sandbox import cgroup, watch

TICK = 0.1  # seconds between two looks at a box
KEPT_OUTPUT = 1 << 20  # bytes of raw output that wait to be asked for


@dataclass(frozen=True)
class Death:
    """How a box ended: the limit that it broke, by its name in `Limits`, or else what the kernel says. `lost` where
    nobody can say, for the warm process is gone and its boxes with it: no fault of the notebook's."""

    limit: str | None
    exit: int  # exit status, or minus the number of the signal
    lost: bool = False

    @property
    def signal(self) -> str | None:
        if self.exit >= 0:
            return None
        known = {member.value: member.name for member in signal.Signals}
        return known.get(-self.exit, f"signal {-self.exit}")  # real-time signals have no name


class Gone(NamedTuple):
    """What the kernel says of a box that is over: its exit status, or minus the number of the signal, and the most
    memory, in bytes, that one of its processes had."""

    exit: int
    memory: int


class Box:
    """A running submission. Use it as a context manager; leaving ends everything in it."""

    def __init__(
        self,
        channel: Channel,
        pidfd: int,
        output: int,
        limits: Limits,
        private_folder: str,
        reap: Callable[[], Gone | None],
    ) -> None:
        self.channel = channel
        self.limits = limits
        self.memory, self.processes = 0, 1  # the most at a time: bytes, and processes with their threads
        self.pid = _host_pid(pidfd)
        self._pidfd, self._output, self._reap = pidfd, output, reap
        self._folder = private_folder.format(pid=self.pid)
        self._broken: str | None = None  # the first limit that was broken
        self._cgroup = cgroup.make(self.pid, limits)
        self._death: Death | None = None
        self._raw = bytearray()
        self._written = 0
        self._lock = threading.Lock()
        os.set_blocking(output, False)
        self._watcher = threading.Thread(target=self._watch, name=f"watch box {self.pid}", daemon=True)
        self._watcher.start()

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def count_output(self, size: int) -> None:
        """Adds to the bytes that the box has put out; too many end it."""
        with self._lock:
            self._written += size
            too_many = self._written > self.limits.output_mb << 20
        if too_many:
            self.kill("output_mb")

    def raw_output(self) -> bytes:
        """What was written to descriptors 1 and 2 since the last time, past sys.stdout."""
        while self._death is None and len(self._raw) < KEPT_OUTPUT and self._drain():
            pass  # what the watcher has not come to yet
        with self._lock:
            raw, self._raw = bytes(self._raw), bytearray()
        return raw

    def kill(self, limit: str | None = None) -> None:
        """Ends the whole tree; the first reason is the one that counts."""
        self._broken = self._broken or limit
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def end(self) -> Death:
        """Ends the box if it still runs, waits until nothing of it is left, and says how it died."""
        if self._death is None:
            self.kill()
            self._death = self._bury()
        return self._death

    def died(self, patience: float = 2.0) -> Death:
        """How the box died, for one that has hung up and is about to be gone."""
        if self._death is None:
            select.select([self._pidfd], [], [], patience)
        return self.end()

    def _bury(self) -> Death:
        self._watcher.join()
        gone = self._reap()
        self.channel.close()
        for descriptor in (self._pidfd, self._output):
            os.close(descriptor)
        if self._cgroup is not None:
            self._broken = self._broken or self._cgroup.broken
            self._cgroup.remove()
        if gone is None:
            return Death(self._broken, -signal.SIGKILL, lost=True)
        self.memory = max(self.memory, gone.memory)
        return Death(self._broken, gone.exit)

    def _watch(self) -> None:
        """A box that nobody watches must not run on."""
        try:
            self._look_on()
        except BaseException:
            self.kill()
            raise

    def _look_on(self) -> None:
        """Until the first process is dead: read its output, and look at what the tree uses."""
        next_look = time.monotonic() + TICK
        reading = [self._pidfd, self._output]
        while self._pidfd in reading:
            ready, _, _ = select.select(reading, [], [], max(0.0, next_look - time.monotonic()))
            if self._output in ready and self._drain() is None:
                reading.remove(self._output)
            if self._pidfd in ready:
                self._hang_up()
                break
            if time.monotonic() >= next_look:
                use = watch.look(self.pid, self.limits, self._folder)
                self.memory, self.processes = max(self.memory, use.memory), max(self.processes, use.processes)
                if use.over:
                    self.kill(use.over)
                next_look = time.monotonic() + TICK

    def _hang_up(self) -> None:
        """What has arrived can still be read; without a namespace, a child could hold the other end open."""
        with contextlib.suppress(OSError):
            self.channel.sock.shutdown(socket.SHUT_RDWR)

    def _drain(self) -> int | None:
        """Reads some of what the pipe holds, and says how much that was; None at its end."""
        with self._lock:
            try:
                data = os.read(self._output, 1 << 16)
            except BlockingIOError:
                return 0
            self._raw += data[: KEPT_OUTPUT - len(self._raw)]
        self.count_output(len(data))
        return len(data) or None


def _host_pid(pidfd: int) -> int:
    """The process's number in our own namespace."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise ProcessLookupError(f"descriptor {pidfd} is no pidfd")


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a socket; the second is for the box."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
