"""Points that a person decides on: of somebody's whole quiz, or of one question of one attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import decisions
from grader.course.quizzes import grading
from grader.course.quizzes.rules import QuizRules
from grader.errors import BadInput
from grader.store import audit
from grader.store.database import now
from grader.store.models import Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizOverride
from grader.text import Text

Actor = Person | str


def override(
    session: Session,
    quiz: Quiz,
    person: Person,
    points: float | None,
    reason: str,
    *,
    attempt: QuizAttempt | None = None,
    position: int | None = None,
    actor: Actor,
    at: datetime | None = None,
) -> QuizOverride:
    """Gives a person these points of the whole quiz, or those of one question (from 1) of one graded attempt that has
    ended; `points` None takes the earlier decision of that kind back. The latest of its kind counts, whatever keys are
    corrected later. What is late stays so: points of a question are deducted from, points of the whole are not. Raises
    BadInput for points that there are not, a question or an attempt that is none, or no reason."""
    decisions.must_be_of(session, quiz.course_id, person)
    if not QuizRules.from_json(quiz.policy).graded:
        raise BadInput(
            Text(
                f"{quiz.key}은(는) 연습만 하는 퀴즈라 점수가 없습니다.",
                f"{quiz.key} is for practice alone: it has no score.",
            )
        )
    if (attempt is None) is not (position is None):
        raise BadInput(
            Text(
                "문제 하나의 점수는 응시와 문제 번호를 함께 정해야 합니다.",
                "The points of one question need both an attempt and the number of the question.",
            )
        )
    if attempt is None or position is None:
        grade = grading.of_person(session, quiz, person.id)
        most = 0.0 if grade is None else grade.max_score
    else:
        most = _item(session, quiz, person, attempt, position).weight
    decisions.must_be_points(points, most)
    row = QuizOverride(
        quiz_id=quiz.id,
        person_id=person.id,
        attempt_id=None if attempt is None else attempt.id,
        position=position,
        points=points,
        reason=decisions.as_kept(reason, decisions.LONGEST_REASON),
        author_id=audit.id_of(actor),
        created_at=at or now(session),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        "set.quiz_override" if points is not None else "clear.quiz_override",
        f"quiz_override:{row.id}",
        quiz=quiz.id,
        person=person.id,
        attempt=row.attempt_id,
        position=position,
        points=points,
    )
    return row


def overrides(session: Session, quiz: Quiz, person: Person) -> Sequence[QuizOverride]:
    """All of a person's in a quiz, the earliest first."""
    query = select(QuizOverride).filter_by(quiz_id=quiz.id, person_id=person.id)
    return session.scalars(query.order_by(QuizOverride.id)).all()


def _item(session: Session, quiz: Quiz, person: Person, attempt: QuizAttempt, position: int) -> QuizItem:
    mine = (attempt.quiz_id, attempt.person_id, attempt.mode) == (quiz.id, person.id, QuizMode.GRADED)
    if not mine or attempt.submitted_at is None:
        raise BadInput(
            Text(
                "이 사람이 이 퀴즈에서 끝낸 평가 응시가 아닙니다.",
                "That is no graded attempt of this person at this quiz that has ended.",
            )
        )
    item = session.get(QuizItem, (attempt.id, position))
    if item is None:
        raise BadInput(Text("그런 번호의 문제가 없습니다.", "There is no question of that number."))
    return item
