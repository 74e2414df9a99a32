"""A student's answer, read as an array of float64."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.failed import Failed
from grader.suite.checks.kinds import FloatArray, array_kind, is_array, is_number, is_sequence, kind
from grader.suite.checks.words import place
from grader.text import Text

_DEPTH = 16  # no answer of this course nests deeper


@dataclass(frozen=True)
class Reading:
    """The values, and the dtype they had where it was coarser than float64."""

    values: FloatArray
    coarse: str | None = None


class _Unreadable(Exception):
    """Not an array of numbers, for the reason that `message` ("`{name}` ...") gives."""

    def __init__(self, ko: str, en: str) -> None:
        super().__init__(en)
        self.message = Text(ko, en)


def read(value: object, *, name: str) -> Reading:
    """A number, array, tensor or (nested) list of these, of any shape; integers and bools count as numbers.

    Raises `Failed` for anything else: None, strings, ragged lists, complex numbers, objects.
    """
    try:
        return _read(value, 0)
    except _Unreadable as fault:
        ko, en = fault.message.ko, fault.message.en
        raise Failed(Text(f"`{name}`의 값이 {ko}", f"`{name}` is {en}")) from None


def check_finite(values: FloatArray, *, name: str) -> FloatArray:
    """The values again; raises `Failed` when one is NaN or infinite."""
    for bad, message in (
        (np.isnan(values), _nan(name)),
        (np.isinf(values), _infinite(name)),
    ):
        if bad.any():
            raise Failed(message, _first(bad))
    return values


def known(value: object) -> FloatArray:
    """An expected value as float64. Raises `ValueError` (ours) unless it is a finite array of numbers."""
    try:
        values = _read(value, 0).values
    except _Unreadable as fault:
        raise ValueError(f"the expected value is {fault.message.en}") from None
    if not np.isfinite(values).all():
        raise ValueError("the expected value is not finite")
    return values


def _read(value: object, depth: int) -> Reading:
    if is_number(value):
        return Reading(np.asarray(_float(value)))
    if is_array(value):
        return _from_array(np.asarray(value))
    if is_sequence(value):
        return _from_sequence(value, depth)
    raise _not_numbers(kind(value), depth, forgotten=value is None)


def _float(value: float) -> float:
    """An int beyond the range of float64 is infinite, as it would be in an array."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _from_array(values: npt.NDArray[Any]) -> Reading:
    if values.dtype.kind not in "biuf":
        raise _not_numbers(array_kind(values), 0)
    coarse = str(values.dtype) if values.dtype.kind == "f" and values.dtype.itemsize < 8 else None
    with np.errstate(all="ignore"):
        return Reading(values.astype(np.float64), coarse)


def _from_sequence(items: Sequence[object], depth: int) -> Reading:
    """The items stacked along a new first axis; all must have one shape."""
    if depth >= _DEPTH:
        raise _Unreadable("너무 깊이 중첩된 리스트입니다.", "a list that is nested too deeply.")
    if all(is_number(item) for item in items):
        return Reading(np.array([_float(item) for item in items if is_number(item)], dtype=np.float64))
    rows = [_read(item, depth + 1) for item in items]
    if len({row.values.shape for row in rows}) > 1:
        raise _Unreadable(
            "들쭉날쭉한 리스트입니다. 모든 행의 길이가 같은지 확인하세요.",
            "a ragged list. Check that all of its rows have the same length.",
        )
    if rows[0].values.ndim >= _DEPTH:
        raise _Unreadable("차원이 너무 많은 배열입니다.", "an array of too many dimensions.")
    coarse = next((row.coarse for row in rows if row.coarse), None)
    return Reading(np.stack([row.values for row in rows]), coarse)


def _not_numbers(what: Text, depth: int, *, forgotten: bool = False) -> _Unreadable:
    if depth:
        return _Unreadable(
            f"숫자로만 되어 있지 않습니다. 안에 {what.ko} 값이 들어 있습니다.",
            f"not made of numbers alone: it holds {what.en}.",
        )
    if forgotten:
        return _Unreadable(
            "None입니다. `return`을 빠뜨리지 않았는지 확인하세요.",
            "None. Check that a `return` is not missing.",
        )
    return _Unreadable(
        f"숫자나 숫자 배열이어야 하는데, {what.ko}입니다.",
        f"{what.en}, where a number or an array of numbers is needed.",
    )


def _nan(name: str) -> Text:
    return Text(
        f"`{name}`의 값에 NaN이 있습니다. 0으로 나누거나 log(0), inf - inf를 계산하는 곳이 있는지 보세요.",
        f"`{name}` holds NaN. Look for a division by zero, a log(0) or an inf - inf.",
    )


def _infinite(name: str) -> Text:
    return Text(
        f"`{name}`의 값에 무한대(inf)가 있습니다. exp가 넘치거나 log(0)을 계산하거나 발산하지 않는지 보세요.",
        f"`{name}` holds an infinity. Look for an exp that overflows, a log(0), or steps that diverge.",
    )


def _first(bad: npt.NDArray[np.bool_]) -> Text | None:
    """How many there are and where the first is; nothing for a single number."""
    if not bad.shape:
        return None
    count, where = int(bad.sum()), place(np.argwhere(bad)[0])
    return Text(
        f"값 {bad.size}개 중 {count}개, 처음 나오는 곳은 {where}",
        f"{count} of {bad.size} values, the first at {where}",
    )
