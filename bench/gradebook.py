"""How long the gradebook of a large course takes: 1,000 people, 20 assignments, 2 submissions each.

.venv/bin/python -m bench.gradebook                                  a new SQLite file
.venv/bin/python -m bench.gradebook --url postgresql+psycopg://...   an empty database of PostgreSQL
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from grader.course import grades
from grader.course.policy import Policy, Window
from grader.store import models
from grader.store.database import Database
from grader.store.models import Purpose, Role, Source, State
from grader.store.schema import prepare

START = datetime(2026, 3, 2, tzinfo=UTC)
CHECKS = 10
TURNS = 9


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(arguments.url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        prepare(database)
        with database.write() as session:
            fill(session, arguments.people, arguments.assignments, arguments.submissions)
        _measure(database)
        database.close()


def fill(
    session: Session,
    people: int,
    assignments: int,
    submissions: int,
    checks: int = CHECKS,
    check: Callable[[int, int], dict[str, Any]] | None = None,
) -> None:
    """A course with so many people, assignments, and submissions by each person of each assignment; one in 50 has an
    extension, one in 100 a decision on a check, one in 20 submissions was graded twice. `check(run, number)` is a row
    of a check."""
    chance = random.Random(1)
    blob = {"sha256": "0" * 64, "size": 0, "data": b"", "created_at": START}
    course = {"id": 1, "key": "bench", "title": _title("bench"), "timezone": "Asia/Seoul", "policy": {}}
    _add(session, models.Blob, [blob])
    _add(session, models.Course, [course | {"created_at": START}])
    _add(
        session,
        models.Person,
        [
            {"id": n, "email": f"p{n}@example.org", "name": f"Person {n:04}", "active": True, "created_at": START}
            for n in range(1, people + 1)
        ],
    )
    member = {"course_id": 1, "role": Role.STUDENT, "joined_at": START}
    _add(session, models.Member, [member | {"person_id": n} for n in range(1, people + 1)])
    _add(session, models.Assignment, [_assignment(n) for n in range(1, assignments + 1)])
    _add(session, models.Version, [_version(n) for n in range(1, assignments + 1)])
    for row in session.query(models.Assignment):
        row.version_id = row.id
    places = [
        (assignment, person)
        for assignment in range(1, assignments + 1)
        for _ in range(submissions)
        for person in range(1, people + 1)
    ]
    _add(
        session,
        models.Submission,
        [
            {
                "id": n,
                "receipt": f"r{n}",
                "assignment_id": assignment,
                "person_id": person,
                "notebook": "0" * 64,
                "filename": "x.ipynb",
                "source": Source.WEB,
                "token": f"t{n}",
                "received_at": START + timedelta(days=7 * assignment, minutes=chance.randrange(-9000, 3000)),
            }
            for n, (assignment, person) in enumerate(places, 1)
        ],
    )
    runs = [_run(n, assignment, chance) for n, (assignment, _) in enumerate(places, 1)]
    runs += [_run(n, assignment, chance) for n, (assignment, _) in enumerate(places, 1) if n % 20 == 0]
    _add(session, models.Run, [run | {"id": n, "key": f"k{n}"} for n, run in enumerate(runs, 1)])
    for part in batched(range(1, len(runs) + 1), 1000):
        _add(session, models.CheckRow, [(check or _check)(n, k) for n in part for k in range(checks)])
    _add(
        session,
        models.Override,
        [
            {
                "assignment_id": assignment,
                "person_id": person,
                "submission_id": n,
                "check": "check0",
                "points": 7.0,
                "reason": "bench",
                "created_at": START,
            }
            for n, (assignment, person) in enumerate(places, 1)
            if n % 100 == 0
        ],
    )
    _add(
        session,
        models.Extension,
        [
            {
                "assignment_id": assignment,
                "person_id": person,
                "due": START + timedelta(days=7 * assignment + 2),
                "attempts": 0,
                "reason": "bench",
                "created_at": START,
            }
            for assignment in range(1, assignments + 1)
            for person in range(assignment, people + 1, 50)
        ],
    )


def batched(numbers: range, size: int) -> Iterator[range]:
    """A range in parts of that size."""
    for start in range(numbers.start, numbers.stop, size):
        yield range(start, min(start + size, numbers.stop))


def _add(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:  # of none, there would be a row of nothing
        session.execute(insert(table), rows)


def _title(name: str) -> dict[str, str]:
    return {"ko": name, "en": name}


def _assignment(n: int) -> dict[str, Any]:
    due = START + timedelta(days=7 * n)
    row = {"id": n, "course_id": 1, "key": f"week-{n}", "title": _title(f"week {n}"), "position": n, "weight": 1.0}
    return row | {"due": due, "closes": due + timedelta(days=7), "policy": {}}


def _version(n: int) -> dict[str, Any]:
    row = {"id": n, "assignment_id": n, "number": 1, "suite_version": "1", "archive": "0" * 64, "max_score": 100.0}
    return row | {"queue": "cpu", "verified": True, "verification": {}, "created_at": START}


def _run(submission: int, assignment: int, chance: random.Random) -> dict[str, Any]:
    row = {"submission_id": submission, "version_id": assignment, "purpose": Purpose.SUBMISSION, "queue": "cpu"}
    row |= {
        "rest": {"cells": "x" * 3000},
        "state": State.DONE,
        "fence": 1,
        "tries": 1,
        "requested_at": START,
        "committed_at": START,
    }
    return row | {"status": "graded", "score": float(chance.randrange(101)), "max_score": 100.0}


def _check(run: int, number: int) -> dict[str, Any]:
    row = {"run_id": run, "name": f"check{number}", "position": number, "title": _title("check"), "points": 5.0}
    return row | {"max_points": 10.0, "verdict": "failed", "visibility": "hidden", "seconds": 0.1}


def _measure(database: Database) -> None:
    def gradebook(session: Session) -> None:
        grades.of_course(session, session.get_one(models.Course, 1))

    def one_person(session: Session) -> None:
        grades.of_course(session, session.get_one(models.Course, 1), people=[500])

    def one_assignment(session: Session) -> None:
        course = session.get_one(models.Course, 1)
        grades.of_course(session, course, assignment=session.get_one(models.Assignment, 5))

    def preview(session: Session) -> None:
        assignment = session.get_one(models.Assignment, 5)
        grades.preview(session, assignment, Policy(), Window(due=assignment.due))

    for each in (gradebook, one_person, one_assignment, preview):
        _report(each, database)


def _report(what: Callable[[Session], None], database: Database) -> None:
    """Each turn in a new session, as a request would have it; the first is the cold one."""
    times, processor = [], []
    queries = 0

    def count(*_: Any) -> None:
        nonlocal queries
        queries += 1

    event.listen(database.engine, "before_cursor_execute", count)
    for _ in range(TURNS):
        with database.read() as session:
            start, begun = time.perf_counter(), time.process_time()
            what(session)
            times.append((time.perf_counter() - start) * 1000)
            processor.append((time.process_time() - begun) * 1000)
    event.remove(database.engine, "before_cursor_execute", count)
    cold, *warm = times
    times_ms = f"cold {cold:5.0f} ms   warm {statistics.median(warm):5.0f} ms   processor {min(processor):5.0f} ms"
    print(f"{what.__name__:15} {times_ms}   {queries // TURNS} queries")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--assignments", type=int, default=20)
    parser.add_argument("--submissions", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
