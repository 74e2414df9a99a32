"""All that is known of one submission: its runs and checks, what people said and decided, and who did what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from grader.course import decisions, grades, submissions
from grader.course.grades import Grade
from grader.report import Report
from grader.security import Security
from grader.store import blobs
from grader.store.models import (
    Assignment,
    Audit,
    Comment,
    Course,
    Member,
    Override,
    Person,
    RegradeRequest,
    Run,
    State,
    Submission,
    Version,
)
from webapp.staff import sidebyside
from webapp.staff.sidebyside import Code

OPTION = 60  # letters of a cell in a list to choose from


@dataclass(frozen=True)
class RunRow:
    """One run of the submission. `counts`: it makes this submission's grade."""

    id: int
    key: str
    version: int
    purpose: str
    batch: str | None
    state: State
    status: str | None
    score: float | None
    max_score: float | None
    requested_at: datetime
    finished_at: datetime | None
    seconds: float | None
    worker: str | None
    tries: int
    executed: bool
    committed: bool
    counts: bool


@dataclass(frozen=True)
class Decided:
    """The last decision on one check of this submission, or on the whole score; `points` None took one back."""

    points: float | None
    reason: str
    author: str
    at: datetime


@dataclass(frozen=True)
class Said:
    """One comment."""

    cell: int | None
    text: str
    author: str
    at: datetime


@dataclass(frozen=True)
class Asked:
    """One request to look again."""

    id: int
    reason: str
    decision: str
    answer: str | None
    decided_by: str
    decided_at: datetime | None
    at: datetime


@dataclass(frozen=True)
class Done:
    """One line of the audit log."""

    number: int
    at: datetime
    actor: str
    action: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Sibling:
    """Another attempt of the same student at the same assignment."""

    receipt: str
    number: int  # counted from 1, the earliest first
    received_at: datetime


@dataclass(frozen=True)
class Dossier:
    """Everything about one submission. `shown` is the run whose report is shown."""

    submission: Submission
    owner: Person
    group: str
    grade: Grade
    attempts: Sequence[Sibling]
    runs: Sequence[RunRow]
    shown: RunRow | None
    report: Report | None
    security: Security | None  # of the same run
    whole: Decided | None
    of_checks: Mapping[str, Decided]
    comments: Sequence[Said]
    requests: Sequence[Asked]
    trail: Sequence[Done]

    @property
    def number(self) -> int:
        """Which attempt it is, counted from 1."""
        return next(one.number for one in self.attempts if one.receipt == self.submission.receipt)

    @property
    def counts(self) -> bool:
        """Whether it makes the student's grade."""
        return self.grade.submission_id == self.submission.id


def dossier(
    session: Session, course: Course, assignment: Assignment, submission: Submission, run: str | None = None
) -> Dossier:
    """Of this submission; `run` is the key of the run to show, else the one that counts, else the last."""
    owner = session.get_one(Person, submission.person_id)
    member = session.scalars(select(Member).filter_by(course_id=course.id, person_id=owner.id)).first()
    rows = _runs(session, submission)
    shown = _shown(rows, run)
    report = security = None
    if shown is not None and shown.state is State.DONE:
        row = session.get_one(Run, shown.id)
        report, security = submissions.report_of(session, row), submissions.security_of(session, row)
    found = grades.of_course(session, course, assignment=assignment, people=[owner.id])
    names = _Names(session)
    given = decisions.overrides(session, assignment, owner)
    return Dossier(
        submission=submission,
        owner=owner,
        group=member.group.name if member and member.group else "",
        grade=found[0][1][assignment.key],
        attempts=_attempts(session, submission),
        runs=rows,
        shown=shown,
        report=report,
        security=security,
        whole=_last((one for one in given if one.submission_id is None), names),
        of_checks=_of_checks(submission, given, names),
        comments=[
            Said(one.cell, one.text, names[one.author_id], one.created_at)
            for one in decisions.comments(session, submission)
        ],
        requests=_requests(session, submission, names),
        trail=trail(session, submission, names),
    )


def source(session: Session, submission: Submission) -> list[Code] | None:
    """The code cells as they were handed in; None where they are gone, or the file is no notebook."""
    try:
        return sidebyside.code_cells(blobs.get(session, submission.notebook))
    except KeyError:
        return None


def options(cells: Sequence[Code] | None) -> list[tuple[int, str]]:
    """The code cells to choose from: place, counted from 0, and how the cell begins."""
    return [(cell.index, _first_line(cell.source)) for cell in cells or ()]


def _first_line(code: str) -> str:
    line = next((line.strip() for line in code.split("\n") if line.strip() and not line.startswith("#")), "")
    line = "".join(letter if letter.isprintable() else " " for letter in line[: OPTION + 1])
    return line if len(line) <= OPTION else f"{line[:OPTION]}…"


def _runs(session: Session, submission: Submission) -> list[RunRow]:
    """The latest first."""
    query = (
        select(Run, Version.number)
        .join(Version, Version.id == Run.version_id)
        .where(Run.submission_id == submission.id)
        .order_by(Run.id.desc())
    )
    found = [(run, int(number)) for run, number in session.execute(query)]
    seen = [
        grades.RunSeen(run.id, number, run.purpose, run.state, run.status, run.committed_at is not None)
        for run, number in found
    ]
    official = grades.official(seen)
    return [_run(run, number, official is not None and official.run_id == run.id) for run, number in found]


def _run(run: Run, number: int, counts: bool) -> RunRow:
    ended = run.finished_at is not None and run.started_at is not None
    return RunRow(
        id=run.id,
        key=run.key,
        version=number,
        purpose=run.purpose.value,
        batch=run.batch,
        state=run.state,
        status=run.status,
        score=run.score,
        max_score=run.max_score,
        requested_at=run.requested_at,
        finished_at=run.finished_at,
        seconds=(run.finished_at - run.started_at).total_seconds() if ended else None,  # type: ignore[operator]
        worker=run.worker,
        tries=run.tries,
        executed=run.executed is not None,
        committed=run.committed_at is not None,
        counts=counts,
    )


def _shown(rows: Sequence[RunRow], key: str | None) -> RunRow | None:
    wanted = [row for row in rows if row.key == key]
    counting = [row for row in rows if row.counts]
    ended = [row for row in rows if row.state is State.DONE and row.committed]
    return next(iter([*wanted, *counting, *ended, *rows]), None)


def _attempts(session: Session, submission: Submission) -> list[Sibling]:
    query = select(Submission.receipt, Submission.received_at).where(
        Submission.assignment_id == submission.assignment_id, Submission.person_id == submission.person_id
    )
    rows = session.execute(query.order_by(Submission.received_at, Submission.id))
    return [Sibling(receipt, number, at) for number, (receipt, at) in enumerate(rows, 1)]


class _Names(dict[int | None, str]):
    """People's names by id; of nobody, nothing."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def __missing__(self, id: int | None) -> str:
        person = None if id is None else self._session.get(Person, id)
        self[id] = "" if person is None else person.name or f"#{person.id}"
        return self[id]


def _last(given: Iterable[Override], names: _Names) -> Decided | None:
    found = None
    for one in given:
        found = Decided(one.points, one.reason, names[one.author_id], one.created_at)
    return found


def _of_checks(submission: Submission, given: Iterable[Override], names: _Names) -> dict[str, Decided]:
    found: dict[str, Decided] = {}
    for one in given:
        if one.submission_id == submission.id and one.check is not None:
            found[one.check] = Decided(one.points, one.reason, names[one.author_id], one.created_at)
    return found


def _requests(session: Session, submission: Submission, names: _Names) -> list[Asked]:
    query = select(RegradeRequest).filter_by(submission_id=submission.id).order_by(RegradeRequest.id)
    return [
        Asked(
            one.id,
            one.reason,
            one.decision.value,
            one.answer,
            names[one.decided_by],
            one.decided_at,
            one.created_at,
        )
        for one in session.scalars(query)
    ]


def trail(session: Session, submission: Submission, names: _Names | None = None) -> list[Done]:
    """The lines of the audit log that are about this submission, its runs, and what was decided on it; the decisions
    on the student's whole score in this assignment are among them. The latest first."""
    names = names or _Names(session)
    subjects = [f"submission:{submission.id}"]
    batches = set()
    for id, batch in session.execute(select(Run.id, Run.batch).where(Run.submission_id == submission.id)):
        subjects.append(f"run:{id}")
        batches |= {batch} - {None}
    for table in (Comment, RegradeRequest):
        ids = session.scalars(select(table.id).where(table.submission_id == submission.id))
        subjects += [f"{table.__tablename__}:{id}" for id in ids]
    here = and_(Override.assignment_id == submission.assignment_id, Override.person_id == submission.person_id)
    mine = or_(Override.submission_id == submission.id, Override.submission_id.is_(None))
    subjects += [f"override:{id}" for id in session.scalars(select(Override.id).where(here, mine))]
    found = [row for start in range(0, len(subjects), 500) for row in _about(session, subjects[start : start + 500])]
    found += [
        row for row in _about(session, [f"assignment:{submission.assignment_id}"]) if row.data.get("batch") in batches
    ]
    return [
        Done(row.number, row.at, _actor(row.actor, names), row.action, row.data)
        for row in sorted(found, key=lambda row: -row.number)
    ]


def _about(session: Session, subjects: Sequence[str]) -> Sequence[Audit]:
    return session.scalars(select(Audit).where(Audit.subject.in_(subjects))).all()


def _actor(words: str, names: _Names) -> str:
    kind, _, id = words.partition(":")
    return names[int(id)] or words if kind == "person" and id.isdigit() else words
