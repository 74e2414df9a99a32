"""After a crash: a new box, the notebook again, and an end to patience."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.assignment import Limits
from grader.failed import Failed
from grader.report import Verdict
from grader.rpc import Session, Student
from grader.rpc.session import RESTARTS
from grader.sandbox import Warm

Lost = Callable[..., Failed]

NOTEBOOK = """
import os, time
calls = 0
def crash(): os._exit(1)
def count():
    global calls
    calls += 1
    return calls
def slow(): time.sleep(0.4)
def f(x): return x
""" + "\n".join(f"def crash_{i}(): os._exit(1)" for i in range(8))


def test_the_notebook_runs_again_and_other_functions_work(open_notebook: Any, lost: Lost) -> None:
    student: Student = open_notebook("base = 40", NOTEBOOK + "\ndef late(): return base + 2")
    assert [student.count(), student.count()] == [1, 2]
    lost(student.crash)
    assert student.late() == 42
    assert student.count() == 1


def test_a_function_that_killed_its_box_is_not_called_again(open_notebook: Any, lost: Lost) -> None:
    student: Student = open_notebook(NOTEBOOK)
    lost(student.crash)
    for ask in (student.crash, lambda: student.call("crash"), lambda: student.each("crash", [()])):
        failure = lost(ask)
        assert failure.verdict is Verdict.CRASHED
        assert "`crash` was not called again" in failure.message.en


def test_too_many_crashes_end_the_questions(open_notebook: Any, lost: Lost) -> None:
    student: Student = open_notebook(NOTEBOOK)
    messages = [lost(getattr(student, f"crash_{i}")).message.en for i in range(RESTARTS + 2)]
    assert all("ended during a call" in message for message in messages[:-1])
    assert "too often" in messages[-1]
    assert "too often" in lost(student.f, 1).message.en


def test_the_budget_of_all_calls_is_told_and_costs_no_more_boxes(open_notebook: Any, lost: Lost) -> None:
    student: Student = open_notebook(NOTEBOOK, limits=Limits(call_seconds=10, suite_seconds=0.3))
    student.slow()
    for _ in range(3):
        failure = lost(student.f, 1)
        assert failure.verdict is Verdict.TIMEOUT
        assert "0.3 seconds for all calls" in failure.message.en


def test_a_notebook_that_died_answers_nothing_and_says_where(sealed: Warm, lost: Lost) -> None:
    sources = [(0, "x = 1"), (2, "import os; os._exit(7)"), (3, "y = 1")]
    with Session(sealed, Limits(), sources) as session:
        session.run_notebook()
        failure = lost(Student(session, {}).f, 1)
    assert [cell.status for cell in session.cells] == ["ok", "killed", "not_run"]
    assert failure.verdict is Verdict.CRASHED
    assert "ended while cell 3 ran (exit 7)" in failure.message.en


def test_the_seed_is_the_same_in_every_box(open_notebook: Any, lost: Lost) -> None:
    source = "import random, numpy, torch\ndrawn = [random.random(), numpy.random.rand(), float(torch.rand(()))]"
    student: Student = open_notebook(source, NOTEBOOK)
    first = student.get("drawn")
    lost(student.crash)
    assert student.get("drawn") == first == open_notebook(source).get("drawn")


def test_cells_keep_their_outputs_and_what_they_raised(sealed: Warm) -> None:
    many = "import sys\nfor i in range(3000): print(i); sys.stdout.flush()\nprint('e', file=sys.stderr)"
    with Session(sealed, Limits(), [(0, many), (1, "raise ValueError('\\x1b[1m\\ud800')"), (2, "6 * 7")]) as session:
        session.run_notebook()
    texts = {output["name"]: output["text"] for output in session.cells[0].outputs}
    assert texts == {"stdout": "".join(f"{i}\n" for i in range(3000)), "stderr": "e\n"}
    fault = session.cells[1].fault
    assert fault is not None
    assert fault["line"] == 1
    assert fault["message"].isprintable()
    assert session.cells[2].outputs[0]["data"]["text/plain"] == "42"
