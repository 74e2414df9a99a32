"""Questions are posed before anybody holds the store's lock for writing."""

from __future__ import annotations

from typing import Any

import pytest
from course.quizzes.hall import GRADED, PRACTICE, Hall
from sqlalchemy import select

from grader.course import quizzes
from grader.course.quizzes import Prepared, posing, shelf
from grader.quiz import variant
from grader.store.quizzes import QuizItem, QuizMode


def prepared(hall: Hall, name: str, mode: QuizMode = GRADED) -> Prepared | None:
    with hall.database.read() as session:
        return quizzes.prepare(session, hall.quiz(session), hall.person(session, name), mode)


def start(hall: Hall, name: str, token: str, before: Prepared | None, mode: QuizMode = GRADED) -> str:
    with hall.write() as session:
        who, quiz = hall.person(session, name), hall.quiz(session)
        return quizzes.start(session, quiz, who, mode, token=token, prepared=before, at=hall.now).receipt


def seeds(hall: Hall, receipt: str) -> list[str]:
    with hall.database.read() as session:
        query = select(QuizItem.seed).filter_by(attempt_id=hall.attempt(session, receipt).id)
        return list(session.scalars(query.order_by(QuizItem.position)))


def test_what_was_prepared_is_what_starts(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    assert prepared(hall, "juno") is None  # there is no secret before the first attempt
    hall.start("mina")
    before = prepared(hall, "juno")
    assert before is not None
    asked: list[Any] = []
    monkeypatch.setattr(posing, "posed", lambda *words: asked.append(words))
    receipt = start(hall, "juno", "t", before)
    assert not asked
    assert receipt == before.receipt
    assert len(hall.sheet(receipt).items) == 10
    assert prepared(hall, "juno") is None  # which goes on with the one that runs


def test_the_questions_are_the_same_with_and_without(hall: Hall) -> None:
    hall.start("mina")
    before = prepared(hall, "juno")
    assert before is not None
    assert [one.seed for one in before.items] == seeds(hall, start(hall, "juno", "t", None))


def test_what_changed_meanwhile_is_posed_anew(hall: Hall) -> None:
    hall.start("mina")
    before = prepared(hall, "juno")
    assert before is not None
    hall.schedule(rules={"questions": 3})
    receipt = start(hall, "juno", "t", before)
    assert receipt != before.receipt
    assert len(hall.sheet(receipt).items) == 3
    hall.submit(receipt)
    assert start(hall, "juno", "u", before) != before.receipt  # the second attempt is another one


def test_practice_has_other_questions_each_time(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    hall.start("mina")
    hall.submit(hall.start("mina"))
    first = start(hall, "juno", "a", prepared(hall, "juno", PRACTICE), PRACTICE)
    second = start(hall, "juno", "b", prepared(hall, "juno", PRACTICE), PRACTICE)
    assert seeds(hall, first) != seeds(hall, second)


def test_warming_runs_every_generator_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.publish({'key = "line"': 'key = "data"', "feedback.data": "feedback.line"})
    asked: list[str] = []
    real = variant.pose
    monkeypatch.setattr(variant, "pose", lambda question, *rest: (asked.append(question.id), real(question, *rest))[1])
    with hall.database.read() as session:
        assert quizzes.warm(session) == 1
        assert quizzes.warm(session) == 1
    assert len(asked) == len(set(asked)) == 10
    assert shelf.warm is quizzes.warm
