"""What this machine has and lacks, each with the command that mends it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Limits
from grader.errors import GraderError
from grader.sandbox import bubblewrap, gpu
from grader.sandbox.warm import Device, Warm
from grader.text import Text

PACKAGES = (
    "pytest",
    "torch",
    "numpy",
    "nbformat",
    "nbconvert",
    "ipython",
    "matplotlib",
    "pandas",
    "scikit-learn",
)
MEMORY_WANTED_MB = 2048


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `mend` is the command that brings it, where it lacks."""

    name: str
    ok: bool
    required: bool
    text: Text
    mend: str | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "ok": self.ok,
            "required": self.required,
            "text": self.text.as_json(),
            "mend": self.mend,
        }


def examine() -> Iterator[Finding]:
    """Looks at everything, one finding at a time; imports no torch."""
    yield _python()
    yield from map(_package, PACKAGES)
    yield _bubblewrap()
    yield _sandbox()
    yield _watcher()
    yield _memory()
    yield _gpu()


def _same(text: str) -> Text:
    return Text(text, text)


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    mend = None if ok else "sudo apt-get install -y python3.11 python3.11-venv"
    return Finding("python", ok, True, _same(f"{platform.python_version()} ({sys.executable})"), mend)


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, True, _same(importlib.metadata.version(name)))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, True, Text("설치되어 있지 않습니다.", "Not installed."), "make setup")


def _bubblewrap() -> Finding:
    path = shutil.which("bwrap")
    if path is None:
        missing = Text("설치되어 있지 않습니다.", "Not installed.")
        return Finding("bubblewrap", False, True, missing, "sudo apt-get install -y bubblewrap")
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return Finding("bubblewrap", told.returncode == 0, True, _same(told.stdout.strip() or path))


def _sandbox() -> Finding:
    lack = bubblewrap.lacks()
    if lack is not None:
        return Finding("sandbox", False, True, lack.text, lack.mend)
    who = Text("root로 실행: 상자 안의 사용자는 nobody", "run by root: the box's user is nobody")
    if os.geteuid() != 0:
        who = Text("일반 사용자로 실행", "run by an ordinary user")
    return Finding("sandbox", True, True, Text("봉인된 상자를 만들었습니다:", "A sealed box was made:") + who)


def _watcher() -> Finding:
    ok = Path("/proc/self/smaps_rollup").exists() and Path("/proc/thread-self/children").exists()
    text = Text("프로세스 나무의 메모리(PSS)를 잴 수 있습니다.", "Memory (PSS) of a process tree can be counted.")
    if not ok:
        text = Text(
            "커널이 smaps_rollup이나 children을 주지 않습니다.",
            "The kernel lacks smaps_rollup or children in /proc.",
        )
    return Finding("memory watcher", ok, True, text, None if ok else "use a kernel with CONFIG_PROC_CHILDREN (4.14+)")


def _memory() -> Finding:
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(lines["MemAvailable"].split()[0]) // 1024
    text = Text(f"남은 메모리 {free} MB", f"{free} MB of memory are free")
    ok = free >= MEMORY_WANTED_MB
    return Finding("memory", ok, False, text, None if ok else f"free {MEMORY_WANTED_MB} MB, or use fewer workers")


def _gpu() -> Finding:
    """Not required. Where all pieces seem to be there, a box is opened that computes on it: that is the proof."""
    if not gpu.present():
        none = Text("GPU가 없습니다(없어도 됩니다).", "No GPU (none is needed).")
        return Finding("gpu", False, False, none + SIMULATED)
    if lack := gpu.lack():
        text = Text("NVIDIA GPU가 있지만 쓸 수 없습니다.", "An NVIDIA GPU is here and cannot be used.")
        return Finding("gpu", False, False, text + lack.text + SIMULATED, lack.mend)
    try:
        name = _gpu_in_a_box()
    except GraderError as error:
        return Finding("gpu", False, False, error.text, "nvidia-smi")
    return Finding("gpu", True, False, Text(f"상자 안에서 쓸 수 있습니다: {name}", f"Usable in a box: {name}"))


SIMULATED = Text("GPU 과제는 모의 GPU로 채점합니다.", "Assignments about GPUs are graded with a simulated one.")


def _gpu_in_a_box() -> str:
    """The name of the GPU on which a box has just computed. Raises SandboxUnavailable or SandboxFault."""
    with Warm(("torch",), Path("/nonexistent"), device=Device.CUDA) as warm, warm.fork(Limits()):
        return str(warm.gpu)
