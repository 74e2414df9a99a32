"""What people decide is kept with who, when and why, and nothing impossible is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from course.world import DAY, NOON, World
from sqlalchemy import select

from grader.course import decisions, grades, people
from grader.course.submissions import Received, Refused
from grader.errors import BadInput
from grader.store import audit
from grader.store.models import Audit, Decision, Extension, Override, RegradeRequest, Submission


def points(world: World, name: str) -> float:
    with world.database.read() as session:
        course, person = world.course(session), world.person(session, name)
        ((_, row),) = grades.of_course(session, course, people=[person.id])
        return row["doubling"].score


def override(world: World, points: float | None, *, on: Received | None = None, **more: Any) -> Override:
    with world.write() as session:
        submission = None if on is None else session.get_one(Submission, on.submission.id)
        return decisions.set_override(
            session,
            world.assignment(session),
            world.person(session, "mina"),
            points,
            **{"reason": "spoke to her", "actor": world.person(session, "teacher"), "submission": submission, **more},
        )


def extend(world: World, whom: str = "mina", **more: Any) -> Extension:
    with world.write() as session:
        course = world.course(session)
        one = people.the_group(session, course, whom) if whom.startswith("g") else world.person(session, whom)
        return decisions.grant_extension(
            session, world.assignment(session), one, **{"reason": "ill", "actor": "test", **more}
        )


def last_line(world: World) -> Audit:
    with world.database.read() as session:
        assert audit.broken(session) is None
        return session.scalars(select(Audit).order_by(Audit.number.desc()).limit(1)).one()


# overrides


def test_points_of_the_whole_and_of_a_check_and_taken_back(world: World) -> None:
    received = world.graded("mina", b"a", 60, 0)
    override(world, 25, on=received, check="double.zero")
    assert points(world, "mina") == 85
    override(world, 99)
    assert points(world, "mina") == 99
    override(world, None)
    assert points(world, "mina") == 85
    override(world, None, on=received, check="double.zero")
    assert points(world, "mina") == 60


def test_a_decision_is_audited_without_its_words(world: World) -> None:
    row = override(world, 50)
    line = last_line(world)
    assert (line.action, line.subject) == ("set.override", f"override:{row.id}")
    assert line.data == {
        "assignment": row.assignment_id,
        "person": row.person_id,
        "submission": None,
        "check": None,
        "points": 50,
    }
    assert line.actor == f"person:{row.author_id}"


@pytest.mark.parametrize("wrong", [-1, 100.5, float("nan"), float("inf")])
def test_points_that_there_are_not_cannot_be_given(world: World, wrong: float) -> None:
    received = world.graded("mina", b"a", 60, 0)
    with pytest.raises(BadInput, match="0 to 100"):
        override(world, wrong)
    with pytest.raises(BadInput, match="0 to 40"):
        override(world, wrong, on=received, check="double.zero")


def test_a_check_needs_a_submission_that_has_it(world: World) -> None:
    received, other = world.graded("mina", b"a", 60, 0), world.graded("juno", b"b", 60, 0)
    for more in ({"check": "double.zero"}, {"on": received}, {"on": other, "check": "double.zero"}):
        with pytest.raises(BadInput):
            override(world, 1, **more)
    with pytest.raises(BadInput, match=r"Known: double\.values, double\.zero"):
        override(world, 1, on=received, check="double.zeros")


@pytest.mark.parametrize("reason", ["", " \n", "x" * 2001])
def test_a_decision_needs_a_reason(world: World, reason: str) -> None:
    with pytest.raises(BadInput):
        override(world, 1, reason=reason)
    with pytest.raises(BadInput):
        extend(world, attempts=1, reason=reason)


def test_who_is_not_in_the_course_gets_nothing(world: World) -> None:
    with world.write() as session:
        people.create_course(session, "ml", world.doubling.title, actor="test")
        other = people.add_person(session, people.the_course(session, "ml"), "eve@b.de", "Eve", actor="test").person
        assignment = people.assignment(session, people.the_course(session, "dl"), "doubling")
        with pytest.raises(BadInput, match="not in the course"):
            decisions.set_override(session, assignment, other, 1, "r", actor="test")
        with pytest.raises(BadInput, match="not in the course"):
            decisions.grant_extension(session, assignment, other, attempts=1, reason="r", actor="test")


# extensions


def test_more_time_opens_the_door_again(world: World) -> None:
    world.publish(due=NOON, closes=NOON)
    with pytest.raises(Refused):
        world.submit("mina", b"a", at=NOON + DAY)
    extend(world, due=NOON + 2 * DAY)
    world.submit("mina", b"a", at=NOON + DAY)
    with pytest.raises(Refused):
        world.submit("juno", b"a", at=NOON + DAY)


def test_a_group_gets_more_time_together(world: World) -> None:
    world.publish(due=NOON, closes=NOON)
    with world.write() as session:
        course = world.course(session)
        people.add_person(session, course, "juno@example.com", "Juno", group="g1", actor="test")
    extend(world, "g1", closes=NOON + DAY)
    world.submit("juno", b"a", at=NOON + DAY)
    with pytest.raises(Refused):
        world.submit("mina", b"a", at=NOON + DAY)


def test_what_is_not_said_stays_as_it_was_extended_before(world: World) -> None:
    extend(world, due=NOON + DAY)
    extend(world, attempts=2)
    row = extend(world, closes=NOON + 2 * DAY)
    assert (row.due, row.closes, row.attempts) == (NOON + DAY, NOON + 2 * DAY, 2)
    row = extend(world, due=None, attempts=0)
    assert (row.due, row.closes, row.attempts) == (None, NOON + 2 * DAY, 0)
    line = last_line(world)
    assert (line.action, line.data["attempts"], line.data["due"]) == ("grant.extension", 0, None)


def test_more_attempts_are_more_attempts(world: World) -> None:
    world.publish(policy={"attempts": 1})
    world.submit("mina", b"a")
    extend(world, attempts=1)
    world.submit("mina", b"b")
    with pytest.raises(Refused):
        world.submit("mina", b"c")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"attempts": -1},
        {"attempts": 10_000},
        {"due": datetime(2026, 3, 2)},
        {"due": NOON + DAY, "closes": NOON},
    ],
)
def test_an_extension_that_makes_no_sense_is_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        extend(world, **wrong)


# comments and requests


def test_comments_stand_in_order_at_their_cells(world: World) -> None:
    received = world.submit("mina", b"a")
    with world.write() as session:
        submission = session.get_one(Submission, received.submission.id)
        for words, cell in (("good\0", None), ("why?", 3)):
            decisions.comment(session, submission, words, cell=cell, actor=world.person(session, "teacher"))
        for words, cell in ((" ", 1), ("x", -1), ("x" * 10_001, None)):
            with pytest.raises(BadInput):
                decisions.comment(session, submission, words, cell=cell, actor="test")
        assert [(one.text, one.cell) for one in decisions.comments(session, submission)] == [
            ("good", None),
            ("why?", 3),
        ]
    assert "why" not in str(last_line(world).data)


def test_a_request_is_opened_once_and_answered_once(world: World) -> None:
    received = world.graded("mina", b"a", 60, 0)
    with world.write() as session:
        submission, mina = session.get_one(Submission, received.submission.id), world.person(session, "mina")
        request = decisions.open_request(session, submission, mina, "it is right")
        with pytest.raises(BadInput, match="already"):
            decisions.open_request(session, submission, mina, "it is right")
        with pytest.raises(BadInput, match="your own"):
            decisions.open_request(session, submission, world.person(session, "juno"), "me too")
        assert list(decisions.open_requests(session, world.course(session))) == [request]
    with world.write() as session:
        teacher = world.person(session, "teacher")
        decisions.decline(session, session.get_one(RegradeRequest, request.id), "it is not", actor=teacher)
        with pytest.raises(BadInput, match="already"):
            decisions.accept(session, session.get_one(RegradeRequest, request.id), "yes", actor=teacher)
    with world.write() as session:
        row = session.get_one(RegradeRequest, request.id)
        assert (row.decision, row.answer, row.decided_by) == (Decision.DECLINED, "it is not", teacher.id)
        assert not decisions.open_requests(session, world.course(session))
        submission, mina = session.get_one(Submission, received.submission.id), world.person(session, "mina")
        again = decisions.open_request(session, submission, mina, "and yet")
        decisions.accept(session, again, "you are right", actor="test")
        assert again.decision is Decision.ACCEPTED
    with world.database.read() as session:
        actions = [line.action for line in session.scalars(select(Audit).order_by(Audit.number))][-4:]
    assert actions == [f"{verb}.regrade_request" for verb in ("open", "decline", "open", "accept")]
