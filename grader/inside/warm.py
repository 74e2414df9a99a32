"""The warm process: imports what an assignment needs once, then forks a submission from itself on request.

Theory of operation. The outer box starts `python -m grader.inside.warm FD`; FD is a socket to the host. The
first frame says what to import. Each later frame {"op": "fork"} comes with two descriptors, the
submission's own socket and the pipe for its output. We fork once, into a new PID namespace of which the fork is
process 1, and send its number and a pidfd to the host over the submission's socket. The fork builds its walls and
serves. We, its parent, tell the host how it died when asked ({"op": "wait"}).

The warm process itself never sees a byte of a student's: sockets are handed to the fork and closed here.
torch is warmed without `backward()`, so that no thread exists that a fork would lose.
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
from pathlib import Path
from typing import Any, NoReturn

from grader.inside import colab, jail, probes
from grader.inside.channel import Channel, Closed
from grader.inside.shell import Shell, make_shell
from grader.inside.worker import Worker

PR_SET_CHILD_SUBREAPER = 36
PID_FORMAT = b"%010d"  # of a fixed length, so that it is read alone
VERSIONS = ("numpy", "torch", "sklearn", "pandas", "matplotlib", "IPython")


def main(descriptor: int) -> None:
    """Serves the host on this socket until it hangs up."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    channel = Channel(socket.socket(fileno=descriptor), ahead=0)
    try:
        setup = channel.receive()
        shell = _warm_up(setup["needs"])
        channel.send({"ready": _versions()})
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
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1))
    with torch.no_grad():
        torch.nn.functional.binary_cross_entropy_with_logits(model(torch.zeros(1, 2)), torch.zeros(1, 1))
    for optimizer in (torch.optim.SGD, torch.optim.Adam):
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer(model.parameters(), lr=0.1).step()


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
            _build_walls(setup, start["limits"], start["folder"])
        except BaseException as error:  # noqa: BLE001 - said to the host, which gives no grade
            channel.send({"broken": f"{type(error).__name__}: {error}"})
            os._exit(status)
        probes.seed_everything(start["seed"])
        if start["device"] == "simulated":
            importlib.import_module("grader.inside.device").simulate().__enter__()
        sys.path.insert(0, "")
        channel.send({"ready": True})
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


def _build_walls(setup: dict[str, Any], limits: dict[str, Any], folder: str | None) -> None:
    if setup["sandbox"]:
        jail.leave_namespaces()
        jail.private_folders(limits["disk_mb"], setup["kept"])
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
    )
    jail.seal()


def _wait(pid: int, others: list[int], sandboxed: bool) -> dict[str, Any]:
    """How a fork died. Without namespaces its orphans have become our children and are ended here."""
    _, status = os.waitpid(pid, 0)
    if not sandboxed:
        _end_orphans(set(others))
    return {"exit": os.waitstatus_to_exitcode(status)}


def _end_orphans(spared: set[int]) -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while orphans := {int(pid) for pid in children.read_text().split()} - spared:
        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(0)  # taking torch apart takes 0.3 s
