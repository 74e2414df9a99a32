"""One submission as staff see it: every check, the executed notebook, what changed since the last attempt, and what
people say and decide."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from grader import drawing
from grader.course import decisions, submissions
from grader.errors import BadInput
from grader.picture import Picture
from grader.store import blobs
from grader.store.models import Assignment, Person, RegradeRequest, Role, Run, Submission
from grader.text import Text
from webapp import frame
from webapp.access import allow, here
from webapp.forms import Wrong
from webapp.language import language, say
from webapp.site import reading, writing
from webapp.staff import boxes, sidebyside
from webapp.staff import dossier as dossiers
from webapp.staff.charts import Cell, Chart
from webapp.staff.trail import said

blueprint = Blueprint("submission", __name__)
Page = AnyResponse | tuple[str, int]
CELLS = {
    "error": Text("오류가 났습니다", "raised an error"),
    "killed": Text("실행이 중단되었습니다", "was stopped"),
    "not_run": Text("실행되지 않았습니다", "was not run"),
}


@blueprint.get("/submissions/<receipt>/staff")
@allow(Role.ASSISTANT)
def page(receipt: str) -> str:
    """All about it."""
    return _page()


def _page(wrong: Wrong | None = None) -> str:
    about = here()
    found = dossiers.dossier(
        reading(), about.course, about.the_assignment, about.the_submission, request.args.get("run")
    )
    report = found.report
    return render_template(
        "submission/page.html",
        found=found,
        report=report,
        broken=[(cell, CELLS[cell.status]) for cell in report.cells if cell.status in CELLS] if report else (),
        pictures=[(chart := _chart(one), _svg(one, chart)) for one in report.drawn] if report else (),
        cells=dossiers.options(dossiers.source(reading(), about.the_submission)),
        trail=[(line, said(line)) for line in found.trail],
        endings=list(dict.fromkeys(map(boxes.ended, found.security.endings))) if found.security else (),
        kinds=boxes.KINDS,
        before=_before(found),
        wrong=wrong,
    )


@blueprint.get("/submissions/<receipt>/staff/notebook")
@allow(Role.ASSISTANT)
def notebook(receipt: str) -> Response:
    """The executed copy of a run, for a frame."""
    row = _run(request.args.get("run", ""))
    if row.executed is None:
        abort(404)
    return frame.answer(blobs.get(reading(), row.executed), language())


@blueprint.get("/submissions/<receipt>/staff/file")
@allow(Role.ASSISTANT)
def file(receipt: str) -> Response:
    """The bytes as they were handed in."""
    about = here().the_submission
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(about.filename, safe='')}"}
    data = blobs.get(reading(), about.notebook)
    return Response(data, content_type="application/octet-stream", headers=headers)


@blueprint.get("/submissions/<receipt>/staff/report.json")
@allow(Role.ASSISTANT)
def report(receipt: str) -> Response:
    """The whole report of a run, with its security report, as data."""
    row = _run(request.args.get("run", ""))
    found = submissions.security_of(reading(), row)
    whole = submissions.report_of(reading(), row).as_json() | {"security": found.as_json() if found else None}
    document = json.dumps(whole, ensure_ascii=False, indent=1)
    return Response(document, content_type="application/json; charset=utf-8")


@blueprint.get("/submissions/<receipt>/staff/compare")
@allow(Role.ASSISTANT)
def compare(receipt: str) -> str:
    """Two attempts of one student side by side."""
    about = here()
    found = dossiers.dossier(reading(), about.course, about.the_assignment, about.the_submission)
    other = next((one for one in found.attempts if one.receipt == request.args.get("with")), _before(found))
    if other is None:
        abort(404)
    mine = found.attempts[found.number - 1]
    early, late = sorted((other, mine), key=lambda one: one.number)
    sides = [_code(one.receipt) for one in (early, late)]
    left, right = sides
    cells = sidebyside.compare(left, right) if left is not None and right is not None else None
    return render_template("submission/compare.html", found=found, early=early, late=late, other=other, cells=cells)


@blueprint.post("/submissions/<receipt>/staff/comments")
@allow(Role.ASSISTANT)
def comment(receipt: str) -> Page:
    """Says something about it, or about a cell."""
    cell = request.form.get("cell", "")
    try:
        with writing() as session:
            row, _, who = _rows(session)
            decisions.comment(session, row, request.form.get("text", ""), cell=_cell(cell), actor=who)
    except BadInput as error:
        return _page(Wrong("comment", error.text)), 400
    flash(say("의견을 남겼습니다.", "Your comment is there."))
    return _back("comments")


@blueprint.post("/submissions/<receipt>/staff/overrides")
@allow(Role.INSTRUCTOR)
def override(receipt: str) -> Page:
    """Points by hand: of one check, or of the whole."""
    check, reason = request.form.get("check") or None, request.form.get("reason", "")
    try:
        points = None if request.form.get("undo") else number_of(request.form.get("points", ""))
        with writing() as session:
            row, assignment, who = _rows(session)
            owner = session.get_one(Person, row.person_id)
            about: dict[str, Any] = {"submission": row, "check": check} if check is not None else {}
            decisions.set_override(session, assignment, owner, points, reason, actor=who, **about)
    except BadInput as error:
        return _page(Wrong(f"points-{check or 'whole'}", error.text)), 400
    if points is None:
        flash(say("조정을 취소했습니다.", "The earlier decision is taken back."))
    else:
        flash(say(f"{points:g}점으로 조정했습니다.", f"It is {points:g} points now."))
    return _back("checks" if check else "grade")


@blueprint.post("/submissions/<receipt>/staff/requests/<int:id>")
@allow(Role.INSTRUCTOR)
def answer(receipt: str, id: int) -> Page:
    """Accepts or declines a request to look again, with an answer."""
    verdict = request.form.get("verdict")
    if verdict not in ("accept", "decline"):
        abort(400)
    try:
        with writing() as session:
            row, _, who = _rows(session)
            asked = session.scalars(select(RegradeRequest).filter_by(id=id, submission_id=row.id)).first()
            if asked is None:
                abort(404)
            decide = decisions.accept if verdict == "accept" else decisions.decline
            decide(session, asked, request.form.get("answer", ""), actor=who)
    except BadInput as error:
        return _page(Wrong(f"answer-{id}", error.text)), 400
    flash(say("답했습니다.", "Answered."))
    return _back("requests")


def number_of(words: str) -> float:
    """A number of points as somebody typed it, with a comma or a point. Raises BadInput."""
    try:
        found = float(words.strip().replace(",", "."))
    except ValueError:
        found = float("nan")
    if found != found or abs(found) == float("inf"):
        raise BadInput(
            Text(
                f"'{words[:40]}'은(는) 점수가 아닙니다. 7 또는 7.5처럼 쓰세요.",
                f"'{words[:40]}' is no number of points. Write it like 7 or 7.5.",
            )
        )
    return found


# -------------------------------------------------------------------------------------------------------- pieces


def _rows(session: Session) -> tuple[Submission, Assignment, Person]:
    """What the request is about, and who asks, in a transaction."""
    about = here()
    return (
        session.get_one(Submission, about.the_submission.id),
        session.get_one(Assignment, about.the_assignment.id),
        session.get_one(Person, about.person.id),
    )


def _back(part: str) -> AnyResponse:
    return redirect(url_for("submission.page", receipt=here().the_submission.receipt, _anchor=part), 303)


def _run(key: str) -> Run:
    """A run of this submission. Ends the request where there is none."""
    found = reading().scalars(select(Run).filter_by(key=key, submission_id=here().the_submission.id)).first()
    if found is None:
        abort(404)
    return found


def _code(receipt: str) -> list[sidebyside.Code] | None:
    row = reading().scalars(select(Submission).filter_by(receipt=receipt)).one()
    return dossiers.source(reading(), row)


def _before(found: dossiers.Dossier) -> dossiers.Sibling | None:
    """The attempt to compare with: the one before, of the first the next."""
    others = [one for one in found.attempts if one.number != found.number]
    earlier = [one for one in others if one.number < found.number]
    return earlier[-1] if earlier else next(iter(others), None)


def _cell(words: str) -> int | None:
    if not words:
        return None
    if not words.isdecimal() or len(words) > 5:
        raise BadInput(Text("그런 셀이 없습니다.", "There is no such cell."))
    return int(words)


def _chart(picture: Picture) -> Chart:
    """A picture of the report, as a chart whose picture is drawn elsewhere."""
    head, *rows = picture.table()
    cells = [[Cell(field) for field in row] for row in rows]
    return Chart(f"picture-{picture.id}", picture.title, picture.sentences(), head, cells, lambda _: {})


def _svg(picture: Picture, chart: Chart) -> Any:
    label = Markup('<svg role="img" aria-label="{}" ').format(chart.words.into(language()))
    return Markup(drawing.svg(picture, language()).replace("<svg ", label, 1))
