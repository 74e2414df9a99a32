"""Similar submissions of a course: found step by step, settled by a person, gone with who is forgotten."""

from __future__ import annotations

import nbformat
import pytest
from course.world import World
from nbformat.v4 import new_code_cell, new_notebook
from sqlalchemy import select

from grader.course import likeness, people
from grader.errors import BadInput
from grader.store import audit, models
from grader.store.likeness import LikenessPair, LikenessPrint
from grader.store.models import Role

OWN = """
def double(values):
    total = []
    for value in values:
        if value is None:
            raise ValueError("nothing")
        total.append(value * 2)
    while len(total) > 10 and total[-1] == 0:
        total.pop()
    return sorted(total, reverse=True)
def weigh(rows, weights):
    result = {}
    for key, row in rows.items():
        result[key] = sum(one * other for one, other in zip(row, weights)) / max(len(row), 1)
    return {key: round(value, 3) for key, value in result.items() if value >= 0.5}
"""
COPY = OWN.replace("total", "summe").replace("value", "wert").replace("result", "r").replace("rows", "zeilen")
OTHER = """
def double(x):
    return x + x
class Mean:
    def __init__(self, start=0.0):
        self.sum, self.count = start, 0
    def add(self, x):
        self.sum += x; self.count += 1; return self.sum / self.count
"""


def notebook(source: str) -> bytes:
    return nbformat.writes(new_notebook(cells=[new_code_cell(source, id="a")])).encode()


@pytest.fixture
def copied(world: World) -> World:
    """mina's and juno's notebooks are alike, sora's is not; mina handed in twice."""
    with world.write() as session:
        people.add_person(session, world.course(session), "sora@example.com", "Sora", Role.STUDENT, actor="test")
    for name, source in (("mina", "x = 1"), ("mina", OWN), ("juno", COPY), ("sora", OTHER)):
        world.submit(name, notebook(source))
    return world


def look(world: World) -> list[likeness.Found]:
    with world.database.read() as session:
        id = world.assignment(session).id
    assert likeness.work(world.database, id) is False
    with world.database.read() as session:
        return likeness.pairs(session, world.assignment(session))


def test_the_copy_is_found_and_nobody_else(copied: World) -> None:
    (found,) = look(copied)
    assert {found.left.name, found.right.name} == {"Mina", "Juno"}
    assert found.pair.share > 0.95
    with copied.database.read() as session:
        state = likeness.state(session, copied.assignment(session))
        assert (state.seen, state.left, state.waiting) == (4, 0, False)


def test_it_goes_on_where_it_was_ended(copied: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "AT_ONCE", 1)
    with copied.database.read() as session:
        id = copied.assignment(session).id
    counts = []
    while likeness.work(copied.database, id, seconds=-1):
        with copied.database.read() as session:
            counts.append(len(session.scalars(select(LikenessPrint.submission_id)).all()))
    assert counts == [1, 2, 3]
    with copied.database.read() as session:
        assert len(likeness.pairs(session, copied.assignment(session))) == 1


def test_only_new_notebooks_are_read_again(copied: World, monkeypatch: pytest.MonkeyPatch) -> None:
    look(copied)
    read: list[bytes] = []
    taken = likeness.marks_of
    monkeypatch.setattr(likeness, "marks_of", lambda data, given: read.append(data) or taken(data, given))
    look(copied)
    assert read == []
    copied.submit("sora", notebook(OTHER + "\n# once more"))
    assert len(look(copied)) == 1
    assert len(read) == 1


def test_what_a_new_version_gives_to_all_is_not_theirs(copied: World) -> None:
    assert len(look(copied)) == 1
    folder = copied.doubling.folder
    (folder / "notebook.ipynb").write_bytes(notebook(OWN))
    copied.publish()
    assert look(copied) == []


def test_what_is_settled_stays_so_until_other_submissions_are_more_alike(copied: World) -> None:
    (found,) = look(copied)
    with copied.write() as session:
        pair = session.get_one(LikenessPair, found.pair.id)
        with pytest.raises(BadInput):
            likeness.settle(session, pair, " \0", actor="test")
        likeness.settle(session, pair, "They learn together and said so.", actor=copied.person(session, "teacher"))
    (again,) = look(copied)
    assert again.pair.note == "They learn together and said so."
    assert again.settled_by == "Teacher"
    copied.submit("juno", notebook(OWN + "\ndef extra(a, b, c):\n    return a[b:c] + [a[b] ** c] * len(a)\n"))
    copied.submit("mina", notebook(OWN + "\ndef extra(a, b, c):\n    return a[b:c] + [a[b] ** c] * len(a)\n"))
    (opened,) = look(copied)
    assert opened.pair.settled_at is None
    with copied.database.read() as session:
        assert audit.broken(session) is None
        actions = session.scalars(select(models.Audit.action)).all()
        assert "settle.likeness" in actions
        words = str([one.data for one in session.scalars(select(models.Audit))])
        assert "learn together" not in words


def test_a_forgotten_person_is_in_no_pair_and_comes_back_in_none(copied: World) -> None:
    look(copied)
    with copied.write() as session:
        people.forget(session, copied.person(session, "juno"), actor="test")
    with copied.database.read() as session:
        assert session.scalars(select(LikenessPair)).all() == []
        assert len(session.scalars(select(LikenessPrint)).all()) == 3
    assert look(copied) == []


def test_a_person_who_settled_a_pair_can_be_forgotten(copied: World) -> None:
    (found,) = look(copied)
    with copied.write() as session:
        pair = session.get_one(LikenessPair, found.pair.id)
        likeness.settle(session, pair, "talked", actor=copied.person(session, "teacher"))
    with copied.write() as session:
        people.forget(session, copied.person(session, "teacher"), actor="test")
    with copied.database.read() as session:
        assert session.scalars(select(LikenessPair.settled_by)).one() is None


def test_the_passages_shown_are_those_that_were_found(copied: World) -> None:
    (found,) = look(copied)
    with copied.database.read() as session:
        left, right, passages = likeness.both_sides(session, found)
    assert passages
    for part in passages:
        here, there = left[part.left : part.left + part.tokens], right[part.right : part.right + part.tokens]
        assert [token.word for token in here] == [token.word for token in there]


def test_asking_puts_it_behind_everything_and_is_in_the_log(copied: World) -> None:
    asked: list[str] = []
    with copied.write() as session:
        row = copied.assignment(session)
        likeness.ask(session, row, lambda _, name: asked.append(name), actor="test")
        assert asked == [f"likeness:{row.id}"]
        assert likeness.state(session, row).waiting
    look(copied)
    with copied.database.read() as session:
        assert not likeness.state(session, copied.assignment(session)).waiting


def test_an_assignment_that_is_gone_is_no_fault(world: World) -> None:
    assert likeness.work(world.database, 999) is False
