"""`grader policy` and `extend --dry-run`: what a change would do is shown before it is done."""

from __future__ import annotations

from typing import Any

import pytest

from grader.course import people, submissions
from grader.jobs import Jobs, prepare
from grader.report import CheckResult, Report, Status, Verdict
from grader.store.database import Database, Home
from grader.store.models import Source, State
from grader.text import Text

MINJI = "minji@example.com"


@pytest.fixture
def late(course: Any) -> Any:
    """Minji handed in all right, a day and a half after the due date."""
    assert course("policy", "doubling", "--due", "2026-03-02 18:00", "late=percent", "percent_a_day=10").code == 0
    database = Database(Home.find().url)
    prepare(database)
    jobs = Jobs(database)
    with database.write() as session:
        one = people.the_course(session)
        row, member = people.assignment(session, one, "doubling"), people.member(session, one, MINJI)
        at = row.due
        assert at is not None
        at = at.replace(day=at.day + 1)
        got = submissions.submit(
            session, row, member.person, b"{}", "a.ipynb", Source.CLI, at=at.replace(hour=21), enqueue=jobs.enqueue
        )
        got.run.state, got.run.fence = State.RUNNING, 1
        check = CheckResult("double.values", Text("가", "a"), 100, 100, Verdict.PASSED)
        assert submissions.finish(session, got.run, 1, Report("doubling", "v", "0", Status.GRADED, checks=(check,)))
    jobs.close()
    database.close()
    return course


def score(course: Any) -> float:
    (row,) = [row for row in course("grades", "doubling", "--json").json if row["email"] == MINJI]
    return float(row["score"])


def test_a_dry_run_shows_who_would_change_and_changes_nothing(late: Any) -> None:
    before = score(late)
    told = late("policy", "doubling", "percent_a_day=25", "--dry-run", "--json").json
    assert told["dry_run"] is True
    (change,) = told["changes"]
    assert (change["email"], change["before"]["score"]) == (MINJI, before)
    assert change["after"]["score"] < before
    assert score(late) == before
    assert late("policy", "doubling", "percent_a_day=25", "--json").json["changes"] == told["changes"]
    assert score(late) == change["after"]["score"]


def test_a_change_is_shown_in_words(late: Any) -> None:
    out = late("policy", "doubling", "late=none", "--dry-run", "--lang", "en").out
    assert MINJI in out
    assert "100/100" in out
    assert "1 grade changes. Nothing was changed." in out


def test_an_extension_is_shown_before_it_is_given(late: Any) -> None:
    before = score(late)
    words = ("extend", "doubling", MINJI, "--due", "2026-03-09 18:00", "--reason", "ill")
    told = late(*words, "--dry-run", "--json").json
    assert [(one["email"], one["after"]["score"]) for one in told["changes"]] == [(MINJI, 100)]
    assert score(late) == before
    assert late(*words).code == 0
    assert score(late) == 100


def test_a_dry_run_leaves_no_line_in_the_audit_log(late: Any) -> None:
    lines = len(late("audit", "--json").json)
    late("policy", "doubling", "late=none", "--dry-run")
    late("extend", "doubling", MINJI, "--due", "+1d", "--reason", "x", "--dry-run")
    assert len(late("audit", "--json").json) == lines


def test_a_rule_that_is_none_is_refused(late: Any) -> None:
    ended = late("policy", "doubling", "percent_a_week=10")
    assert ended.code == 2
    assert "percent_a_week" in ended.err


def test_without_a_change_it_shows_what_holds_and_notes_nothing(late: Any) -> None:
    before = late("audit", "--json").json
    told = late("policy", "doubling", "--json").json
    assert told["due"] == "2026-03-02T09:00:00+00:00"
    assert (told["policy"]["percent_a_day"], told["policy"]["attempts"]) == (10, None)
    shown = late("policy", "doubling", "--lang", "en").out
    assert "2026-03-02 18:00" in shown
    assert "percent_a_day" in shown
    assert late("audit", "--json").json == before


def test_a_slip_of_the_pen_is_told_before_the_suite_is_proved(course: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader import mutants

    monkeypatch.setattr(mutants, "verify", lambda *_, **__: pytest.fail("minutes of work"))
    for words in (
        ("--opens", "+3d", "--due", "+1d"),
        ("--policy", "atempts=3"),
        ("--policy", "late=maybe"),
        ("--by", "nobody@example.com"),
    ):
        assert course("publish", "doubling", *words).code == 2, words


def test_a_due_date_that_is_over_is_told(course: Any) -> None:
    said = course("publish", "doubling", "--due", "2026-03-02", "--force", "a test", "--lang", "en")
    assert "the due date is over" in said.out
    assert "over" not in course("publish", "doubling", "--due", "+7d", "--force", "a test", "--lang", "en").out
