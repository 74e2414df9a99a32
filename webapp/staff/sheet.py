"""The gradebook as a page shows it: filtered, sorted, a page at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import book as books
from grader.course.book import Book, Half, Somebody
from grader.course.grades import Grade
from grader.course.quizzes import QuizGrade
from grader.store.models import Course, Group, Role
from grader.text import Text

PAGE = 100
WHOLE = 5_000  # rows of "all on one page"
PERSON, GROUP, TOTAL = "name", "group", "total"
QUIZ = "quiz:"  # before the key of a quiz, which may be that of an assignment, too
NO_GROUP = "-"
Graded = Grade | QuizGrade
Shares = Mapping[int, float | None]  # 0..1 by person; None where there is no grade


@dataclass(frozen=True)
class Wish:
    """What somebody asked to see. `sort` is "name", "group", "total", an assignment's key, or "quiz:" with a quiz's;
    `group` "-" is nobody's group, "" any."""

    sort: str = PERSON
    down: bool = False
    group: str = ""
    search: str = ""
    page: int = 1
    whole: bool = False


@dataclass(frozen=True)
class Column:
    """One assignment or quiz, and how the people found did. `mean` is a share 0..1. `version` is another one whenever a
    grade of it may have changed. `sort` is what a wish calls it."""

    id: int
    key: str
    title: Text
    max_score: float
    weight: float
    version: int
    graded: int
    mean: float | None
    quiz: bool = False

    @property
    def sort(self) -> str:
        return f"{QUIZ}{self.key}" if self.quiz else self.key


@dataclass(frozen=True)
class Row:
    """One student. `total` is the weighted share 0..1 of what is graded, None where nothing is."""

    person_id: int
    name: str
    email: str
    group: str
    active: bool
    total: float | None


@dataclass(frozen=True)
class Sheet:
    """One page of the gradebook. `found` people match, of `people`."""

    book: Book
    columns: Sequence[Column]
    rows: Sequence[Row]
    groups: Sequence[str]
    wish: Wish
    people: int
    found: int
    pages: int
    mean: float | None


def sheet(session: Session, course: Course, wish: Wish) -> Sheet:
    """The page that was wished for; an unknown sort is by name, a page beyond the end the last one."""
    book = books.book(session, course)
    students = [one for one in book.people.values() if one.role is Role.STUDENT and one.active]
    chosen = [one for one in students if _matches(one, wish)]
    totals = _totals(book)
    _sort(chosen, wish, book, totals)
    size = WHOLE if wish.whole else PAGE
    pages = max(1, math.ceil(len(chosen) / size))
    page = min(max(wish.page, 1), pages)
    everybody = len(chosen) == len(students)
    return Sheet(
        book=book,
        columns=[_column(book, quiz, one, chosen, everybody) for quiz, one in _columns(book)],
        rows=[_row(one, totals) for one in chosen[(page - 1) * size : page * size]],
        groups=list(session.scalars(select(Group.name).where(Group.course_id == course.id).order_by(Group.name))),
        wish=replace(wish, page=page),
        people=len(students),
        found=len(chosen),
        pages=pages,
        mean=_mean([totals[one.person_id] for one in chosen])[1],
    )


def total(found: Mapping[str, Graded], weights: Mapping[str, float]) -> float | None:
    """The share of the points of all that is graded, each assignment or quiz by its weight; None where nothing is."""
    return _total([(weights[key], grade) for key, grade in found.items()])


def _total(found: Iterable[tuple[float, Graded]]) -> float | None:
    points = most = 0.0
    for weight, grade in found:
        if grade.status == "graded":
            points += weight * grade.score
            most += weight * grade.max_score
    return points / most if most else None


def share(grade: Graded) -> float | None:
    """Of the points; None where there is no grade."""
    return grade.score / grade.max_score if grade.status == "graded" and grade.max_score else None


def half(book: Book, quiz: bool) -> Half[Any]:
    """The quizzes or the assignments."""
    return book.quizzes if quiz else book.assignments


def _columns(book: Book) -> list[tuple[bool, books.Column]]:
    """The assignments, then the quizzes."""
    return [(quiz, one) for quiz in (False, True) for one in half(book, quiz).columns]


def _totals(book: Book) -> Shares:
    columns = [(one.weight, half(book, quiz).grades[one.id]) for quiz, one in _columns(book)]
    return book.each(
        "totals",
        book.latest,
        lambda some: {id: _total([(weight, grades[id]) for weight, grades in columns]) for id in some},
    )


def _shares(book: Book, quiz: bool, column: books.Column) -> Shares:
    """In one assignment or quiz."""
    found = half(book, quiz).grades[column.id]
    stamps = half(book, quiz).stamps[column.id]
    return book.each(("shares", quiz, column.id), stamps, lambda some: {id: share(found[id]) for id in some})


def _matches(one: Somebody, wish: Wish) -> bool:
    if wish.group and (one.group or NO_GROUP) != wish.group:
        return False
    words = wish.search.casefold().split()
    about = f"{one.name} {one.email}".casefold()
    return all(word in about for word in words)


def _sort(rows: list[Somebody], wish: Wish, book: Book, totals: Shares) -> None:
    """By name first, so that equals stay in that order; who has no grade comes last either way."""
    columns = {f"{QUIZ}{one.key}" if quiz else one.key: (quiz, one) for quiz, one in _columns(book)}
    column = columns.get(wish.sort)
    if wish.sort == GROUP:
        rows.sort(key=lambda one: one.group or "\U0010ffff", reverse=wish.down)
    elif wish.sort == TOTAL or column is not None:
        sign = -1 if wish.down else 1
        shares = totals if column is None or wish.sort == TOTAL else _shares(book, *column)

        def value(one: Somebody) -> tuple[bool, float]:
            found = shares[one.person_id]
            return found is None, sign * (found or 0.0)

        rows.sort(key=value)
    elif wish.down:
        rows.reverse()


def _column(book: Book, quiz: bool, one: books.Column, chosen: Sequence[Somebody], everybody: bool) -> Column:
    shares = _shares(book, quiz, one)

    def mean() -> tuple[int, float | None]:
        return _mean([shares[each.person_id] for each in chosen])

    graded, middle = book.kept(("mean", quiz, one.id), one.version, mean) if everybody else mean()
    return Column(one.id, one.key, one.title, one.max_score, one.weight, one.version, graded, middle, quiz)


def _mean(shares: Sequence[float | None]) -> tuple[int, float | None]:
    """How many there are, and their mean."""
    known = [one for one in shares if one is not None]
    return len(known), sum(known) / len(known) if known else None


def _row(one: Somebody, totals: Shares) -> Row:
    return Row(one.person_id, one.name, one.email, one.group, one.active, totals[one.person_id])
