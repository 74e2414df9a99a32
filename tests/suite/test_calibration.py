"""How often the reference may miss its targets: the bound of a chance, and what a median makes of it."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import pytest

from grader.assignment import Assignment
from grader.suite import calibration
from grader.suite.calibration import FalseFails, clopper_pearson, median_misses
from grader.text import Text


def counted(missed: int, runs: int, *, is_median: bool = True) -> FalseFails:
    return FalseFails(tuple(run < missed for run in range(runs)), 0.9, is_median)


@pytest.mark.parametrize(
    ("missed", "runs", "bound"),
    [
        (0, 10, 0.2589),  # of the published tables, one-sided 95 %
        (1, 10, 0.3942),
        (0, 300, 0.009936),
        (1, 20, 0.2161),
        (9, 10, 0.9949),
        (10, 10, 1.0),
    ],
)
def test_the_bound_is_clopper_and_pearsons(missed: int, runs: int, bound: float) -> None:
    assert clopper_pearson(missed, runs) == pytest.approx(bound, rel=1e-3)


@pytest.mark.parametrize("runs", [1, 30, 1000])
def test_without_a_miss_the_bound_has_a_closed_form(runs: int) -> None:
    assert clopper_pearson(0, runs) == pytest.approx(1 - 0.05 ** (1 / runs))


@pytest.mark.parametrize(("missed", "runs"), [(0, 7), (2, 40), (13, 25)])
def test_at_the_bound_so_few_are_seen_once_in_twenty_times(missed: int, runs: int) -> None:
    p = clopper_pearson(missed, runs)
    chance = sum(math.comb(runs, k) * p**k * (1 - p) ** (runs - k) for k in range(missed + 1))
    assert chance == pytest.approx(0.05)


@pytest.mark.parametrize("p", [0.0, 0.003, 0.1, 0.5, 0.8, 1.0])
def test_a_median_of_three_misses_as_often_as_all_eight_outcomes_say(p: float) -> None:
    brute = 0.0
    for missed in itertools.product((False, True), repeat=3):
        if sorted(missed)[1]:
            brute += math.prod(p if one else 1 - p for one in missed)
    assert median_misses(p) == pytest.approx(brute)


def test_three_hundred_runs_without_a_miss_show_the_claim_and_thirty_do_not() -> None:
    assert counted(0, 300).bound == pytest.approx(2.94e-4, rel=1e-2)
    assert counted(0, 300).holds
    assert not counted(0, 30).holds


def test_what_is_no_median_is_bounded_as_each_run_is() -> None:
    one = counted(0, 300, is_median=False)
    assert one.bound == one.one_run == clopper_pearson(0, 300)
    assert not one.holds
    assert counted(3, 300, is_median=False).estimate == pytest.approx(0.01)


def test_threes_are_disjoint_and_what_is_left_over_is_left_out() -> None:
    missed = (True, True, False, False, False, True, True, True)
    assert FalseFails(missed, 0.9).triples == (1, 2)
    assert FalseFails(missed, 0.9).estimate == pytest.approx(median_misses(5 / 8))


def test_several_metrics_together_miss_where_any_of_them_does() -> None:
    first, second = FalseFails((True, False, False), 0.9), FalseFails((False, False, True), 0.9)
    together = FalseFails.any_of([first, second])
    assert together is not None
    assert together.missed == (True, False, True)
    assert FalseFails.any_of([first, counted(0, 3, is_median=False)]) is None


def test_counts_are_kept_beside_the_curves_which_stay_as_they_are(tmp_path: Path) -> None:
    one = Assignment("demo", Text("데모", "Demo"), 1, tmp_path, tmp_path, {})
    file = tmp_path / "calibration.json"
    file.write_text(json.dumps({"score": {"baseline": 0.5, "target": 0.9}, "gap": {"baseline": 1, "target": 0}}))
    before = calibration.curves(one)
    file.write_text(calibration.keep(one, {"score": counted(1, 300)}), encoding="utf-8")
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["score"]["false_fails"] == {"runs": 300, "missed": 1, "bound": counted(1, 300).bound}
    assert "false_fails" not in kept["gap"]
    assert calibration.curves(one) == before
