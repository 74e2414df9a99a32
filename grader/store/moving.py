"""From SQLite to PostgreSQL: every row of a course, as it is, into a database that has our tables and nothing in them.

Theory of operation. Both databases have the same tables, of the same step of the schema, so that a row is read by the
types of one and written by the types of the other. All is written in one transaction. What points to each other in a
circle (an assignment to the version that it shows, a version to its assignment) is written without that pointer, which
follows at the end. The numbers that PostgreSQL will give to new rows go on after the last one. At the end both have as
many rows of each kind, and their audit logs end alike: else nothing was moved.

What is about one server alone stays behind: its workers, the changes that its pages have seen, and the queue of jobs.
A worker makes a job anew for each run that waits (`grader.jobs.Jobs.sweep`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from grader.errors import GraderError
from grader.store import audit
from grader.store.database import Database
from grader.store.tables import Base
from grader.text import Text

LEFT = ("worker", "grade_change")
AT_A_TIME = 100  # rows, some of which hold a notebook


def move(source: Database, target: Database) -> None:
    """Copies every row. Raises GraderError where the copy is not like the original, and then nothing was copied."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in LEFT]
    with source.read() as old, target.write() as new:
        there = new.connection()
        for table in tables:
            _copy(old, there, table)
        for table in tables:
            for column in table.columns:
                if _points_onward(column):
                    _point(old, there, column)
            _number(there, table)
        new.flush()
        for table in tables:
            _must_be_equal(table.name, _count(old, table), _count(new, table))
        _must_be_equal("audit", (audit.last(old), audit.broken(old)), (audit.last(new), audit.broken(new)))


def _copy(old: Session, there: Connection, table: Table) -> None:
    later = [column.name for column in table.columns if _points_onward(column)]
    for rows in old.execute(select(table)).mappings().partitions(AT_A_TIME):
        there.execute(insert(table), [{**row, **dict.fromkeys(later)} for row in rows])


def _points_onward(column: Column[Any]) -> bool:
    """Whether it refers to a table that is written later."""
    return any(key.constraint is not None and key.constraint.use_alter for key in column.foreign_keys)


def _point(old: Session, there: Connection, column: Column[Any]) -> None:
    table = column.table
    (key,) = table.primary_key.columns
    rows = old.execute(select(key, column).where(column.is_not(None))).all()
    if rows:
        change = update(table).where(key == bindparam("of")).values({column.name: bindparam("to")})
        there.execute(change, [{"of": row[0], "to": row[1]} for row in rows])


def _number(there: Connection, table: Table) -> None:
    """The next row gets the next number."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = there.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
    last = there.scalar(select(func.max(column)))
    if sequence is not None and last is not None:
        there.execute(select(func.setval(sequence, last)))


def _count(session: Session, table: Table) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _must_be_equal(what: str, before: object, after: object) -> None:
    if before != after:
        raise GraderError(
            Text(
                f"옮긴 것이 원래와 다릅니다({what}: {before} → {after}). 아무것도 옮기지 않았습니다.",
                f"What was moved is not like the original ({what}: {before} → {after}). Nothing was moved.",
            )
        )
