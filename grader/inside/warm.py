"""The warm process: imports what an assignment needs once, then forks a submission from itself on request.

Theory of operation. The outer box starts `python -m grader.inside.warm FD`; FD is a socket to the host. The
first frame says what to import. Each later frame {"op": "fork"} comes with two descriptors, the
submission's own socket and the pipe for its output. We fork once, into a new PID namespace of which the fork is
process 1, and send its number and a pidfd to the host over the submission's socket. The fork builds its walls and
serves. We, its parent, tell the host how it died when asked ({"op": "wait"}).

The warm process itself never sees a byte of a student's: sockets are handed to the fork and closed here.
torch is warmed without `backward()`, so that no thread exists that a fork would lose.

CUDA works in no process whose parent had initialised it. So this one never does: while torch is warmed up it is told
that there is no GPU (an optimizer's step would ask the driver), whether there is one is asked in a fork that ends with
its answer, and before the first submission we look whether a device node is open. A submission initialises CUDA by
itself, behind its walls and before the student's first cell; where that fails, nothing of the student's runs.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from grader.inside import colab, jail, probes, refusals
from grader.inside.channel import Channel, Closed
from grader.inside.shell import Shell, make_shell
from grader.inside.worker import Worker

PR_SET_CHILD_SUBREAPER = 36
PID_FORMAT = b"%010d"  # of a fixed length, so that it is read alone
GPU_NODES = ("/dev/nvidia", "/dev/dxg")
VERSIONS = ("numpy", "torch", "sklearn", "pandas", "matplotlib", "IPython")


def main(descriptor: int) -> None:
    """Serves the host on this socket until it hangs up."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    channel = Channel(socket.socket(fileno=descriptor), ahead=0)
    try:
        setup = channel.receive()
        gpu = setup["device"] == "cuda"
        shell = _warm_up([*setup["needs"], "torch"] if gpu else setup["needs"])
        if gpu and (nodes := _open_nodes()):
            raise RuntimeError(f"CUDA was initialised before the fork: {nodes}")
        channel.send({"ready": _versions(), "gpus": _count_gpus(sys.modules["torch"]) if gpu else 0})
        while True:
            request = channel.receive()
            if request["op"] == "fork":
                _fork(channel, shell, setup)
            else:
                channel.send(_wait(request["pid"], request["others"], setup["sandbox"]))
    except Closed:
        _end_orphans(set())  # where no namespace does it for us


def _warm_up(needs: list[str]) -> Shell:
    gc.disable()  # imports make a million objects that stay
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in needs:
            importlib.import_module(name)
        if "torch" in sys.modules:
            _warm_torch(sys.modules["torch"])
        if "matplotlib" in sys.modules:
            _warm_matplotlib()
        shell = make_shell()
        colab.install(shell)
        for source in ("1 + 1", "import numpy as np\nnp.zeros(2)"):  # compiles, formats, imports lazily
            shell.run_cell(source, silent=True)
        if "matplotlib" in sys.modules:
            shell.run_line_magic("matplotlib", "inline")  # on Colab, figures are shown without asking
        shell.reset(new_session=True)
    gc.freeze()
    gc.enable()
    return shell


def _warm_torch(torch: Any) -> None:
    """The first optimizer step imports hundreds of modules; gradients are set by hand, so no thread starts."""
    torch.set_num_threads(1)
    importlib.import_module("grader.inside.device")  # so that a fork need not
    with _no_gpu(torch):
        _first_step(torch)


def _first_step(torch: Any) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1))
    with torch.no_grad():
        torch.nn.functional.binary_cross_entropy_with_logits(model(torch.zeros(1, 2)), torch.zeros(1, 1))
    for optimizer in (torch.optim.SGD, torch.optim.Adam):
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer(model.parameters(), lr=0.1).step()


@contextlib.contextmanager
def _no_gpu(torch: Any) -> Iterator[None]:
    """Lets nothing of torch's ask for a GPU, because asking the driver initialises it."""
    accelerator, optimizer = getattr(torch, "accelerator", None), torch.optim.Optimizer
    answers: tuple[tuple[Any, str, Any], ...] = (
        (torch.cuda, "is_available", lambda: False),
        (torch.cuda, "device_count", lambda: 0),
        (accelerator, "is_available", lambda: False),
        (accelerator, "device_count", lambda: 0),
        (accelerator, "current_accelerator", lambda *_, **__: None),
        (optimizer, "_cuda_graph_capture_health_check", lambda _: None),
        (optimizer, "_accelerator_graph_capture_health_check", lambda _: None),
    )
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in answers if hasattr(owner, name)]
    for owner, name, answer in answers:
        if hasattr(owner, name):
            setattr(owner, name, answer)
    try:
        yield
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)


def _open_nodes() -> list[str]:
    """Device nodes of a GPU that this process has open: CUDA, once initialised, never closes them."""
    found = []
    for entry in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # the descriptor of the listing itself
            found.append(os.readlink(f"/proc/self/fd/{entry}"))
    return sorted(node for node in found if node.startswith(GPU_NODES))


def _count_gpus(torch: Any) -> int:
    """How many GPUs torch can use here, asked in a fork that ends with its answer."""
    answer, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write, str(torch.cuda.device_count() if torch.cuda.is_available() else 0).encode())
        except BaseException:  # noqa: BLE001 - a fork never returns into the warm process's loop
            traceback.print_exc()
        os._exit(0)
    os.close(write)
    with open(answer, "rb") as said:
        number = said.read()
    os.waitpid(pid, 0)
    return int(number or 0)


def _take_gpu(torch: Any, memory_mb: int) -> dict[str, Any]:
    """Initialises CUDA in this fork, caps what torch's allocator hands out, and computes something, so that a GPU
    that does not work is found out before the student's first cell. Raises RuntimeError."""
    torch.cuda.init()
    total = int(torch.cuda.get_device_properties(0).total_memory)
    torch.cuda.set_per_process_memory_fraction(min(1.0, (memory_mb << 20) / total), 0)
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = False, True
    if float(torch.ones(3, device="cuda").sum()) != 3.0:
        raise RuntimeError("the GPU computes wrongly")
    return {"name": str(torch.cuda.get_device_name(0)), "memory_mb": total >> 20}


def _warm_matplotlib() -> None:
    """Fonts are read and the drawing code is imported by drawing once."""
    import io

    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([0, 1])
    figure.savefig(io.BytesIO(), format="png")
    plt.close("all")


def _versions() -> dict[str, str]:
    found = {name: str(sys.modules[name].__version__) for name in VERSIONS if name in sys.modules}
    return {"python": sys.version.split()[0], **found}


def _fork(channel: Channel, shell: Shell, setup: dict[str, Any]) -> None:
    """One fork, not two: it copies the page tables of all that is imported, which is most of what a box costs."""
    _, (door, output), _, _ = socket.recv_fds(channel.sock, 1, 2)
    with socket.socket(fileno=door) as sock:
        with jail.children_in_a_namespace() if setup["sandbox"] else contextlib.nullcontext():
            pid = os.fork()
            if pid == 0:
                channel.close()
                _become_submission(sock, output, shell, setup)
        os.close(output)
        pidfd = os.pidfd_open(pid)
        socket.send_fds(sock, [PID_FORMAT % pid], [pidfd])
        os.close(pidfd)


def _become_submission(sock: socket.socket, output: int, shell: Shell, setup: dict[str, Any]) -> NoReturn:
    """Walls first, then the student. The host speaks first, once it knows who we are."""
    channel = Channel(sock)
    status = 70
    try:
        _descriptors(sock.fileno(), output)
        start = channel.receive()
        try:
            gpu = start["device"] == "cuda"
            _build_walls(setup, start["limits"], start["folder"], gpu)
            taken = _take_gpu(sys.modules["torch"], start["limits"]["gpu_memory_mb"]) if gpu else None
        except BaseException as error:  # noqa: BLE001 - said to the host, which gives no grade
            channel.send({"broken": f"{type(error).__name__}: {error}"})
            os._exit(status)
        probes.seed_everything(start["seed"])
        if start["device"] == "simulated":
            importlib.import_module("grader.inside.device").simulate().__enter__()
        refusals.watch()
        sys.path.insert(0, "")
        channel.send({"ready": True, "gpu": taken})
        Worker(channel, shell).serve()
        status = 0
    except BaseException:  # noqa: BLE001 - a fork never returns into the warm process's loop
        traceback.print_exc()
    os._exit(status)


def _descriptors(door: int, output: int) -> None:
    """Nothing of the warm process stays open but the socket; output goes to the pipe."""
    os.setsid()
    null = os.open("/dev/null", os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    for entry in os.listdir("/proc/self/fd"):
        if int(entry) > 2 and int(entry) != door:
            try:
                os.close(int(entry))
            except OSError:
                pass  # the descriptor of the listing itself


def _build_walls(setup: dict[str, Any], limits: dict[str, Any], folder: str | None, gpu: bool) -> None:
    if setup["sandbox"]:
        jail.leave_namespaces()
        jail.private_folders(limits["disk_mb"], setup["kept"], gpu)
        jail.private_proc()
        jail.copy_data(Path(setup["data"]), jail.WORK)
        os.chdir(jail.WORK)
        jail.become_nobody()
    else:
        work = Path(folder or ".")
        jail.copy_data(Path(setup["data"]), work)
        os.environ["HOME"] = os.environ["TMPDIR"] = folder or "."
        os.chdir(work)
    jail.limit_resources(
        limits["seconds"],
        limits["processes"] if setup["sandbox"] else None,
        limits["disk_mb"],
        limits["memory_mb"],
        gpu,
    )
    jail.seal(gpu)


def _wait(pid: int, others: list[int], sandboxed: bool) -> dict[str, Any]:
    """How a fork died, and the most memory in bytes that it, or a process of its own, had at a time. Without namespaces
    its orphans have become our children and are ended here."""
    _, status, usage = os.wait4(pid, 0)
    if not sandboxed:
        _end_orphans(set(others))
    return {"exit": os.waitstatus_to_exitcode(status), "memory": usage.ru_maxrss << 10}


def _end_orphans(spared: set[int]) -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while orphans := {int(pid) for pid in children.read_text().split()} - spared:
        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(0)  # taking torch apart takes 0.3 s
