"""Exports: every format is read back, and says the same numbers."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from course.world import DAY, NOON, World, report
from hypothesis import given
from hypothesis import strategies as st

from grader.commands import export as commands
from grader.course import decisions, exports, people, publishing
from grader.course.exports import cells
from grader.course.exports.format import Rendered
from grader.course.exports.table import Check, Column, Entry, Row, Table
from grader.course.grades import Grade
from grader.errors import BadInput, UnknownAssignment
from grader.report import Status
from grader.store.models import Assignment, Audit
from grader.text import Text

FIXTURE = Path(__file__).parent / "fixtures" / "nbgrader" / "gradebook.db"
ROOT = Path(__file__).resolve().parents[2]
EVIL = '=HYPERLINK("http://example.com";"x")'
STRANGE = "=cmd@example.com"  # a legal address


@pytest.fixture
def full(world: World) -> World:
    """Two assignments; minsu is late, mina was given points by hand, juno waits, the others handed in nothing, and
    somebody left."""
    with world.write() as session:
        course = world.course(session)
        for address, name, group in (
            ("minsu@example.com", "김민수", "가반"),
            (STRANGE, EVIL, "-나반"),
            ("gone@example.com", "Gone Away", None),
        ):
            people.add_person(session, course, address, name, group=group, actor="test", at=NOON)
        people.deactivate(session, world.person(session, "gone"), actor="test")
        publishing.schedule(session, world.assignment(session), actor="test", due=NOON + DAY)
        project = Assignment(course_id=course.id, key="project", title=Text("=기말", "=Final").as_json(), position=9)
        project.policy, project.weight = {}, 2.0
        session.add(project)
        session.flush()
        minsu = world.person(session, "minsu")
        decisions.set_override(session, project, minsu, 7.25, "oral", actor="test", at=NOON)
    world.graded("minsu", b"{}", 60.0, 20.0, at=NOON + timedelta(days=2, hours=12))
    received = world.graded("mina", b"{1}", 20.0, 0.0)
    with world.write() as session:
        decisions.set_override(
            session,
            world.assignment(session),
            world.person(session, "mina"),
            35.5,
            "partly right",
            submission=received.submission,
            check="double.values",
            actor="test",
        )
    world.submit("juno", b"{2}", at=NOON)
    return world


@pytest.fixture
def table(full: World) -> Table:
    with full.database.read() as session:
        return exports.gather(session, full.course(session), checks=True, at=NOON)


def rendered(table: Table, name: str) -> Rendered:
    return exports.format_of(name).render(table)


def lines(data: bytes) -> list[dict[str, str]]:
    """The CSV's rows by column; whatever the apostrophe was put before is as it stands in the file."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def by(rows: list[dict[str, str]], column: str) -> dict[str, dict[str, str]]:
    return {row[column]: row for row in rows}


# ------------------------------------------------------------------------------------------------- formats


def test_the_table_has_active_students_and_what_counts(table: Table) -> None:
    assert [row.email for row in table.rows] == [
        "juno@example.com",
        "mina@example.com",
        STRANGE,
        "minsu@example.com",
    ]  # by group, then name; no teacher, nobody who left
    assert "1" in str(*table.left_out)
    scores = {row.email: [row.entries[key].score for key in ("doubling", "project")] for row in table.rows}
    assert scores["minsu@example.com"] == [64.0, 7.25]  # 80 points, two started days late
    assert scores["mina@example.com"] == [35.5, None]
    assert scores["juno@example.com"] == [None, None]
    assert table.max_total == 100.0


def test_csv_is_read_back(table: Table) -> None:
    data = rendered(table, "csv").data
    assert data.startswith(b"\xef\xbb\xbf")  # Excel
    rows = by(lines(data), "email")
    minsu = rows["minsu@example.com"]
    assert list(minsu) == ["email", "name", "group", "doubling", "project", "total", "percent"]
    assert (minsu["name"], minsu["group"]) == ("김민수", "가반")
    assert (minsu["doubling"], minsu["project"], minsu["total"]) == ("64", "7.25", "78.5")  # the project counts twice
    assert (rows["juno@example.com"]["doubling"], rows["juno@example.com"]["total"]) == ("", "0")
    assert rows[f"'{STRANGE}"]["name"] == f"'{EVIL}"
    assert rows[f"'{STRANGE}"]["group"] == "'-나반"


@pytest.mark.parametrize("name", ["csv", "gradescope", "moodle", "canvas"])
def test_no_csv_holds_a_formula(table: Table, name: str) -> None:
    data = rendered(table, name).data.decode("utf-8-sig")
    for separator in ",;\t":  # with another separator than ours, too
        for row in csv.reader(io.StringIO(data, newline=""), delimiter=separator):
            assert not any(cells.is_formula(cell) for cell in row if not _is_number(cell))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_xlsx_has_real_numbers_and_no_formulas(table: Table) -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(table, "xlsx").data))
    assert book.sheetnames == ["성적 Gradebook", "doubling", "project", "안내 About"]
    for page in book.worksheets:
        assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
    page = book["성적 Gradebook"]
    assert page.freeze_panes == "D3"
    header, most, *rows = page.iter_rows(values_only=True)
    assert header == ("email", "name", "group", "doubling", "project", "total", "percent")
    assert most[3:] == (100, 0, 100, 100)
    found = {row[0]: row for row in rows}
    assert found["minsu@example.com"] == ("minsu@example.com", "김민수", "가반", 64, 7.25, 78.5, 78.5)
    assert found["mina@example.com"][-2:] == (35.5, 35.5)  # of what is graded, as the gradebook shows it
    assert found["juno@example.com"][3:] == (None, None, 0, None)
    assert found[STRANGE][1] == EVIL  # whole, as text
    (evil,) = [row[1] for row in page.iter_rows() if row[0].value == STRANGE]
    assert (evil.data_type, evil.quotePrefix) == ("s", True)


def test_xlsx_has_a_sheet_of_checks(table: Table) -> None:
    page = openpyxl.load_workbook(io.BytesIO(rendered(table, "xlsx").data))["doubling"]
    assert page.freeze_panes == "C3"
    header, most, *rows = page.iter_rows(values_only=True)
    assert header[-2:] == ("double.values", "double.zero")
    assert most[-2:] == (60, 40)
    found = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    minsu, mina = found["minsu@example.com"], found["mina@example.com"]
    assert (minsu["점수 / score"], minsu["감점 전 / before deductions"]) == (64, 80)
    assert (minsu["늦은 날 / days late"], minsu["남는 비율 % / kept %"]) == (2, 80)
    assert minsu["제출 시각 / submitted"] == datetime(2026, 3, 5, 0, 0)  # in Seoul
    assert (mina["double.values"], mina["직접 고침 / set by hand"]) == (35.5, "o")
    assert found["juno@example.com"]["상태 / status"] == "채점 중 / waiting"
    assert found["juno@example.com"]["점수 / score"] is None


def test_gradescope_is_read_back(table: Table) -> None:
    rows = by(lines(rendered(table, "gradescope").data), "Email")
    minsu, juno = rows["minsu@example.com"], rows["juno@example.com"]
    assert list(minsu)[:9] == [
        "First Name",
        "Last Name",
        "SID",
        "Email",
        "Sections",
        "두 배",
        "두 배 - Max Points",
        "두 배 - Submission Time",
        "두 배 - Lateness (H:M:S)",
    ]
    assert (minsu["First Name"], minsu["Last Name"], minsu["Sections"]) == ("민수", "김", "가반")
    assert (minsu["두 배"], minsu["두 배 - Max Points"]) == ("64", "100")
    assert minsu["두 배 - Submission Time"] == "2026-03-05 00:00:00 +0900"
    assert minsu["두 배 - Lateness (H:M:S)"] == minsu["Total Lateness (H:M:S)"] == "36:00:00"
    assert (juno["두 배"], juno["두 배 - Submission Time"]) == ("", "2026-03-02 12:00:00 +0900")  # it waits
    evil = rows[f"'{STRANGE}"]
    assert (evil["두 배 - Submission Time"], evil["두 배 - Lateness (H:M:S)"]) == ("", "")


def test_moodle_is_read_back(table: Table) -> None:
    done = rendered(table, "moodle")
    assert not done.data.startswith(b"\xef\xbb\xbf")
    rows = by(lines(done.data), "Email address")
    assert list(rows["minsu@example.com"].items()) == [
        ("Email address", "minsu@example.com"),
        ("과제: 두 배 (Real)", "64"),
        ("과제: =기말 (Real)", "7.25"),
    ]
    assert rows["mina@example.com"]["과제: =기말 (Real)"] == ""
    assert [note.en[:1] for note in done.notes] == ["1"]  # one address that Moodle will not find


def test_canvas_is_read_back(table: Table) -> None:
    header, points, *rows = csv.reader(io.StringIO(rendered(table, "canvas").data.decode(), newline=""))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "두 배", "'=기말"]
    assert points == ["    Points Possible", "", "", "", "", "100", "0"]
    found = {row[3]: row for row in rows}
    assert found["minsu@example.com"] == ["김, 민수", "", "", "minsu@example.com", "가반", "64", "7.25"]


def test_titles_that_are_the_same_are_told_apart(table: Table) -> None:
    first, second = table.columns
    twice = Table(**{**vars(table), "columns": [first, Column(**{**vars(second), "title": first.title})]})
    header = next(csv.reader(io.StringIO(rendered(twice, "moodle").data.decode(), newline="")))
    assert header[1:] == ["과제: 두 배 (doubling) (Real)", "과제: 두 배 (project) (Real)"]


# ------------------------------------------------------------------------------------------------ nbgrader

TOTALS = """
SELECT a.name, s.student_id, max(0, (
  SELECT coalesce(sum(CASE WHEN g.manual_score IS NOT NULL THEN g.manual_score + coalesce(g.extra_credit, 0)
    WHEN g.auto_score IS NOT NULL THEN g.auto_score + coalesce(g.extra_credit, 0) ELSE 0 END), 0)
  FROM grade g JOIN submitted_notebook n ON n.id = g.notebook_id WHERE n.assignment_id = s.id
) - (SELECT coalesce(sum(n.late_submission_penalty), 0) FROM submitted_notebook n WHERE n.assignment_id = s.id))
FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id
"""  # as nbgrader's models and its CSV export count


def totals(data: bytes) -> dict[tuple[str, str], float]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(data)
        return {(name, who): round(score, 6) for name, who, score in database.execute(TOTALS)}


def layout(database: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Tables with the names, types and kinds of their columns."""
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: sorted(row[1:] for row in database.execute(f"PRAGMA table_info({name})")) for name in sorted(names)}


def test_the_gradebook_has_the_layout_that_nbgrader_makes(table: Table) -> None:
    with closing(sqlite3.connect(":memory:")) as ours, closing(sqlite3.connect(FIXTURE)) as made_by_nbgrader:
        ours.deserialize(rendered(table, "nbgrader").data)
        assert layout(ours) == layout(made_by_nbgrader)
        assert (
            ours.execute("SELECT * FROM alembic_version").fetchall()
            == made_by_nbgrader.execute("SELECT * FROM alembic_version").fetchall()
        )
        assert not ours.execute("PRAGMA foreign_key_check").fetchall()


def test_nbgrader_would_add_up_to_our_scores(table: Table) -> None:
    data = rendered(table, "nbgrader").data
    assert totals(data) == {
        ("doubling", "minsu@example.com"): 64.0,
        ("project", "minsu@example.com"): 7.25,
        ("doubling", "mina@example.com"): 35.5,
        ("doubling", "juno@example.com"): 0.0,  # in need of grading
    }
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(data)
        waits = "SELECT DISTINCT needs_manual_grade, auto_score FROM grade g JOIN submitted_notebook n ON n.id = g.notebook_id JOIN submitted_assignment s ON s.id = n.assignment_id WHERE s.student_id = 'juno@example.com'"
        assert database.execute(waits).fetchall() == [(1, None)]
        mine = "SELECT auto_score, manual_score FROM grade JOIN base_cell c ON c.id = cell_id WHERE c.name = 'double.values' AND manual_score IS NOT NULL"
        assert database.execute(mine).fetchall() == [(20.0, 35.5)]
        assert database.execute("SELECT first_name, last_name FROM student WHERE id LIKE 'minsu%'").fetchall() == [
            ("민수", "김")
        ]
    assert data == rendered(table, "nbgrader").data


@given(
    points=st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10), st.booleans()), min_size=0, max_size=4),
    score=st.floats(0, 50),
    current=st.booleans(),
)
def test_whatever_the_points_nbgrader_adds_up_to_the_score(
    points: list[tuple[float, float, bool]], score: float, current: bool
) -> None:
    checks = [Check(f"c{i}", Text("", ""), 10.0, current or i % 2 == 0) for i in range(len(points))]
    grade = Grade(round(score, 6), 40.0, 0.0, 1, 0, 1.0, 1, "graded", False, 1)
    earned = {f"c{i}": auto for i, (auto, _, _) in enumerate(points)}
    by_hand = {f"c{i}": given for i, (_, given, decided) in enumerate(points) if decided}
    entry = Entry(grade, NOON, None, earned, by_hand)
    column = Column("a", Text("a", "a"), 40.0, 1.0, None, {}, 1, checks)
    table = Table("c", Text("c", "c"), "UTC", NOON, [column], [Row("x@example.com", "X", "", {"a": entry})])
    assert totals(rendered(table, "nbgrader").data)["a", "x@example.com"] == pytest.approx(grade.score, abs=2e-6)


def nbgrader() -> Path | None:
    """The program, where it is installed (`make bench` does): it wants an environment of its own."""
    found = [Path(os.environ.get("GRADER_NBGRADER", "")), ROOT / ".bench" / "venv" / "bin" / "nbgrader"]
    return next((file for file in found if file.is_file()), None)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_nbgrader_itself_reads_it(table: Table, tmp_path: Path) -> None:
    program = nbgrader()
    if program is None:
        pytest.skip("nbgrader is not installed: make bench, or GRADER_NBGRADER=/path/to/nbgrader")
    (tmp_path / "gradebook.db").write_bytes(rendered(table, "nbgrader").data)
    env = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    command = [program, "export", "--to=grades.csv", f"--course={table.course}"]
    subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True, timeout=300)
    rows = {(row["assignment"], row["student_id"]): row for row in lines((tmp_path / "grades.csv").read_bytes())}
    assert len(rows) == 8
    minsu = rows["doubling", "minsu@example.com"]
    assert (minsu["raw_score"], minsu["late_submission_penalty"], minsu["score"]) == ("80.0", "16.0", "64.0")
    assert (minsu["max_score"], minsu["timestamp"]) == ("100.0", "2026-03-04 15:00:00")
    assert rows["doubling", "mina@example.com"]["score"] == "35.5"
    assert rows["project", "minsu@example.com"]["score"] == "7.25"


# ---------------------------------------------------------------------------------------- files, manifests


def test_the_manifest_says_what_is_in_it_and_what_is_not(table: Table, tmp_path: Path) -> None:
    file = tmp_path / "grades.csv"
    said = exports.write(table, exports.format_of("csv"), file).as_json()
    assert json.loads(exports.manifest_file(file).read_text(encoding="utf-8")) == said
    assert (said["format"], said["course"], said["people"]) == ("csv", "dl", 4)
    assert said["made_at"] == "2026-03-02T03:00:00+00:00"
    doubling, project = said["assignments"]
    assert doubling["people"] == {"graded": 2, "none": 1, "pending": 1, "set_by_hand": 1}
    assert (doubling["policy"]["percent_a_day"], doubling["version"], project["weight"]) == (10.0, 1, 2.0)
    words = json.dumps(said, ensure_ascii=False)
    assert "5 empty score(s): 4 with nothing handed in, 1 not graded yet" in words
    assert "1 deactivated student(s)" in words
    assert "김민수" not in words
    assert "minsu" not in words


@pytest.mark.parametrize("name", exports.FORMATS)
def test_nothing_is_overwritten_unasked(table: Table, tmp_path: Path, name: str) -> None:
    file = tmp_path / "out"
    format = exports.format_of(name)
    exports.write(table, format, file)
    assert (file.stat().st_mode & 0o777) == 0o600
    before = {path.name: path.read_bytes() for path in tmp_path.glob("out*")}
    with pytest.raises(BadInput, match="--force"):
        exports.write(table, format, file)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("out*")} == before
    file.write_text("old")
    exports.write(table, format, file, force=True)
    assert file.read_bytes() != b"old"
    assert sorted(path.name for path in tmp_path.glob("*out*")) == ["out", "out.manifest.json"]


def test_a_manifest_or_a_link_in_the_way_is_not_overwritten(table: Table, tmp_path: Path) -> None:
    (tmp_path / "a.csv.manifest.json").write_text("mine")
    (tmp_path / "b.csv").symlink_to(tmp_path / "nowhere")
    for name in ("a.csv", "b.csv"):
        with pytest.raises(BadInput, match="exists"):
            exports.write(table, exports.format_of("csv"), tmp_path / name)
    assert not (tmp_path / "a.csv").exists()
    assert not (tmp_path / "nowhere").exists()


def test_a_place_that_cannot_be_written_is_said(table: Table, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        exports.write(table, exports.format_of("csv"), tmp_path / "no" / "such" / "folder.csv")


def test_an_unknown_assignment_names_the_nearest(full: World) -> None:
    with full.database.read() as session, pytest.raises(UnknownAssignment, match="doubling"):
        exports.gather(session, full.course(session), ["dubling"])
    with full.database.read() as session:
        assert [one.key for one in exports.gather(session, full.course(session), ["project"]).columns] == ["project"]


def test_a_course_without_people_or_assignments_is_written(world: World) -> None:
    with world.write() as session:
        empty = people.create_course(session, "empty", Text("빈", "Empty"), actor="test", at=NOON)
        table = exports.gather(session, empty, checks=True)
    for format in exports.FORMATS.values():
        assert format.render(table).data


def test_a_failure_of_ours_leaves_the_score_empty(full: World) -> None:
    with full.write() as session:
        people.add_person(session, full.course(session), "nari@example.com", "Nari", actor="test", at=NOON)
    received = full.submit("nari", b"{9}")
    full.grade(received.run, report(status=Status.ERROR))
    with full.database.read() as session:
        table = exports.gather(session, full.course(session))
    rows = by(lines(rendered(table, "csv").data), "email")
    assert rows["nari@example.com"]["doubling"] == ""


# ----------------------------------------------------------------------------------------------- commands


def invoke(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *words: str) -> Any:
    monkeypatch.setenv("GRADER_DATABASE", world.database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("GRADER_HOME", str(tmp_path / "home"))
    return CliRunner().invoke(commands.command, list(words))


def test_the_command_writes_and_tells(full: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    out = tmp_path / "grades.xlsx"
    done = invoke(full, monkeypatch, tmp_path, "--format", "xlsx", "--out", str(out), "--json", "doubling")
    assert done.exit_code == 0, done.output
    assert [one["key"] for one in json.loads(done.output)["assignments"]] == ["doubling"]
    assert openpyxl.load_workbook(out).sheetnames[1] == "doubling"
    with full.database.read() as session:
        last = session.query(Audit).order_by(Audit.number.desc()).first()
        assert last is not None
        assert (last.action, last.data) == (
            "gradebook.export",
            {"format": "xlsx", "people": 4, "assignments": 1, "quizzes": 0},
        )
    again = invoke(full, monkeypatch, tmp_path, "--format", "xlsx", "--out", str(out))
    assert isinstance(again.exception, BadInput)
    forced = invoke(full, monkeypatch, tmp_path, "--format", "xlsx", "--out", str(out), "--force", "--lang", "ko")
    assert "들어 있지 않은 것" in forced.output
    assert "What is not in it" not in forced.output


def test_the_help_names_every_format() -> None:
    said = CliRunner().invoke(commands.command, ["--help"]).output
    assert tuple(exports.FORMATS) == commands.NAMES
    assert all(name in said for name in exports.FORMATS)
    assert "grader export --format" in said


# -------------------------------------------------------------------------------------------------- cells


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1", "＝1", "＠x", "\x00=1"])
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert cells.safe(text).startswith("'")


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    (row,) = csv.reader(io.StringIO(cells.sheet([[text, "x"]]).decode(), newline=""))
    assert not cells.is_formula(row[0])


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("김민수", ("민수", "김")),
        ("남궁민", ("민", "남궁")),
        ("황보진우", ("진우", "황보")),
        ("허균", ("균", "허")),
        ("Ada King Lovelace", ("Ada King", "Lovelace")),
        ("Kim, Minsu", ("Minsu", "Kim")),
        ("Plato", ("Plato", "")),
        ("", ("", "")),
    ],
)
def test_names_are_told_apart(name: str, parts: tuple[str, str]) -> None:
    assert cells.first_and_last(name) == parts


def test_numbers_and_spans_are_plain() -> None:
    assert [cells.number(x) for x in (90.0, 83.35, 0.1 + 0.2, None)] == [90, 83.35, 0.3, None]
    assert cells.clock(timedelta(hours=100, seconds=61.9)) == "100:01:01"
    assert cells.clock(datetime(2026, 1, 1, tzinfo=UTC) - datetime(2026, 1, 1, tzinfo=UTC)) == "00:00:00"


def test_sheets_of_a_workbook_get_names_that_excel_takes(table: Table) -> None:
    column = table.columns[0]
    keys = ["x" * 60, "x" * 61, "a/b:c", "성적 Gradebook", "'", "안내 About"]
    columns = [Column(**{**vars(column), "key": key}) for key in keys]
    rows = [Row(row.email, row.name, row.group, dict.fromkeys(keys, row.entries["doubling"])) for row in table.rows]
    book = openpyxl.load_workbook(
        io.BytesIO(rendered(Table(**{**vars(table), "columns": columns, "rows": rows}), "xlsx").data)
    )
    assert len(set(map(str.lower, book.sheetnames))) == len(keys) + 2
    assert all(0 < len(name) <= 31 for name in book.sheetnames)
