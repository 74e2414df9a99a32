"""Measured numbers: intervals, curves, and what is said about them."""

from __future__ import annotations

import numpy as np
import pytest

from grader.failed import Failed
from grader.report import Metric
from grader.suite import checks
from grader.suite.checks import Curve


class Kept(dict[str, Metric]):
    def record(self, name: str, metric: Metric) -> None:
        self[name] = metric


LABELS = np.arange(200) % 10


def answers(wrong: int) -> np.ndarray:
    """Predictions of which so many are wrong."""
    predicted = LABELS.copy()
    predicted[:wrong] = (predicted[:wrong] + 1) % 10
    return predicted


def test_the_interval_is_wilsons() -> None:
    low, high = checks.wilson(180, 200)  # the values of the closed form, worked out by hand
    assert (round(low, 4), round(high, 4)) == (0.8506, 0.9343)
    assert checks.wilson(200, 200)[1] == pytest.approx(1)
    assert checks.wilson(0, 200)[0] == pytest.approx(0)


def test_the_median_of_several_runs_counts_and_is_recorded() -> None:
    kept = Kept()
    runs = [answers(10), answers(20), answers(200)]
    checks.accuracy(runs, LABELS, name="predict", metric="accuracy", curve=Curve(0.5, 0.9), metrics=kept)
    assert kept["accuracy"].value == pytest.approx(0.9)
    assert kept["accuracy"].n == 200
    assert kept["accuracy"].threshold == 0.9


@pytest.mark.parametrize(("wrong", "earned"), [(100, 0.0), (60, 0.5), (20, 1.0)])
def test_points_follow_the_line_between_baseline_and_target(wrong: int, earned: float) -> None:
    curve = Curve(0.5, 0.9)
    assert curve.earned(1 - wrong / 200) == pytest.approx(earned)


def test_less_can_be_better() -> None:
    with pytest.raises(Failed) as failed:
        checks.measured(Metric(0.2, 0.1, 0.3, 50), name="gap", metric="gap", curve=Curve(0.3, 0.1), metrics=Kept())
    assert failed.value.earned == pytest.approx(0.5)
    assert "at most 10.0%" in failed.value.message.en


def test_a_borderline_result_is_named_as_such_and_a_clear_one_too() -> None:
    def said(wrong: int) -> str:
        with pytest.raises(Failed) as failed:
            checks.accuracy(
                [answers(wrong)], LABELS, name="predict", metric="m", curve=Curve(0.5, 0.95), metrics=Kept()
            )
        return failed.value.message.en

    assert "borderline" in said(14)
    assert "larger than chance" in said(80)


def test_predictions_of_another_shape_are_a_fault_and_nothing_is_recorded() -> None:
    kept = Kept()
    with pytest.raises(Failed):
        checks.accuracy([LABELS[:, None]], LABELS, name="predict", metric="m", curve=Curve(), metrics=kept)
    assert not kept


def test_without_a_calibration_every_value_earns_all() -> None:
    assert Curve().earned(0.0) == 1.0
