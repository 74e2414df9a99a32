"""The chain of the audit log shows any change."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from grader.store import audit
from grader.store.database import Database

GUARDS = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
    "postgres": ["DROP TRIGGER audit_stays ON audit"],
}


@pytest.fixture
def unguarded(database: Database, backend: str) -> Database:
    """Five lines, and nothing that keeps an administrator from changing them."""
    with database.write() as session:
        for number in range(5):
            audit.record(session, "cli", "override.set", f"submission:{number}", points=1.5, check="이름")
    with database.engine.begin() as connection:
        for statement in GUARDS[backend]:
            connection.execute(text(statement))
    return database


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("UPDATE audit SET actor = 'person:1' WHERE number = 3", 3),
        ("UPDATE audit SET data = '{}' WHERE number = 1", 1),
        ("UPDATE audit SET number = 9 WHERE number = 5", 5),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("DELETE FROM audit WHERE number = 4", 4),
    ],
)
def test_a_change_is_found(unguarded: Database, change: str, line: int) -> None:
    with unguarded.read() as session:
        assert audit.broken(session) is None
    with unguarded.engine.begin() as connection:
        connection.execute(text(change))
    with unguarded.read() as session:
        assert audit.broken(session) == line


def test_a_log_cut_short_shows_against_a_noted_line(unguarded: Database) -> None:
    with unguarded.read() as session:
        noted = audit.last(session)
    with unguarded.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE number > 3"))
    with unguarded.read() as session:
        assert audit.broken(session) is None
        assert audit.broken(session, noted) == 4
        assert audit.broken(session, audit.last(session)) is None


def test_a_log_written_anew_shows_against_a_noted_line(database: Database) -> None:
    with database.write() as session:
        audit.record(session, "cli", "a.b", "c:1")
    with database.read() as session:
        assert audit.broken(session, (1, "0" * 64)) == 1


def test_nothing_is_noted_of_an_empty_log(database: Database) -> None:
    with database.read() as session:
        assert audit.last(session) == (0, audit.START)
        assert audit.broken(session, audit.last(session)) is None


def test_a_line_goes_with_its_transaction(database: Database) -> None:
    def fail(session: Session) -> None:
        audit.record(session, "cli", "a.b", "c:1")
        raise RuntimeError

    with pytest.raises(RuntimeError), database.write() as session:
        fail(session)
    with database.read() as session:
        assert audit.last(session) == (0, audit.START)
