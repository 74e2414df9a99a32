"""Handing in, watching, and reading what came of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from flask import Response, abort, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader import picture as pictures
from grader import report as reports
from grader.course import decisions, hints, submissions
from grader.course.submissions import OfAnother, Received, Refused
from grader.course.tokens import Scope
from grader.jobs import Outlook
from grader.misconception import Misconception
from grader.notebook import MAX_BYTES
from grader.report import Metric, Report
from grader.store import blobs
from grader.store.database import now
from grader.store.models import Assignment, Course, Person, Role, Run, Source, State, Submission
from grader.text import Text
from webapp import limits, presenters
from webapp.access import allow, here
from webapp.api import models
from webapp.api.blueprint import blueprint
from webapp.api.courses import grade_shape, receipts_of
from webapp.api.document import BYTES, operation
from webapp.limits import limiter
from webapp.presenters import Seen
from webapp.problems import Problem
from webapp.report import download
from webapp.site import reading, site, writing
from webapp.wording import STATES

MOST = 100  # submissions in a list
EMPTY = Text(
    "본문이 비어 있습니다. 노트북 파일의 바이트를 보내세요.", "The body is empty. Send the bytes of the notebook."
)
FORM = Text(
    "양식(multipart)은 받지 않습니다. 노트북의 바이트를 본문으로 보내세요: curl --data-binary @my.ipynb",
    "A form (multipart) is not taken. Send the bytes of the notebook as the body: curl --data-binary @my.ipynb",
)
TOO_LARGE = Text(
    f"노트북은 {MAX_BYTES // 2**20} MB까지 낼 수 있습니다. 모든 출력을 지우고 저장해서 다시 내 주세요.",
    f"A notebook may have {MAX_BYTES // 2**20} MB. Clear all outputs, save it and submit it again.",
)
NO_REPORT = Text("아직 보고서가 없습니다.", "There is no report yet.")


# ------------------------------------------------------------------------------------------------- handing in


@blueprint.post("/v1/courses/<course>/assignments/<assignment>/submissions")
@allow(Role.STUDENT)
@limiter.limit("60/hour")
@limits.upload
@operation(
    "노트북 제출하기",
    tag="submissions",
    scope=Scope.SUBMIT,
    returns=models.Received,
    code=201,
    also=(200,),
    query=models.Filename,
    headers=models.Key,
    takes=BYTES,
    errors=(400, 404, 409, 413, 415),
    gives_headers={
        "201": {"Location": "The submission"},
        "200": {"Location": "The submission"},
        "409": {"Retry-After": "Seconds until a submission would be taken, if one ever would"},
    },
)
def submit(course: str, assignment: str) -> tuple[models.Received, int, dict[str, str]]:
    """Hand a notebook in: 201, or 200 where it was here already.

    The body is the notebook's bytes. The same upload again is the same submission and spends no attempt: by its
    Idempotency-Key, or by the same bytes as the latest submission."""
    data, about, sent = _body(), here(), request.context  # type: ignore[attr-defined]
    try:
        with writing() as session:
            received = submissions.submit(
                session,
                session.get_one(Assignment, about.the_assignment.id),
                session.get_one(Person, about.person.id),
                data,
                sent.query.filename,
                Source.API,
                token=sent.headers.idempotency_key,
                enqueue=site().jobs.enqueue,
            )
    except Refused as error:
        raise _refused(error, now(reading()).timestamp()) from error
    place = url_for("api.submission", receipt=received.submission.receipt)
    return _received(received, about.course), 200 if received.duplicate else 201, {"Location": place}


def _body() -> bytes:
    if request.mimetype == "multipart/form-data":
        raise Problem("media-type", FORM, headers={"Accept": BYTES})
    if (request.content_length or 0) > MAX_BYTES:
        raise Problem("too-large", TOO_LARGE)
    data = request.get_data(cache=False)
    if not data:
        raise Problem("bad-request", EMPTY)
    if len(data) > MAX_BYTES:
        raise Problem("too-large", TOO_LARGE)
    return data


def _refused(error: Refused, at: float) -> Problem:
    refusal = error.refusal
    if isinstance(error, OfAnother):
        return Problem("refused", error.text, why="another_assignment", assignment=error.name)
    if refusal is None:
        return Problem("refused", error.text)
    more: dict[str, str] = {"why": refusal.why.value}
    headers = {}
    if refusal.next_at is not None:
        more["next_at"] = refusal.next_at.isoformat()
        headers["Retry-After"] = str(max(1, math.ceil(refusal.next_at.timestamp() - at)))
    return Problem("refused", error.text, headers=headers, **more)


def _received(received: Received, course: Course) -> models.Received:
    row = received.submission
    return models.Received(
        receipt=row.receipt,
        received_at=row.received_at,
        sha256=row.notebook,
        duplicate=received.duplicate,
        run=received.run.key,
        course=course.key,
        assignment=here().the_assignment.key,
        timezone=course.timezone,
    )


# --------------------------------------------------------------------------------------------------- watching


@blueprint.get("/v1/submissions/<receipt>")
@allow(Role.STUDENT)
@operation("제출 하나: 줄의 자리, 진행, 점수", tag="submissions", scope=Scope.READ, returns=models.Submission)
def submission(receipt: str) -> models.Submission:
    """A submission: its place in the queue, how far it is, its score."""
    about = here()
    run = submissions.latest_run(reading(), about.the_submission)
    expected = site().jobs.outlook([run.key]).get(run.key, Outlook())
    return _submission(about.the_submission, about.the_assignment.key, run, expected, progress=True)


@blueprint.get("/v1/courses/<course>/submissions")
@allow(Role.STUDENT)
@operation("내 최근 제출", tag="submissions", scope=Scope.READ, returns=models.Submissions)
def submissions_mine(course: str) -> models.Submissions:
    """My latest submissions in a course, the newest first."""
    return models.Submissions(submissions=_of(here().course, here().person))


@blueprint.get("/v1/courses/<course>/assignments/<assignment>/submissions")
@allow(Role.STUDENT)
@operation("한 과제의 내 제출 기록", tag="submissions", scope=Scope.READ, returns=models.History)
def history(course: str, assignment: str) -> models.History:
    """My attempts at an assignment, the newest first, and which of them counts."""
    about, session = here(), reading()
    one = about.the_assignment
    rules = presenters.rules_for(session, about.course, one, about.person)
    grade = presenters.grade_of(session, about.course, one, about.person)
    attempts = presenters.attempts(session, about.course, one, about.person, grade, rules)
    return models.History(
        course=about.course.key,
        assignment=one.key,
        attempts=[models.Attempt.model_validate({**vars(each), "state": each.state.value}) for each in attempts],
        grade=None if grade is None else grade_shape(grade, receipts_of([grade])),
    )


def _of(course: Course, person: Person) -> list[models.Submission]:
    session = reading()
    query = (
        select(Submission, Assignment.key)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Assignment.course_id == course.id, Submission.person_id == person.id)
        .order_by(Submission.received_at.desc(), Submission.id.desc())
        .limit(MOST)
    )
    rows = [(row, key, submissions.latest_run(session, row)) for row, key in session.execute(query).all()]
    expected = site().jobs.outlook([run.key for _, _, run in rows])
    return [_submission(row, key, run, expected.get(run.key, Outlook())) for row, key, run in rows]


def _submission(row: Submission, key: str, run: Run, expected: Outlook, *, progress: bool = False) -> models.Submission:
    about = here()
    owner = reading().get_one(Person, row.person_id)
    return models.Submission(
        course=about.course.key,
        assignment=key,
        receipt=row.receipt,
        received_at=row.received_at,
        filename=row.filename,
        sha256=row.notebook,
        state=run.state.value,
        status=run.status,  # type: ignore[arg-type]  # a word of grader.report.Status
        score=run.score,
        max_score=run.max_score,
        reason=_reason(run),
        place=expected.place,
        seconds_left=expected.seconds,
        over=run.state not in (State.QUEUED, State.RUNNING),
        progress=_progress(run) if progress and run.state is State.RUNNING else None,
        person=owner.email if about.staff else None,
    )


def _reason(run: Run) -> models.Words | None:
    """What a student may know of why: of a fault of ours only that there was one."""
    if run.state in (State.SET_ASIDE, State.CANCELLED) and not here().staff:
        return models.Words.of(STATES[run.state])
    return None if run.reason is None else models.Words.of(Text.from_json(run.reason))


def _progress(run: Run) -> models.Progress:
    seen = presenters.live(reading(), run.id)
    return models.Progress(
        cells_done=seen.cells_done,
        cells=seen.cells,
        checks=[models.CheckSoFar(title=models.Words.of(title), verdict=verdict) for title, verdict in seen.checks],
    )


# ---------------------------------------------------------------------------------------------------- reading


@blueprint.get("/v1/submissions/<receipt>/report")
@allow(Role.STUDENT)
@operation("보고서", tag="submissions", scope=Scope.READ, returns=models.Report, errors=(404, 409))
def report(receipt: str) -> models.Report:
    """The report: for a student what the page shows; for staff all of it."""
    about, session = here(), reading()
    run = presenters.shown_run(session, about.the_submission)
    if run.state is not State.DONE:
        raise Problem("conflict", NO_REPORT + STATES[run.state], state=run.state.value)
    whole = submissions.report_of(session, run)
    if about.staff:
        return models.Report.model_validate(_for_staff(whole, receipt))
    return models.Report.model_validate(_for_student(session, run, whole))


@blueprint.get("/v1/submissions/<receipt>/notebook")
@allow(Role.STUDENT)
@operation("제출한 그대로의 노트북", tag="submissions", scope=Scope.READ, returns=(BYTES,))
def notebook(receipt: str) -> Response:
    """The notebook as it was received, to the byte."""
    row = here().the_submission
    return _file(row.notebook, row.filename)


@blueprint.get("/v1/submissions/<receipt>/executed")
@allow(Role.STUDENT)
@operation("실행된 노트북", tag="submissions", scope=Scope.READ, returns=(BYTES,))
def executed(receipt: str) -> Response:
    """The notebook with the outputs of its grading."""
    run = presenters.shown_run(reading(), here().the_submission)
    return _file(run.executed, f"executed-{here().the_assignment.key}.ipynb")


@blueprint.get("/v1/submissions/<receipt>/comments")
@allow(Role.STUDENT)
@operation("조교와 강사의 의견", tag="submissions", scope=Scope.READ, returns=models.Comments)
def comments(receipt: str) -> models.Comments:
    """What staff said about it."""
    found = decisions.comments(reading(), here().the_submission)
    return models.Comments(comments=[models.Comment(cell=one.cell, text=one.text, at=one.created_at) for one in found])


def _file(sha256: str | None, name: str) -> Response:
    try:
        return download(blobs.get(reading(), sha256 or ""), name)
    except KeyError:
        abort(404)


def _for_staff(whole: Report, receipt: str) -> dict[str, object]:
    document = whole.as_json()
    checks = [{**one, **_all_hints(one["hint"]), "by_hand": False} for one in document["checks"]]
    metrics = {name: _metric(metric) for name, metric in whole.metrics.items()}
    return {**document, "checks": checks, "metrics": metrics, "unlisted": False, "receipt": receipt}


def _all_hints(hint: dict[str, str] | None) -> dict[str, object]:
    return {"hints": len(hints.split(Text.from_json(hint))) if hint else 0, "next_hint": None}


def _for_student(session: Session, run: Run, whole: Report) -> dict[str, object]:
    """Schema 1 out of what the page shows: checks, texts, cells and numbers are the presenter's."""
    about = here()
    owner = session.get_one(Person, about.the_submission.person_id)
    rules = presenters.rules_for(session, about.course, about.the_assignment, owner)
    refusal = presenters.refusal(session, about.course, about.the_assignment, owner, rules)
    open_now = hints.opened(session, about.the_assignment, owner, refusal)
    over = presenters.is_over(rules, now(session))
    seen = presenters.report_seen(session, run, due_is_over=over, hints=open_now)
    checks = [_check(one, seen) for group in seen.groups for one in group.checks]
    return {
        "schema": reports.SCHEMA,
        "assignment": about.the_assignment.key,
        "suite_version": seen.facts["suite"],
        "notebook_sha256": about.the_submission.notebook,
        "status": seen.status.value,
        "reason": _words(seen.reason),
        "score": seen.score,
        "max_score": seen.max_score,
        "checks": checks,
        "cells": [
            {"index": one.number - 1, "status": one.status, "seconds": None, "error": one.error} for one in seen.cells
        ],
        "misconceptions": [
            one.about.as_json() | {"checks": [each["id"] for each in checks if each["misconception"] == one.about.id]}
            for one in seen.beliefs
        ],
        "metrics": {name: _metric(metric) for name, (_, metric) in zip(whole.metrics, seen.metrics, strict=True)},
        "pictures": [pictures.as_json(one) for one in whole.pictures],  # each is drawn, with its numbers, on the page
        "environment": {},
        "seconds": {"total": float(seen.facts["seconds"])} if "seconds" in seen.facts else {},
        "unlisted": seen.unlisted,
        "receipt": about.the_submission.receipt,
    }


def _check(one: presenters.Check, seen: Seen) -> dict[str, object]:
    belief = _belief(one.title, seen.beliefs)
    return {
        "id": one.id,
        "title": one.title.as_json(),
        "points": one.points,
        "max_points": one.max_points,
        "verdict": one.verdict,
        "visibility": None,
        "message": _words(one.message),
        "hint": _words(_joined(one.hints)),
        "hints": one.all_hints,
        "next_hint": _words(one.next_hint),
        "seconds": None,
        "misconception": None if belief is None else belief.id,
        "by_hand": one.by_hand,
    }


def _belief(title: Text, beliefs: Iterable[presenters.Belief]) -> Misconception | None:
    return next((one.about for one in beliefs if title in one.checks), None)


def _joined(hints: Sequence[Text]) -> Text | None:
    """A line a step, as it was written."""
    return Text("\n".join(one.ko for one in hints), "\n".join(one.en for one in hints)) if hints else None


def _words(text: Text | None) -> dict[str, str] | None:
    return None if text is None else text.as_json()


def _metric(metric: Metric) -> dict[str, object]:
    """JSON has no NaN."""
    numbers = {name: getattr(metric, name) for name in ("value", "low", "high")}
    finite = {name: value if math.isfinite(value) else None for name, value in numbers.items()}
    return {**finite, "n": metric.n, "threshold": metric.threshold, "title": _words(metric.title)}
