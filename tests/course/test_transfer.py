"""A course goes to another store as one document, and what is no such document leaves nothing behind."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from course.quizzes.hall import write
from course.world import DAY, NOON, World
from sqlalchemy import func, select

from grader.course import boards, people, quizzes, transfer, watchlist
from grader.errors import BadInput, GraderError
from grader.store import schema
from grader.store.database import Database
from grader.store.models import Assignment, Course, Person, Submission
from grader.store.quizzes import QuizVersion


@pytest.fixture
def document(world: World, tmp_path: Any) -> dict[str, Any]:
    """As a file holds it."""
    world.publish(due=NOON + DAY, policy={"attempts": 3}, weight=2.0)
    world.graded("mina", b"a", 60, 0)
    rules = {"graded": True, "minutes": 30, "attempts": 2}
    with world.write() as session:
        course, row = world.course(session), world.assignment(session)
        row.position = 7
        boards.open_board(session, row, a_day=3, actor="test")
        watchlist.set_thresholds(session, course, watchlist.Thresholds(late=5, drop_percent=0), actor="test")
        bank = write(tmp_path / "bank")
        quizzes.publish(session, course, bank, "week4-demo", actor="test", faults=(), rules=rules, closes=NOON + DAY)
    with world.database.read() as session:
        found: dict[str, Any] = json.loads(json.dumps(transfer.export_course(session, world.course(session))))
    return found


@pytest.fixture
def other(tmp_path: Any) -> Any:
    """An empty store."""
    database = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    schema.prepare(database)
    yield database
    database.close()


def bring(database: Database, document: Any, **more: Any) -> Course:
    with database.write() as session:
        return transfer.import_course(session, document, actor="test", **more)


def count(database: Database, table: Any) -> int:
    with database.read() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def test_what_comes_in_goes_out_again_the_same(document: dict[str, Any], other: Database) -> None:
    bring(other, document)
    with other.read() as session:
        again = json.loads(json.dumps(transfer.export_course(session, people.the_course(session))))
    for one in (*document["assignments"], *again["assignments"]):
        one["version"].pop("verified")  # nobody has proved it there
        one["version"].pop("forced")
    for one in (*document["quizzes"], *again["quizzes"]):
        one["version"].pop("forced")
    assert again == document
    assert count(other, Submission) == 0


def test_rules_of_quizzes_leaderboards_and_thresholds_come_along(document: dict[str, Any], other: Database) -> None:
    bring(other, document)
    with other.read() as session:
        course = people.the_course(session)
        row, quiz = people.assignment(session, course, "doubling"), quizzes.the_quiz(session, course, "week4-demo")
        assert boards.is_open(session, row)
        assert row.position == 7
        assert watchlist.thresholds(session, course).late == 5
        assert (quiz.policy["minutes"], quiz.policy["graded"], quiz.closes) == (30, True, NOON + DAY)
        assert session.get_one(QuizVersion, quiz.version_id).forced == "imported"


def test_a_file_of_an_older_program_comes_in(document: dict[str, Any], other: Database) -> None:
    del document["quizzes"], document["watchlist"], document["assignments"][0]["board"]
    del document["assignments"][0]["position"]
    assert bring(other, document).key == "dl"


def test_two_courses_stand_side_by_side_and_one_may_leave_its_people(document: dict[str, Any], other: Database) -> None:
    bring(other, document)
    bring(other, document, key="dl-next", people_too=False)
    with other.read() as session:
        second = people.the_course(session, "dl-next")
        assert people.members(session, second) == []
    assert (count(other, Course), count(other, Assignment), count(other, Person)) == (2, 2, 3)


def test_the_same_file_again_is_refused_and_changes_nothing(document: dict[str, Any], other: Database) -> None:
    bring(other, document)
    with pytest.raises(BadInput):
        bring(other, document)
    assert (count(other, Course), count(other, Person)) == (1, 3)


def test_fields_that_nobody_knows_are_left_out(document: dict[str, Any], other: Database) -> None:
    document["colour"] = document["people"][0]["shoe"] = document["assignments"][0]["mood"] = "blue"
    assert bring(other, document).key == "dl"


WRONG: list[tuple[str, Any]] = [
    ("schema", 2),
    ("kind", "gradebook"),
    ("people", [{"email": "x@example.com"}]),
    ("people", None),
    ("assignments", [{"key": "doubling"}]),
    ("timezone", "Mars/Base"),
    ("watchlist", {"mood": 3}),
    ("watchlist", []),
    ("quizzes", [{"key": "week4-demo"}]),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_is_no_such_file_leaves_nothing(document: dict[str, Any], other: Database, name: str, value: Any) -> None:
    with pytest.raises(BadInput):
        bring(other, {**document, name: value})
    assert (count(other, Course), count(other, Person)) == (0, 0)


@pytest.mark.parametrize("document_", [[], {}, "course", None, 3])
def test_another_kind_of_document_is_told(other: Database, document_: Any) -> None:
    with pytest.raises(BadInput):
        bring(other, document_)


def test_an_archive_that_was_changed_is_refused(document: dict[str, Any], other: Database) -> None:
    changed = copy.deepcopy(document)
    changed["assignments"][0]["version"]["suite_version"] = "0" * 12
    with pytest.raises(GraderError, match="was changed"):
        bring(other, changed)
    changed["assignments"][0]["version"]["archive"] = "no base64!"
    with pytest.raises(BadInput):
        bring(other, changed)
    changed = copy.deepcopy(document)
    changed["quizzes"][0]["version"]["bank_version"] = "0" * 12
    with pytest.raises(GraderError, match="was changed"):
        bring(other, changed)
    assert count(other, Course) == 0
