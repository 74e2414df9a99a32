"""What results keep by person is never old: after any change, by another process too, they are what the rows of now
say."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from course.world import DAY, NOON, World, catalog, world
from sqlalchemy import delete, event, select, text, update
from sqlalchemy.orm import Session
from web.conftest import Web, graded, refused

from grader.course import decisions, grades, people, publishing, regrading
from grader.report import Report
from grader.store.database import Database
from grader.store.models import CheckRow, Member, Person, Role, Run, State, Submission
from webapp.staff import insight
from webapp.staff.insight import WRONG, Insight

__all__ = ["catalog", "world"]
ON_BOTH = pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True
)
Do = Callable[[World, str, random.Random], None]


@pytest.fixture
def reader(world: World) -> Iterator[Database]:
    """Another process's look at the store: nothing in it hears of what `world` does."""
    found = Database(world.database.url)
    yield found
    found.close()


def look(database: Database) -> Insight:
    with database.read() as session:
        course = people.the_course(session)
        return insight.insight(session, course, people.assignment(session, course, "doubling"))


def counted(session: Session) -> Mapping[str, Any]:
    """The same, row by row and with nothing kept."""
    course = people.the_course(session)
    about = people.assignment(session, course, "doubling")
    rows = [
        (member, found["doubling"])
        for member, found in grades.of_course(session, course, assignment=about)
        if member.role is Role.STUDENT and member.person.active
    ]
    runs = [grade.run_id for _, grade in rows if grade.run_id is not None]
    checks = list(session.scalars(select(CheckRow).where(CheckRow.run_id.in_(runs))))
    shown = {(one.run_id, one.misconception) for one in checks if one.misconception}
    received = list(session.scalars(select(Submission.received_at).where(Submission.assignment_id == about.id)))
    done = select(Run).join(Submission).where(Run.state == State.DONE, Run.version_id == about.version_id)
    return {
        "grades": [(member.person_id, member.person.name, grade) for member, grade in rows],
        "shares": [grade.score / grade.max_score for _, grade in rows if grade.status == "graded"],
        "total": Counter(one.name for one in checks),
        "wrong": Counter(one.name for one in checks if one.verdict in WRONG),
        "misconceptions": Counter(id for _, id in shown),
        "attempts": len(received),
        "late": sum(about.due is not None and at > about.due for at in received),
        "done": sum(one.started_at is not None for one in session.scalars(done)),
    }


def told(found: Insight) -> Mapping[str, Any]:
    return {
        "grades": [(one.person_id, one.name, one.grade) for one in found.standings],
        "shares": found.shares,
        "total": {one.name: one.total for one in found.checks},
        "wrong": Counter({one.name: one.wrong for one in found.checks if one.wrong}),
        "misconceptions": {one.id: one.people for one in found.misconceptions},
        "attempts": found.attempts,
        "late": found.late,
        "done": min(len(found.slowest), insight.SLOWEST),
    }


def must_be_right(reader: Database) -> Insight:
    """What is kept says what another process computes from nothing, and that what the rows say."""
    kept = look(reader)
    fresh = Database(reader.url)
    assert kept == look(fresh)
    with fresh.read() as session:
        by_hand = counted(session)
    fresh.close()
    assert told(kept) == {**by_hand, "done": min(by_hand["done"], insight.SLOWEST)}
    return kept


# -------------------------------------------------------------------------------------------- anything may change


def inside(what: Callable[[World, Session, Person, random.Random], Any]) -> Do:
    """In one transaction."""

    def do(world: World, name: str, chance: random.Random) -> None:
        with world.write() as session:
            what(world, session, world.person(session, name), chance)

    return do


def _report(chance: random.Random) -> Report:
    return refused() if chance.random() < 0.2 else graded(chance.choice([0.0, 15.0, 30.0, 60.0]), chance.random() < 0.5)


def _hand_in(world: World, name: str, chance: random.Random) -> None:
    received = world.submit(name, f"{chance.random()}".encode(), at=NOON + timedelta(hours=chance.randrange(-90, 20)))
    if chance.random() < 0.8:
        world.grade(received.run, _report(chance))


def _regrade(world: World, name: str, chance: random.Random) -> None:
    """All of it again by another version; at random it counts or is left as it is."""
    world.change_suite()
    world.publish()
    with world.write() as session:
        ids = list(session.scalars(select(Submission.id)))
        if not ids:
            return
        batch = regrading.plan(session, world.assignment(session), actor="test", enqueue=world.enqueue).batch
        runs = list(session.scalars(select(Run).where(Run.batch == batch)))
    for run in runs:
        world.grade(run, _report(chance))
    if chance.random() < 0.7:
        with world.write() as session:
            session.execute(update(Run).where(Run.batch == batch).values(committed_at=NOON))


def _decide(world: World, session: Session, one: Person, chance: random.Random) -> None:
    theirs = session.scalars(
        select(Submission).join(Run).where(Submission.person_id == one.id, Run.status == "graded")
    ).first()
    where: dict[str, Any] = {} if theirs is None else {"submission": theirs, "check": "double.values"}
    points = chance.choice([0.0, 7.5, 33.0])
    about = world.assignment(session)
    decisions.set_override(session, about, one, points, "fair", actor="test", **where if chance.random() < 0.6 else {})


def _extend(world: World, session: Session, one: Person, chance: random.Random) -> None:
    due, teacher = NOON + chance.randrange(-3, 3) * DAY, world.person(session, "teacher")
    decisions.grant_extension(session, world.assignment(session), one, due=due, reason="ill", actor=teacher)


def _schedule(world: World, session: Session, one: Person, chance: random.Random) -> None:
    due, rules = NOON + chance.randrange(-3, 2) * DAY, {"late": "percent", "percent_a_day": chance.randrange(1, 40)}
    publishing.schedule(session, world.assignment(session), due=due, closes=NOON + 9 * DAY, policy=rules, actor="test")


def _rename(world: World, session: Session, one: Person, chance: random.Random) -> None:
    one.name = f"Renamed {chance.randrange(999)}"


def _leave(world: World, session: Session, one: Person, chance: random.Random) -> None:
    people.deactivate(session, one, actor="test")


def _forget(world: World, session: Session, one: Person, chance: random.Random) -> None:
    people.forget(session, one, actor="test")


def _take_out(world: World, session: Session, one: Person, chance: random.Random) -> None:
    session.execute(delete(Member).where(Member.person_id == one.id))


def _teach(world: World, session: Session, one: Person, chance: random.Random) -> None:
    people.set_role(session, world.course(session), one, Role.ASSISTANT, actor="test")


def _join(world: World, session: Session, one: Person, chance: random.Random) -> None:
    people.add_person(session, world.course(session), f"new{chance.random()}@example.com", "New", actor="test")


def _by_hand(world: World, session: Session, one: Person, chance: random.Random) -> None:
    """What nobody does but with a program of the database."""
    session.execute(text("UPDATE check_row SET points = 1, misconception = 'odd' WHERE points = 15"))


FEW = (_extend, _schedule, _rename, _leave, _forget, _take_out, _teach, _join, _by_hand)
CHANGES: Sequence[Do] = (*[_hand_in] * 10, *[_regrade] * 2, *[inside(_decide)] * 4, *map(inside, FEW))


@ON_BOTH
@pytest.mark.parametrize("seed", [1, 2])
def test_after_random_changes_it_is_what_is_computed_from_nothing(world: World, reader: Database, seed: int) -> None:
    chance = random.Random(seed)
    with world.write() as session:
        for n in range(6):
            people.add_person(session, world.course(session), f"s{n}@example.com", f"Student {n}", actor="test")
    kept = must_be_right(reader)
    changed = 0
    for do in chance.sample(CHANGES, len(CHANGES)):
        with world.database.read() as session:
            students = select(Person.email).join(Member).where(Member.role == Role.STUDENT, Person.active)
            name = chance.choice(sorted(session.scalars(students))).partition("@")[0]
        do(world, name, chance)
        before, kept = kept, must_be_right(reader)
        changed += before != kept
    assert kept.checks
    assert kept.misconceptions
    assert changed > len(CHANGES) / 3


@ON_BOTH
def test_only_the_checks_of_who_changed_are_read(world: World, reader: Database) -> None:
    """There are tens of thousands. What is asked for is told by the parameters of the question: one run."""
    for name in ("mina", "juno"):
        world.graded(name, name.encode(), 60, 0)
    look(reader)
    received = world.graded("mina", b"again", 60, 40)
    asked: list[tuple[str, Any]] = []
    event.listen(reader.engine, "before_cursor_execute", lambda *words: asked.append((words[2], words[3])))
    found = look(reader)
    assert (found.median, found.attempts) == (0.8, 3)
    checks = [given for words, given in asked if "check_row.verdict" in words]
    assert [list(one.values() if isinstance(one, dict) else one) for one in checks] == [[received.run.id]]


# ------------------------------------------------------------------------------------------------------ the page

GRADE = """
import sys
from sqlalchemy import text
from grader.store.database import Database
with Database(sys.argv[1]).write() as session:
    session.execute(text("UPDATE run SET score = 41 WHERE score = 80"))
    session.execute(text("UPDATE check_row SET misconception = 'sum-is-mean' WHERE misconception = 'trap'"))
"""


def test_the_next_page_shows_what_another_process_changed(web: Web) -> None:
    client, page = web.client_as("teacher"), "/courses/dl/assignments/doubling/results?lang=en"
    before = client.get(page).text
    assert "median 80%" in before
    assert "80–90%: 1 people" in before
    subprocess.run([sys.executable, "-c", GRADE, web.database.url], check=True)
    after = client.get(page).text
    assert "median 41%" in after
    assert "40–50%: 1 people" in after
    assert "80–90%: 1 people" not in after
    assert "sum-is-mean" in after
