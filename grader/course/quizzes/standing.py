"""Where a person stands with the quizzes of a course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.quizzes import attempts, grading, seen, shelf
from grader.course.quizzes.views import Sitting, Standing
from grader.store.database import now, writes
from grader.store.models import Course, Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizVersion
from grader.text import Text


def mine(session: Session, course: Course, person: Person, *, at: datetime | None = None) -> list[Standing]:
    """A line for each published quiz, in the course's order. Attempts whose time is over are ended on the way, where
    this transaction writes."""
    at = at or now(session)
    rows = session.scalars(
        select(QuizAttempt)
        .where(QuizAttempt.person_id == person.id, QuizAttempt.course_id == course.id, QuizAttempt.quiz_id.is_not(None))
        .order_by(QuizAttempt.started_at.desc(), QuizAttempt.id.desc())
    ).all()
    if writes(session):
        for row in rows:
            attempts.settle(session, row, at)
    marks = _marks(session, rows)
    sittings: dict[int, list[Sitting]] = defaultdict(list)
    for row in rows:
        sittings[row.quiz_id or 0].append(_sitting(row, marks[row.id], at))
    query = select(Quiz).where(Quiz.course_id == course.id, Quiz.version_id.is_not(None))
    quizzes = session.scalars(query.order_by(Quiz.position, Quiz.id)).all()
    return [_standing(session, quiz, person, sittings[quiz.id], at) for quiz in quizzes]


def _standing(session: Session, quiz: Quiz, person: Person, sittings: Sequence[Sitting], at: datetime) -> Standing:
    version = session.get_one(QuizVersion, quiz.version_id)
    held = seen.held(session, quiz, person)
    graded = [one for one in sittings if one.mode is QuizMode.GRADED]
    running = [one for one in sittings if one.submitted_at is None]
    refusal = attempts.graded_refusal(held, len(graded), at) if held.rules.graded else None
    may = []
    if held.rules.graded and (refusal is None or any(one.mode is QuizMode.GRADED for one in running)):
        may.append(QuizMode.GRADED)
    if attempts.practice_refusal(session, quiz, person, held.rules, at) is None:
        may.append(QuizMode.PRACTICE)
    count = len(shelf.book(session, version).quiz.questions)
    start = seen.practice_from(session, quiz, held.rules)
    return Standing(
        quiz=quiz.key,
        title=Text.from_json(quiz.title),
        week=quiz.week,
        rules=held.rules,
        window=held.window,
        minutes=held.minutes,
        questions=min(count, held.rules.questions or count),
        max_score=version.max_points,
        weight=quiz.weight,
        attempts_left=None if held.attempts is None else max(0, held.attempts - len(graded)),
        open=sorted(running, key=lambda one: one.mode is not QuizMode.GRADED),
        sittings=sittings,
        grade=grading.grade(
            grading.of_person(session, quiz, person.id), held.rules, held.window, version.max_points, held.zone
        ),
        may_start=may,
        refusal=refusal.text if refusal else None,
        practice_from=start if start is not None and at <= start else None,
        review_from=seen.review_from(session, quiz, held.rules),
    )


def _marks(session: Session, rows: Iterable[QuizAttempt]) -> dict[int, list[tuple[float, float | None]]]:
    found: dict[int, list[tuple[float, float | None]]] = defaultdict(list)
    query = select(QuizItem.attempt_id, QuizItem.weight, QuizItem.share)
    for id, weight, share in session.execute(query.where(QuizItem.attempt_id.in_([row.id for row in rows]))):
        found[id].append((weight, share))
    return found


def _sitting(row: QuizAttempt, marks: Sequence[tuple[float, float | None]], at: datetime) -> Sitting:
    points, most = grading.total(marks)
    over = attempts.is_over(row, at)
    return Sitting(
        receipt=row.receipt,
        mode=row.mode,
        number=row.number,
        started_at=row.started_at,
        deadline=row.deadline,
        submitted_at=row.submitted_at or (row.deadline if over else None),
        ended=row.ended,
        score=points if row.submitted_at is not None else None,
        max_score=most,
    )
