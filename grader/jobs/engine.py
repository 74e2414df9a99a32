"""What DBOS is told: its engine, its names, its tables, and how little it may log."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Engine, Integer, String, TableClause, create_engine, event, inspect, table

from grader.store.database import BUSY_MS, Database, patient

if TYPE_CHECKING:
    from dbos import DBOSClient

APP = "grader"
VERSION = "jobs-1"  # pinned, so that a new release of ours serves the jobs that an old one wrote
WORKFLOW = "grade"
ERRAND = "errand"  # work that is nobody's grading and may be done twice
SCHEMA = "dbos"  # on PostgreSQL; in a SQLite file the tables stand beside ours


def prepare(database: Database) -> None:
    """Makes the tables of the queue where there are none; a worker brings them up to date when it starts."""
    if inspect(database.engine).has_table("workflow_status", schema=_schema(database)):
        return
    from dbos import DBOS

    DBOS.migrate(database.engine.url.render_as_string(hide_password=False))


def engine(database: Database) -> Engine:
    """An engine for DBOS alone. On SQLite its transactions begin as it expects: every write takes its lock at once,
    or two would wait for each other; ours (`grader.store.database`) begin in another way."""
    if not database.embedded:
        words = patient(database.engine.url)
        return create_engine(database.url, pool_size=10, max_overflow=0, pool_pre_ping=True, connect_args=words)
    made = create_engine(database.url, pool_size=10, max_overflow=0)
    event.listen(made, "connect", _prepare)
    return made


def client(own: Engine) -> DBOSClient:
    """What may enqueue, cancel and resume, and never migrates."""
    from dbos import DBOSClient, DBOSPortableJSONSerializer

    return DBOSClient(
        system_database_engine=own,
        application_name=APP,
        serializer=DBOSPortableJSONSerializer(),
        retry_connection_errors=False,
        lazy=True,
    )


def config(database: Database, executor: str) -> Any:
    """For a slot of that name."""
    from dbos import DBOSPortableJSONSerializer

    return {
        "name": APP,
        "application_version": VERSION,
        "executor_id": executor,
        "system_database_engine": engine(database),
        "serializer": DBOSPortableJSONSerializer(),
        "enable_otlp": False,
        "log_level": "WARNING",
    }


def jobs_table(database: Database) -> TableClause:
    """The columns of DBOS's table of jobs that we read; we never write it."""
    columns: list[Column[Any]] = [Column("priority", Integer), Column("created_at", BigInteger)]
    columns += [Column(name, String) for name in ("workflow_uuid", "status", "name", "queue_name", "executor_id")]
    return table("workflow_status", *columns, schema=_schema(database))


def _schema(database: Database) -> str | None:
    return None if database.embedded else SCHEMA


def _prepare(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in (f"busy_timeout={BUSY_MS}", "foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
