"""Errors that takers report: in a question, its key or its feedback; and what staff say to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.decisions import as_kept
from grader.errors import BadInput
from grader.store import audit
from grader.store.database import now
from grader.store.models import Course, Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizReport, QuizVersion
from grader.text import Text

LONGEST = 2_000
MOST = 5  # of one question that wait for an answer


class Reported(NamedTuple):
    """A report with the question that it is about."""

    row: QuizReport
    attempt: QuizAttempt
    question: str
    quiz: Quiz
    person: Person


def report(
    session: Session, attempt: QuizAttempt, position: int, reason: str, *, at: datetime | None = None
) -> QuizReport:
    """Says what is wrong with a question of this attempt. Raises BadInput for no words, for a question that there is
    not, and where several reports on it wait already."""
    if not 0 < position < 10_000 or session.get(QuizItem, (attempt.id, position)) is None:
        raise BadInput(Text("그런 번호의 문제가 없습니다.", "There is no question of that number."))
    waiting = select(func.count()).where(
        QuizReport.attempt_id == attempt.id, QuizReport.position == position, QuizReport.decided_at.is_(None)
    )
    if (session.scalar(waiting) or 0) >= MOST:
        raise BadInput(
            Text(
                "이 문제에 대해 이미 여러 번 알렸습니다. 답을 기다려 주세요.",
                "You have reported this question several times. Please wait for an answer.",
            )
        )
    row = QuizReport(
        attempt_id=attempt.id, position=position, reason=as_kept(reason, LONGEST), created_at=at or now(session)
    )
    session.add(row)
    session.flush()
    return row


def of_attempt(session: Session, attempt: QuizAttempt) -> Sequence[QuizReport]:
    """The earliest first."""
    return session.scalars(select(QuizReport).filter_by(attempt_id=attempt.id).order_by(QuizReport.id)).all()


def of_course(session: Session, course: Course) -> list[Reported]:
    """All of a course: those that wait first, the latest first."""
    query = (
        select(QuizReport, QuizAttempt, QuizItem.question, Quiz, Person)
        .join(QuizAttempt, QuizAttempt.id == QuizReport.attempt_id)
        .join(QuizItem, (QuizItem.attempt_id == QuizAttempt.id) & (QuizItem.position == QuizReport.position))
        .join(QuizVersion, QuizVersion.id == QuizItem.version_id)
        .join(Quiz, Quiz.id == QuizVersion.quiz_id)
        .join(Person, Person.id == QuizAttempt.person_id)
        .where(QuizAttempt.course_id == course.id)
        .order_by(QuizReport.id.desc())
    )
    found = [Reported(*row) for row in session.execute(query)]
    return sorted(found, key=lambda one: one.row.decided_at is not None)


def answer(
    session: Session, row: QuizReport, words: str, *, actor: Person | str, at: datetime | None = None
) -> QuizReport:
    """What staff say to a report; a later word takes the place of an earlier one. Raises BadInput for none."""
    row.answer = as_kept(words, LONGEST)
    row.decided_by = audit.id_of(actor)
    row.decided_at = at or now(session)
    audit.record(session, actor, "answer.quiz_report", f"quiz_report:{row.id}", attempt=row.attempt_id)
    session.flush()
    return row
