"""`grader board`: the leaderboard at the terminal, for staff."""

from __future__ import annotations

from typing import Any

import pytest

from grader.course import boards, people, submissions
from grader.jobs import Jobs, prepare
from grader.ladder import Answers
from grader.report import CheckResult, Report, Status, Verdict
from grader.store.database import Database, Home
from grader.store.models import Source, State
from grader.text import Text

MINJI = "minji@example.com"


@pytest.fixture
def board(course: Any) -> Any:
    """Open, with Minji on it: 450 of 500 public matches right, and 400 of 500 private ones."""
    assert course("policy", "doubling", "--due", "+3d").code == 0
    assert course("board", "doubling", "--open", "--a-day", "3").code == 0
    database = Database(Home.find().url)
    prepare(database)
    jobs = Jobs(database)
    with database.write() as session:
        one = people.the_course(session)
        row, member = people.assignment(session, one, "doubling"), people.member(session, one, MINJI)
        got = submissions.submit(session, row, member.person, b"{}", "a.ipynb", Source.CLI, enqueue=jobs.enqueue)
        got.run.state, got.run.fence = State.RUNNING, 1
        check = CheckResult("double.values", Text("가", "a"), 100, 100, Verdict.PASSED)
        answers = Answers("one", (1 << 450) - 1, 500, (1 << 400) - 1, 500)
        report = Report("doubling", "v", "0", Status.GRADED, checks=(check,), board=answers)
        assert submissions.finish(session, got.run, 1, report)
        boards.choose_name(session, row, member.person, "Blue Falcon")
    jobs.close()
    database.close()
    return course


def test_without_one_it_says_how_to_open_it(course: Any) -> None:
    ended = course("board", "doubling", "--lang", "en")
    assert ended.code == 0
    assert "grader board doubling --open" in ended.out
    assert course("board", "doubling", "--json").json == {"assignment": "doubling", "open": False}


def test_it_shows_who_is_where(board: Any) -> None:
    out = board("board", "doubling", "--lang", "en").out
    assert all(word in out for word in ("Blue Falcon", "90.00%", "80.00%", MINJI))
    assert "3 submissions a day count" in out
    assert all(word in board("board", "doubling").out for word in ("Blue Falcon", MINJI))  # in 80 columns, too
    told = board("board", "doubling", "--json").json
    (row,) = told["places"]
    assert (row["place"], row["name"], row["email"], row["public"]["value"]) == (1, "Blue Falcon", MINJI, 0.9)
    assert (row["private"]["place"], row["private"]["between"], row["private"]["value"]) == (1, [1, 1], 0.8)
    assert (told["over"], told["a_day"], told["matches"]) == (False, 3, {"public": 500, "private": 500})


def test_closing_loses_nothing_and_both_are_in_the_audit_log(board: Any) -> None:
    assert board("board", "doubling", "--close").code == 0
    assert board("board", "doubling", "--open", "--a-day", "7").code == 0
    assert board("board", "doubling", "--json").json["places"][0]["name"] == "Blue Falcon"
    out = board("audit", "--json").out
    assert out.count("open.board") == 2
    assert "close.board" in out
    assert "Falcon" not in out


def test_what_makes_no_sense_is_refused(board: Any) -> None:
    for words in (("--a-day", "0"), ("--open", "--close")):
        ended = board("board", "doubling", *words, "--lang", "en")
        assert ended.code == 2
        assert "Traceback" not in ended.err
