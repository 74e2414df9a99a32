"""Who may need help, by rules that anybody can check: each line says which rule, which facts, and where to look.

The rules are pure functions of what was handed in; nothing is learned and nothing is guessed. A line that somebody has
dismissed stays away until its facts change: another attempt, another date, one more time.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader import words
from grader.course import grades, people
from grader.course import policy as policies
from grader.course.decisions import as_kept
from grader.course.grades import FOR_GRADES, Grade
from grader.course.policy import Window
from grader.errors import BadInput
from grader.store import audit
from grader.store.database import now
from grader.store.models import (
    Assignment,
    CheckRow,
    Course,
    Person,
    Purpose,
    Role,
    Run,
    State,
    Submission,
)
from grader.store.settings import CourseSettings
from grader.store.watchlist import Dismissal
from grader.text import Text

MOST = 1_000  # of anything that a threshold counts
LONGEST_REASON = 2_000
OTHERS = 3  # people who must be at work before silence says something, and at least half of all others
NOT_GRADABLE = "not_gradable"
Actor = Person | str


class Rule(StrEnum):
    """Why somebody is on the list; the first are the most urgent."""

    NOTHING = "nothing"
    UNGRADABLE = "ungradable"
    STUCK = "stuck"
    MISCONCEPTION = "misconception"
    FELL = "fell"
    INACTIVE = "inactive"
    LATE = "late"


@dataclass(frozen=True)
class Thresholds:
    """From when on a rule speaks. 0 turns a rule off."""

    due_days: int = 3  # nothing handed in, and the due date is as near
    attempts: int = 4  # in a row without a better score
    drop_percent: int = 20  # of all points, below the best attempt
    ungradable: int = 2  # in a row
    inactive_days: int = 10
    repeats: int = 3  # submissions with the same misconception
    late: int = 2  # assignments handed in late

    def as_json(self) -> dict[str, int]:
        """Only what differs from what is usual."""
        usual = asdict(Thresholds())
        return {name: value for name, value in asdict(self).items() if value != usual[name]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Thresholds:
        """Raises BadInput, which names the key."""
        known = {one.name for one in fields(cls)}
        for name, value in data.items():
            if name not in known or isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
                raise BadInput(
                    Text(
                        f"관심 목록의 기준 {name[:40]}에는 0부터 {MOST}까지의 정수가 와야 합니다. 0이면 쓰지 않습니다.",
                        f"The threshold {name[:40]} of the watchlist is a whole number from 0 to {MOST}; 0 is off.",
                    )
                )
        return cls(**data)


@dataclass(frozen=True)
class Attempt:
    """One submission. `status` is that of its report, None while it waits; `share` 0..1 where it was graded."""

    receipt: str
    at: datetime
    status: str | None = None
    share: float | None = None
    misconceptions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Work:
    """What a person has done in an assignment, the earliest attempt first. Times are those of this person."""

    key: str
    title: Text
    opens: datetime | None = None
    due: datetime | None = None
    closes: datetime | None = None
    attempts: Sequence[Attempt] = ()
    late_days: int = 0
    whole: bool = False  # all points, or points that a person gave: nothing is left to do

    def is_open(self, at: datetime) -> bool:
        """Whether there is something to do."""
        ends = self.closes or self.due
        return (self.opens is None or self.opens <= at) and (ends is None or at <= ends) and not self.whole


@dataclass(frozen=True)
class Student:
    """A person and all their work."""

    person_id: int
    name: str
    joined_at: datetime
    works: Sequence[Work]

    @property
    def last_at(self) -> datetime | None:
        return max((one.at for work in self.works for one in work.attempts), default=None)


@dataclass(frozen=True)
class Line:
    """One reason to look. `about` tells apart lines of one rule: an assignment or a misconception. `facts` are what
    the rule saw; `receipts` lead to the submissions."""

    rule: Rule
    person_id: int
    name: str
    about: str
    text: Text
    facts: Mapping[str, Any]
    receipts: Sequence[str] = ()
    assignment: str | None = None

    @property
    def mark(self) -> str:
        """Another one as soon as the facts are others."""
        return hashlib.sha256(json.dumps(dict(self.facts), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Dismissed:
    """A line that somebody has seen, why it was put away, by whom and when."""

    line: Line
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True)
class Watchlist:
    """The lines of each person; who has most of them comes first."""

    lines: Sequence[Sequence[Line]]
    dismissed: Sequence[Dismissed] = field(default_factory=tuple)


# ---------------------------------------------------------------------------------------------- the rules


def lines(
    students: Sequence[Student],
    thresholds: Thresholds,
    at: datetime,
    zone: ZoneInfo,
    titles: Mapping[str, Text] | None = None,
) -> list[Line]:
    """Everything that speaks now; `titles` are those of misconceptions."""
    found: list[Line] = []
    for one in students:
        for work in one.works:
            found += nothing(one, work, thresholds.due_days, at, zone)
            found += ungradable(one, work, thresholds.ungradable)
            found += stuck(one, work, thresholds.attempts)
            found += fell(one, work, thresholds.drop_percent)
        found += misconceptions(one, thresholds.repeats, titles or {})
        found += late(one, thresholds.late)
    return found + inactive(students, thresholds.inactive_days, at, zone)


def nothing(one: Student, work: Work, days: int, at: datetime, zone: ZoneInfo) -> Iterator[Line]:
    """Nothing was handed in, and the due date is near."""
    if not days or work.attempts or work.due is None or not work.is_open(at):
        return
    if at <= work.due <= at + timedelta(days=days):
        when = words.moment(work.due, zone)
        text = Text(
            f"{work.title.ko}: 아직 제출이 없고 마감이 {when.ko}입니다.",
            f"{work.title.en}: nothing handed in, and it is due {when.en}.",
        )
        yield _line(Rule.NOTHING, one, work, text, {"due": work.due.isoformat()})


def ungradable(one: Student, work: Work, least: int) -> Iterator[Line]:
    """The last attempts could not be graded, one after the other."""
    last: list[Attempt] = []
    for attempt in work.attempts:
        last = [*last, attempt] if attempt.status == NOT_GRADABLE else [] if attempt.status else last
    if least and len(last) >= least:
        text = Text(
            f"{work.title.ko}: 마지막 {len(last)}번의 제출을 채점할 수 없었습니다.",
            f"{work.title.en}: the last {len(last)} submissions could not be graded.",
        )
        yield _line(Rule.UNGRADABLE, one, work, text, {"last": last[-1].receipt}, [last[-1].receipt])


def stuck(one: Student, work: Work, least: int) -> Iterator[Line]:
    """Attempt after attempt without a better score, and points are left."""
    best, since, graded = -1.0, 0, [attempt for attempt in work.attempts if attempt.share is not None]
    for attempt in graded:
        better = (attempt.share or 0.0) > best + 1e-9
        best, since = (attempt.share or 0.0, 0) if better else (best, since + 1)
    if least and since >= least and best < 1 and not work.whole:
        text = Text(
            f"{work.title.ko}: {since}번을 더 제출했지만 점수가 {best:.0%}에서 오르지 않았습니다.",
            f"{work.title.en}: {since} more attempts, and the score stays at {best:.0%}.",
        )
        yield _line(Rule.STUCK, one, work, text, {"last": graded[-1].receipt}, [graded[-1].receipt])


def fell(one: Student, work: Work, percent: int) -> Iterator[Line]:
    """The last attempt is far below the best one."""
    graded = [attempt for attempt in work.attempts if attempt.share is not None]
    if not percent or len(graded) < 2 or work.whole:
        return
    best, last = max(graded[:-1], key=lambda attempt: attempt.share or 0.0), graded[-1]
    if 100 * ((best.share or 0.0) - (last.share or 0.0)) >= percent - 1e-9:
        text = Text(
            f"{work.title.ko}: 점수가 {best.share:.0%}에서 {last.share:.0%}(으)로 떨어졌습니다.",
            f"{work.title.en}: the score fell from {best.share:.0%} to {last.share:.0%}.",
        )
        yield _line(Rule.FELL, one, work, text, {"last": last.receipt}, [best.receipt, last.receipt])


def misconceptions(one: Student, least: int, titles: Mapping[str, Text]) -> Iterator[Line]:
    """The same misconception again and again, the last time in the latest attempt."""
    times: dict[str, list[Attempt]] = defaultdict(list)
    present: set[str] = set()
    for work in one.works:
        graded = [attempt for attempt in work.attempts if attempt.share is not None]
        present |= graded[-1].misconceptions if graded else frozenset()
        for attempt in graded:
            for id in attempt.misconceptions:
                times[id].append(attempt)
    for id, found in sorted(times.items()):
        if least and len(found) >= least and id in present:
            title = titles.get(id, Text(id, id))
            text = Text(
                f"같은 오개념이 {len(found)}번 보였습니다: {title.ko}.",
                f"The same misconception {len(found)} times: {title.en}.",
            )
            last = max(found, key=lambda attempt: attempt.at)
            yield Line(
                Rule.MISCONCEPTION, one.person_id, one.name, id, text, {"times": len(found)}, [last.receipt]
            )  # fmt: skip


def late(one: Student, least: int) -> Iterator[Line]:
    """Late more than once."""
    found = [work for work in one.works if work.late_days > 0]
    if least and len(found) >= least:
        ko, en = (", ".join(getattr(work.title, lang) for work in found) for lang in ("ko", "en"))
        text = Text(f"과제 {len(found)}개를 늦게 냈습니다: {ko}.", f"{len(found)} assignments were late: {en}.")
        facts = {"late": sorted(work.key for work in found)}
        yield Line(Rule.LATE, one.person_id, one.name, "", text, facts, [work.attempts[-1].receipt for work in found])


def inactive(students: Sequence[Student], days: int, at: datetime, zone: ZoneInfo) -> list[Line]:
    """Silent for a while, with something to do, while others work."""
    if not days:
        return []
    since = at - timedelta(days=days)
    working = {one.person_id for one in students if one.last_at is not None and one.last_at >= since}
    found = []
    for one in students:
        others = len(students) - 1
        quiet = one.person_id not in working and one.joined_at < since
        if not quiet or len(working) < OTHERS or 2 * len(working) < others:
            continue
        if any(work.is_open(at) for work in one.works):
            last = one.last_at
            day = "-" if last is None else f"{last.astimezone(zone):%Y-%m-%d}"
            ko = "아직 아무것도 제출하지 않았습니다" if last is None else f"{day} 뒤로 제출이 없습니다"
            en = "nothing handed in yet" if last is None else f"nothing handed in since {day}"
            text = Text(
                f"{ko}. 다른 사람 {len(working)}명은 {days}일 안에 제출했습니다.",
                f"{en[0].upper()}{en[1:]}, while {len(working)} others did within {days} days.",
            )
            found.append(Line(Rule.INACTIVE, one.person_id, one.name, "", text, {"last": day}))
    return found


def _line(
    rule: Rule, one: Student, work: Work, text: Text, facts: Mapping[str, Any], receipts: Sequence[str] = ()
) -> Line:
    return Line(rule, one.person_id, one.name, work.key, text, facts, receipts, work.key)


# ---------------------------------------------------------------------------------------- of a course


def watchlist(session: Session, course: Course, at: datetime | None = None) -> Watchlist:
    """Of all students that are in the course now."""
    students, misconceived = _students(session, course)
    moment = at or now(session)
    zone = ZoneInfo(course.timezone)
    found = lines(students, thresholds(session, course), moment, zone, _titles(session, misconceived))
    put_away = {
        (row.person_id, row.rule, row.about, row.facts): (row, name) for row, name in _dismissals(session, course)
    }
    shown: dict[int, list[Line]] = defaultdict(list)
    dismissed = []
    for one in found:
        key = (one.person_id, one.rule.value, one.about, one.mark)
        if key in put_away:
            row, name = put_away[key]
            dismissed.append(Dismissed(one, row.reason, name or "", row.created_at))
        else:
            shown[one.person_id].append(one)
    order = list(Rule)
    groups = [sorted(some, key=lambda one: order.index(one.rule)) for some in shown.values()]
    groups.sort(key=lambda some: (-len(some), order.index(some[0].rule), some[0].name, some[0].person_id))
    return Watchlist(groups, dismissed)


def thresholds(session: Session, course: Course) -> Thresholds:
    """Those of the course."""
    row = session.get(CourseSettings, course.id)
    return Thresholds() if row is None else Thresholds.from_json(row.watchlist)


def set_thresholds(session: Session, course: Course, wanted: Thresholds, *, actor: Actor) -> None:
    """Others from now on. Raises BadInput."""
    kept = Thresholds.from_json(wanted.as_json()).as_json()
    row = session.get(CourseSettings, course.id)
    if kept == ({} if row is None else row.watchlist):
        return
    if row is None:
        row = CourseSettings(course_id=course.id, watchlist={})
        session.add(row)
    row.watchlist = kept
    session.flush()
    audit.record(session, actor, "set.watchlist", f"course:{course.id}", **kept)


def dismiss(
    session: Session,
    course: Course,
    person: Person,
    rule: str,
    about: str,
    mark: str,
    reason: str,
    *,
    actor: Actor,
    at: datetime | None = None,
) -> None:
    """Puts a line away until its facts change. Raises BadInput without a reason, or where there is no such line any
    more."""
    words = as_kept(reason, LONGEST_REASON)
    shown = [one for some in watchlist(session, course, at).lines for one in some]
    if not any((one.person_id, one.rule, one.about, one.mark) == (person.id, rule, about, mark) for one in shown):
        raise BadInput(
            Text(
                "그사이에 사실이 달라졌습니다. 목록을 다시 보고 정해 주세요.",
                "The facts have changed meanwhile. Look at the list again.",
            )
        )
    row, moment = _dismissal(session, course, person, rule, about), at or now(session)
    if row is None:
        row = Dismissal(course_id=course.id, person_id=person.id, rule=rule, about=about)
    row.facts, row.reason, row.created_at = mark, words, moment
    row.author_id = audit.id_of(actor)
    session.add(row)
    session.flush()
    audit.record(session, actor, "dismiss.watchlist", f"person:{person.id}", course=course.id, rule=rule, about=about)


def restore(session: Session, course: Course, person: Person, rule: str, about: str, *, actor: Actor) -> None:
    """Takes `dismiss` back; does nothing where there is nothing to take back."""
    row = _dismissal(session, course, person, rule, about)
    if row is not None:
        session.delete(row)
        session.flush()
        audit.record(
            session, actor, "restore.watchlist", f"person:{person.id}", course=course.id, rule=rule, about=about
        )


def _dismissal(session: Session, course: Course, person: Person, rule: str, about: str) -> Dismissal | None:
    query = select(Dismissal).filter_by(course_id=course.id, person_id=person.id, rule=rule, about=about)
    return session.scalars(query).first()


def _dismissals(session: Session, course: Course) -> list[tuple[Dismissal, str | None]]:
    query = select(Dismissal, Person.name).outerjoin(Person, Person.id == Dismissal.author_id)
    return [(row[0], row[1]) for row in session.execute(query.where(Dismissal.course_id == course.id))]


# ------------------------------------------------------------------------------------------ out of the tables


def _students(session: Session, course: Course) -> tuple[list[Student], dict[str, int]]:
    """Everybody who learns here, and for each misconception a run that names it."""
    members = people.members(session, course, role=Role.STUDENT)
    query = select(Assignment).where(Assignment.course_id == course.id, Assignment.version_id.is_not(None))
    assignments = session.scalars(query.order_by(Assignment.position, Assignment.id)).all()
    attempts, misconceived = _attempts(session, [one.id for one in assignments])
    extensions = grades.extensions_of_all(session, [one.id for one in assignments], members)
    graded = {member.person_id: by_key for member, by_key in grades.of_course(session, course)}
    found = []
    for member in members:
        works = [
            _work(
                one,
                policies.window(Window(one.opens, one.due, one.closes), extensions.get((one.id, member.person_id), ())),
                attempts.get((one.id, member.person_id), ()),
                graded[member.person_id][one.key],
            )
            for one in assignments
        ]
        name = member.person.name or member.person.email
        found.append(Student(member.person_id, name, member.joined_at, works))
    return found, misconceived


def _work(row: Assignment, window: Window, attempts: Sequence[Attempt], grade: Grade) -> Work:
    whole = grade.status == "graded" and (grade.score >= grade.max_score > 0 or grade.overridden)
    return Work(
        row.key,
        Text.from_json(row.title),
        window.opens,
        window.due,
        window.closes,
        attempts,
        grade.late_days,
        whole,
    )


def _attempts(
    session: Session, assignments: Sequence[int]
) -> tuple[dict[tuple[int, int], list[Attempt]], dict[str, int]]:
    """By assignment and person, the earliest first; of each submission the run that counts, else the last."""
    purposes = [Purpose(one) for one in FOR_GRADES]
    query = (
        select(Submission, Run.id, Run.status, Run.score, Run.max_score)
        .outerjoin(
            Run,
            (Run.submission_id == Submission.id)
            & (Run.state == State.DONE)
            & Run.committed_at.is_not(None)
            & Run.purpose.in_(purposes),
        )
        .where(Submission.assignment_id.in_(assignments))
        .order_by(Submission.received_at, Submission.id, Run.version_id, Run.id)
    )
    last = {row[0].id: row for row in session.execute(query)}  # the newest version's, and of these the last
    beliefs, misconceived = _beliefs(session, assignments)
    found: dict[tuple[int, int], list[Attempt]] = defaultdict(list)
    for row in last.values():
        one, run, status, score, most = row
        share = (score or 0.0) / most if status == "graded" and most else None
        found[one.assignment_id, one.person_id].append(
            Attempt(one.receipt, one.received_at, status, share, frozenset(beliefs.get(run, ())))
        )
    return found, misconceived


def _beliefs(session: Session, assignments: Sequence[int]) -> tuple[dict[int, set[str]], dict[str, int]]:
    """The misconceptions of each run, and for each of them one run."""
    query = (
        select(CheckRow.run_id, CheckRow.misconception)
        .join(Run, Run.id == CheckRow.run_id)
        .join(Submission, Submission.id == Run.submission_id)
        .where(Submission.assignment_id.in_(assignments), CheckRow.misconception.is_not(None))
    )
    found: dict[int, set[str]] = defaultdict(set)
    runs: dict[str, int] = {}
    for run, id in session.execute(query):
        if id is not None:
            found[run].add(id)
            runs[id] = run
    return found, runs


def _titles(session: Session, runs: Mapping[str, int]) -> dict[str, Text]:
    """What misconceptions are called, from a run that named them."""
    found = {}
    for rest in session.scalars(select(Run.rest).where(Run.id.in_(sorted(set(runs.values()))))):
        for one in (rest or {}).get("misconceptions", ()):
            found[str(one["id"])] = Text.from_json(one["title"])
    return found


def counted(found: Watchlist) -> dict[Rule, int]:
    """How many lines each rule has."""
    return dict(Counter(one.rule for some in found.lines for one in some))
