"""What every view stands on: the store, the queue, and one look at the store for each request."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from grader import jobs
from grader.jobs import Jobs
from grader.store.database import Database, Home
from grader.store.schema import prepare

EACH = 4  # live pages of one person that are told of news at once
STREAMS = 24  # live pages that are told of news at once; each holds a thread, and the others ask every few seconds


class Streams:
    """The live pages that are told of news at once: so many in all, and a few for each person."""

    def __init__(self, room: int = STREAMS, each: int = EACH) -> None:
        self._room, self._each = room, each
        self._held: Counter[int] = Counter()
        self._lock = threading.Lock()

    def take(self, person: int) -> bool:
        """Whether there is room for one more of this person, which is then held until `give_back`."""
        with self._lock:
            if self._held.total() >= self._room or self._held[person] >= self._each:
                return False
            self._held[person] += 1
            return True

    def give_back(self, person: int) -> None:
        with self._lock:
            self._held[person] -= 1


@dataclass(frozen=True)
class Site:
    """What one application has open."""

    home: Home
    database: Database
    jobs: Jobs
    streams: Streams = field(default_factory=Streams)

    def close(self) -> None:
        self.jobs.close()
        self.database.close()


def begin(app: Flask, home: Home) -> None:
    """Opens the store, brought up to date. Raises BadInput or GraderError."""
    database = Database(home.url)
    prepare(database)
    jobs.prepare(database)
    app.extensions["grader"] = Site(home, database, Jobs(database))
    app.teardown_request(_end)


def site() -> Site:
    """Of the application that answers now."""
    found: Site = current_app.extensions["grader"]
    return found


def reading() -> Session:
    """The request's look at the store: the last commit as of its first question. What is changed in it is lost."""
    if "store" not in g:
        g.store = Session(site().database.engine, expire_on_commit=False)
    found: Session = g.store
    return found


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction of its own; what `reading` gave belongs to another session and has to be got again by its id.
    Afterwards `reading` sees what was written."""
    fresh()  # else a writer on SQLite would keep an old look at the store open, and the page show what was
    with site().database.write() as session:
        yield session


def fresh() -> None:
    """Lets go of the request's look at the store; the next `reading` sees the last commit again."""
    _end()


def _end(error: BaseException | None = None) -> None:
    store: Session | None = g.pop("store", None)
    if store is not None:
        store.close()
