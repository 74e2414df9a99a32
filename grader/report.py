"""The report of one grading run: frozen, JSON, and scored by a pure function of its check rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from grader import picture as pictures
from grader.ladder import Answers
from grader.misconception import Misconception
from grader.picture import Interval, Intervals, Picture
from grader.security import Security
from grader.text import Text

SCHEMA = 1


class Verdict(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"  # a wrong value, shape, type, or an exception of the student's
    TIMEOUT = "timeout"  # the call, or the notebook, took longer than its limit
    CRASHED = "crashed"  # the process died: memory, a signal, an exit
    REFUSED = "refused"  # the reply was not data, or broke the rules of the channel
    SKIPPED = "skipped"  # a check that this one needs did not pass
    ERROR = "error"  # our fault, never a zero


class Status(StrEnum):
    """Whether the report carries a grade at all."""

    GRADED = "graded"
    NOT_GRADABLE = "not_gradable"  # the input is at fault; no attempt is spent
    ERROR = "error"  # we are at fault; no score is overwritten


class Visibility(StrEnum):
    """Who may see what of a check."""

    VISIBLE = "visible"  # name, message and hint
    HIDDEN = "hidden"  # name and hint, and a message that names the property; numbers of a metric alone, shown anyway
    AFTER_DUE = "after_due"  # as hidden until the due date, then as visible
    SECRET = "secret"  # staff only


@dataclass(frozen=True)
class CheckResult:
    """One row of the report: one check, its verdict and its points."""

    id: str
    title: Text
    points: float
    max_points: float
    verdict: Verdict
    visibility: Visibility = Visibility.HIDDEN
    message: Text | None = None
    hint: Text | None = None
    seconds: float = 0.0
    misconception: Misconception | None = None  # what the wrong answer tells about what was understood


@dataclass(frozen=True)
class CellResult:
    """What became of one code cell; `index` counts all cells of the notebook from 0."""

    index: int
    status: str  # "ok", "error", "killed" or "not_run"
    seconds: float
    error: str | None = None  # "NameError, line 3: name 'x' is not defined"


@dataclass(frozen=True)
class Metric:
    """A measured number with its uncertainty."""

    value: float
    low: float
    high: float
    n: int
    threshold: float | None = None
    title: Text | None = None


@dataclass(frozen=True)
class Report:
    """Everything that one grading run found out. `board` and `security` are for the store alone: they are in no
    JSON and on no page."""

    assignment: str
    suite_version: str
    notebook_sha256: str
    status: Status
    reason: Text | None = None
    checks: Sequence[CheckResult] = ()
    cells: Sequence[CellResult] = ()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    pictures: Sequence[Picture] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    board: Answers | None = field(default=None, repr=False)  # what a leaderboard compares (`grader.ladder`)
    security: Security | None = field(default=None, repr=False)  # for staff (`grader.security`)

    @property
    def score(self) -> float:
        return score(self.checks) if self.status is Status.GRADED else 0.0

    @property
    def max_score(self) -> float:
        return round(sum(check.max_points for check in self.checks), 6)

    @property
    def drawn(self) -> Sequence[Picture]:
        """The pictures of the suite, and one of the measured shares where the suite drew none itself."""
        shares = {name: m for name, m in self.metrics.items() if 0 <= m.low <= m.value <= m.high <= 1}
        if not shares or any(isinstance(one, Intervals) for one in self.pictures):
            return self.pictures
        rows = [
            Interval(m.title or Text(name, name), m.value, m.low, m.high, m.threshold) for name, m in shares.items()
        ]
        title = Text("측정값과 목표", "What was measured, and its target")
        return [*self.pictures, Intervals("metrics", title, rows)]

    @property
    def exit_code(self) -> int:
        """0 all earned, 1 the student lost points, 2 no grade was given."""
        if self.status is not Status.GRADED:
            return 2
        return 0 if self.score >= self.max_score else 1

    def as_json(self) -> dict[str, Any]:
        """The report as plain data, schema 1."""
        return {
            "schema": SCHEMA,
            "assignment": self.assignment,
            "suite_version": self.suite_version,
            "notebook_sha256": self.notebook_sha256,
            "status": self.status.value,
            "reason": self.reason.as_json() if self.reason else None,
            "score": self.score,
            "max_score": self.max_score,
            "checks": [_check_as_json(check) for check in self.checks],
            "cells": [
                {"index": c.index, "status": c.status, "seconds": round(c.seconds, 4), "error": c.error}
                for c in self.cells
            ],
            "misconceptions": [one.as_json() | {"checks": ids} for one, ids in misconceptions(self.checks).items()],
            "metrics": {name: _metric_as_json(metric) for name, metric in self.metrics.items()},
            "pictures": [pictures.as_json(one) for one in self.pictures],
            "environment": dict(self.environment),
            "seconds": {name: round(value, 4) for name, value in self.seconds.items()},
        }

    def to_json(self) -> str:
        return json.dumps(self.as_json(), ensure_ascii=False)


def score(checks: Sequence[CheckResult]) -> float:
    """The points that passed checks earn; every other verdict earns what its row says, never more."""
    return round(sum(min(check.points, check.max_points) for check in checks), 6)


def misconceptions(checks: Sequence[CheckResult]) -> Mapping[Misconception, Sequence[str]]:
    """Those that the checks named, each with the ids of these checks."""
    found: dict[Misconception, list[str]] = {}
    for check in checks:
        if check.misconception is not None:
            found.setdefault(check.misconception, []).append(check.id)
    return found


def _check_as_json(check: CheckResult) -> dict[str, Any]:
    return {
        "id": check.id,
        "title": check.title.as_json(),
        "points": check.points,
        "max_points": check.max_points,
        "verdict": check.verdict.value,
        "visibility": check.visibility.value,
        "message": check.message.as_json() if check.message else None,
        "hint": check.hint.as_json() if check.hint else None,
        "seconds": round(check.seconds, 4),
        "misconception": check.misconception.id if check.misconception else None,
    }


def _metric_as_json(metric: Metric) -> dict[str, Any]:
    return {
        "value": metric.value,
        "low": metric.low,
        "high": metric.high,
        "n": metric.n,
        "threshold": metric.threshold,
        "title": metric.title.as_json() if metric.title else None,
    }


def from_json(data: Mapping[str, Any]) -> Report:
    """The report that `as_json` wrote; its score follows from the rows again. Raises KeyError, TypeError or
    ValueError for anything else."""
    if data["schema"] != SCHEMA:
        raise ValueError(f"schema {data['schema']!r} is not {SCHEMA}")
    named = {one["id"]: Misconception.from_json(one) for one in data["misconceptions"]}
    return Report(
        assignment=str(data["assignment"]),
        suite_version=str(data["suite_version"]),
        notebook_sha256=str(data["notebook_sha256"]),
        status=Status(data["status"]),
        reason=_text(data["reason"]),
        checks=tuple(_check_from_json(row, named) for row in data["checks"]),
        cells=tuple(CellResult(**row) for row in data["cells"]),
        metrics={
            name: Metric(**{**metric, "title": _text(metric["title"])}) for name, metric in data["metrics"].items()
        },
        pictures=tuple(pictures.from_json(one) for one in data["pictures"]),
        environment=dict(data["environment"]),
        seconds=dict(data["seconds"]),
    )


def _check_from_json(row: Mapping[str, Any], named: Mapping[str, Misconception]) -> CheckResult:
    return CheckResult(
        id=str(row["id"]),
        title=Text.from_json(row["title"]),
        points=float(row["points"]),
        max_points=float(row["max_points"]),
        verdict=Verdict(row["verdict"]),
        visibility=Visibility(row["visibility"]),
        message=_text(row["message"]),
        hint=_text(row["hint"]),
        seconds=float(row["seconds"]),
        misconception=named[row["misconception"]] if row["misconception"] else None,
    )


def _text(data: Mapping[str, Any] | None) -> Text | None:
    return None if data is None else Text.from_json(data)
