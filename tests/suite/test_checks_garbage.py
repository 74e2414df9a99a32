"""Whatever comes out of the box, a check either passes or raises `Failed`."""

from __future__ import annotations

import contextlib
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


def _refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("a check touched an object that it does not know")


# fmt: off
DUNDERS = [
    "getattribute", "getattr", "setattr", "eq", "ne", "lt", "gt", "le", "ge", "hash", "bool", "len",
    "iter", "next", "contains", "getitem", "call", "array", "array_interface", "array_struct", "float",
    "int", "index", "complex", "repr", "str", "format", "add", "radd", "sub", "mul", "neg", "abs",
]
# fmt: on
Trap = type("Trap", (), {f"__{name}__": _refuse for name in DUNDERS})
Handle = type("Handle", (Trap,), {})

DTYPES = ["f2", "f4", "f8", "i1", "u8", "?", "c16", "U3", "S3", "M8[s]", "m8[s]", "O"]
HUGE = st.sampled_from([400, 5000]).map(lambda digits: 10**digits) | st.just(0).map(lambda _: -(10**400))
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.sampled_from([1e308, -1e308, float("nan"), object, print, {1}])
    | HUGE
    | st.builds(Trap)
    | st.builds(Handle)
)
ARRAYS = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3).flatmap(
    lambda shape: st.sampled_from(DTYPES).map(lambda dtype: np.zeros(shape, dtype=dtype))
) | hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
KEYS = st.sampled_from(["W", "b", "`\n", 1, None, 0.5, (1, 2)]) | HUGE
GARBAGE = st.recursive(
    ATOMS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.fixed_dictionaries({"W": inner, "b": inner})
    ),
    max_leaves=6,
)
BASE = {"W": np.array([0.5, -1.0]), "b": 0.25}


def height(point: Any) -> float:
    return float(np.sum(np.square(point["W"])) + point["b"])


def reference(point: Any) -> float:
    return height(point)


CHECKS = {
    "array": lambda got: checks.array(got, np.array([0.0, 1.0]), name="f"),
    "matrix": lambda got: checks.array(got, np.array([[0.5, 1.0], [2.0, 3.0]]), name="f"),
    "huge": lambda got: checks.array(got, np.array([1.7e308, -1.7e308]), name="f"),
    "empty": lambda got: checks.array(got, np.zeros((0, 2)), name="f"),
    "arrays": lambda got: checks.arrays(got, BASE, name="f"),
    "tuple": lambda got: checks.arrays(got, (np.zeros(2), 1.0), name="f"),
    "number": lambda got: checks.number(got, 0.5, name="f"),
    "shape": lambda got: checks.shape(got, (2,), name="f"),
    "finite": lambda got: checks.finite(got, name="f"),
    "unpack": lambda got: checks.unpack(got, 2, name="f", parts=("w", "b")),
    "mapping": lambda got: checks.mapping(got, ("W", "b"), name="f"),
    "unchanged": lambda got: checks.unchanged(SimpleNamespace(args=(got,)), (BASE,), name="f"),
    "untouched": lambda got: checks.unchanged(SimpleNamespace(args=(got,)), (np.zeros(2),), name="f"),
    "same": lambda got: checks.same(got, got, name="f"),
    "different": lambda got: checks.different(got, np.zeros(2), name="f", because=Text("가", "a")),
    "losses": lambda got: checks.losses(got, 2, name="f"),
    "falls": lambda got: checks.falls(got, name="f", below=0.5),
    "gradient": lambda got: checks.gradient(got, BASE, lambda p: [0.0], reference, name="f", n=2),
    "loss": lambda got: checks.gradient(
        {"W": np.array([1.0, -2.0]), "b": 1.0}, BASE, lambda p: got, reference, name="f", n=2
    ),
    "heights": lambda got: checks.gradient(
        {"W": np.array([1.0, -2.0]), "b": 1.0}, BASE, lambda p: [got] * len(p), reference, name="f", n=2
    ),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
@steady
@given(got=GARBAGE)
def test_nothing_but_failed_is_raised(check, got):
    with contextlib.suppress(Failed):
        check(got)


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_structures_that_go_on_for_ever_come_to_an_end(check):
    deep: Any = 0.5
    for _ in range(100_000):
        deep = [deep]
    endless: Any = []
    endless += [endless, endless]
    for got in (deep, {"W": deep, "b": deep}, (endless, endless)):
        with contextlib.suppress(Failed):
            check(got)


@pytest.mark.parametrize("name", ["array", "number", "finite", "unpack", "mapping", "losses", "same", "gradient"])
def test_an_object_that_stayed_inside_is_told_apart_without_touching_it(name):
    with pytest.raises(Failed) as caught:
        CHECKS[name](Handle())
    assert "not data" in caught.value.message.en
