"""What goes in comes out: every kind of data, and what stays inside."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from grader.rpc import Handle, Student
from grader.suite import Tensor

NOTEBOOK = """
import collections, numpy as np, torch

def echo(x): return x
def kinds(x): return type(x).__name__
def named(first, *rest, **more): return [first, list(rest), more]
def nothing(): pass
def tensor(): return torch.tensor([1.0, 2.0], requires_grad=True)
def half(): return torch.tensor([0.5], dtype=torch.bfloat16)
def numpy_scalar(): return np.float32(1.5)
def nan(): return [float("nan"), np.array([np.nan, np.inf])]
def counted(): return collections.Counter("aab")
def pair(): return collections.namedtuple("Pair", "w b")(1, [2])
def number_set(): return {3}
def add_one(a, nested, *, extra):
    a += 1
    nested["list"].append(9)
    extra[0] = 0.0
    return "done"
answer = 42
"""


@pytest.fixture
def student(open_notebook: Any) -> Student:
    return open_notebook(NOTEBOOK)


@pytest.mark.parametrize(
    "value",
    [None, True, 7, -2.5, "글 text", [1, [2.0, "b"]], (1, (2,)), {"a": 1, 2: [None]}, 2**80, "", [], {}],
    ids=repr,
)
def test_plain_data_comes_back_as_it_went_in(student: Student, value: object) -> None:
    back = student.echo(value)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "bool", "complex128", "uint8"])
def test_arrays_keep_dtype_shape_and_values(student: Student, dtype: str) -> None:
    array = np.arange(6).reshape(2, 3).T.astype(dtype)
    back = student.echo(array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    assert student.kinds(array) == "ndarray"


def test_tensors_go_in_and_out_as_data(student: Student) -> None:
    back = student.tensor()
    assert isinstance(back, Tensor)
    assert back.requires_grad
    np.testing.assert_array_equal(np.asarray(back), np.array([1, 2], np.float32))
    assert student.kinds(Tensor(np.zeros(2))) == "Tensor"
    np.testing.assert_array_equal(np.asarray(student.half()), [0.5])


def test_numpy_scalars_and_none_keep_their_kind(student: Student) -> None:
    assert isinstance(student.numpy_scalar(), np.float32)
    assert student.nothing() is None


def test_nan_and_infinity_pass_through_as_data(student: Student) -> None:
    first, array = student.nan()
    assert math.isnan(first)
    np.testing.assert_array_equal(array, [np.nan, np.inf])


def test_near_relatives_of_plain_data_become_plain_data(student: Student) -> None:
    assert student.counted() == {"a": 2, "b": 1}
    assert student.pair() == (1, [2])
    assert student.number_set() == [3]


def test_arguments_by_position_and_by_name_arrive(student: Student) -> None:
    assert student.named(1, 2, lr=0.5) == [1, [2], {"lr": 0.5}]


def test_a_global_name_can_be_asked_for(student: Student) -> None:
    assert student.get("answer") == 42
    assert isinstance(student.get("echo"), Handle)


def test_what_a_call_does_to_its_arguments_is_seen_only_in_the_outcome(student: Student) -> None:
    a, nested, extra = np.zeros(2), {"list": [1]}, [5.0]
    outcome = student.call("add_one", a, nested, extra=extra)
    assert outcome.value == "done"
    np.testing.assert_array_equal(outcome.args[0], [1, 1])
    assert outcome.args[1] == {"list": [1, 9]}
    assert outcome.kwargs == {"extra": [0.0]}
    assert 0 <= outcome.seconds < 1
    np.testing.assert_array_equal(a, [0, 0])
    assert nested == {"list": [1]}


def test_a_pure_function_leaves_its_arguments_as_they_were(student: Student) -> None:
    outcome = student.call("echo", np.ones(3))
    np.testing.assert_array_equal(outcome.args[0], np.ones(3))
    assert outcome.kwargs == {}


def test_what_is_not_data_cannot_be_sent_and_that_is_our_fault(student: Student) -> None:
    with pytest.raises(TypeError, match="not data"):
        student.echo(object())
    with pytest.raises(TypeError, match="not data"):
        student.each("echo", [(object(),)])
    assert student.echo(1) == 1
