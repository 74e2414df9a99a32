"""Values that differ from the expected ones, and the pattern in the difference where there is one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from grader.failed import Failed
from grader.suite.checks import words
from grader.suite.checks.kinds import FloatArray
from grader.suite.checks.reading import Reading
from grader.text import Text

Wrong = npt.NDArray[np.bool_]
Pattern = Callable[[FloatArray, FloatArray, float, float], bool]

_CLOSE = 1e-3


def check_values(got: Reading, expected: FloatArray, *, name: str, rtol: float, atol: float) -> None:
    """Raises `Failed` when a value differs by more than atol + rtol * |expected|; both have one shape."""
    wrong = differ(got.values, expected, rtol, atol)
    if wrong.any():
        message = _message(got, expected, wrong, name, rtol, atol)
        raise Failed(message, words.worst(expected, got.values, wrong))


def differ(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> Wrong:
    """Elementwise, for arrays of one shape (or a scalar tolerance, already scaled, in `atol`)."""
    with np.errstate(all="ignore"):
        return np.asarray(~(np.abs(got - expected) <= atol + rtol * np.abs(expected)))


def _message(got: Reading, expected: FloatArray, wrong: Wrong, name: str, rtol: float, atol: float) -> Text:
    if not differ(got.values, expected, _CLOSE, _CLOSE * _scale(expected)).any():
        return _subject(name, wrong) + _imprecise(got.coarse)
    for happened, words_for_it in _PATTERNS:
        if happened(got.values, expected, rtol, atol):
            return _subject(name, np.ones_like(wrong)) + words_for_it
    return _subject(name, wrong)


def _subject(name: str, wrong: Wrong) -> Text:
    if wrong.all():
        value = "values" if wrong.size > 1 else "value"
        return Text(f"`{name}`의 값이 맞지 않습니다.", f"`{name}` has the wrong {value}.")
    return Text(f"`{name}`의 값 가운데 일부가 맞지 않습니다.", f"Some values of `{name}` are wrong.")


def _scale(values: FloatArray) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _imprecise(coarse: str | None) -> Text:
    if coarse:
        return Text(
            f"거의 맞지만 {coarse} 정밀도로는 모자랍니다. float64로 계산하세요.",
            f"It is nearly right, but {coarse} is not precise enough. Compute in float64.",
        )
    return Text(
        "거의 맞지만 충분히 정확하지 않습니다. 반올림하거나 근사하는 곳이 있는지 보세요.",
        "It is nearly right but not precise enough. Look for a rounding or an approximation.",
    )


def _signs_flipped(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    return not differ(-got, expected, rtol, atol).any()


def _classes_swapped(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    return _are_classes(expected) and not differ(1.0 - got, expected, rtol, atol).any()


def _minus_one_classes(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    return _are_classes(expected) and bool((got == -1.0).any() and np.isin(got, (-1.0, 1.0)).all())


def _not_classes(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    return _are_classes(expected) and not np.isin(got, (0.0, 1.0)).all()


def _are_classes(expected: FloatArray) -> bool:
    """Only 0 and 1, and both of them."""
    return set(np.unique(expected).tolist()) == {0.0, 1.0}


def _transposed(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    square = expected.ndim == 2 and expected.shape[0] == expected.shape[1]
    return square and not differ(got.T, expected, rtol, atol).any()


def _shuffled(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    """All the right values in another order; no news for classes, which have only two."""
    if expected.size < 2 or _are_classes(expected):
        return False
    return not differ(np.sort(got, axis=None), np.sort(expected, axis=None), rtol, atol).any()


def _all_zero(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    return _vary(expected) and not got.any()


def _all_alike(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    """One value everywhere, where the expected ones differ."""
    return _vary(expected) and bool((got == got.flat[0]).all())


def _vary(expected: FloatArray) -> bool:
    """Numbers that are all equal have no pattern to find."""
    return bool(expected.max() > expected.min())


def _one_factor(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    if np.count_nonzero(expected) < 2 or not _vary(expected):
        return False
    with np.errstate(all="ignore"):
        worst = int(np.argmax(np.abs(expected)))
        factor = got.flat[worst] / expected.flat[worst]
        return bool(np.isfinite(factor) and factor) and not differ(got / factor, expected, rtol, atol).any()


def _one_offset(got: FloatArray, expected: FloatArray, rtol: float, atol: float) -> bool:
    if not _vary(expected):
        return False
    with np.errstate(all="ignore"):
        offset = got.flat[0] - expected.flat[0]
        return not differ(got - offset, expected, rtol, atol).any()


_PATTERNS: tuple[tuple[Pattern, Text], ...] = (  # the first that fits is told
    (
        _signs_flipped,
        Text(
            "부호가 반대입니다. 빼는 순서를 확인하세요.",
            "The sign is the opposite. Check the order of a subtraction.",
        ),
    ),
    (
        _classes_swapped,
        Text(
            "0과 1이 뒤바뀌었습니다. 비교의 방향을 확인하세요.",
            "0 and 1 are swapped. Check the direction of a comparison.",
        ),
    ),
    (
        _minus_one_classes,
        Text("-1과 1이 아니라 0과 1이어야 합니다.", "They need to be 0 and 1, not -1 and 1."),
    ),
    (
        _not_classes,
        Text(
            "모든 값이 0 아니면 1이어야 합니다. 문턱값과 비교하는 단계가 빠지지 않았는지 보세요.",
            "Every value needs to be 0 or 1. Check that the comparison with the threshold is not missing.",
        ),
    ),
    (
        _transposed,
        Text(
            "전치되어 있습니다. 행렬 곱의 순서와 `.T`의 위치를 확인하세요.",
            "It is transposed. Check the order of the matrix product and where the `.T` stands.",
        ),
    ),
    (
        _all_zero,
        Text(
            "모두 0입니다. 결과를 담을 배열을 만들어 두고 채우지 않았는지 보세요.",
            "They are all zero. Check that the array made for the result is really filled.",
        ),
    ),
    (
        _all_alike,
        Text(
            "값이 서로 달라야 하는데 모두 같습니다. 입력을 실제로 쓰는지 확인하세요.",
            "They are all alike where they should differ. Check that the input is really used.",
        ),
    ),
    (
        _shuffled,
        Text("값은 맞지만 순서가 다릅니다.", "The values are right, but their order is not."),
    ),
    (
        _one_factor,
        Text(
            "모든 값이 같은 배수만큼 다릅니다. 평균 대신 합을 구하거나 상수를 빠뜨리지 않았는지 보세요.",
            "All are off by the same factor. Look for a sum in place of a mean, or for a missing constant.",
        ),
    ),
    (
        _one_offset,
        Text(
            "모든 값이 같은 양만큼 어긋나 있습니다. 더하거나 빼는 항(예: 편향)을 확인하세요.",
            "All are off by the same amount. Check a term that is added or subtracted, such as a bias.",
        ),
    ),
)
