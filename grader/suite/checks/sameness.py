"""Whether two answers are the same data, and where they first differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.failed import Failed
from grader.suite.checks import words
from grader.suite.checks.kinds import is_array, is_atom, is_dict, is_number, is_sequence
from grader.suite.checks.reading import read
from grader.text import Text

_DEPTH = 32


@dataclass(frozen=True)
class Difference:
    """The path to the place, as written in Python (`["W1"]`, `[0]`), and the numbers where there are any."""

    path: str = ""
    detail: Text | None = None


def is_data(value: object, depth: int = 0) -> bool:
    """Made of nothing but numbers, strings, None, arrays, and lists and dicts of these."""
    if depth > _DEPTH:
        return False
    if is_sequence(value):
        return all(is_data(item, depth + 1) for item in value)
    if is_dict(value):
        return all(is_atom(key) and is_data(item, depth + 1) for key, item in value.items())
    if is_array(value):
        return np.asarray(value).dtype.kind in "biufcUSmM"
    return is_atom(value)


def difference(first: object, second: object, path: str = "") -> Difference | None:
    """The first place where they differ; None when they are equal.

    NaN equals NaN, 1 equals 1.0, and a list equals an array or tuple of the same numbers. Objects that are
    not data cannot be told apart, so they count as equal.
    """
    if is_dict(first) and is_dict(second):
        return _in_dicts(first, second, path)
    if is_sequence(first) and is_sequence(second):
        return _in_sequences(first, second, path)
    if not (is_data(first) and is_data(second)):
        return None if _is_opaque(first) and _is_opaque(second) else Difference(path)
    if is_array(first) or is_array(second):
        return _in_arrays(first, second, path)
    return None if _equal_atoms(first, second) else Difference(path, _numbers(first, second))


def _is_opaque(value: object) -> bool:
    return not (is_data(value) or is_sequence(value) or is_dict(value))


def _in_dicts(first: dict[object, object], second: dict[object, object], path: str) -> Difference | None:
    keys = [key for key in first if is_atom(key)]
    if {*keys} != {key for key in second if is_atom(key)} or len(first) != len(second):
        return Difference(path)
    found = (difference(first[key], second[key], f"{path}[{_key(key)}]") for key in keys)
    return next((place for place in found if place), None)


def _key(key: object) -> str:
    return f'"{words.elided(key)}"' if isinstance(key, str) else words.literal(key)


def _in_sequences(first: Sequence[object], second: Sequence[object], path: str) -> Difference | None:
    if len(first) != len(second):
        return Difference(path)
    pairs = enumerate(zip(first, second, strict=True))
    found = (difference(one, other, f"{path}[{index}]") for index, (one, other) in pairs)
    return next((place for place in found if place), None)


def _in_arrays(first: object, second: object, path: str) -> Difference | None:
    one, other = _as_array(first), _as_array(second)
    if one is None or other is None or one.shape != other.shape:
        return Difference(path)
    unequal = _unequal(one, other)
    return Difference(path, _worst(one, other, unequal)) if unequal.any() else None


def _as_array(value: object) -> npt.NDArray[Any] | None:
    """Arrays as they are, so that large integers stay exact; lists and numbers as float64."""
    if is_array(value):
        return np.asarray(value)
    try:
        return read(value, name="").values
    except Failed:
        return None


def _unequal(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Elementwise; everything where the dtypes cannot be compared (numbers and strings)."""
    numeric = one.dtype.kind in "biufc", other.dtype.kind in "biufc"
    if not all(numeric):
        same = one.dtype.kind == other.dtype.kind
        return np.asarray(one != other) if same else np.ones(one.shape, dtype=np.bool_)
    return np.asarray((one != other) & ~(np.isnan(one) & np.isnan(other)))


def _worst(one: npt.NDArray[Any], other: npt.NDArray[Any], unequal: npt.NDArray[np.bool_]) -> Text | None:
    if one.dtype.kind not in "biuf" or other.dtype.kind not in "biuf":
        return None
    with np.errstate(all="ignore"):
        before, after = one.astype(np.float64), other.astype(np.float64)
        gaps = np.where(unequal, np.nan_to_num(np.abs(after - before), nan=np.inf), -1.0)
    index = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    first, second = words.figures(float(before[index]), float(after[index]))
    if not one.shape:
        return Text(f"처음 {first}, 다음 {second}", f"first {first}, then {second}")
    count, where = int(unequal.sum()), words.place(index)
    return Text(
        f"값 {one.size}개 중 {count}개가 다릅니다. 차이가 가장 큰 곳은 {where}: 처음 {first}, 다음 {second}",
        f"{count} of {one.size} values differ, the largest at {where}: first {first}, then {second}",
    )


def _equal_atoms(first: object, second: object) -> bool:
    if not (is_atom(first) and is_atom(second)):
        return False
    both_nan = first != first and second != second
    return both_nan or bool(first == second)


def _numbers(first: object, second: object) -> Text | None:
    if is_number(first) and is_number(second):
        one, other = words.literal(first), words.literal(second)
        return Text(f"처음 {one}, 다음 {other}", f"first {one}, then {other}")
    return None
