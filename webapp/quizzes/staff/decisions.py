"""What staff decide on: points, and answers to what takers say is wrong."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from grader.course import quizzes
from grader.course.quizzes import reports
from grader.errors import BadInput
from grader.store.models import Person, Role
from grader.store.quizzes import Quiz, QuizReport
from grader.text import Text
from webapp.access import allow, here
from webapp.language import say
from webapp.quizzes import desk
from webapp.quizzes.staff import rules
from webapp.quizzes.staff.catalogue import SHOWN, blueprint
from webapp.site import reading, writing


@blueprint.post("/courses/<course>/sittings/<sitting>/override")
@allow(Role.INSTRUCTOR)
def override(course: str, sitting: str) -> AnyResponse:
    """Decides on points: of the person's whole quiz, or of the question at `position`; `verb` "undo" takes that
    back."""
    row, form = desk.attempt(sitting, staff=True), request.form
    place = form.get("position", "")
    position = int(place) if place.isascii() and place.isdigit() and len(place) < 5 else None
    undo = form.get("verb") == "undo"
    try:
        points = None if undo else _points(form.get("points", ""))
        with writing() as session:
            attempt = desk.again(session, row)
            quizzes.override(
                session,
                session.get_one(Quiz, attempt.quiz_id or 0),
                session.get_one(Person, attempt.person_id),
                points,
                form.get("reason", ""),
                attempt=None if position is None else attempt,
                position=position,
                actor=session.get_one(Person, here().person.id),
            )
    except BadInput as error:
        flash(say(error.text))
    else:
        flash(say("거두었습니다.", "It is taken back.") if undo else say("점수를 정했습니다.", "The points are set."))
    anchor = "whole" if position is None else f"q{position}"
    return redirect(desk.address(sitting, "quizzes.look", _anchor=anchor), 303)


@blueprint.get("/courses/<course>/quizreports")
@allow(Role.ASSISTANT)
def reported(course: str) -> str:
    """What takers say is wrong."""
    return render_template("quizzes/staff/reports.html", found=reports.of_course(reading(), here().course)[:SHOWN])


@blueprint.post("/courses/<course>/quizreports/<int:report>")
@allow(Role.ASSISTANT)
def answer(course: str, report: int) -> AnyResponse:
    """Says something to a report; who wrote it reads it."""
    found = next((one.row for one in reports.of_course(reading(), here().course) if one.row.id == report), None)
    if found is None:
        abort(404)
    try:
        with writing() as session:
            actor = session.get_one(Person, here().person.id)
            reports.answer(session, session.get_one(QuizReport, found.id), request.form.get("answer", ""), actor=actor)
    except BadInput as error:
        flash(say(error.text))
    else:
        flash(say("답했습니다.", "Answered."))
    return redirect(url_for("quizbook.reported", course=course, _anchor=f"r{report}"), 303)


# --------------------------------------------------------------------------------------------------- pieces


def _points(words: str) -> float:
    found = rules.number(words, float, say("점수", "points"))
    if found is None:
        raise BadInput(Text("점수를 적어 주세요.", "Say how many points."))
    return float(found)
