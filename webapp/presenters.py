"""What a student sees of a run: built anew here from what this person may know, and nothing else reaches a template.

Of a secret check nothing is shown, whatever of it a report holds. What a hidden check says was made harmless when the
report was written (`grader.suite.plugin`); the message of one that waits for the due date is left out until then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader import drawing
from grader.course import decisions, grades, policy, seen, submissions
from grader.course.grades import Grade
from grader.course.hints import Opened
from grader.course.policy import Refusal
from grader.course.seen import Rules
from grader.misconception import Misconception
from grader.picture import Curves, Picture, Series
from grader.report import CheckResult, Metric, Report, Status, Verdict, Visibility
from grader.store.database import now
from grader.store.models import (
    Assignment,
    CheckRow,
    Course,
    Override,
    Person,
    Purpose,
    Run,
    RunProgress,
    State,
    Submission,
    Version,
)
from grader.text import Text
from webapp.language import language

MOST_ERROR = 500  # letters of a cell's error


@dataclass(frozen=True)
class Check:
    """One check as a student sees it. `hints` are those that are open (`grader.course.hints`), `all_hints` counts all,
    `next_hint` says when the next one opens; `by_hand`: a person decided on the points."""

    id: str
    title: Text
    verdict: str
    points: float
    max_points: float
    message: Text | None
    hints: tuple[Text, ...]
    all_hints: int = 0
    next_hint: Text | None = None
    by_hand: bool = False


@dataclass(frozen=True)
class Group:
    """The checks of one function."""

    name: str
    checks: Sequence[Check]

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        return sum(check.max_points for check in self.checks)

    @property
    def lost(self) -> bool:
        """Whether something of it is to be read: points were lost, or a check has something to say."""
        return self.points < self.max_points or any(check.message or check.all_hints for check in self.checks)


@dataclass(frozen=True)
class Figure:
    """A picture: drawn, in words, and as a table whose first row is its head."""

    title: Text
    words: Text
    svg: Markup
    table: Sequence[Sequence[Text]]


@dataclass(frozen=True)
class Belief:
    """A misconception and the checks in which it shows."""

    about: Misconception
    checks: Sequence[Text]


@dataclass(frozen=True)
class Cell:
    """A cell, counted from 1, that did not run to its end."""

    number: int
    status: str
    error: str | None


@dataclass(frozen=True)
class Seen:
    """A report as a student sees it. `unlisted`: the score counts checks that are not listed."""

    status: Status
    score: float
    max_score: float
    reason: Text | None
    groups: Sequence[Group]
    beliefs: Sequence[Belief]
    figures: Sequence[Figure]
    metrics: Sequence[tuple[Text, Metric]]
    cells: Sequence[Cell]
    unlisted: bool
    facts: Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """What became of one check since the attempt before."""

    title: Text
    before: str
    after: str
    better: bool


@dataclass(frozen=True)
class Attempt:
    """One line of the history. `number` counts from 1; `counts`: it makes the grade; `comments`: of staff."""

    number: int
    receipt: str
    received_at: datetime
    filename: str
    state: State
    status: str | None
    score: float | None
    max_score: float | None
    late_days: int
    kept_share: float
    counts: bool
    comments: int = 0


# ------------------------------------------------------------------------------------------------- reports


def report_seen(session: Session, run: Run, *, due_is_over: bool, hints: Opened) -> Seen:
    """The report of a run, for the student whose it is, with the hints that are open to them."""
    report = submissions.report_of(session, run)
    listed = [one for one in report.checks if one.visibility is not Visibility.SECRET]
    decided = _decided(session, run.submission_id or 0)
    checks = [_check(one, due_is_over, hints, decided) for one in listed]
    graded = report.status is Status.GRADED
    return Seen(
        status=report.status,
        score=_score(report, decided) if graded else 0.0,
        max_score=(run.max_score or 0.0) if graded else 0.0,
        reason=report.reason,
        groups=_groups(checks),
        beliefs=_beliefs(one for one in listed if due_is_over or one.visibility is not Visibility.AFTER_DUE),
        figures=[_figure(one) for one in report.drawn],
        metrics=[(metric.title or Text(name, name), metric) for name, metric in report.metrics.items()],
        cells=[
            Cell(one.index + 1, one.status, one.error[:MOST_ERROR] if one.error else None)
            for one in report.cells
            if one.status != "ok"
        ],
        unlisted=len(listed) < len(report.checks),
        facts=_facts(report),
    )


def _check(one: CheckResult, due_is_over: bool, hints: Opened, decided: Mapping[str, float]) -> Check:
    told = due_is_over or one.visibility is not Visibility.AFTER_DUE
    steps = hints.steps(one.id, one.hint, one.verdict)
    return Check(
        id=one.id,
        title=one.title,
        verdict=one.verdict.value,
        points=decided.get(one.id, min(one.points, one.max_points)),
        max_points=one.max_points,
        message=one.message if told else None,
        hints=steps.open,
        all_hints=steps.all,
        next_hint=steps.next,
        by_hand=one.id in decided,
    )


def _score(report: Report, decided: Mapping[str, float]) -> float:
    """The points of the run, with those that a person gave instead."""
    more = sum(decided[one.id] - min(one.points, one.max_points) for one in report.checks if one.id in decided)
    return max(0.0, round(report.score + more, 6))


def _groups(checks: Sequence[Check]) -> list[Group]:
    """One a function, public and hidden checks together; first those in which points were lost."""
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check.id.partition(".")[0].removeprefix("public_"), []).append(check)
    groups = [Group(name, rows) for name, rows in found.items()]
    return sorted(groups, key=lambda group: not group.lost)


def _decided(session: Session, submission: int) -> dict[str, float]:
    """The points that a person gave to checks of a submission."""
    query = select(Override.check, Override.points).where(Override.submission_id == submission).order_by(Override.id)
    last = {check: points for check, points in session.execute(query) if check is not None}
    return {check: points for check, points in last.items() if points is not None}


def _beliefs(listed: Iterable[CheckResult]) -> list[Belief]:
    found: dict[Misconception, list[Text]] = {}
    for one in listed:
        if one.misconception is not None:
            found.setdefault(one.misconception, []).append(one.title)
    return [Belief(about, titles) for about, titles in found.items()]


def _figure(picture: Picture) -> Figure:
    drawn = Markup(drawing.svg(picture, language()))
    return Figure(picture.title, picture.sentences(), drawn, picture.table())


def _facts(report: Report) -> dict[str, str]:
    total = report.seconds.get("total")
    return {"suite": report.suite_version} | ({} if total is None else {"seconds": f"{total:.1f}"})


def changes(before: Seen, after: Seen) -> list[Change]:
    """Which checks came out otherwise than in the attempt before; what became better first."""
    then = {check.id: check for group in before.groups for check in group.checks}
    found = []
    for group in after.groups:
        for check in group.checks:
            old = then.get(check.id)
            if old is not None and (old.verdict, old.points) != (check.verdict, check.points):
                better = check.points > old.points or (check.points == old.points and check.verdict == Verdict.PASSED)
                found.append(Change(check.title, old.verdict, check.verdict, better))
    return sorted(found, key=lambda one: not one.better)


def lost_checks(session: Session, run: Run) -> list[Check]:
    """The checks of a run that cost points, without those that are secret: for a glance, so neither message nor
    hint."""
    return _lost(session, [run.id]).get(run.id, [])


def _lost(session: Session, runs: Collection[int]) -> dict[int, list[Check]]:
    """By run."""
    query = select(
        CheckRow.run_id, CheckRow.name, CheckRow.title, CheckRow.verdict, CheckRow.points, CheckRow.max_points
    ).where(
        CheckRow.run_id.in_(runs),
        CheckRow.points < CheckRow.max_points,
        CheckRow.visibility != Visibility.SECRET.value,
    )
    found: dict[int, list[Check]] = {}
    for run, name, title, verdict, points, most in session.execute(query.order_by(CheckRow.position)):
        found.setdefault(run, []).append(Check(name, Text.from_json(title), verdict, points, most, None, ()))
    return found


# ---------------------------------------------------------------------------------------------------- runs


def shown_runs(session: Session, ids: Collection[int]) -> dict[int, Run]:
    """By submission, the run that its student sees: the one that makes its grade, or else the last that is no shadow
    of a regrade."""
    query = (
        select(Run, Version.number)
        .join(Version, Version.id == Run.version_id)
        .where(Run.submission_id.in_(ids), (Run.purpose == Purpose.SUBMISSION) | Run.committed_at.is_not(None))
        .order_by(Run.id)
    )
    found: dict[int, tuple[tuple[bool, int, int], Run]] = {}
    for run, number in session.execute(query):
        submission = run.submission_id or 0  # no run of a version is without one
        graded = run.committed_at is not None and run.state is State.DONE and run.status == Status.GRADED
        rank = (graded, number if graded else 0, run.id)
        if submission not in found or rank > found[submission][0]:
            found[submission] = rank, run
    return {submission: run for submission, (_, run) in found.items()}


def shown_run(session: Session, submission: Submission) -> Run:
    """Of one submission."""
    return shown_runs(session, [submission.id])[submission.id]


def grade_of(session: Session, course: Course, assignment: Assignment, person: Person) -> Grade | None:
    """The person's grade in an assignment; None for who is in the course no more."""
    rows = grades.of_course(session, course, assignment=assignment, people=[person.id])
    return rows[0][1].get(assignment.key) if rows else None


def attempts(
    session: Session, course: Course, assignment: Assignment, person: Person, grade: Grade | None, rules: Rules
) -> list[Attempt]:
    """What the person handed in, the latest first."""
    query = select(Submission).filter_by(assignment_id=assignment.id, person_id=person.id)
    rows = session.scalars(query.order_by(Submission.received_at, Submission.id)).all()
    ids = [one.id for one in rows]
    said = decisions.comment_counts(session, ids)
    return _attempts(course, rows, shown_runs(session, ids), grade, rules, said)


@dataclass(frozen=True)
class Work:
    """What a person handed in for one assignment: the attempts, the latest first, and the checks that cost points in
    the latest one."""

    attempts: Sequence[Attempt] = ()
    lost: Sequence[Check] = ()


def works(
    session: Session, course: Course, person: Person, grades: Mapping[int, Grade], rules: Mapping[int, Rules]
) -> dict[int, Work]:
    """By the assignment's id, for those for which something came in, in a number of queries that does not grow with
    them. `grades` and `rules` are by the assignment's id."""
    query = select(Submission).where(Submission.person_id == person.id, Submission.assignment_id.in_(list(rules)))
    found: dict[int, list[Submission]] = {}
    for one in session.scalars(query.order_by(Submission.received_at, Submission.id)):
        found.setdefault(one.assignment_id, []).append(one)
    ids = [one.id for rows in found.values() for one in rows]
    runs, said = shown_runs(session, ids), decisions.comment_counts(session, ids)
    lost = _lost(session, [runs[rows[-1].id].id for rows in found.values()])
    return {
        id: Work(_attempts(course, rows, runs, grades.get(id), rules[id], said), lost.get(runs[rows[-1].id].id, ()))
        for id, rows in found.items()
    }


def _attempts(
    course: Course,
    rows: Sequence[Submission],
    runs: Mapping[int, Run],
    grade: Grade | None,
    rules: Rules,
    said: Mapping[int, int],
) -> list[Attempt]:
    """Of submissions to one assignment, the earliest first."""
    found, zone = [], ZoneInfo(course.timezone)
    for number, one in enumerate(rows, 1):
        run = runs[one.id]
        late = policy.lateness(one.received_at, rules.window, rules.policy, zone)
        found.append(
            Attempt(
                *(number, one.receipt, one.received_at, one.filename, run.state, run.status),
                *(run.score, run.max_score, late.days, late.share),
                counts=grade is not None and grade.status == "graded" and grade.submission_id == one.id,
                comments=said.get(one.id, 0),
            )
        )
    return found[::-1]


def curve(attempts: Sequence[Attempt]) -> Figure | None:
    """The scores of the attempts, as a line; None of fewer than two."""
    scored = [(one.number, one.score) for one in reversed(attempts) if one.status == "graded" and one.score is not None]
    if len(scored) < 2:
        return None
    line = Series.of(Text("점수", "score"), [score for _, score in scored])
    title, x, y = Text("점수 변화", "How the score went"), Text("제출", "attempt"), Text("점수", "points")
    return _figure(Curves("attempts", title, x, y, [number for number, _ in scored], [line]))


def rules_for(session: Session, course: Course, assignment: Assignment, person: Person) -> Rules:
    """The rules with this person's extensions."""
    return seen.rules_of(session, course, assignment, person)


def refusal(session: Session, course: Course, assignment: Assignment, person: Person, rules: Rules) -> Refusal | None:
    """Why the person, for whom these rules hold, may hand nothing in now; None where they may."""
    used, zone = seen.attempts_used(session, assignment, person), ZoneInfo(course.timezone)
    return policy.may_submit(now(session), rules.window, rules.policy, used, rules.extra_attempts, zone)


def is_over(rules: Rules, at: datetime) -> bool:
    """Whether the person's due date has passed. Without one it never does."""
    return rules.window.due is not None and at > rules.window.due


# ---------------------------------------------------------------------------------------------------- live


@dataclass(frozen=True)
class Live:
    """How far a run is. `checks`: title and verdict so far of those that a student may know of."""

    state: State
    tries: int
    cells_done: int
    cells: int
    checks: Sequence[tuple[Text, str]]

    @property
    def over(self) -> bool:
        return self.state not in (State.QUEUED, State.RUNNING)


def live(session: Session, run_id: int) -> Live:
    """How far a run is now."""
    run = session.get_one(Run, run_id, populate_existing=True)
    progress = session.get(RunProgress, run_id, populate_existing=True)
    empty = Live(run.state, run.tries, 0, 0, ())
    if progress is None or run.state is not State.RUNNING or progress.fence != run.fence:
        return empty
    known = _titles(session, run.version_id or 0)
    order = {name: place for place, name in enumerate(known)}
    checks = [
        (known[name][0] if name in known else Text(name, name), str(verdict))
        for name, verdict in sorted(progress.checks.items(), key=lambda item: order.get(item[0], len(order)))
        if name not in known or known[name][1] != Visibility.SECRET
    ]
    return replace(empty, cells_done=progress.cells_done, cells=progress.cells, checks=checks)


def _titles(session: Session, version: int) -> dict[str, tuple[Text, str]]:
    """Titles and visibilities of a version's checks by name, as its last report has them."""
    done = select(Run.id).where(Run.version_id == version, Run.status == Status.GRADED.value)
    last = session.scalars(done.order_by(Run.id.desc()).limit(1)).first()
    query = select(CheckRow.name, CheckRow.title, CheckRow.visibility).where(CheckRow.run_id == last)
    query = query.order_by(CheckRow.position)
    return {row.name: (Text.from_json(row.title), row.visibility) for row in session.execute(query)}
