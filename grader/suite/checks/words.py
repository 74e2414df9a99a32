"""Phrases in both languages that several checks share.

Korean sentences put only particles without a variant (의, 에, 에서) behind a quoted name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsIndex

import numpy as np
import numpy.typing as npt

from grader.suite.checks.kinds import FloatArray, Shape
from grader.text import Text

_ORDINALS = (
    Text("첫째", "first"),
    Text("둘째", "second"),
    Text("셋째", "third"),
    Text("넷째", "fourth"),
    Text("다섯째", "fifth"),
)
_NAMES_SHOWN = 6
_NAME_LENGTH = 60


def ordinal(index: int) -> Text:
    """As "first" for 0; a number from the sixth on."""
    if index < len(_ORDINALS):
        return _ORDINALS[index]
    return Text(f"{index + 1}번째", f"{index + 1}th")


def quoted(names: Iterable[str]) -> str:
    """`W1`, `b1`: each in backticks, long lists and long names cut."""
    listed = [f"`{elided(name)}`" for name in names]
    more = ", ..." if len(listed) > _NAMES_SHOWN else ""
    return ", ".join(listed[:_NAMES_SHOWN]) + more


def elided(text: str) -> str:
    """On one line, without backticks, and short: for text that a student chose."""
    clean = "".join(letter if letter.isprintable() and letter != "`" else "?" for letter in text)
    return clean if len(clean) <= _NAME_LENGTH else clean[: _NAME_LENGTH - 3] + "..."


def literal(value: object) -> str:
    """A number, string or None as Python writes it, elided; an int too long to write out is called huge."""
    try:
        return elided(repr(value))
    except ValueError:
        return "a huge int"


def place(index: Iterable[SupportsIndex]) -> str:
    """An index as it is written in Python: "[2, 0]"."""
    return str([int(position) for position in index])


def figures(expected: float, got: float) -> tuple[str, str]:
    """Both numbers with as few digits as tell them apart (six at least)."""
    expected, got = expected + 0.0, got + 0.0  # no "-0"
    for digits in (6, 9, 12):
        pair = f"{expected:.{digits}g}", f"{got:.{digits}g}"
        if pair[0] != pair[1]:
            return pair
    return repr(float(expected)), repr(float(got))


def expected_got(expected: float, got: float) -> Text:
    """As "expected 0.5, got 0.7 (difference 0.2)"."""
    with np.errstate(all="ignore"):
        gap = f"{abs(np.float64(got) - np.float64(expected)):.3g}"
    first, second = figures(expected, got)
    return Text(
        f"기대한 값 {first}, 받은 값 {second} (차이 {gap})",
        f"expected {first}, got {second} (difference {gap})",
    )


def shapes(expected: Shape, got: Shape) -> Text:
    """As "expected shape (4,), got (4, 1)"."""
    return Text(f"기대한 모양 {expected}, 받은 모양 {got}", f"expected shape {expected}, got {got}")


def worst(expected: FloatArray, got: FloatArray, wrong: npt.NDArray[np.bool_]) -> Text:
    """As "3 of 8 values differ, the largest at [2, 0]: ..."; `wrong`, of the same shape, has at least one."""
    with np.errstate(all="ignore"):
        gaps = np.where(wrong, np.abs(got - expected), -1.0)
    index = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    numbers = expected_got(float(expected[index]), float(got[index]))
    if expected.size == 1:
        return numbers
    count, total, where = int(wrong.sum()), wrong.size, place(index)
    verb = "differs" if count == 1 else "differ"
    return Text(
        f"값 {total}개 중 {count}개가 다릅니다. 차이가 가장 큰 곳은 {where}: {numbers.ko}",
        f"{count} of {total} values {verb}, the largest at {where}: {numbers.en}",
    )
