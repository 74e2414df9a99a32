"""A client of PostgreSQL that hangs within a transaction holds up nobody for long."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from grader.jobs import engine
from grader.store import database as stores
from grader.store.database import Database, lock, patient


def test_every_connection_has_its_limits(database: Database) -> None:
    if database.embedded:
        with database.engine.connect() as connection:
            assert connection.execute(text("PRAGMA busy_timeout")).scalar() == stores.BUSY_MS
        return
    other = engine.engine(database)
    for made in (database.engine, other):
        with made.connect() as connection:
            for name in stores.PATIENCE_MS:
                assert connection.execute(text(f"SHOW {name}")).scalar() not in (None, "0")
    other.dispose()


def test_the_address_has_the_last_word() -> None:
    words = patient(make_url("postgresql+psycopg://x@/y?options=-c%20lock_timeout%3D5"))["options"]
    assert words.endswith("-c lock_timeout=5")


def test_who_hangs_is_cut_off_and_the_next_gets_the_lock(
    backend: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend == "sqlite":
        pytest.skip("a writer on SQLite is on this machine, and ends with its process")
    limits = {"idle_in_transaction_session_timeout": 300, "lock_timeout": 10_000}
    monkeypatch.setattr(stores, "PATIENCE_MS", limits)
    hung, next_one = Database(database.url), Database(database.url)

    def hang() -> None:
        with hung.write() as session:
            lock(session, "queue")
            with next_one.write() as other:
                lock(other, "queue")

    with pytest.raises(DBAPIError):  # what it wrote is lost, as it was cut off
        hang()
    hung.close()
    next_one.close()
