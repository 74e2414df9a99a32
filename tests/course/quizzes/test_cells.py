"""Cells are marked by a worker, in a box, through the queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from course.quizzes.hall import GRADED, MINUTE, PRACTICE, Hall
from jobs.yard import Yard
from sqlalchemy import select

from grader.commands import queue
from grader.course import people, quizzes
from grader.course.quizzes import cells
from grader.errors import BadInput
from grader.jobs import Jobs, prepare
from grader.report import CheckResult, Report, Status, Verdict
from grader.sandbox import bubblewrap
from grader.store.models import Course, Person, Purpose, Run, State
from grader.store.quizzes import RECEIPT, TITLE, WHAT, QuizCell, whose
from grader.text import Text

lack = bubblewrap.lacks()
RIGHT = "import numpy as np\ndef relu(z):\n    return np.maximum(z, 0)\n"
WRONG = "def relu(z):\n    return z\n"


def report(points: float = 100.0, status: Status = Status.GRADED) -> Report:
    """What the box says."""
    verdict = Verdict.PASSED if points == 100 else Verdict.FAILED
    check = CheckResult("cell.values", Text("값", "values"), points, 100.0, verdict, message=Text("아니오", "No."))
    reason = None if status is Status.GRADED else Text("코드가 아닙니다.", "This is no code.")
    return Report("demo-cell", "0" * 12, "f" * 64, status, reason, (check,) if status is Status.GRADED else ())


def finish(hall: Hall, key: str, found: Report, fence: int = 1) -> bool:
    """What a worker does with a run."""
    with hall.write() as session:
        run = session.scalars(select(Run).filter_by(key=key)).one()
        run.state, run.fence, run.tries = State.RUNNING, 1, 1
        return cells.finish(session, run, fence, found)


def handed_in(hall: Hall, source: str = WRONG) -> str:
    receipt = hall.start()
    hall.save(receipt, 10, source)
    hall.submit(receipt)
    return receipt


def test_handing_in_asks_for_a_cell_in_the_same_transaction(hall: Hall) -> None:
    receipt = handed_in(hall)
    (key,) = hall.queued
    with hall.database.read() as session:
        run = session.scalars(select(Run)).one()
        assert (run.key, run.purpose, run.queue, run.submission_id) == (key, Purpose.CELL, "cpu", None)
    feedback = hall.sheet(receipt, staff=True).items[9].feedback
    assert feedback is not None
    assert (feedback.pending, feedback.share) == (True, None)
    assert (hall.sheet(receipt).score, hall.sheet(receipt).pending, hall.grade().status) == (None, 1, "pending")


def test_a_result_is_the_mark(hall: Hall) -> None:
    receipt = handed_in(hall)
    assert finish(hall, hall.queued[0], report(40))
    feedback = hall.sheet(receipt, staff=True).items[9].feedback
    assert feedback is not None
    assert (feedback.share, [text.en for text in feedback.said]) == (0.4, ["No."])
    assert hall.grade().score == 0.4


def test_a_worker_that_lost_its_run_writes_nothing(hall: Hall) -> None:
    handed_in(hall)
    assert not finish(hall, hall.queued[0], report(), fence=0)
    assert hall.grade().status == "pending"


def test_code_that_is_none_earns_nothing_and_a_fault_of_ours_is_no_mark(hall: Hall) -> None:
    receipt = handed_in(hall)
    with pytest.raises(ValueError, match="no mark"):
        finish(hall, hall.queued[0], report(status=Status.ERROR))
    assert finish(hall, hall.queued[0], report(status=Status.NOT_GRADABLE))
    assert hall.sheet(receipt).score == 0


def test_what_was_not_answered_costs_no_run(hall: Hall) -> None:
    hall.submit(hall.start())
    assert hall.queued == []


def test_the_task_of_a_worker_is_the_code_and_the_hidden_suite(hall: Hall, tmp_path: Path) -> None:
    handed_in(hall)
    with hall.write() as session:
        run = session.scalars(select(Run)).one()
        assignment, data = cells.task(session, run, tmp_path)
        again, _ = cells.task(session, run, tmp_path)
    assert again == assignment
    assert b"return z" in data
    assert assignment.reference is not None
    assert "test_values" in (assignment.reference / "hidden_tests" / "test_cell.py").read_text()
    assert not list(assignment.data.iterdir())  # of the key nothing is public
    with hall.write() as session:
        people.forget(session, hall.person(session, "mina"), actor="test")
        run = session.scalars(select(Run)).one()
        assert run.state is State.CANCELLED
        with pytest.raises(KeyError):
            cells.task(session, run, tmp_path)


def test_cells_wait_behind_submissions_and_in_rounds(hall: Hall) -> None:
    """One person's ten practices stand in nobody's way."""
    prepare(hall.database)
    jobs = Jobs(hall.database)
    hall.schedule(rules={"practice": "always"})
    order = []
    for name, count in (("mina", 3), ("juno", 1)):
        for number in range(count):
            receipt = hall.start(name, PRACTICE, str(number))
            with hall.write() as session:
                quizzes.check(
                    session, hall.attempt(session, receipt), 10, WRONG, revision=0, at=hall.now, enqueue=jobs.enqueue
                )
    with hall.database.read() as session:
        ids = {hall.person(session, name).id: name for name in ("mina", "juno")}
    waiting = jobs.waiting()
    order = [ids[one.person_id] for one in waiting]
    assert (order, {one.assignment_id for one in waiting}) == (["mina", "juno", "mina", "mina"], {None})
    assert jobs.place(waiting[1].key) == 2
    jobs.close()


@pytest.fixture
def yard(hall: Hall, tmp_path: Path) -> Iterator[Yard]:
    found = Yard(hall.database, tmp_path / "home", fresh=False)
    yield found
    found.close()


@pytest.mark.slow
@pytest.mark.skipif(lack is not None, reason=lack.text.en if lack else "")
def test_a_worker_marks_cells_and_ends_what_is_over(hall: Hall, yard: Yard) -> None:
    prepare(hall.database)
    right, wrong, left = hall.start("mina"), hall.start("juno"), hall.start("teacher")
    hall.save(right, 10, RIGHT)
    hall.save(wrong, 10, WRONG)
    hall.save(left, 10, RIGHT)
    hall.now += MINUTE
    with hall.write() as session:
        quizzes.submit(session, hall.attempt(session, right), at=hall.now, enqueue=yard.jobs.enqueue)
        quizzes.submit(session, hall.attempt(session, wrong), at=hall.now)  # found by the sweep
    yard.start(real=True, slack=120.0)
    yard.until(lambda: all(hall.sheet(one).score is not None for one in (right, wrong, left)), seconds=180)
    assert [hall.sheet(one).score for one in (right, wrong, left)] == [1, 0, 1]
    with hall.database.read() as session:
        assert {run.state for run in session.scalars(select(Run))} == {State.DONE}
        assert len(session.scalars(select(QuizCell)).all()) == 3
        assert hall.attempt(session, left).mode is GRADED


def test_the_queue_at_a_terminal_lists_cells(hall: Hall) -> None:
    prepare(hall.database)
    jobs = Jobs(hall.database)
    receipt = hall.start()
    hall.save(receipt, 10, WRONG)
    with hall.write() as session:
        quizzes.submit(session, hall.attempt(session, receipt), at=hall.now, enqueue=jobs.enqueue)
    (line,) = queue._look(hall.database, jobs, "dl", only_aside=False)["waiting"]
    assert (line["assignment"], line["email"], line["receipt"]) == ("week4-demo", "mina@example.com", receipt)
    jobs.close()


def test_what_the_queues_page_reads_is_there_for_cells(hall: Hall) -> None:
    receipt = handed_in(hall)
    with hall.database.read() as session:
        row = session.execute(whose(select(RECEIPT, WHAT, TITLE, Person.email, Course.key))).one()
    assert tuple(row) == (receipt, "week4-demo", {"ko": "예시", "en": "Examples"}, "mina@example.com", "dl")


def test_code_that_was_set_aside_goes_back_by_the_receipt_of_its_attempt(hall: Hall) -> None:
    receipt = handed_in(hall)
    prepare(hall.database)
    jobs = Jobs(hall.database)
    with hall.write() as session:
        run = session.scalars(select(Run)).one()
        jobs.enqueue(session, run)
        run.state = State.SET_ASIDE
    try:
        typed = " ".join(receipt[place : place + 5] for place in range(0, 26, 5)).lower()
        (chosen,) = queue._runs(hall.database, typed, "set_aside", "cancelled")
        assert jobs.requeue(chosen.key, "test")
        with pytest.raises(BadInput, match="Nothing was done"):
            queue._runs(hall.database, receipt, "set_aside", "cancelled")
        with hall.database.read() as session:
            assert session.scalars(select(Run.state)).one() is State.QUEUED
        plain = hall.start("juno")
        with pytest.raises(BadInput, match="no code"):
            queue._runs(hall.database, plain, "set_aside", "cancelled")
        with hall.write() as session:  # whose answer is gone can never be marked
            people.forget(session, hall.person(session, "mina"), actor="test")
        assert not jobs.requeue(chosen.key, "test")
    finally:
        jobs.close()


def test_code_of_a_correction_that_was_dropped_does_not_come_back(hall: Hall) -> None:
    handed_in(hall)
    finish(hall, hall.queued[0], report(40))
    hall.publish({"-1.0, 2.0": "-3.0, 4.0", "[0.0, 2.0], name": "[0.0, 4.0], name"})
    with hall.write() as session:
        batch = quizzes.remark(session, hall.quiz(session), actor="test", enqueue=hall.enqueue, at=hall.now)
    with hall.write() as session:
        quizzes.discard(session, batch, actor="test")
        run = session.scalars(select(Run).filter_by(key=hall.queued[1])).one()
        assert run.state is State.CANCELLED
        assert not cells.wanted(session, run)
