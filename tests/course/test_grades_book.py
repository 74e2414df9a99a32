"""The kept gradebook is never old: whatever changes, by whomever, it is what the rows of now say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from course.world import DAY, NOON, World, report
from sqlalchemy import delete, event, select, text
from sqlalchemy.orm import Session

from grader.course import book as books
from grader.course import decisions, grades, people, publishing, regrading
from grader.course.book import Book
from grader.store import changes, models
from grader.store.changes import Changed
from grader.store.database import Database
from grader.store.models import CheckRow, Course, Member, Override, Person, Purpose, Run, Submission


@pytest.fixture
def reader(world: World) -> Iterator[Database]:
    """Another process's look at the store: nothing in it hears of what `world` does."""
    found = Database(world.database.url)
    yield found
    found.close()


def look(reader: Database) -> Book:
    with reader.read() as session:
        return books.book(session, people.the_course(session))


def must_be_right(reader: Database) -> Book:
    """The kept book says what is computed from nothing."""
    kept = look(reader)
    with reader.read() as session:
        course = people.the_course(session)
        fresh = [
            (member.person_id, member.person.name, member.person.email, member.role, member.group_id, found)
            for member, found in grades.of_course(session, course)
        ]
        listed = [(one.id, one.key, one.weight, one.max_score) for one in grades.assignments(session, course)]
    assert [(id, one.name, one.email, one.role, one.group_id, kept.of(id)) for id, one in kept.people.items()] == fresh
    assert [(one.id, one.key, one.weight, one.max_score) for one in kept.columns] == listed
    return kept


def person(session: Session, name: str = "mina") -> Person:
    return session.scalars(select(Person).where(Person.email == f"{name}@example.com")).one()


def submission(session: Session) -> Submission:
    return session.scalars(select(Submission).order_by(Submission.id).limit(1)).one()


def change(what: Callable[[World, Session], Any]) -> Callable[[World], None]:
    def do(world: World) -> None:
        with world.write() as session:
            what(world, session)

    return do


def _regrade(world: World) -> None:
    world.change_suite()
    world.publish()
    with world.write() as session:
        made = regrading.plan(session, world.assignment(session), actor="test", enqueue=world.enqueue)
    with world.database.read() as session:
        shadows = list(session.scalars(select(Run).where(Run.batch == made.batch)))
    for shadow in shadows:
        world.grade(shadow, report(10, 0))
    with world.write() as session:
        shown = regrading.word_for(regrading.compare(session, made.batch))
        assert regrading.commit(session, made.batch, actor="test", shown=shown)


def _extend_group(world: World, session: Session) -> None:
    people.import_people(session, world.course(session), b"name,email,group\nMina,mina@example.com,A\n", actor="test")
    group = session.scalars(select(models.Group)).one()
    decisions.grant_extension(
        session, world.assignment(session), group, due=NOON + DAY, reason="ill", actor=person(session, "teacher")
    )


CHANGES: dict[str, Callable[[World], Any]] = {
    "a submission": lambda world: world.submit("juno", b"new"),
    "a graded submission": lambda world: world.graded("juno", b"new", 60, 20),
    "a better one": lambda world: world.graded("mina", b"better", 60, 40),
    "a decision on a check": change(
        lambda world, session: decisions.set_override(
            *(session, world.assignment(session), person(session)),
            submission=submission(session),
            check="double.zero",
            points=33.0,
            reason="fair",
            actor=person(session, "teacher"),
        )
    ),
    "a decision on the whole": change(
        lambda world, session: session.add(
            Override(
                assignment_id=world.assignment(session).id,
                person_id=person(session).id,
                points=77.0,
                reason="fair",
                created_at=NOON,
            )
        )
    ),
    "an extension": change(
        lambda world, session: decisions.grant_extension(
            *(session, world.assignment(session), person(session)),
            due=NOON + DAY,
            reason="ill",
            actor=person(session, "teacher"),
        )
    ),
    "an extension of a group": change(_extend_group),
    "a rule": change(
        lambda world, session: publishing.schedule(
            *(session, world.assignment(session)), policy={"late": "percent", "percent_a_day": 20}, actor="test"
        )
    ),
    "a due date": change(
        lambda world, session: publishing.schedule(
            session, world.assignment(session), due=NOON - 3 * DAY, closes=NOON + 9 * DAY, actor="test"
        )
    ),
    "a rule of the course": change(
        lambda world, session: session.execute(text("""UPDATE course SET policy = '{"counts": "last"}'"""))
    ),
    "a person more": change(
        lambda world, session: people.add_person(
            session, world.course(session), "sora@example.com", "Sora", people.role_of("student"), actor="test"
        )
    ),
    "a file of people": change(
        lambda world, session: people.import_people(
            session, world.course(session), "name,email,group\n미나,mina@example.com,B\n".encode(), actor="test"
        )
    ),
    "another role": change(
        lambda world, session: people.set_role(
            session, world.course(session), person(session, "juno"), people.role_of("assistant"), actor="test"
        )
    ),
    "somebody who left": change(lambda world, session: people.deactivate(session, person(session), actor="test")),
    "somebody forgotten": change(lambda world, session: people.forget(session, person(session), actor="test")),
    "a regrade that counts": _regrade,
    "a version": lambda world: (world.change_suite(), world.publish()),
    "a member who is gone": change(
        lambda world, session: session.execute(delete(Member).where(Member.person_id == person(session, "juno").id))
    ),
    "points of a check by hand": change(
        lambda world, session: session.execute(text("UPDATE check_row SET points = 1 WHERE name = 'double.zero'"))
    ),
}


@pytest.fixture
def filled(world: World) -> World:
    with world.write() as session:
        publishing.schedule(session, world.assignment(session), due=NOON - DAY, closes=NOON + 9 * DAY, actor="test")
    world.graded("mina", b"a", 60, 0)
    world.submit("juno", b"b")
    return world


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_any_kind_is_seen_at_once(filled: World, reader: Database, name: str) -> None:
    before = must_be_right(reader)
    assert look(reader) is before, "it was not kept"
    CHANGES[name](filled)
    assert must_be_right(reader) is not before


def test_all_changes_one_after_the_other(filled: World, reader: Database) -> None:
    for each in CHANGES.values():
        each(filled)
        must_be_right(reader)
    assert look(reader) is look(reader)


def test_another_process_changes_it(filled: World, reader: Database) -> None:
    mina = next(one.person_id for one in must_be_right(reader).people.values() if one.name == "Mina")
    code = "import sys; from sqlalchemy import text; from grader.store.database import Database\n"
    code += "with Database(sys.argv[1]).write() as s: s.execute(text('UPDATE run SET score = 12 WHERE score = 60'))"
    subprocess.run([sys.executable, "-c", code, filled.database.url], check=True)
    assert must_be_right(reader).of(mina)["doubling"].raw == 12


def test_only_what_changed_is_computed(filled: World, reader: Database) -> None:
    before = look(reader)
    filled.graded("mina", b"more", 30, 0)
    after = look(reader)
    (column,) = after.columns
    mina = next(one.person_id for one in after.people.values() if one.name == "Mina")
    moved = [id for id in after.people if after.stamps[column.id][id] != before.stamps[column.id][id]]
    assert moved == [mina]
    asked: list[str] = []
    event.listen(reader.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
    look(reader)
    assert not [one for one in asked if "submission" in one]


def test_what_is_taken_back_was_never_kept(filled: World, reader: Database) -> None:
    before = must_be_right(reader)
    with reader.engine.connect().execution_options(grader_write=True) as connection, Session(connection) as session:
        session.execute(text("UPDATE run SET score = 1"))
        inside = books.book(session, people.the_course(session))
        assert inside.grades != before.grades  # who writes sees it
        session.rollback()
    assert must_be_right(reader).grades == before.grades


def test_a_transaction_that_ends_late_is_not_overlooked(filled: World, reader: Database) -> None:
    """On PostgreSQL one that began before others may end after them."""
    if filled.database.embedded:
        pytest.skip("SQLite has one writer at a time")
    look(reader)
    with filled.database.engine.connect() as late:
        late.execute(text("UPDATE run SET score = 7 WHERE status = 'graded'"))
        for n in range(3):
            filled.submit("juno", f"{n}".encode())
            must_be_right(reader)
        late.commit()
    kept = must_be_right(reader)
    assert 7 in [one.raw for found in kept.grades.values() for one in found.values()]


def test_a_look_at_an_older_commit_spoils_nothing(filled: World, reader: Database) -> None:
    look(reader)
    with reader.read() as old:
        course = people.the_course(old)
        old.scalars(select(Person)).all()
        filled.graded("mina", b"more", 60, 40)
        new = look(reader)
        found = books.book(old, course)
        assert found.grades == new.grades
        column = found.columns[0]
        assert found.kept("note", column.version, lambda: "from old rows") == "from old rows"
        if filled.database.embedded:
            assert look(reader).kept("note", column.version, lambda: "from new rows") == "from new rows"
    must_be_right(reader)


def test_notes_last_as_long_as_what_they_are_about(filled: World, reader: Database) -> None:
    first = look(reader)
    assert first.kept("note", first.version, lambda: 1) == 1
    assert look(reader).kept("note", first.version, lambda: 2) == 1
    filled.submit("juno", b"c")
    after = look(reader)
    assert after.kept("note", after.version, lambda: 3) == 3


def test_a_feed_that_was_cut_off_or_replaced_starts_anew(filled: World, reader: Database) -> None:
    look(reader)
    with filled.write() as session:
        session.execute(text("UPDATE run SET score = 5"))
        session.execute(delete(Changed))
        session.add(Changed(number=1, turn=1, mark="another feed", assignment_id=None, person_id=None))
    assert 5 in [one.raw for found in must_be_right(reader).grades.values() for one in found.values()]


def test_without_its_triggers_nothing_is_kept(filled: World, reader: Database) -> None:
    look(reader)
    with filled.write() as session:
        on = "" if filled.database.embedded else " ON run"
        session.execute(text(f"DROP TRIGGER grade_change_run_update{on}"))
    with filled.write() as session:
        session.execute(text("UPDATE run SET score = 5"))
    must_be_right(reader)
    assert look(reader) is not look(reader)


def test_every_verb_on_every_row_is_in_the_feed(filled: World) -> None:
    """Whose grades each is about."""
    with filled.write() as session:
        one, mina = submission(session), person(session).id
        where, at = one.assignment_id, NOON + timedelta(hours=1)
        run = session.scalars(select(Run).where(Run.submission_id == one.id)).first()
        assert run is not None
        override = Override(assignment_id=where, person_id=mina, points=1.0, reason="", created_at=at)
        shadow = Run(
            key="k", submission_id=one.id, version_id=run.version_id, purpose=Purpose.REGRADE, queue="cpu",
            state=models.State.QUEUED, requested_at=at,
        )  # fmt: skip
        check = CheckRow(
            run_id=run.id, name="more", position=9, title={}, points=0, max_points=1, verdict="failed",
            visibility="hidden", seconds=0,
        )  # fmt: skip
        for row in (override, shadow, check):
            for do in (session.add, _touch, session.delete):
                before = session.scalars(select(Changed.number).order_by(Changed.number.desc()).limit(1)).one()
                do(row)
                session.flush()
                lines = session.execute(
                    select(Changed.assignment_id, Changed.person_id).where(Changed.number > before)
                ).all()
                assert set(map(tuple, lines)) == {(where, mina)}, (type(row), do)


def _touch(row: Any) -> None:
    name = {Override: "points", Run: "tries", CheckRow: "position"}[type(row)]
    setattr(row, name, 5)


def test_all_triggers_are_there(world: World) -> None:
    with world.database.read() as session:
        assert changes._state(session)[0] == changes.TRIGGERS
        assert isinstance(session.get(Course, 1), Course)
