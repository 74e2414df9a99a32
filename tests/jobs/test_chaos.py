"""A hundred kills, anywhere in the server and in a worker, and every upload still has exactly one end."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from jobs.service import Service
from jobs.students import Students, Upload
from jobs.yard import Yard, descendants, noted
from sqlalchemy import func, select, text

from grader.store import audit, blobs
from grader.store.models import CheckRow, Person, Run, State, Submission

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("JOBS_KILLS", "100"))
SEED = int(os.environ.get("JOBS_SEED", "20260301"))
BATCH = 16  # submissions that are on their way at a time: enough to grade while the server starts again
LONG_S = 1800.0  # by far
LARGEST = 400_000  # bytes of a notebook: an upload takes a while, and a kill may come in the middle
PEOPLE = ("p0", "p1", "p2", "p3", "p4")
WEIGHTS = {"server": 6, "worker": 1, "slot": 3, "child": 4, "warm": 6}


def kinds(process: subprocess.Popen[bytes]) -> dict[str, list[int]]:
    """The processes of a worker by what they are: itself, its slots, their children, and those of these."""
    found: dict[str, list[int]] = {"worker": [process.pid], "slot": [], "child": [], "warm": []}
    for depth, pid in _below(process.pid, 0):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if b"spawn_main" in words:
            found["slot" if depth == 1 else "child"].append(pid)
        elif b"prctl" in words:
            found["warm"].append(pid)
    return found


def _below(pid: int, depth: int) -> list[tuple[int, int]]:
    own = [child for child in descendants(pid) if _parent(child) == pid]
    return [(depth + 1, child) for child in own] + [pair for child in own for pair in _below(child, depth + 1)]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return 0


@pytest.fixture
def server(yard: Yard) -> Iterator[Service]:
    found = Service(yard)
    yield found
    found.stop(signal.SIGKILL)


@pytest.fixture
def students(yard: Yard, server: Service) -> Iterator[Students]:
    found = Students(yard, server, PEOPLE)
    yield found
    server.stop(signal.SIGKILL)  # else somebody could still wait for it
    found.close()


def test_every_upload_ends_once_however_often_we_are_killed(
    yard: Yard, server: Service, students: Students, backend: str
) -> None:
    print(f"seed {SEED}")
    chance, started = random.Random(SEED), time.monotonic()
    killed: Counter[str] = Counter()
    process = yard.start(2, drain=1.0)
    starts = amid = 0
    while killed.total() < KILLS:
        fill(yard, students, chance, BATCH)
        if process.poll() is not None:
            process = yard.start(2, drain=1.0)
        yard.until(lambda: kinds(process)["slot"])  # noqa: B023 - it is called at once
        if chance.random() < 0.8:  # most of the time when something is being graded, else while things begin
            yard.until(lambda: len(yard.lines("start")) > starts)  # noqa: B023
        time.sleep(chance.uniform(0.0, 0.5))  # a random moment is what is wanted here, and nothing is waited for
        there = {kind: pids for kind, pids in kinds(process).items() if pids}
        if server.there and (server.up.is_set() or chance.random() < 0.1):  # now and then while it starts
            there["server"] = server.there
        kind = chance.choices(list(there), [WEIGHTS[one] for one in there])[0]
        if kind == "server":
            amid += kill_server(yard, server, students, chance)
        else:
            try:
                os.kill(chance.choice(there[kind]), signal.SIGKILL)
            except ProcessLookupError:
                continue
        if kind == "worker":
            process.wait()
        killed[kind] += 1
        starts = len(yard.lines("start"))
        assert time.monotonic() - started < LONG_S
    students.received()
    students.send_again(students.uploads[: 2 * len(PEOPLE)])
    if process.poll() is not None:
        process = yard.start(2, drain=1.0)
    with yard.database.read() as session:
        keys = list(session.scalars(select(Run.key)))
    states = Counter(yard.ended(*keys, seconds=400))
    assert set(states) <= {"done", "set_aside"}
    noted(
        test="chaos", database=backend, seed=SEED, kills=dict(killed), uploads=len(students.uploads),
        uploads_cut=amid, sent_again=sum(one.again > 0 for one in students.uploads),
        answers_lost=sum(one.known for one in students.uploads), ends=dict(states),
        starts=len(yard.lines("start")), seconds=round(time.monotonic() - started),
    )  # fmt: skip
    check_uploads(yard, students.uploads)
    check_runs(yard, keys)
    check_database(yard)
    check_ending(yard, server, process, killed["server"])


def fill(yard: Yard, students: Students, chance: random.Random, most: int) -> None:
    """New uploads, until so many are on their way: still sent, in the queue, or being graded."""
    with yard.database.read() as session:
        ended = session.scalar(select(func.count()).where(Run.state.not_in((State.QUEUED, State.RUNNING))))
    for number in range(len(students.uploads), (ended or 0) + most):
        wish = {"id": str(number), "seconds": chance.uniform(0.0, 1.0), "warm": True}
        wish["answer"] = chance.randbytes(chance.randrange(LARGEST // 2)).hex()
        students.hand_in(
            Upload(
                person=PEOPLE[number % len(PEOPLE)],
                key=chance.randbytes(16).hex(),
                filename=f"my-{number}.ipynb",
                data=json.dumps(wish).encode(),
                hangs_up=chance.random() < 0.2,
            )
        )


def kill_server(yard: Yard, server: Service, students: Students, chance: random.Random) -> int:
    """Mostly in the middle of uploads; how many it was answering then."""
    if chance.random() < 0.8:
        fill(yard, students, chance, BATCH + 2)
        time.sleep(chance.uniform(0.0, 0.1))  # a random moment again
    answering = students.sending() if server.up.is_set() else 0
    server.kill()
    return answering


def check_uploads(yard: Yard, uploads: list[Upload]) -> None:
    """Each is one submission, the one of its receipt, with the bytes that were sent."""
    with yard.database.read() as session:
        rows = session.execute(
            select(Submission.receipt, Person.name, Submission.token, Submission.filename, Submission.notebook)
            .join(Person, Person.id == Submission.person_id)
        ).all()  # fmt: skip
        sent = [
            (one.receipt, one.person, one.key, one.filename, hashlib.sha256(one.data).hexdigest()) for one in uploads
        ]
        assert sorted(map(tuple, rows)) == sorted(sent)
        assert all(blobs.get(session, blobs.name_of(one.data)) == one.data for one in uploads)
        runs = session.scalars(select(Run.submission_id)).all()
        assert len(set(runs)) == len(runs) == len(uploads)


def check_runs(yard: Yard, keys: list[str]) -> None:
    """Each has one result or a reason, and nothing is left in the queue."""
    with yard.database.read() as session:
        runs = session.scalars(select(Run).where(Run.key.in_(keys))).all()
        rows = dict(session.execute(select(CheckRow.run_id, func.count()).group_by(CheckRow.run_id)).all())
        assert len(runs) == len(keys)
        for run in runs:
            done = run.state is State.DONE
            assert (run.committed_at is not None, rows.get(run.id, 0)) == (done, int(done))
            assert done or (run.reason and run.tries == 3)
            assert run.tries <= 3
    assert not yard.jobs.waiting()


def check_database(yard: Yard) -> None:
    """The audit chain holds, and so do the tables and their indexes."""
    with yard.database.read() as session:
        assert audit.broken(session) is None
    if yard.database.embedded:
        with sqlite3.connect(str(yard.database.engine.url.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()
        return
    with yard.database.write() as session:
        session.execute(text("CREATE EXTENSION amcheck"))
        assert session.execute(text(AMCHECK)).all()


# raises for one that does not hold every row of its table
AMCHECK = """
SELECT bt_index_check(pg_class.oid, true) FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE amname = 'btree' AND nspname NOT IN ('pg_catalog', 'pg_toast')
"""


def check_ending(yard: Yard, server: Service, process: subprocess.Popen[bytes], killed: int) -> None:
    """What is asked to stop stops in good order, and nothing of ours is left."""
    server.wait()
    assert server.stop() == 0
    assert server.ended == [-signal.SIGKILL] * killed + [0]  # it never ended by itself
    process.terminate()
    assert process.wait(60) == 0
    yard.until(lambda: not yard.left())
