"""A course goes to another store as one document, and what is no such document leaves nothing behind."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from course.world import DAY, NOON, World
from sqlalchemy import func, select

from grader.course import people, transfer
from grader.errors import BadInput, GraderError
from grader.store import schema
from grader.store.database import Database
from grader.store.models import Assignment, Course, Person, Submission


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    """As a file holds it."""
    world.publish(due=NOON + DAY, policy={"attempts": 3}, weight=2.0)
    world.graded("mina", b"a", 60, 0)
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
    assert again == document
    assert count(other, Submission) == 0


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
    assert count(other, Course) == 0
