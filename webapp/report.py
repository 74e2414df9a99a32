"""The report of a submission, and the notebook as it was run."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from grader.course import decisions, grades, policy, seen
from grader.course.seen import Rules
from grader.report import Status
from grader.store import blobs
from grader.store.database import now
from grader.store.models import Person, RegradeRequest, Role, Run, State, Submission
from grader.text import Text
from webapp import frame, presenters
from webapp.access import allow, here
from webapp.language import language
from webapp.limits import drawing
from webapp.presenters import Attempt, Change, Seen
from webapp.site import reading

blueprint = Blueprint("report", __name__)


@blueprint.get("/submissions/<receipt>")
@allow(Role.STUDENT)
def show(receipt: str) -> str | AnyResponse:
    """What the grading found; while there is nothing yet, how far it is."""
    return page()


def page(wrong: Text | None = None) -> str | AnyResponse:
    """The same, with what was wrong with a request to look again."""
    session, submission = reading(), here().the_submission
    receipt = submission.receipt
    run = presenters.shown_run(session, submission)
    if run.state in grades.WAITING:
        return redirect(url_for("live.show", receipt=receipt))
    owner = session.get_one(Person, submission.person_id)
    about = here()
    rules = presenters.rules_for(session, about.course, about.the_assignment, owner)
    due_is_over = presenters.is_over(rules, now(session))
    grade = presenters.grade_of(session, about.course, about.the_assignment, owner)
    mine = presenters.attempts(session, about.course, about.the_assignment, owner, grade, rules)
    found = _seen(session, run, due_is_over)
    attempt = next(one for one in mine if one.receipt == receipt)
    before, differences = _since(session, mine, attempt, found, due_is_over)
    return render_template(
        "report/show.html",
        submission=submission,
        title=Text.from_json(about.the_assignment.title),
        run=run,
        report=found,
        owner=owner.name or owner.email,
        grade=grade,
        attempt=attempt,
        before=before,
        changes=differences,
        comments=[(one.cell, one.text, one.created_at) for one in decisions.comments(session, submission)],
        requests=_requests(session, submission),
        mine=submission.person_id == about.person.id,
        may_submit=_may_submit(session, rules),
        due_is_over=due_is_over,
        executed=run.executed is not None,
        wrong=wrong,
    )


def _may_submit(session: Session, rules: Rules) -> bool:
    """Whether who asks may hand something in now."""
    about = here()
    used = seen.attempts_used(session, about.the_assignment, about.person)
    zone = ZoneInfo(about.course.timezone)
    return policy.may_submit(now(session), rules.window, rules.policy, used, rules.extra_attempts, zone) is None


@blueprint.get("/submissions/<receipt>/notebook")
@allow(Role.STUDENT)
@drawing
def notebook(receipt: str) -> Response:
    """The notebook with its outputs, for a frame or a page of its own."""
    return frame.answer(_executed(), language())


@blueprint.get("/submissions/<receipt>/executed.ipynb")
@allow(Role.STUDENT)
def executed(receipt: str) -> Response:
    """The same as a file."""
    return download(_executed(), f"executed-{here().the_assignment.key}.ipynb")


def download(data: bytes, name: str) -> Response:
    """Bytes as a file to keep, never to be shown. Headers hold Latin letters alone, so any other name goes encoded."""
    answer = Response(data, content_type="application/octet-stream")
    named = {"filename": name} if name.isascii() else {"filename*": f"UTF-8''{quote(name, safe='')}"}
    answer.headers.set("Content-Disposition", "attachment", **named)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _executed() -> bytes:
    """The executed copy. Ends with 404 where there is none."""
    run = presenters.shown_run(reading(), here().the_submission)
    if run.executed is None:
        abort(404)
    try:
        return blobs.get(reading(), run.executed)
    except KeyError:
        abort(404)


def _seen(session: Session, run: Run, due_is_over: bool) -> Seen | None:
    """None where the run has no report: it was set aside or cancelled."""
    return presenters.report_seen(session, run, due_is_over=due_is_over) if run.state is State.DONE else None


def _since(
    session: Session, mine: Sequence[Attempt], this: Attempt, found: Seen | None, due_is_over: bool
) -> tuple[tuple[str, float] | None, list[Change]]:
    """The receipt and score of the last graded attempt before this one, and what is different since."""
    graded = [
        one for one in mine if one.number < this.number and (one.state, one.status) == (State.DONE, Status.GRADED)
    ]
    if found is None or found.status is not Status.GRADED or not graded:
        return None, []
    earlier = max(graded, key=lambda one: one.number)
    row = session.scalars(select(Submission).where(Submission.receipt == earlier.receipt)).one()
    then = presenters.report_seen(session, presenters.shown_run(session, row), due_is_over=due_is_over)
    return (earlier.receipt, then.score), presenters.changes(then, found)


def _requests(session: Session, submission: Submission) -> list[RegradeRequest]:
    query = select(RegradeRequest).filter_by(submission_id=submission.id).order_by(RegradeRequest.id)
    return list(session.scalars(query))
