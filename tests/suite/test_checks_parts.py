"""Tuples to unpack, dicts with given keys, and claims of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.failed import Failed
from grader.suite import checks
from grader.text import Text


def failure(check: Any, *args: Any, **kwargs: Any) -> Failed:
    with pytest.raises(Failed) as caught:
        check(*args, **kwargs)
    assert caught.value.message.ko != caught.value.message.en
    return caught.value


def test_all_is_sorted_and_every_name_is_documented():
    assert list(checks.__all__) == sorted(checks.__all__)
    for name in checks.__all__:
        assert getattr(checks, name).__doc__


def test_unpack_gives_a_tuple():
    assert checks.unpack([1, None], 2, name="fit()") == (1, None)
    assert checks.unpack((1, 2, 3), 3, name="fit()", parts=("w", "b", "mistakes")) == (1, 2, 3)


def test_unpack_names_the_parts_and_the_lengths():
    fault = failure(checks.unpack, (1,), 2, name="fit()", parts=("w", "b"))
    assert fault.message.en == "`fit()` needs to be the tuple `(w, b)`; it has another length."
    assert fault.detail.en == "expected 2, got 1"


@pytest.mark.parametrize(
    ("got", "phrase"),
    [(None, "`return`"), (np.zeros(2), "array"), ({0: 1, 1: 2}, "a dict"), ("ab", "a string"), (1, "an int")],
)
def test_unpack_takes_nothing_but_tuples_and_lists(got, phrase):
    assert phrase in failure(checks.unpack, got, 2, name="fit()").message.en


def test_mapping_gives_the_keys_in_our_order():
    found = checks.mapping({"b": 2, "W": 1}, ("W", "b"), name="init()")
    assert list(found.items()) == [("W", 1), ("b", 2)]


def test_mapping_names_missing_and_extra_keys():
    failed = failure(checks.mapping, {"w": 1, "b": 2, 3: 4}, ("W", "b"), name="init()")
    assert failed.message.en == "`init()` has the wrong keys. Missing: `W`. Check upper and lower case."
    assert failed.detail.en == "Not wanted: `w`, `3`."  # a student's own keys could carry a hidden input out


def test_mapping_takes_nothing_but_dicts():
    for got in (None, [("W", 1)], "W", np.zeros(2)):
        assert "a dict with the keys `W`" in failure(checks.mapping, got, ("W",), name="init()").message.en


def test_long_and_strange_keys_are_cut():
    message = failure(checks.mapping, {"`\n" + "x" * 10_000: 1}, (), name="init()").message.en
    assert "\n" not in message
    assert len(message) < 200


def test_that_says_what_it_is_told():
    checks.that(True, ko="가", en="a")
    checks.that(np.bool_(True), ko="가", en="a")
    detail = Text("둘", "two")
    fault = failure(checks.that, np.bool_(False), ko="가", en="a", detail=detail)
    assert (fault.message, fault.detail) == (Text("가", "a"), detail)


def test_that_needs_a_real_bool():
    for condition in (1, None, [], object()):
        with pytest.raises(TypeError, match="must be a bool"):
            checks.that(condition, ko="가", en="a")
