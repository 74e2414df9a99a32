"""What every page of quizzes begins with: whose quiz, whose attempt; and their common words."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.assignment import Catalog
from grader.quiz.bank import Bank
from grader.quiz.question import Kind
from grader.store.models import Role
from grader.store.quizzes import Quiz, QuizAttempt, QuizMode
from grader.text import Text
from webapp.access import Link, here
from webapp.site import reading

T = TypeVar("T")
blueprint = Blueprint("quizzes", __name__)
LINKS = (Link("quizzes.home", Text("퀴즈", "Quizzes"), Role.STUDENT, ("quizbook", "quests")),)
MODES: Mapping[QuizMode, Text] = {
    QuizMode.PRACTICE: Text("연습", "Practice"),
    QuizMode.GRADED: Text("평가", "Graded"),
    QuizMode.QUEST: Text("연습", "Practice"),
}
KINDS: Mapping[str, Text] = {
    Kind.CHOICE: Text("하나를 고르세요.", "Choose one."),
    Kind.MULTIPLE: Text("맞는 것을 모두 고르세요.", "Choose all that are right."),
    Kind.NUMBER: Text("숫자로 답하세요. 예: 12, -0.5, 3/4, 1e-3", "A number, such as 12, -0.5, 3/4 or 1e-3."),
    Kind.TEXT: Text("낱말로 답하세요.", "A word or two."),
    Kind.ORDER: Text("순서대로 놓으세요.", "Put them in order."),
    Kind.MATCH: Text("왼쪽 하나하나에 짝을 고르세요.", "Choose a partner for each on the left."),
    Kind.SHAPE: Text("모양을 쓰세요. 예: (n, 16)", "A shape, such as (n, 16)."),
    Kind.FORMULA: Text(
        "식을 쓰세요. 곱셈은 *, 거듭제곱은 ^, 함수는 exp(x)처럼 씁니다. 예: 2*x^2 + exp(-x)/3",
        "A formula: * multiplies, ^ raises, functions like exp(x). For example 2*x^2 + exp(-x)/3",
    ),
    Kind.OUTPUT: Text("출력되는 것을 줄까지 그대로 쓰세요.", "What it prints, line by line."),
    Kind.CELL: Text(
        "코드를 쓰세요. Tab 키는 다음 칸으로 옮겨 가고, 들여쓰기는 스페이스로 합니다.",
        "Write code. The Tab key moves on; indent with spaces.",
    ),
}


def attempt(receipt: str, *, staff: bool = False) -> QuizAttempt:
    """The attempt of that receipt, of the request's own look at the store. Ends with 404 where it is not the own one
    in this course; where `staff` may look, staff find everybody's."""
    about = here()
    query = select(QuizAttempt).filter_by(receipt=receipt, course_id=about.course.id)
    found = reading().scalars(query).first()
    if found is None or (found.person_id != about.person.id and not (staff and about.staff)):
        abort(404)
    return found


def quiz(key: str) -> Quiz:
    """A published quiz of this course. Ends with 404 where there is none."""
    found = reading().scalars(select(Quiz).filter_by(course_id=here().course.id, key=key)).first()
    if found is None or found.version_id is None:
        abort(404)
    return found


def again(session: Session, row: QuizAttempt) -> QuizAttempt:
    """The same attempt in a transaction of its own."""
    return session.get_one(QuizAttempt, row.id)


def bank() -> Bank:
    """The bank of this machine: what was not published yet is there, where it has one."""
    catalog = Catalog.find()
    secret = catalog.reference / "quizzes"
    return Bank(catalog.assignments / "quizzes", secret if secret.is_dir() else None)


def clock(at: datetime, *, seconds: bool = False) -> str:
    """An hour in the course's zone: "14:03", or "14:03:12"."""
    local = at.astimezone(ZoneInfo(here().course.timezone))
    return f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"


def address(sitting: str, endpoint: str = "quizzes.take", **words: object) -> str:
    """Where a page of that attempt is."""
    return url_for(endpoint, course=here().course.key, sitting=sitting, **words)  # type: ignore[arg-type]


def token() -> str:
    """Makes a start that is sent twice one attempt."""
    return secrets.token_hex(16)


def drawn(things: Sequence[T], most: int) -> list[T]:
    """Some of them, as chance has it."""
    return random.sample(things, min(most, len(things)))
