"""Brings a database to the tables of this program: an empty one, or one that an earlier program left."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from grader.errors import BadInput, GraderError
from grader.store.database import WRITE, Database, fault, lock
from grader.store.tables import Base
from grader.text import Text

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0009"  # the last step under migrations/versions; known here, so that Alembic is loaded only where there is work
TABLE = "alembic_version"
FOLDER = Path(__file__).parent / "migrations"
# of the queue (DBOS), which keeps its tables in the same SQLite file and minds them itself
DBOS = frozenset(
    {
        "application_versions",
        "dbos_migrations",
        "event_dispatch_kv",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)


def prepare(database: Database, *, makes: bool = True) -> None:
    """Takes every step that the database lacks, all of them or none; one without our tables is refused unless it
    `makes` a store of it. Processes that do so at once wait for each other. Raises BadInput where the database cannot
    be reached or is not ours, GraderError where it is newer."""
    try:
        with database.engine.connect() as connection:
            found = _version(connection)
            done = found == HEAD
    except DatabaseError as error:
        raise BadInput(fault(error)) from error
    if found is None and not makes:
        raise _empty(database)
    if not done:
        migrate(database, HEAD)


def migrate(database: Database, to: str) -> None:
    """Goes up or down to a step by its name; "base" is the empty database. Raises as `prepare` does."""
    with _alone(database) as connection:
        _check(connection)
        _walk(connection, to)


def version(database: Database) -> str | None:
    """The last step that was taken; None in an empty database."""
    with database.engine.connect() as connection:
        return _version(connection)


def is_ours(name: str | None, kind: str, parents: MutableMapping[Any, str | None]) -> bool:
    """For Alembic: whether it may look at a table that it found in the database."""
    return kind != "table" or name not in DBOS


def config(connection: Connection) -> Config:
    """What alembic.ini would say."""
    from alembic.config import Config

    found = Config(attributes={"connection": connection})
    found.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return found


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A transaction that is the only one of its kind. On SQLite it may rebuild a table, so references are checked
    once at its end: a table that is dropped to be rebuilt would else take with it whatever refers to it."""
    with database.engine.connect().execution_options(**{WRITE: True}) as connection:
        if database.embedded:
            connection.detach()  # a connection with such a setting must not go back to the pool
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")  # has no effect in a transaction
        with connection.begin():
            lock(Session(connection), "schema")
            yield connection
            if database.embedded and connection.execute(text("PRAGMA foreign_key_check")).first():
                raise GraderError(
                    Text(
                        "데이터베이스를 새 버전으로 바꾸면 빠진 참조가 생깁니다. 아무것도 바꾸지 않았습니다. 백업을 "
                        "만들고 알려 주세요.",
                        "Upgrading the database would leave references to nothing. Nothing was changed. Make a backup "
                        "and report it.",
                    )
                )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalar()
    return found


def _check(connection: Connection) -> None:
    """Raises GraderError for a database that this program must not touch."""
    from alembic.script import ScriptDirectory

    found = _version(connection)
    if found is None:
        if foreign := sorted(set(inspect(connection).get_table_names()) & set(Base.metadata.tables)):
            raise BadInput(
                Text(
                    f"이 데이터베이스에는 다른 프로그램의 테이블이 있습니다({', '.join(foreign)}). "
                    "빈 데이터베이스를 쓰세요.",
                    f"This database holds tables of another program ({', '.join(foreign)}). Use an empty database.",
                )
            )
        return
    if found not in {step.revision for step in ScriptDirectory.from_config(config(connection)).walk_revisions()}:
        raise GraderError(
            Text(
                f"데이터베이스가 이 프로그램보다 새 버전입니다({found}, 프로그램은 {HEAD}). grader를 "
                "업데이트하거나, 업데이트하기 전의 백업을 복원하세요.",
                f"The database is newer than this program ({found}; the program knows {HEAD}). Update grader, or "
                "restore a backup from before the update.",
            )
        )


def _walk(connection: Connection, to: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    settings = config(connection)
    above = {step.revision for step in ScriptDirectory.from_config(settings).iterate_revisions(HEAD, to)}
    if _version(connection) in above:
        command.downgrade(settings, to)
    else:
        command.upgrade(settings, to)


def _empty(database: Database) -> BadInput:
    where = database.engine.url
    shown = where.database if database.embedded else where.render_as_string(hide_password=True)
    return BadInput(
        Text(
            f"{shown}에는 강좌가 없습니다. --home, GRADER_HOME, GRADER_DATABASE를 잘못 적지 않았는지 보세요. 새로 "
            "시작하려면: grader course create. 백업에서 시작하려면: grader restore.",
            f"There is no course in {shown}. See whether --home, GRADER_HOME or GRADER_DATABASE is mistyped. To begin "
            "a new one: grader course create. To begin from a backup: grader restore.",
        )
    )
