"""Arguments left alone, and results that repeat or do not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.failed import Failed
from grader.suite import checks
from grader.text import Text

steady = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
NAN = float("nan")
BECAUSE = Text("시드가 서로 다릅니다.", "The seeds differ.")


def failure(check: Any, *args: Any, **kwargs: Any) -> Failed:
    with pytest.raises(Failed) as caught:
        check(*args, **kwargs)
    assert caught.value.message.ko != caught.value.message.en
    return caught.value


def after(*args: Any) -> SimpleNamespace:
    return SimpleNamespace(args=args)


DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | hnp.arrays(st.sampled_from([np.float64, np.int64, np.bool_]), hnp.array_shapes(max_dims=2, max_side=3)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@steady
@given(DATA)
def test_anything_is_the_same_as_itself(value):
    checks.same(value, value, name="f()")
    checks.unchanged(after(value, 1), (value, 1), name="f(x, n)")
    failure(checks.different, value, value, name="f()", because=BECAUSE)


@steady
@given(DATA)
def test_nothing_is_the_same_as_itself_and_more(value):
    checks.different(value, [value, 1], name="f()", because=BECAUSE)
    failure(checks.same, value, [value, 1], name="f()")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1, 2], np.array([1.0, 2.0])),
        ((1, 2), [1, 2]),
        (np.float64(0.5), 0.5),
        (np.array([NAN, 1]), [NAN, 1]),
        ({"a": NAN}, {"a": NAN}),
        (object(), object),
    ],
)
def test_equal_numbers_in_other_clothes_are_unchanged(first, second):
    checks.unchanged(after(second), (first,), name="f(x)")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (0.1 + 0.2, 0.3),
        (2**53, 2**53 + 1),
        (np.array([2**60]), np.array([2**60 + 1])),
        (np.zeros(2), np.zeros((2, 1))),
        (np.zeros(2), "zeros"),
        (np.zeros(2), [0.0, [0.0]]),
        (np.array(["a"]), np.array(["b"])),
        ({"a": 1}, {"b": 1}),
        ([1], {"a": 1}),
        (None, 0),
        ("1", 1),
    ],
)
def test_the_smallest_difference_counts(first, second):
    for one, other in ((first, second), (second, first)):
        checks.different(one, other, name="f()", because=BECAUSE)
        assert failure(checks.same, one, other, name="f()").message


def test_the_changed_argument_is_named():
    before = ({"W1": np.zeros(2), "b1": np.zeros(3)}, np.ones(2))
    outcome = after({"W1": np.zeros(2), "b1": np.array([0, 0.5, 0.25])}, np.ones(2))
    fault = failure(checks.unchanged, outcome, before, name="train(params, X)", parts=("params", "X"))
    assert '`params["b1"]`' in fault.message.ko
    assert '`params["b1"]`' in fault.message.en
    assert fault.detail.en == "2 of 3 values differ, the largest at [1]: first 0, then 0.5"
    fault = failure(checks.unchanged, after(before[0], np.zeros(2)), before, name="train(params, X)")
    assert "its second argument." in fault.message.en


def test_a_list_that_grew_is_changed():
    fault = failure(checks.unchanged, after([1, 2]), ([1],), name="f(xs)", parts=("xs",))
    assert "`xs`" in fault.message.en


def test_other_arguments_than_were_given_are_our_fault():
    with pytest.raises(ValueError, match="arguments"):
        checks.unchanged(after(1, 2), (1,), name="f(x)")


def test_same_names_the_place():
    fault = failure(checks.same, {"W": [1.0, 2.0]}, {"W": [1.0, 2.5]}, name="init()")
    assert '`["W"][1]`' in fault.message.en
    assert fault.detail.en == "first 2.0, then 2.5"


def test_what_is_not_data_cannot_be_compared():
    for first, second in ((object(), 1), (1, [object()]), ({"a": object()}, {"a": object()})):
        assert "not data" in failure(checks.same, first, second, name="f()").message.en
        assert "not data" in failure(checks.different, first, second, name="f()", because=BECAUSE).message.en


def test_different_says_why():
    fault = failure(checks.different, [1], [1], name="init()", because=BECAUSE)
    assert fault.message.ko.endswith(BECAUSE.ko)
    assert fault.message.en.endswith(BECAUSE.en)
