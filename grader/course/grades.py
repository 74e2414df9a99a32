"""Grades, as a pure function of what was submitted, what its runs found, and what people decided.

No grade is stored. So a grade can be explained row by row, a regrade or another policy can be tried before it counts,
and nothing that fails on our side can lower one: a run that gave no grade is simply not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, String, and_, or_, select, type_coerce
from sqlalchemy.orm import Session

import grader.course.policy as policies
from grader.course.policy import Counts, ExtensionGiven, Policy, Window
from grader.store.models import (
    Assignment,
    CheckRow,
    Course,
    Extension,
    Member,
    Override,
    Purpose,
    Run,
    State,
    Submission,
    Version,
)

Points = tuple[float, float]  # those that a check earned, and the most that it could
NO_CHECKS: Mapping[str, Points] = {}
NO_DECISIONS: Mapping[int, Mapping[str, float]] = {}
FEW = 100  # people whose rows are asked for by name
WAITING = frozenset({State.QUEUED, State.RUNNING})
FOR_GRADES = frozenset({Purpose.SUBMISSION, Purpose.CELL, Purpose.REGRADE})


class RunSeen(NamedTuple):
    """One run, as far as grades go. `checks` holds (points, most points) by name, and is needed only where a person
    decided on one of them. (A tuple, like all that comes by the ten thousand.)"""

    run_id: int
    version_number: int
    purpose: str  # of models.Purpose
    state: str  # of models.State
    status: str | None  # of the report
    committed: bool
    score: float | None = None
    max_score: float | None = None
    checks: Mapping[str, Points] = NO_CHECKS


class Attempt(NamedTuple):
    """One submission and all its runs, in any order."""

    submission_id: int
    received_at: datetime
    runs: Sequence[RunSeen]


class OverrideSeen(NamedTuple):
    """A person's decision: on one check of one submission, or on the whole where both are None. The last one of its
    kind counts, by time and then by number; one without points takes back what was before."""

    created_at: datetime
    number: int
    submission_id: int | None
    check: str | None
    points: float | None


class Grade(NamedTuple):
    """What a person has in one assignment.

    `status` is "graded", or says why there is no grade: "none" (nothing came in), "pending" (it waits to be graded),
    "problem" (what came in could not be graded; somebody has to look). Only "graded" has a score that means something;
    else it is 0. `max_score` is that of the version that graded the submission that counts. `raw` is what its run
    gave, before any decision of a person and before anything was deducted for lateness."""

    score: float
    max_score: float
    raw: float
    submission_id: int | None
    late_days: int
    kept_share: float
    attempts: int  # that count against the limits
    status: str
    overridden: bool
    run_id: int | None = None

    @property
    def told(self) -> tuple[float, float, int, str]:
        """What a person sees of it. Where two grades tell the same, nothing has changed for anybody."""
        return self.score, self.max_score, self.late_days, self.status


def official(runs: Sequence[RunSeen]) -> RunSeen | None:
    """The run that makes the grade of a submission: of those that gave a grade and count, the one of the newest
    version, and of these the last."""
    found = None
    for run in runs:
        if run.committed and run.status == "graded" and run.state == "done" and run.purpose in FOR_GRADES:  # noqa: SIM102
            if found is None or (run.version_number, run.run_id) > (found.version_number, found.run_id):
                found = run
    return found


def is_attempt(runs: Sequence[RunSeen]) -> bool:
    """Whether a submission counts against the limits: it has a grade, or may get one yet."""
    return official(runs) is not None or _waits(runs)


def grade(
    attempts: Sequence[Attempt],
    overrides: Sequence[OverrideSeen],
    window: Window,
    policy: Policy,
    max_score: float,
    zone: tzinfo = UTC,
) -> Grade:
    """The grade of one person in one assignment; the order of the sequences does not matter. `window` is the
    person's, `max_score` that of the assignment now, for where there is no run to say it."""
    whole, of_checks = _decisions(overrides) if overrides else (None, NO_DECISIONS)
    by_share, used, waiting = policy.counts is Counts.BEST, 0, False
    best, best_rank = None, 0.0
    for attempt in attempts:
        submission, received, runs = attempt
        run = official(runs)
        if run is None:
            waits = _waits(runs)
            used, waiting = used + waits, waiting or waits
            continue
        used += 1
        points, by_hand = _points(run, of_checks[submission]) if submission in of_checks else (run.score or 0.0, False)
        late = policies.lateness(received, window, policy, zone)
        kept = points * late.share
        # a share of the version's own points, so that submissions of two versions can be compared
        rank = round(kept / run.max_score, 9) if by_share and run.max_score else 0.0
        if best is None or rank > best_rank or (rank == best_rank and _is_later(attempt, best[0]) is not by_share):
            best, best_rank = (attempt, run, kept, late, by_hand), rank
    if best is None:
        status = "graded" if whole is not None else "pending" if waiting else "problem" if _any(attempts) else "none"
        return Grade(whole or 0.0, max_score, 0.0, None, 0, 1.0, used, status, whole is not None)
    attempt, run, kept, late, by_hand = best
    return Grade(
        round(kept, 6) if whole is None else whole,
        run.max_score or 0.0,
        run.score or 0.0,
        attempt.submission_id,
        late.days,
        late.share,
        used,
        "graded",
        by_hand or whole is not None,
        run.run_id,
    )


def _is_later(one: Attempt, other: Attempt) -> bool:
    return (one.received_at, one.submission_id) > (other.received_at, other.submission_id)


def _waits(runs: Sequence[RunSeen]) -> bool:
    """Whether a submission may get a grade yet. A shadow of a regrade does not make it wait."""
    return not runs or any(run.state in WAITING and run.purpose in ("submission", "cell") for run in runs)


def _any(attempts: Sequence[Attempt]) -> bool:
    """Whether anything came in that was not called off."""
    return any(run.state != State.CANCELLED for attempt in attempts for run in attempt.runs)


def _decisions(overrides: Iterable[OverrideSeen]) -> tuple[float | None, dict[int, dict[str, float]]]:
    """The points of the whole, and those of checks by submission; without what was taken back."""
    last = {(one.submission_id, one.check): one.points for one in sorted(overrides, key=itemgetter(0, 1))}
    of_checks: dict[int, dict[str, float]] = defaultdict(dict)
    for (submission, check), points in last.items():
        if submission is not None and check is not None and points is not None:
            of_checks[submission][check] = points
    return last.get((None, None)), of_checks


def _points(run: RunSeen, decided: Mapping[str, float]) -> tuple[float, bool]:
    """A run's points with those that a person gave instead, and whether there are any. A decision on a check that
    this run does not have changes nothing."""
    points, here = run.score or 0.0, sorted(decided.keys() & run.checks.keys())
    for name in here:
        points += decided[name] - min(run.checks[name])  # (points, most points), of which a run counts the less
    return (max(0.0, round(points, 6)), True) if here else (points, False)


# ------------------------------------------------------------------------------------------- out of the database


class Facts(NamedTuple):
    """All that decides the grade of one person in one assignment."""

    attempts: Sequence[Attempt] = ()
    overrides: Sequence[OverrideSeen] = ()
    extensions: Sequence[ExtensionGiven] = ()


@dataclass(frozen=True)
class CourseRules:
    """What holds for everybody in one assignment."""

    key: str
    window: Window
    policy: Policy
    max_score: float
    zone: tzinfo

    def grade(self, facts: Facts) -> Grade:
        window = policies.window(self.window, facts.extensions) if facts.extensions else self.window
        return grade(facts.attempts, facts.overrides, window, self.policy, self.max_score, self.zone)


def of_course(
    session: Session,
    course: Course,
    *,
    assignment: Assignment | None = None,
    people: Collection[int] | None = None,
    batch: str | None = None,
) -> list[tuple[Member, dict[str, Grade]]]:
    """The gradebook: for each member, by name, the grades by the assignment's key, in the assignments' order. Only of
    one assignment, or of some people (their ids), where they are named. With `batch` as if that regrade counted."""
    members = _members(session, course, people)
    rules = rules_of(session, course, None if assignment is None else [assignment.id])
    found = of_members(session, rules, members, people, batch=batch)
    columns = [(rule.key, found[id]) for id, rule in rules.items()]
    return [(member, {key: some[member.person_id] for key, some in columns}) for member in members]


class Placed(Protocol):
    """A member, as far as grades go."""

    @property
    def person_id(self) -> int: ...

    @property
    def group_id(self) -> int | None: ...


def of_members(
    session: Session,
    rules: Mapping[int, CourseRules],
    members: Sequence[Placed],
    people: Collection[int] | None = None,
    *,
    batch: str | None = None,
) -> dict[int, dict[int, Grade]]:
    """By assignment and person, the grades of these members: by these rules and by all that is in the store now.
    `people` are the members' ids where they are few, which reads less."""
    here = {member.person_id for member in members}
    none = {id: rule.grade(Facts()) for id, rule in rules.items()}
    found = {id: dict.fromkeys(here, no) for id, no in none.items()}
    for id, person, facts in _facts(session, list(rules), members, people, batch):
        if person in here:
            found[id][person] = rules[id].grade(facts)
    return found


def _members(session: Session, course: Course, people: Collection[int] | None) -> Sequence[Member]:
    query = select(Member).where(Member.course_id == course.id, *_among(Member.person_id, people))
    return sorted(session.scalars(query), key=lambda member: (member.person.name, member.person_id))


class Listed(NamedTuple):
    """An assignment in a list; `max_score` of the version of now."""

    id: int
    key: str
    title: Mapping[str, Any]
    weight: float
    max_score: float


def assignments(session: Session, course: Course) -> list[Listed]:
    """Those of the course, in their order."""
    query = (
        select(Assignment.id, Assignment.key, Assignment.title, Assignment.weight, Version.max_score)
        .outerjoin(Version, Version.id == Assignment.version_id)
        .where(Assignment.course_id == course.id)
        .order_by(Assignment.position, Assignment.id)
    )
    return [Listed(id, key, title, weight, most or 0.0) for id, key, title, weight, most in session.execute(query)]


def rules_of(session: Session, course: Course, assignments: Collection[int] | None = None) -> dict[int, CourseRules]:
    """By the assignment's id, in order; of all, or of those that are named. (Columns, and no objects: those that a
    session has got already stay as they were.)"""
    query = (
        select(
            Assignment.id,
            Assignment.key,
            *(Assignment.opens, Assignment.due, Assignment.closes),
            Assignment.policy,
            Course.policy,
            Course.timezone,
            Version.max_score,
        )
        .join(Course, Course.id == Assignment.course_id)
        .outerjoin(Version, Version.id == Assignment.version_id)
        .where(Assignment.course_id == course.id, *_among(Assignment.id, assignments))
        .order_by(Assignment.position, Assignment.id)
    )
    return {
        id: CourseRules(key, Window(*window), policies.merged(general, own), most or 0.0, ZoneInfo(zone))
        for id, key, *window, own, general, zone, most in session.execute(query)
    }


def _facts(
    session: Session,
    assignments: Collection[int],
    members: Sequence[Placed],
    people: Collection[int] | None,
    batch: str | None,
) -> Iterator[tuple[int, int, Facts]]:
    """By assignment and person, one after the other; who has none is left out."""
    overrides = _overrides(session, assignments, people)
    extensions = extensions_of_all(session, assignments, members)
    for where, attempts in _attempts(session, assignments, people, batch):
        yield *where, Facts(attempts, overrides.pop(where, ()), extensions.pop(where, ()))
    for where in overrides.keys() | extensions.keys():
        yield *where, Facts((), overrides.get(where, ()), extensions.get(where, ()))


def _attempts(
    session: Session, assignments: Collection[int], people: Collection[int] | None, batch: str | None
) -> Iterator[tuple[tuple[int, int], Sequence[Attempt]]]:
    """Columns without their types, as there may be 100,000 of these rows: enumerations stay words."""
    where = (Submission.assignment_id.in_(assignments), *_among(Submission.person_id, people))
    versions = select(Version.id, Version.number).where(Version.assignment_id.in_(assignments))
    numbers = {row.id: row.number for row in session.execute(versions)}
    checks = _checks_decided(session, assignments, people)
    counts = Run.committed_at.is_not(None)
    query = (
        select(
            Submission.assignment_id,
            Submission.person_id,
            Submission.id,
            type_coerce(Submission.received_at, String),
            Run.id,
            Run.version_id,
            type_coerce(Run.purpose, String),
            type_coerce(Run.state, String),
            Run.status,
            type_coerce(counts if batch is None else or_(counts, Run.batch == batch), Integer),
            Run.score,
            Run.max_score,
        )
        .outerjoin(Run, Run.submission_id == Submission.id)
        .where(*where)
        .order_by(Submission.assignment_id, Submission.person_id, Submission.received_at, Submission.id)
    )
    # the session would look at each row for objects, and there are none
    parts = session.connection().execute(query).partitions(1000)
    place, attempts, last = (0, 0), list[Attempt](), 0
    for row in chain.from_iterable(parts):
        assignment, person, submission, received, run, version, purpose, state, status, counted, score, most = row
        if submission != last:
            if (assignment, person) != place:
                if attempts:
                    yield place, attempts
                place, attempts = (assignment, person), []
            last, runs = submission, list[RunSeen]()
            attempts.append(Attempt(submission, moment(received), runs))
        if run is not None:
            seen = checks.get(run, NO_CHECKS)
            runs.append(RunSeen(run, numbers[version], purpose, state, status, bool(counted), score, most, seen))
    if attempts:
        yield place, attempts


def moment(value: Any) -> datetime:
    """A time as the driver gives it, not the type: SQLite's is text, and in UTC."""
    return datetime.fromisoformat(value + "+00:00") if isinstance(value, str) else value.astimezone(UTC)


def _checks_decided(
    session: Session, assignments: Collection[int], people: Collection[int] | None
) -> dict[int, dict[str, Points]]:
    """By run, the points of the checks that a person decided on; of all others nobody asks."""
    query = (
        select(CheckRow.run_id, CheckRow.name, CheckRow.points, CheckRow.max_points)
        .select_from(Override)
        .join(Run, Run.submission_id == Override.submission_id)
        .join(CheckRow, and_(CheckRow.run_id == Run.id, CheckRow.name == Override.check))
        .where(Override.assignment_id.in_(assignments), *_among(Override.person_id, people))
    )
    found: dict[int, dict[str, Points]] = defaultdict(dict)
    for run, name, points, most in session.execute(query):
        found[run][name] = (points, most)
    return found


def _overrides(
    session: Session, assignments: Collection[int], people: Collection[int] | None
) -> dict[tuple[int, int], list[OverrideSeen]]:
    query = select(
        Override.assignment_id,
        Override.person_id,
        Override.created_at,
        Override.id,
        Override.submission_id,
        Override.check,
        Override.points,
    ).where(Override.assignment_id.in_(assignments), *_among(Override.person_id, people))
    found: dict[tuple[int, int], list[OverrideSeen]] = defaultdict(list)
    for assignment, person, *rest in session.execute(query):
        found[assignment, person].append(OverrideSeen._make(rest))
    return found


def extensions_of_all(
    session: Session, assignments: Collection[int], members: Sequence[Placed]
) -> dict[tuple[int, int], list[ExtensionGiven]]:
    """By assignment and person, those of the person's group among them."""
    of_group: dict[int, list[int]] = defaultdict(list)
    for member in members:
        if member.group_id is not None:
            of_group[member.group_id].append(member.person_id)
    found: dict[tuple[int, int], list[ExtensionGiven]] = defaultdict(list)
    query = select(
        Extension.assignment_id,
        Extension.person_id,
        Extension.group_id,
        Extension.created_at,
        Extension.id,
        Extension.due,
        Extension.closes,
        Extension.attempts,
    ).where(Extension.assignment_id.in_(assignments))
    if len(members) <= FEW:  # else it is faster to read all
        theirs = Extension.person_id.in_([member.person_id for member in members])
        query = query.where(or_(theirs, Extension.group_id.in_(list(of_group))))
    for assignment, person, group, at, number, due, closes, attempts in session.execute(query):
        given = ExtensionGiven(at, number, due, closes, attempts, group is not None)
        for each in [person] if person is not None else of_group[group or 0]:
            found[assignment, each].append(given)
    return found


def _among(column: Any, people: Collection[int] | None) -> list[ColumnElement[bool]]:
    return [] if people is None else [column.in_(people)]
