"""What a class answered, for statistics and spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.quizzes import posing, shelf
from grader.course.quizzes.rules import QuizRules
from grader.quiz.answer import NotAnAnswer, parse
from grader.quiz.question import Kind
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizVersion

if TYPE_CHECKING:
    from grader.quiz.statistics import Row


def results(session: Session, quiz: Quiz) -> list[Row]:
    """A row for each marked answer of each person's first ended attempt that counts (of practice, where the quiz is
    practice alone). `person` is the id of the person, `choice` the bank's id of what was chosen. A skipped question is
    a share of 0."""
    from grader.quiz.statistics import Row  # which takes a second to load

    mode = QuizMode.GRADED if QuizRules.from_json(quiz.policy).graded else QuizMode.PRACTICE
    query = (
        select(QuizAttempt.person_id, QuizItem)
        .join(QuizItem, QuizItem.attempt_id == QuizAttempt.id)
        .where(
            QuizAttempt.quiz_id == quiz.id,
            QuizAttempt.mode == mode,
            QuizAttempt.submitted_at.is_not(None),
            QuizItem.share.is_not(None),
        )
        .order_by(QuizAttempt.number, QuizAttempt.id, QuizItem.position)
    )
    first: dict[int, int] = {}
    found = []
    for person, item in session.execute(query):
        if first.setdefault(person, item.attempt_id) == item.attempt_id:
            found.append(
                Row(str(person), item.question, item.share or 0.0, round(item.seconds, 1) or None, _choice(item))
            )
    return found


def options(session: Session, quiz: Quiz) -> dict[str, list[str]]:
    """The ids of what can be chosen in each question of kind choice, for `grader.quiz.statistics`."""
    if quiz.version_id is None:
        return {}
    asked = shelf.book(session, session.get_one(QuizVersion, quiz.version_id)).quiz.questions
    return {one.id: [option.id for option in one.options] for one in asked if one.kind is Kind.CHOICE}


def _choice(item: QuizItem) -> str | None:
    if item.kind != Kind.CHOICE.value or item.answer is None:
        return None
    try:
        return str(posing.meant(item, parse(posing.asked(item), item.answer)).value)
    except NotAnAnswer:
        return None
