"""A course with three people and a published quiz of every kind, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import people, quizzes
from grader.course.quizzes import Feedback, Saved, Sheet
from grader.quiz.bank import Bank
from grader.quiz.question import Kind
from grader.store.database import Database
from grader.store.models import Course, Person, Run
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode
from grader.text import Text

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "quizzes.md").read_text(encoding="utf-8")
NOON = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # in Seoul
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PRACTICE, GRADED = QuizMode.PRACTICE, QuizMode.GRADED
RULES = {"graded": True, "shuffle": False, "minutes": 30, "attempts": 2}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def write(root: Path, change: Mapping[str, str] | None = None) -> Bank:
    """The bank of the docs; `change` replaces words of its files."""
    (public, secret), (generators,) = blocks("toml"), blocks("python")
    for old, new in (change or {}).items():
        assert old in public + secret + generators
        public, secret, generators = (one.replace(old, new) for one in (public, secret, generators))
    files = {"assignments/quizzes/week4-demo.toml": public, "reference/quizzes/week4-demo.toml": secret}
    files |= {"reference/quizzes/week4-demo.py": generators, "assignments/topics.toml": ""}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Bank(root / "assignments/quizzes", root / "reference/quizzes")


@dataclass
class Hall:
    """What the tests of quizzes stand on. `now` is the store's clock."""

    database: Database
    folder: Path
    now: datetime = NOON
    queued: list[str] = field(default_factory=list)

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self.database.write() as session:
            yield session

    def enqueue(self, session: Session, run: Run) -> None:
        self.queued.append(run.key)

    def course(self, session: Session) -> Course:
        return people.the_course(session, "dl")

    def person(self, session: Session, name: str) -> Person:
        return session.scalars(select(Person).where(Person.email == f"{name}@example.com")).one()

    def quiz(self, session: Session) -> Quiz:
        return quizzes.the_quiz(session, self.course(session), "week4-demo")

    def attempt(self, session: Session, receipt: str) -> QuizAttempt:
        return quizzes.by_receipt(session, receipt)

    def publish(self, change: Mapping[str, str] | None = None, **more: Any) -> None:
        bank = write(self.folder, change)
        with self.write() as session:
            course = self.course(session)
            quizzes.publish(session, course, bank, "week4-demo", actor="test", faults=(), at=self.now, **more)

    def schedule(self, **more: Any) -> None:
        with self.write() as session:
            quizzes.schedule(session, self.quiz(session), actor="test", **more)

    def start(self, name: str = "mina", mode: QuizMode = GRADED, token: str = "t") -> str:
        with self.write() as session:
            person = self.person(session, name)
            return quizzes.start(session, self.quiz(session), person, mode, token=token, at=self.now).receipt

    def save(self, receipt: str, position: int, raw: Any, revision: int | None = None, **more: Any) -> Saved:
        with self.write() as session:
            held = self.attempt(session, receipt)
            if revision is None:
                found = session.get(QuizItem, (held.id, position))
                revision = found.revision if found else 0
            return quizzes.save(session, held, position, raw, revision=revision, at=self.now, **more)

    def check(self, receipt: str, position: int, raw: Any, revision: int = 0) -> Feedback:
        with self.write() as session:
            held = self.attempt(session, receipt)
            return quizzes.check(session, held, position, raw, revision=revision, at=self.now, enqueue=self.enqueue)

    def submit(self, receipt: str) -> None:
        with self.write() as session:
            quizzes.submit(session, self.attempt(session, receipt), at=self.now, enqueue=self.enqueue)

    def sheet(self, receipt: str, *, staff: bool = False) -> Sheet:
        with self.database.read() as session:
            return quizzes.review(session, self.attempt(session, receipt), staff=staff, at=self.now)

    def position(self, receipt: str, kind: Kind) -> int:
        with self.database.read() as session:
            held = self.attempt(session, receipt)
            query = select(QuizItem.position).filter_by(attempt_id=held.id, kind=kind.value)
            return session.scalars(query).one()

    def right(self, receipt: str, position: int) -> Any:
        """The right answer, in the words of this attempt."""
        with self.database.read() as session:
            row = session.get_one(QuizItem, (self.attempt(session, receipt).id, position))
            return right(row)

    def wrong(self, receipt: str, position: int) -> Any:
        """One that earns nothing."""
        with self.database.read() as session:
            row = session.get_one(QuizItem, (self.attempt(session, receipt).id, position))
            return wrong(row)

    def answer(self, receipt: str, *, wrong: tuple[Kind, ...] = (), skip: tuple[Kind, ...] = (Kind.CELL,)) -> None:
        """Answers all: right, but for these kinds."""
        for item in self.sheet(receipt).items:
            if item.kind not in skip:
                given = self.wrong if item.kind in wrong else self.right
                self.save(receipt, item.position, given(receipt, item.position))

    def sat(self, name: str = "mina", token: str = "t", **more: Any) -> str:
        """A graded attempt from its start to its end."""
        receipt = self.start(name, token=token)
        self.answer(receipt, **more)
        self.submit(receipt)
        return receipt

    def grade(self, name: str = "mina") -> quizzes.QuizGrade:
        with self.database.read() as session:
            ((_, row),) = quizzes.grades(session, self.course(session), [self.person(session, name).id])
            return row["week4-demo"]


def right(row: QuizItem) -> Any:
    alias = {id: alias for alias, id in row.aliases.items()}
    found: dict[str, Any] = {
        "choice": lambda: alias["line"],
        "multiple": lambda: [alias["tanh"], alias["sigmoid"]],
        "number": lambda: str(row.values["answer"]),
        "text": lambda: "은닉층",
        "order": lambda: [alias[one] for one in ("forward", "backward", "update")],
        "match": lambda: {alias["binary"]: alias["sigmoid"], alias["many"]: alias["softmax"]},
        "shape": lambda: "n x 16",
        "formula": lambda: "s - s^2",
        "output": lambda: f"[{row.values['a']}, {row.values['twice']}]",
        "cell": lambda: "import numpy as np\ndef relu(z):\n    return np.maximum(z, 0)\n",
    }
    return found[row.kind]()


def wrong(row: QuizItem) -> Any:
    alias = {id: alias for alias, id in row.aliases.items()}
    found: dict[str, Any] = {
        "choice": lambda: alias["data"],
        "multiple": lambda: [alias["relu"]],
        "number": lambda: str(row.values["unbiased"]),
        "text": lambda: "출력층",
        "order": lambda: [alias[one] for one in ("update", "backward", "forward")],
        "match": lambda: {alias["binary"]: alias["softmax"], alias["many"]: alias["sigmoid"]},
        "shape": lambda: "(16, n)",
        "formula": lambda: "1 - s^2",
        "output": lambda: "[1, 2]",
        "cell": lambda: "def relu(z):\n    return z\n",
    }
    return found[row.kind]()


@pytest.fixture
def hall(database: Database, tmp_path: Path) -> Hall:
    """The course `dl` with teacher@, mina@ and juno@example.com (in the group "A"), and the quiz `week4-demo`: graded,
    two attempts of 30 minutes, open at noon for an hour, due and closed then."""
    found = Hall(database, tmp_path / "shelf")
    with database.write() as session:
        course = people.create_course(session, "dl", Text("딥러닝", "Deep learning"), actor="test", at=NOON)
        for name, role, group in (("teacher", "instructor", None), ("mina", "student", None), ("juno", "student", "A")):
            people.add_person(
                session, course, f"{name}@example.com", name.title(), people.role_of(role), group, actor="test", at=NOON
            )
    found.publish(rules=RULES, opens=NOON, due=NOON + HOUR, closes=NOON + HOUR)
    return found
