"""The import of a course that nbgrader made (fixtures/make_nbgrader_course.py): everything of it, once."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from course.world import NOON, World
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.commands import import_ as commands
from grader.course import decisions, exports, grades, people, submissions
from grader.course.grades import Grade
from grader.course.imports import nbgrader_folder
from grader.course.imports.nbgrader import Imported, bring_in
from grader.errors import BadInput
from grader.store import audit, blobs
from grader.store.database import Database
from grader.store.models import (
    Assignment,
    Base,
    Comment,
    Course,
    Extension,
    Override,
    Person,
    Purpose,
    Run,
    Source,
    State,
    Submission,
    Version,
)
from grader.text import Text

FIXTURE = Path(__file__).parent / "fixtures" / "nbgrader"
DUE = datetime(2026, 3, 10, 14, 59, 59, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
# what `nbgrader export` says of the fixture
SCORES = {
    ("ps1", "minsu@example.com"): 7.0,
    ("ps1", "jiyoung@example.com"): 0.0,
    ("xor", "minsu@example.com"): 10.0,
    ("xor", "jiyoung@example.com"): 5.5,
}


@pytest.fixture
def course(database: Database) -> Database:
    """A course with nobody in it."""
    with database.write() as session:
        people.create_course(session, "ml", Text("기계학습", "Machine learning"), actor="test", at=NOON)
    return database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the course, to change."""
    return Path(shutil.copytree(FIXTURE, tmp_path / "ml101"))


def run(database: Database, folder: Path = FIXTURE, *, at: datetime = NOON, **more: Any) -> Imported:
    with database.write() as session:
        return bring_in(session, people.the_course(session), folder, actor="test", at=at, **more)


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "gradebook.db")) as book:
        for statement in statements:
            assert book.execute(statement).rowcount != 0, statement
        book.commit()


def book(database: Database) -> dict[tuple[str, str], Grade]:
    with database.read() as session:
        found = grades.of_course(session, people.the_course(session))
        return {(key, member.person.email): grade for member, some in found for key, grade in some.items()}


def counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Base.metadata.tables.items()
        }


def submission(session: Session, key: str, email: str) -> Submission:
    query = select(Submission).join(Assignment).join(Person).where(Assignment.key == key, Person.email == email)
    return session.scalars(query.order_by(Submission.id.desc())).first()  # type: ignore[return-value]


def files(folder: Path) -> dict[str, str]:
    found = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in found}


# --------------------------------------------------------------------------------------------- what comes


def test_scores_are_those_of_nbgrader(course: Database) -> None:
    run(course)
    found = book(course)
    for (name, email), score in SCORES.items():
        parts = [grade for (key, who), grade in found.items() if key.startswith(name) and who == email]
        assert {grade.status for grade in parts} == {"graded"}
        assert sum(grade.score for grade in parts) == score
        assert sum(grade.max_score for grade in parts) == {"ps1": 13.0, "xor": 10.0}[name]
    assert found["xor", "suho@example.com"].status == "problem"  # collected, never graded
    assert found["xor", "bori@nbgrader.invalid"].status == "none"
    assert found["project", "minsu@example.com"].status == "none"


def test_people_come_with_their_names(course: Database) -> None:
    done = run(course)
    with course.read() as session:
        found = {one.person.email: one.person.name for one in people.members(session, people.the_course(session))}
    assert found == {
        "minsu@example.com": "김민수",
        "jiyoung@example.com": "Jiyoung Park",
        "suho@example.com": "suho@example.com",  # the id is the address, and there is no name
        "bori@nbgrader.invalid": "보리 =cmd()",
    }
    assert (done.added["people"], done.made_up) == (4, 1)


def test_who_has_no_address_gets_one_of_the_domain(course: Database) -> None:
    done = run(course, domain="snu.example.kr")
    assert ("xor", "bori@snu.example.kr") in book(course)
    assert done.made_up == 0


def test_each_notebook_becomes_an_assignment(course: Database) -> None:
    done = run(course)
    with course.read() as session:
        rows = {row.key: row for row in session.scalars(select(Assignment).order_by(Assignment.position))}
        assert list(rows) == ["xor", "project", "ps1-problem1", "ps1-problem2"]
        assert rows["ps1-problem1"].title == {"ko": "ps1: problem1", "en": "ps1: problem1"}
        assert (rows["xor"].due, rows["project"].due) == (DUE, None)
        assert all(row.version_id is None for row in rows.values())  # nobody can hand in what nothing grades
        versions = session.scalars(select(Version)).all()
        assert sorted(one.max_score for one in versions) == [3.0, 10.0, 10.0]
        assert not any(one.verified for one in versions)
    assert done.added["versions"] == 3
    assert any("several notebooks" in note.en for note in done.notes)


def test_the_version_holds_source_and_release(course: Database) -> None:
    run(course)
    with course.read() as session:
        version = session.scalars(
            select(Version)
            .join(Assignment, Assignment.id == Version.assignment_id)
            .where(Assignment.key == "ps1-problem1")
        ).one()
        data = gzip.decompress(blobs.get(session, version.archive))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
        about = json.load(archive.extractfile("imported.json"))  # type: ignore[arg-type]
        source = archive.extractfile("source/problem1.ipynb")
        assert source is not None
        assert source.read() == (FIXTURE / "source/ps1/problem1.ipynb").read_bytes()
    assert {"source/data.csv", "release/problem1.ipynb", "release/problem2.ipynb"} <= set(names)
    assert about["notebook"] == "problem1"
    assert [cell["name"] for cell in about["cells"]][:2] == ["correct_squares", "squares_invalid_input"]


def test_points_of_cells_are_kept(course: Database) -> None:
    run(course)
    with course.read() as session:
        theirs = submission(session, "ps1-problem1", "minsu@example.com")
        graded = session.scalars(select(Run).where(Run.submission_id == theirs.id)).one()
        rows = {row.name: row for row in graded.checks}
        assert {name: (row.points, row.max_points, row.verdict) for name, row in rows.items()} == {
            "correct_squares": (1.0, 1.0, "passed"),
            "squares_invalid_input": (1.0, 1.0, "passed"),
            "correct_sum_of_squares": (0.5, 0.5, "passed"),
            "sum_of_squares_uses_squares": (0.5, 0.5, "passed"),
            "sum_of_squares_equation": (0.0, 1.0, "skipped"),
            "sum_of_squares_application": (0.0, 2.0, rows["sum_of_squares_application"].verdict),
            "cell-938593c4a215c6cc": (0.0, 4.0, rows["cell-938593c4a215c6cc"].verdict),
        }
        assert [row.name for row in graded.checks] == sorted(
            rows, key=lambda name: rows[name].position
        )  # the notebook's order
        assert graded.checks[0].name == "correct_squares"
        given = {one.check: (one.points, one.author_id, one.reason) for one in session.scalars(select(Override))}
    assert given == {
        "sum_of_squares_equation": (1.0, None, "nbgrader: manual score"),
        "sum_of_squares_application": (1.5, None, "nbgrader: manual score"),
        "part-a": (1.5, None, "nbgrader: manual score and extra credit"),
        None: (5.5, None, "nbgrader: late penalty 1.5"),
    }


def test_the_run_says_what_its_rows_say(course: Database) -> None:
    run(course)
    with course.read() as session:
        for one in session.scalars(select(Run)):
            report = submissions.report_of(session, one)
            assert (report.score, report.status.value) == (one.score or 0.0, one.status)
            assert (one.state, one.purpose, one.committed_at) == (State.DONE, Purpose.SUBMISSION, NOON)
            if one.status == "graded":
                assert report.max_score == one.max_score


def test_notebooks_and_times_are_as_they_were(course: Database) -> None:
    run(course)
    with course.read() as session:
        theirs = submission(session, "xor", "jiyoung@example.com")
        assert (theirs.source, theirs.filename) == (Source.IMPORT, "xor.ipynb")
        assert theirs.received_at == DUE + timedelta(minutes=5)
        assert blobs.get(session, theirs.notebook) == (FIXTURE / "submitted/jiyoung/xor/xor.ipynb").read_bytes()
        executed = session.scalars(select(Run.executed).where(Run.submission_id == theirs.id)).one()
        assert executed is not None
        assert blobs.get(session, executed) == (FIXTURE / "autograded/jiyoung/xor/xor.ipynb").read_bytes()
        suho = submission(session, "xor", "suho@example.com")
        assert suho.received_at == DUE - timedelta(days=1)  # from timestamp.txt: it is not in the gradebook
        assert len({one.receipt for one in session.scalars(select(Submission))}) == 7


def test_nothing_is_deducted_twice_and_extensions_count(course: Database) -> None:
    run(course)
    found = book(course)
    jiyoung, minsu = found["xor", "jiyoung@example.com"], found["xor", "minsu@example.com"]
    assert (jiyoung.raw, jiyoung.score, jiyoung.late_days, jiyoung.kept_share) == (7.0, 5.5, 1, 1.0)
    assert (minsu.score, minsu.late_days) == (10.0, 0)  # thirty hours after the due date, with two days more
    with course.read() as session:
        assert session.scalars(select(Extension.due)).one() == DUE + timedelta(days=2)


def test_comments_are_at_their_cells(course: Database) -> None:
    run(course)
    with course.read() as session:
        theirs = submission(session, "ps1-problem2", "minsu@example.com")
        comments = session.scalars(select(Comment).where(Comment.submission_id == theirs.id)).all()
        said = {one.text: one.cell for one in comments}
        notebook = json.loads(blobs.get(session, theirs.notebook))
    assert notebook["cells"][said["아주 좋아요!"]]["metadata"]["nbgrader"]["grade_id"] == "part-a"


def test_one_line_of_the_audit_log_says_so_without_names(course: Database) -> None:
    run(course)
    with course.read() as session:
        lines = session.scalars(select(audit.Audit).where(audit.Audit.action == "import.nbgrader")).all()
        assert [line.data["submissions"] for line in lines] == [7]
        assert audit.broken(session) is None
        assert "minsu" not in json.dumps([line.data for line in session.scalars(select(audit.Audit))])


# -------------------------------------------------------------------------------------------------- again


def test_a_second_import_adds_nothing(course: Database, folder: Path) -> None:
    run(course)
    before, said = counts(course), book(course)
    assert not any(run(course, at=LATER).added.values())
    assert not any(run(course, folder, at=LATER).added.values())  # a copy of it, with other times of files
    assert counts(course) == before
    assert book(course) == said


GRADE = "SELECT g.id FROM grade g JOIN base_cell c ON c.id = g.cell_id JOIN submitted_notebook n ON n.id = g.notebook_id JOIN submitted_assignment s ON s.id = n.assignment_id WHERE s.student_id = '{}' AND c.name = '{}'"


def test_what_changed_there_is_added(course: Database, folder: Path) -> None:
    run(course, folder)
    change(
        folder,
        f"UPDATE grade SET manual_score = 2 WHERE id IN ({GRADE.format('minsu', 'sum_of_squares_application')})",
        f"UPDATE grade SET auto_score = 3 WHERE id IN ({GRADE.format('jiyoung', 'xor-equal')})",
        f"UPDATE grade SET auto_score = 0 WHERE id IN ({GRADE.format('jiyoung', 'xor-different')})",
        "UPDATE submitted_notebook SET late_submission_penalty = NULL WHERE late_submission_penalty IS NOT NULL",
    )
    added = run(course, folder, at=LATER).added
    assert {kind: count for kind, count in added.items() if count} == {"runs": 1, "overrides": 2}
    found = book(course)
    assert found["ps1-problem1", "minsu@example.com"].score == 6.0
    assert found["xor", "jiyoung@example.com"].score == 3.0
    assert not any(run(course, folder, at=LATER).added.values())


def test_a_new_notebook_is_a_new_submission(course: Database, folder: Path) -> None:
    run(course, folder)
    file = folder / "submitted" / "suho@example.com" / "xor" / "xor.ipynb"
    file.write_bytes(file.read_bytes() + b"\n")
    added = run(course, folder, at=LATER).added
    assert (added["submissions"], added["runs"]) == (1, 1)
    with course.read() as session:
        assert len(session.scalars(select(Submission).join(Person).where(Person.email.like("suho%"))).all()) == 2


def test_who_got_another_address_here_is_found_again(course: Database) -> None:
    run(course)
    with course.write() as session:
        person = session.scalars(select(Person).where(Person.email == "minsu@example.com")).one()
        person.email, person.name = "kim@snu.example.kr", "Kim Minsu"
    assert not any(run(course, at=LATER).added.values())
    assert book(course)["xor", "kim@snu.example.kr"].score == 10.0


def test_what_was_decided_here_is_left_alone(course: Database, folder: Path) -> None:
    run(course, folder)
    with course.write() as session:
        theirs = submission(session, "xor", "jiyoung@example.com")
        row, person = session.get_one(Assignment, theirs.assignment_id), session.get_one(Person, theirs.person_id)
        decisions.set_override(session, row, person, 9.0, "asked again", actor="test", at=LATER)
    change(folder, "UPDATE submitted_notebook SET late_submission_penalty = 4 WHERE late_submission_penalty = 1.5")
    done = run(course, folder, at=LATER)
    assert not any(done.added.values())
    assert any("decided here" in note.en for note in done.notes)
    assert book(course)["xor", "jiyoung@example.com"].score == 9.0


def test_a_suite_of_ours_takes_over(course: Database, folder: Path) -> None:
    run(course, folder)
    with course.write() as session:
        row = session.scalars(select(Assignment).where(Assignment.key == "xor")).one()
        version = Version(assignment_id=row.id, number=2, suite_version="0123456789ab", max_score=100.0, queue="cpu")
        version.archive, version.verified, version.verification = blobs.put(session, b"suite"), True, {}
        version.created_at = LATER
        session.add(version)
        session.flush()
        row.version_id = version.id
    change(folder, f"UPDATE grade SET auto_score = 3 WHERE id IN ({GRADE.format('jiyoung', 'xor-equal')})")
    done = run(course, folder, at=LATER)
    assert not any(done.added.values())
    assert any("graded here by now" in note.en for note in done.notes)


# --------------------------------------------------------------------------------------------- strangeness


def test_nothing_of_the_folder_is_run_or_changed(course: Database, folder: Path, tmp_path: Path) -> None:
    (folder / "nbgrader_config.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    before = files(folder)
    run(course, folder)
    assert files(folder) == before
    assert not (tmp_path / "ran").exists()
    assert not list(folder.glob("gradebook.db-*"))


def test_no_link_is_followed(course: Database, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "xor.ipynb").write_text("secret")
    for name in ("jiyoung", "minsu"):
        shutil.rmtree(folder / "submitted" / name / "xor")
    (folder / "submitted" / "jiyoung" / "xor").symlink_to(secret)
    (folder / "submitted" / "minsu" / "xor").mkdir()
    (folder / "submitted" / "minsu" / "xor" / "xor.ipynb").symlink_to(secret / "xor.ipynb")
    (folder / "source" / "xor" / "more.txt").symlink_to(secret / "xor.ipynb")
    (folder / "source" / "xor" / "all").symlink_to(secret)
    done = run(course, folder)
    with course.read() as session:
        sums = [hashlib.sha256(b"secret").hexdigest()]
        assert session.scalars(select(Submission).where(Submission.notebook.in_(sums))).first() is None
        for one in session.scalars(select(Version)):
            assert b"secret" not in gzip.decompress(blobs.get(session, one.archive))
        assert blobs.get(session, submission(session, "xor", "minsu@example.com").notebook) == b""
    words = " ".join(note.en for note in done.notes)
    assert "link(s) were not followed" in words
    assert "2 file(s) of source/ and release/" in words
    assert "2 submission(s) have no notebook in submitted/" in words
    assert book(course)["xor", "minsu@example.com"].score == 10.0  # the points are there all the same


@pytest.mark.parametrize("id", ["../../etc", "..", "a/b", "", "x" * 128, "가나다", "minsu@example.com"])
def test_any_student_id_is_a_person_and_no_path(course: Database, folder: Path, id: str) -> None:
    change(
        folder,
        f"UPDATE student SET id = '{id}' WHERE id = 'bori'",
        f"UPDATE submitted_assignment SET student_id = '{id}' WHERE student_id = 'minsu'",
    )
    run(course, folder)
    assert sum(grade.score for (key, _), grade in book(course).items() if key == "xor") == 15.5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b"no database at all" * 100),
        lambda file: file.write_bytes(b""),
        lambda file: change(file.parent, "DROP TABLE comment"),
        lambda file: change(file.parent, "UPDATE grade SET auto_score = 9e999"),
        lambda file: change(file.parent, "UPDATE grade SET auto_score = 'many'"),
        lambda file: change(file.parent, "UPDATE grade_cells SET max_score = -9e999"),
        lambda file: change(file.parent, "UPDATE assignment SET duedate = 'soon' WHERE name = 'xor'"),
        lambda file: change(file.parent, "UPDATE student SET first_name = x'ff00' WHERE id = 'bori'"),
        lambda file: change(file.parent, "UPDATE base_cell SET name = 'a' || char(10) WHERE name = 'part-a'"),
    ],
)
def test_a_broken_gradebook_is_said_and_nothing_is_added(
    course: Database, folder: Path, spoil: Callable[[Path], Any]
) -> None:
    before = counts(course)
    spoil(folder / "gradebook.db")
    with pytest.raises(BadInput, match=r"gradebook\.db"):
        run(course, folder)
    assert counts(course) == before


def test_a_submission_that_is_no_notebook_comes_as_it_is(course: Database, folder: Path) -> None:
    file = folder / "submitted" / "minsu" / "ps1" / "problem2.ipynb"
    file.write_bytes(b"[" * 100_000)
    (folder / "submitted" / "minsu" / "ps1" / "extra.txt").write_text("?")
    (folder / "feedback" / "minsu" / "ps1").mkdir(parents=True)
    (folder / "feedback" / "minsu" / "ps1" / "problem2.html").write_text("?")
    done = run(course, folder)
    with course.read() as session:
        assert blobs.get(session, submission(session, "ps1-problem2", "minsu@example.com").notebook) == b"[" * 100_000
    words = " ".join(note.en for note in done.notes)
    assert "1 file(s) in submitted/ are no notebook" in words
    assert "1 file(s) of feedback/" in words


def test_other_assignments_of_the_name_are_not_mixed_up(world: World, folder: Path) -> None:
    change(folder, "UPDATE assignment SET name = 'doubling' WHERE name = 'xor'")
    before = counts(world.database)
    with pytest.raises(BadInput, match="--prefix"):
        run(world.database, folder)
    assert counts(world.database) == before
    run(world.database, folder, prefix="old-")
    assert ("old-doubling", "mina@example.com") in book(world.database)


def test_names_that_are_no_keys_become_some(course: Database, folder: Path) -> None:
    change(
        folder,
        "UPDATE assignment SET name = 'Problem Set 1' WHERE name = 'ps1'",
        "UPDATE assignment SET name = '과제 1' WHERE name = 'xor'",
    )
    run(course, folder)
    with course.read() as session:
        found = {row.title["ko"]: row.key for row in session.scalars(select(Assignment))}
    assert found["Problem Set 1: problem1"] == "problem-set-1-problem1"
    assert found["과제 1"].startswith("1-")
    assert not any(run(course, folder, at=LATER).added.values())


def test_a_deactivated_person_stays_out(course: Database) -> None:
    with course.write() as session:
        other = people.create_course(session, "other", Text("다른", "Other"), actor="test", at=NOON)
        minsu = people.add_person(session, other, "minsu@example.com", "Minsu K", actor="test", at=NOON)
        people.deactivate(session, minsu.person, actor="test")
    with course.write() as session:
        bring_in(session, people.the_course(session, "ml"), FIXTURE, actor="test", at=NOON)
    with course.read() as session:
        person = session.scalars(select(Person).where(Person.email == "minsu@example.com")).one()
        assert (person.name, person.active) == ("Minsu K", False)


def test_nobody_can_hand_in_what_nothing_grades(course: Database) -> None:
    run(course)
    with course.write() as session:
        row = session.scalars(select(Assignment).where(Assignment.key == "xor")).one()
        person = session.scalars(select(Person).where(Person.email == "minsu@example.com")).one()
        with pytest.raises(BadInput, match="not published"):
            submissions.submit(session, row, person, b"{}", "x.ipynb", Source.WEB, enqueue=lambda *_: None)


def test_out_and_in_again_gives_the_same_scores(course: Database, tmp_path: Path) -> None:
    run(course)
    with course.write() as session:
        table = exports.gather(session, people.the_course(session, "ml"), checks=True, at=NOON)
        exports.write(table, exports.format_of("nbgrader"), tmp_path / nbgrader_folder.BOOK)
        again = people.create_course(session, "again", Text("다시", "Again"), actor="test", at=NOON)
        bring_in(session, again, tmp_path, actor="test", at=NOON)

        def scores(course: Course) -> dict[tuple[str, str], Any]:
            found = grades.of_course(session, course)
            return {
                (member.person.email, key): (grade.score, grade.status, grade.late_days)
                for member, some in found
                for key, grade in some.items()
            }

        assert scores(again) == scores(people.the_course(session, "ml"))


# ------------------------------------------------------------------------------------------------ command


def invoke(database: Database, monkeypatch: pytest.MonkeyPatch, home: Path, *words: str) -> Any:
    monkeypatch.setenv("GRADER_DATABASE", database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("GRADER_HOME", str(home))
    return CliRunner().invoke(commands.command, ["nbgrader", *words])


def test_the_command_tries_first_and_then_does(
    course: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = counts(course)
    tried = invoke(course, monkeypatch, tmp_path, str(FIXTURE), "--dry-run", "--json")
    assert tried.exit_code == 0, tried.output
    assert counts(course) == before
    done = invoke(course, monkeypatch, tmp_path, str(FIXTURE), "--json")
    assert json.loads(done.output)["added"] == json.loads(tried.output)["added"]
    assert json.loads(done.output)["added"]["submissions"] == 7
    again = invoke(course, monkeypatch, tmp_path, str(FIXTURE), "--lang", "en")
    assert "There is nothing new." in again.output


def test_the_help_has_examples() -> None:
    said = CliRunner().invoke(commands.command, ["nbgrader", "--help"]).output
    assert "grader import nbgrader" in said
    assert "--dry-run" in said
