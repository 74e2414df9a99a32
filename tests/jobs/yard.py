"""A course with people, and workers that can be started and killed."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs import fakes
from sqlalchemy import select

from grader.jobs import Jobs, Pace
from grader.store import blobs, models
from grader.store.database import Database, now
from grader.store.models import Purpose, Run, Source, State

PATIENCE = 180.0  # seconds for a busy machine, where a process may take twenty to begin
PACE = Pace(
    poll=0.05, beat=0.2, dead=2.0, care=0.3, stray=1.0, still=0.1, progress=0.1, again=0.05, rest=0.5, slack=20.0
)
TESTS = Path(__file__).resolve().parent.parent


@dataclass
class Yard:
    """One course on one database; `home` is the workers' folder."""

    database: Database
    home: Path
    jobs: Jobs = field(init=False)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    people: dict[str, int] = field(default_factory=dict)
    fresh: bool = True  # else the course is there already

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.database, PACE)
        self.home.mkdir(exist_ok=True)
        if not self.fresh:
            with self.database.read() as session:
                self.assignments = list(session.scalars(select(models.Assignment.id).order_by(models.Assignment.id)))
                self.versions = list(session.scalars(select(models.Version.id).order_by(models.Version.id)))
            return
        with self.database.write() as session:
            at = now(session)
            course = models.Course(key="c", title={}, timezone="Asia/Seoul", policy={}, created_at=at)
            session.add(course)
            session.flush()
            rows = [
                models.Assignment(course_id=course.id, key=key, title={}, position=0, weight=1.0, policy={})
                for key in ("one", "two")
            ]
            session.add_all(rows)
            session.flush()
            archive = blobs.put(session, b"archive")
            versions = [
                models.Version(
                    assignment_id=row.id,
                    number=1,
                    suite_version="0" * 12,
                    archive=archive,
                    max_score=100.0,
                    queue="cpu",
                    verified=True,
                    verification={},
                    created_at=at,
                )
                for row in rows
            ]
            session.add_all(versions)
            session.flush()
            for row, version in zip(rows, versions, strict=True):
                row.version_id = version.id
            self.assignments, self.versions = [row.id for row in rows], [version.id for version in versions]

    @property
    def journal(self) -> Path:
        return self.home / "journal"

    @property
    def url(self) -> str:
        """Of the database, with its password."""
        return self.database.engine.url.render_as_string(False)

    @property
    def mark(self) -> dict[str, str]:
        """What all that we start, and all that this starts, has in its environment."""
        return {fakes.JOURNAL: str(self.journal)}

    def left(self) -> list[int]:
        """The processes of this yard that run, whoever their parents are by now."""
        mark = "=".join(*self.mark.items()).encode()
        return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal() and _has(one, mark)]

    def lines(self, word: str) -> list[str]:
        """What the journal says began ("start") or ended ("end"), in order."""
        if not self.journal.exists():
            return []
        rows = [line.split() for line in self.journal.read_text().splitlines()]
        return [row[1] for row in rows if row[0] == word]

    def person(self, name: str) -> int:
        if name not in self.people:
            with self.database.write() as session:
                row = models.Person(email=f"{name}@example.com", name=name, created_at=now(session))
                session.add(row)
                session.flush()
                self.people[name] = row.id
        return self.people[name]

    def add(
        self,
        name: str,
        person: str = "a",
        *,
        purpose: Purpose = Purpose.SUBMISSION,
        queue: str = "cpu",
        assignment: int = 0,
        enqueue: bool = True,
        **wish: Any,
    ) -> str:
        """A submission and its run; its key."""
        who = self.person(person)
        with self.database.write() as session:
            at = now(session)
            submission = models.Submission(
                receipt=secrets.token_hex(13),
                assignment_id=self.assignments[assignment],
                person_id=who,
                notebook=blobs.put(session, json.dumps({"id": name, **wish}).encode()),
                filename="my.ipynb",
                source=Source.CLI,
                token=secrets.token_hex(8),
                received_at=at,
            )
            session.add(submission)
            session.flush()
            run = Run(
                key=secrets.token_hex(16),
                submission_id=submission.id,
                version_id=self.versions[assignment],
                purpose=purpose,
                queue=queue,
                state=State.QUEUED,
                requested_at=at,
            )
            session.add(run)
            if enqueue:
                self.jobs.enqueue(session, run)
            return str(run.key)

    def run(self, key: str) -> Run:
        with self.database.read() as session:
            return session.scalars(select(Run).where(Run.key == key)).one()

    def states(self, keys: Sequence[str]) -> list[str]:
        with self.database.read() as session:
            found = dict(session.execute(select(Run.key, Run.state).where(Run.key.in_(keys))).all())
        return [found[key].value for key in keys]

    def ended(self, *keys: str, seconds: float = PATIENCE) -> list[str]:
        """The states of these runs once none of them is on its way."""
        self.until(lambda: not {"queued", "running"} & set(self.states(keys)), seconds)
        return self.states(keys)

    def until(self, holds: Callable[[], Any], seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not in {seconds} s; workers said:\n{self.said()}"
            time.sleep(0.02)

    def said(self) -> str:
        return "\n".join(file.read_text()[-6000:] for file in sorted(self.home.glob("log-*")))

    def start(
        self,
        slots: int | dict[str, int] = 1,
        queues: Sequence[str] = ("cpu",),
        *,
        name: str = "w",
        drain: float = 20.0,
        before: Sequence[str] = (),
        url: str | None = None,
        home: Path | None = None,
        real: bool = False,
        **pace: float,
    ) -> subprocess.Popen[bytes]:
        """A worker; it need not serve yet when this returns."""
        words = {"home": str(home or self.home), "url": url or self.url}
        words |= {"queues": list(queues), "slots": slots, "name": name, "drain": drain, "pace": pace, "real": real}  # type: ignore[dict-item]
        with (self.home / f"log-{name}-{len(self.workers)}").open("wb") as out:
            process = subprocess.Popen(
                [*before, sys.executable, "-P", "-m", "jobs.program", json.dumps(words)],
                env=os.environ | self.mark | {"PYTHONPATH": str(TESTS)},
                stdout=out,
                stderr=out,
            )
        self.workers.append(process)
        return process

    def slots(self) -> list[str]:
        """The names of those that are alive."""
        return [one.name for one in self.jobs.workers() if one.alive]

    def close(self) -> None:
        for process in self.workers:
            if process.poll() is None:
                end_tree(process.pid)
                process.wait()
        self.jobs.close()


def _has(process: Path, mark: bytes) -> bool:
    """Whether it was started with that in its environment, and has not ended."""
    try:
        return mark in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False  # it has ended, or is another user's


def descendants(pid: int) -> Iterator[int]:
    """The process's children and theirs, parents first."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            yield child
            yield from descendants(child)


def end_tree(pid: int) -> None:
    """Kills a process and all that it has started."""
    for one in [pid, *descendants(pid)]:
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            pass


def noted(**row: object) -> None:
    """A line of the table of results."""
    print(json.dumps(row))
    if file := os.environ.get("JOBS_TABLE"):
        with Path(file).open("a") as out:
            out.write(json.dumps(row) + "\n")
