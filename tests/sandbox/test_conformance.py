"""What every backend owes: one suite for all of them."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import Limits
from grader.errors import SandboxFault
from grader.inside.channel import Closed, Late
from grader.rpc.session import Session
from grader.sandbox import Backend, Box, Warm, watch

ROOMY = Limits(memory_mb=3000)
CANARY = "CANARY_OF_THE_HOST"
os.environ[CANARY] = "tell nobody"  # before any warm process starts


@pytest.fixture(params=list(Backend), ids=str)
def warm(request: pytest.FixtureRequest, warm_of: Callable[[Backend], Warm]) -> Warm:
    return warm_of(request.param)


@pytest.fixture
def guest(warm: Warm, guest_of: Callable[[Box], Any]) -> Iterator[Any]:
    with warm.fork(ROOMY) as box:
        yield guest_of(box)


def until(true: Callable[[], Any], seconds: float = 40.0) -> bool:
    """Whether it came true in time; looks again and again."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.02)
    return True


def descendants() -> set[int]:
    """All processes under this one that are no zombies."""
    return {pid for pid in watch.tree(os.getpid())[1:] if state(pid) not in ("", "Z")}


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def test_a_fork_runs_a_cell_and_answers(guest: Any) -> None:
    assert guest.run("print('hello')") == [{"output_type": "stream", "name": "stdout", "text": "hello\n"}]
    assert guest.value("sum(range(5))") == 10


def test_the_working_folder_holds_a_writable_copy_of_the_public_data(guest: Any, public_data: Path) -> None:
    assert guest.value("open('data/gates.csv').read()") == "a,b,y\n0,1,1\n"
    assert guest.value("open('data/more/note.txt').read()") == "hello"
    guest.run("open('data/gates.csv', 'w').write('mine'); open('data/new.txt', 'w').close(); open('x', 'w').close()")
    assert (public_data / "gates.csv").read_text() == "a,b,y\n0,1,1\n"
    assert sorted(os.listdir(public_data)) == ["gates.csv", "more"]


def test_a_box_sees_nothing_of_the_one_before(warm: Warm, guest_of: Callable[[Box], Any]) -> None:
    with warm.fork(ROOMY) as box:
        guest_of(box).run("import os, math; math.pi = 3; x = 1; open('left', 'w').close(); os.environ['LEFT'] = '1'")
    with warm.fork(ROOMY) as box:
        after = guest_of(box)
        assert after.value(
            "import os, math\n[os.path.exists('left'), math.pi > 3, 'x' in globals(), 'LEFT' in os.environ]"
        ) == [
            False,
            True,
            False,
            False,
        ]


def test_the_hosts_environment_stays_outside(guest: Any) -> None:
    assert guest.value("import os\ndict(os.environ)").get(CANARY) is None
    assert CANARY not in guest.value("open('/proc/self/environ').read()")
    assert CANARY not in guest.value("import subprocess\nsubprocess.run('env', capture_output=True, text=True).stdout")


def test_two_forks_draw_the_same_numbers(warm: Warm, guest_of: Callable[[Box], Any]) -> None:
    draw = (
        "import random, numpy as np, torch\n"
        "[random.random(), float(np.random.rand()), float(torch.rand(1)), hash('text'), str({'a', 'b', 'c', 'd'})]"
    )
    drawn = []
    for _ in range(2):
        with warm.fork(ROOMY) as box:
            drawn.append(guest_of(box).value(draw))
    assert drawn[0] == drawn[1]


def test_hash_seed_and_thread_counts_are_fixed(guest: Any) -> None:
    assert guest.value("import os\nos.environ['PYTHONHASHSEED'], os.environ['OMP_NUM_THREADS']") == ("0", "1")
    assert guest.value("import torch\ntorch.get_num_threads()") == 1


def test_nobody_is_at_the_keyboard(guest: Any) -> None:
    assert guest.value("import os\nos.read(0, 10).hex()") == ""
    assert guest.value("import subprocess\nsubprocess.run(['cat'], capture_output=True).stdout.hex()") == ""


def test_no_descriptor_but_the_workers_own_is_open(guest: Any) -> None:
    kinds = guest.value(
        "import os\n[os.readlink(f'/proc/self/fd/{fd}').partition(':')[0] for fd in range(100) "
        "if os.path.lexists(f'/proc/self/fd/{fd}')]"
    )
    assert sorted(kinds) == ["/dev/null", "pipe", "pipe", "socket"]


BREAKERS = {
    "memory in one process": ("memory_mb", "x = bytearray(750 << 20)\nwhile True: pass"),
    "memory in children": (
        "memory_mb",
        "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        x = bytearray(os.urandom(1 << 20)) * 220\n"
        "        while True: time.sleep(1)\nwhile True: time.sleep(1)",
    ),
    "memory in threads": (
        "memory_mb",
        "import threading\nkept = []\ndef eat():\n    for _ in range(30): kept.append(bytearray(10 << 20))\n"
        "for _ in range(3): threading.Thread(target=eat).start()\nwhile True: pass",
    ),
    "processes": (
        "processes",
        "import os, time\nfor _ in range(40):\n    if os.fork() == 0:\n        time.sleep(60); os._exit(0)\nwhile True: time.sleep(1)",
    ),
    "threads": (
        "processes",
        "import threading, time\nfor _ in range(40): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "while True: time.sleep(1)",
    ),
    "printed text": ("output_mb", "while True: print('x' * 1000)"),
    "raw output": ("output_mb", "import os\nwhile True: os.write(1, b'x' * 1000)"),
    "output of a child": ("output_mb", "import subprocess\nsubprocess.run('yes')"),
    "one big file": ("disk_mb", "f = open('big', 'wb')\nwhile True:\n    try: f.write(bytes(1 << 20)); f.flush()\n    except OSError: f = open('more', 'wb')"),
    "many files": ("disk_mb", "n = 0\nwhile True:\n    n += 1\n    try: open(f'f{n}', 'wb').write(bytes(1 << 20))\n    except OSError: pass"),
}  # fmt: skip
TIGHT = Limits(memory_mb=800, processes=24, disk_mb=24, output_mb=1)


@pytest.mark.parametrize("what", list(BREAKERS))
def test_over_a_limit_the_box_ends_and_the_limit_is_named(
    warm: Warm, guest_of: Callable[[Box], Any], what: str
) -> None:
    limit, source = BREAKERS[what]
    before = descendants()
    with warm.fork(TIGHT) as box:
        with pytest.raises(Closed):
            guest_of(box).run(source)
        assert box.died().limit == limit
    assert until(lambda: descendants() <= before)


def test_within_its_limits_a_box_is_left_alone(warm: Warm, guest_of: Callable[[Box], Any]) -> None:
    with warm.fork(TIGHT) as box:
        guest = guest_of(box)
        guest.run("x = bytearray(100 << 20); open('f', 'wb').write(bytes(10 << 20)); print('x' * 100_000)")
        guest.run("import subprocess\nfor _ in range(30): subprocess.run(['true'])")
        assert guest.value("len(x)") == 100 << 20
        assert box.end().limit is None


LINGERERS = {
    "children": "import os, time\nfor _ in range(5):\n    if os.fork() == 0: time.sleep(600)",
    "daemons": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.setsid(); time.sleep(600)\n    os._exit(0)",
    "a shell": "import subprocess\np = subprocess.Popen('trap \"\" TERM HUP INT; sleep 600 & sleep 600', shell=True, start_new_session=True)",
    "deaf to signals": "import os, signal, time\nif os.fork() == 0:\n    for n in range(1, 32):\n"
    "        try: signal.signal(n, signal.SIG_IGN)\n        except OSError: pass\n    time.sleep(600)",
}  # fmt: skip


@pytest.mark.parametrize("what", list(LINGERERS))
def test_the_end_leaves_no_process(warm: Warm, guest_of: Callable[[Box], Any], what: str) -> None:
    before = descendants()
    with warm.fork(ROOMY) as box:
        guest_of(box).run(LINGERERS[what])
        assert len(descendants() - before) >= 2
        box.end()
        assert until(lambda: descendants() <= before)


def test_the_end_comes_once_and_says_the_same_twice(warm: Warm) -> None:
    box = warm.fork(ROOMY)
    first = box.end()
    assert box.end() is first
    assert (first.limit, first.signal) == (None, "SIGKILL")


@pytest.mark.parametrize(
    "source",
    [
        "import re\nre.match('(a+)+$', 'a' * 64 + 'b')",
        "while True: pass",
        "import time\ntime.sleep(600)",
        "sum(range(10**15))",
    ],
)
def test_a_box_that_hangs_is_late_and_can_be_killed(warm: Warm, guest_of: Callable[[Box], Any], source: str) -> None:
    with warm.fork(ROOMY) as box:
        with pytest.raises(Late):
            guest_of(box).run(source, patience=0.3)
        started = time.monotonic()
        assert box.end().signal == "SIGKILL"
        assert time.monotonic() - started < 20


def test_a_kill_from_another_thread_ends_a_running_cell(warm: Warm, guest_of: Callable[[Box], Any]) -> None:
    with warm.fork(ROOMY) as box:
        timer = threading.Timer(0.2, box.kill, ["notebook_seconds"])
        timer.start()
        with pytest.raises(Closed):
            guest_of(box).run("while True: pass")
        timer.join()
        assert box.died().limit == "notebook_seconds"


@pytest.mark.parametrize(
    ("source", "code", "name"),
    [
        ("import os\nos._exit(0)", 0, None),
        ("import os\nos._exit(7)", 7, None),
        ("import ctypes\nctypes.string_at(0)", -11, "SIGSEGV"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", None, None),
    ],
)
def test_how_it_died_is_told_truthfully(
    warm: Warm, guest_of: Callable[[Box], Any], source: str, code: int | None, name: str | None
) -> None:
    with warm.fork(ROOMY) as box:
        if code is None:  # process 1 of a namespace is deaf to its own SIGKILL, and then lives on
            guest_of(box).send(source)
            code, name = -9, "SIGKILL"
        else:
            with pytest.raises(Closed):
                guest_of(box).run(source)
        death = box.died(patience=0.3 if source.endswith("SIGKILL)") else 40.0)
        assert (death.limit, death.exit, death.signal) == (None, code, name)


def test_two_boxes_at_once_do_not_meet(warm: Warm, guest_of: Callable[[Box], Any]) -> None:
    with warm.fork(ROOMY) as one, warm.fork(ROOMY) as two:
        first, second = guest_of(one), guest_of(two)
        first.run("x = 'first'; open('mine', 'w').close()")
        assert second.value("import os\n'x' in globals() or os.path.exists('mine')") is False
        one.end()
        assert second.value("1 + 1") == 2


def test_boxes_made_and_ended_by_many_threads_at_once_all_work(warm: Warm, guest_of: Callable[[Box], Any]) -> None:
    def visit(number: int) -> Any:
        with warm.fork(ROOMY) as box:
            return guest_of(box).value(f"{number} * 2")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(visit, range(12))) == [2 * number for number in range(12)]


def proportional_mb(pid: int) -> float:
    return sum(watch.resident(process) for process in watch.tree(pid)) / 2**20


def test_thirty_forks_in_a_row_leave_nothing_behind(warm: Warm) -> None:
    warm.fork(ROOMY).end()
    gc.collect()
    before = (set(os.listdir("/proc/self/fd")), threading.active_count(), descendants())
    memory = proportional_mb(warm.pid)
    for _ in range(30):
        warm.fork(ROOMY).end()
    gc.collect()
    after = (set(os.listdir("/proc/self/fd")), threading.active_count(), descendants())
    assert all(left <= were for left, were in zip(after, before, strict=True))
    assert proportional_mb(warm.pid) < memory + 20


def test_a_session_gives_the_output_of_a_cell_to_that_cell(warm: Warm) -> None:
    with Session(warm, ROOMY, [(0, "import os\nos.write(1, b'raw');"), (1, "print('next')")]) as session:
        session.run_notebook()
    assert [[o["text"] for o in cell.outputs] for cell in session.cells] == [["raw"], ["next\n"]]


@pytest.fixture(params=list(Backend), ids=str)
def bare(request: pytest.FixtureRequest, public_data: Path, warm_of: Callable[[Backend], Warm]) -> Warm:
    """A warm process of one's own, with nothing imported."""
    if request.param is Backend.BUBBLEWRAP:
        warm_of(request.param)  # skips where no box can be made
    return Warm((), public_data, request.param)


def test_closing_the_warm_process_ends_its_boxes(bare: Warm, guest_of: Callable[[Box], Any]) -> None:
    with bare:
        boxes = [bare.fork(ROOMY), bare.fork(ROOMY)]
        guest_of(boxes[0]).run("import os, time\nif os.fork() == 0: time.sleep(600)")
        guest_of(boxes[1]).send("while True: pass")
        processes = set(watch.tree(bare.pid))
        assert len(processes) >= 4
    assert until(lambda: not any(state(pid) for pid in processes))
    assert [box.end().signal for box in boxes] == ["SIGKILL", "SIGKILL"]


@pytest.mark.parametrize("backend", list(Backend), ids=str)
def test_a_warm_process_outlives_the_thread_that_started_it(
    public_data: Path, warm_of: Callable[[Backend], Warm], backend: Backend
) -> None:
    warm_of(backend)
    with ThreadPoolExecutor(1) as pool:
        warm = pool.submit(Warm, (), public_data, backend).result()
    with warm:
        assert not until(lambda: state(warm.pid) in ("", "Z"), seconds=0.3)
        assert warm.fork(ROOMY).end().signal == "SIGKILL"


def test_a_warm_process_that_was_killed_is_our_fault(
    bare: Warm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with bare:
        box = bare.fork(ROOMY)
        os.kill(bare.pid, signal.SIGKILL)
        with pytest.raises(SandboxFault, match="no score was given"):
            bare.fork(ROOMY)
        assert box.end().signal == "SIGKILL"
    assert list(tmp_path.iterdir()) == []


HOST = """
import sys, time
from pathlib import Path
from grader.assignment import Limits
from grader.sandbox import Backend, Warm
warm = Warm((), Path(sys.argv[1]), Backend(sys.argv[2]))
boxes = [warm.fork(Limits()) for _ in range(2)]
busy = "import os, time\\nif os.fork() == 0: time.sleep(600)\\nwhile True: pass"
for box in boxes:
    box.channel.send({"op": "cell", "id": 1, "index": 0, "source": busy})
while len(__import__("grader.sandbox.watch").sandbox.watch.tree(boxes[0].pid)) < 2:
    time.sleep(0.01)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("backend", list(Backend), ids=str)
def test_a_host_that_is_killed_leaves_no_process(
    public_data: Path,
    warm_of: Callable[[Backend], Warm],
    backend: Backend,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warm_of(backend)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    words = [sys.executable, "-c", HOST, str(public_data), backend]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == "ready\n"
        processes = set(watch.tree(host.pid))
        assert len(processes) >= 5
        host.kill()
    assert until(lambda: not [pid for pid in processes if state(pid) not in ("", "Z")])
