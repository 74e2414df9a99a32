"""Starting a quiz keeps nobody waiting: generators run before the store's one lock for writing is taken."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from web.api import program
from web.conftest import Web
from web.quizlab import COURSE, KEY, PLAIN, Lab, opened

from grader.course import book as books
from grader.course.quizzes import posing, shelf
from grader.store.database import Database
from webapp import serving


@pytest.fixture
def lab(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    found = opened(web, tmp_path / "shelf", monkeypatch)
    found.publish(PLAIN, rules={"graded": False, "shuffle": False})
    return found


def is_locked(database: Database) -> bool:
    """Whether somebody is writing."""
    other = sqlite3.connect(str(database.engine.url.database), timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        other.close()
    return False


@pytest.mark.parametrize("way", ["page", "api"])
@pytest.mark.parametrize(("key", "mode"), [(KEY, "graded"), (PLAIN, "practice")])
def test_nobody_waits_while_questions_are_posed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, way: str, key: str, mode: str
) -> None:
    lab.begun("juno")  # from then on there is a secret
    real, locked = posing.posed, list[bool]()

    def watched(*words: Any) -> Any:
        locked.append(is_locked(lab.web.database))
        return real(*words)

    monkeypatch.setattr(posing, "posed", watched)
    with lab.web.database.write() as session:
        session.execute(select(1))
        assert is_locked(lab.web.database)  # it can tell
    if way == "page":
        sent = lab.browser("mina").send(f"{COURSE}/quizzes/{key}/start", mode=mode, token="t")
        assert sent.status_code == 303
    else:
        sent = program(lab.web, "mina").post(f"{COURSE}/quizzes/{key}/sittings", json={"mode": mode, "token": "t"})
        assert sent.status_code == 201
    assert locked
    assert not any(locked)


def test_a_server_that_begins_warms_the_quizzes_up(lab: Lab) -> None:
    with lab.web.database.read() as session:
        books = [shelf.book(session, lab.quiz(key).version_id or 0) for key in (KEY, PLAIN)]
    for one in books:
        one.ran = False  # another test may have asked it
    serving._warm(lab.web.database)
    assert all(one.ran for one in books)


def test_a_server_that_begins_has_the_gradebook_ready(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    serving._warm(lab.web.database)
    monkeypatch.setattr(books, "_made", None)  # nobody computes it again
    assert lab.browser("teacher").get(f"{COURSE}/gradebook").status_code == 200


def test_quizzes_that_cannot_be_warmed_up_stop_no_server(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("a generator's fault")

    monkeypatch.setattr(shelf, "ready", breaks)
    serving._warm(lab.web.database)
    assert "could not be warmed up" in caplog.text
