"""Handing in from the command line: a receipt at once, a report where one waits for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands.conftest import Grader, text_of

from grader.sandbox import bubblewrap

sealed = pytest.mark.skipif(bubblewrap.lacks() is not None, reason="no sealed box can be made here")


def submit(course: Grader, notebook: str = "right.ipynb", *words: str) -> Any:
    return course("submit", "doubling", notebook, "--as", "minji@example.com", *words)


def test_a_receipt_comes_at_once_and_the_same_file_spends_nothing(course: Grader) -> None:
    first, again = submit(course, "right.ipynb", "--json").json, submit(course, "right.ipynb", "--json").json
    assert len(first["receipt"]) == 26
    assert (first["duplicate"], again["duplicate"], again["receipt"]) == (False, True, first["receipt"])
    assert "이미 받은 제출" in submit(course).out
    status = course("status", first["receipt"], "--json").json
    assert (status["state"], status["place"], status["assignment"]) == ("queued", 1, "doubling")
    told = course("status", "--as", "minji@example.com", "--json").json
    assert (told["waiting"], [one["receipt"] for one in told["submissions"]]) == ({"cpu": 1}, [first["receipt"]])
    shown = course("status", "--as", "minji@example.com").out
    assert first["receipt"] in shown
    assert "No worker is alive" in shown


def test_who_hands_in_may_stand_in_the_environment(course: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--as EMAIL" in course("submit", "doubling", "right.ipynb").err
    monkeypatch.setenv("GRADER_EMAIL", "Minji@example.com")
    assert course("submit", "doubling", "right.ipynb").code == 0


def test_a_token_makes_a_retry_the_same(course: Grader) -> None:
    first = submit(course, "right.ipynb", "--token", "t", "--json").json
    submit(course, "wrong.ipynb")
    assert submit(course, "right.ipynb", "--token", "t", "--json").json["receipt"] == first["receipt"]


@pytest.mark.parametrize("file", ["missing.ipynb", ".", "/dev/zero"])
def test_what_is_no_file_is_not_handed_in(course: Grader, file: str) -> None:
    ended = submit(course, file)
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert course("status", "--json").json["waiting"] == {}


def test_what_the_rules_refuse_is_refused_with_when(course: Grader) -> None:
    course("publish", "doubling", "--force", "x", "--opens", "2099-01-01")
    ended = submit(course, "right.ipynb", "--lang", "en")
    assert ended.code == 2
    assert "2099-01-01" in ended.err
    assert "Did you mean 'doubling'" in course("submit", "doublin", "right.ipynb", "--as", "minji@example.com").err


def test_the_notebook_of_another_assignment_is_refused_before_an_attempt_is_spent(course: Grader, folder: Path) -> None:
    foreign = json.loads(text_of("def triple(x): return 3 * x"))
    foreign["metadata"]["grader"] = {"assignment": "tripling"}
    (folder / "foreign.ipynb").write_text(json.dumps(foreign))
    ended = submit(course, "foreign.ipynb", "--lang", "en")
    assert ended.code == 2
    assert "This is the notebook of tripling" in ended.err
    assert course("status", "--json").json["waiting"] == {}
    graded = course("run", "doubling", "foreign.ipynb", "--json")
    assert (graded.code, graded.json["status"]) == (2, "not_gradable")


def test_a_submission_that_nobody_would_grade_says_so(course: Grader) -> None:
    told = submit(course, "right.ipynb", "--lang", "en")
    assert told.code == 0
    assert "Receipt" in told.out
    assert told.err == "It waits, as no worker is alive: grader worker\n"
    assert submit(course, "right.ipynb", "--json").err == ""


@sealed
def test_waiting_grades_by_itself_and_its_exit_code_says_how_it_went(
    course: Grader, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One story, as a worker of our own takes a few seconds to begin."""
    right = submit(course, "right.ipynb", "--wait", "--lang", "en")
    assert right.code == 0, right
    assert "100 / 100" in right.out
    assert "Receipt" in right.err
    wrong = submit(course, "wrong.ipynb", "--wait", "--json")
    assert (wrong.code, wrong.json["report"]["score"]) == (1, 0)
    (folder / "none.ipynb").write_text('{"a": 1}')
    assert submit(course, "none.ipynb", "--wait").code == 2
    rows = {row["email"]: row for row in course("grades", "doubling", "--json").json}
    assert (rows["minji@example.com"]["score"], rows["minji@example.com"]["attempts"]) == (100, 2)

    test = folder / "reference/doubling/hidden_tests/test_double.py"
    test.write_text(test.read_text().replace("student.double(4), 8", "student.double(4), 4"))  # a suite that is wrong
    course("publish", "doubling", "--force", "x")
    tried = course("regrade", "doubling", "--dry-run", "--lang", "en")
    assert tried.code == 0, tried
    assert course("grades", "doubling", "--json").json == list(rows.values())
    batch = tried.out.split("--commit ")[1].split()[0]
    assert "nobody's grade changes" in tried.out  # the best of both submissions is what it was
    shown = course("regrade", "doubling", "--show", batch, "--json").json
    assert (shown["graded"], shown["failed"], shown["committed"]) == (2, 1, False)
    (folder / "new.ipynb").write_text(text_of("def double(x): return x + x"))
    with monkeypatch.context() as changing:  # as where somebody decides otherwise while it asks
        words = iter(range(9))
        changing.setattr("grader.course.regrading.word_for", lambda changes: str(next(words)))
        stale = course("regrade", "doubling", "--commit", batch, "--lang", "en")
    assert (stale.code, f"grader regrade doubling --show {batch}" in stale.err) == (2, True)
    assert not course("regrade", "doubling", "--show", batch, "--json").json["committed"]
    done = course("regrade", "doubling", "--commit", batch, "--json")
    assert (done.code, done.json["committed"]) == (0, True)
    assert {row["score"] for row in course("grades", "doubling", "--json").json} == {100, None}
    assert "counts already" in course("regrade", "doubling", "--commit", batch, "--lang", "en").out
    again = course("regrade", "doubling", "--json")
    assert (again.code, again.json["batch"], again.json["graded"]) == (0, None, 0)  # nothing is left to do
    assert course("regrade", "doubling", "--dry-run", "--commit", batch).code == 2
