"""Where the store is, and how to reach it: one engine, transactions that end whole."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from grader.errors import BadInput
from grader.text import Text

# a connection whose other end is cut off is given up after seconds, not after the kernel's quarter of an hour
ALIVE = {
    **{"connect_timeout": 10, "tcp_user_timeout": 15_000},
    **{"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2},
}
BUSY_MS = 30_000  # how long a writer waits for another one
FILE = "grader.sqlite3"
WRITE = "grader_write"


@dataclass(frozen=True)
class Home:
    """The folder that holds everything of a course, and the database's address where it is not in it."""

    folder: Path
    url: str

    @classmethod
    def find(cls, folder: Path | None = None) -> Home:
        """The folder named, or `GRADER_HOME`, or `~/.local/share/grader`; with `GRADER_DATABASE` the database is
        elsewhere. Makes the folder, for its owner alone. Raises BadInput."""
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
        home = folder or Path(os.environ.get("GRADER_HOME") or data / "grader")
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise BadInput(
                Text(
                    f"{home} 폴더를 만들 수 없습니다. --home이나 GRADER_HOME으로 쓸 수 있는 폴더를 알려 주세요.",
                    f"The folder {home} cannot be made. Name one that you may write to with --home or GRADER_HOME.",
                )
            ) from error
        home = home.resolve()
        return cls(home, os.environ.get("GRADER_DATABASE") or f"sqlite:///{home / FILE}")


class Database:
    """One database and its engine, which any number of threads may share."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def engine(self) -> Engine:
        """Raises BadInput for an address that is none."""
        try:
            url = make_url(self.url)
        except ArgumentError as error:
            raise BadInput(
                Text(
                    "데이터베이스 주소를 읽을 수 없습니다. 예: postgresql+psycopg://grader@localhost/grader",
                    "The database address cannot be read. Example: postgresql+psycopg://grader@localhost/grader",
                )
            ) from error
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url, pool_size=20, max_overflow=0)
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
            return engine
        return create_engine(url, pool_size=20, max_overflow=0, pool_pre_ping=True, connect_args=ALIVE)

    @property
    def embedded(self) -> bool:
        """Whether it is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A look at the last commit. What is changed in it is lost."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: all of it is kept, or nothing. On SQLite nobody else writes meanwhile."""
        with (
            self.engine.connect().execution_options(**{WRITE: True}) as connection,
            Session(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _prepare(connection: sqlite3.Connection, record: Any) -> None:
    """Transactions begin where we say so (`_begin`); readers never wait and see the last commit."""
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_MS}", "foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer takes its lock at the start, so that two never wait for each other."""
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def lock(session: Session, name: str) -> None:
    """Until the end of this transaction nobody else holds the lock of that name. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def now(session: Session) -> datetime:
    """The database's clock, which is the same for all machines, in UTC."""
    if session.get_bind().dialect.name == "sqlite":
        value = session.execute(text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")).scalar_one()
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)
