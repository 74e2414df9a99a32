"""The warm process from outside: started once for an assignment, forks a box on request."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import IO, Any

import grader
from grader.assignment import Limits
from grader.errors import SandboxFault
from grader.inside.channel import Channel, Closed, Late
from grader.inside.codec import Refused
from grader.sandbox import bubblewrap, gpu, watch
from grader.sandbox.box import Box, Gone, pair
from grader.text import Text

START_SECONDS = 120.0  # imports on a cold disk
FORK_SECONDS = 30.0
SEED = 0
MOST_FORKS = 500  # submissions of one warm process
GROWTH = 1.25  # of its memory, compared with its beginning


class Backend(StrEnum):
    """What stands between a notebook and this machine."""

    BUBBLEWRAP = "bubblewrap"
    NONE = "none"  # asked for by name: --unsafe-no-sandbox


class Device(StrEnum):
    """Where a notebook's torch code computes."""

    CPU = "cpu"
    CUDA = "cuda"  # on a real GPU: see grader.sandbox.gpu
    SIMULATED = "simulated"  # on the CPU, with tensors that behave as on a GPU: see grader.inside.device

    @property
    def torch_name(self) -> str:
        """What student code is told."""
        return "cpu" if self is Device.CPU else "cuda"


class Warm:
    """A warm process. Use it as a context manager; leaving ends it and every box of it."""

    def __init__(
        self,
        needs: Sequence[str],
        data: Path,
        backend: Backend = Backend.BUBBLEWRAP,
        device: Device = Device.CPU,
    ) -> None:
        if device is Device.CUDA and (lack := gpu.lack()):
            raise gpu.unavailable(lack)
        self.backend = backend
        self.device = device
        self.gpu: str | None = None  # the real one's name, once a box has computed on it
        self._boxes: dict[int, Box] = {}
        self._lock = threading.RLock()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the warm process
        started = time.monotonic()
        control, theirs = pair()
        self._channel = Channel(control, ahead=0)
        try:
            with theirs:
                self._process = _start(backend, data, theirs.fileno(), self._log, device)
        except BaseException:
            control.close()
            self._log.close()
            raise
        setup = {
            "needs": list(needs),
            "sandbox": backend is not Backend.NONE,
            "data": self._data(data),
            "kept": bubblewrap.kept(),
            "device": device.value,
        }
        try:
            answer = self._ask(setup, START_SECONDS)
            self.versions: dict[str, str] = answer["ready"]
            if device is Device.CUDA and not answer["gpus"]:
                raise gpu.unavailable(UNSEEN)
        except BaseException:
            self.close()
            raise
        self.seconds = time.monotonic() - started
        self._forks = 0
        self._first_memory = self._memory()

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for box in list(self._boxes.values()):
            box.end()
        self._channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        self._process.kill()
        self._process.wait()
        self._log.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def worn(self) -> bool:
        """Whether it should be replaced before the next submission: gone, used often, or grown."""
        gone = self._process.poll() is not None
        return gone or self._forks >= MOST_FORKS or self._memory() > GROWTH * self._first_memory

    def _memory(self) -> int:
        """Bytes resident in the warm process and in bubblewrap around it, while no box is open."""
        return sum(map(watch.resident, watch.tree(self.pid)))

    def fork(self, limits: Limits) -> Box:
        """A fresh box, its walls built and its seeds set. Raises SandboxFault."""
        limits = gpu.roomier(limits) if self.device is Device.CUDA else limits
        folder = tempfile.mkdtemp(prefix="grader-") if self.backend is Backend.NONE else None
        ours, theirs = pair()
        output, write = os.pipe()
        with self._lock:  # until the box is known, or another's end would take it for an orphan
            try:
                self._request_fork(theirs, write)
                inner, pidfd = self._who(ours)
            except SandboxFault:
                ours.close()
                os.close(output)
                if folder:
                    shutil.rmtree(folder)
                raise
            private = folder or "/proc/{pid}/root/tmp"
            box = Box(Channel(ours), pidfd, output, limits, private, lambda: self._reap(inner, folder))
            self._boxes[inner] = box
            self._forks += 1
        self._begin(box, limits, folder)
        return box

    def _request_fork(self, theirs: socket.socket, write: int) -> None:
        """Hands both ends over; ours of them are closed whatever happens."""
        try:
            with theirs:
                self._channel.send({"op": "fork"}, deadline=time.monotonic() + FORK_SECONDS)
                socket.send_fds(self._channel.sock, [b"F"], [theirs.fileno(), write])
        except (OSError, Closed, Late) as error:
            raise self._fault("the warm process is gone") from error
        finally:
            os.close(write)

    def _who(self, ours: socket.socket) -> tuple[int, int]:
        """The fork's number among the warm process's children, and its pidfd."""
        ours.settimeout(FORK_SECONDS)
        try:
            message, descriptors, _, _ = socket.recv_fds(ours, 10, 1)
            return int(message), descriptors[0]
        except (OSError, ValueError, IndexError) as error:
            raise self._fault("no fork") from error

    def _begin(self, box: Box, limits: Limits, folder: str | None) -> None:
        deadline = time.monotonic() + FORK_SECONDS
        seconds = limits.notebook_seconds + limits.suite_seconds
        start = {
            "limits": asdict(limits) | {"seconds": seconds},
            "folder": folder,
            "seed": SEED,
            "device": self.device.value,
        }
        try:
            box.channel.send(start, deadline=deadline)
            answer = box.channel.receive(deadline)
        except (Closed, Late, Refused) as error:
            box.end()
            raise self._fault("the box did not open") from error
        taken = answer.get("gpu")
        if answer.get("ready") is not True or (self.device is Device.CUDA) != isinstance(taken, dict):
            box.end()
            raise self._fault(str(answer.get("broken", answer)))
        self.gpu = str(taken["name"]) if taken else None

    def _reap(self, inner: int, folder: str | None) -> Gone | None:
        """How the box ended, once nothing of it is left; None where the warm process itself is gone, and its boxes with
        it."""
        gone = None
        with self._lock:
            self._boxes.pop(inner, None)
            with contextlib.suppress(SandboxFault):
                said = self._ask({"op": "wait", "pid": inner, "others": list(self._boxes)}, 10.0)
                gone = Gone(int(said["exit"]), int(said["memory"]))
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        return gone

    def _ask(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        with self._lock:
            deadline = time.monotonic() + seconds
            try:
                self._channel.send(message, deadline=deadline)
                return dict(self._channel.receive(deadline))
            except (Closed, Late, Refused) as error:
                self._process.kill()  # a late answer would be taken for that to the next question
                raise self._fault("the warm process does not answer") from error

    def _fault(self, what: str) -> SandboxFault:
        """What went wrong, with the end of the warm process's own words."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)  # one that has hung up is about to be gone
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - 600))
        tail = self._log.read().decode("utf-8", "replace").strip()
        lack = bubblewrap.lacks() if self.backend is Backend.BUBBLEWRAP and self._process.poll() else None
        if lack is not None:
            return bubblewrap.unavailable(lack)  # type: ignore[return-value]
        return SandboxFault(
            Text(
                f"채점 상자가 고장 났습니다({what}). 점수는 매기지 않았습니다. `grader doctor`를 실행해 보세요. {tail}",
                f"The grading box broke ({what}); no score was given. Run `grader doctor`. {tail}",
            )
        )

    def _data(self, data: Path) -> str:
        return str(bubblewrap.DATA if self.backend is Backend.BUBBLEWRAP else data.resolve())


UNSEEN = bubblewrap.Lack(
    Text("상자 안의 torch가 GPU를 찾지 못합니다.", "torch finds no GPU in the box."),
    "nvidia-smi  # does the driver work? after an update of it, restart the machine",
)


def _start(backend: Backend, data: Path, control: int, log: IO[bytes], device: Device) -> subprocess.Popen[bytes]:
    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=descriptors,
            env=environment,
            cwd="/",
        )

    with _command(backend, data, control, device) as (words, descriptors, environment):
        return _keeper(os.getpid()).submit(start).result()


@cache
def _keeper(_: int) -> ThreadPoolExecutor:
    """A thread that lives as long as this process: bubblewrap ends with the *thread* that has started it."""
    return ThreadPoolExecutor(1, "start boxes")


@contextmanager
def _command(
    backend: Backend, data: Path, control: int, device: Device
) -> Iterator[tuple[list[str], tuple[int, ...], dict[str, str]]]:
    passed = gpu.passed() if device is Device.CUDA else bubblewrap.NOTHING
    if backend is Backend.BUBBLEWRAP:
        with bubblewrap.command(data.resolve(), control, passed) as (words, descriptors):
            yield words, descriptors, {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
        return
    root = str(Path(grader.__file__).resolve().parent.parent)
    environment = bubblewrap.environment(tempfile.gettempdir()) | {"PYTHONPATH": root}
    if device is Device.CUDA:
        environment |= gpu.variables() | {"LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", "")}
    yield [sys.executable, "-s", "-P", "-m", "grader.inside.warm", str(control)], (control,), environment
