"""Quizzes in the kept gradebook: never old, whatever changes, by whomever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from course.quizzes.hall import DAY, GRADED, HOUR, PRACTICE, Hall
from sqlalchemy import event, select, text

from grader.course import book as books
from grader.course import people, quizzes
from grader.course.book import Book
from grader.course.quizzes import grading
from grader.quiz.question import Kind
from grader.store.changes import Changed
from grader.store.database import Database
from grader.store.models import Group
from grader.store.quizzes import QuizAttempt, QuizItem
from webapp.staff import sheet as sheets

OTHER_KEY = {'key = "line"': 'key = "data"', "feedback.data": "feedback.line"}


@pytest.fixture
def reader(hall: Hall) -> Iterator[Database]:
    """Another process's look at the store: nothing in it hears of what `hall` does."""
    found = Database(hall.database.url)
    yield found
    found.close()


@pytest.fixture
def filled(hall: Hall) -> Hall:
    hall.sat("mina")
    hall.start("juno")
    return hall


def look(reader: Database) -> Book:
    with reader.read() as session:
        return books.book(session, people.the_course(session))


def must_be_right(reader: Database) -> Book:
    """The kept book says what is computed from nothing."""
    kept = look(reader)
    with reader.read() as session:
        course = people.the_course(session)
        fresh = [(member.person_id, found) for member, found in quizzes.grades(session, course)]
        listed = [(one.id, one.key, one.weight, one.max_score) for one in grading.quizzes(session, course)]
    assert [(id, kept.quizzes.of(id)) for id in kept.people] == fresh
    assert [(one.id, one.key, one.weight, one.max_score) for one in kept.quizzes.columns] == listed
    return kept


def change(what: Callable[[Hall, Any], Any]) -> Callable[[Hall], None]:
    def do(hall: Hall) -> None:
        with hall.write() as session:
            what(hall, session)

    return do


def _remark(hall: Hall) -> None:
    hall.publish(OTHER_KEY)
    with hall.write() as session:
        batch = quizzes.remark(session, hall.quiz(session), actor="test", at=hall.now)
        shown = quizzes.word_for(quizzes.compare(session, batch))
        assert quizzes.commit(session, batch, actor="test", shown=shown, at=hall.now)


def _extend_group(hall: Hall, session: Any) -> None:
    group = session.scalars(select(Group)).one()
    quizzes.extend(session, hall.quiz(session), group, due=hall.now + DAY, reason="ill", actor="test")


def _item(hall: Hall, session: Any) -> None:
    mina = hall.person(session, "mina")
    attempt = session.scalars(select(QuizAttempt).filter_by(person_id=mina.id, number=1)).one()
    quizzes.override(
        session, hall.quiz(session), mina, 0.5, "fair", attempt=attempt, position=1, actor="test", at=hall.now
    )


def _submit(hall: Hall) -> None:
    with hall.database.read() as session:
        juno = hall.person(session, "juno")
        receipt = session.scalars(select(QuizAttempt.receipt).filter_by(person_id=juno.id)).one()
    hall.answer(receipt, wrong=(Kind.TEXT,))
    hall.submit(receipt)


CHANGES: dict[str, Callable[[Hall], Any]] = {
    "a start": lambda hall: hall.start("mina", token="again"),
    "an attempt that is handed in": _submit,
    "a key correction": _remark,
    "an extension": change(
        lambda hall, session: quizzes.extend(
            *(session, hall.quiz(session), hall.person(session, "mina")),
            due=hall.now + DAY,
            reason="ill",
            actor="test",
        )
    ),
    "an extension of a group": change(_extend_group),
    "a rule": lambda hall: hall.schedule(rules={"counts": "last"}),
    "a due date": lambda hall: hall.schedule(rules={"late": "percent"}, opens=hall.now - DAY, due=hall.now - HOUR),
    "a weight": lambda hall: hall.schedule(weight=3.0),
    "points of the whole": change(
        lambda hall, session: quizzes.override(
            *(session, hall.quiz(session), hall.person(session, "juno"), 7.0, "an oral exam"), actor="test", at=hall.now
        )
    ),
    "points of a question": change(_item),
    "a version": lambda hall: hall.publish(OTHER_KEY),
    "somebody forgotten": change(lambda hall, session: people.forget(session, hall.person(session, "juno"), actor="t")),
    "no grades any more": lambda hall: hall.schedule(rules={"graded": False}),
    "a mark of a cell": change(
        lambda hall, session: session.execute(text("UPDATE quiz_item SET share = 0.5 WHERE share = 1"))
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_any_kind_is_seen_at_once(filled: Hall, reader: Database, name: str) -> None:
    before = must_be_right(reader)
    assert look(reader) is before, "it was not kept"
    CHANGES[name](filled)
    assert must_be_right(reader) is not before


def test_all_changes_one_after_the_other(filled: Hall, reader: Database) -> None:
    for each in CHANGES.values():
        each(filled)
        must_be_right(reader)
    assert look(reader) is look(reader)


def test_what_is_in_no_grade_computes_nothing(filled: Hall, reader: Database) -> None:
    """Answers while an attempt runs, and practice."""
    with filled.write() as session:
        quiz, mina = filled.quiz(session), filled.person(session, "mina")
        quizzes.schedule(session, quiz, rules={"practice": "always"}, actor="test")
        juno = filled.person(session, "juno").id
        receipt = session.scalars(select(QuizAttempt.receipt).filter_by(person_id=juno, mode=GRADED)).one()
    before = must_be_right(reader)
    with filled.write() as session:
        last = session.scalars(select(Changed.number).order_by(Changed.number.desc()).limit(1)).one()
        attempt = filled.attempt(session, receipt)
        for item in session.scalars(select(QuizItem).filter_by(attempt_id=attempt.id, kind="text")):
            quizzes.save(session, attempt, item.position, "은닉층", revision=0, at=filled.now)
        quizzes.start(session, quiz, mina, PRACTICE, token="p", at=filled.now)
        session.flush()
        assert session.scalars(select(Changed).where(Changed.number > last)).all() == []
    assert look(reader) is before


def test_only_who_changed_is_computed(filled: Hall, reader: Database) -> None:
    before = must_be_right(reader)
    _submit(filled)
    after = must_be_right(reader)
    (column,) = after.quizzes.columns
    juno = next(one.person_id for one in after.people.values() if one.name == "Juno")
    stamps = after.quizzes.stamps[column.id], before.quizzes.stamps[column.id]
    assert [id for id in after.people if stamps[0][id] != stamps[1][id]] == [juno]
    asked: list[str] = []
    event.listen(reader.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
    look(reader)
    assert not [one for one in asked if "quiz_item" in one]


def test_a_quiz_counts_in_the_total_by_its_weight(filled: Hall, reader: Database) -> None:
    with reader.read() as session:
        found = sheets.sheet(session, people.the_course(session), sheets.Wish(sort="quiz:week4-demo", down=True))
    assert [(one.sort, one.graded, one.mean) for one in found.columns] == [("quiz:week4-demo", 1, 0.9)]
    assert [(one.name, one.total) for one in found.rows] == [("Mina", 0.9), ("Juno", None)]
