"""A hundred kills, anywhere in a worker, and every submission still has exactly one end."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from jobs.yard import Yard, descendants, end_tree, noted
from sqlalchemy import func, select

from grader.store import audit
from grader.store.models import CheckRow, Run, State

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("JOBS_KILLS", "100"))
SEED = int(os.environ.get("JOBS_SEED", "20260301"))
BATCH = 6  # submissions that are on their way at a time
LONG_S = 900.0
WEIGHTS = {"worker": 1, "slot": 4, "child": 4, "warm": 6}


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


def test_every_submission_ends_once_however_often_we_are_killed(yard: Yard, backend: str) -> None:
    print(f"seed {SEED}")
    chance, started = random.Random(SEED), time.monotonic()
    keys: list[str] = []
    killed: Counter[str] = Counter()
    process = yard.start(2, drain=1.0)
    starts = 0
    while sum(killed.values()) < KILLS:
        while sum(state in ("queued", "running") for state in yard.states(keys)) < BATCH:
            keys.append(yard.add(f"{len(keys)}", f"p{len(keys) % 5}", seconds=chance.uniform(0.0, 1.0), warm=True))
        if process.poll() is not None:
            process = yard.start(2, drain=1.0)
        yard.until(lambda: kinds(process)["slot"])  # noqa: B023 - it is called at once
        if chance.random() < 0.8:  # most of the time when something is being graded, else while things begin
            yard.until(lambda: len(yard.lines("start")) > starts)  # noqa: B023
        time.sleep(chance.uniform(0.0, 0.7))  # a random moment is what is wanted here, and nothing is waited for
        there = {kind: pids for kind, pids in kinds(process).items() if pids}
        kind = chance.choices(list(there), [WEIGHTS[one] for one in there])[0]
        try:
            os.kill(chance.choice(there[kind]), signal.SIGKILL)
        except ProcessLookupError:
            continue
        if kind == "worker":
            process.wait()
        killed[kind] += 1
        starts = len(yard.lines("start"))
        assert time.monotonic() - started < LONG_S
    if process.poll() is not None:
        yard.start(2)
    states = Counter(yard.ended(*keys, seconds=180))
    check_all(yard, keys)
    noted(
        test="chaos", database=backend, seed=SEED, kills=dict(killed), submissions=len(keys), ends=dict(states),
        starts=len(yard.lines("start")), seconds=round(time.monotonic() - started),
    )  # fmt: skip
    assert set(states) <= {"done", "set_aside"}


def check_all(yard: Yard, keys: list[str]) -> None:
    """Each run has one result or a reason; nothing else is in the database, and nothing in it is broken."""
    with yard.database.read() as session:
        runs = session.scalars(select(Run).where(Run.key.in_(keys))).all()
        rows = dict(session.execute(select(CheckRow.run_id, func.count()).group_by(CheckRow.run_id)).all())
        assert len(runs) == len(keys)
        for run in runs:
            done = run.state is State.DONE
            assert (run.committed_at is not None, rows.get(run.id, 0)) == (done, int(done))
            assert done or (run.reason and run.tries == 3)
            assert run.tries <= 3
        assert audit.broken(session) is None
    if yard.database.embedded:
        with sqlite3.connect(str(yard.database.engine.url.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    for process in yard.workers:
        if process.poll() is None:
            end_tree(process.pid)
