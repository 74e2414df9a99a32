"""Thresholds that are measured, not guessed.

The reference solution and a weak baseline (`reference/<id>/baseline.py`, a cell added to the solution like a
mutant's) are trained with many seeds. The target of each metric is where the reference fails once in a thousand
runs at most; the baseline of the points curve is what the weak one reaches on average.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from grader.assignment import Assignment
from grader.errors import BadAssignment
from grader.suite.checks.metrics import Curve
from grader.text import Text

FALSE_FAIL_Z = 3.2905  # one in a thousand, two-sided; one in two thousand on the side that counts
STEP = 0.0025  # thresholds are rounded to quarters of a percent, to the student's favour


@dataclass(frozen=True)
class Sample:
    """Values of one metric over several seeds."""

    mean: float
    sd: float
    worst: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float], higher_is_better: bool) -> Sample:
        sd = statistics.stdev(values) if len(values) > 1 else 0.0
        return cls(statistics.fmean(values), sd, min(values) if higher_is_better else max(values), len(values))


@dataclass(frozen=True)
class Calibrated:
    """One metric: its curve, and the runs that it comes from."""

    baseline: float
    target: float
    reference: Sample
    weak: Sample

    @property
    def curve(self) -> Curve:
        return Curve(self.baseline, self.target)

    @property
    def false_fail(self) -> float:
        """The chance that the reference misses its target, by a normal distribution with its mean and sd."""
        if self.reference.sd == 0:
            return 0.0
        distance = abs(self.reference.mean - self.target) / self.reference.sd
        return 0.5 * math.erfc(distance / math.sqrt(2))


def propose(reference: Sequence[float], weak: Sequence[float]) -> Calibrated:
    """The curve for one metric, from the values of both over several seeds."""
    higher = statistics.fmean(reference) >= statistics.fmean(weak)
    sign = 1.0 if higher else -1.0
    ours, theirs = Sample.of(reference, higher), Sample.of(weak, higher)
    spread = FALSE_FAIL_Z * ours.sd * (1 + 1 / math.sqrt(2 * ours.runs))  # the sd itself is uncertain
    target = min(sign * ours.mean - spread, sign * ours.worst)
    target = sign * math.floor(target / STEP) * STEP
    return Calibrated(round(theirs.mean, 4), round(target, 4), ours, theirs)


def curves(assignment: Assignment) -> Mapping[str, Curve]:
    """The curves kept with an assignment; none where it has no calibration. Raises BadAssignment."""
    return {name: Curve(data["baseline"], data["target"]) for name, data in _read(assignment).items()}


def save(found: Mapping[str, Calibrated]) -> str:
    """The text of calibration.json for these metrics."""
    data = {name: asdict(one) | {"false_fail": one.false_fail} for name, one in sorted(found.items())}
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def _read(assignment: Assignment) -> dict[str, Any]:
    file = assignment.calibration
    if file is None or not file.is_file():
        return {}
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        assert all({"baseline", "target"} <= set(one) for one in data.values())
    except (ValueError, AssertionError, AttributeError, TypeError) as error:
        raise BadAssignment(Text(f"{file}을(를) 읽을 수 없습니다.", f"{file} cannot be read.")) from error
    return dict(data)
