"""The report as data, and its score."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.misconception import Misconception, Topic
from grader.picture import Confusion, Intervals
from grader.report import CellResult, CheckResult, Metric, Report, Status, Verdict, Visibility, from_json, score
from grader.text import Text

TITLE = Text("제목", "title")


def row(points: float = 0, most: float = 10, verdict: Verdict = Verdict.FAILED) -> CheckResult:
    return CheckResult("forward.values", TITLE, points, most, verdict)


def report(status: Status = Status.GRADED, *rows: CheckResult) -> Report:
    return Report("xor-mlp", "abc", "0" * 64, status, checks=rows)


def test_the_score_is_the_sum_of_the_rows() -> None:
    assert score([row(3.3), row(3.3), row(3.4)]) == 10
    assert score([]) == 0


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=8))
def test_no_row_gives_more_than_it_may(pairs: list[tuple[float, float]]) -> None:
    rows = [row(points, most) for points, most in pairs]
    assert score(rows) <= sum(most for _, most in pairs) + 1e-5


@pytest.mark.parametrize("status", [Status.NOT_GRADABLE, Status.ERROR])
def test_without_a_grade_there_is_no_score_and_the_exit_code_is_2(status: Status) -> None:
    made = report(status, row(10, 10, Verdict.PASSED))
    assert (made.score, made.exit_code) == (0, 2)


@pytest.mark.parametrize(("points", "code"), [(10, 0), (9.99, 1), (0, 1)])
def test_the_exit_code_says_whether_points_were_lost(points: float, code: int) -> None:
    assert report(Status.GRADED, row(points)).exit_code == code


def test_the_json_of_a_report_is_schema_1() -> None:
    made = dataclasses.replace(
        report(Status.GRADED, dataclasses.replace(row(4.5), message=Text("가", "a"), visibility=Visibility.VISIBLE)),
        reason=Text("까닭", "why"),
        cells=(CellResult(3, "error", 0.123456, "NameError, line 1: x"),),
        metrics={"accuracy": Metric(0.9, 0.8, 0.95, 50)},
        environment={"seed": 0},
        seconds={"total": 1.23456789},
    )
    assert json.loads(made.to_json()) == {
        "schema": 1,
        "assignment": "xor-mlp",
        "suite_version": "abc",
        "notebook_sha256": "0" * 64,
        "status": "graded",
        "reason": {"ko": "까닭", "en": "why"},
        "score": 4.5,
        "max_score": 10,
        "checks": [
            {
                "id": "forward.values",
                "title": {"ko": "제목", "en": "title"},
                "points": 4.5,
                "max_points": 10,
                "verdict": "failed",
                "visibility": "visible",
                "message": {"ko": "가", "en": "a"},
                "hint": None,
                "seconds": 0.0,
                "misconception": None,
            }
        ],
        "cells": [{"index": 3, "status": "error", "seconds": 0.1235, "error": "NameError, line 1: x"}],
        "metrics": {"accuracy": {"value": 0.9, "low": 0.8, "high": 0.95, "n": 50, "threshold": None, "title": None}},
        "misconceptions": [],
        "pictures": [],
        "environment": {"seed": 0},
        "seconds": {"total": 1.2346},
    }


def test_a_report_is_read_back_as_it_was_written() -> None:
    sign = Misconception(
        "opposite-sign", Topic("gradient-descent", 2, Text("가", "a")), Text("나", "b"), Text("다", "c")
    )
    made = dataclasses.replace(
        report(Status.GRADED, dataclasses.replace(row(4.5), message=Text("가", "a"), misconception=sign), row(10)),
        reason=Text("까닭", "why"),
        cells=(CellResult(3, "error", 0.5, "NameError, line 1: x"),),
        metrics={"accuracy": Metric(0.9, 0.8, 0.95, 50, 0.85, Text("정확도", "accuracy"))},
        pictures=(Confusion("c", Text("가", "a"), ["0", "1"], [[3, 1], [0, 4]]),),
        environment={"seed": 0},
        seconds={"total": 1.25},
    )
    assert from_json(json.loads(made.to_json())) == made


@pytest.mark.parametrize("change", [{"schema": 2}, {"status": "fine"}, {"checks": [{}]}, {"pictures": [{"kind": "x"}]}])
def test_what_is_no_report_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json({**report(Status.GRADED, row(1)).as_json(), **change})


def test_a_misconception_is_listed_once_with_all_its_checks() -> None:
    sign = Misconception(
        "opposite-sign", Topic("gradient-descent", 2, Text("가", "a")), Text("나", "b"), Text("다", "c")
    )
    rows = [dataclasses.replace(row(0), id=name, misconception=sign) for name in ("a.x", "b.y")]
    (listed,) = report(Status.GRADED, *rows).as_json()["misconceptions"]
    assert (listed["id"], listed["topic"]["week"], listed["checks"]) == ("opposite-sign", 2, ["a.x", "b.y"])


def test_shares_are_drawn_with_their_intervals_unless_the_suite_did() -> None:
    made = dataclasses.replace(
        report(Status.GRADED), metrics={"accuracy": Metric(0.9, 0.8, 0.95, 50, 0.85), "speed": Metric(12, 11, 13, 5)}
    )
    (drawn,) = made.drawn
    assert isinstance(drawn, Intervals)
    assert [(one.name.en, one.target) for one in drawn.rows] == [("accuracy", 0.85)]
    assert dataclasses.replace(made, pictures=(drawn,)).drawn == (drawn,)


def test_korean_stays_readable_in_the_json() -> None:
    assert "제목" in report(Status.GRADED, row()).to_json()


def test_a_report_cannot_be_changed() -> None:
    made = report()
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.status = Status.ERROR  # type: ignore[misc]


def test_the_words_are_those_of_the_design() -> None:
    assert " ".join(Verdict) == "passed failed timeout crashed refused skipped error"
    assert " ".join(Status) == "graded not_gradable error"
    assert " ".join(Visibility) == "visible hidden after_due secret"
