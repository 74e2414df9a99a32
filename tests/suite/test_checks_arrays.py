"""Arrays, numbers and shapes: what is accepted, and what is said about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.failed import Failed
from grader.suite import checks

steady = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FLOATS = st.floats(-1e6, 1e6, allow_subnormal=False)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4)
EXPECTED = np.array([0.73519, -1.62844, 2.91737, 0.18356])


@dataclass(frozen=True)
class Tensor:
    """As the box sends tensors back: known by its name alone."""

    array: np.ndarray

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.array if dtype is None else self.array.astype(dtype)


def failure(check: Any, *args: Any, **kwargs: Any) -> Failed:
    """The `Failed` that a check raises, with a Korean and an English sentence."""
    with pytest.raises(Failed) as caught:
        check(*args, **kwargs)
    message = caught.value.message
    assert any("가" <= letter <= "힣" for letter in message.ko)
    assert message.en.endswith((".", ")"))
    return caught.value


def said(got: Any, expected: Any = EXPECTED, **kwargs: Any) -> str:
    """The English message about an array."""
    return failure(checks.array, got, expected, name="f(X)", **kwargs).message.en


CONTAINERS = [
    lambda values: values,
    lambda values: values.tolist(),
    lambda values: Tensor(values),
    lambda values: tuple(values) if values.ndim else values[()],
    lambda values: [Tensor(np.asarray(row)) for row in values] if values.ndim else Tensor(values),
    lambda values: np.asarray(values, order="F"),
    lambda values: values.astype(np.longdouble),
]


@steady
@given(hnp.arrays(np.float64, SHAPES, elements=FLOATS), st.sampled_from(CONTAINERS))
def test_any_container_of_the_right_values_is_accepted(values, container):
    found = checks.array(container(values), values, name="f(X)")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, values)


@steady
@given(hnp.arrays(np.int64, SHAPES, elements=st.integers(0, 1)), st.sampled_from("bBhiIlLefd?"))
def test_any_numeric_dtype_will_do_for_classes(values, dtype):
    checks.array(values.astype(dtype), values.astype(float), name="predict(X)")
    checks.array(values.astype(dtype).tolist(), values, name="predict(X)")


@steady
@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3), elements=FLOATS), st.data())
def test_the_worst_index_is_named(values, data):
    index = tuple(data.draw(st.integers(0, length - 1)) for length in values.shape)
    got = values.copy()
    got[index] += 1e7
    fault = failure(checks.array, got, values, name="f(X)")
    if values.size > 1:
        assert f"1 of {values.size} values differs, the largest at {list(index)}:" in fault.detail.en
    assert f"{values.size}개 중 1개" in fault.detail.ko or values.size == 1


def test_details_are_as_documented():
    got = np.zeros((4, 2))
    got[[0, 1, 2], [0, 1, 0]] = 0.01, 0.02, 0.7
    expected = np.zeros((4, 2))
    expected[2, 0] = 0.5
    fault = failure(checks.array, got, expected, name="f(X)")
    assert fault.detail.en == ("3 of 8 values differ, the largest at [2, 0]: expected 0.5, got 0.7 (difference 0.2)")
    fault = failure(checks.array, np.zeros((4, 1)), np.zeros(4), name="f(X)")
    assert fault.detail.en == "expected shape (4,), got (4, 1)"
    assert fault.detail.ko == "기대한 모양 (4,), 받은 모양 (4, 1)"


@pytest.mark.parametrize(
    ("got", "expected", "phrase"),
    [
        ((5, 1), (5,), "a column (n, 1) where a flat (n,)"),
        ((1, 5), (5,), "a row (1, n) where a flat (n,)"),
        ((5,), (5, 1), "a flat (n,) where a column (n, 1)"),
        ((5, 3), (3, 5), "transposed"),
        ((1, 5), (5, 1), "transposed"),
        ((), (5,), "a single number where an array"),
        ((1,), (), "holds one number"),
        ((5,), (), "an array where a single number"),
        ((3,), (5, 3), "the batch"),
        ((1, 3), (5, 3), "the batch"),
        ((5, 5), (5,), "broadcast"),
        ((5, 5), (5, 1), "broadcast"),
        ((1, 5, 3), (5, 3), "extra axis"),
        ((5, 3), (5, 1, 3), "axis of length one is lost"),
        ((5, 3, 2), (5, 3), "needs to be 2-dimensional and is 3-dimensional"),
        ((4, 3), (5, 3), "along axis 0"),
        ((6,), (5,), "along axis 0"),
    ],
)
def test_accidents_with_shapes_have_sentences_of_their_own(got, expected, phrase):
    for check in (checks.shape, lambda values, shape, name: checks.array(values, np.zeros(shape), name=name)):
        assert phrase in failure(check, np.zeros(got), expected, name="f(X)").message.en


@pytest.mark.parametrize(
    ("got", "phrase"),
    [
        (-EXPECTED, "sign"),
        (EXPECTED * 3, "same factor"),
        (EXPECTED + 3, "same amount"),
        (EXPECTED[[1, 0, 2, 3]], "order"),
        (np.ones(4), "alike"),
        (EXPECTED + np.array([0, 1e-5, 0, 0]), "rounding"),
        (EXPECTED.astype(np.float16), "float16"),
        (EXPECTED + np.array([0, 1, 0, 5]), "Some values of `f(X)` are wrong."),
        (EXPECTED + np.array([3, 1, 7, 5]), "`f(X)` has the wrong values."),
    ],
)
def test_patterns_in_wrong_values_are_named(got, phrase):
    assert phrase in said(got)


def test_classes_have_patterns_of_their_own():
    labels = np.array([0.0, 1.0, 1.0])
    assert "swapped" in said(1 - labels, labels)
    assert "not -1 and 1" in said([-1, 1, 1], labels)
    assert "threshold" in said([0.2, 0.7, 0.9], labels)
    assert said([0, 1, 0], labels) == "Some values of `f(X)` are wrong."


def test_float32_is_mentioned_only_where_it_explains_the_difference():
    assert "float32" in said(EXPECTED.astype(np.float32), rtol=1e-9)
    assert "float32" not in said((EXPECTED + np.array([0, 1, 0, 2])).astype(np.float32))
    checks.array(EXPECTED.astype(np.float32), EXPECTED, name="f(X)")


@pytest.mark.parametrize(
    ("got", "phrase"),
    [
        (None, "`return`"),
        ("0.5", "a string"),
        ({"a": 1.0}, "a dict"),
        ([1.0, [2.0]], "ragged"),
        ([1.0, None], "holds None"),
        ([["a", "b"]], "holds a string"),
        (object(), "not data"),
        ([1j], "complex"),
        (np.zeros(4, dtype=complex), "dtype complex128"),
        (np.array([None] * 4), "dtype object"),
        (np.array(["a"] * 4), "dtype <U1"),
        ([0.0, float("nan"), 0.0, 0.0], "NaN"),
        ([0.0, float("inf"), 0.0, 0.0], "infinity"),
        ([0, 10**400, 0, 0], "infinity"),
    ],
)
def test_what_is_no_finite_array_is_called_what_it_is(got, phrase):
    assert phrase in said(got)
    assert phrase in failure(checks.finite, got, name="f(X)").message.en


def test_nan_is_counted_in_the_detail():
    fault = failure(checks.finite, [[1, 2], [np.nan, np.nan]], name="f(X)")
    assert fault.detail.en == "2 of 4 values, the first at [1, 0]"


def test_messages_hold_no_number_of_an_expected_value():
    for got in (EXPECTED * 2, -EXPECTED, EXPECTED + 1, np.zeros(4), EXPECTED + 1e-5, np.zeros((4, 1))):
        fault = failure(checks.array, got, EXPECTED, name="f(X)")
        for digits in ("73519", "62844", "91737", "18356", "47038", "4"):
            assert digits not in fault.message.ko + fault.message.en


@pytest.mark.parametrize("got", [2, 2.0, np.float32(2), np.int64(2), np.array(2.0), Tensor(np.array(2.0))])
def test_every_kind_of_number_is_a_number(got):
    found = checks.number(got, 2.0, name="loss(w)")
    assert type(found) is float
    assert found == 2.0


@pytest.mark.parametrize("got", [[2.0], np.array([2.0]), np.array([[2.0]]), Tensor(np.array([2.0]))])
def test_a_number_in_an_array_is_a_fault_with_its_own_sentence(got):
    assert ".item()" in failure(checks.number, got, 2.0, name="loss(w)").message.ko


def test_a_number_may_be_expected_in_any_form():
    for expected in (0.5, np.float64(0.5), np.array(0.5)):
        checks.number(0.5, expected, name="loss(w)")
        assert "expected 0.5, got 0.7" in failure(checks.number, 0.7, expected, name="loss(w)").detail.en


def test_tolerances_are_relative_and_absolute():
    checks.array([1.0 + 1e-4], [1.0], name="f(X)", rtol=1e-3)
    checks.array([1e-4], [0.0], name="f(X)", atol=1e-3)
    assert said([1.0 + 1e-4], [1.0], rtol=1e-5)
    assert said([1e-4], [0.0], rtol=1.0)


def test_a_wrong_expectation_is_our_fault():
    for expected in ([np.nan], ["a"], None):
        with pytest.raises(ValueError, match="expected value"):
            checks.array([1.0], expected, name="f(X)")


def test_arrays_accepts_dicts_in_any_order_and_tuples():
    params = {"W": EXPECTED, "b": 0.5}
    found = checks.arrays({"b": Tensor(np.array(0.5)), "W": EXPECTED.tolist()}, params, name="backward()")
    assert list(found) == ["W", "b"]
    assert list(checks.arrays([EXPECTED, 0.5], (EXPECTED, 0.5), name="mse_grad()")) == ["0", "1"]
    assert list(checks.arrays([EXPECTED, 0.5], (EXPECTED, 0.5), name="g()", parts=("w", "b"))) == ["w", "b"]


def test_arrays_says_which_parts_are_wrong():
    params = {"W": EXPECTED, "b": np.ones(2), "c": np.ones(3)}
    fault = failure(checks.arrays, {**params, "b": np.zeros(2)}, params, name="backward()")
    assert fault.message.en == '`backward()["b"]` has the wrong values. The other parts are right.'
    fault = failure(checks.arrays, {**params, "b": np.zeros(2), "c": None}, params, name="backward()")
    assert fault.message.en.endswith("Also wrong: `c`.")
    fault = failure(checks.arrays, (EXPECTED, [1.0]), (EXPECTED, 1.0), name="mse_grad()")
    assert fault.message.en.startswith("`mse_grad()[1]` has the wrong shape.")
