"""What an assignment's results tell its teachers: who has how much, when it came in, and what went wrong.

All of it is about the submissions that make the grades now, and about active students; what came in is counted with
every attempt.

While a class hands in, something changes every few seconds. So what each person is and has handed in is kept by person
(`Book.each`): after a change the rows of that person alone are read, and all the numbers are counted anew.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from heapq import nsmallest
from itertools import chain
from sys import intern
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from grader.course import book as books
from grader.course import submissions
from grader.course.book import Book, Somebody
from grader.course.grades import Grade
from grader.report import Status, Verdict
from grader.store.models import Assignment, CheckRow, Course, Member, Person, Role, Run, State, Submission
from grader.text import Text

BINS = 10  # of the share of points; all points are one of their own
SLOWEST = 10
MOST_PROBLEMS = 200
MOST_DAYS = 60
GRID = 50  # people on one picture
VERDICTS = {one.value: one for one in Verdict}  # by word: calling the enumeration takes ten times as long
WRONG = frozenset({Verdict.FAILED, Verdict.TIMEOUT, Verdict.CRASHED, Verdict.REFUSED, Verdict.SKIPPED})


class CheckSeen(NamedTuple):
    """One check of the run that makes a grade."""

    points: float
    max_points: float
    verdict: Verdict
    misconception: str | None

    @property
    def share(self) -> float:
        if self.max_points:
            return min(self.points / self.max_points, 1.0)
        return float(self.verdict is Verdict.PASSED)

    @property
    def wrong(self) -> bool:
        return self.verdict in WRONG


@dataclass(frozen=True)
class Standing:
    """One student in one assignment. `receipt` is that of the submission that makes the grade."""

    person_id: int
    name: str
    email: str
    group: str
    grade: Grade
    receipt: str | None
    checks: Mapping[str, CheckSeen]
    wrong: Sequence[str] = ()  # the names of those that are
    misconceptions: Collection[str] = ()  # that they showed

    @cached_property
    def share(self) -> float | None:
        """Of the points, 0..1 (more where somebody gave more); None without a grade."""
        if self.grade.status != "graded":
            return None
        return self.grade.score / self.grade.max_score if self.grade.max_score else 0.0


@dataclass(frozen=True)
class CheckStat:
    """One check over all students. `total` counts those whose run has it."""

    name: str
    title: Text
    max_points: float
    wrong: int
    total: int
    secret: bool

    @property
    def rate(self) -> float:
        return self.wrong / self.total if self.total else 0.0


@dataclass(frozen=True)
class Day:
    """What came in on one day of the course's time zone, before the due date and after it."""

    day: date
    in_time: int
    late: int


@dataclass(frozen=True)
class Counted:
    """A misconception, and how many students' answers showed it."""

    id: str
    title: Text
    text: Text
    people: int


@dataclass(frozen=True)
class RunLine:
    """One run in a list of runs. `seconds` from its start to its end."""

    receipt: str
    name: str
    email: str
    received_at: datetime
    seconds: float | None
    status: str
    reason: Text | None
    peak_mb: float | None = None  # the most memory that its boxes had


@dataclass(frozen=True)
class Insight:
    """Everything of one assignment."""

    standings: Sequence[Standing]
    checks: Sequence[CheckStat]
    days: Sequence[Day]
    due: datetime | None
    misconceptions: Sequence[Counted]
    slowest: Sequence[RunLine]
    heaviest: Sequence[RunLine]
    problems: Sequence[RunLine]
    attempts: int
    late: int  # of the attempts, by the assignment's own due date

    @cached_property
    def shares(self) -> list[float]:
        return [share for one in self.standings if (share := one.share) is not None]

    @cached_property
    def states(self) -> Mapping[str, int]:
        return Counter(one.grade.status for one in self.standings)

    @cached_property
    def median(self) -> float | None:
        return statistics.median(self.shares) if self.shares else None

    @cached_property
    def mean(self) -> float | None:
        return statistics.fmean(self.shares) if self.shares else None

    @cached_property
    def bins(self) -> list[int]:
        """How many have 0-10 %, 10-20 %, ..., 90-100 % and, last, all of the points."""
        counts = Counter(bin_of(share) for share in self.shares)
        return [counts[place] for place in range(BINS + 1)]


def bin_of(share: float) -> int:
    """The place of a share in `Insight.bins`."""
    return BINS if share >= 1 - 1e-9 else max(0, int(share * BINS + 1e-9))


def insight(session: Session, course: Course, assignment: Assignment) -> Insight:
    """All that is known; what is known already of these rows is not asked again."""
    book = books.book(session, course)
    column = book.column(assignment.id)
    return book.kept(("insight", column.id), column.version, lambda: _insight(session, course, assignment, book))


def standings(session: Session, course: Course, assignment: Assignment) -> Sequence[Standing]:
    """The active students by name, each with the grade and with the checks that made it."""
    return _standings(session, books.book(session, course), assignment.id)


def receipts(session: Session, book: Book, assignment: int) -> Mapping[int, str]:
    """By person, the receipt of the submission that makes the grade in an assignment."""

    def read(some: Sequence[int]) -> Mapping[int, str]:
        counts = {book.grades[assignment][person].submission_id: person for person in some}
        found: dict[int, str] = {}
        for part in parts(counts):
            query = select(Submission.id, Submission.receipt).where(Submission.id.in_(part))
            found.update((counts[id], receipt) for id, receipt in session.execute(query))
        return found

    return book.each(("receipts", assignment), book.stamps[assignment], read)


def _insight(session: Session, course: Course, assignment: Assignment, book: Book) -> Insight:
    found = _standings(session, book, assignment.id)
    now = session.execute(_NOW.where(Assignment.id == assignment.id)).one()  # the row may be younger than the object
    came_in = _came_in(session, book, course, assignment.id)
    moments = list(chain.from_iterable(one.moments for one in came_in))
    runs = list(chain.from_iterable(one.runs for one in came_in))
    # of the current version alone, since another one may do other work
    done = [one for one in runs if one.version_id == now.version_id and one.state is State.DONE]
    return Insight(
        standings=found,
        checks=_check_stats(session, found),
        days=_days(moments, now.due, ZoneInfo(now.timezone)),
        due=now.due,
        misconceptions=_misconceptions(session, found),
        slowest=_most(session, assignment, ((one.seconds, one.id) for one in done)),
        heaviest=_most(session, assignment, ((one.peak_mb, one.id) for one in done)),
        problems=_problems(session, assignment, runs),
        attempts=len(moments),
        late=sum(now.due is not None and moment > now.due for moment in moments),
    )


_NOW = select(Assignment.due, Assignment.version_id, Course.timezone).join(Course, Course.id == Assignment.course_id)


def _standings(session: Session, book: Book, assignment: int) -> Sequence[Standing]:
    """There are tens of thousands of checks: read are those of people of whom something changed."""

    def read(some: Sequence[int]) -> Mapping[int, Standing]:
        grades = {person: book.grades[assignment][person] for person in some}
        of_person = receipts(session, book, assignment)
        checks = _checks(session, (grade.run_id for grade in grades.values()))
        return {
            person: _standing(book.people[person], grade, of_person.get(person), checks.get(grade.run_id or 0, {}))
            for person, grade in grades.items()
        }

    found = book.each(("standings", assignment), book.stamps[assignment], read)
    return [found[one.person_id] for one in book.people.values() if one.role is Role.STUDENT and one.active]


def _standing(one: Somebody, grade: Grade, receipt: str | None, checks: Mapping[str, CheckSeen]) -> Standing:
    return Standing(
        one.person_id,
        one.name,
        one.email,
        one.group,
        grade,
        receipt,
        checks,
        tuple(name for name, check in checks.items() if check.wrong),
        frozenset(check.misconception for check in checks.values() if check.misconception),
    )


def _checks(session: Session, runs: Iterable[int | None]) -> dict[int, dict[str, CheckSeen]]:
    """By run and name, in the order of the suite."""
    found: defaultdict[int, dict[str, CheckSeen]] = defaultdict(dict)
    for part in parts(runs):
        query = (
            select(
                CheckRow.run_id,
                CheckRow.name,
                CheckRow.points,
                CheckRow.max_points,
                CheckRow.verdict,
                CheckRow.misconception,
            )
            .where(CheckRow.run_id.in_(part))
            .order_by(CheckRow.run_id, CheckRow.position)
        )
        for run, name, points, most, verdict, misconception in session.execute(query):
            found[run][intern(name)] = _check(points, most, verdict, misconception)
    return found


@lru_cache(maxsize=1024)  # few differ, and tens of thousands are kept
def _check(points: float, most: float, verdict: str, misconception: str | None) -> CheckSeen:
    return CheckSeen(points, most, VERDICTS[verdict], misconception)


def parts(ids: Iterable[int | None], size: int = 500) -> Iterator[list[int]]:
    """Ids in lists that a database takes in one query, without the missing ones."""
    known = sorted({one for one in ids if one is not None})
    for start in range(0, len(known), size):
        yield known[start : start + size]


def _run_of(one: Standing) -> int:
    """The run that makes the grade, 0 without one."""
    return one.grade.run_id or 0


def _check_stats(session: Session, found: Sequence[Standing]) -> list[CheckStat]:
    """In the order of the suite of the newest run; those that only older runs have come last."""
    totals = Counter(chain.from_iterable(one.checks for one in found))
    wrong = Counter(chain.from_iterable(one.wrong for one in found))
    last: dict[str, int] = {}
    for one in sorted(found, key=_run_of):
        last |= dict.fromkeys(one.checks, _run_of(one))
    names = _named(session, last)
    newest = max(last.values(), default=0)
    order = sorted(last, key=lambda name: (last[name] < newest, names[name][0], name))
    return [CheckStat(name, *names[name][1:3], wrong[name], totals[name], names[name][3]) for name in order]


def _named(session: Session, last: Mapping[str, int]) -> dict[str, tuple[int, Text, float, bool]]:
    """Place, title, points and secrecy of each check, from the newest run that has it."""
    found = {}
    for part in parts(last.values()):
        query = select(
            CheckRow.run_id,
            CheckRow.name,
            CheckRow.position,
            CheckRow.title,
            CheckRow.max_points,
            CheckRow.visibility,
        ).where(CheckRow.run_id.in_(part))
        for run, name, position, title, most, visibility in session.execute(query):
            if last.get(name) == run:
                found[name] = (position, Text.from_json(title), most, visibility == "secret")
    return found


def _days(moments: Sequence[datetime], due: datetime | None, zone: ZoneInfo) -> list[Day]:
    """Every day from the first submission to the last, the empty ones too; of a long time the last days."""
    counts: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for moment in moments:
        counts[moment.astimezone(zone).date()][due is not None and moment > due] += 1
    if not counts:
        return []
    first, last = min(counts), max(counts)
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [Day(day, *counts[day]) if day in counts else Day(day, 0, 0) for day in days]


def _misconceptions(session: Session, found: Sequence[Standing]) -> list[Counted]:
    """The most frequent first."""
    people = Counter(chain.from_iterable(one.misconceptions for one in found))
    run = {id: _run_of(one) for one in found for id in one.misconceptions}
    texts = _misconception_texts(session, run)
    return [
        Counted(id, *texts.get(id, (Text(id, id), Text("", ""))), count)
        for id, count in sorted(people.items(), key=lambda item: (-item[1], item[0]))
    ]


def _misconception_texts(session: Session, run: Mapping[str, int]) -> dict[str, tuple[Text, Text]]:
    """Title and text, from a run that named it."""
    found = {}
    for part in parts(run.values()):
        for rest in session.scalars(select(Run.rest).where(Run.id.in_(part))):
            for one in (rest or {}).get("misconceptions", ()):
                found[str(one["id"])] = (Text.from_json(one["title"]), Text.from_json(one["text"]))
    return found


_PEAK_MB = Run.environment[submissions.PEAK_MB].as_float().label("peak_mb")
_LINE = (
    Submission.receipt,
    Person.name,
    Person.email,
    Submission.received_at,
    Run.started_at,
    Run.finished_at,
    Run.status,
    Run.state,
    Run.reason,
    Run.id,
    _PEAK_MB,
)


class _Ended(NamedTuple):
    """A run, as far as lists of runs go."""

    id: int
    submission_id: int
    version_id: int | None
    state: State
    status: str | None
    seconds: float | None  # that it took, None before its start
    peak_mb: float | None


class _CameIn(NamedTuple):
    """What somebody handed in."""

    moments: Sequence[datetime]
    runs: Sequence[_Ended]


def _came_in(session: Session, book: Book, course: Course, assignment: int) -> list[_CameIn]:
    """Of each person, those who are no members any more too. Read are only those of whom something changed."""

    def read(some: Sequence[int]) -> Mapping[int, _CameIn]:
        found: dict[int, _CameIn] = {}
        for part in parts(some):
            found |= _handed_in(session, assignment, Submission.person_id.in_(part))
        return found

    members = select(Member.person_id).where(Member.course_id == course.id)
    gone = _handed_in(session, assignment, Submission.person_id.not_in(members))
    return [*book.each(("came in", assignment), book.stamps[assignment], read).values(), *gone.values()]


def _handed_in(session: Session, assignment: int, whose: ColumnElement[bool]) -> dict[int, _CameIn]:
    """By person. Runs are found by their submissions: no condition on them leads a database to look at all."""
    query = (
        select(
            Submission.person_id,
            Submission.received_at,
            Submission.id,
            *(Run.id, Run.version_id, Run.state, Run.status, Run.started_at, Run.finished_at, _PEAK_MB),
        )
        .outerjoin(Run, Run.submission_id == Submission.id)
        .where(Submission.assignment_id == assignment, whose)
    )
    moments: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    runs: defaultdict[int, list[_Ended]] = defaultdict(list)
    for row in session.execute(query):
        person, received_at, submission, run, version, state, status, started_at, _, peak_mb = row
        moments[person][submission] = received_at
        if run is not None:
            seconds = None if started_at is None else _seconds(row) or 0.0
            runs[person].append(_Ended(run, submission, version, state, status, seconds, peak_mb))
    return {person: _CameIn(tuple(at.values()), runs[person]) for person, at in moments.items()}


def _most(session: Session, assignment: Assignment, sizes: Iterable[tuple[float | None, int]]) -> list[RunLine]:
    """The runs with the largest of these sizes, each with the run's id. (Sorted here: databases differ in times.)"""
    ids = [id for _, id in nsmallest(SLOWEST, ((-size, id) for size, id in sizes if size is not None))]
    found = {row.id: row for row in session.execute(_lines(assignment).where(Run.id.in_(ids)))}
    return [_run_line(found[id]) for id in ids if id in found]


def _problems(session: Session, assignment: Assignment, runs: Sequence[_Ended]) -> list[RunLine]:
    """Of each submission without a grade the last run that ended: what cannot be graded, faults of ours, and what was
    set aside; the latest first."""
    graded = {one.submission_id for one in runs if one.status == Status.GRADED.value}
    ended = [one for one in runs if one.state in (State.DONE, State.SET_ASIDE) and one.submission_id not in graded]
    last: dict[int, int] = {}
    for one in ended:
        last[one.submission_id] = max(one.id, last.get(one.submission_id, 0))
    ids = sorted(last.values(), reverse=True)[:MOST_PROBLEMS]
    found = {row.id: row for row in session.execute(_lines(assignment).where(Run.id.in_(ids)))}
    return [_run_line(found[id]) for id in ids]


def _lines(assignment: Assignment) -> Select[Any]:
    return (
        select(*_LINE)
        .join(Submission, Submission.id == Run.submission_id)
        .join(Person, Person.id == Submission.person_id)
        .where(Submission.assignment_id == assignment.id)
    )


def _run_line(row: Any) -> RunLine:
    return RunLine(
        row.receipt,
        row.name,
        row.email,
        row.received_at,
        _seconds(row),
        row.status or row.state.value,
        Text.from_json(row.reason) if row.reason else None,
        row.peak_mb,
    )


def _seconds(row: Any) -> float | None:
    if row.started_at is None or row.finished_at is None:
        return None
    return float((row.finished_at - row.started_at).total_seconds())


# ------------------------------------------------------------------------------------------ who is behind a bar


class Behind(NamedTuple):
    """Who is behind a bar; the one of these that is set says which."""

    bin: int | None = None
    check: str | None = None
    misconception: str | None = None
    state: str | None = None

    def picks(self, one: Standing) -> bool:
        if self.bin is not None and (one.share is None or bin_of(one.share) != self.bin):
            return False
        if self.check is not None and not (self.check in one.checks and one.checks[self.check].wrong):
            return False
        if self.state is not None and one.grade.status != self.state:
            return False
        return self.misconception is None or any(
            check.misconception == self.misconception for check in one.checks.values()
        )


@dataclass(frozen=True)
class Received:
    """One submission in a list of them."""

    receipt: str
    name: str
    email: str
    received_at: datetime


def of_day(session: Session, course: Course, assignment: Assignment, day: date) -> list[Received]:
    """What came in on that day of the course's time zone, the earliest first."""
    zone = ZoneInfo(course.timezone)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    after = day + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=zone)
    query = (
        select(Submission.receipt, Person.name, Person.email, Submission.received_at)
        .join(Person, Person.id == Submission.person_id)
        .where(Submission.assignment_id == assignment.id, Submission.received_at >= start, Submission.received_at < end)
        .order_by(Submission.received_at, Submission.id)
    )
    return [Received(*row) for row in session.execute(query)]
