"""One question of an attempt, as it may be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from grader.course.quizzes import posing, shelf
from grader.course.quizzes.views import Feedback, Item, Option
from grader.quiz.answer import NotAnAnswer, parse
from grader.quiz.question import Posed
from grader.store.quizzes import QuizAttempt, QuizItem, QuizMode
from grader.text import Text


def item(
    session: Session,
    attempt: QuizAttempt,
    row: QuizItem,
    *,
    feedback: bool,
    hints: bool = True,
    staff: bool = False,
    by_hand: float | None = None,
) -> Item:
    """One question. With `feedback` what its answer earned is said, once it is marked; staff see the key before; with
    `hints` those that are open. `by_hand` is the share that a person gave it instead."""
    left = max(0, int(row.posed["hints"]) - row.hints) if hints and hints_allowed(attempt) else 0
    return replace(
        plain(row),
        question=row.question if staff else "",
        answer=row.answer,
        revision=row.revision,
        flagged=row.flagged,
        hints=opened(session, row) if hints else (),
        hints_left=left if row.marked_at is None else 0,
        said=unreadable(row, row.answer),
        feedback=answered(session, row, by_hand) if feedback and (row.marked_at is not None or staff) else None,
    )


def plain(row: QuizItem) -> Item:
    """The question alone, with its id: without an answer, hints or feedback."""
    asked = posing.asked(row)
    return Item(
        position=row.position,
        question=row.question,
        topic=row.topic,
        kind=row.kind,
        weight=row.weight,
        difficulty=asked.difficulty,
        stem=asked.stem,
        code=asked.code,
        unit=asked.unit,
        variables=asked.variables,
        signature=asked.signature,
        starter=asked.starter,
        picture=asked.picture,
        alt=asked.alt,
        options=[Option(one.id, one.text) for one in asked.options],
        left=[Option(one.id, one.text) for one in asked.left],
        answer=None,
        revision=0,
        flagged=False,
        hints=(),
        hints_left=0,
        said=None,
        feedback=None,
        defines=asked.defines,
    )


def answered(session: Session, row: QuizItem, by_hand: float | None = None) -> Feedback:
    """What is said of a marked answer; `by_hand` is the share that a person gave it instead."""
    found = by_which(session, row)
    pending = row.marked_at is not None and row.share is None
    said = [Text.from_json(one) for one in row.said or ()]
    if pending:
        said = [Text("채점하고 있습니다.", "It is being marked.")]
    if by_hand is not None:
        said = [Text("강사가 점수를 정했습니다.", "Staff decided on these points."), *([] if pending else said)]
    share = row.share if by_hand is None else by_hand
    return Feedback(share, said, found.key.explanation, posing.right(found), row.topic, pending and by_hand is None)


def by_which(session: Session, row: QuizItem) -> Posed:
    """The question with its key: that of the version that marked it, else its own."""
    try:
        return shelf.book(session, row.marked_by or row.version_id).filled(row.question, row.values)
    except KeyError:
        return shelf.book(session, row.version_id).filled(row.question, row.values)


def opened(session: Session, row: QuizItem) -> Sequence[Text]:
    """The hints that are open."""
    if not row.hints:
        return ()
    return tuple(shelf.book(session, row.version_id).filled(row.question, row.values).key.hints[: row.hints])


def hints_allowed(attempt: QuizAttempt) -> bool:
    """By the rules that held when the attempt began."""
    return attempt.mode is not QuizMode.GRADED or bool(attempt.rules.get("hints"))


def unreadable(row: QuizItem, raw: Any) -> Text | None:
    """Why this is no answer to the question; None where it is one, or where there is none at all."""
    if raw is None:
        return None
    try:
        parse(posing.asked(row), raw)
    except NotAnAnswer as error:
        return error.text
    return None
