"""Where the store is, and how to reach it: one engine, transactions that end whole."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from grader.errors import BadInput
from grader.text import Text

# a connection whose other end is cut off is given up after seconds, not after the kernel's quarter of an hour
ALIVE = {
    **{"connect_timeout": 10, "tcp_user_timeout": 15_000},
    **{"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2},
}
# a client that hangs within a transaction is cut off before those that wait for its locks give up
PATIENCE_MS = {
    "idle_in_transaction_session_timeout": 60_000,
    "lock_timeout": 90_000,
    "statement_timeout": 600_000,  # a step of the schema may take minutes
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
    def find(cls, folder: Path | None = None, *, makes: bool = True) -> Home:
        """The folder named, or `GRADER_HOME`, or `~/.local/share/grader`; with `GRADER_DATABASE` the database is
        elsewhere. Makes the folder, for its owner alone; where it `makes` none and the folder holds no store, it is
        refused, as it may be mistyped. Raises BadInput."""
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
        home = folder or Path(os.environ.get("GRADER_HOME") or data / "grader")
        if not makes and not os.environ.get("GRADER_DATABASE") and not (home / FILE).is_file():
            raise _no_store(home)
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
        return cls(home, _address(os.environ.get("GRADER_DATABASE")) or f"sqlite:///{home / FILE}")


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
            event.listen(engine, "do_connect", _keep_private)
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
            return engine
        return create_engine(url, pool_size=20, max_overflow=0, pool_pre_ping=True, connect_args=patient(url))

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

    def empty_log(self, patience_ms: int = 5_000) -> bool:
        """Takes what was removed or overwritten out of SQLite's log, where its bytes could still be read. False where
        somebody still reads an old state after so many milliseconds: the bytes go with the next time. PostgreSQL has no
        such file; its dead rows go with its own vacuum."""
        if not self.embedded:
            return True
        with closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {patience_ms}")
            try:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                found = cursor.fetchone()
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            return found is not None and not found[0]

    def close(self) -> None:
        self.engine.dispose()


def _address(words: str | None) -> str | None:
    """The address with our driver, where it is written as most programs write it."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", words) if words else None


def _no_store(folder: Path) -> BadInput:
    shown = folder.absolute()
    return BadInput(
        Text(
            f"{shown}에는 강좌가 없습니다({FILE} 파일이 없습니다). --home이나 GRADER_HOME의 폴더를 잘못 적지 않았는지 "
            "보세요. 새로 시작하려면: grader course create. 백업에서 시작하려면: grader restore.",
            f"There is no course in {shown} (no file {FILE}). See whether the folder of --home or GRADER_HOME is "
            "mistyped. To begin a new one: grader course create. To begin from a backup: grader restore.",
        )
    )


def patient(url: URL) -> dict[str, Any]:
    """What a connection to PostgreSQL at that address is opened with; what the address itself says goes before."""
    ours = " ".join(f"-c {name}={value}" for name, value in PATIENCE_MS.items())
    theirs = url.query.get("options", "")
    return {**ALIVE, "options": f"{ours} {theirs if isinstance(theirs, str) else ' '.join(theirs)}".strip()}


def _keep_private(dialect: Any, record: Any, words: list[Any], more: dict[str, Any]) -> None:
    """Before SQLite opens its file, nobody else may read it; what SQLite writes beside it gets the same mode. A file
    that is there is never opened here: to close it would take from this process every lock that SQLite has on it."""
    name = str(words[0]) if words else ""
    if not name or name == ":memory:" or name.startswith("file:"):
        return
    with suppress(OSError):  # whatever is wrong with it, SQLite says it better
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    for file in (Path(name + end) for end in ("", "-wal", "-shm")):
        with suppress(OSError):
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def _prepare(connection: sqlite3.Connection, record: Any) -> None:
    """Transactions begin where we say so (`_begin`); readers never wait and see the last commit."""
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_MS}", "foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer takes its lock at the start, so that two never wait for each other."""
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def writes(session: Session) -> bool:
    """Whether what is changed in it is kept (`Database.write`), and not lost (`Database.read`)."""
    bind = session.get_bind()
    return isinstance(bind, Connection) and bool(bind.get_execution_options().get(WRITE, False))


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


# ------------------------------------------------------------------------------------------------- what went wrong


def fault(error: SQLAlchemyError) -> Text:
    """What a database that did not do it lacks, and what to do. The statement stays out, for it may hold names."""
    said = " ".join(str(getattr(error, "orig", None) or type(error).__name__).split())[:200]
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    for sign, meaning in _FAULTS.items():
        if sign == state or sign in said:
            return meaning + _UNCHANGED
    if state is None and "psycopg" in type(getattr(error, "orig", None)).__module__:
        return _UNREACHABLE  # no answer of a server: what it would have said has a state
    return (
        Text(
            f"데이터베이스가 답하지 않습니다({said}). 다른 프로그램이 쓰는지, 디스크가 찼는지 보고 다시 해 보세요.",
            f"The database did not do it ({said}). See whether another program holds it or the disk is full, and try "
            "again.",
        )
        + _UNCHANGED
    )


_UNCHANGED = Text("바뀐 것은 없습니다.", "Nothing was changed.")
_UNREACHABLE = Text(
    "데이터베이스에 연결할 수 없습니다. GRADER_DATABASE의 주소와 데이터베이스가 실행 중인지 확인하세요.",
    "The database cannot be reached. Check the address in GRADER_DATABASE, and that the database is running.",
)
_FULL = Text(
    "디스크가 가득 찼습니다. 자리를 만들고(df -h) 다시 해 보세요. grader gc는 쓰지 않는 자료를 지웁니다.",
    "The disk is full. Make room (df -h) and try again; grader gc removes what nothing needs.",
)
_READ_ONLY = Text(
    "데이터베이스에 쓸 수 없습니다(읽기 전용). 강좌 폴더와 그 파일이 지금 사용자의 것인지, 디스크가 읽기 전용으로 "
    "연결되지 않았는지 보세요: ls -l GRADER_HOME, mount.",
    "The database cannot be written (it is read-only). See whether the course's folder and its files belong to this "
    "user, and whether the disk is mounted read-only: ls -l GRADER_HOME, mount.",
)
_LOCKED = Text(
    "다른 프로그램이 데이터베이스를 잠그고 있습니다. 복사 프로그램이나 열어 둔 sqlite3, psql을 끝내고 다시 해 보세요.",
    "Another program keeps the database locked. End what holds it (a copy program, an open sqlite3 or psql) and try "
    "again.",
)
_UNOPENED = Text(
    "데이터베이스 파일을 열 수 없습니다. 강좌 폴더가 지금 사용자의 것인지 보세요: ls -l GRADER_HOME.",
    "The database file cannot be opened. See whether the course's folder belongs to this user: ls -l GRADER_HOME.",
)
_DAMAGED = Text(
    "이 파일은 데이터베이스가 아니거나 손상되었습니다. 파일을 옆으로 옮기고 백업을 되돌리세요: grader restore.",
    "This file is no database, or is damaged. Move it aside and bring a backup back: grader restore.",
)
_BROKEN = Text(
    "디스크에서 읽거나 쓰지 못했습니다. 가득 찼거나(df -h), 네트워크 디스크이거나, 고장일 수 있습니다(dmesg).",
    "The disk could not be read or written. It may be full (df -h), a network disk, or broken (dmesg).",
)
_SLOW = Text(
    "데이터베이스가 너무 오래 걸려 그만두었습니다. 잠시 뒤에 다시 해 보세요.",
    "The database took too long and was stopped. Try again in a while.",
)
# words of SQLite, or states of PostgreSQL
_FAULTS = {
    **{"database or disk is full": _FULL, "disk I/O error": _BROKEN, "53100": _FULL},
    **{"readonly database": _READ_ONLY, "25006": _READ_ONLY},
    **{"is locked": _LOCKED, "55P03": _LOCKED, "unable to open database file": _UNOPENED},
    **{"not a database": _DAMAGED, "malformed": _DAMAGED, "57014": _SLOW},
}
