"""The watchlist: each rule speaks from its threshold on and not before, and a line stays away until its facts change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from course.world import DAY, NOON, World, report
from sqlalchemy import select

from grader.course import decisions, people, watchlist
from grader.course.watchlist import Attempt, Line, Rule, Student, Thresholds, Work
from grader.errors import BadInput
from grader.report import Status
from grader.store import audit, models
from grader.store.models import Role
from grader.store.watchlist import Dismissal
from grader.text import Text

ZONE = ZoneInfo("Asia/Seoul")
OFF = Thresholds(**dict.fromkeys(Thresholds().__dict__, 0))


def attempts(*shares: float | str, start: datetime = NOON) -> list[Attempt]:
    """One an hour; a word is a status without a grade."""
    return [
        Attempt(f"r{place}", start + timedelta(hours=place), share, None)
        if isinstance(share, str)
        else Attempt(f"r{place}", start + timedelta(hours=place), "graded", share)
        for place, share in enumerate(shares)
    ]


def work(*shares: float | str, **more: Any) -> Work:
    return Work("one", Text("하나", "One"), attempts=attempts(*shares), **more)


def student(*works: Work, id: int = 1, joined: datetime = NOON - 100 * DAY) -> Student:
    return Student(id, f"Person {id}", joined, works)


def rules(students: Iterable[Student], at: datetime = NOON, **thresholds: int) -> list[Rule]:
    return [one.rule for one in lines(students, at, **thresholds)]


def lines(students: Iterable[Student], at: datetime = NOON, **thresholds: int) -> list[Line]:
    wanted = Thresholds(**{**OFF.__dict__, **thresholds})
    return watchlist.lines(list(students), wanted, at, ZONE, {"belief": Text("믿음", "A belief")})


@pytest.mark.parametrize(("days", "expected"), [(2, [Rule.NOTHING]), (4, []), (-1, [])])
def test_nothing_handed_in_and_due_soon(days: int, expected: list[Rule]) -> None:
    one = student(work(due=NOON + days * DAY))
    assert rules([one], due_days=3) == expected
    assert rules([student(work(0.1, due=NOON + days * DAY))], due_days=3) == []
    assert rules([student(work(due=NOON + DAY, opens=NOON + DAY / 2))], due_days=3) == []  # it is not open yet
    assert rules([student(work(due=NOON + DAY, whole=True))], due_days=3) == []


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.5, 0.5, 0.5, 0.5), [Rule.STUCK]),
        ((0.5, 0.4, 0.5), []),  # too few
        ((0.1, 0.2, 0.3, 0.4), []),  # it goes up
        ((0.5, 0.5, 0.5, 0.6), []),  # the last one was better
        ((0.5, "not_gradable", 0.5, 0.5, 0.5), [Rule.STUCK]),
        ((1.0, 0.5, 0.5, 0.5, 0.5), []),  # all points were there once
    ],
)
def test_attempts_without_progress(shares: tuple[Any, ...], expected: list[Rule]) -> None:
    assert rules([student(work(*shares))], attempts=3) == expected
    assert rules([student(work(*shares, whole=True))], attempts=3) == []


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.8, 0.6), [Rule.FELL]),
        ((0.8, 0.61), []),
        ((0.8, 0.2, 0.8), []),
        ((0.9,), []),
        ((0.9, 0.95, 0.5), [Rule.FELL]),
    ],
)
def test_the_score_fell(shares: tuple[float, ...], expected: list[Rule]) -> None:
    assert rules([student(work(*shares))], drop_percent=20) == expected


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        (("not_gradable", "not_gradable"), [Rule.UNGRADABLE]),
        (("not_gradable", 0.5), []),
        ((0.5, "not_gradable", "not_gradable"), [Rule.UNGRADABLE]),
        (("not_gradable", 0.5, "not_gradable"), []),
        (("error", "error"), []),  # our fault is not theirs
    ],
)
def test_what_could_not_be_graded(shares: tuple[Any, ...], expected: list[Rule]) -> None:
    assert rules([student(work(*shares))], ungradable=2) == expected


def test_an_attempt_that_waits_neither_counts_nor_interrupts() -> None:
    waits = Attempt("w", NOON + DAY)
    row = Work("one", Text("하나", "One"), attempts=[*attempts("not_gradable", "not_gradable"), waits])
    assert rules([student(row)], ungradable=2) == [Rule.UNGRADABLE]


def test_the_same_misconception_until_it_is_gone() -> None:
    belief = frozenset({"belief"})
    three = [Attempt(f"r{n}", NOON + n * DAY, "graded", 0.1, belief) for n in range(3)]
    other = Work("two", Text("둘", "Two"), attempts=[Attempt("x", NOON, "graded", 0.5, belief)])
    (line,) = lines([student(Work("one", Text("하나", "One"), attempts=three))], repeats=3)
    assert (line.rule, line.about, line.text.en) == (
        Rule.MISCONCEPTION,
        "belief",
        "The same misconception 3 times: A belief.",
    )
    assert rules([student(Work("one", Text("하나", "One"), attempts=three[:2]), other)], repeats=3) == [line.rule]
    gone = [*three, Attempt("z", NOON + 5 * DAY, "graded", 0.9)]
    assert rules([student(Work("one", Text("하나", "One"), attempts=gone))], repeats=3) == []


def test_inactive_while_others_work() -> None:
    at = NOON + 30 * DAY
    busy = [
        student(Work("one", Text("하나", "One"), attempts=attempts(0.5, start=at - DAY), closes=at + DAY), id=n)
        for n in range(2, 6)
    ]
    quiet = student(work(0.3, closes=at + DAY))
    assert rules([quiet, *busy], at, inactive_days=10) == [Rule.INACTIVE]
    assert rules([quiet, *busy[:2]], at, inactive_days=10) == []  # nobody else works, either
    assert rules([student(work(0.3, closes=at - DAY)), *busy], at, inactive_days=10) == []  # nothing is open
    assert rules([student(work(closes=at + DAY), joined=at - DAY), *busy], at, inactive_days=10) == []  # just came
    assert rules([student(work(1.0, closes=at + DAY, whole=True)), *busy], at, inactive_days=10) == []  # is done


def test_late_more_than_once() -> None:
    late = [Work(key, Text(key, key), attempts=attempts(0.5), late_days=2) for key in ("a", "b")]
    (line,) = lines([student(*late)], late=2)
    assert line.text.en == "2 assignments were late: a, b."
    assert rules([student(late[0])], late=2) == []


def test_a_threshold_of_zero_turns_a_rule_off() -> None:
    everything = work("not_gradable", "not_gradable", 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, due=NOON + DAY)
    assert rules([student(everything, work(due=NOON + DAY))]) == []


def test_thresholds_are_whole_numbers_that_have_a_name() -> None:
    assert Thresholds.from_json({"late": 5}).as_json() == {"late": 5}
    assert Thresholds().as_json() == {}
    for wrong in ({"late": -1}, {"late": True}, {"late": 1.5}, {"late": "3"}, {"rules": 1}, {"late": 10**9}):
        with pytest.raises(BadInput):
            Thresholds.from_json(wrong)


# ---------------------------------------------------------------------------------------- of a course


@pytest.fixture
def stuck(world: World) -> World:
    """mina gets no further; juno has not begun, and it is due in two days."""
    with world.write() as session:
        world.assignment(session).due = NOON + 2 * DAY
    for hour in range(5):
        world.graded("mina", b"n%d" % hour, 20, 0, at=NOON - DAY + timedelta(hours=hour))
    return world


def seen(world: World, at: datetime = NOON) -> dict[str, list[Rule]]:
    with world.database.read() as session:
        found = watchlist.watchlist(session, world.course(session), at)
        return {some[0].name: [one.rule for one in some] for some in found.lines}


def test_the_lines_of_a_course(stuck: World) -> None:
    assert seen(stuck) == {"Juno": [Rule.NOTHING], "Mina": [Rule.STUCK]}
    assert seen(stuck, NOON - DAY * 5)["Mina"] == [Rule.STUCK]


def test_an_extension_is_the_persons_own_due_date(stuck: World) -> None:
    with stuck.write() as session:
        row, juno = stuck.assignment(session), stuck.person(session, "juno")
        decisions.grant_extension(session, row, juno, due=NOON + 20 * DAY, reason="ill", actor="test", at=NOON)
    assert seen(stuck) == {"Mina": [Rule.STUCK]}


def test_faults_of_ours_and_of_files_are_told_apart(world: World) -> None:
    for name, status in (("mina", Status.NOT_GRADABLE), ("juno", Status.ERROR)):
        for hour in range(2):
            received = world.submit(name, b"x%d" % hour, at=NOON + timedelta(hours=hour))
            world.grade(received.run, report(status=status))
    assert seen(world) == {"Mina": [Rule.UNGRADABLE]}


def test_staff_and_who_left_are_not_on_it(stuck: World) -> None:
    with stuck.write() as session:
        course = stuck.course(session)
        people.deactivate(session, stuck.person(session, "juno"), actor="test")
        people.set_role(session, course, stuck.person(session, "mina"), Role.ASSISTANT, actor="test")
    assert seen(stuck) == {}


def dismiss(world: World, name: str, reason: str = "We talked.") -> None:
    with world.write() as session:
        course = world.course(session)
        found = watchlist.watchlist(session, course, NOON).lines
        (line,) = next(some for some in found if some[0].name == name)
        who, teacher = world.person(session, name.lower()), world.person(session, "teacher")
        watchlist.dismiss(session, course, who, line.rule, line.about, line.mark, reason, actor=teacher, at=NOON)


def test_a_dismissed_line_comes_back_when_the_facts_change(stuck: World) -> None:
    dismiss(stuck, "Mina")
    assert seen(stuck) == {"Juno": [Rule.NOTHING]}
    assert seen(stuck, NOON + DAY) == {"Juno": [Rule.NOTHING]}  # a day is no other fact
    with stuck.database.read() as session:
        found = watchlist.watchlist(session, stuck.course(session), NOON)
        assert [(one.line.name, one.reason, one.author) for one in found.dismissed] == [
            ("Mina", "We talked.", "Teacher")
        ]
        lines = session.scalars(select(models.Audit)).all()
        assert audit.broken(session) is None
        assert [line.action for line in lines if line.action == "dismiss.watchlist"]
        assert "We talked" not in str([line.data for line in lines])
    stuck.graded("mina", b"again", 20, 0, at=NOON)
    assert seen(stuck)["Mina"] == [Rule.STUCK]
    dismiss(stuck, "Mina", "Again.")  # the second word replaces the first
    assert "Mina" not in seen(stuck)


def test_a_dismissed_line_can_be_brought_back(stuck: World) -> None:
    dismiss(stuck, "Juno")
    with stuck.write() as session:
        juno = stuck.person(session, "juno")
        for _ in range(2):
            watchlist.restore(session, stuck.course(session), juno, "nothing", "doubling", actor="test")
    assert "Juno" in seen(stuck)


@pytest.mark.parametrize(("mark", "reason"), [("of yesterday", "fine"), (None, " \0 "), (None, "x" * 3000)])
def test_nothing_is_dismissed_without_a_reason_or_on_old_facts(stuck: World, mark: str | None, reason: str) -> None:
    with stuck.write() as session:
        course, mina = stuck.course(session), stuck.person(session, "mina")
        (line,) = next(
            some for some in watchlist.watchlist(session, course, NOON).lines if some[0].person_id == mina.id
        )
        with pytest.raises(BadInput):
            watchlist.dismiss(
                session, course, mina, line.rule, line.about, mark or line.mark, reason, actor="test", at=NOON
            )
    assert "Mina" in seen(stuck)


def test_thresholds_of_the_course_count_and_are_in_the_log(stuck: World) -> None:
    with stuck.write() as session:
        course = stuck.course(session)
        watchlist.set_thresholds(session, course, Thresholds(attempts=9, due_days=0), actor="test")
        watchlist.set_thresholds(session, course, Thresholds(attempts=9, due_days=0), actor="test")
        assert watchlist.thresholds(session, course) == Thresholds(attempts=9, due_days=0)
        changes = session.scalars(select(models.Audit).filter_by(action="set.watchlist")).all()
        assert [line.data for line in changes] == [{"attempts": 9, "due_days": 0}]
    assert seen(stuck) == {}


def test_forgetting_a_person_forgets_what_was_said_about_them(stuck: World) -> None:
    dismiss(stuck, "Mina")
    with stuck.write() as session:
        people.forget(session, stuck.person(session, "mina"), actor="test")
    with stuck.database.read() as session:
        assert session.scalars(select(Dismissal)).all() == []
