"""What became of an attempt, as far as the rules let somebody look; and saying that a question is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from grader.course import quizzes
from grader.course.quizzes import QuizGrade, reports
from grader.errors import BadInput
from grader.store.models import Person, Role
from grader.store.quizzes import Quiz, QuizAttempt, QuizMark, QuizMode, QuizOverride, QuizReport
from webapp.access import allow, here
from webapp.language import say
from webapp.limits import limiter
from webapp.quizzes import desk, shown
from webapp.quizzes.desk import address, blueprint
from webapp.quizzes.sitting import settle, topics_of
from webapp.site import reading, writing


@dataclass(frozen=True)
class Corrected:
    """What a corrected key changed in one question, in points."""

    before: float
    after: float
    at: datetime


@blueprint.get("/courses/<course>/sittings/<sitting>/review")
@allow(Role.STUDENT)
def look(course: str, sitting: str) -> str | Response:
    """The own attempt, or for staff anybody's. One that runs is taken on, not looked at; staff may."""
    row = desk.attempt(sitting, staff=True)
    mine = row.person_id == here().person.id
    if mine:
        row = _settled(row)
    sheet = quizzes.review(reading(), desk.again(reading(), row), staff=not mine)
    if sheet.open and mine:
        return redirect(address(sitting), 303)
    asked = [shown.asked(item, _picture(sitting)) for item in sheet.items]
    corrected = _corrected(row) if sheet.may_review else {}
    return render_template(
        "quizzes/review.html",
        sheet=sheet,
        asked=asked,
        answers={item.position: shown.in_words(item, item.answer) for item in sheet.items},
        mine=mine,
        owner=None if mine else reading().get_one(Person, row.person_id),
        graded=sheet.mode is QuizMode.GRADED,
        corrected=corrected,
        change=sum(one.after - one.before for one in corrected.values()),
        reported=_reported(row),
        grade=None if mine else _grade(row),
        decided=_decided(row),
        topics=topics_of(sheet),
        token=desk.token(),
        modes=desk.MODES,
    )


@blueprint.post("/courses/<course>/sittings/<sitting>/report/<int:position>")
@allow(Role.STUDENT)
@limiter.limit("20/hour")
def report(course: str, sitting: str, position: int) -> Response:
    """Tells staff that a question, its key or its feedback is wrong."""
    row = desk.attempt(sitting)
    try:
        with writing() as session:
            reports.report(session, desk.again(session, row), position, request.form.get("reason", ""))
    except BadInput as error:
        flash(say(error.text))
    else:
        flash(say("알렸습니다. 답은 이 쪽에 보입니다.", "Staff have been told. Their answer will show on this page."))
    where = "quizzes.look" if row.submitted_at is not None else "quizzes.take"
    return redirect(address(sitting, where, _anchor=f"q{position}"), 303)


def _settled(row: QuizAttempt) -> QuizAttempt:
    """The attempt, ended where its time is over."""
    settle(row)
    return desk.attempt(row.receipt)


def _picture(receipt: str) -> shown.Picture:
    return lambda position: address(receipt, "quizzes.picture", position=position)


def _corrected(row: QuizAttempt) -> Mapping[int, Corrected]:
    """By position, where the mark that counts is of a correction and another one than at first."""
    session = reading()
    weights = {item.position: item.weight for item in quizzes.review(session, desk.again(session, row)).items}
    query = select(QuizMark).where(QuizMark.attempt_id == row.id, QuizMark.committed_at.is_not(None))
    marks: dict[int, list[QuizMark]] = defaultdict(list)
    for mark in session.scalars(query.order_by(QuizMark.committed_at, QuizMark.id)):
        marks[mark.position].append(mark)
    found = {}
    for position, line in marks.items():
        first, last = line[0], line[-1]
        if last.batch is None or first.share is None or last.share is None or first.share == last.share:
            continue
        assert last.committed_at is not None
        weight = weights[position]
        found[position] = Corrected(first.share * weight, last.share * weight, last.committed_at)
    return found


@dataclass(frozen=True)
class Decided:
    """Points that a person decided on, and all decisions of that kind, the latest first, with who made them."""

    points: float | None
    rows: Sequence[tuple[QuizOverride, Person | None]]


def _decided(row: QuizAttempt) -> Mapping[int | None, Decided]:
    """By position, of this attempt; those of the person's whole quiz are at None."""
    if row.quiz_id is None or row.mode is not QuizMode.GRADED:
        return {}
    query = (
        select(QuizOverride, Person)
        .outerjoin(Person, Person.id == QuizOverride.author_id)
        .where(QuizOverride.quiz_id == row.quiz_id, QuizOverride.person_id == row.person_id)
        .where(or_(QuizOverride.attempt_id.is_(None), QuizOverride.attempt_id == row.id))
        .order_by(QuizOverride.created_at.desc(), QuizOverride.id.desc())
    )
    found: dict[int | None, list[tuple[QuizOverride, Person | None]]] = defaultdict(list)
    for one, author in reading().execute(query):
        found[one.position].append((one, author))
    return {place: Decided(rows[0][0].points, rows) for place, rows in found.items()}


def _grade(row: QuizAttempt) -> QuizGrade | None:
    """What the person has in this quiz; None where nothing of this attempt counts."""
    if row.quiz_id is None or row.mode is not QuizMode.GRADED or row.submitted_at is None:
        return None
    found = quizzes.grades(reading(), here().course, [row.person_id], quiz=reading().get_one(Quiz, row.quiz_id))
    return next(iter(found[0][1].values()), None) if found else None


def _reported(row: QuizAttempt) -> Mapping[int, Sequence[QuizReport]]:
    found: dict[int, list[QuizReport]] = defaultdict(list)
    for one in reports.of_attempt(reading(), row):
        found[one.position].append(one)
    return found
