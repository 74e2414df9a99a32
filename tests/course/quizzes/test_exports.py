"""Graded quizzes in the files for other programs, beside the assignments."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path

import openpyxl
import pytest
from course.quizzes.hall import Hall

from grader.course import exports, quizzes
from grader.errors import UnknownAssignment


def table(hall: Hall, *keys: str) -> exports.Table:
    with hall.database.read() as session:
        return exports.gather(session, hall.course(session), keys, checks=True)


@pytest.fixture
def sat(hall: Hall) -> Hall:
    hall.sat("mina")
    hall.start("juno")
    with hall.write() as session:
        quizzes.override(
            session, hall.quiz(session), hall.person(session, "mina"), 7.5, "an oral exam", actor="test", at=hall.now
        )
    return hall


@pytest.mark.parametrize("name", ["csv", "gradescope", "moodle", "canvas"])
def test_tables_have_a_column_a_quiz(sat: Hall, name: str) -> None:
    text = exports.format_of(name).render(table(sat)).data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert any("week4-demo" in head or "예시" in head for head in rows[0])
    (mina,) = [row for row in rows if "mina@example.com" in row]
    (juno,) = [row for row in rows if "juno@example.com" in row]
    assert "7.5" in mina
    assert "7.5" not in juno


def test_the_workbook_and_nbgrader_have_it_too(sat: Hall, tmp_path: Path) -> None:
    found = table(sat)
    book = openpyxl.load_workbook(io.BytesIO(exports.format_of("xlsx").render(found).data))
    line = [cell.value for cell in book["week4-demo"][3]]
    assert line[0] == "mina@example.com"
    assert line[2:5] == [7.5, 9, 10]
    file = tmp_path / "gradebook.db"
    file.write_bytes(exports.format_of("nbgrader").render(found).data)
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT name FROM assignment").fetchall() == [("week4-demo",)]
    database.close()


def test_the_manifest_says_what_is_in_it_and_what_is_not(sat: Hall, tmp_path: Path) -> None:
    manifest = exports.write(table(sat), exports.format_of("csv"), tmp_path / "grades.csv").as_json()
    (quiz,) = manifest["quizzes"]
    assert (quiz["key"], quiz["people"]) == ("week4-demo", {"graded": 1, "open": 1, "set_by_hand": 1})
    assert manifest["assignments"] == []
    assert "answers and points by question of quizzes" in json.dumps(manifest["not_in_it"])


def test_a_quiz_is_asked_for_by_its_key(sat: Hall) -> None:
    assert [one.key for one in table(sat, "week4-demo").columns] == ["week4-demo"]
    with pytest.raises(UnknownAssignment, match="week4-demo"):
        table(sat, "week4-dem")
    sat.schedule(rules={"graded": False})
    assert table(sat).columns == []
