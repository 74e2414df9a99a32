"""A real GPU: is there one that boxes can use, and what of the machine do they get for it?

Theory of operation. CUDA is a library of the driver's (libcuda.so.1, found by the loader and not part of torch) that
talks to device nodes by ioctl and reads a little of /proc and /sys. So a box with a GPU gets, above what every box
has, and nothing else:

nodes       NVIDIA's that are there, each by itself (`--dev-bind`; the rest of /dev stays bubblewrap's own small one).
            Of /dev/nvidia-caps only what everybody may open, which leaves out the node that partitions a GPU. On WSL
            it is /dev/dxg alone
/sys        read-only: CPUs, memory and nodes, on which CUDA places its buffers, the PCI folders of the GPUs, and the
            driver's modules. Without it CUDA does not start (error 304)
/proc       nothing: /proc/driver/nvidia is in every /proc, and a box can set nothing there
libraries   nothing where the loader's cache leads to a mounted folder, the usual case; else the driver's own files
            from LD_LIBRARY_PATH and the folders that containers and WSL use, under /opt/nvidia
variables   one GPU, the first that the grader itself is shown; a workspace for cuBLAS with which sums are repeatable;
            no kernel cache on disk; and NVML for torch's question whether there is a GPU, which initialises nothing

Whether a GPU can be used is decided here, from files alone: nothing is initialised and no torch is imported. Then the
warm process asks torch, in a fork, and each box computes something before it takes a cell. What is missing at any of
these places ends in an error that names it; nothing falls back to the CPU.

What is capped: torch's allocator, at `gpu_memory_mb`. That cap lies in the submission's own process, so hostile code
can lift it, start a process without it, or ask the driver directly; it can then fill the GPU's memory and disturb
whoever else uses that GPU at the time. Pinned memory that the driver itself takes is in no count of ours either.
The end of the box, which the clock brings, frees all of it. The driver's code in the kernel is within reach of a
submission on such a machine, and on no other.
"""

from __future__ import annotations

import fnmatch
import importlib.util
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from grader.assignment import HARD_CAPS, Limits
from grader.errors import SandboxUnavailable
from grader.sandbox.bubblewrap import SYSTEM, Lack, Passed
from grader.text import Text

ROOT = Path("/")
NODES = ("nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "dxg")
NEEDED = ("nvidiactl", "nvidia-uvm")  # beside a GPU's own node
SYS = ("devices/system/cpu", "devices/system/memory", "devices/system/node")
LIBRARY = "libcuda.so.1"
LIBRARIES = ("libcuda.so*", "libcudadebugger.so*", "libnvidia-*.so*", "libdxcore.so*")
LIBRARY_FOLDERS = ("usr/local/nvidia/lib64", "usr/local/nvidia/lib", "usr/lib/wsl/lib", "run/opengl-driver/lib")
BOX_LIBRARIES = Path("/opt/nvidia")
EVERYBODY = 0o006  # read and write
DRIVERS_MEMORY_MB, DRIVERS_THREADS = 2048, 16  # what CUDA itself takes of a box's limits, generously


class GpuUnavailable(SandboxUnavailable):
    """A real GPU was asked for, and there is none that boxes can use."""


def unavailable(lack: Lack) -> GpuUnavailable:
    """What is missing, the command that mends it, and the way without a GPU."""
    return GpuUnavailable(
        Text("진짜 GPU로 채점할 수 없습니다.", "A real GPU cannot be used here.")
        + lack.text
        + Text(
            f"고치는 명령: {lack.mend} (자세히: grader doctor). GPU 없이 채점하려면 --device simulated를 쓰세요.",
            f"To mend it: {lack.mend} (more: grader doctor). To grade without a GPU, use --device simulated.",
        )
    )


def roomier(limits: Limits) -> Limits:
    """The limits with room for CUDA's own threads and memory on the host, so that a student keeps what was promised."""
    return replace(
        limits,
        memory_mb=int(min(limits.memory_mb + DRIVERS_MEMORY_MB, HARD_CAPS["memory_mb"])),
        processes=int(min(limits.processes + DRIVERS_THREADS, HARD_CAPS["processes"])),
    )


# Is there one? -------------------------------------------------------------------------------------------------------


def present(root: Path = ROOT) -> bool:
    """Whether anything of an NVIDIA GPU is here, be it usable or not."""
    return bool(nodes(root)) or (root / "proc/driver/nvidia/version").exists()


def lack(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Lack | None:
    """The first piece that is missing for boxes with a real GPU; None where all are there."""
    if not present(root):
        return Lack(
            Text(
                "이 컴퓨터에는 NVIDIA GPU나 그 드라이버가 없습니다.",
                "This machine has no NVIDIA GPU, or no driver for it.",
            ),
            "nvidia-smi  # shows a GPU once its driver is installed",
        )
    return _hidden(environment) or _lack_of_nodes(root) or _lack_of_library(root, environment) or _lack_of_torch()


def _hidden(environment: Mapping[str, str]) -> Lack | None:
    if environment.get("CUDA_VISIBLE_DEVICES", "0").strip() not in ("", "-1"):
        return None
    return Lack(
        Text("CUDA_VISIBLE_DEVICES가 GPU를 숨기고 있습니다.", "CUDA_VISIBLE_DEVICES hides the GPU."),
        "unset CUDA_VISIBLE_DEVICES",
    )


def _lack_of_nodes(root: Path) -> Lack | None:
    """Are the device nodes there, and may a submission open them?"""
    found = [name for name in nodes(root) if not name.startswith("nvidia-caps")]
    if "dxg" not in found:
        missing = [name for name in NEEDED if name not in found]
        missing += [] if any(re.fullmatch(r"nvidia\d+", name) for name in found) else ["nvidia0"]
        if missing:
            names = ", ".join(f"/dev/{name}" for name in missing)
            return Lack(
                Text(f"NVIDIA 드라이버는 있지만 {names}이(가) 없습니다.", f"The NVIDIA driver lacks {names}."),
                "sudo nvidia-modprobe -u -c 0",
            )
    closed = [str(root / "dev" / name) for name in found if name in ("dxg", *NEEDED) or name[-1].isdigit()]
    if closed := [node for node in closed if not _may_open(node)]:
        names = " ".join(closed)
        return Lack(
            Text(f"상자 안의 사용자가 {names}을(를) 열 수 없습니다.", f"The box's user may not open {names}."),
            f"sudo chmod a+rw {names}",
        )
    return None


def _may_open(node: str) -> bool:
    """Run by root, a submission is nobody; otherwise it has the rights of the person who started us."""
    if os.geteuid() == 0:
        return stat.S_IMODE(os.stat(node).st_mode) & EVERYBODY == EVERYBODY
    return os.access(node, os.R_OK | os.W_OK)


def _lack_of_library(root: Path, environment: Mapping[str, str]) -> Lack | None:
    if library_folder(root, environment) is not None:
        return None
    return Lack(
        Text(f"드라이버의 {LIBRARY}을(를) 찾을 수 없습니다.", f"The driver's library {LIBRARY} is not found."),
        "sudo apt-get install -y libcuda1  # Debian; Ubuntu: sudo ubuntu-drivers install; a container: --gpus all",
    )


def _lack_of_torch() -> Lack | None:
    version, cuda = torch_build()
    if cuda:
        return None
    return Lack(
        Text(f"torch {version}은(는) CPU용입니다.", f"torch {version} is a build for the CPU."),
        f"pip install --force-reinstall torch=={version.partition('+')[0]}  # the default build, with CUDA",
    )


def torch_build() -> tuple[str, str]:
    """torch's version and that of its CUDA ("" for a CPU build), read from its files without importing it."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return "", ""
    return _build(Path(spec.origin).with_name("version.py").read_text(encoding="utf-8"))


def _build(source: str) -> tuple[str, str]:
    found = dict(re.findall(r"^(__version__|cuda)\b[^=\n]*= *'([^']*)'", source, re.MULTILINE))
    return found.get("__version__", ""), found.get("cuda", "")


# What boxes get for it -----------------------------------------------------------------------------------------------


def passed(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Passed:
    """What a box with a GPU gets above what every box has."""
    mounts = [("--dev-bind", str(root / "dev" / name), f"/dev/{name}") for name in nodes(root)]
    files = list(_libraries(root, environment))
    mounts += [*_sys(root), *files]
    return Passed(tuple(mounts), variables(environment) | ({"LD_LIBRARY_PATH": str(BOX_LIBRARIES)} if files else {}))


def variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a process that computes on a GPU is told."""
    return {
        "CUDA_VISIBLE_DEVICES": environment.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip(),
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "CUDA_CACHE_DISABLE": "1",
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    }


def nodes(root: Path = ROOT) -> list[str]:
    """The names under /dev of the device nodes that boxes may have."""
    found = [name for name in _names(root / "dev") if any(fnmatch.fnmatchcase(name, one) for one in NODES)]
    caps = root / "dev/nvidia-caps"
    return found + [f"{caps.name}/{name}" for name in _names(caps) if (caps / name).stat().st_mode & 0o004]


def _sys(root: Path) -> Iterator[tuple[str, str, str]]:
    sys = root / "sys"
    modules = [f"module/{name}" for name in _names(sys / "module") if name.startswith("nvidia")]
    for name in (*SYS, *modules):
        if (sys / name).exists():
            yield "--ro-bind", str(sys / name), f"/sys/{name}"
    for address in _names(root / "proc/driver/nvidia/gpus"):
        link = sys / "bus/pci/devices" / address
        if link.is_symlink():
            device = link.resolve()
            yield "--ro-bind", str(device), f"/{device.relative_to(root.resolve())}"
            yield "--symlink", os.readlink(link), f"/sys/bus/pci/devices/{address}"


def _libraries(root: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """The driver's libraries, where the loader would not find them in a box."""
    folder = library_folder(root, environment)
    if folder is None or _is_in_every_box(folder, root):
        return
    for name in _names(folder):
        if any(fnmatch.fnmatchcase(name, one) for one in LIBRARIES):
            yield "--ro-bind", str((folder / name).resolve()), str(BOX_LIBRARIES / name)


def library_folder(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder from which a program of ours would load CUDA, or one in which it usually is."""
    named = [Path(folder) for folder in environment.get("LD_LIBRARY_PATH", "").split(":") if folder.startswith("/")]
    usual = [root / folder for folder in LIBRARY_FOLDERS]
    for folder in (*named, *_cached(), *usual):
        if (folder / LIBRARY).exists():
            return folder
    return None


def _is_in_every_box(folder: Path, root: Path) -> bool:
    mounted = any(folder.resolve().is_relative_to((root / part.lstrip("/")).resolve()) for part in SYSTEM)
    return mounted and folder in _cached()


@cache
def _cached() -> tuple[Path, ...]:
    """The folders to which the loader's cache leads for CUDA on this kind of machine."""
    program = shutil.which("ldconfig", path="/sbin:/usr/sbin:/bin:/usr/bin")
    if program is None:
        return ()
    told = subprocess.run([program, "-p"], capture_output=True, text=True, check=False)
    lines = [line for line in told.stdout.splitlines() if line.split(" ")[0].strip() == LIBRARY]
    return tuple(Path(line.rpartition("=> ")[2]).parent for line in lines if "x86-64" in line or "AArch64" in line)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
