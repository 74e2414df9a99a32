"""What the pages for staff have in common: a quiz as it is published, or as it waits in the bank."""

from __future__ import annotations

from flask import Blueprint, abort, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import quizzes
from grader.course.quizzes import shelf
from grader.errors import BadInput, GraderError
from grader.quiz.question import Quiz as Asked
from grader.quiz.statistics import Statistics, statistics
from grader.store.quizzes import Quiz, QuizVersion
from webapp.access import here
from webapp.quizzes import charts, desk
from webapp.site import reading

blueprint = Blueprint("quizbook", __name__)
SHOWN = 500  # lines of a table


def row_of(key: str) -> Quiz | None:
    """The quiz as it is in this course; None where it was not published."""
    found = reading().scalars(select(Quiz).filter_by(course_id=here().course.id, key=key)).first()
    return found if found is not None and found.version_id is not None else None


def waiting(key: str) -> Asked | None:
    """The quiz as it stands in the bank of this machine; None where it is not there, or cannot be read just now."""
    bank = desk.bank()
    try:
        return bank.load(key) if key in bank.ids() else None
    except GraderError:
        return None


def newer(key: str, version: QuizVersion) -> bool:
    """Whether the bank holds another content than what is published."""
    found = waiting(key)
    return found is not None and found.version != version.bank_version


def opened(key: str) -> tuple[Quiz | None, shelf.Book, str]:
    """The quiz as it is published; where it is not, or where `?from=bank` asks for it, as it stands in the bank."""
    row = row_of(key)
    if row is not None and request.args.get("from") != "bank":
        return row, shelf.book(reading(), row.version_id or 0), "published"
    bank = desk.bank()
    if key not in bank.ids():
        abort(404)
    try:
        found = shelf.Book(bank.load(key), bank)
    except GraderError as error:
        raise BadInput(error.text) from error  # an author is told what is wrong with the file
    if not found.quiz.keys:
        abort(404)
    return row, found, "bank"


def figures(session: Session, row: Quiz) -> Statistics:
    """What the answers say about a quiz and its questions."""
    return statistics(quizzes.results(session, row), quizzes.options(session, row))


def link(key: str) -> charts.Link:
    """Where the page of a question is, by its id."""
    return lambda question: url_for("quizbook.question", course=here().course.key, quiz=key, question=question)
