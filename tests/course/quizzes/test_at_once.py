"""Attempts that end at the moment of a key correction: nobody waits in a circle, and all are marked by the new key."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from course.quizzes.hall import HOUR, MINUTE, Hall
from course.quizzes.test_remarking import OTHER_KEY, commit, remark
from sqlalchemy import select, text

from grader.course import quizzes
from grader.course.quizzes import attempts
from grader.jobs import slot
from grader.store.quizzes import QuizAttempt

pytestmark = pytest.mark.parametrize("backend", [pytest.param("postgres", marks=pytest.mark.slow)], indirect=True)
WAITS_S = 20


def somebody_waits(hall: Hall) -> bool:
    """Whether a transaction waits for another one, within a while."""
    deadline = time.monotonic() + WAITS_S
    while time.monotonic() < deadline:
        with hall.database.read() as session:
            if session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return True
        time.sleep(0.01)
    return False


def test_attempts_that_end_as_a_correction_is_committed(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.sat("teacher")
    receipts = [hall.start("mina"), hall.start("juno")]
    for receipt in receipts:
        hall.answer(receipt)
    with hall.write() as session:  # Juno's, which began later, ends first
        mina, juno = (hall.attempt(session, receipt) for receipt in receipts)
        mina.deadline, juno.deadline = hall.now + 20 * MINUTE, hall.now + 10 * MINUTE
    hall.publish(OTHER_KEY)
    batch = remark(hall)
    hall.now += HOUR
    ends, begun, go = attempts._end, threading.Event(), threading.Event()

    def slowly(*more: Any) -> None:
        ends(*more)
        begun.set()
        assert go.wait(WAITS_S)

    faults: list[BaseException] = []

    def guarded(do: Any, *more: Any) -> None:
        try:
            do(*more)
        except BaseException as error:  # noqa: BLE001 - a thread's fault is the test's
            faults.append(error)

    monkeypatch.setattr(attempts, "_end", slowly)
    worker = threading.Thread(target=guarded, args=(slot.chores, hall.database, hall.enqueue))
    teacher = threading.Thread(target=guarded, args=(commit, hall, batch))
    worker.start()
    assert begun.wait(WAITS_S)  # it holds one of the two
    teacher.start()
    assert somebody_waits(hall)  # who corrects holds the other one, and waits for the worker
    go.set()
    for thread in (worker, teacher):
        thread.join(WAITS_S)
    assert [type(one) for one in faults if not isinstance(one, quizzes.NotShown)] == []
    if faults:  # who ended meanwhile was not in what was shown: the teacher looks again
        hall.now += MINUTE
        with hall.write() as session:
            quizzes.catch_up(session, batch, enqueue=hall.enqueue, at=hall.now)
        commit(hall, batch)
    slot.chores(hall.database, hall.enqueue)
    with hall.database.read() as session:
        assert session.scalars(select(QuizAttempt.id).where(QuizAttempt.submitted_at.is_(None))).all() == []
    assert {hall.grade(name).score for name in ("mina", "juno", "teacher")} == {8}
