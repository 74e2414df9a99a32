"""A wrong key is mended in the open: who changes, by how much, and only when somebody says so."""

from __future__ import annotations

import pytest
from course.quizzes.hall import HOUR, Hall
from sqlalchemy import select

from grader.course import people, quizzes
from grader.errors import BadInput
from grader.quiz.question import Kind
from grader.store import audit
from grader.store.models import Audit
from grader.store.quizzes import QuizItem, QuizMark

OTHER_KEY = {'key = "line"': 'key = "data"', "feedback.data": "feedback.line"}
BOTH = {'key = "line"': 'key = ["line", "data"]'}


def remark(hall: Hall) -> str:
    with hall.write() as session:
        teacher = hall.person(session, "teacher")
        return quizzes.remark(session, hall.quiz(session), actor=teacher, enqueue=hall.enqueue, at=hall.now)


def changes(hall: Hall, batch: str) -> list[tuple[str, float, float]]:
    with hall.database.read() as session:
        found = quizzes.compare(session, batch)
        return [(one.person.email.split("@")[0], one.before.score, one.after.score) for one in found]


def commit(hall: Hall, batch: str) -> list[quizzes.Change]:
    with hall.write() as session:
        shown = quizzes.word_for(quizzes.compare(session, batch))
        return quizzes.commit(session, batch, actor=hall.person(session, "teacher"), shown=shown, at=hall.now)


def test_a_shadow_changes_nobody_until_it_is_committed(hall: Hall) -> None:
    hall.sat("mina")
    hall.sat("juno", wrong=(Kind.CHOICE,))
    hall.publish(OTHER_KEY)
    batch = remark(hall)
    assert changes(hall, batch) == [("juno", 8, 9), ("mina", 9, 8)]
    assert (hall.grade("mina").score, hall.grade("juno").score) == (9, 8)
    ((item, *_), _) = (one.items for one in commit(hall, batch))
    assert (item.question, item.before, item.after) == ("demo-choice", 0, 1)
    assert (hall.grade("mina").score, hall.grade("juno").score) == (8, 9)
    assert commit(hall, batch) == []
    with hall.database.read() as session:
        line = session.scalars(select(Audit).where(Audit.action == "commit.quiz_remark")).one()
        assert sorted(line.data["changed"].values()) == [[8, 9], [9, 8]]
        assert audit.broken(session) is None
        kept = session.scalars(select(QuizMark.share).filter_by(attempt_id=1, position=1).order_by(QuizMark.id)).all()
        assert kept == [1, 0]  # what was marked first is still there


def test_an_older_correction_does_not_undo_a_newer_one(hall: Hall) -> None:
    hall.sat("juno", wrong=(Kind.CHOICE,))
    hall.publish(OTHER_KEY)
    older = remark(hall)
    hall.publish({'key = "line"': 'key = "data"', "s*(1 - s)": "s*(1 - s)"})
    hall.now += HOUR
    commit(hall, remark(hall))
    score = hall.grade("juno").score
    hall.now += HOUR
    with pytest.raises(BadInput, match="Another correction"):
        commit(hall, older)
    assert hall.grade("juno").score == score


def test_who_looks_afterwards_is_told_by_the_new_key(hall: Hall) -> None:
    receipt = hall.sat()
    hall.publish(OTHER_KEY)
    commit(hall, remark(hall))
    feedback = hall.sheet(receipt, staff=True).items[0].feedback
    assert feedback is not None
    assert feedback.right is not None
    assert (feedback.share, feedback.right.en) == (0, "It has only four examples")


def test_two_answers_can_be_right(hall: Hall) -> None:
    hall.sat("mina")
    hall.sat("juno", wrong=(Kind.CHOICE,))
    hall.publish(BOTH)
    batch = remark(hall)
    assert changes(hall, batch) == [("juno", 8, 9)]
    commit(hall, batch)


def test_a_mended_generator_marks_what_was_shown(hall: Hall) -> None:
    hall.sat()
    hall.publish({'"answer": d * h + h': '"answer": d * h', '"unbiased": d * h': '"unbiased": d * h + h'})
    batch = remark(hall)
    assert changes(hall, batch) == [("mina", 9, 8)]
    (change,) = commit(hall, batch)
    assert [(one.question, one.after) for one in change.items] == [("demo-number", 0)]


def test_other_numbers_or_other_options_are_left_as_they_are(hall: Hall) -> None:
    hall.sat()
    other = {"rng.randint(3, 40), rng.randint(5, 60)": "rng.randint(300, 400), rng.randint(5, 60)"}
    hall.publish({**other, 'id = "relu", ko = "ReLU"': 'id = "elu", ko = "ELU"', "feedback.relu": "feedback.elu"})
    batch = remark(hall)
    with hall.database.read() as session:
        assert quizzes.progress(session, batch).skipped == {"demo-number": 1, "demo-multiple": 1}
    assert changes(hall, batch) == []
    commit(hall, batch)
    assert hall.grade().score == 9


def test_nothing_to_mark_again(hall: Hall) -> None:
    hall.sat()
    with pytest.raises(BadInput, match="nothing to mark again"):
        remark(hall)


def test_what_was_dropped_never_counts(hall: Hall) -> None:
    hall.sat()
    hall.publish(OTHER_KEY)
    batch = remark(hall)
    with hall.write() as session:
        quizzes.discard(session, batch, actor="test")
    with pytest.raises(BadInput, match="dropped"):
        commit(hall, batch)
    assert hall.grade().score == 9
    committed = remark(hall)
    commit(hall, committed)
    with pytest.raises(BadInput, match="counts already"), hall.write() as session:
        quizzes.discard(session, committed, actor="test")


def test_a_correction_waits_for_its_cells(hall: Hall) -> None:
    receipt = hall.start()
    hall.save(receipt, 10, "def relu(z): return z")
    hall.submit(receipt)
    with hall.write() as session:  # as a worker does
        item = session.scalars(select(QuizItem).filter_by(position=10)).one()
        item.share, item.said = 0.5, []
    hall.publish({"-1.0, 2.0": "-3.0, 4.0", "[0.0, 2.0], name": "[0.0, 4.0], name"})
    batch = remark(hall)
    assert len(hall.queued) == 2
    with pytest.raises(BadInput, match="1 answers are still being marked"):
        commit(hall, batch)


def test_a_running_attempt_is_marked_by_the_key_that_was_mended_meanwhile(hall: Hall) -> None:
    hall.sat("juno")
    receipt = hall.start("mina")
    hall.save(receipt, 1, hall.right(receipt, 1))
    hall.publish(OTHER_KEY)
    commit(hall, remark(hall))
    assert hall.sheet(receipt).open
    hall.submit(receipt)
    assert hall.sheet(receipt).score == 0
    with pytest.raises(BadInput):  # nobody has to look again
        remark(hall)


def test_the_forgotten_keep_their_points_and_nothing_else(hall: Hall) -> None:
    receipt = hall.sat("mina")
    running = hall.start("mina", token="two")
    hall.save(running, 4, "my name is Mina")
    hall.save(running, 10, "name = 'Mina'")
    hall.sat("juno")
    with hall.write() as session:
        person = hall.person(session, "mina")
        quizzes.extend(session, hall.quiz(session), person, due=None, reason="Mina is ill", actor="test")
        people.forget(session, person, actor="test")
    with hall.database.read() as session:
        rows = session.scalars(select(QuizItem).where(QuizItem.attempt_id == hall.attempt(session, receipt).id)).all()
        assert {row.answer for row in rows} == {None}
        assert sum(row.share or 0 for row in rows) == 9
        assert quizzes.extensions(session, hall.quiz(session))[0].reason == ""
        texts = session.scalars(select(QuizItem.answer).where(QuizItem.attempt_id == hall.attempt(session, running).id))
        assert set(texts) == {None}
        assert hall.attempt(session, running).submitted_at is not None
    hall.publish(OTHER_KEY)
    assert changes(hall, remark(hall)) == [("juno", 9, 8)]
