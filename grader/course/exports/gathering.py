"""Reads the gradebook as a table, in a few queries."""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from grader.course import grades, policy
from grader.course.exports.table import Check, Column, Entry, Row, Table
from grader.course.grades import Grade
from grader.course.policy import ExtensionGiven, Window
from grader.errors import UnknownAssignment
from grader.store.database import now
from grader.store.models import (
    Assignment,
    CheckRow,
    Course,
    Extension,
    Member,
    Override,
    Role,
    Run,
    Submission,
    Version,
)
from grader.text import Text


def gather(
    session: Session, course: Course, keys: Sequence[str] = (), *, checks: bool = False, at: datetime | None = None
) -> Table:
    """The active students' grades in these assignments and graded quizzes, or in all. Raises UnknownAssignment."""
    from grader.course.exports import quizzes  # which makes what is above

    asked = quizzes.asked(session, course)
    chosen = _chosen(session, course, keys, asked)
    taken = [one for key, one in asked.items() if not keys or key in keys]
    book = grades.of_course(session, course)
    students = [(member, found) for member, found in book if member.role is Role.STUDENT]
    present = [(member, found) for member, found in students if member.person.active]
    counting = {grade.run_id for _, found in present for grade in found.values() if grade.run_id is not None}
    facts = _Facts.read(session, chosen, counting, checks)
    rows = [_row(member, found, chosen, facts) for member, found in present]
    sat = quizzes.entries(session, course, taken)
    names = quizzes.names(taken, {one.key for one in chosen})
    for (member, _), row in zip(present, rows, strict=True):
        row.entries.update({names[one.id]: sat[one.id, member.person_id] for one in taken})
    rows.sort(key=lambda row: (row.group, row.name, row.email))
    return Table(
        course=course.key,
        title=Text.from_json(course.title),
        zone=course.timezone,
        made_at=at or now(session),
        columns=[
            *(_column(course, one, facts, [row.entries[one.key] for row in rows]) for one in chosen),
            *(quizzes.column(session, one, names[one.id]) for one in taken),
        ],
        rows=rows,
        left_out=_left_out(len(students) - len(present)),
    )


def _chosen(session: Session, course: Course, keys: Sequence[str], others: Collection[str]) -> Sequence[Assignment]:
    """`others` are the keys of quizzes."""
    query = select(Assignment).where(Assignment.course_id == course.id)
    known = {one.key: one for one in session.scalars(query.order_by(Assignment.position, Assignment.key))}
    for key in keys:
        if key not in known and key not in others:
            near = difflib.get_close_matches(key, [*known, *others], n=1)
            names = ", ".join(near or [*known, *others]) or "-"
            raise UnknownAssignment(
                Text(
                    f"{course.key} 강좌에 '{key}' 과제가 없습니다. 있는 과제: {names}.",
                    f"There is no assignment '{key}' in the course {course.key}. Known: {names}.",
                )
            )
    return [one for key, one in known.items() if not keys or key in keys]


@dataclass(frozen=True)
class _Facts:
    """What the grades do not say, by id."""

    received: Mapping[int, datetime]  # by submission
    latest: Mapping[tuple[int, int], datetime]  # by assignment and person
    versions: Mapping[int, Version]
    extensions: Mapping[int, Sequence[Extension]]  # by assignment
    runs: Mapping[int, _Graded]
    by_hand: Mapping[int, Mapping[str, float]]  # by submission

    @classmethod
    def read(cls, session: Session, assignments: Iterable[Assignment], counting: Set[int], checks: bool) -> _Facts:
        """`counting`: the runs that make the grades."""
        ids = [one.id for one in assignments]
        columns = (Submission.id, Submission.assignment_id, Submission.person_id, Submission.received_at)
        query = select(*columns).where(Submission.assignment_id.in_(ids)).order_by(Submission.received_at)
        submissions = session.execute(query).all()
        versions = session.scalars(select(Version).where(Version.assignment_id.in_(ids)).order_by(Version.number))
        extensions: dict[int, list[Extension]] = defaultdict(list)
        for one in session.scalars(select(Extension).where(Extension.assignment_id.in_(ids)).order_by(Extension.id)):
            extensions[one.assignment_id].append(one)
        return cls(
            {id: received for id, _, _, received in submissions},
            {(assignment, person): received for _, assignment, person, received in submissions},
            {one.id: one for one in versions},
            extensions,
            _graded(session, ids, counting) if checks else {},
            _by_hand(session, ids) if checks else {},
        )


@dataclass(frozen=True)
class _Graded:
    """A run that makes a grade: the number of its version, its checks and their points."""

    version: int
    checks: list[tuple[Check, float]]


def _graded(session: Session, ids: Sequence[int], counting: Set[int]) -> Mapping[int, _Graded]:
    """There may be 200,000 rows: what a version's runs have in common is read once."""
    checks = _checks_by_version(session, ids)
    rows = (
        select(CheckRow.run_id, Version.id, Version.number, CheckRow.name, CheckRow.points, CheckRow.max_points)
        .join(Run, Run.id == CheckRow.run_id)
        .join(Version, Version.id == Run.version_id)
        .where(Version.assignment_id.in_(ids))
        .order_by(CheckRow.run_id, CheckRow.position)
    )
    found: dict[int, _Graded] = {}
    for run, version, number, name, points, most in session.execute(rows):
        if run in counting:
            graded = found.get(run) or found.setdefault(run, _Graded(number, []))
            graded.checks.append((checks[version, name, most], min(points, most)))
    return found


def _checks_by_version(session: Session, ids: Sequence[int]) -> Mapping[tuple[int, str, float], Check]:
    """By version, name and most points."""
    title = cast(CheckRow.title, String)
    rows = (
        select(Version.id, CheckRow.name, CheckRow.max_points, title)
        .join(Run, Run.id == CheckRow.run_id)
        .join(Version, Version.id == Run.version_id)
        .where(Version.assignment_id.in_(ids))
        .distinct()
    )
    found = {}
    for version, name, most, words in session.execute(rows):
        found[version, name, most] = Check(name, Text.from_json(json.loads(words)), most)
    return found


def _by_hand(session: Session, ids: Sequence[int]) -> Mapping[int, Mapping[str, float]]:
    """The latest decision on each check, unless it took an earlier one back."""
    query = select(Override).where(Override.assignment_id.in_(ids), Override.check.is_not(None))
    found: dict[int, dict[str, float | None]] = defaultdict(dict)
    for one in session.scalars(query.order_by(Override.created_at, Override.id)):
        if one.submission_id is not None and one.check is not None:
            found[one.submission_id][one.check] = one.points
    return {
        submission: {name: points for name, points in given.items() if points is not None}
        for submission, given in found.items()
    }


def _row(member: Member, found: Mapping[str, Grade], chosen: Sequence[Assignment], facts: _Facts) -> Row:
    entries = {one.key: _entry(member, found[one.key], one, facts) for one in chosen}
    person = member.person
    return Row(person.email, person.name, member.group.name if member.group else "", entries)


def _entry(member: Member, grade: Grade, assignment: Assignment, facts: _Facts) -> Entry:
    """Without a grade the time is that of the latest submission, if there is one."""
    submission, due = grade.submission_id, _due(member, assignment, facts.extensions.get(assignment.id, ()))
    if submission is None:
        return Entry(grade, facts.latest.get((assignment.id, member.person_id)), due)
    run = None if grade.run_id is None else facts.runs.get(grade.run_id)
    earned = {} if run is None else {check.name: points for check, points in run.checks}
    by_hand = {name: points for name, points in facts.by_hand.get(submission, {}).items() if name in earned}
    return Entry(grade, facts.received[submission], due, earned, by_hand)


def _due(member: Member, assignment: Assignment, extensions: Iterable[Extension]) -> datetime | None:
    """The person's own, with what they and their group were given."""
    given = [
        ExtensionGiven(one.created_at, one.id, one.due, one.closes, one.attempts, one.group_id is not None)
        for one in extensions
        if one.person_id == member.person_id or (one.group_id is not None and one.group_id == member.group_id)
    ]
    return policy.window(Window(assignment.opens, assignment.due, assignment.closes), given).due


def _column(course: Course, assignment: Assignment, facts: _Facts, entries: Sequence[Entry]) -> Column:
    """An assignment that is not published takes its points from its newest version, if it has one (an import)."""
    versions = [one for one in facts.versions.values() if one.assignment_id == assignment.id]
    current = facts.versions.get(assignment.version_id or 0)
    version = current or (versions[-1] if versions else None)
    runs = [facts.runs[run] for one in entries if (run := one.grade.run_id or 0) in facts.runs]
    return Column(
        key=assignment.key,
        title=Text.from_json(assignment.title),
        max_score=0.0 if version is None else version.max_score,
        weight=assignment.weight,
        due=assignment.due,
        policy=policy.merged(course.policy, assignment.policy).as_json(),
        version=None if version is None else version.number,
        checks=_checks(runs),
    )


def _checks(runs: Sequence[_Graded]) -> Sequence[Check]:
    """Of the newest version first, then those that only earlier ones had."""
    found: dict[str, Check] = {}
    newest = max((run.version for run in runs), default=0)
    for run in sorted(runs, key=lambda run: -run.version):
        for check, _ in run.checks:
            current = run.version == newest
            found.setdefault(check.name, Check(check.name, check.title, check.max_points, current))
    return tuple(found.values())


def _left_out(deactivated: int) -> Sequence[Text]:
    if not deactivated:
        return ()
    return (
        Text(
            f"비활성화된 학생 {deactivated}명은 들어 있지 않습니다.",
            f"{deactivated} deactivated student(s) are not in it.",
        ),
    )
