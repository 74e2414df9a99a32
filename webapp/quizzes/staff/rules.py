"""When a quiz is open and by which rules; publishing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from grader.course import quizzes
from grader.course.quizzes import QuizGrade, QuizRules
from grader.errors import BadInput, GraderError
from grader.store.models import Course, Person, Role
from grader.store.quizzes import Quiz, QuizVersion
from grader.text import Text
from webapp.access import allow, here
from webapp.language import say
from webapp.quizzes import desk
from webapp.quizzes.staff import catalogue
from webapp.quizzes.staff.catalogue import blueprint
from webapp.site import reading, writing

NUMBERS = {"minutes": int, "attempts": int, "questions": int, "percent_a_day": float, "floor_percent": float}
NUMBERS |= {"grace_days": float}
FLAGS = ("graded", "shuffle", "hints")
WORDS = ("practice", "counts", "late", "review")
TIMES = ("opens", "due", "closes")


@blueprint.get("/courses/<course>/quizbook/<quiz>/rules")
@allow(Role.ASSISTANT)
def rules(course: str, quiz: str) -> str:
    """When it is open and by which rules; for one that waits, publishing it."""
    return _rules_page(quiz)


@blueprint.post("/courses/<course>/quizbook/<quiz>/rules")
@allow(Role.INSTRUCTOR)
def set_rules(course: str, quiz: str) -> str | AnyResponse | tuple[str, int]:
    """Shows whose score would change, or makes the change."""
    form = request.form
    saves = form.get("verb") == "save"
    try:
        wish, times = _wished(form), _times(form)
        weight = number(form.get("weight", ""), float, "weight")
        publishes = form.get("publish") == "1" or catalogue.row_of(quiz) is None
        faults = quizzes.prove(desk.bank(), quiz) if publishes and saves else []
        with writing() as session:
            course_row = session.get_one(Course, here().course.id)
            before = _grades(session, course_row, quiz)
            actor = session.get_one(Person, here().person.id)
            how: dict[str, Any] = {"rules": wish, "actor": actor, **times}
            how |= {} if weight is None else {"weight": weight}
            if publishes and saves:
                forced = form.get("forced", "").strip() or None
                quizzes.publish(session, course_row, desk.bank(), quiz, forced=forced, faults=faults, **how)
            elif catalogue.row_of(quiz) is not None:
                quizzes.schedule(session, quizzes.the_quiz(session, course_row, quiz), **how)
            session.flush()
            moved = _moved(before, _grades(session, course_row, quiz))
            if not saves:
                session.rollback()
    except GraderError as error:
        return _rules_page(quiz, wrong=error.text), 400
    if not saves:
        return _rules_page(quiz, moved=moved)
    flash(
        say(
            f"저장했습니다. 점수가 바뀐 사람: {len(moved)}명.",
            f"Saved. {len(moved)} {'person has' if len(moved) == 1 else 'people have'} another score.",
        )
    )
    return redirect(url_for("quizbook.rules", course=course, quiz=quiz), 303)


# --------------------------------------------------------------------------------------------------- pieces


def _rules_page(
    key: str, *, wrong: Text | None = None, moved: Sequence[tuple[str, QuizGrade, QuizGrade]] | None = None
) -> str:
    row, waiting = catalogue.row_of(key), catalogue.waiting(key)
    if row is not None:
        title = Text.from_json(row.title)
    elif waiting is not None:
        title = waiting.title
    else:
        abort(404)
    form = request.form if request.method == "POST" else None
    version = reading().get_one(QuizVersion, row.version_id) if row else None
    return render_template(
        "quizzes/staff/rules.html",
        quiz=row,
        key=key,
        title=title,
        tab="rules",
        given=_as_typed(row) if form is None else {name: form.get(name, "") for name in form},
        version=version,
        newer=version is not None and catalogue.newer(key, version),
        wrong=wrong,
        moved=moved,
    )


def _as_typed(row: Quiz | None) -> dict[str, str]:
    """The rules as the fields of the form hold them."""
    rules = QuizRules.from_json(row.policy) if row else QuizRules()
    found = {name: "" if value is None else str(value) for name, value in rules.as_json().items()}
    found |= {name: "1" if getattr(rules, name) else "" for name in FLAGS}
    found |= {name: f"{getattr(rules, name):g}" for name, kind in NUMBERS.items() if kind is float}
    zone = ZoneInfo(here().course.timezone)
    for name in TIMES:
        at: datetime | None = getattr(row, name) if row else None
        found[name] = "" if at is None else f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"
    found["weight"] = f"{row.weight:g}" if row else "1"
    return found


def _wished(form: Mapping[str, str]) -> QuizRules:
    """The rules of a form. Raises BadInput."""
    found: dict[str, Any] = {name: form.get(name) == "1" for name in FLAGS}
    found |= {name: form[name] for name in WORDS if name in form}
    for name, kind in NUMBERS.items():
        value = number(form.get(name, ""), kind, name)
        if value is not None or kind is int:
            found[name] = value
    return QuizRules.from_json(found)


def _times(form: Mapping[str, str]) -> dict[str, datetime | None]:
    """The times of a form, in the course's zone. Raises BadInput."""
    zone, found = ZoneInfo(here().course.timezone), {}
    for name in TIMES:
        words = form.get(name, "").strip()
        try:
            found[name] = datetime.fromisoformat(words).replace(tzinfo=zone) if words else None
        except ValueError as error:
            raise BadInput(
                Text(f"'{words[:40]}'은(는) 시각이 아닙니다.", f"'{words[:40]}' is no time: 2026-03-09T18:00")
            ) from error
    return found


def number(words: str, kind: type, name: str) -> Any:
    """What is in a field of numbers; None for an empty one. Raises BadInput, which names the field."""
    if not words.strip():
        return None
    try:
        return kind(words.strip())
    except (ValueError, OverflowError) as error:
        raise BadInput(
            Text(f"{name}: '{words[:40]}'은(는) 숫자가 아닙니다.", f"{name}: '{words[:40]}' is no number.")
        ) from error


def _grades(session: Session, course: Course, key: str) -> dict[int, tuple[str, QuizGrade]]:
    """By person: who that is, in words that outlive the session, and the grade."""
    rows = quizzes.grades(session, course)
    return {
        member.person_id: (member.person.name or member.person.email, by_key[key])
        for member, by_key in rows
        if key in by_key
    }


def _moved(
    before: Mapping[int, tuple[str, QuizGrade]], after: Mapping[int, tuple[str, QuizGrade]]
) -> list[tuple[str, QuizGrade, QuizGrade]]:
    """Whose score is another one, from what to what."""
    return [
        (name, before[id][1], grade)
        for id, (name, grade) in after.items()
        if id in before and (before[id][1].score, before[id][1].status) != (grade.score, grade.status)
    ]
