"""`grader survey`: opened, closed and shown at the terminal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands.conftest import Grader

from grader.course import people, surveys
from grader.store.database import Database, Home
from grader.store.models import Role

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def opened(course: Grader, folder: Path) -> Grader:
    shutil.copyfile(ROOT / "assignments" / "survey.toml", folder / "assignments" / "survey.toml")
    ended = course("survey", "open", "--lang", "en")
    assert ended.code == 0, ended
    assert "is open" in ended.out
    return course


def answer(count: int) -> None:
    database = Database(Home.find().url)
    with database.write() as session:
        one = people.the_course(session)
        row = surveys.surveys(session, one)[0]
        ids = [
            people.add_person(session, one, f"s{n}@example.com", f"S{n}", Role.STUDENT, actor="test").person_id
            for n in range(count)
        ]
    for n, person in enumerate(ids):
        surveys.answer(database, one.id, row.id, person, {"overall": str(1 + n % 5), "keep": f"opinion {n}"})
    database.close()


def test_results_show_when_it_has_closed_and_not_before(opened: Grader) -> None:
    answer(5)
    before = opened("survey", "show", "--lang", "en")
    assert "5 have answered" in before.out
    assert "opinion" not in before.out
    assert opened("survey", "show", "--json").json["questions"] is None
    closed = opened("survey", "close", "--yes", "--lang", "en")
    assert "Closed, with 5 answers" in closed.out
    shown = opened("survey", "show", "--lang", "en").out
    assert "3.0 [1.0, 5.0]" in shown
    assert all(f"opinion {n}" in shown for n in range(5))
    told = opened("survey", "show", "--json").json
    overall = told["questions"][0]
    assert (overall["counts"], overall["mean"]) == (dict.fromkeys("12345", 1), 3.0)
    assert (told["survey"], told["answered"]) == ("course", 5)


def test_nothing_is_asked_where_there_is_no_terminal(opened: Grader) -> None:
    answer(5)
    refused = opened("survey", "close", "--json")
    assert refused.code == 2
    assert "--yes" in refused.json["error"]["en"]
    assert opened("survey", "show", "--json").json["closed_at"] is None


def test_few_answers_are_thrown_away_only_if_that_is_said(opened: Grader) -> None:
    answer(2)
    refused = opened("survey", "close", "--yes", "--lang", "en")
    assert refused.code == 2
    assert "Only 2 have answered" in refused.err + refused.out
    assert opened("survey", "close", "--yes", "--discard").code == 0
    assert "too few" in opened("survey", "show", "--lang", "en").out


def test_it_is_published_and_hidden_again(opened: Grader) -> None:
    assert opened("survey", "publish").code == 2
    answer(5)
    opened("survey", "close", "--yes")
    assert opened("survey", "publish", "--json").json["published_at"]
    assert opened("survey", "publish", "--hide", "--json").json["published_at"] is None


def test_without_one_it_says_how_to_open_it(course: Grader) -> None:
    ended = course("survey", "show", "--lang", "en")
    assert ended.code == 2
    assert "grader survey open" in ended.err + ended.out
