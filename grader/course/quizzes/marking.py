"""What an answer that was kept earns, by its own version or by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from grader.course.quizzes import posing, shelf
from grader.errors import BadQuiz
from grader.quiz import marking, variant
from grader.quiz.answer import NotAnAnswer, parse
from grader.quiz.marking import Mark
from grader.quiz.question import Kind, Question
from grader.store.quizzes import QuizItem, QuizVersion

Values = Mapping[str, Any]


def marked(session: Session, item: QuizItem, version: int, values: Values | None = None) -> Mark | None:
    """What an answer earns by the keys of a version, with its own values unless others are given; None for a cell,
    which only a worker can mark. Raises KeyError where that version does not have the question."""
    if item.answer is None:
        return Mark(0.0)
    try:
        given = parse(posing.asked(item), item.answer)
    except NotAnAnswer as error:
        return Mark(0.0, [error.text])
    if item.kind == Kind.CELL.value:
        return None
    found = shelf.book(session, version).filled(item.question, item.values if values is None else values)
    return marking.mark(found, posing.meant(item, given))


def values_by(session: Session, item: QuizItem, by: QuizVersion) -> Values | None:
    """The values by which another version marks an answer: those of its own generator at the same seed, as long as
    they show what the attempt showed. None where that version asks something else."""
    if by.id == item.version_id:
        return dict(item.values)
    book, old = shelf.book(session, by), shelf.book(session, item.version_id).question(item.question)
    question = book.question(item.question)
    if question is None or old is None or not _same_options(question, item):
        return None
    try:
        found = variant.pose(question, book.key(item.question), book.generators, int(item.seed, 16)).values
    except BadQuiz:
        return None
    shown = variant.places(old) | variant.places(question)
    return dict(found) if all(found.get(name) == item.values.get(name) for name in shown) else None


def _same_options(question: Question, item: QuizItem) -> bool:
    """Whether an answer means the same; a choice may have got further options."""
    ids, had = {option.id for option in (*question.options, *question.left)}, set(item.aliases.values())
    same = had <= ids if question.kind is Kind.CHOICE else had == ids
    return same and question.kind.value == item.kind
