"""The list of all quizzes, and what came of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course import quizzes
from grader.course.quizzes import QuizRules, grading, reports
from grader.errors import GraderError
from grader.store.models import Person, Role
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizVersion
from grader.text import Text
from webapp.access import allow, here
from webapp.language import language
from webapp.quizzes import charts, desk
from webapp.quizzes.staff import catalogue
from webapp.quizzes.staff.catalogue import SHOWN, blueprint
from webapp.site import reading


@dataclass(frozen=True)
class Line:
    """One quiz of the list: published, or waiting in the bank of this machine."""

    key: str
    title: Text
    week: int
    row: Quiz | None
    version: QuizVersion | None
    rules: QuizRules
    graded: int
    practised: int
    newer: bool  # the bank holds another content than what is published

    @property
    def published(self) -> bool:
        return self.row is not None


@blueprint.get("/courses/<course>/quizbook")
@allow(Role.ASSISTANT)
def overview(course: str) -> str:
    """All quizzes, the published ones and those that wait."""
    waiting = sum(one.row.decided_at is None for one in reports.of_course(reading(), here().course))
    return render_template("quizzes/staff/list.html", lines=_lines(), waiting=waiting)


@blueprint.get("/courses/<course>/quizbook/<quiz>")
@allow(Role.ASSISTANT)
def results(course: str, quiz: str) -> str:
    """What came of a quiz."""
    row, session = desk.quiz(quiz), reading()
    found = catalogue.figures(session, row)
    shares = _shares(session, row)
    drawn = [
        charts.scores(shares),
        charts.scatter(found, catalogue.link(quiz)),
        charts.times(found, catalogue.link(quiz)),
    ]
    attempts, count = _attempts(session, row)
    return render_template(
        "quizzes/staff/results.html",
        quiz=row,
        tab="results",
        rules=QuizRules.from_json(row.policy),
        found=found,
        between=charts.between,
        charts=[(chart, chart.svg(language())) for chart in drawn if chart.rows],
        attempts=attempts,
        count=count,
        modes=desk.MODES,
    )


# --------------------------------------------------------------------------------------------------- pieces


def _lines() -> list[Line]:
    session, about = reading(), here()
    bank = desk.bank()
    waiting = {}
    for key in bank.ids():
        try:
            waiting[key] = bank.load(key)
        except GraderError:
            continue  # `grader quiz lint` says what is wrong with it
    counts: Counter[tuple[int, QuizMode]] = Counter()
    query = select(QuizAttempt.quiz_id, QuizAttempt.mode, func.count()).where(QuizAttempt.course_id == about.course.id)
    for id, mode, count in session.execute(query.group_by(QuizAttempt.quiz_id, QuizAttempt.mode)):
        counts[id or 0, mode] = count
    found = []
    for row in quizzes.quizzes(session, about.course):
        if row.version_id is None:
            continue
        version, known = session.get_one(QuizVersion, row.version_id), waiting.pop(row.key, None)
        newer = known is not None and known.version != version.bank_version
        graded, practised = counts[row.id, QuizMode.GRADED], counts[row.id, QuizMode.PRACTICE]
        rules = QuizRules.from_json(row.policy)
        found.append(Line(row.key, Text.from_json(row.title), row.week, row, version, rules, graded, practised, newer))
    found += [Line(key, one.title, one.week, None, None, QuizRules(), 0, 0, False) for key, one in waiting.items()]
    return found


def _shares(session: Session, row: Quiz) -> list[float]:
    """Of the points, 0 to 1: the grades, or the first practices where nothing is graded."""
    if QuizRules.from_json(row.policy).graded:
        found = quizzes.grades(session, here().course, quiz=row)
        grades = [by_key[row.key] for member, by_key in found if member.role is Role.STUDENT]
        return [one.score / one.max_score for one in grades if one.status == "graded" and one.max_score]
    by_person: dict[str, list[float]] = {}
    for line in quizzes.results(session, row):
        by_person.setdefault(line.person, []).append(line.share)
    return [sum(shares) / len(shares) for shares in by_person.values()]


def _attempts(session: Session, row: Quiz) -> tuple[Sequence[tuple[QuizAttempt, Person, float | None, float]], int]:
    """The latest first, with points; None while they are not known."""
    of_quiz = QuizAttempt.quiz_id == row.id
    count = session.scalar(select(func.count()).where(of_quiz)) or 0
    query = select(QuizAttempt, Person).join(Person, Person.id == QuizAttempt.person_id).where(of_quiz)
    query = query.order_by(QuizAttempt.mode != QuizMode.GRADED, QuizAttempt.started_at.desc(), QuizAttempt.id.desc())
    rows = session.execute(query.limit(SHOWN)).all()
    marks: dict[int, list[tuple[float, float | None]]] = {}
    ids = [one.id for one, _ in rows]
    hands = grading.by_hand(session, ids)
    items = select(QuizItem.attempt_id, QuizItem.position, QuizItem.weight, QuizItem.share)
    for id, position, weight, share in session.execute(items.where(QuizItem.attempt_id.in_(ids))):
        marks.setdefault(id, []).append((weight, hands.get((id, position), share)))
    found = []
    for attempt, person in rows:
        points, most = grading.total(marks.get(attempt.id, []))
        found.append((attempt, person, points if attempt.submitted_at else None, most))
    return found, count
