"""The losses of a training run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.failed import Failed
from grader.suite import checks

steady = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def failure(check: Any, *args: Any, **kwargs: Any) -> Failed:
    with pytest.raises(Failed) as caught:
        check(*args, **kwargs)
    assert caught.value.message.ko != caught.value.message.en
    return caught.value


@pytest.mark.parametrize(
    "got",
    [[3, 2.5, 1], (3, 2.5, 1), np.array([3, 2.5, 1]), [np.float32(3), np.array(2.5), 1.0]],
)
def test_every_kind_of_list_is_read(got):
    found = checks.losses(got, 3, name="losses")
    assert found.dtype == np.float64
    assert found.tolist() == [3.0, 2.5, 1.0]


@pytest.mark.parametrize(
    ("got", "phrase"),
    [
        (None, "`return`"),
        (1.0, "a float"),
        ({"loss": []}, "a dict"),
        ([], "empty"),
        ([1, 2], "too few"),
        ([1, 2, 3, 4], "too many"),
        ([1] * 9, "another length"),
        ([[3], [2], [1]], "column"),
        (np.float64(3.0), "single number"),
        ([1, np.nan, 2], "NaN"),
        ([1, None, 2], "None"),
    ],
)
def test_other_answers_are_told_what_they_are(got, phrase):
    assert phrase in failure(checks.losses, got, 3, name="losses").message.en


@steady
@given(st.lists(st.floats(0, 1e3), min_size=1, max_size=20))
def test_sorted_losses_fall(values):
    checks.falls(sorted(values, reverse=True), name="losses")
    checks.falls(values, name="losses", slack=1e3)


@steady
@given(st.lists(st.floats(0, 1e3), min_size=2, max_size=20), st.data())
def test_one_rise_is_found(values, data):
    falling = sorted(values, reverse=True)
    at = data.draw(st.integers(1, len(values) - 1))
    falling[at] = falling[at - 1] + 1.0
    detail = failure(checks.falls, falling, name="losses").detail
    assert f"at [{at - 1}] to" in detail.en
    assert f"[{at}]의 값" in detail.ko


def test_slack_lets_small_rises_pass():
    checks.falls([3, 3.1, 2], name="losses", slack=0.2)
    assert "on the way" in failure(checks.falls, [3, 3.1, 2], name="losses", slack=0.05).message.en


def test_reasons_have_sentences_of_their_own():
    def said(values: list[float]) -> str:
        return failure(checks.falls, values, name="losses", below=0.7193).message.en

    assert "keep rising" in said([1, 2, 3])
    assert "never change" in said([1, 1, 1])
    assert "far enough" in said([3, 2, 1])
    assert "no number" in said([])
    assert "7193" not in said([3, 2, 1])
    checks.falls([3, 2, 0.5], name="losses", below=0.7193)


def test_a_single_loss_above_the_line_has_not_fallen_far_enough():
    fault = failure(checks.falls, [0.9], name="losses", below=0.5)
    assert "far enough" in fault.message.en
    assert fault.detail.en == "ends at 0.9, needs to be below 0.5"
