"""A real GPU: what boxes get for it, on folders that look like the kernel's, and the real thing where there is one."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import grader
from grader import pipeline
from grader.assignment import HARD_CAPS, Catalog, Limits
from grader.errors import SandboxFault, SandboxUnavailable
from grader.inside import jail, seccomp, warm
from grader.sandbox import Backend, Device, Warm, bubblewrap, doctor, gpu
from grader.text import Text

ROOT = Path(grader.__file__).resolve().parent.parent
PCI = "sys/devices/pci0000:00/0000:00:01.0/0000:65:00.0"
CPU_BUILD = "__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = None\n"
CUDA_BUILD = "__version__ = '2.13.0'\ncuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with one GPU, its driver, and a torch that can use it."""
    root = tmp_path / "root"
    for name in ("nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "kvm", "sda", "nvram"):
        put(root / "dev" / name, mode=0o666)
    put(root / "dev/nvidia-caps/nvidia-cap1", mode=0o400)
    put(root / "dev/nvidia-caps/nvidia-cap2", mode=0o444)
    put(root / "proc/driver/nvidia/version", "NVRM version: 570.0")
    put(root / "proc/driver/nvidia/gpus/0000:65:00.0/information")
    for name in ("cpu", "memory", "node", "clocksource"):
        put(root / "sys/devices/system" / name / "online", "0")
    for name in ("nvidia", "nvidia_uvm", "kvm"):
        put(root / "sys/module" / name / "version", "570.0")
    put(root / PCI / "vendor", "0x10de\n")
    link = root / "sys/bus/pci/devices/0000:65:00.0"
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(root / PCI, link.parent))
    folder = root / "usr/lib/x86_64-linux-gnu"
    for name in ("libcuda.so.570.0", "libnvidia-ml.so.570.0", "libnvidia-ml.so.1", "libsecret.so.1"):
        put(folder / name)
    (folder / "libcuda.so.1").symlink_to("libcuda.so.570.0")
    monkeypatch.setattr(gpu, "_cached", lambda: (folder,))
    monkeypatch.setattr(gpu, "torch_build", lambda: ("2.13.0", "13.0"))
    return root


def put(file: Path, text: str = "", mode: int = 0o644) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)


def targets(passed: bubblewrap.Passed, option: str) -> list[str]:
    return [target for how, _, target in passed.mounts if how == option]


# What boxes get


def test_of_dev_only_the_gpus_nodes_are_passed(machine: Path) -> None:
    assert sorted(targets(gpu.passed(machine, {}), "--dev-bind")) == [
        "/dev/nvidia-caps/nvidia-cap2",
        "/dev/nvidia-modeset",
        "/dev/nvidia-uvm",
        "/dev/nvidia-uvm-tools",
        "/dev/nvidia0",
        "/dev/nvidiactl",
    ]


def test_of_sys_only_what_the_driver_reads_is_passed_and_read_only(machine: Path) -> None:
    passed = gpu.passed(machine, {})
    assert sorted(targets(passed, "--ro-bind")) == [
        "/sys/devices/pci0000:00/0000:00:01.0/0000:65:00.0",
        "/sys/devices/system/cpu",
        "/sys/devices/system/memory",
        "/sys/devices/system/node",
        "/sys/module/nvidia",
        "/sys/module/nvidia_uvm",
    ]
    assert targets(passed, "--symlink") == ["/sys/bus/pci/devices/0000:65:00.0"]
    assert {option for option, _, _ in passed.mounts} == {"--dev-bind", "--ro-bind", "--symlink"}


def test_libraries_in_a_folder_of_the_system_need_nothing(machine: Path) -> None:
    passed = gpu.passed(machine, {})
    assert not [target for _, _, target in passed.mounts if target.startswith("/opt")]
    assert "LD_LIBRARY_PATH" not in passed.variables


@pytest.mark.parametrize("named", [True, False])
def test_libraries_elsewhere_are_passed_one_by_one_and_nothing_beside_them(
    machine: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    monkeypatch.setattr(gpu, "_cached", lambda: ())
    folder = machine / "usr/lib/x86_64-linux-gnu"
    environment = {"LD_LIBRARY_PATH": f"relative::{folder}"} if named else {}
    if not named:
        (machine / "usr/local/nvidia").mkdir(parents=True)
        folder.rename(machine / "usr/local/nvidia/lib64")
    passed = gpu.passed(machine, environment)
    names = [Path(target).name for _, _, target in passed.mounts if target.startswith("/opt/nvidia/")]
    assert names == ["libcuda.so.1", "libcuda.so.570.0", "libnvidia-ml.so.1", "libnvidia-ml.so.570.0"]
    assert passed.variables["LD_LIBRARY_PATH"] == "/opt/nvidia"
    sources = [Path(source) for _, source, target in passed.mounts if target.startswith("/opt/nvidia/")]
    assert not [source for source in sources if source.is_symlink() or not source.is_file()]


def test_a_box_is_shown_one_gpu_and_told_to_repeat_its_sums(machine: Path) -> None:
    told = gpu.passed(machine, {"CUDA_VISIBLE_DEVICES": "2,3"}).variables
    assert told["CUDA_VISIBLE_DEVICES"] == "2"
    assert told["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert told["PYTORCH_NVML_BASED_CUDA_CHECK"] == "1"
    assert gpu.variables({})["CUDA_VISIBLE_DEVICES"] == "0"


def test_windows_has_one_node_of_another_name(machine: Path) -> None:
    shutil.rmtree(machine / "dev")
    put(machine / "dev/dxg", mode=0o666)
    assert targets(gpu.passed(machine, {}), "--dev-bind") == ["/dev/dxg"]
    assert gpu.lack(machine, {}) is None


def test_the_command_mounts_them_after_dev_and_before_it_is_closed(
    warm_of: Callable[[Backend], Warm], public_data: Path, machine: Path
) -> None:
    warm_of(Backend.BUBBLEWRAP)
    with bubblewrap.command(public_data, 5, gpu.passed(machine, {})) as (words, _):
        order = [words.index("--dev"), words.index("/dev/nvidia0"), words.index("--remount-ro", words.index("/dev/nvidia0"))]  # fmt: skip
        assert order == sorted(order)
        assert words[words.index("CUBLAS_WORKSPACE_CONFIG") - 1] == "--setenv"
    with bubblewrap.command(public_data, 5) as (words, _):
        assert not [word for word in words if "nvidia" in word or word.startswith(("/sys", "CUDA"))]


def test_bubblewrap_takes_what_is_passed_and_shows_nothing_more(
    warm_of: Callable[[Backend], Warm], public_data: Path, machine: Path
) -> None:
    warm_of(Backend.BUBBLEWRAP)
    with bubblewrap.command(public_data, 2, gpu.passed(machine, {})) as (words, descriptors):
        look = "cd /dev; ls -d nvidia* nvidia-caps/*; cat /sys/bus/pci/devices/*/vendor; ls /sys /sys/devices; touch /sys/x /dev/x"
        command = [*words[: words.index("--")], "--", "/bin/sh", "-c", look]
        told = subprocess.run(command, capture_output=True, text=True, pass_fds=descriptors, check=False)
    lines = told.stdout.split()
    assert "nvidia0" in lines
    assert "0x10de" in lines
    assert {"kvm", "sda", "nvram", "nvidia-caps/nvidia-cap1"} & set(lines) == set()
    assert lines[lines.index("/sys:") + 1 : lines.index("/sys/devices:")] == ["bus", "devices", "module"]
    assert told.stderr.count("Read-only file system") == 2


# Is there one?


@pytest.mark.parametrize("build", [CUDA_BUILD, CPU_BUILD])
def test_torchs_build_is_read_without_importing_it(build: str) -> None:
    assert gpu._build(build) == (("2.13.0", "13.0") if build == CUDA_BUILD else ("2.13.0+cpu", ""))
    look = "import sys\nfrom grader.sandbox import gpu\nprint(gpu.torch_build())\nassert 'torch' not in sys.modules"
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert re.match(r"\('\d+\.\d+", told.stdout)


def test_with_all_pieces_nothing_lacks(machine: Path) -> None:
    assert gpu.lack(machine, {}) is None
    assert gpu.lack(machine, {"CUDA_VISIBLE_DEVICES": "1"}) is None


def test_where_there_is_no_gpu_that_is_said_first(tmp_path: Path) -> None:
    lack = gpu.lack(tmp_path, {"CUDA_VISIBLE_DEVICES": ""})
    assert lack is not None
    assert "no NVIDIA GPU" in lack.text.en


@pytest.mark.parametrize(
    ("missing", "text", "mend"),
    [
        ("dev/nvidia-uvm", "lacks /dev/nvidia-uvm", "nvidia-modprobe"),
        ("dev/nvidiactl", "lacks /dev/nvidiactl", "nvidia-modprobe"),
        ("dev/nvidia0", "lacks /dev/nvidia0", "nvidia-modprobe"),
        ("usr/lib/x86_64-linux-gnu/libcuda.so.1", "libcuda.so.1 is not found", "libcuda1"),
    ],
)
def test_a_missing_piece_is_named_with_its_command(
    machine: Path, monkeypatch: pytest.MonkeyPatch, missing: str, text: str, mend: str
) -> None:
    monkeypatch.setattr(gpu, "LIBRARY_FOLDERS", ())
    (machine / missing).unlink()
    lack = gpu.lack(machine, {})
    assert lack is not None
    assert text in lack.text.en
    assert mend in lack.mend


def test_a_node_that_the_boxs_user_may_not_open_is_named(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)  # root's submissions are nobody's
    (machine / "dev/nvidia0").chmod(0o660)
    lack = gpu.lack(machine, {})
    assert lack is not None
    assert lack.mend == f"sudo chmod a+rw {machine / 'dev/nvidia0'}"


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_gpu_that_is_hidden_from_us_is_not_used(machine: Path, hidden: str) -> None:
    lack = gpu.lack(machine, {"CUDA_VISIBLE_DEVICES": hidden})
    assert lack is not None
    assert lack.mend == "unset CUDA_VISIBLE_DEVICES"


def test_a_build_of_torch_for_the_cpu_is_mended_by_the_default_one(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "torch_build", lambda: ("2.13.0+cpu", ""))
    lack = gpu.lack(machine, {})
    assert lack is not None
    assert lack.mend.startswith("pip install --force-reinstall torch==2.13.0 ")


# Who is told, and what is chosen


NONE = bubblewrap.Lack(Text("없음", "none here"), "mend it")


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a GPU, whatever this one has."""
    lack = gpu.lack(tmp_path)
    monkeypatch.setattr(gpu, "lack", lambda *_: lack)
    monkeypatch.setattr(gpu, "present", lambda *_: False)


@pytest.mark.usefixtures("no_gpu")
def test_asked_for_without_one_nothing_runs_and_both_languages_say_what_to_do() -> None:
    with pytest.raises(SandboxUnavailable) as caught:
        Warm(("torch",), Path("/nonexistent"), device=Device.CUDA)
    for text in (caught.value.text.ko, caught.value.text.en):
        assert "grader doctor" in text
        assert "--device simulated" in text


@pytest.mark.parametrize(("lacks", "device"), [(True, Device.SIMULATED), (False, Device.CUDA)])
def test_the_real_one_is_usual_where_it_can_be_used(
    monkeypatch: pytest.MonkeyPatch, lacks: bool, device: Device
) -> None:
    monkeypatch.setattr(gpu, "lack", lambda *_: NONE if lacks else None)
    catalog = Catalog(ROOT / "assignments", ROOT / "reference")
    about_gpus, other = catalog.load("lol-gpu"), catalog.load("xor-mlp")
    assert pipeline.usual_device(about_gpus) is device
    assert pipeline.usual_device(other) is Device.CPU
    for named in Device:
        assert pipeline.usual_device(pipeline.held_to(about_gpus, named)) is named
    assert pipeline.held_to(other, None) is other


def test_student_code_is_told_cuda() -> None:
    assert {device: device.torch_name for device in Device} == {
        Device.CPU: "cpu",
        Device.CUDA: "cuda",
        Device.SIMULATED: "cuda",
    }


@pytest.mark.parametrize("verb", ["run", "batch"])
def test_the_command_line_fails_with_one_paragraph(verb: str, tmp_path: Path) -> None:
    if gpu.present():
        pytest.skip("there is a GPU here")
    notebook = tmp_path / "notebook.ipynb"
    notebook.write_bytes((ROOT / "assignments/lol-gpu/notebook.ipynb").read_bytes())
    given = notebook if verb == "run" else tmp_path
    command = [sys.executable, "-m", "grader", verb, "lol-gpu", str(given), "--device", "cuda", "--json"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert told.returncode == 2
    said = json.loads(told.stdout)["error"]
    assert "no NVIDIA GPU" in said["en"]
    assert "--device simulated" in said["ko"]


@pytest.mark.usefixtures("no_gpu")
def test_the_doctor_says_that_none_is_needed() -> None:
    finding = doctor._gpu()
    assert (finding.ok, finding.required, finding.mend) == (False, False, None)
    assert "simulated" in finding.text.en


def test_the_doctor_names_what_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "present", lambda *_: True)
    monkeypatch.setattr(gpu, "lack", lambda *_: NONE)
    finding = doctor._gpu()
    assert (finding.ok, finding.required, finding.mend) == (False, False, "mend it")
    assert "none here" in finding.text.en


@pytest.mark.parametrize("works", [True, False])
def test_the_doctor_believes_only_a_box_that_computed(monkeypatch: pytest.MonkeyPatch, works: bool) -> None:
    def in_a_box() -> str:
        if works:
            return "NVIDIA T4"
        raise SandboxFault(Text("고장", "broken"))

    monkeypatch.setattr(gpu, "present", lambda *_: True)
    monkeypatch.setattr(gpu, "lack", lambda *_: None)
    monkeypatch.setattr(doctor, "_gpu_in_a_box", in_a_box)
    finding = doctor._gpu()
    assert (finding.ok, finding.required) == (works, False)
    assert ("NVIDIA T4" if works else "broken") in finding.text.en


def test_where_torch_sees_none_in_the_box_nothing_is_graded(
    warm_of: Callable[[Backend], Warm], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pieces are there by their names, and none works: the box is opened with them and asked."""
    warm_of(Backend.BUBBLEWRAP)
    passed = gpu.passed(machine, {})
    monkeypatch.setattr(gpu, "lack", lambda *_: None)
    monkeypatch.setattr(gpu, "passed", lambda *_: passed)
    with pytest.raises(SandboxUnavailable, match="torch finds no GPU in the box"):
        Warm((), Path("/nonexistent"), device=Device.CUDA)


@pytest.fixture
def pretending(
    warm_of: Callable[[Backend], Warm], machine: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Warm]:
    """A warm process that takes its CPU for a GPU, so that all of the walls for one can be looked at."""
    warm_of(Backend.BUBBLEWRAP)
    inside = Path(warm.__file__)
    pretence = """
def _count_gpus(torch): return 1
def _take_gpu(torch, memory_mb):
    if memory_mb == 1:
        raise RuntimeError("no kernel image")
    return {"name": f"none, {memory_mb} MB", "memory_mb": 1}
"""
    put(tmp_path / "warm.py", inside.read_text().replace("\nif __name__", f"{pretence}\nif __name__"))
    passed = gpu.passed(machine, {})
    more = ("--ro-bind", str(tmp_path / "warm.py"), str(bubblewrap.PROGRAM / "grader/inside/warm.py"))
    monkeypatch.setattr(gpu, "lack", lambda *_: None)
    monkeypatch.setattr(gpu, "passed", lambda *_: bubblewrap.Passed((*passed.mounts, more), passed.variables))
    with Warm(("torch",), Path("/nonexistent"), device=Device.CUDA) as process:
        yield process


def test_the_walls_stand_with_a_gpu_too(pretending: Warm, guest_of: Callable[[Any], Any]) -> None:
    with pretending.fork(Limits(gpu_memory_mb=512)) as box:
        guest = guest_of(box)
        assert pretending.gpu == "none, 512 MB"
        assert box.limits == gpu.roomier(Limits(gpu_memory_mb=512))
        assert guest.value("import os\nos.environ['CUBLAS_WORKSPACE_CONFIG'], os.getuid()") == (":4096:8", 1000)
        guest.run("import ctypes, mmap, os, resource\nlibc = ctypes.CDLL(None, use_errno=True)")
        assert guest.value("'nvidia0' in os.listdir('/dev'), 'kvm' in os.listdir('/dev')") == (True, False)
        assert guest.value("sorted(os.listdir('/sys'))") == ["bus", "devices", "module"]
        assert guest.value("len(mmap.mmap(-1, 4096)), os.memfd_create('x') > 0") == (4096, True)
        assert guest.value("open('/dev/zero', 'rb').read(2).hex()") == "0000"
        assert guest.value("resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CORE)[0]") == (-1, 0)  # fmt: skip
        assert guest.value("[line.split()[1] for line in open('/proc/self/status') if line[:6] == 'CapEff']") == ["0" * 16]  # fmt: skip
        for refused in ("os.mknod('/tmp/nvidia0', 0o20666, os.makedev(195, 0))", "os.mkdir('/sys/x')", "os.mkdir('/dev/x')", "os.remove('/dev/nvidia0')"):  # fmt: skip
            assert guest.value(f"try:\n    {refused}\n    done = True\nexcept OSError:\n    done = False\ndone") is False  # fmt: skip
        assert guest.value("libc.unshare(0x10000000), libc.mount(b'x', b'/tmp', b'tmpfs', 0, None)") == (-1, -1)


def test_a_box_whose_gpu_does_not_work_is_a_fault_and_runs_nothing(pretending: Warm) -> None:
    with pytest.raises(SandboxFault, match="no kernel image"):
        pretending.fork(Limits(gpu_memory_mb=1))
    assert pretending.gpu is None
    with pretending.fork(Limits()):
        assert pretending.gpu == "none, 4096 MB"


# Inside


class FakeTorch:
    """As much of torch as taking a GPU needs."""

    def __init__(self, total_mb: int, ones: float = 1.0) -> None:
        self.calls: list[Any] = []
        self.cuda = SimpleNamespace(
            init=lambda: self.calls.append("init"),
            get_device_properties=lambda _: SimpleNamespace(total_memory=total_mb << 20),
            set_per_process_memory_fraction=lambda fraction, device: self.calls.append((fraction, device)),
            get_device_name=lambda _: "NVIDIA T4",
            is_available=lambda: True,
            device_count=lambda: 2,
        )
        self.backends = SimpleNamespace(cudnn=SimpleNamespace(benchmark=True, deterministic=False))
        self.ones = lambda n, device: SimpleNamespace(sum=lambda: n * ones)


@pytest.mark.parametrize(("total", "fraction"), [(16384, 0.25), (4096, 1.0), (2048, 1.0)])
def test_the_memory_is_capped_before_a_student_runs(total: int, fraction: float) -> None:
    torch = FakeTorch(total)
    assert warm._take_gpu(torch, 4096) == {"name": "NVIDIA T4", "memory_mb": total}
    assert torch.calls == ["init", (fraction, 0)]
    assert torch.backends.cudnn.deterministic
    assert not torch.backends.cudnn.benchmark


def test_a_gpu_that_computes_wrongly_is_not_used() -> None:
    with pytest.raises(RuntimeError, match="computes wrongly"):
        warm._take_gpu(FakeTorch(16384, ones=0.0), 4096)


def test_gpus_are_counted_in_a_fork() -> None:
    torch = FakeTorch(1)
    parent = os.getpid()
    torch.cuda.device_count = lambda: 3 if os.getpid() != parent else 0
    assert warm._count_gpus(torch) == 3
    torch.cuda.is_available = lambda: False
    assert warm._count_gpus(torch) == 0


def test_warming_torch_asks_nothing_about_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    asked: list[str] = []
    for owner, name in ((torch.cuda, "is_available"), (torch.cuda, "device_count"), (torch.accelerator, "current_accelerator"), (torch.accelerator, "is_available")):  # fmt: skip
        original = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *_, name=name, **__: asked.append(name))
        assert getattr(owner, name) is not original
    warm._warm_torch(torch)
    assert asked == []
    torch.cuda.is_available()
    assert asked == ["is_available"]  # all is as before


def test_a_node_that_is_open_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.NamedTemporaryFile(prefix="nvidia") as file:
        assert warm._open_nodes() == []
        monkeypatch.setattr(warm, "GPU_NODES", (os.path.join(tempfile.gettempdir(), "nvidia"),))
        assert warm._open_nodes() == [file.name]


def test_limits_leave_room_for_the_driver_and_stay_under_the_caps() -> None:
    roomy = gpu.roomier(Limits(memory_mb=1000, processes=10))
    assert (roomy.memory_mb, roomy.processes) == (1000 + gpu.DRIVERS_MEMORY_MB, 10 + gpu.DRIVERS_THREADS)
    assert gpu.roomier(Limits(memory_mb=65536)).memory_mb == HARD_CAPS["memory_mb"]
    assert 0 < Limits().gpu_memory_mb <= HARD_CAPS["gpu_memory_mb"]


@pytest.fixture(params=[True, False], ids=["gpu", "cpu"])
def filtered(request: pytest.FixtureRequest) -> tuple[bool, dict[str, int]]:
    """What the kernel answers behind the filter: errno by the name of what was tried."""
    program = f"""
import ctypes, mmap
from grader.inside import seccomp
seccomp.install({request.param})
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
def tried(call):
    ctypes.set_errno(0)
    call()
    return ctypes.get_errno()
def mapped(flags):
    return lambda: libc.mmap(None, ctypes.c_size_t(1 << 21), 3, flags, -1, ctypes.c_long(0))
print({{
    "memfd": tried(lambda: libc.memfd_create(b"x", 1)),
    "huge memfd": tried(lambda: libc.memfd_create(b"x", 4)),
    "shared": tried(mapped(0x21)),
    "huge shared": tried(mapped(0x40021)),
    "shmget": tried(lambda: libc.shmget(0, 4096, 0o1600)),
    "unshare": tried(lambda: libc.unshare(0x10000000)),
}})
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    return request.param, json.loads(told.stdout.replace("'", '"'))


def test_the_filter_gives_cuda_two_calls_back_and_no_more(filtered: tuple[bool, dict[str, int]]) -> None:
    with_gpu, answers = filtered
    refused = {name for name, number in answers.items() if number == errno.EPERM}
    assert refused == set(answers) - ({"memfd", "shared"} if with_gpu else set())


def test_the_filter_without_a_gpu_is_what_it_was() -> None:
    for machine in seccomp.ARCHITECTURES:
        assert seccomp.program(machine) == seccomp.program(machine, gpu=False) != seccomp.program(machine, gpu=True)


def test_the_backstops_leave_address_space_alone_and_give_cuda_its_arenas(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to: dict[int, int] = {}
    monkeypatch.setattr(jail.resource, "setrlimit", lambda kind, pair: set_to.__setitem__(kind, pair[0]))
    monkeypatch.setattr(jail.resource, "getrlimit", lambda _: (-1, -1))
    data = []
    for with_gpu in (False, True):
        jail.limit_resources(10, 64, 256, 2048, with_gpu)
        data.append(set_to[jail.resource.RLIMIT_DATA])
    assert data[1] - data[0] >= jail.CUDA_DATA_MB << 20 > 0
    assert jail.resource.RLIMIT_AS not in set_to
    assert set_to[jail.resource.RLIMIT_CORE] == 0


# The real thing


@pytest.fixture(scope="module")
def real() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no GPU that torch can use")
    if lack := bubblewrap.lacks() or gpu.lack():
        pytest.skip(lack.text.en)


@pytest.mark.usefixtures("real")
def test_the_solution_for_the_gpu_earns_everything_on_a_real_one() -> None:
    assignment = Catalog(ROOT / "assignments", ROOT / "reference").load("lol-gpu")
    with pipeline.warm_for(assignment) as process:
        assert process.device is Device.CUDA
        report = pipeline.grade(assignment, pipeline.read(assignment.solution), process).report
    assert report.status == "graded", report.reason
    assert report.score == report.max_score
    assert report.environment["device"] == "cuda"
    assert report.environment["gpu"]


@pytest.mark.usefixtures("real")
def test_a_box_on_a_real_gpu_has_a_cap_and_the_walls(guest_of: Callable[[Any], Any]) -> None:
    with (
        Warm(("torch",), Path("/nonexistent"), device=Device.CUDA) as process,
        process.fork(Limits(gpu_memory_mb=256)) as box,
    ):
        guest = guest_of(box)
        assert guest.value("import torch\nfloat((torch.ones(8, 8, device='cuda') @ torch.ones(8, 8, device='cuda')).sum())") == 512.0  # fmt: skip
        step = "import torch\nlayer = torch.nn.Linear(4, 1).cuda()\nlayer(torch.ones(2, 4).cuda()).sum().backward()\nlayer.weight.grad.device.type"
        assert guest.value(step) == "cuda"
        too_much = "import torch\ntry:\n    torch.empty(1 << 30, device='cuda')\n    capped = False\nexcept torch.cuda.OutOfMemoryError:\n    capped = True\ncapped"
        assert guest.value(too_much) is True
        assert guest.value("import os\nsorted(os.listdir('/sys'))") == ["bus", "devices", "module"]
        assert guest.value("import os\nos.getuid(), os.path.exists('/dev/kvm'), os.path.exists('/dev/dri')") == (1000, False, False)  # fmt: skip
