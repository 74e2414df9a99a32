from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from grader.assignment import Limits
from grader.sandbox import watch

ROOMY = Limits(memory_mb=60_000, processes=1000, disk_mb=100)


@contextmanager
def process(source: str) -> Iterator[int]:
    """A Python that runs some code, says so, and waits to be ended."""
    words = [sys.executable, "-S", "-c", f"{source}\nprint('ready', flush=True)\ninput()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child.pid
        child.kill()


CHILD = "import subprocess, sys\np = subprocess.Popen([sys.executable, '-S', '-c', 'input()'], stdin=subprocess.PIPE)"
THREADS = "import threading\nstop = threading.Event()\nfor _ in range(5): threading.Thread(target=stop.wait, daemon=True).start()"


def test_a_tree_holds_the_process_and_its_children() -> None:
    with process(CHILD) as pid:
        found = watch.tree(pid)
        assert len(found) == 2
        assert found[0] == pid


def test_children_started_by_threads_are_found() -> None:
    source = (
        "import subprocess, sys, threading\ndone = threading.Event()\n"
        "def start():\n    global p; p = subprocess.Popen([sys.executable, '-S', '-c', 'input()'], stdin=subprocess.PIPE); done.set(); "
        "threading.Event().wait()\n"
        "threading.Thread(target=start, daemon=True).start(); done.wait()"
    )
    with process(source) as pid:
        assert len(watch.tree(pid)) == 2


def test_memory_is_counted_in_bytes() -> None:
    with process("x = bytes(50_000_000).replace(b'\\0', b'1')") as pid:
        for count in (watch.resident, watch.proportional):
            assert 50_000_000 < count(pid) < 90_000_000


def test_a_process_that_is_gone_counts_nothing() -> None:
    with process("") as pid:
        pass
    assert watch.tree(pid) == [pid]
    assert (watch.resident(pid), watch.proportional(pid)) == (0, 0)
    assert watch.look(pid, ROOMY, f"/proc/{pid}/root/tmp").over is None


@pytest.mark.parametrize(
    ("source", "limits", "limit"),
    [
        ("", ROOMY, None),
        ("x = b'1' * 80_000_000", replace(ROOMY, memory_mb=60), "memory_mb"),
        ("x = b'1' * 80_000_000", replace(ROOMY, memory_mb=200), None),
        (CHILD, replace(ROOMY, processes=1), "processes"),
        (CHILD, replace(ROOMY, processes=2), None),
        (THREADS, replace(ROOMY, processes=5), "processes"),
        (THREADS, replace(ROOMY, processes=6), None),
    ],
)
def test_the_limit_that_is_exceeded_is_named(tmp_path: Path, source: str, limits: Limits, limit: str | None) -> None:
    with process(source) as pid:
        assert watch.look(pid, limits, str(tmp_path)).over == limit


def test_pages_that_are_shared_are_counted_once() -> None:
    source = "import os\nx = b'1' * 60_000_000\nfor _ in range(3):\n    if os.fork() == 0:\n        import signal; signal.pause()"
    with process(source) as pid:
        assert sum(map(watch.resident, watch.tree(pid))) > 200 << 20
        assert watch.look(pid, replace(ROOMY, memory_mb=150), "/nowhere").over is None
        for child in watch.tree(pid)[1:]:
            os.kill(child, 9)


def test_files_in_a_folder_are_added_up(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "big").write_bytes(b"1" * (2 << 20))
    (tmp_path / "loop").symlink_to(tmp_path)
    assert watch.look(os.getpid(), replace(ROOMY, disk_mb=1), str(tmp_path)).over == "disk_mb"
    assert watch.look(os.getpid(), replace(ROOMY, disk_mb=3), str(tmp_path)).over is None


def test_a_file_with_holes_counts_what_it_takes(tmp_path: Path) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(1 << 30)
    assert watch.look(os.getpid(), replace(ROOMY, disk_mb=1), str(tmp_path)).over is None
