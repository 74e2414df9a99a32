"""`grader quiz` on a course: published, extended, graded, corrected, by somebody at a terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from course.quizzes.hall import write

from grader.assignment import Catalog
from grader.cli import cli
from grader.commands import demo, demo_quizzes
from grader.course import people, quizzes
from grader.errors import BadInput
from grader.store.database import Database, now
from grader.store.quizzes import QuizMode
from grader.text import Text

Run = Callable[..., Result]
RULES = ("--rule", "graded=true", "--rule", "attempts=2", "--rule", "questions=3")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


@pytest.fixture
def run(shelf: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a verb on a course with mina@ and juno@example.com."""
    home = shelf / "home"
    home.mkdir()
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(shelf / "assignments"))
    monkeypatch.setenv("GRADER_REFERENCE", str(shelf / "reference"))
    (home / "grader.sqlite3").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{home / 'grader.sqlite3'}")
    with database.write() as session:
        course = people.create_course(session, "dl", Text("딥러닝", "Deep learning"), actor="test")
        for name in ("mina", "juno"):
            people.add_person(session, course, f"{name}@example.com", name, group="A", actor="test")
    database.close()

    def call(*words: str) -> Result:
        return CliRunner().invoke(cli, ["quiz", *words, "--home", str(home)])

    return call


def sit(shelf: Path, name: str, words: dict[str, object], *, submit: bool = True) -> None:
    """A graded attempt that answers the questions of these ids; the one that runs, where one does."""
    database = Database(f"sqlite:///{shelf / 'home' / 'grader.sqlite3'}")
    with database.write() as session:
        course = people.the_course(session)
        person = people.member(session, course, f"{name}@example.com").person
        quiz = quizzes.the_quiz(session, course, "week4-demo")
        attempt = quizzes.start(session, quiz, person, QuizMode.GRADED, token="t")
        for item in quizzes.review(session, attempt, staff=True, at=now(session)).items:
            if item.question in words:
                quizzes.save(session, attempt, item.position, words[item.question], revision=item.revision)
        if submit:
            quizzes.submit(session, attempt)
    database.close()


def test_publish_proves_tells_and_keeps_what_is_not_said(run: Run) -> None:
    first = run("publish", "week4-demo", "--no-cells", *RULES, "--due", "+2d", "--json")
    told = json.loads(first.output)
    assert (told["version"], told["max_score"], told["policy"]["attempts"]) == (1, 10, 2)
    again = json.loads(run("publish", "week4-demo", "--no-cells", "--rule", "minutes=20", "--json").output)
    assert (again["version"], again["policy"]["minutes"], again["policy"]["attempts"]) == (1, 20, 2)
    assert again["due"] == told["due"]
    said = run("publish", "week4-demo", "--no-cells", "--rule", "graded=false", "--lang", "en").output
    assert "version 1 (10 points)" in said
    assert "practice alone" in said


def test_publish_refuses_errors(run: Run, shelf: Path) -> None:
    write(shelf, {'key = "line"': 'key = "ray"'})
    refused = run("publish", "week4-demo", "--no-cells")
    assert isinstance(refused.exception, BadInput)
    assert "demo-choice" in str(refused.exception)
    assert run("publish", "week4-demo", "--force", "a trial", "--json").exit_code == 0


def test_grades_results_and_statistics_of_the_store(run: Run, shelf: Path) -> None:
    run("publish", "week4-demo", "--no-cells", "--rule", "graded=true")
    sit(shelf, "mina", {"demo-text": "은닉층", "demo-shape": "(n, 16)"})
    sit(shelf, "juno", {"demo-text": "=cmd()"})
    rows = {row["email"]: row for row in json.loads(run("grades", "--json").output)}
    assert (rows["mina@example.com"]["score"], rows["juno@example.com"]["score"]) == (2, 0)
    table = list(csv.DictReader(io.StringIO(run("grades", "week4-demo", "--csv").output)))
    assert [(row["email"], row["score"], row["status"]) for row in table] == [
        ("juno@example.com", "0.0", "graded"),
        ("mina@example.com", "2.0", "graded"),
    ]
    assert "2/10" in run("grades", "--lang", "en").output
    answers = shelf / "answers.csv"
    answers.write_text(run("results", "week4-demo").output)
    of_file = json.loads(run("stats", str(answers), "--json").output)
    of_store = json.loads(run("stats", "week4-demo", "--course", "--json").output)
    assert [one["difficulty"] for one in of_file["questions"]] == [one["difficulty"] for one in of_store["questions"]]
    assert of_store["people"] == 2
    assert "mina" not in answers.read_text()
    assert isinstance(run("stats", "week4-demo", "--course", "none").exception, BadInput)
    assert isinstance(run("stats", "no-such.csv").exception, BadInput)


def test_nobody_has_answered_yet(run: Run) -> None:
    run("publish", "week4-demo", "--no-cells", "--rule", "graded=true")
    assert isinstance(run("results", "week4-demo").exception, BadInput)
    assert isinstance(run("grades", "week9").exception, BadInput)
    assert "–" in run("grades").output


def test_an_extension(run: Run) -> None:
    run("publish", "week4-demo", "--no-cells", *RULES, "--due", "+1d")
    told = json.loads(
        run(
            "extend", "week4-demo", "mina@example.com", "--minutes", "15", "--due", "+3d", "--reason", "r", "--json"
        ).output
    )
    assert (told["minutes"], told["attempts"]) == (15, 0)
    assert (
        "15 more minutes"
        in run("extend", "week4-demo", "--group", "A", "--minutes", "15", "--reason", "r", "--lang", "en").output
    )
    assert isinstance(run("extend", "week4-demo", "--reason", "r").exception, BadInput)


def test_a_correction_is_shown_before_it_counts(run: Run, shelf: Path) -> None:
    run("publish", "week4-demo", "--no-cells", "--rule", "graded=true")
    sit(shelf, "mina", {"demo-text": "은닉층"})
    assert isinstance(run("remark", "week4-demo").exception, BadInput)  # there is nothing to mark again
    write(shelf, {'accepted = ["은닉층", "hidden layer"]': 'accepted = ["hidden unit"]', "hidden layers?": "units?"})
    run("publish", "week4-demo", "--no-cells")
    tried = json.loads(run("remark", "week4-demo", "--dry-run", "--json").output)
    assert [(one["email"], one["before"], one["after"]) for one in tried["changes"]] == [("mina@example.com", 1, 0)]
    assert json.loads(run("grades", "--json").output)[1]["score"] == 1
    shown = run("remark", "week4-demo", "--show", tried["batch"][:8], "--lang", "en").output
    assert "demo-text 100%→0%" in shown
    assert f"--commit {tried['batch'][:8]}" in shown
    assert json.loads(run("remark", "week4-demo", "--discard", tried["batch"][:8], "--json").output)["discarded"]
    assert json.loads(run("remark", "week4-demo", "--yes", "--json").output)["committed"]
    assert json.loads(run("grades", "--json").output)[1]["score"] == 0
    assert isinstance(run("remark", "week4-demo", "--commit", "ab").exception, BadInput)


def test_who_hands_in_while_a_correction_is_decided_on_is_shown_before_it_counts(
    run: Run, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("publish", "week4-demo", "--no-cells", "--rule", "graded=true", "--rule", "attempts=3")
    sit(shelf, "mina", {"demo-text": "은닉층"})
    sit(shelf, "juno", {"demo-text": "은닉층"}, submit=False)
    write(shelf, {'accepted = ["은닉층", "hidden layer"]': 'accepted = ["hidden unit"]', "hidden layers?": "units?"})
    run("publish", "week4-demo", "--no-cells")
    asked = []

    def shall_count(named: bool, yes: bool, lang: str | None) -> None:
        asked.append(named)
        if len(asked) == 1:
            sit(shelf, "juno", {})

    monkeypatch.setattr("grader.commands.common.shall_count", shall_count)
    batch = json.loads(run("remark", "week4-demo", "--dry-run", "--json").output)["batch"]
    told = run("remark", "week4-demo", "--commit", batch, "--lang", "en")
    assert told.exit_code == 0, told.output
    assert asked == [True, False]  # and is asked about, although the first was named
    assert "New, having handed in since: juno" in told.output
    before, after = told.output.split("New, having handed in since")
    assert ("juno@example.com" in before, "juno@example.com" in after) == (False, True)
    scores = {row["email"]: row["score"] for row in json.loads(run("grades", "--json").output)}
    assert scores == {"mina@example.com": 0, "juno@example.com": 0}


def test_the_demo_course_has_quizzes_and_people_who_took_them(tmp_path: Path, sqlite_template: Path) -> None:
    (tmp_path / "demo.sqlite3").write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'demo.sqlite3'}")
    with database.write() as session:
        course = people.create_course(session, "demo", demo.TITLE, actor="test")
        known = {
            name: people.add_person(session, course, f"{name}@example.com", name, actor="test").person
            for name in demo.NAMES
        }
        assert demo_quizzes.fill(session, Catalog.find(), course, known) == len(demo_quizzes.SKILL)
        grades = {member.person.name: row["week2-linear-regression"] for member, row in quizzes.grades(session, course)}
    assert {name for name, grade in grades.items() if grade.status == "graded"} == set(demo_quizzes.SKILL)
    assert grades["minji"].score > grades["jiwoo"].score > 0
    assert grades[demo_quizzes.LATE].late_days == 1
    database.close()


def test_points_by_hand_are_in_every_table(run: Run, shelf: Path) -> None:
    run("publish", "week4-demo", "--no-cells", *RULES)
    sit(shelf, "mina", {"demo-text": "은닉층"})
    done = run("override", "week4-demo", "mina@example.com", "2.5", "--reason", "an oral exam", "--json")
    assert json.loads(done.output)["points"] == 2.5
    home = ["--home", str(shelf / "home"), "--json"]
    rows = json.loads(CliRunner().invoke(cli, ["grades", "week4-demo", *home]).output)
    assert {row["email"]: (row["score"], row["overridden"], row["status"]) for row in rows} == {
        "juno@example.com": (None, False, "none"),
        "mina@example.com": (2.5, True, "graded"),
    }
    assert json.loads(CliRunner().invoke(cli, ["grades", *home]).output) == rows
    assert run("override", "week4-demo", "mina@example.com", "none", "--reason", "a mistake").exit_code == 0
    rows = json.loads(run("grades", "week4-demo", "--json").output)
    assert [row["score"] for row in rows if row["email"].startswith("mina")] in ([0], [1])
    assert run("override", "week4-demo", "mina@example.com", "99", "--reason", "x").exit_code != 0
