"""Asking for another look at a submission, and answering."""

from __future__ import annotations

from collections.abc import Iterable

from flask import abort, request
from sqlalchemy import select

from grader.course import decisions
from grader.course.tokens import Scope
from grader.errors import BadInput
from grader.store.models import Assignment, Decision, Person, RegradeRequest, Role, Submission
from webapp.access import allow, here
from webapp.api import models
from webapp.api.blueprint import blueprint
from webapp.api.document import operation
from webapp.limits import limiter
from webapp.problems import Problem
from webapp.site import reading, writing


@blueprint.get("/v1/submissions/<receipt>/requests")
@allow(Role.STUDENT)
@operation("제출 하나에 대한 요청", tag="requests", scope=Scope.READ, returns=models.Requests)
def requests(receipt: str) -> models.Requests:
    """The requests about a submission."""
    query = select(RegradeRequest).filter_by(submission_id=here().the_submission.id).order_by(RegradeRequest.id)
    return _shapes(reading().scalars(query))


@blueprint.post("/v1/submissions/<receipt>/requests")
@allow(Role.STUDENT)
@limiter.limit("20/hour")
@operation(
    "재검토 요청하기",
    tag="requests",
    scope=Scope.SUBMIT,
    returns=models.Request,
    code=201,
    body=models.Ask,
    errors=(404, 409),
)
def ask(receipt: str) -> tuple[models.Request, int]:
    """Ask for another look at the own submission."""
    about = here()
    if about.the_submission.person_id != about.person.id:
        abort(404)
    try:
        with writing() as session:
            row = decisions.open_request(
                session,
                session.get_one(Submission, about.the_submission.id),
                session.get_one(Person, about.person.id),
                request.context.json.reason,  # type: ignore[attr-defined]
            )
    except BadInput as error:
        raise Problem("conflict", error.text) from error
    return _shape(row), 201


@blueprint.post("/v1/submissions/<receipt>/requests/<int(max=2147483647):id>/answer")
@allow(Role.INSTRUCTOR)
@operation(
    "요청에 답하기",
    tag="requests",
    scope=Scope.STAFF,
    returns=models.Request,
    body=models.Answer,
    errors=(404, 409),
)
def answer(receipt: str, id: int) -> models.Request:
    """Accept or decline a request. What follows (points, a regrade) is a decision of its own."""
    given: models.Answer = request.context.json  # type: ignore[attr-defined]
    try:
        with writing() as session:
            row = session.scalars(
                select(RegradeRequest).filter_by(id=id, submission_id=here().the_submission.id)
            ).first()
            if row is None:
                abort(404)
            decide = decisions.accept if given.decision == Decision.ACCEPTED.value else decisions.decline
            row = decide(session, row, given.answer, actor=session.get_one(Person, here().person.id))
    except BadInput as error:
        raise Problem("conflict", error.text) from error
    return _shape(row)


@blueprint.get("/v1/courses/<course>/requests")
@allow(Role.ASSISTANT)
@operation("답을 기다리는 요청", tag="requests", scope=Scope.STAFF, returns=models.Requests)
def requests_open(course: str) -> models.Requests:
    """What waits for an answer in a course."""
    return _shapes(decisions.open_requests(reading(), here().course))


def _shapes(rows: Iterable[RegradeRequest]) -> models.Requests:
    return models.Requests(requests=[_shape(one) for one in rows])


def _shape(one: RegradeRequest) -> models.Request:
    session = reading()
    row = session.get_one(Submission, one.submission_id)
    return models.Request(
        id=one.id,
        receipt=row.receipt,
        assignment=session.get_one(Assignment, row.assignment_id).key,
        reason=one.reason,
        decision=one.decision.value,
        answer=one.answer,
        created_at=one.created_at,
        decided_at=one.decided_at,
        person=session.get_one(Person, one.person_id).email if here().staff else None,
    )
