"""A regrade is a shadow until somebody commits it, and then it never takes a grade away by a fault of ours."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest
from course.world import World, report
from sqlalchemy import select

from grader.course import decisions, grades, people, regrading
from grader.course.regrading import Change
from grader.errors import BadInput
from grader.report import Report, Status
from grader.store import audit
from grader.store.models import Audit, Person, Purpose, Run, State, Submission, Version


def plan(world: World, **more: Any) -> regrading.Plan:
    with world.write() as session:
        return regrading.plan(session, world.assignment(session), actor="test", enqueue=world.enqueue, **more)


def new_version(world: World) -> Version:
    world.change_suite()
    return world.publish()


def run(world: World, batch: str, results: dict[str, Report]) -> None:
    """Grades the shadows of these people (by the bytes of the notebook's owner)."""
    with world.database.read() as session:
        query = (
            select(Run, Person.email)
            .join(Submission, Submission.id == Run.submission_id)
            .join(Person, Person.id == Submission.person_id)
            .where(Run.batch == batch)
        )
        found = [(shadow, email.partition("@")[0]) for shadow, email in session.execute(query)]
    for shadow, name in found:
        if name in results:
            assert world.grade(shadow, results[name])


def scores(world: World) -> dict[str, float]:
    with world.database.read() as session:
        rows = grades.of_course(session, world.course(session))
        return {member.person.name: row["doubling"].score for member, row in rows if row["doubling"].status != "none"}


def compare(world: World, batch: str) -> list[Change]:
    with world.database.read() as session:
        return regrading.compare(session, batch)


def shown(world: World, batch: str) -> str:
    return regrading.word_for(compare(world, batch))


def commit(world: World, batch: str, word: str | None = None) -> list[Change]:
    """Makes what is shown now count, or what was shown when that word was said."""
    word = shown(world, batch) if word is None else word
    with world.write() as session:
        return regrading.commit(session, batch, actor="test", shown=word)


def test_a_shadow_changes_nobody_until_it_is_committed(world: World) -> None:
    world.graded("mina", b"a", 60, 0)
    world.graded("juno", b"b", 60, 40)
    new_version(world)
    made = plan(world)
    assert (made.runs, made.skipped) == (2, 0)
    run(world, made.batch, {"mina": report(60, 40), "juno": report(0, 40)})
    assert scores(world) == {"Mina": 60, "Juno": 100}
    changes = compare(world, made.batch)
    assert [(one.person.name, one.before.score, one.after.score) for one in changes] == [
        ("Juno", 100, 40),
        ("Mina", 60, 100),
    ]
    (check,) = changes[1].checks
    assert (check.name, check.before, check.after, check.verdict_before, check.verdict_after) == (
        "double.zero",
        0,
        40,
        "failed",
        "passed",
    )
    assert len(commit(world, made.batch)) == 2
    assert scores(world) == {"Mina": 100, "Juno": 40}
    assert commit(world, made.batch) == []
    with world.database.read() as session:
        line = session.scalars(select(Audit).where(Audit.action == "commit.regrade")).one()
        assert sorted(line.data["changed"].values()) == [[60, 100], [100, 40]]
        assert audit.broken(session) is None
        done = regrading.progress(session, made.batch)
        assert (done.graded, done.committed, done.complete) == (2, 2, True)


@pytest.mark.parametrize("status", [Status.ERROR, Status.NOT_GRADABLE])
def test_a_regrade_that_fails_leaves_the_grade(world: World, status: Status) -> None:
    world.graded("mina", b"a", 60, 0)
    new_version(world)
    made = plan(world)
    run(world, made.batch, {"mina": report(status=status)})
    assert compare(world, made.batch) == []
    assert commit(world, made.batch) == []
    assert scores(world) == {"Mina": 60}


def test_nothing_is_committed_while_runs_are_waiting(world: World) -> None:
    world.graded("mina", b"a", 60, 0)
    world.graded("juno", b"b", 60, 0)
    new_version(world)
    made = plan(world)
    run(world, made.batch, {"mina": report(60, 40)})
    with pytest.raises(BadInput, match="1 are still to be graded"):
        commit(world, made.batch)
    assert scores(world) == {"Mina": 60, "Juno": 60}
    with world.write() as session:
        assert regrading.discard(session, made.batch, actor="test") == 1
    assert scores(world) == {"Mina": 60, "Juno": 60}


def graded_again(world: World) -> str:
    """A regrade that would give Mina more, all graded."""
    world.graded("mina", b"a", 60, 0)
    new_version(world)
    made = plan(world)
    run(world, made.batch, {"mina": report(60, 40)})
    return made.batch


def test_what_was_called_off_never_counts_even_where_all_of_it_is_graded(world: World) -> None:
    batch = graded_again(world)
    with world.write() as session:
        assert regrading.discard(session, batch, actor="test") == 0
        assert regrading.discard(session, batch, actor="test") == 0
    with pytest.raises(BadInput, match="called off"):
        commit(world, batch)
    assert scores(world) == {"Mina": 60}
    with world.database.read() as session:
        assert len(session.scalars(select(Audit).where(Audit.action == regrading.DISCARD)).all()) == 1


def test_what_counts_cannot_be_called_off(world: World) -> None:
    batch = graded_again(world)
    assert len(commit(world, batch)) == 1
    with pytest.raises(BadInput, match="counts already"), world.write() as session:
        regrading.discard(session, batch, actor="test")
    assert scores(world) == {"Mina": 100}


@pytest.mark.parametrize("first", ["commit", "discard"])
def test_of_a_commit_and_a_discard_at_once_the_first_holds(world: World, first: str) -> None:
    """The second has seen the regrade as it was, waits for the first, and then finds it changed."""
    batch = graded_again(world)
    word = shown(world, batch)
    verbs = {"commit": partial(regrading.commit, shown=word), "discard": regrading.discard}
    second = verbs[({*verbs} - {first}).pop()]
    said: list[BaseException | None] = []
    looked, go = threading.Event(), threading.Event()

    def late() -> None:
        try:
            with world.database.read() as look:  # as a page does before its button is pressed
                regrading.compare(look, batch)
                looked.set()
                go.wait(60)
            with world.write() as session:
                if not world.database.embedded:
                    regrading.compare(session, batch)
                second(session, batch, actor="test")
            said.append(None)
        except BadInput as error:
            said.append(error)

    thread = threading.Thread(target=late)
    thread.start()
    assert looked.wait(60)
    with world.write() as session:
        verbs[first](session, batch, actor="test")
        go.set()
        thread.join(0.2)  # on PostgreSQL it has looked by now and waits for our lock, on SQLite for ours to write
    thread.join(60)
    assert isinstance(said[0], BadInput)
    assert scores(world) == {"Mina": 100 if first == "commit" else 60}


def test_what_counts_is_what_was_shown(world: World) -> None:
    world.graded("mina", b"a", 60, 0)
    world.graded("juno", b"b", 60, 0)
    new_version(world)
    made = plan(world)
    run(world, made.batch, {"mina": report(60, 40), "juno": report(60, 0)})
    seen = shown(world, made.batch)
    with world.write() as session:  # meanwhile somebody decides otherwise
        decisions.set_override(
            session, world.assignment(session), world.person(session, "mina"), 77, "decided", actor="test"
        )
    with pytest.raises(regrading.NotShown):
        commit(world, made.batch, seen)
    assert scores(world) == {"Mina": 77, "Juno": 60}
    with world.database.read() as session:
        assert regrading.progress(session, made.batch).committed == 0
        assert session.scalars(select(Audit).where(Audit.action == "commit.regrade")).all() == []
    assert commit(world, made.batch) == []


def test_who_is_new_since_it_was_shown_is_named(world: World) -> None:
    world.graded("mina", b"a", 60, 0)
    world.graded("juno", b"b", 60, 0)
    new_version(world)
    made = plan(world)
    run(world, made.batch, {"mina": report(60, 40)})
    seen = shown(world, made.batch)  # while Juno's is still being graded
    run(world, made.batch, {"juno": report(0, 0)})
    with pytest.raises(regrading.NotShown, match=r"New in it: Juno\.$"):
        commit(world, made.batch, seen)
    assert len(commit(world, made.batch)) == 2


def test_only_those_that_make_a_grade_or_some_people(world: World) -> None:
    world.graded("mina", b"a", 60, 40)
    world.graded("mina", b"b", 0, 0)
    world.graded("juno", b"c", 0, 40)
    new_version(world)
    assert plan(world).runs == 3
    assert plan(world, counting_only=True).runs == 2
    with world.database.read() as session:
        juno = world.person(session, "juno").id
    assert plan(world, people=[juno]).runs == 1


def test_what_has_a_grade_by_that_version_is_left_out_unless_again(world: World) -> None:
    world.graded("mina", b"a", 60, 0)
    with pytest.raises(BadInput, match="--again"):
        plan(world)
    assert plan(world, again=True).runs == 1
    new_version(world)
    world.graded("juno", b"b", 60, 0)
    made = plan(world)
    assert (made.runs, made.skipped) == (1, 1)


def test_without_submissions_there_is_nothing_to_do(world: World) -> None:
    with pytest.raises(BadInput, match="no submission"):
        plan(world)


def test_an_older_version_cannot_regrade_and_the_forgotten_are_left_alone(world: World) -> None:
    world.graded("mina", b"a", 60, 0)
    world.graded("juno", b"b", 60, 0)
    with world.database.read() as session:
        old = session.scalars(select(Version)).one()
    new_version(world)
    with pytest.raises(BadInput, match="older"):
        plan(world, version=old)
    with world.write() as session:
        people.forget(session, world.person(session, "juno"), actor="test")
    assert plan(world).runs == 1


def test_overrides_and_later_submissions_are_seen_in_the_comparison(world: World) -> None:
    world.graded("mina", b"a", 60, 0)
    with world.write() as session:
        assignment, mina = world.assignment(session), world.person(session, "mina")
        decisions.set_override(session, assignment, mina, 77, "decided", actor="test")
    new_version(world)
    made = plan(world)
    run(world, made.batch, {"mina": report(60, 40)})
    assert compare(world, made.batch) == []  # what a person decided stays
    assert commit(world, made.batch) == []
    assert scores(world) == {"Mina": 77}


def test_shadows_wait_behind_and_never_spend_an_attempt(world: World) -> None:
    world.publish(policy={"attempts": 2})
    world.graded("mina", b"a", 60, 0)
    new_version(world)
    plan(world)
    with world.database.read() as session:
        shadow = session.scalars(select(Run).where(Run.purpose == Purpose.REGRADE)).one()
        assert (shadow.state, shadow.committed_at) == (State.QUEUED, None)
        assert shadow.key == world.queued[-1]
    world.submit("mina", b"b")


def test_a_batch_is_found_by_how_it_begins(world: World) -> None:
    world.graded("mina", b"a", 60, 0)
    first, second = plan(world, again=True), plan(world, again=True)
    with world.database.read() as session:
        assert regrading.batches(session, world.assignment(session)) == [second.batch, first.batch]
        assert regrading.the_batch(session, first.batch[:12].upper()) == first.batch
        for words in ("", first.batch[:3], "zzzz", "%%%%"):
            with pytest.raises(BadInput):
                regrading.the_batch(session, words)
        with pytest.raises(BadInput):
            regrading.compare(session, "0" * 32)
    assert first.batch != second.batch
