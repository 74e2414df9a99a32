"""From SQLite to PostgreSQL nothing is lost on the way, and what was there before stays where the move fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from course.world import NOON, World
from postgres import Cluster
from sqlalchemy import select

from grader.course import decisions, grades, people
from grader.errors import GraderError
from grader.store import audit, moving
from grader.store.backup import backup, restore
from grader.store.database import Database, Home
from grader.store.models import Assignment, Person, Role, State
from grader.store.tables import Base

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def target(postgres: Cluster) -> Iterator[Database]:
    """A new database of PostgreSQL."""
    name = postgres.create()
    database = Database(postgres.url(name))
    yield database
    database.close()
    postgres.drop(name)


@pytest.fixture
def full(world: World) -> World:
    """Graded, waiting, decided by hand, in both languages."""
    world.graded("mina", b"work", 60, 0)
    world.submit("juno", b"waits")
    with world.write() as session:
        mina, row = world.person(session, "mina"), world.assignment(session)
        decisions.set_override(session, row, mina, 70.5, "구두 시험 / oral exam", actor=mina)
    return world


def rows(database: Database) -> dict[str, list[str]]:
    """Every row of every table that moves."""
    with database.read() as session:
        return {
            table.name: sorted(str(row) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in moving.LEFT
        }


def test_every_row_is_written_after_what_it_refers_to(backend: str) -> None:
    written: set[str] = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                assert moving._points_onward(column) or key.column.table.name in written, column
        written.add(table.name)
    assert set(moving.LEFT) <= written


@pytest.mark.slow
def test_a_course_moves_whole_and_goes_on(full: World, target: Database, tmp_path: Path) -> None:
    made = backup(full.database, tmp_path / "b")
    before = rows(full.database)
    assert {"submission", "run", "check_row", "override", "blob", "audit"} <= {name for name in before if before[name]}
    restore(made.file, Home(tmp_path, target.url))
    assert rows(target) == before
    with target.write() as session:
        assert audit.broken(session) is None
        assert session.scalars(select(Assignment)).one().version_id is not None
        course = people.the_course(session)
        people.add_person(session, course, "new@example.com", "New", Role.STUDENT, actor="test", at=NOON)
        assert audit.last(session)[0] > made.audit_number
    moved = World(target, full.catalog)
    later = moved.submit("juno", b"more")
    assert later.run.state is State.QUEUED
    with target.read() as session:
        grade = grades.of_course(session, people.the_course(session))
        scores = {member.person.email: by_key["doubling"].score for member, by_key in grade}
    assert scores["mina@example.com"] == 70.5


@pytest.mark.slow
def test_what_was_there_stays_where_a_move_fails(
    full: World, target: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, home = backup(full.database, tmp_path / "b"), Home(tmp_path, target.url)
    restore(made.file, home)
    with target.write() as session:
        people.add_person(
            session, people.the_course(session), "late@example.com", "Late", Role.STUDENT, actor="test", at=NOON
        )
    before = rows(target)
    monkeypatch.setattr(moving, "_copy", lambda old, there, table: None)
    with pytest.raises(GraderError, match="Nothing was moved"):
        restore(made.file, home, force=True)
    assert rows(target) == before
    with target.read() as session:
        assert session.scalars(select(Person).where(Person.name == "Late")).one()
