"""One's attempts at an assignment: what was handed in, what came of it, and asking for another look."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from grader.course import decisions, policy, publishing, seen
from grader.errors import BadInput, GraderError
from grader.notebook import parse
from grader.store import blobs
from grader.store.database import now
from grader.store.models import Person, Role, Submission, Version
from grader.text import Text
from webapp import frame, presenters, released, report
from webapp import submitted as everything
from webapp.access import allow, here
from webapp.home import left
from webapp.language import language, say
from webapp.limits import drawing, limiter
from webapp.report import download
from webapp.security import page_of_error
from webapp.site import reading, site, writing

blueprint = Blueprint("history", __name__)
PUBLISHED = "published"


@blueprint.get("/courses/<course>/assignments/<assignment>")
@allow(Role.STUDENT)
def show(course: str, assignment: str) -> str:
    """The rules, the grade, and all attempts."""
    session, about = reading(), here()
    one, at, zone = about.the_assignment, now(session), ZoneInfo(about.course.timezone)
    rules = presenters.rules_for(session, about.course, one, about.person)
    used = seen.attempts_used(session, one, about.person)
    grade = presenters.grade_of(session, about.course, one, about.person)
    mine = presenters.attempts(session, about.course, one, about.person, grade, rules)
    return render_template(
        "history/show.html",
        title=Text.from_json(one.title),
        rules=rules,
        left=left(rules, used, at, zone),
        refusal=policy.may_submit(at, rules.window, rules.policy, used, rules.extra_attempts, zone),
        grade=grade,
        attempts=mine,
        curve=presenters.curve(mine),
        now=at,
    )


@blueprint.get("/courses/<course>/assignments/<assignment>/notebook.ipynb")
@allow(Role.STUDENT)
def notebook(course: str, assignment: str) -> Response:
    """The notebook to work on, as it was published; not before the assignment opens."""
    return download(_released().read_bytes(), f"{here().the_assignment.key}.ipynb")


@blueprint.get("/courses/<course>/assignments/<assignment>/notebook")
@allow(Role.STUDENT)
@drawing
def read(course: str, assignment: str) -> str | tuple[str, int]:
    """The same notebook to be read here; `#cell-3` leads to its third cell."""
    try:
        cells = released.cells(_released())
    except GraderError as error:
        return page_of_error(error.text, 422)
    return render_template("history/read.html", title=Text.from_json(here().the_assignment.title), cells=cells)


def _released() -> Path:
    """The notebook that students get. Ends with 404 before the assignment opens; staff may see it before."""
    session, about = reading(), here()
    one = about.the_assignment
    rules = presenters.rules_for(session, about.course, one, about.person)
    closed = rules.window.opens is not None and now(session) < rules.window.opens
    if one.version_id is None or (closed and not about.staff):
        abort(404)
    version = session.get_one(Version, one.version_id)
    return publishing.unpack(session, version, site().home.folder / PUBLISHED).notebook


@blueprint.get("/courses/<course>/assignments/<assignment>/submitted.zip")
@allow(Role.STUDENT)
@limiter.limit("30/hour")
def submitted(course: str, assignment: str) -> Response:
    """All that one handed in for it oneself, with the receipts."""
    return everything.answer(here().course, here().person, here().the_assignment)


@blueprint.get("/courses/<course>/submitted.zip")
@allow(Role.STUDENT)
@limiter.limit("30/hour")
def submitted_in_all(course: str) -> Response:
    """The same of the whole course."""
    return everything.answer(here().course, here().person)


@blueprint.get("/submissions/<receipt>/file")
@allow(Role.STUDENT)
def file(receipt: str) -> Response:
    """What was handed in, to the byte."""
    submission = here().the_submission
    try:
        return download(blobs.get(reading(), submission.notebook), submission.filename)
    except KeyError:
        abort(404)


@blueprint.get("/submissions/<receipt>/received")
@allow(Role.STUDENT)
@drawing
def received(receipt: str) -> Response | tuple[str, int]:
    """What was handed in, to be read: with the outputs that it had, before anything was run."""
    submission = here().the_submission
    try:
        return frame.shown(parse(blobs.get(reading(), submission.notebook), submission.filename).node, language())
    except KeyError:
        abort(404)
    except GraderError as error:
        return page_of_error(error.text, 422)


@blueprint.post("/submissions/<receipt>/request")
@allow(Role.STUDENT)
@limiter.limit("20/hour")
def ask(receipt: str) -> str | AnyResponse | tuple[str | AnyResponse, int]:
    """Asks for another look at the own submission."""
    about = here()
    if about.the_submission.person_id != about.person.id:
        abort(404)
    back = redirect(url_for("report.show", receipt=receipt, _anchor="requests"), 303)
    try:
        with writing() as session:
            decisions.open_request(
                session,
                session.get_one(Submission, about.the_submission.id),
                session.get_one(Person, about.person.id),
                request.form.get("reason", ""),
            )
    except BadInput as error:
        return report.page(error.text), 400
    flash(say("요청했습니다. 답변은 이 페이지에 표시됩니다.", "Asked. The answer will show on this page."))
    return back
