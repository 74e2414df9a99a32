"""Grades follow from the rows, whatever their order, and no fault of ours lowers one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from grader.course import grades, settings
from grader.course.grades import Attempt, Grade, OverrideSeen, RunSeen, grade, is_attempt, official
from grader.course.policy import Counts, ExtensionGiven, Late, Policy, Window, window
from grader.store.database import Database
from grader.store.models import (
    Assignment,
    Blob,
    CheckRow,
    Course,
    Extension,
    Group,
    Member,
    Override,
    Person,
    Purpose,
    Role,
    Run,
    Source,
    State,
    Submission,
    Version,
)

DUE = datetime(2026, 3, 20, 15, tzinfo=UTC)
DAY = timedelta(days=1)
MOST = 10.0
NAMES = ("a", "b", "c")


def run(number: int, score: float | None, **more: Any) -> RunSeen:
    """One that counts, unless it is said otherwise; a check for each letter of a score like 5 in equal parts."""
    facts: dict[str, Any] = {"version_number": 1, "purpose": "submission", "state": "done", "committed": True}
    facts |= {"status": "graded" if score is not None else "error", "score": score, "max_score": MOST} | more
    return RunSeen(run_id=number, **facts)


def attempt(number: int, *runs: RunSeen, at: datetime = DUE) -> Attempt:
    return Attempt(number, at, runs)


def graded(attempts: Sequence[Attempt], overrides: Sequence[OverrideSeen] = (), **policy: Any) -> Grade:
    return grade(attempts, overrides, Window(due=DUE), Policy(**policy), MOST)


# ------------------------------------------------------------------------------------------------- strategies

POINTS = st.tuples(*[st.integers(0, 3)] * len(NAMES))
AT = st.integers(-50, 200).map(lambda hours: DUE + timedelta(hours=hours))
HARMLESS = st.sampled_from(
    [
        {"status": "error"},
        {"status": "not_gradable"},
        {"committed": False, "purpose": "regrade"},
        {"state": "set_aside", "status": None},
        {"state": "cancelled", "status": None},
        {"state": "queued", "status": None, "committed": False, "purpose": "regrade"},
        {"state": "running", "status": None, "committed": False, "purpose": "regrade"},
        {"purpose": "similarity"},
        {"state": "cancelled"},  # with a grade that no longer stands
        {"state": "set_aside"},
    ]
)
POLICIES = st.builds(
    Policy,
    late=st.sampled_from(Late),
    percent_a_day=st.sampled_from([0.0, 10.0, 33.0, 100.0]),
    floor_percent=st.sampled_from([0.0, 50.0]),
    grace_days=st.sampled_from([0.0, 1.0]),
    counts=st.sampled_from(Counts),
)


@st.composite
def runs(draw: st.DrawFn, number: int, **more: Any) -> RunSeen:
    points = draw(POINTS)
    score = float(sum(points))
    checks = {name: (float(each), 3.0) for name, each in zip(NAMES, points, strict=True)}
    facts = {
        "version_number": draw(st.integers(1, 3)),
        "checks": checks,
        "max_score": draw(st.sampled_from([9.0, 18.0])),
    }
    return run(number, score, **facts | more)


@st.composite
def attempts(draw: st.DrawFn) -> list[Attempt]:
    found, number = [], 0
    for submission in range(draw(st.integers(0, 4))):
        some = []
        for _ in range(draw(st.integers(1, 3))):
            number += 1
            some.append(draw(runs(number, **(draw(HARMLESS) if draw(st.booleans()) else {}))))
        found.append(Attempt(submission, draw(AT), some))
    return found


@st.composite
def overrides(draw: st.DrawFn) -> list[OverrideSeen]:
    def one(number: int) -> OverrideSeen:
        points = draw(st.none() | st.integers(0, 9).map(float))
        at = draw(st.sampled_from([DUE, DUE + DAY]))
        if draw(st.booleans()):
            return OverrideSeen(at, number, None, None, points)
        return OverrideSeen(at, number, draw(st.integers(0, 4)), draw(st.sampled_from([*NAMES, "gone"])), points)

    return [one(number) for number in range(draw(st.integers(0, 4)))]


EXTENSIONS = st.lists(
    st.builds(ExtensionGiven, st.just(DUE), st.integers(1, 99), due=st.none() | AT, group=st.booleans()),
    max_size=4,
    unique_by=lambda one: one.number,
)


def share(found: Grade) -> float:
    return found.score / found.max_score if found.max_score else 0.0


# ------------------------------------------------------------------------------------------------- properties


@given(st.data(), attempts(), overrides(), EXTENSIONS, POLICIES)
def test_no_order_matters(
    data: st.DataObject,
    tried: list[Attempt],
    decided: list[OverrideSeen],
    given_: list[ExtensionGiven],
    policy: Policy,
) -> None:
    def mixed(some: Sequence[Any]) -> Any:
        return data.draw(st.permutations(some))

    first = grade(tried, decided, window(Window(due=DUE), given_), policy, MOST)
    others = [one._replace(runs=mixed(one.runs)) for one in mixed(tried)]
    assert grade(others, mixed(decided), window(Window(due=DUE), mixed(given_)), policy, MOST) == first


@given(st.data(), attempts(), overrides(), POLICIES, HARMLESS)
def test_a_run_without_a_grade_changes_nothing(
    data: st.DataObject, tried: list[Attempt], decided: list[OverrideSeen], policy: Policy, harmless: dict[str, Any]
) -> None:
    before = grade(tried, decided, Window(due=DUE), policy, MOST)
    if not tried:
        return
    at = data.draw(st.integers(0, len(tried) - 1))
    more = data.draw(runs(99, **({"version_number": 9} | harmless)))
    others = [*tried[:at], tried[at]._replace(runs=[*tried[at].runs, more]), *tried[at + 1 :]]
    after = grade(others, decided, Window(due=DUE), policy, MOST)
    assert after == before or (before.status == "none" and after == before._replace(status="problem"))


@given(attempts(), overrides(), POLICIES, HARMLESS, AT)
def test_a_submission_without_a_grade_changes_no_grade_and_spends_nothing(
    tried: list[Attempt], decided: list[OverrideSeen], policy: Policy, harmless: dict[str, Any], at: datetime
) -> None:
    more = Attempt(99, at, [run(99, 9.0, **harmless)])
    before = grade(tried, decided, Window(due=DUE), policy, MOST)
    after = grade([*tried, more], decided, Window(due=DUE), policy, MOST)
    assert after._replace(status="") == before._replace(status="")
    assert before.status == after.status or before.status == "none"
    assert not is_attempt(more.runs)


@given(attempts(), POLICIES)
def test_the_best_is_no_worse_than_the_last(tried: list[Attempt], policy: Policy) -> None:
    best, last = (
        grade(tried, [], Window(due=DUE), replace(policy, counts=counts), MOST) for counts in (Counts.BEST, Counts.LAST)
    )
    assert share(best) >= share(last) - 1e-9
    assert best.attempts == last.attempts


@given(attempts(), overrides(), EXTENSIONS, POLICIES)
def test_an_extension_never_lowers_a_grade(
    tried: list[Attempt], decided: list[OverrideSeen], more: list[ExtensionGiven], policy: Policy
) -> None:
    base = Window(due=DUE)
    before = grade(tried, decided, base, policy, MOST)
    after = grade(tried, decided, window(base, more), policy, MOST)
    assert (after.status, after.attempts) == (before.status, before.attempts)
    if not any(one.submission_id is None for one in decided):  # points for the whole are of no run's share
        assert share(after) >= share(before) - 1e-6


@given(attempts(), overrides(), POLICIES)
def test_a_grade_is_within_its_bounds(tried: list[Attempt], decided: list[OverrideSeen], policy: Policy) -> None:
    found = grade(tried, decided, Window(due=DUE), policy, MOST)
    assert 0 <= found.kept_share <= 1
    assert found.attempts <= len(tried)
    assert found.score >= 0
    if not found.overridden:
        assert found.score <= found.raw <= found.max_score
    assert (found.submission_id is None) == (found.run_id is None)
    if found.status != "graded":
        assert (found.score, found.raw, found.overridden) == (0, 0, False)


# --------------------------------------------------------------------------------------------------- examples


def test_the_newest_version_counts_and_of_one_version_the_last_run() -> None:
    some = [run(1, 3.0), run(5, 4.0), run(4, 9.0), run(2, 7.0, version_number=2), run(3, 6.0, version_number=2)]
    assert official(some) == some[4]
    assert official(some[:3]) == some[1]
    assert official([]) is None


@pytest.mark.parametrize(
    ("some", "status", "attempts"),
    [
        ([], "none", 0),
        ([run(1, None, state="queued", status=None, committed=False)], "pending", 1),
        ([run(1, None, state="running", status=None, committed=False)], "pending", 1),
        ([run(1, None)], "problem", 0),
        ([run(1, None, status="not_gradable")], "problem", 0),
        ([run(1, None, state="set_aside", status=None)], "problem", 0),
        ([run(1, None, state="cancelled", status=None)], "none", 0),
        ([run(1, None), run(2, None, state="queued", status=None)], "pending", 1),
        ([run(1, None), run(2, 5.0, purpose="regrade", committed=False)], "problem", 0),
        ([run(1, None), run(2, 5.0, purpose="regrade")], "graded", 1),
        ([run(1, 0.0)], "graded", 1),
    ],
)
def test_why_there_is_no_grade(some: list[RunSeen], status: str, attempts: int) -> None:
    found = graded([attempt(1, *some)] if some else [])
    assert (found.status, found.attempts, found.max_score) == (status, attempts, MOST)


def test_what_waits_hides_no_grade_that_there_is() -> None:
    waits = attempt(2, run(2, None, state="queued", status=None), at=DUE - DAY)
    found = graded([attempt(1, run(1, 4.0)), waits], counts=Counts.LAST)
    assert (found.status, found.score, found.attempts) == ("graded", 4.0, 2)


def test_late_work_keeps_its_share() -> None:
    found = graded([attempt(1, run(1, 9.0), at=DUE + 2 * DAY)])
    assert (found.score, found.raw, found.late_days, found.kept_share) == (7.2, 9.0, 2, 0.8)


def test_the_best_after_what_is_deducted() -> None:
    tried = [attempt(1, run(1, 8.0)), attempt(2, run(2, 8.5), at=DUE + DAY), attempt(3, run(3, 2.0), at=DUE + 2 * DAY)]
    assert graded(tried).submission_id == 1
    assert graded(tried, percent_a_day=1.0).submission_id == 2
    assert graded(tried, counts=Counts.LAST).score == 1.6


def test_of_equal_submissions_the_first_is_best_and_the_last_is_last() -> None:
    tried = [attempt(number, run(number, 5.0), at=DUE - number % 2 * DAY) for number in (3, 2, 1, 4)]
    assert graded(tried).submission_id == 1
    assert graded(tried, counts=Counts.LAST).submission_id == 4


def test_submissions_of_two_versions_are_compared_by_share() -> None:
    tried = [attempt(1, run(1, 9.0)), attempt(2, run(2, 16.0, version_number=2, max_score=20.0))]
    found = graded(tried)
    assert (found.score, found.max_score) == (9.0, 10.0)


CHECKS = {"a": (0.0, 4.0), "b": (6.0, 6.0)}


def test_a_decision_on_a_check_takes_its_place_before_anything_is_deducted() -> None:
    tried = [attempt(1, run(1, 6.0, checks=CHECKS), at=DUE + DAY)]
    found = graded(tried, [OverrideSeen(DUE, 1, 1, "a", 2.0)])
    assert (found.score, found.raw, found.overridden) == (7.2, 6.0, True)
    for nothing in (OverrideSeen(DUE, 1, 2, "a", 2.0), OverrideSeen(DUE, 1, 1, "gone", 2.0)):
        assert graded(tried, [nothing]) == graded(tried)


def test_a_decision_can_make_another_submission_the_best() -> None:
    tried = [attempt(1, run(1, 6.0, checks=CHECKS)), attempt(2, run(2, 7.0, checks={}))]
    assert graded(tried).submission_id == 2
    assert graded(tried, [OverrideSeen(DUE, 1, 1, "a", 4.0)]).submission_id == 1


def test_a_decision_on_the_whole_is_the_last_word() -> None:
    whole = [OverrideSeen(DUE, 1, None, None, 3.0), OverrideSeen(DUE, 2, None, None, 8.5)]
    late = [attempt(1, run(1, 4.0), at=DUE + 5 * DAY)]
    found = graded(late, [*whole, OverrideSeen(DUE, 3, 1, "a", 1.0)])
    assert (found.score, found.raw, found.overridden, found.submission_id) == (8.5, 4.0, True, 1)
    back = graded(late, [*whole, OverrideSeen(DUE, 3, None, None, None)])
    assert (back.score, back.overridden) == (2.0, False)
    assert graded([], whole)[:2] == (8.5, MOST)
    assert graded([], whole).status == "graded"


# ------------------------------------------------------------------------------------------- out of a database


class Small:
    """A course of three students and an assistant, with two assignments of 10 points."""

    def __init__(self, session: Session) -> None:
        self.session = session
        session.add(Blob(sha256="0" * 64, size=0, data=b"", created_at=DUE))
        self.course = self.add(
            Course(key="c", title={}, timezone="Asia/Seoul", policy={"percent_a_day": 20}, created_at=DUE)
        )
        self.team = self.add(Group(course_id=self.course.id, name="A"))
        self.people = [self.person(name, Role.STUDENT) for name in ("ann", "bo", "cy")]
        self.people[1].group_id = self.team.id
        self.staff = self.person("dan", Role.ASSISTANT)
        self.first, self.second = self.assignment("first", 2), self.assignment("second", 1)
        self.versions = {one.key: [self.version(one, 1)] for one in (self.first, self.second)}
        self.serial = 0

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def person(self, name: str, role: Role) -> Member:
        person = self.add(Person(email=f"{name}@example.org", name=name, created_at=DUE))
        found: Member = self.add(Member(course_id=self.course.id, person=person, role=role, joined_at=DUE))
        return found

    def assignment(self, key: str, position: int) -> Assignment:
        found: Assignment = self.add(
            Assignment(course_id=self.course.id, key=key, title={}, position=position, due=DUE, policy={})
        )
        return found

    def version(self, assignment: Assignment, number: int) -> Version:
        facts = {"suite_version": str(number), "archive": "0" * 64, "max_score": MOST, "queue": "cpu", "verified": True}
        if number > 1:
            facts["archive"] = self.add(Blob(sha256=f"{number}" * 64, size=0, data=b"", created_at=DUE)).sha256
        found: Version = self.add(
            Version(assignment_id=assignment.id, number=number, verification={}, created_at=DUE, **facts)
        )
        assignment.version_id = found.id
        return found

    def submission(self, member: Member, assignment: Assignment, at: datetime = DUE) -> Submission:
        self.serial += 1
        found: Submission = self.add(
            Submission(
                receipt=f"r{self.serial}",
                assignment_id=assignment.id,
                person_id=member.person_id,
                notebook="0" * 64,
                filename="x.ipynb",
                source=Source.WEB,
                token=str(self.serial),
                received_at=at,
            )
        )
        return found

    def run(self, submission: Submission, version: Version, score: float | None, **more: Any) -> Run:
        self.serial += 1
        facts: dict[str, Any] = {"purpose": Purpose.SUBMISSION, "state": State.DONE, "committed_at": DUE}
        facts |= {"status": "graded", "score": score, "max_score": MOST, "queue": "cpu", "requested_at": DUE} | more
        found: Run = self.add(Run(key=f"k{self.serial}", submission_id=submission.id, version_id=version.id, **facts))
        return found

    def graded(self, member: Member, assignment: Assignment, score: float, at: datetime = DUE) -> Submission:
        found = self.submission(member, assignment, at)
        self.run(found, self.versions[assignment.key][0], score)
        return found


@pytest.fixture
def small(database: Database) -> Iterator[Small]:
    with database.write() as session:
        yield Small(session)


def book(small: Small, **options: Any) -> dict[str, dict[str, Grade]]:
    return {member.person.name: found for member, found in grades.of_course(small.session, small.course, **options)}


def scores(small: Small, key: str = "first", **options: Any) -> list[float | str]:
    found = [row[key] for name, row in book(small, **options).items() if name != "dan"]
    return [one.score if one.status == "graded" else one.status for one in found]


def test_a_gradebook_has_everybody_and_every_assignment_in_order(small: Small) -> None:
    found = book(small)
    assert list(found) == ["ann", "bo", "cy", "dan"]
    assert all(list(row) == ["second", "first"] for row in found.values())
    assert found["dan"]["first"] == Grade(0.0, MOST, 0.0, None, 0, 1.0, 0, "none", False)


def test_a_gradebook_says_what_the_rows_say(small: Small) -> None:
    ann, bo, cy = small.people
    small.graded(ann, small.first, 8.0)
    small.graded(ann, small.first, 10.0, DUE + 3 * DAY)
    small.graded(bo, small.first, 10.0, DUE + DAY)
    fault = small.submission(cy, small.first)
    small.run(fault, small.versions["first"][0], None, status="error", max_score=None)
    assert scores(small) == [8.0, 8.0, "problem"]
    small.run(fault, small.versions["first"][0], None, state=State.QUEUED, status=None, committed_at=None)
    assert scores(small) == [8.0, 8.0, "pending"]
    assert scores(small, "second") == ["none"] * 3
    assert book(small)["ann"]["first"].attempts == 2
    assert book(small)["bo"]["first"].late_days == 1


def test_one_assignment_and_some_people(small: Small) -> None:
    ann, bo, _ = small.people
    small.graded(ann, small.first, 8.0)
    small.graded(bo, small.first, 3.0)
    found = book(small, assignment=small.first, people=[bo.person_id])
    assert {name: {key: one.score for key, one in row.items()} for name, row in found.items()} == {"bo": {"first": 3.0}}
    assert book(small, people=[]) == {}


def test_extensions_are_of_a_person_or_of_a_group(small: Small) -> None:
    ann, bo, cy = small.people
    for member in small.people:
        small.graded(member, small.first, 10.0, DUE + 2 * DAY)
    facts: dict[str, Any] = {"assignment_id": small.first.id, "attempts": 0, "reason": "x", "created_at": DUE}
    small.add(Extension(group_id=small.team.id, due=DUE + DAY, **facts))
    small.add(Extension(person_id=cy.person_id, due=DUE + 9 * DAY, **facts))
    small.add(Extension(person_id=cy.person_id, due=DUE + 2 * DAY, **facts | {"created_at": DUE + DAY}))
    assert scores(small) == [6.0, 8.0, 10.0]
    small.add(Extension(person_id=bo.person_id, due=DUE + 2 * DAY, **facts))
    assert scores(small) == [6.0, 10.0, 10.0]
    assert scores(small, people=[ann.person_id]) == [6.0]


def test_decisions_on_checks_and_on_the_whole(small: Small) -> None:
    ann, bo, cy = small.people
    facts: dict[str, Any] = {"assignment_id": small.first.id, "reason": "x", "created_at": DUE}
    submission = small.graded(ann, small.first, 6.0)
    run = grades.of_course(small.session, small.course, people=[ann.person_id])[0][1]["first"].run_id
    check: dict[str, Any] = {"position": 0, "title": {}, "max_points": 5.0, "visibility": "hidden", "seconds": 0.1}
    small.add(CheckRow(run_id=run, name="a", points=1.0, verdict="failed", **check))
    small.add(CheckRow(run_id=run, name="b", points=5.0, verdict="passed", **check))
    small.add(Override(person_id=ann.person_id, submission_id=submission.id, check="a", points=4.0, **facts))
    small.add(Override(person_id=bo.person_id, points=7.5, **facts))
    small.add(Override(person_id=cy.person_id, points=7.5, **facts))
    small.add(Override(person_id=cy.person_id, points=None, **facts))
    assert scores(small) == [9.0, 7.5, "none"]
    assert book(small)["ann"]["first"].raw == 6.0


def test_a_regrade_counts_when_it_is_committed_and_can_be_tried_before(small: Small) -> None:
    ann, bo, _ = small.people
    submission = small.graded(ann, small.first, 6.0)
    small.graded(bo, small.first, 5.0)
    second = small.version(small.first, 2)
    shadow = small.run(submission, second, 9.0, purpose=Purpose.REGRADE, committed_at=None, batch="b1")
    assert scores(small) == [6.0, 5.0, "none"]
    assert scores(small, batch="b2") == [6.0, 5.0, "none"]
    assert scores(small, batch="b1") == [9.0, 5.0, "none"]
    shadow.committed_at = DUE
    small.session.flush()
    assert scores(small) == [9.0, 5.0, "none"]


def test_a_preview_names_those_for_whom_something_changes(small: Small) -> None:
    ann, bo, cy = small.people
    small.graded(ann, small.first, 10.0)
    small.graded(bo, small.first, 10.0, DUE + DAY)
    small.graded(cy, small.first, 0.0, DUE + DAY)  # of nothing, any share is nothing

    def stricter() -> None:
        small.first.policy = {**small.first.policy, "percent_a_day": 50.0}

    found = settings.moves(small.session, small.course, stricter)
    assert [(one.name, one.before.score, one.after.score) for one in found] == [("bo", 8.0, 5.0)]
    assert settings.moves(small.session, small.course, lambda: None) == []


def test_a_gradebook_takes_as_many_queries_for_many_as_for_one(small: Small) -> None:
    book(small)
    counted: list[str] = []
    event.listen(small.session.get_bind(), "before_cursor_execute", lambda *those: counted.append(those[2]))
    book(small)
    few = len(counted)
    for member in small.people:
        for assignment in (small.first, small.second):
            small.graded(member, assignment, 5.0)
    small.session.flush()
    counted.clear()
    book(small)
    assert len(counted) == few <= 9
