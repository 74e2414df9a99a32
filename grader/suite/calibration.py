"""Thresholds that are measured, not guessed.

The reference solution and a weak baseline (`reference/<id>/baseline.py`, a cell added to the solution like a
mutant's) are trained with many seeds. The target of each metric is where the reference fails once in a thousand
runs at most; the baseline of the points curve is what the weak one reaches on average. `FalseFails` shows by
counting, in runs with yet other seeds, that the target keeps this.
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

FALSE_FAIL_LIMIT = 1 / 1000  # the chance that a grading of the reference misses a target, at most
CONFIDENCE = 0.95
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


@dataclass(frozen=True)
class FalseFails:
    """Which runs of the reference, of one seed each, missed the kept target of a metric, and what follows for a
    grading, whose value is the median over three seeds (`is_median`).

    The median of three values misses a target just where two or three of them miss it. With independent seeds, each
    missing with the chance p, that is 3 p² (1 - p) + p³ = 3 p² - 2 p³. This grows with p, so where p is at most some
    number with 95 % confidence, so is the chance of a grading at most what follows from that number.

    A metric that is not such a median is taken as each run gives it: then the chance of a grading is p itself.
    """

    missed: tuple[bool, ...]
    target: float
    is_median: bool = True

    @property
    def runs(self) -> int:
        return len(self.missed)

    @property
    def one_run(self) -> float:
        """What p is at most, with 95 % confidence."""
        return clopper_pearson(sum(self.missed), self.runs)

    @property
    def bound(self) -> float:
        """What the chance that a grading misses is at most, with 95 % confidence."""
        return median_misses(self.one_run) if self.is_median else self.one_run

    @property
    def estimate(self) -> float:
        """The likeliest value of the chance that `bound` bounds."""
        share = sum(self.missed) / self.runs
        return median_misses(share) if self.is_median else share

    @property
    def triples(self) -> tuple[int, int]:
        """Of how many threes of runs, each run in one, the median missed: (missed, threes)."""
        threes = [self.missed[i : i + 3] for i in range(0, self.runs - 2, 3)]
        return sum(sum(three) >= 2 for three in threes), len(threes)

    @property
    def holds(self) -> bool:
        return self.bound <= FALSE_FAIL_LIMIT

    @classmethod
    def any_of(cls, metrics: Sequence[FalseFails]) -> FalseFails | None:
        """A run misses where any metric does. The medians of several metrics are not those of one run, but where
        one of them misses, that metric missed in two runs of three, so two runs missed something: the bound holds
        for all metrics together. None where one is no median, as then that does not follow."""
        if not all(one.is_median for one in metrics):
            return None
        return cls(tuple(map(any, zip(*(one.missed for one in metrics), strict=True))), math.nan)

    def as_json(self) -> dict[str, Any]:
        """All of it, for a program."""
        missed, threes = self.triples
        return {
            "runs": self.runs,
            "missed": sum(self.missed),
            "median_of_three": self.is_median,
            "one_run_bound": self.one_run,
            "bound": self.bound,
            "estimate": self.estimate,
            "triples": threes,
            "triples_missed": missed,
        }


def clopper_pearson(count: int, runs: int) -> float:
    """What a chance is at most, with 95 % confidence (one-sided), that showed itself `count` times in `runs`: the
    largest p with which so few are still seen once in twenty times (Clopper and Pearson 1934)."""
    from scipy.stats import binomtest  # heavy

    exact = binomtest(count, runs, alternative="less").proportion_ci(CONFIDENCE, method="exact")
    return float(exact.high)


def median_misses(p: float) -> float:
    """The chance that at least two of three independent runs miss, each with the chance p."""
    return 3 * p**2 - 2 * p**3


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
    return _text(data)


def keep(assignment: Assignment, found: Mapping[str, FalseFails]) -> str:
    """The text of calibration.json with these counts beside the curves that are there. Raises BadAssignment."""
    data = _read(assignment)
    for name, one in found.items():
        data[name]["false_fails"] = {"runs": one.runs, "missed": sum(one.missed), "bound": one.bound}
    return _text(data)


def _text(data: Mapping[str, Any]) -> str:
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
