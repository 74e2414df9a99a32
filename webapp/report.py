"""The report of a submission, and the notebook as it was run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from grader.course import decisions, grades, hints
from grader.course.hints import Opened
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
from webapp.staff import dossier

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
    refusal = presenters.refusal(session, about.course, about.the_assignment, owner, rules)
    open_now = hints.opened(session, about.the_assignment, owner, refusal)
    found = _seen(session, run, due_is_over, open_now)
    attempt = next(one for one in mine if one.receipt == receipt)
    before, differences = _since(session, mine, attempt, found, due_is_over, open_now)
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
        comments=_remarks(session, submission),
        notebook=_notebook(submission, run),
        requests=_requests(session, submission),
        mine=submission.person_id == about.person.id,
        may_submit=refusal is None,
        due_is_over=due_is_over,
        executed=run.executed is not None,
        wrong=wrong,
    )


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


def _seen(session: Session, run: Run, due_is_over: bool, open_now: Opened) -> Seen | None:
    """None where the run has no report: it was set aside or cancelled."""
    if run.state is not State.DONE:
        return None
    return presenters.report_seen(session, run, due_is_over=due_is_over, hints=open_now)


def _since(
    session: Session,
    mine: Sequence[Attempt],
    this: Attempt,
    found: Seen | None,
    due_is_over: bool,
    open_now: Opened,
) -> tuple[tuple[str, float] | None, list[Change]]:
    """The receipt and score of the last graded attempt before this one, and what is different since."""
    graded = [
        one for one in mine if one.number < this.number and (one.state, one.status) == (State.DONE, Status.GRADED)
    ]
    if found is None or found.status is not Status.GRADED or not graded:
        return None, []
    earlier = max(graded, key=lambda one: one.number)
    row = session.scalars(select(Submission).where(Submission.receipt == earlier.receipt)).one()
    run = presenters.shown_run(session, row)
    then = presenters.report_seen(session, run, due_is_over=due_is_over, hints=open_now)
    return (earlier.receipt, then.score), presenters.changes(then, found)


@dataclass(frozen=True)
class Remark:
    """What staff said, about a cell where `number` is one (the first is 1): `quote` is how it begins."""

    text: str
    at: datetime
    number: int | None = None
    quote: str | None = None


def _remarks(session: Session, submission: Submission) -> list[Remark]:
    rows = decisions.comments(session, submission)
    about_cells = any(one.cell is not None for one in rows)
    starts = dict(dossier.options(dossier.source(session, submission))) if about_cells else {}
    return [
        Remark(one.text, one.created_at)
        if one.cell is None
        else Remark(one.text, one.created_at, one.cell + 1, starts.get(one.cell))
        for one in rows
    ]


def _notebook(submission: Submission, run: Run) -> str:
    """Where the notebook can be read, with its cells: as it was run, else as it was received."""
    return url_for("history.received" if run.executed is None else "report.notebook", receipt=submission.receipt)


def _requests(session: Session, submission: Submission) -> list[RegradeRequest]:
    query = select(RegradeRequest).filter_by(submission_id=submission.id).order_by(RegradeRequest.id)
    return list(session.scalars(query))
