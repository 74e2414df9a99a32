"""Notebooks as they come in, and what becomes of their runs."""

from __future__ import annotations

import hashlib
import math
import secrets
import unicodedata
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from grader import picture as pictures
from grader import security
from grader.course import meant, people, receipts, seen
from grader.course.policy import Refusal, may_submit
from grader.errors import BadInput
from grader.misconception import Misconception
from grader.notebook import MAX_BYTES
from grader.report import CellResult, CheckResult, Metric, Report, Status, Verdict, Visibility
from grader.security import Security
from grader.store import audit, blobs, boards, models
from grader.store.database import lock, now
from grader.store.models import (
    CheckRow,
    Course,
    MetricRow,
    Person,
    Purpose,
    Run,
    RunProgress,
    Source,
    State,
    Submission,
    Version,
)
from grader.text import Text

Enqueue = Callable[[Session, Run], None]
MOST_AGAIN = 3  # gradings of one submission that a student can start anew by handing in the same bytes
_TOKEN = 64
PEAK_MB = "peak_mb"  # in a run's environment, and in no report


class Refused(BadInput):
    """A submission that the rules do not allow now. `refusal` says why and when the next is possible; None where the
    person may not submit at all."""

    def __init__(self, text: Text, refusal: Refusal | None = None) -> None:
        super().__init__(text)
        self.refusal = refusal

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.text, self.refusal)


class OfAnother(Refused):
    """The notebook is plainly one of another assignment, `name`, which `course.meant` knows by its own word."""

    def __init__(self, text: Text, name: str) -> None:
        super().__init__(text)
        self.name = name

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.text, self.name)


@dataclass(frozen=True)
class Received:
    """A submission that we hold. `duplicate`: it was here already, and no attempt was spent. `run` is the grading to
    wait for."""

    submission: Submission
    run: Run
    duplicate: bool


@dataclass(frozen=True)
class Earlier:
    """An attempt that somebody made with the same bytes; `number` counts theirs from 1."""

    number: int
    submission: Submission


def earlier(session: Session, assignment: models.Assignment, person: Person, data: bytes) -> Earlier | None:
    """The latest attempt of the person that is of these bytes."""
    query = select(Submission).filter_by(assignment_id=assignment.id, person_id=person.id)
    rows = session.scalars(query.order_by(Submission.received_at, Submission.id)).all()
    same = [Earlier(number, one) for number, one in enumerate(rows, 1) if one.notebook == blobs.name_of(data)]
    return same[-1] if same else None


def submit(
    session: Session,
    assignment: models.Assignment,
    person: Person,
    data: bytes,
    filename: str,
    source: Source,
    *,
    token: str | None = None,
    at: datetime | None = None,
    enqueue: Enqueue,
    actor: Person | str | None = None,
) -> Received:
    """Takes a notebook in, and asks for its grading in the same transaction. A file that is no notebook is taken too;
    its grading says so, and spends no attempt.

    The same upload again is the same submission: by `token`, which whoever uploads makes anew for each file, or by the
    same bytes as the person's latest one. So a double click, or a retry after a lost answer, spends nothing. Where
    the grading of those bytes failed by our fault, it starts anew. A token that comes with other bytes is another
    upload (a page that was restored), and no work is lost.

    `actor` is who hands it in for somebody else. Raises BadInput for a file too large or an assignment without a
    version, Refused where the rules do not allow it, OfAnother for what was plainly meant for another assignment."""
    _must_fit(data)
    version = _must_be_open(session, assignment)
    course = session.get_one(Course, assignment.course_id)
    _must_belong(session, course, person)
    lock(session, f"submit:{assignment.id}:{person.id}")
    at = at or now(session)
    notebook = blobs.name_of(data)
    token = _token(session, assignment, person, token, notebook)
    if found := _same(session, assignment, person, token, notebook):
        return _again(session, found, version, at, enqueue)
    _must_be_allowed(session, course, assignment, person, at)
    _must_be_meant_for(session, assignment, data)
    submission = Submission(
        receipt=receipts.new(),
        assignment_id=assignment.id,
        person_id=person.id,
        notebook=blobs.put(session, data, at),
        filename=file_name(filename),
        source=source,
        token=token,
        received_at=at,
    )
    session.add(submission)
    session.flush()
    run = new_run(session, submission, version, Purpose.SUBMISSION, at)
    enqueue(session, run)
    if actor is not None and actor is not person:
        audit.record(session, actor, "receive.submission", f"submission:{submission.id}", person=person.id)
    return Received(submission, run, False)


def before_many(session: Session) -> None:
    """To be called before many runs are put into the queue in one transaction. A job holds its person's place in the
    queue until the transaction ends, so that two such transactions could each hold what the other one waits for."""
    lock(session, "enqueue:many")


def new_run(
    session: Session,
    submission: Submission,
    version: Version,
    purpose: Purpose,
    at: datetime,
    batch: str | None = None,
) -> Run:
    """A run of this submission by this version, in the state "queued"; the caller puts it in the queue."""
    run = Run(
        key=uuid.uuid4().hex,
        submission_id=submission.id,
        version_id=version.id,
        purpose=purpose,
        batch=batch,
        queue=version.queue,
        state=State.QUEUED,
        fence=0,
        tries=0,
        requested_at=at,
    )
    session.add(run)
    session.flush()
    return run


def by_receipt(session: Session, receipt: str) -> Submission:
    """The submission of that receipt, however it was typed. Raises BadInput."""
    found = session.scalars(select(Submission).where(Submission.receipt == receipts.read(receipt))).first()
    if found is None:
        shown = "".join(letter if letter.isprintable() else "?" for letter in receipt[:40])
        raise BadInput(
            Text(
                f"접수 번호 '{shown}'의 제출이 없습니다. 26자를 모두 적었는지 확인하세요.",
                f"There is no submission with the receipt '{shown}'. Check that all of its 26 letters are there.",
            )
        )
    return found


def latest_run(session: Session, submission: Submission) -> Run:
    """The run of this submission that was asked for last and is no shadow of a regrade."""
    query = select(Run).where(
        Run.submission_id == submission.id, (Run.purpose == Purpose.SUBMISSION) | Run.committed_at.is_not(None)
    )
    return session.scalars(query.order_by(Run.id.desc()).limit(1)).one()


def file_name(words: str) -> str:
    """A file's name as it is kept: without folders, printable, composed letters, at most 255."""
    name = unicodedata.normalize("NFC", words.encode("utf-8", "replace").decode()).replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if letter.isprintable()).strip()
    return name[-255:] or "notebook.ipynb"


def _must_fit(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        size, limit = len(data) / 2**20, MAX_BYTES // 2**20
        raise BadInput(
            Text(
                f"파일이 {size:,.1f} MB로 너무 큽니다. {limit} MB까지 낼 수 있습니다. 모든 출력을 지우고 "
                "저장해서 다시 내 주세요.",
                f"The file has {size:,.1f} MB, and at most {limit} MB can be submitted. Clear all outputs, save it and "
                "submit it again.",
            )
        )


def _must_be_open(session: Session, assignment: models.Assignment) -> Version:
    if assignment.version_id is None:
        raise BadInput(
            Text(
                f"{assignment.key} 과제는 아직 나오지 않았습니다. 강사에게 물어보세요.",
                f"The assignment {assignment.key} is not published yet. Ask your instructor.",
            )
        )
    return session.get_one(Version, assignment.version_id)


def _must_belong(session: Session, course: Course, person: Person) -> None:
    if not person.active or people.membership(session, course, person) is None:
        raise Refused(
            Text(
                f"{course.key} 강좌에 등록되어 있지 않아 제출할 수 없습니다. 강사에게 등록을 부탁하세요.",
                f"You are not in the course {course.key}, so you cannot submit. Ask your instructor to add you.",
            )
        )


def _must_be_allowed(
    session: Session, course: Course, assignment: models.Assignment, person: Person, at: datetime
) -> None:
    rules = seen.rules_of(session, course, assignment, person)
    used = seen.attempts_used(session, assignment, person)
    refusal = may_submit(at, rules.window, rules.policy, used, rules.extra_attempts, ZoneInfo(course.timezone))
    if refusal is not None:
        raise Refused(refusal.text, refusal)


def _must_be_meant_for(session: Session, assignment: models.Assignment, data: bytes) -> None:
    found = meant.elsewhere(session, assignment, data)
    if found is not None and found.plainly:
        raise OfAnother(meant.refusal(found, assignment), found.name)


def _token(session: Session, assignment: models.Assignment, person: Person, token: str | None, notebook: str) -> str:
    """The token that this upload is kept under. One that other bytes have already, or that is too long, becomes one
    with these bytes in it, which is the same again for the same upload."""
    if token is None:
        return secrets.token_hex(16)
    mixed = hashlib.sha256(f"{token}\0{notebook}".encode()).hexdigest()
    if not token or len(token) > _TOKEN or not token.isprintable():
        return mixed
    query = select(Submission.notebook).filter_by(assignment_id=assignment.id, person_id=person.id, token=token)
    taken = session.scalar(query)
    return token if taken in (None, notebook) else mixed


def _same(
    session: Session, assignment: models.Assignment, person: Person, token: str, notebook: str
) -> Submission | None:
    """The submission that this upload repeats."""
    theirs = select(Submission).filter_by(assignment_id=assignment.id, person_id=person.id)
    found = session.scalars(theirs.where(Submission.token == token)).first()
    if found is not None:
        return found
    latest = session.scalars(theirs.order_by(Submission.received_at.desc(), Submission.id.desc()).limit(1)).first()
    if latest is None or latest.notebook != notebook or _was_cancelled(session, latest):
        return None
    return latest


def _was_cancelled(session: Session, submission: Submission) -> bool:
    """Whether nobody will ever grade it, so that handing it in again is meant to start anew."""
    states = session.scalars(select(Run.state).filter_by(submission_id=submission.id, purpose=Purpose.SUBMISSION)).all()
    return set(states) == {State.CANCELLED}


def _again(session: Session, found: Submission, version: Version, at: datetime, enqueue: Enqueue) -> Received:
    """The submission that was here already. After a fault of ours it is graded anew, a few times."""
    run = latest_run(session, found)
    failed = run.state is State.DONE and run.status == Status.ERROR.value and run.purpose is Purpose.SUBMISSION
    runs = session.scalars(select(Run.id).filter_by(submission_id=found.id, purpose=Purpose.SUBMISSION)).all()
    if failed and len(runs) <= MOST_AGAIN:
        run = new_run(session, found, version, Purpose.SUBMISSION, at)
        enqueue(session, run)
    return Received(found, run, True)


# ------------------------------------------------------------------------------------------------- results


def finish(session: Session, run: Run, fence: int, report: Report, executed: bytes | None = None) -> bool:
    """Writes a run's result, if it is still running and this start of it holds the fence; returns whether it was
    written. A result counts at once, except that of a regrade, which waits for `regrading.commit`."""
    held = session.get(Run, run.id, populate_existing=True, with_for_update=True)
    if held is None or held.state is not State.RUNNING or held.fence != fence:
        return False
    at = now(session)
    graded = report.status is Status.GRADED
    held.state, held.finished_at = State.DONE, at
    held.committed_at = None if held.purpose is Purpose.REGRADE else at
    held.status = report.status.value
    held.score, held.max_score = (report.score, report.max_score) if graded else (None, None)
    held.reason = report.reason.as_json() if report.reason else None
    held.environment, held.seconds = _environment(report), dict(report.seconds)
    held.rest = _rest(report)
    held.executed = None if executed is None else blobs.put(session, executed, at)
    session.add_all(_check_row(held.id, place, check) for place, check in enumerate(report.checks))
    session.add_all(_metric_row(held.id, name, metric) for name, metric in report.metrics.items() if _finite(metric))
    if graded and report.board is not None:
        boards.keep(session, held.id, report.board)
    session.execute(delete(RunProgress).where(RunProgress.run_id == held.id))
    session.flush()
    return True


def report_of(session: Session, run: Run) -> Report:
    """The report that `finish` wrote. Of a run without one, or that was forgotten, what there is."""
    version = session.get_one(Version, run.version_id)
    assignment = session.get_one(models.Assignment, version.assignment_id)
    rest: Mapping[str, Any] = session.scalar(select(Run.rest).where(Run.id == run.id)) or {}
    named = {one["id"]: Misconception.from_json(one) for one in rest.get("misconceptions", ())}
    rows = session.scalars(select(CheckRow).filter_by(run_id=run.id).order_by(CheckRow.position))
    return Report(
        assignment=rest.get("assignment", assignment.key),
        suite_version=rest.get("suite_version", version.suite_version),
        notebook_sha256=rest.get("notebook_sha256", ""),
        status=Status(run.status or Status.ERROR.value),
        reason=_text(run.reason),
        checks=tuple(_check(row, named) for row in rows),
        cells=tuple(CellResult(**cell) for cell in rest.get("cells", ())),
        metrics=_metrics(session, run, rest),
        pictures=tuple(pictures.from_json(one) for one in rest.get("pictures", ())),
        environment={key: value for key, value in (run.environment or {}).items() if key != PEAK_MB},
        seconds=dict(run.seconds or {}),
    )


def security_of(session: Session, run: Run) -> Security | None:
    """The security report that `finish` wrote, for staff alone. None of a run without one, or that was forgotten."""
    rest: Mapping[str, Any] = session.scalar(select(Run.rest).where(Run.id == run.id)) or {}
    return None if rest.get("security") is None else security.from_json(rest["security"])


def _environment(report: Report) -> dict[str, Any]:
    """With the most memory of the run, so that the list of the heaviest need not read all `rest` of a class."""
    more = {} if report.security is None else {PEAK_MB: report.security.peak_mb}
    return {**report.environment, **more}


def _rest(report: Report) -> dict[str, Any]:
    """What has no table: nobody asks about it across runs."""
    named = {check.misconception.id: check.misconception for check in report.checks if check.misconception}
    return {
        "assignment": report.assignment,
        "suite_version": report.suite_version,
        "notebook_sha256": report.notebook_sha256,
        "misconceptions": [one.as_json() for one in named.values()],
        "cells": [{"index": c.index, "status": c.status, "seconds": c.seconds, "error": c.error} for c in report.cells],
        "pictures": [pictures.as_json(one) for one in report.pictures],
        "metrics": list(report.metrics),
        "unmeasured": {name: _as_words(metric) for name, metric in report.metrics.items() if not _finite(metric)},
        "security": None if report.security is None else report.security.as_json(),
    }


def _check_row(run: int, position: int, check: CheckResult) -> CheckRow:
    return CheckRow(
        run_id=run,
        name=check.id,
        position=position,
        title=check.title.as_json(),
        points=check.points,
        max_points=check.max_points,
        verdict=check.verdict.value,
        visibility=check.visibility.value,
        message=check.message.as_json() if check.message else None,
        hint=check.hint.as_json() if check.hint else None,
        seconds=check.seconds,
        misconception=check.misconception.id if check.misconception else None,
    )


def _check(row: CheckRow, named: Mapping[str, Misconception]) -> CheckResult:
    return CheckResult(
        id=row.name,
        title=Text.from_json(row.title),
        points=row.points,
        max_points=row.max_points,
        verdict=Verdict(row.verdict),
        visibility=Visibility(row.visibility),
        message=_text(row.message),
        hint=_text(row.hint),
        seconds=row.seconds,
        misconception=named.get(row.misconception or ""),
    )


def _metric_row(run: int, name: str, metric: Metric) -> MetricRow:
    return MetricRow(
        run_id=run,
        name=name,
        value=metric.value,
        low=metric.low,
        high=metric.high,
        n=metric.n,
        threshold=metric.threshold,
        title=metric.title.as_json() if metric.title else None,
    )


def _metrics(session: Session, run: Run, rest: Mapping[str, Any]) -> dict[str, Metric]:
    """In the order of the report."""
    found = {
        row.name: Metric(row.value, row.low, row.high, row.n, row.threshold, _text(row.title))
        for row in session.scalars(select(MetricRow).filter_by(run_id=run.id).order_by(MetricRow.name))
    }
    for name, words in rest.get("unmeasured", {}).items():
        numbers = {key: float(words[key]) for key in ("value", "low", "high")}
        found[name] = Metric(**numbers, n=words["n"], threshold=words["threshold"], title=_text(words["title"]))
    order = {name: place for place, name in enumerate(rest.get("metrics", ()))}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _finite(metric: Metric) -> bool:
    """Whether a database can hold it: SQLite has no NaN."""
    return all(map(math.isfinite, (metric.value, metric.low, metric.high)))


def _as_words(metric: Metric) -> dict[str, Any]:
    """A metric whose numbers may be none, which JSON cannot hold."""
    return {
        "value": str(metric.value),
        "low": str(metric.low),
        "high": str(metric.high),
        "n": metric.n,
        "threshold": metric.threshold,
        "title": metric.title.as_json() if metric.title else None,
    }


def _text(data: Mapping[str, Any] | None) -> Text | None:
    return None if data is None else Text.from_json(data)
