"""Many notebooks at once: workers that end with their batch, and one that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import pool
from grader.assignment import Catalog

CATALOG = Catalog.find()
SAMPLES = CATALOG.reference / "xor-mlp" / "samples"
Wait = Callable[[Callable[[], bool], float], bool]


def descendants(pid: int) -> set[int]:
    """The process's children and theirs."""
    found: set[int] = set()
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # it has ended by now
        return found
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            found |= {child} | descendants(child)
    return found


@pytest.fixture
def batch(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A batch under way, in which both workers have their boxes."""
    for number in range(6):
        (tmp_path / f"{number}.ipynb").write_bytes((SAMPLES / "mistake.ipynb").read_bytes())
    words = ["batch", "xor-mlp", str(tmp_path), "--workers", "2", "--json"]
    program = Path(sys.executable).parent / "grader"
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where tests run in the background it is ignored, by all
    with subprocess.Popen([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_batch_that_is_killed_leaves_no_process_behind(batch: subprocess.Popen[bytes], wait_until: Wait) -> None:
    left = descendants(batch.pid)
    assert len(left) >= 4  # two workers, two warm processes
    batch.kill()
    batch.wait()
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left), 40)


def test_ctrl_c_stops_a_batch_and_says_how_to_go_on(batch: subprocess.Popen[bytes]) -> None:
    batch.send_signal(signal.SIGINT)
    _, said = batch.communicate(timeout=60)
    assert batch.returncode == 130
    assert b"--resume" in said
    assert b"Traceback" not in said


@pytest.mark.slow
def test_a_worker_that_dies_costs_no_notebook(tmp_path: Path) -> None:
    jobs = [pool.Job(number, SAMPLES / "mistake.ipynb") for number in range(4)]
    results = pool.grade_all(pool.Setting(CATALOG.load("xor-mlp")), jobs, 2)
    scores = {next(results)[0]: 77.0}
    worker = min(descendants(os.getpid()) & set(_workers()))
    os.kill(worker, signal.SIGKILL)
    scores |= {key: graded.report.score for key, graded in results}
    assert scores == dict.fromkeys(range(4), 77.0)


def _workers() -> list[int]:
    """Processes that multiprocessing has started with an interpreter of their own."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"spawn_main" in words:
                found.append(int(entry.name))
    return found
