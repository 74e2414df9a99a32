"""Points by hand: of the whole quiz or of one question, with a reason, and taken back again."""

from __future__ import annotations

from typing import Any

import pytest
from course.quizzes.hall import HOUR, PRACTICE, Hall
from course.quizzes.test_remarking import BOTH, OTHER_KEY, changes, commit, remark
from sqlalchemy import select

from grader.course import people, quizzes
from grader.errors import BadInput
from grader.quiz.question import Kind
from grader.store import audit
from grader.store.models import Audit
from grader.store.quizzes import QuizOverride


def decide(hall: Hall, points: float | None, name: str = "mina", reason: str = "an oral exam", **more: Any) -> None:
    receipt = more.pop("receipt", None)
    with hall.write() as session:
        more |= {} if receipt is None else {"attempt": hall.attempt(session, receipt)}
        teacher = hall.person(session, "teacher")
        quiz, person = hall.quiz(session), hall.person(session, name)
        quizzes.override(session, quiz, person, points, reason, actor=teacher, at=hall.now, **more)


def test_the_whole_counts_until_it_is_taken_back(hall: Hall) -> None:
    hall.sat()
    decide(hall, 4.5)
    assert (hall.grade().score, hall.grade().raw, hall.grade().overridden) == (4.5, 9, True)
    decide(hall, 10)
    decide(hall, None, reason="a mistake")
    assert (hall.grade().score, hall.grade().overridden) == (9, False)
    with hall.database.read() as session:
        lines = session.scalars(select(Audit).where(Audit.action.endswith(".quiz_override"))).all()
        assert [(one.action, one.data["points"]) for one in lines] == [
            ("set.quiz_override", 4.5), ("set.quiz_override", 10), ("clear.quiz_override", None)
        ]  # fmt: skip
        assert audit.broken(session) is None
        rows = quizzes.overrides(session, hall.quiz(session), hall.person(session, "mina"))
        assert [one.reason for one in rows] == ["an oral exam", "an oral exam", "a mistake"]


def test_who_never_sat_can_be_given_points(hall: Hall) -> None:
    decide(hall, 3, "juno")
    assert (hall.grade("juno").status, hall.grade("juno").score, hall.grade("juno").max_score) == ("graded", 3, 10)


def test_the_points_of_one_question_are_everywhere(hall: Hall) -> None:
    receipt = hall.sat(wrong=(Kind.CHOICE,))
    position = hall.position(receipt, Kind.CHOICE)
    decide(hall, 0.75, receipt=receipt, position=position)
    assert (hall.grade().score, hall.grade().overridden) == (8.75, True)
    sheet = hall.sheet(receipt, staff=True)
    feedback = sheet.items[position - 1].feedback
    assert sheet.score == 8.75
    assert feedback is not None
    assert feedback.share == 0.75
    with hall.database.read() as session:
        (standing,) = quizzes.mine(session, hall.course(session), hall.person(session, "mina"), at=hall.now)
    assert (standing.grade.score, standing.sittings[0].score) == (8.75, 8.75)
    decide(hall, None, receipt=receipt, position=position)
    assert hall.grade().score == 8


def test_a_cell_that_waits_can_be_decided(hall: Hall) -> None:
    receipt = hall.sat(skip=())
    assert hall.grade().status == "pending"
    decide(hall, 1, receipt=receipt, position=hall.position(receipt, Kind.CELL))
    assert (hall.grade().status, hall.grade().score, hall.sheet(receipt).pending) == ("graded", 10, 0)


def test_what_was_decided_outlasts_a_key_correction(hall: Hall) -> None:
    receipt = hall.sat()
    decide(hall, 0.5, receipt=receipt, position=hall.position(receipt, Kind.CHOICE))
    hall.publish(OTHER_KEY)
    assert commit(hall, remark(hall)) == []
    assert hall.grade().score == 8.5


@pytest.mark.parametrize(
    ("points", "more"),
    [
        (-1, {}),
        (10.5, {}),
        (float("nan"), {}),
        (1, {"reason": " "}),
        (2, {"position": 1, "receipt": True}),
        (1, {"position": 99, "receipt": True}),
        (1, {"position": 1}),
        (1, {"receipt": True}),
        (1, {"name": "juno", "position": 1, "receipt": True}),
    ],
)
def test_points_that_there_are_not(hall: Hall, points: float, more: dict[str, Any]) -> None:
    receipt = hall.sat()
    if more.get("receipt"):
        more = {**more, "receipt": receipt}
    with pytest.raises(BadInput):
        decide(hall, points, **more)
    assert hall.grade().score == 9


def test_an_attempt_that_runs_or_is_practice_has_no_points_yet(hall: Hall) -> None:
    running = hall.start("mina")
    with pytest.raises(BadInput):
        decide(hall, 1, receipt=running, position=1)
    hall.submit(running)
    hall.now += 2 * HOUR
    with pytest.raises(BadInput):
        decide(hall, 1, receipt=hall.start("mina", PRACTICE), position=1)
    hall.schedule(rules={"graded": False})
    with pytest.raises(BadInput):
        decide(hall, 1)


def test_the_words_about_a_forgotten_person_go_and_the_points_stay(hall: Hall) -> None:
    hall.sat()
    decide(hall, 4)
    with hall.write() as session:
        people.forget(session, hall.person(session, "mina"), actor="test")
    with hall.database.read() as session:
        row = session.scalars(select(QuizOverride)).one()
        assert (row.reason, row.points) == ("", 4)


# ------------------------------------------------------------------------ corrections while somebody sits


def test_who_sat_while_a_key_was_corrected_is_marked_by_the_new_one(hall: Hall) -> None:
    hall.sat("mina")
    running = hall.start("juno")
    hall.publish(BOTH)
    commit(hall, remark(hall))
    hall.answer(running, wrong=(Kind.CHOICE,))
    hall.submit(running)
    assert hall.grade("juno").score == 9
    with pytest.raises(BadInput, match=r"nothing to mark|없습니다"):
        remark(hall)


def test_who_handed_in_between_the_trial_and_the_commit_is_shown_before_it_counts(hall: Hall) -> None:
    hall.sat("mina")
    running = hall.start("juno")
    hall.answer(running, wrong=(Kind.CHOICE,))
    hall.publish(BOTH)
    batch = remark(hall)
    assert changes(hall, batch) == []
    hall.submit(running)
    with pytest.raises(quizzes.NotShown, match="New, having handed in since: Juno"):
        commit(hall, batch)
    assert hall.grade("juno").score == 8  # nothing happened
    with hall.write() as session:
        assert quizzes.catch_up(session, batch, at=hall.now) > 0
        assert quizzes.catch_up(session, batch, at=hall.now) == 0
    assert changes(hall, batch) == [("juno", 8, 9)]
    commit(hall, batch)
    assert hall.grade("juno").score == 9


def test_points_that_were_changed_by_hand_meanwhile_are_shown_before_it_counts(hall: Hall) -> None:
    hall.sat("juno", wrong=(Kind.CHOICE,))
    hall.publish(BOTH)
    batch = remark(hall)
    with hall.database.read() as session:
        shown = quizzes.word_for(quizzes.compare(session, batch))
    with hall.write() as session:
        juno = hall.person(session, "juno")
        quizzes.override(session, hall.quiz(session), juno, 3, "oral", actor="test", at=hall.now)
    with pytest.raises(quizzes.NotShown, match="changed meanwhile"), hall.write() as session:
        quizzes.commit(session, batch, actor="test", shown=shown, at=hall.now)


def test_code_that_was_handed_in_since_is_marked_before_it_counts(hall: Hall) -> None:
    hall.sat("mina")
    running = hall.start("juno")
    hall.answer(running, wrong=(Kind.CHOICE,), skip=())
    hall.publish(BOTH)
    batch = remark(hall)
    hall.submit(running)
    with pytest.raises(quizzes.NotShown, match="still being marked"):
        commit(hall, batch)
    with hall.write() as session:
        quizzes.catch_up(session, batch, enqueue=hall.enqueue, at=hall.now)
    assert len(hall.queued) == 2  # its cell, by either key


def test_a_correction_before_somebody_begins_is_nothing_to_them(hall: Hall) -> None:
    hall.sat("mina")
    hall.publish(BOTH)
    commit(hall, remark(hall))
    hall.now += HOUR / 4
    hall.publish(OTHER_KEY)
    receipt = hall.sat("juno")
    assert {item.feedback.share for item in hall.sheet(receipt, staff=True).items if item.feedback} <= {0.0, 1.0}
    assert hall.grade("juno").score == 9 - 1  # by the key of the version that was begun
