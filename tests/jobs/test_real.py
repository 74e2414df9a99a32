"""The whole way: a published assignment, a notebook as bytes, a sealed box, a result in the store."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from course.world import World, catalog, world
from jobs.yard import Yard, descendants
from nbformat.v4 import new_code_cell, new_notebook

from grader.course import submissions
from grader.sandbox import bubblewrap
from grader.store.models import CheckRow, Source

__all__ = ["catalog", "world"]
lack = bubblewrap.lacks()
pytestmark = pytest.mark.skipif(lack is not None, reason=lack.text.en if lack else "")


@pytest.fixture
def real(world: World, tmp_path: Path) -> Iterator[Yard]:
    found = Yard(world.database, tmp_path / "home", fresh=False)
    yield found
    found.close()


def submit(world: World, yard: Yard, name: str, data: bytes) -> str:
    with world.write() as session:
        return submissions.submit(
            session,
            world.assignment(session),
            world.person(session, name),
            data,
            "my.ipynb",
            Source.CLI,
            enqueue=yard.jobs.enqueue,
        ).run.key


def notebook(*sources: str) -> bytes:
    cells = [new_code_cell(source, id=f"c{number}") for number, source in enumerate(sources)]
    return nbformat.writes(new_notebook(cells=cells)).encode()


def boxes(pid: int) -> list[int]:
    """bubblewrap's processes below a worker."""
    found = []
    for one in descendants(pid):
        try:
            words = Path(f"/proc/{one}/cmdline").read_bytes()
        except OSError:
            continue
        if b"bwrap" in words.partition(b"\0")[0]:
            found.append(one)
    return found


def test_notebooks_are_graded_in_a_box(world: World, real: Yard) -> None:
    right = submit(world, real, "mina", notebook("def double(x):\n    return 2 * x"))
    wrong = submit(world, real, "juno", notebook("def double(x):\n    return x"))
    bad = submit(world, real, "mina", b"no notebook")
    process = real.start(real=True, slack=120.0)
    assert real.ended(right, wrong, bad, seconds=400) == ["done"] * 3
    assert [(real.run(key).status, real.run(key).score) for key in (right, wrong)] == [
        ("graded", 100.0),
        ("graded", 40.0),
    ]
    assert (real.run(bad).status, real.run(bad).tries) == ("not_gradable", 1)
    with real.database.read() as session:
        names = {row.name for row in session.query(CheckRow).filter_by(run_id=real.run(right).id)}
        report = submissions.report_of(session, real.run(right))
    assert names == {"double.values", "double.zero"}
    assert report.score == 100.0
    assert real.run(right).executed is not None
    before = boxes(process.pid)
    slow = submit(world, real, "juno", notebook("import time", "time.sleep(5)", "def double(x):\n    return 2 * x"))
    real.until(lambda: real.run(slow).state.value == "running" and len(boxes(process.pid)) >= len(before) > 0)
    os.kill(min(before), signal.SIGKILL)  # the warm process and every box of it
    assert real.ended(slow, seconds=400) == ["done"]
    assert (real.run(slow).status, real.run(slow).score) == ("graded", 100.0)
