"""Measured numbers: how sure we are of them, and what they earn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from grader.failed import Failed
from grader.report import Metric
from grader.suite.checks.arrays import shape
from grader.text import Text

Z95 = 1.959964  # of the normal distribution, two-sided 95 %


class Recorder(Protocol):
    """Who keeps what was measured: the fixture `metrics`."""

    def record(self, name: str, metric: Metric) -> None: ...


@dataclass(frozen=True)
class Curve:
    """Points over a metric: none up to `baseline`, all from `target`, a straight line between them. Where less is
    better, the target lies below the baseline."""

    baseline: float = 0.0
    target: float = 0.0

    def earned(self, value: float) -> float:
        """The part of the points, 0 to 1. Without a target (both equal) every value earns all."""
        if self.target == self.baseline:
            return 1.0
        return min(max((value - self.baseline) / (self.target - self.baseline), 0.0), 1.0)


def wilson(right: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a proportion of `right` among `n` (Wilson 1927), which holds near 0 and 1 too."""
    p = right / n
    centre = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n**2)) / (1 + Z95**2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def accuracy(
    predictions: Sequence[Any],
    labels: npt.NDArray[Any],
    *,
    name: str,
    metric: str,
    curve: Curve,
    metrics: Recorder,
    title: Text | None = None,
) -> float:
    """The median accuracy of several runs' predictions, each (n,), against `labels` (n,), recorded under `metric`;
    `title` is what a reader calls it.

    Full points from the curve's target on; below it `Failed` gives the part that the curve allows, and says how
    sure the number is. Returns the median.
    """
    answers = [shape(answer, labels.shape, name=name) for answer in predictions]
    value = float(np.median([np.mean(answer == labels) for answer in answers]))
    low, high = wilson(value * labels.size, labels.size)
    found = Metric(value, low, high, labels.size, curve.target, title)
    measured(found, name=name, metric=metric, curve=curve, metrics=metrics)
    return value


def measured(found: Metric, *, name: str, metric: str, curve: Curve, metrics: Recorder) -> None:
    """Records a metric and gives what its curve allows."""
    metrics.record(metric, found)
    earned = curve.earned(found.value)
    if earned < 1:
        raise Failed(_sentence(name, found, curve) + _certainty(found, curve), earned=earned)


def _sentence(name: str, found: Metric, curve: Curve) -> Text:
    value, target = f"{found.value:.1%}", f"{curve.target:.1%}"
    between = f"{found.low:.1%} – {found.high:.1%}"
    bound = Text("이상", "at least") if curve.target > curve.baseline else Text("이하", "at most")
    return Text(
        f"`{name}`: {value} (95% 신뢰구간 {between}, n = {found.n:,}). 목표는 {target} {bound.ko}입니다.",
        f"`{name}`: {value} (95% interval {between}, n = {found.n:,}). The target is {bound.en} {target}.",
    )


def _certainty(found: Metric, curve: Curve) -> Text:
    """In words: is the distance to the target more than chance?"""
    if found.low <= curve.target <= found.high:
        return Text(
            "목표와의 차이가 우연일 수 있을 만큼 아슬아슬합니다.",
            "This is borderline: the distance to the target may be chance.",
        )
    return Text("우연이라고 보기 어려운 차이입니다.", "The difference is larger than chance explains.")
