"""Where the store is: never made by mistake, nobody else's to read, and what is wrong with it is said."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from commands.conftest import Grader
from sqlalchemy.exc import OperationalError

from grader.course import people
from grader.store.database import Database, fault


@pytest.mark.parametrize(
    "words",
    [("grades",), ("status",), ("queue",), ("worker",), ("serve",), ("user", "list"), ("gc",), ("audit", "--check")],
)
def test_a_mistyped_folder_is_no_new_course(grader: Grader, folder: Path, words: tuple[str, ...]) -> None:
    ended = grader(*words, "--home", folder / "mistyped")
    assert ended.code == 2
    assert str(folder / "mistyped") in ended.err
    assert "grader course create" in ended.err
    assert not (folder / "mistyped").exists()


def test_an_empty_file_and_the_folder_of_the_environment_are_refused_too(grader: Grader, folder: Path) -> None:
    (folder / "home").mkdir()
    assert grader("grades").code == 2
    assert not list((folder / "home").iterdir())
    (folder / "home" / "grader.sqlite3").touch()
    assert "no course" in grader("grades").err


def test_nobody_else_reads_the_store(course: Grader, folder: Path) -> None:
    file = folder / "home" / "grader.sqlite3"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    database = Database(f"sqlite:///{file}")
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE course SET key = key")
        assert {one.stat().st_mode & 0o777 for one in file.parent.glob("grader.sqlite3*")} == {0o600}
    database.close()


def test_a_second_connection_takes_no_lock_from_the_first(course: Grader, folder: Path) -> None:
    """Whoever opens and closes the file takes this process's locks away, and the next to leave removes the log."""
    file = folder / "home" / "grader.sqlite3"
    database = Database(f"sqlite:///{file}")
    with database.read() as one, database.read() as two:
        for session in (one, two):
            session.connection().exec_driver_sql("SELECT * FROM course").all()
        code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM worker'); c.commit()"
        assert os.spawnlp(os.P_WAIT, "python3", "python3", "-c", code, str(file)) == 0
        assert file.with_name("grader.sqlite3-wal").exists()
    database.close()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("database or disk is full", "The disk is full"),
        ("attempt to write a readonly database", "read-only"),
        ("database is locked", "locked"),
        ("unable to open database file", "cannot be opened"),
        ("file is not a database", "no database"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(said: str, told: str) -> None:
    text = fault(OperationalError("SELECT secret", {}, sqlite3.OperationalError(said)))
    assert told in text.en
    assert "cannot be reached" not in text.en
    assert "secret" not in text.en


def test_a_disk_that_is_full_is_said_by_a_verb(course: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    def add(*words: object, **more: object) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(people, "add_person", add)
    ended = course("user", "add", "x@example.com", "X")
    assert (ended.code, "The disk is full" in ended.err) == (2, True)
