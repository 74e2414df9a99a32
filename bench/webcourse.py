"""The course on which the pages are measured: by default 1,000 people, 20 assignments and a million rows of checks."""

from __future__ import annotations

import io
import random
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from bench import gradebook
from grader import jobs
from grader.assignment import Catalog
from grader.course.quizzes import QuizMode, publish
from grader.quiz.bank import Bank
from grader.store import blobs, models
from grader.store.database import Database, Home
from grader.store.models import Decision, Role
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem
from grader.store.schema import HEAD, prepare
from webapp import passwords

COURSE = "bench"
STAFF = "teacher@example.org"
RULES = {"graded": True, "minutes": 30, "attempts": 2}
MISCONCEPTIONS = ("sign", "mean", "transpose", "leak")


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    people: int = 1000
    assignments: int = 20
    submissions: int = 2
    checks: int = 24
    quizzes: int = 9
    questions: int = 10  # of each quiz

    @property
    def name(self) -> str:
        return f"{self.people}-{self.assignments}-{self.submissions}-{self.checks}-{self.quizzes}x{self.questions}"


@contextmanager
def course(folder: Path, size: Size) -> Iterator[Home]:
    """A copy of the course in that folder, which is gone afterwards. The first time it is made, and kept for the next
    one."""
    made = folder / f"web-{size.name}-{HEAD}.sqlite3"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _make(made, size)
    home = folder / "web-home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    try:
        shutil.copyfile(made, home / "grader.sqlite3")
        yield Home(home, f"sqlite:///{home / 'grader.sqlite3'}")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def sign_in(database: Database, emails: list[str]) -> dict[str, str]:
    """The cookies with which these people are signed in, by address."""
    with database.write() as session:
        found = {one.email: one for one in session.scalars(select(models.Person))}
        return {email: passwords.sign_in(session, found[email]) for email in emails}


def give_passwords(database: Database, emails: list[str], password: str) -> None:
    """The same to all of them, hashed once: the server does not know."""
    with database.write() as session:
        found = list(session.scalars(select(models.Person).where(models.Person.email.in_(emails))))
        passwords.set_password(session, found[0], password, actor="bench")
        hashed = session.get_one(models.Credential, found[0].id).password_hash
        rows = [{"person_id": one.id, "password_hash": hashed, "changed_at": gradebook.START} for one in found[1:]]
        if rows:
            session.execute(insert(models.Credential), rows)


def student(n: int) -> str:
    """The address of a student, counted from 1."""
    return f"p{n}@example.org"


def notebook(n: int) -> bytes:
    """A notebook that nobody else hands in."""
    cells = [new_code_cell(f"x = {n}"), new_code_cell("def double(x):\n    return 2 * x")]
    return nbformat.writes(new_notebook(cells=cells)).encode()


def hand_in(session: Session, size: Size, person: int) -> int:
    """One more graded submission by a student (counted from 1) in the first assignment; how many it has now."""
    chance, word = random.Random(person), secrets.token_hex(8)
    there = select(models.Submission).where(models.Submission.assignment_id == 1)
    before = session.scalars(there.where(models.Submission.person_id == person)).first()
    assert before is not None
    submission = models.Submission(
        **{"receipt": word, "assignment_id": 1, "person_id": person, "notebook": before.notebook, "token": word},
        **{"filename": "x.ipynb", "source": before.source, "received_at": before.received_at},
    )
    session.add(submission)
    session.flush()
    run = models.Run(**gradebook._run(submission.id, 1, chance), key=word, started_at=gradebook.START)
    session.add(run)
    session.flush()
    session.execute(insert(models.CheckRow), [_check(run.id, n) for n in range(size.checks)])
    return session.scalars(select(func.count()).select_from(there.subquery())).one()


def _make(file: Path, size: Size) -> None:
    unfinished = file.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    database = Database(f"sqlite:///{unfinished}")
    prepare(database)
    jobs.prepare(database)
    with database.write() as session:
        gradebook.fill(session, size.people, size.assignments, size.submissions, size.checks, _check)
        _lively(session, size)
        _quizzes(session, size)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    unfinished.rename(file)


def _check(run: int, number: int) -> dict[str, Any]:
    """Harder ones come later in a suite; a wrong answer may show a misconception."""
    passed = (run * 2654435761 + number * 40503) % 97 > 10 + 2 * number
    words = f"The value of part {number} is not what it should be. Look at the sign and at the axis over which you sum."
    return {
        "run_id": run,
        "name": f"part{number // 4}.check{number}",
        "position": number,
        "title": {"ko": f"{number}번 검사", "en": f"check {number}"},
        "points": 4.0 if passed else 0.0,
        "max_points": 4.0,
        "verdict": "passed" if passed else "failed",
        "visibility": ("visible", "hidden", "hidden", "after_due")[number % 4] if number < 23 else "secret",
        "message": None if passed else {"ko": words, "en": words},
        "hint": None if passed else {"ko": "부호를 보세요.", "en": "Look at the sign."},
        "seconds": 0.1,
        "misconception": None if passed or number % 3 else MISCONCEPTIONS[(run + number) % 4],
    }


def _lively(session: Session, size: Size) -> None:
    """Groups, a teacher, comments, requests, submissions that wait; and times as if the course were running now."""
    chance, now = random.Random(2), datetime.now(UTC).replace(microsecond=0)
    _groups(session, size)
    teacher = models.Person(email=STAFF, name="Teacher", active=True, created_at=gradebook.START)
    session.add(teacher)
    session.flush()
    session.add(models.Member(course_id=1, person_id=teacher.id, role=Role.INSTRUCTOR, joined_at=gradebook.START))
    ended = func.datetime(models.Run.requested_at, "+40 seconds")
    cells = [{"index": n, "status": "ok", "seconds": 0.1, "error": None} for n in range(40)]
    times = {"started_at": models.Run.requested_at, "finished_at": ended}
    session.execute(update(models.Run).values(**times, rest={"cells": cells}))
    session.execute(update(models.Version).values(archive=blobs.put(session, _published(size))))
    session.execute(update(models.Submission).values(notebook=blobs.put(session, notebook(0))))
    session.execute(
        update(models.Assignment)
        .where(models.Assignment.id > size.assignments // 2)
        .values(due=now + timedelta(days=7), closes=now + timedelta(days=14))
    )
    requests = [
        {
            "submission_id": n,
            "person_id": (n - 1) % size.people + 1,
            "reason": "bench",
            "decision": Decision.OPEN,
            "created_at": gradebook.START,
        }
        for n in chance.sample(range(1, size.people + 1), min(40, size.people))
    ]
    session.execute(insert(models.RegradeRequest), requests)


TOML = """
id = "{key}"
week = 1
[title]
ko = "{key}"
en = "{key}"
[defines]
double = "(x)"
"""


def _published(size: Size) -> bytes:
    """What was published, of all assignments in one archive: pages look into it."""
    target = io.BytesIO()
    files = {"assignments/topics.toml": b"", "reference/misconceptions.toml": b""}
    for key in (f"week-{n}" for n in range(1, size.assignments + 1)):
        files[f"assignments/{key}/assignment.toml"] = TOML.format(key=key).encode()
        files[f"assignments/{key}/notebook.ipynb"] = notebook(0)
        files[f"reference/{key}/solution.ipynb"] = notebook(0)
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


def _quizzes(session: Session, size: Size) -> None:
    """Graded quizzes of the repository's bank that are open; each student sat at each but the last one, some wait for a
    worker."""
    chance, now = random.Random(5), datetime.now(UTC).replace(microsecond=0)
    catalog = Catalog.find()
    bank = Bank(catalog.assignments / "quizzes", catalog.reference / "quizzes")
    course = session.get_one(models.Course, 1)
    students = range(1, size.people + 1)
    for place, key in enumerate(bank.ids()[: size.quizzes]):
        due = now + timedelta(days=place - size.quizzes + 2)
        quiz = publish(session, course, bank, key, actor="bench", rules=RULES, due=due, closes=due, faults=())
        if place + 1 == size.quizzes:
            continue
        start = due - timedelta(days=1)
        attempts = [
            {
                **{"receipt": f"q{quiz.id}x{n}", "course_id": 1, "quiz_id": quiz.id, "version_id": quiz.version_id},
                **{"person_id": n, "mode": QuizMode.GRADED, "number": 1, "token": f"{quiz.id}", "title": quiz.title},
                **{"rules": quiz.policy, "started_at": start, "deadline": due, "submitted_at": start, "ended": None},
            }
            for n in students
        ]
        session.execute(insert(QuizAttempt), attempts)
        ids = list(session.scalars(select(QuizAttempt.id).where(QuizAttempt.quiz_id == quiz.id)))
        session.execute(
            insert(QuizItem), [_item(quiz, id, n, start, chance) for id in ids for n in range(size.questions)]
        )


def _item(quiz: Quiz, attempt: int, number: int, at: datetime, chance: random.Random) -> dict[str, Any]:
    waits = number == 0 and attempt % 50 == 0
    return {
        **{"attempt_id": attempt, "position": number + 1, "version_id": quiz.version_id, "question": f"q{number}"},
        **{"topic": "xor", "kind": "choice", "weight": 1.0, "seed": "0" * 64, "values": {}, "posed": {}, "aliases": {}},
        **{"answer": "a", "revision": 1, "answered_at": at, "share": None if waits else float(chance.random() < 0.7)},
        **{"marked_at": at, "marked_by": quiz.version_id},
    }


def _groups(session: Session, size: Size) -> None:
    groups = [models.Group(course_id=1, name=f"group {n}") for n in range(1, 11)]
    session.add_all(groups)
    session.flush()
    for place, group in enumerate(groups):
        session.execute(update(models.Member).where(models.Member.person_id % 10 == place).values(group_id=group.id))
