"""The gradebook as a page shows it: filtered, sorted, a page at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course import grades, people
from grader.course.grades import Grade
from grader.store.models import Assignment, Course, Group, Member, Role, Submission, Version
from grader.text import Text
from webapp.staff.insight import parts

PAGE = 100
FEW = 200  # people whose grades are read by name
WHOLE = 5_000  # rows of "all on one page"
PERSON, GROUP, TOTAL = "name", "group", "total"
NO_GROUP = "-"


@dataclass(frozen=True)
class Wish:
    """What somebody asked to see. `sort` is "name", "group", "total" or an assignment's key; `group` "-" is nobody's
    group, "" any."""

    sort: str = PERSON
    down: bool = False
    group: str = ""
    search: str = ""
    page: int = 1
    whole: bool = False


@dataclass(frozen=True)
class Column:
    """One assignment, and how the people shown did. `mean` is a share 0..1."""

    key: str
    title: Text
    max_score: float
    weight: float
    graded: int
    mean: float | None


@dataclass(frozen=True)
class Row:
    """One student. `total` is the weighted share 0..1 of what is graded, None where nothing is; `receipts` are those
    of the submissions that count, by assignment."""

    person_id: int
    name: str
    email: str
    group: str
    active: bool
    grades: Mapping[str, Grade]
    receipts: Mapping[str, str]
    total: float | None


@dataclass(frozen=True)
class Sheet:
    """One page of the gradebook. `found` people match, of `people`."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    groups: Sequence[str]
    wish: Wish
    people: int
    found: int
    pages: int
    mean: float | None


def sheet(session: Session, course: Course, wish: Wish) -> Sheet:
    """The page that was wished for; an unknown sort is by name, a page beyond the end the last one."""
    assignments = _assignments(session, course)
    weights = {one.key: one.weight for one, _ in assignments}
    students = people.members(session, course, role=Role.STUDENT)
    wanted = {member.person_id for member in students if _matches(member, wish)}
    few = wanted if len(wanted) <= FEW else None  # of many it is faster to read all
    chosen = [
        (member, found, total(found, weights))
        for member, found in grades.of_course(session, course, people=few)
        if member.person_id in wanted
    ]
    _sort(chosen, wish, weights)
    size = WHOLE if wish.whole else PAGE
    pages = max(1, math.ceil(len(chosen) / size))
    page = min(max(wish.page, 1), pages)
    shown = chosen[(page - 1) * size : page * size]
    receipts = _receipts(session, [found for _, found, _ in shown])
    totals = [one for _, _, one in chosen if one is not None]
    return Sheet(
        columns=[_column(one, most, [found for _, found, _ in chosen]) for one, most in assignments],
        rows=[_row(member, found, whole, receipts) for member, found, whole in shown],
        groups=list(session.scalars(select(Group.name).where(Group.course_id == course.id).order_by(Group.name))),
        wish=Wish(wish.sort, wish.down, wish.group, wish.search, page, wish.whole),
        people=len(students),
        found=len(chosen),
        pages=pages,
        mean=sum(totals) / len(totals) if totals else None,
    )


def total(found: Mapping[str, Grade], weights: Mapping[str, float]) -> float | None:
    """The share of the points of all that is graded, each assignment by its weight; None where nothing is."""
    points = most = 0.0
    for key, grade in found.items():
        if grade.status == "graded":
            points += weights[key] * grade.score
            most += weights[key] * grade.max_score
    return points / most if most else None


def share(grade: Grade) -> float | None:
    """Of the points; None where there is no grade."""
    return grade.score / grade.max_score if grade.status == "graded" and grade.max_score else None


def _assignments(session: Session, course: Course) -> list[tuple[Assignment, float]]:
    query = (
        select(Assignment, func.coalesce(Version.max_score, 0.0))
        .outerjoin(Version, Version.id == Assignment.version_id)
        .where(Assignment.course_id == course.id)
        .order_by(Assignment.position, Assignment.id)
    )
    return [(row[0], float(row[1])) for row in session.execute(query)]


def _matches(member: Member, wish: Wish) -> bool:
    group = member.group.name if member.group else NO_GROUP
    if wish.group and group != wish.group:
        return False
    words = wish.search.casefold().split()
    about = f"{member.person.name} {member.person.email}".casefold()
    return all(word in about for word in words)


def _sort(rows: list[tuple[Member, dict[str, Grade], float | None]], wish: Wish, keys: Mapping[str, float]) -> None:
    """By name first, so that equals stay in that order; who has no grade comes last either way."""
    if wish.sort == GROUP:
        rows.sort(key=lambda row: row[0].group.name if row[0].group else "\U0010ffff", reverse=wish.down)
    elif wish.sort == TOTAL or wish.sort in keys:
        sign = -1 if wish.down else 1

        def value(row: tuple[Member, dict[str, Grade], float | None]) -> tuple[bool, float]:
            found = row[2] if wish.sort == TOTAL else share(row[1][wish.sort])
            return found is None, sign * (found or 0.0)

        rows.sort(key=value)
    elif wish.down:
        rows.reverse()


def _receipts(session: Session, rows: Sequence[Mapping[str, Grade]]) -> dict[int, str]:
    ids = (grade.submission_id for found in rows for grade in found.values())
    receipts: dict[int, str] = {}
    for part in parts(ids):
        query = select(Submission.id, Submission.receipt).where(Submission.id.in_(part))
        receipts.update((row.id, row.receipt) for row in session.execute(query))
    return receipts


def _column(one: Assignment, most: float, rows: Sequence[Mapping[str, Grade]]) -> Column:
    shares = [found for row in rows if (found := share(row[one.key])) is not None]
    mean = sum(shares) / len(shares) if shares else None
    return Column(one.key, Text.from_json(one.title), most, one.weight, len(shares), mean)


def _row(member: Member, found: Mapping[str, Grade], whole: float | None, receipts: Mapping[int, str]) -> Row:
    known = {key: receipts.get(grade.submission_id or 0) for key, grade in found.items()}
    mine = {key: receipt for key, receipt in known.items() if receipt is not None}
    return Row(
        member.person_id,
        member.person.name,
        member.person.email,
        member.group.name if member.group else "",
        member.person.active,
        found,
        mine,
        whole,
    )
