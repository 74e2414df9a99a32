"""What the taker, or staff, may see of an attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import receipts
from grader.course.quizzes import attempts, grading, items, posing, refusals, seen, shelf
from grader.course.quizzes.rules import QuizRules
from grader.course.quizzes.shelf import Book
from grader.course.quizzes.views import Feedback, Item, Sheet
from grader.errors import BadInput
from grader.quiz import variant
from grader.quiz.bank import Bank
from grader.quiz.question import Posed
from grader.store.database import now, writes
from grader.store.models import Course
from grader.store.quizzes import EndedBy, Quiz, QuizAttempt, QuizItem, QuizMode
from grader.text import Text


def sheet(session: Session, attempt: QuizAttempt, *, at: datetime | None = None) -> Sheet:
    """An attempt as its taker may see it now. One whose time is over is ended on the way, where this transaction
    writes; else it is shown as ended and unmarked."""
    return review(session, attempt, at=at)


def review(session: Session, attempt: QuizAttempt, *, staff: bool = False, at: datetime | None = None) -> Sheet:
    """The same, and for staff with every key, whatever the rules say."""
    at = at or now(session)
    if writes(session):
        attempts.settle(session, attempt, at)
    over = seen.is_over(attempt, at)
    quiz = None if attempt.quiz_id is None else session.get_one(Quiz, attempt.quiz_id)
    may, start = _review(session, attempt, quiz, at)
    graded = attempt.mode is QuizMode.GRADED
    rows = _items(session, attempt)
    hidden = {} if staff else refusals.untold(session, attempt, rows, at)
    if graded and hidden:
        may = False  # an earlier attempt tells nothing while the next one runs
    runs = graded and not over  # it tells its own hints, where it has any
    hands = grading.by_hand(session, [attempt.id])
    points, most = grading.total([(row.weight, hands.get((attempt.id, row.position), row.share)) for row in rows])
    marked = attempt.submitted_at is not None and (graded or not hidden)  # points tell which answer was right
    return Sheet(
        receipt=attempt.receipt,
        quiz=quiz.key if quiz else "",
        title=Text.from_json(attempt.title),
        mode=attempt.mode,
        started_at=attempt.started_at,
        deadline=attempt.deadline,
        submitted_at=attempt.submitted_at or (attempt.deadline if over else None),
        now=at,
        items=[
            items.item(
                session,
                attempt,
                row,
                feedback=staff or ((may or not graded) and row.position not in hidden),
                hints=staff or runs or row.position not in hidden,
                staff=staff,
                by_hand=hands.get((attempt.id, row.position)),
            )
            for row in rows
        ],
        score=points if marked else None,
        max_score=most,
        may_review=may or (staff and over),
        review_from=start,
        ended=attempt.ended or (EndedBy.TIME if over else None),
        pending=sum(
            row.marked_at is not None and row.share is None and (attempt.id, row.position) not in hands for row in rows
        ),
        number=attempt.number,
        untold=None if runs else next(iter(hidden.values()), None),
    )


def _review(session: Session, attempt: QuizAttempt, quiz: Quiz | None, at: datetime) -> tuple[bool, datetime | None]:
    """Whether the taker may look behind the questions, and from when where that is still to come."""
    if attempt.mode is not QuizMode.GRADED or quiz is None:
        return attempt.submitted_at is not None, None
    rules = QuizRules.from_json(quiz.policy)
    others = seen.others_of(session, quiz)
    may = attempt.submitted_at is not None and seen.may_review(quiz, rules, others, at)
    return may, seen.reviewed_from(quiz, rules, others)


def picture(session: Session, attempt: QuizAttempt, position: int) -> tuple[str, bytes]:
    """The name and the bytes of the picture of a question of this attempt. Raises BadInput where it has none."""
    row = session.get(QuizItem, (attempt.id, position))
    name = "" if row is None else str(row.posed["picture"])
    data = shelf.book(session, row.version_id).picture(name) if row is not None and name else None
    if data is None:
        raise BadInput(Text("그림이 없습니다.", "There is no such picture."))
    return name, data


def preview(session: Session, course: Course, bank: Bank, key: str, seed: int, *, at: datetime | None = None) -> Sheet:
    """Any variant of a quiz of the bank as it stands, with keys and feedback, for its authors; nothing is kept.
    Raises BadQuiz."""
    at = at or now(session)
    book = Book(bank.load(key), bank)
    shown = []
    for position, question in enumerate(book.quiz.questions, 1):
        found = variant.pose(question, book.key(question.id), book.generators, seed + position)
        row = posing.frozen(found, 0, position, seed + position)
        shown.append(_previewed(row, found))
    most = sum(one.weight for one in shown)
    return Sheet("", key, book.quiz.title, QuizMode.PRACTICE, at, None, None, at, shown, None, most, True, None)


def _previewed(row: QuizItem, found: Posed) -> Item:
    told = Feedback(None, (), found.key.explanation, posing.right(found), row.topic)
    return replace(items.plain(row), hints=tuple(found.key.hints), feedback=told)


def _items(session: Session, attempt: QuizAttempt) -> Sequence[QuizItem]:
    return session.scalars(select(QuizItem).filter_by(attempt_id=attempt.id).order_by(QuizItem.position)).all()


def by_receipt(session: Session, receipt: str) -> QuizAttempt:
    """The attempt of that receipt, however it was typed. Raises BadInput."""
    found = session.scalars(select(QuizAttempt).filter_by(receipt=receipts.read(receipt)[:32])).first()
    if found is None:
        raise BadInput(Text("그런 응시가 없습니다.", "There is no such attempt."))
    return found
