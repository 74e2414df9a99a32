"""Key corrections: marked in the shadow, looked at, decided on."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from grader.course import quizzes
from grader.errors import BadInput, GraderError
from grader.store.models import Course, Person, Role
from grader.store.quizzes import Quiz, QuizRemark, QuizVersion
from grader.text import Text
from webapp.access import allow, here
from webapp.language import say
from webapp.quizzes import desk
from webapp.quizzes.staff import catalogue
from webapp.quizzes.staff.catalogue import SHOWN, blueprint
from webapp.site import reading, site, writing


@blueprint.get("/courses/<course>/quizbook/<quiz>/corrections")
@allow(Role.ASSISTANT)
def corrections(course: str, quiz: str) -> str:
    """Key corrections of a quiz, and the form for another one."""
    return _corrections(quiz)


@blueprint.post("/courses/<course>/quizbook/<quiz>/corrections")
@allow(Role.INSTRUCTOR)
def correct(course: str, quiz: str) -> AnyResponse | tuple[str, int]:
    """Marks again by a version, in the shadow; with `publish` the bank of this machine becomes a version first."""
    row, form, enqueue = desk.quiz(quiz), request.form, site().jobs.enqueue
    try:
        faults = quizzes.prove(desk.bank(), quiz) if form.get("publish") == "1" else []
        with writing() as session:
            held, actor = session.get_one(Quiz, row.id), session.get_one(Person, here().person.id)
            if form.get("publish") == "1":
                course_row = session.get_one(Course, here().course.id)
                quizzes.publish(session, course_row, desk.bank(), quiz, actor=actor, faults=faults)
            batch = quizzes.remark(session, held, actor=actor, enqueue=enqueue)
    except GraderError as error:
        return _corrections(quiz, error.text), 400
    return redirect(url_for("quizbook.correction", course=course, quiz=quiz, batch=batch), 303)


@blueprint.get("/courses/<course>/quizbook/<quiz>/corrections/<batch>")
@allow(Role.ASSISTANT)
def correction(course: str, quiz: str, batch: str) -> str:
    """Who would have another score."""
    return _correction(quiz, batch)


@blueprint.post("/courses/<course>/quizbook/<quiz>/corrections/<batch>")
@allow(Role.INSTRUCTOR)
def decide(course: str, quiz: str, batch: str) -> AnyResponse | tuple[str, int]:
    """Makes it count, if it is still what was seen; or drops it."""
    _remark(quiz, batch)
    verb, enqueue = request.form.get("verb"), site().jobs.enqueue
    if verb not in ("commit", "discard"):
        abort(404)
    try:
        with writing() as session:
            actor = session.get_one(Person, here().person.id)
            if verb == "discard":
                quizzes.discard(session, batch, actor=actor)
            else:
                quizzes.commit(session, batch, actor=actor, shown=request.form.get("seen", ""), enqueue=enqueue)
    except quizzes.NotShown as error:
        with writing() as session:
            quizzes.catch_up(session, batch, enqueue=enqueue)
        return _correction(quiz, batch, error.text), 409
    except BadInput as error:
        return _correction(quiz, batch, error.text), 409
    flash(say("반영했습니다.", "It counts now.") if verb == "commit" else say("버렸습니다.", "Dropped."))
    return redirect(url_for("quizbook.correction", course=course, quiz=quiz, batch=batch), 303)


# --------------------------------------------------------------------------------------------------- pieces


def _corrections(key: str, wrong: Text | None = None) -> str:
    row, session = desk.quiz(key), reading()
    version = session.get_one(QuizVersion, row.version_id)
    versions = {one.id: one for one in session.scalars(select(QuizVersion).filter_by(quiz_id=row.id))}
    return render_template(
        "quizzes/staff/corrections.html",
        quiz=row,
        tab="corrections",
        version=version,
        versions=versions,
        newer=catalogue.newer(key, version),
        remarks=quizzes.remarks(session, row),
        wrong=wrong,
    )


def _remark(key: str, batch: str) -> QuizRemark:
    """Ends with 404 where this quiz has no such correction."""
    found = reading().get(QuizRemark, batch)
    if found is None or found.quiz_id != desk.quiz(key).id:
        abort(404)
    return found


def _correction(key: str, batch: str, wrong: Text | None = None) -> str:
    row, session = _remark(key, batch), reading()
    changes = quizzes.compare(session, batch) if row.committed_at is None and row.discarded_at is None else []
    return render_template(
        "quizzes/staff/correction.html",
        quiz=desk.quiz(key),
        tab="corrections",
        remark=row,
        version=session.get_one(QuizVersion, row.version_id),
        progress=quizzes.progress(session, batch),
        changes=changes[:SHOWN],
        count=len(changes),
        seen=quizzes.word_for(changes),
        wrong=wrong,
    )
