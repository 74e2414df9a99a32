"""A course with a teacher, two students and one tiny assignment, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.assignment import Assignment, Catalog
from grader.course import people, publishing, submissions
from grader.mutants import Proof, Verification
from grader.report import CheckResult, Report, Status, Verdict
from grader.store import models
from grader.store.database import Database
from grader.store.models import Course, Person, Run, Source, State, Version
from grader.text import Text

NOON = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # in Seoul
DAY = timedelta(days=1)
TOML = """
id = "doubling"
week = 1
[title]
ko = "두 배"
en = "Doubling"
[defines]
double = "(x)"
"""
TEST = """
import pytest
from grader.suite import checks
@pytest.mark.points(60)
@pytest.mark.title(ko="두 배", en="twice")
def test_values(student):
    checks.number(student.double(4), 8, name="double(4)")
@pytest.mark.points(40)
@pytest.mark.title(ko="영", en="zero")
def test_zero(student):
    checks.number(student.double(0), 0, name="double(0)")
"""
POINTS = {"double.values": 60.0, "double.zero": 40.0}


@dataclass
class World:
    """What the tests of a course stand on."""

    database: Database
    catalog: Catalog
    queued: list[str] = field(default_factory=list)

    def enqueue(self, session: Session, run: Run) -> None:
        assert session.get(Run, run.id) is run  # it is written, and in the same transaction
        self.queued.append(run.key)

    @property
    def doubling(self) -> Assignment:
        """As it is on the disk now."""
        return self.catalog.load("doubling")

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self.database.write() as session:
            yield session

    def course(self, session: Session) -> Course:
        return people.the_course(session)

    def person(self, session: Session, name: str) -> Person:
        return session.scalars(select(Person).where(Person.email == f"{name}@example.com")).one()

    def assignment(self, session: Session) -> models.Assignment:
        return people.assignment(session, self.course(session), "doubling")

    def publish(self, **more: Any) -> Version:
        with self.write() as session:
            return publishing.publish(
                session, self.course(session), self.doubling, proof(), actor="test", at=NOON, **more
            )

    def submit(self, name: str, data: bytes, *, at: datetime = NOON, **more: Any) -> submissions.Received:
        """Submits in a transaction of its own."""
        with self.write() as session:
            return submissions.submit(
                session,
                self.assignment(session),
                self.person(session, name),
                data,
                "my.ipynb",
                Source.WEB,
                at=at,
                enqueue=self.enqueue,
                **more,
            )

    def grade(self, run: Run, report: Report, executed: bytes | None = None) -> bool:
        """What a worker does with a run."""
        with self.write() as session:
            row = session.get_one(Run, run.id)
            row.state, row.fence, row.tries = State.RUNNING, row.fence + 1, row.tries + 1
            fence = row.fence
        with self.write() as session:
            return submissions.finish(session, session.get_one(Run, run.id), fence, report, executed)

    def graded(self, name: str, data: bytes, values: float, zero: float, **more: Any) -> submissions.Received:
        """A submission that has got these points."""
        received = self.submit(name, data, **more)
        assert self.grade(received.run, report(values, zero), b"executed " + data)
        return received

    def change_suite(self) -> None:
        """Another version of the suite on the disk."""
        assert self.doubling.reference is not None
        file = self.doubling.reference / "hidden_tests" / "test_double.py"
        file.write_text(file.read_text() + "\n# more\n", encoding="utf-8")


def proof(*, holds: bool = True) -> Verification:
    """What `grader verify` says of the assignment."""
    right = dict.fromkeys(POINTS, Verdict.PASSED)
    wrong = dict.fromkeys(POINTS, Verdict.FAILED)
    reference = Proof("reference", "solution", (), None, Status.GRADED, None, 100.0, 100.0, right, 0.1)
    text = Text("틀림", "wrong")
    mutant = Proof("mutant", "wrong", tuple(POINTS), text, Status.GRADED, None, 0.0, 100.0, wrong, 0.1)
    return Verification("doubling", list(POINTS), [reference, mutant if holds else replace(mutant, verdicts=right)])


def report(values: float = 60.0, zero: float = 40.0, *, status: Status = Status.GRADED) -> Report:
    """A report with these points in the two checks; without checks where there is no grade."""
    checks: Sequence[CheckResult] = ()
    if status is Status.GRADED:
        given = zip(POINTS.items(), (values, zero), strict=True)
        checks = tuple(
            CheckResult(name, Text(name, name), points, most, Verdict.PASSED if points == most else Verdict.FAILED)
            for (name, most), points in given
        )
    reason = None if status is Status.GRADED else Text("이유", "reason")
    return Report("doubling", "0123456789ab", "f" * 64, status, reason, checks, seconds={"total": 1.5})


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """A folder with one assignment that is never run."""
    files = {
        "assignments/doubling/assignment.toml": TOML,
        "assignments/doubling/notebook.ipynb": "{}",
        "assignments/topics.toml": "",
        "reference/doubling/hidden_tests/test_double.py": TEST,
        "reference/doubling/solution.ipynb": "{}",
        "reference/misconceptions.toml": "",
    }
    for name, content in files.items():
        file = tmp_path / "shelf" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return Catalog(tmp_path / "shelf" / "assignments", tmp_path / "shelf" / "reference")


@pytest.fixture
def world(database: Database, catalog: Catalog) -> World:
    """The course `dl` with teacher@, mina@ and juno@example.com, and the assignment `doubling`, published."""
    found = World(database, catalog)
    with database.write() as session:
        course = people.create_course(session, "dl", Text("딥러닝", "Deep learning"), actor="test", at=NOON)
        for name, role in (("teacher", "instructor"), ("mina", "student"), ("juno", "student")):
            people.add_person(
                session, course, f"{name}@example.com", name.title(), people.role_of(role), actor="test", at=NOON
            )
    found.publish()
    return found
