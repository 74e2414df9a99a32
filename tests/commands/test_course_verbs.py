"""Making a course, its people and its assignments from the command line."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from commands.conftest import Grader, text_of


def test_a_course_from_nothing_to_a_gradebook(course: Grader) -> None:
    shown = course("course", "show", "--json").json
    assert (shown["course"], shown["people"]) == ("dl", {"assistant": 1, "student": 2})
    assert [(one["assignment"], one["version"], one["verified"]) for one in shown["assignments"]] == [
        ("doubling", 1, False)
    ]
    assert "Deep learning" in course("course", "show").out
    rows = course("grades", "doubling", "--json").json
    assert [(row["email"], row["score"], row["status"]) for row in rows] == [
        ("jun@example.com", None, "none"),
        ("minji@example.com", None, "none"),
    ]
    lines = course("grades", "--csv").out.splitlines()
    assert lines[1] == "doubling,jun@example.com,,100.0,0,0,none,False"
    for words in (("grades",), ("grades", "doubling"), ("user", "list"), ("course", "show"), ("status",), ("audit",)):
        ended = course(*words)
        assert ended.code == 0
        assert not [line for line in ended.out.splitlines() if len(line) > 80], words


def test_a_list_with_faults_adds_nobody_and_names_each_line(course: Grader, folder: Path) -> None:
    (folder / "bad.csv").write_text("name,email\nA,a@b.de\nB,nowhere\n,c@b.de\n")
    ended = course("user", "import", "bad.csv", "--lang", "en")
    assert ended.code == 2
    assert "line 3" in ended.err
    assert "line 4" in ended.err
    assert len(course("user", "list", "--json").json) == 3


def test_people_are_added_changed_and_let_go(course: Grader) -> None:
    assert course("user", "add", "New@Example.com", "New", "--group", "B", "--json").json == {
        "email": "new@example.com",
        "role": "student",
        "group": "B",
    }
    assert course("user", "role", "new@example.com", "assistant", "--by", "ta@example.com").code == 0
    assert course("user", "deactivate", "jun@example.com", "--json").json["active"] is False
    assert course("user", "deactivate", "jun@example.com", "--undo", "--json").json["active"] is True
    assert "Did you mean 'minji@example.com'" in course("user", "role", "mingi@example.com", "student").err
    actions = [(one["action"], one["actor"]) for one in course("audit", "--json").json]
    assert ("change.role", "person:3") in actions
    assert ("deactivate.person", "cli") in actions


def test_publishing_proves_first_and_only_once(course: Grader, folder: Path) -> None:
    told = course(
        "publish", "doubling", "--due", "2026-03-09", "--policy", "attempts=3", "--unsafe-no-sandbox", "--json"
    )
    assert told.code == 0, told
    assert (told.json["version"], told.json["verified"]) == (1, True)
    assert told.json["due"] == "2026-03-09T14:59:59+00:00"  # the end of that day in Seoul
    (folder / "reference/doubling/mutants/square.py").write_text("this would not even be read")
    (folder / "assignments/doubling/notebook.ipynb").write_text(text_of("# 새로 / new"))
    told = course("publish", "doubling", "--policy", "late=none", "--json")
    assert (told.json["version"], told.json["verified"]) == (2, True)
    assert told.json["policy"] == {"attempts": 3, "late": "none"}
    assert told.json["due"] == "2026-03-09T14:59:59+00:00"
    assert course("publish", "doubling", "--due", "none", "--json").json["due"] is None


def test_what_does_not_prove_is_not_published(course: Grader, folder: Path) -> None:
    test = folder / "reference/doubling/hidden_tests/test_double.py"
    test.write_text(test.read_text() + "\n# changed\n")
    (folder / "reference/doubling/mutants/square.py").write_text(
        "# ko: 맞다.\n# en: It is right.\n# trips: double.values\ndef double(x): return x + x\n"
    )
    ended = course("publish", "doubling", "--unsafe-no-sandbox", "--lang", "en")
    assert ended.code == 2
    assert "grader verify fails: square" in ended.err
    assert course("course", "show", "--json").json["assignments"][0]["version"] == 1
    told = course("publish", "doubling", "--force", "the lecture begins", "--json").json
    assert (told["version"], told["verified"], told["forced"]) == (2, False, "the lecture begins")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--due", "tomorrow"),
        ("--policy", "attempts"),
        ("--policy", "attempts=many"),
        ("--policy", "lateness=1"),
        ("--opens", "2026-03-09", "--due", "2026-03-02"),
        ("--weight", "-1"),
    ],
)
def test_what_cannot_be_published_so_says_why(course: Grader, wrong: tuple[str, ...]) -> None:
    ended = course("publish", "doubling", "--force", "x", *wrong)
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert any("가" <= letter <= "힣" for letter in ended.err)


def test_a_course_goes_to_a_file_and_comes_back_as_another(course: Grader, folder: Path) -> None:
    written = course("course", "export", "dl.json", "--json").json
    assert "grades" in written.pop("left_out")["en"]
    assert written == {"file": "dl.json", "people": 3, "assignments": 1, "quizzes": 0}
    assert (folder / "dl.json").stat().st_mode & 0o777 == 0o600
    assert "exists already" in course("course", "import", "dl.json").err
    assert course("course", "import", "dl.json", "--key", "next", "--no-people").code == 0
    shown = course("course", "show", "--course", "next", "--json").json
    assert (shown["people"], shown["title"]["en"]) == ({}, "Deep learning")
    assert shown["assignments"][0]["version"] == 1
    assert course("course", "import", "dl.json", "--home", folder / "home2").code == 0
    assert len(course("user", "list", "--home", folder / "home2", "--json").json) == 3


@pytest.mark.parametrize("change", ["suite", "archive", "schema", "people"])
def test_a_file_that_was_changed_makes_no_course(course: Grader, folder: Path, change: str) -> None:
    course("course", "export", "dl.json")
    document = json.loads((folder / "dl.json").read_text())
    if change == "suite":
        document["assignments"][0]["version"]["suite_version"] = "0" * 12
    elif change == "archive":
        document["assignments"][0]["version"]["archive"] = "bm8gYXJjaGl2ZQ=="
    elif change == "schema":
        document["schema"] = 99
    else:
        document["people"][0]["email"] = "nowhere"
    (folder / "dl.json").write_text(json.dumps(document))
    ended = course("course", "import", "dl.json", "--key", "b")
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert "Known: dl" in course("course", "show", "--course", "b").err


def test_decisions_from_the_command_line(course: Grader) -> None:
    assert course("override", "doubling", "jun@example.com", "95", "--reason", "oral exam").code == 0
    (row,) = [one for one in course("grades", "doubling", "--json").json if one["email"] == "jun@example.com"]
    assert (row["score"], row["overridden"]) == (95, True)
    assert course("override", "doubling", "jun@example.com", "none", "--reason", "mistake").code == 0
    for points in ("-5", "101", "many", "nan"):
        assert course("override", "doubling", "jun@example.com", points, "--reason", "x").code == 2
    told = course("extend", "doubling", "--group", "A", "--due", "2026-03-12 18:00", "--reason", "power cut", "--json")
    assert told.json["due"] == "2026-03-12T09:00:00+00:00"
    assert course("extend", "doubling", "jun@example.com", "--attempts", "2", "--reason", "ill").code == 0
    for words in (("--group", "Z"), (), ("nobody@example.com",), ("jun@example.com", "--group", "A")):
        assert course("extend", "doubling", *words, "--due", "+1d", "--reason", "x").code == 2


def test_the_log_is_checked(course: Grader, folder: Path) -> None:
    whole = course("audit", "--check", "--json").json
    assert whole["whole"] is True
    noted = ("audit", "--check", "--json", "--noted", f"{whole['last']}:{whole['hash']}")
    assert course(*noted).json["whole"] is True
    assert course("audit", "--noted", "last:line").code == 2
    with closing(sqlite3.connect(folder / "home" / "grader.sqlite3")) as connection, connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:  # what guards the log against accidents, and not against who owns the file
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DELETE FROM audit WHERE number = ?", (whole["last"],))  # the chain alone cannot know
    assert course("audit", "--check", "--json").json["whole"] is True
    assert course(*noted).json["first_broken"] == whole["last"]
    with closing(sqlite3.connect(folder / "home" / "grader.sqlite3")) as connection, connection:
        connection.execute("UPDATE audit SET action = 'add.member' WHERE number = 2")
    ended = course("audit", "--check", "--json")
    assert (ended.code, ended.json["first_broken"]) == (2, 2)


@pytest.mark.parametrize("content", ["[" * 100_000, "{", "[]", "\0"])
def test_what_is_no_course_is_told(course: Grader, folder: Path, content: str) -> None:
    (folder / "bad.json").write_text(content)
    ended = course("course", "import", "bad.json")
    assert ended.code == 2
    assert "Traceback" not in ended.err


def test_backup_and_restore(course: Grader, folder: Path) -> None:
    told = course("backup", "a.backup", "--json").json
    assert told["audit_number"] == course("audit", "--check", "--json").json["last"]
    assert course("backup", "a.backup").code == 2
    course("user", "add", "late@example.com", "Late")
    assert "--force" in course("restore", "a.backup").err
    aside = course("restore", "a.backup", "--force", "--json").json["moved_aside"]
    assert Path(aside).is_file()
    assert len(course("user", "list", "--json").json) == 3
    assert course("restore", "a.backup", "--home", folder / "new").code == 0
    assert course("gc", "--json").json == {"blobs": 0, "bytes": 0, "jobs": 0, "cells": 0}


def test_the_doctor_says_where_the_store_is(course: Grader, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.commands import finding

    found = {one.name: one for one in finding.examine()}
    assert found["store"].ok
    assert "grader.sqlite3" in found["store"].text.en
    assert found["workers"].ok  # nobody waits
    course("submit", "doubling", "right.ipynb", "--as", "jun@example.com")
    found = {one.name: one for one in finding.examine()}
    assert (found["workers"].ok, found["workers"].mend) == (False, "grader worker")
    (none,) = finding.examine(folder / "nowhere")
    assert none.ok
    assert not (folder / "nowhere").exists()
    monkeypatch.setenv("GRADER_DATABASE", "postgresql+psycopg://grader@127.0.0.1:1/x")
    (down,) = finding.examine()
    assert not down.ok


def test_the_same_verbs_work_on_either_database(
    grader: Grader, folder: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_DATABASE", empty_url)
    for words in (
        ("course", "create", "dl", "--title", "DL"),
        ("user", "import", "people.csv"),
        ("publish", "doubling", "--force", "x", "--due", "+1d"),
        ("submit", "doubling", "right.ipynb", "--as", "jun@example.com"),
        ("status", "--as", "jun@example.com"),
        ("grades", "doubling"),
        ("course", "export", "dl.json"),
        ("course", "import", "dl.json", "--key", "b"),
        ("backup", "a.backup"),
        ("restore", "a.backup", "--force"),
        ("status",),
        ("gc",),
        ("audit", "--check"),
    ):
        ended = grader(*words, *(("--course", "dl") if words[0] in ("grades", "status") else ()))
        assert ended.code == 0, (words, ended)
    told = grader("status", "--course", "dl", "--as", "jun@example.com", "--json").json
    assert (told["waiting"], told["submissions"][0]["place"]) == ({"cpu": 1}, 1)  # the queue came back with the rest
