"""A wrong shape, and the accident that most likely led to it."""

from __future__ import annotations

from collections.abc import Callable

from grader.failed import Failed
from grader.suite.checks import words
from grader.suite.checks.kinds import Shape
from grader.text import Text

Test = Callable[[Shape, Shape], bool]


def check_shape(got: Shape, expected: Shape, *, name: str) -> None:
    """Raises `Failed` when the shapes differ, naming the accident where it is a common one."""
    if got != expected:
        raise Failed(_subject(name) + _accident(got, expected), words.shapes(expected, got))


def _subject(name: str) -> Text:
    return Text(f"`{name}`의 모양(shape)이 맞지 않습니다.", f"`{name}` has the wrong shape.")


def _accident(got: Shape, expected: Shape) -> Text:
    for happened, words_for_it in _ACCIDENTS:
        if happened(got, expected):
            return words_for_it
    return _dimensions(got, expected) if len(got) != len(expected) else _lengths(got, expected)


def _dimensions(got: Shape, expected: Shape) -> Text:
    return Text(
        f"{len(expected)}차원이어야 하는데 {len(got)}차원입니다.",
        f"It needs to be {len(expected)}-dimensional and is {len(got)}-dimensional.",
    )


def _lengths(got: Shape, expected: Shape) -> Text:
    """Which axes are too long or too short, without saying how long they should be."""
    axes = [axis for axis, pair in enumerate(zip(got, expected, strict=True)) if pair[0] != pair[1]]
    listed = ", ".join(str(axis) for axis in axes)
    return Text(
        f"길이가 다른 축(axis): {listed}. 입력의 어느 축에서 온 길이인지 확인하세요.",
        f"The length differs along axis {listed}. Check which axis of the input it comes from.",
    )


def _scalar_for_array(got: Shape, expected: Shape) -> bool:
    return got == ()


def _single_for_scalar(got: Shape, expected: Shape) -> bool:
    return expected == () and all(length == 1 for length in got)


def _array_for_scalar(got: Shape, expected: Shape) -> bool:
    return expected == ()


def _column_for_flat(got: Shape, expected: Shape) -> bool:
    return len(expected) == 1 and got == (*expected, 1)


def _row_for_flat(got: Shape, expected: Shape) -> bool:
    return len(expected) == 1 and got == (1, *expected)


def _flat_for_column(got: Shape, expected: Shape) -> bool:
    return len(expected) == 2 and expected[1] == 1 and got == expected[:1]


def _broadcast(got: Shape, expected: Shape) -> bool:
    """(n, n) where (n,) or (n, 1) was meant: a column met a flat array."""
    return len(expected) in (1, 2) and expected[1:] in ((), (1,)) and got == (expected[0], expected[0])


def _transposed(got: Shape, expected: Shape) -> bool:
    return len(expected) == 2 and got == expected[::-1]


def _batch_lost(got: Shape, expected: Shape) -> bool:
    return len(expected) >= 2 and got in (expected[1:], (1, *expected[1:]))


def _extra_axis(got: Shape, expected: Shape) -> bool:
    return len(got) > len(expected) and _squeezed(got) == _squeezed(expected)


def _axis_lost(got: Shape, expected: Shape) -> bool:
    return len(got) < len(expected) and _squeezed(got) == _squeezed(expected)


def _squeezed(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)


_ACCIDENTS: tuple[tuple[Test, Text], ...] = (  # the first that fits is told
    (
        _scalar_for_array,
        Text(
            "배열이어야 하는데 숫자 하나입니다. 합이나 평균을 너무 넓은 축에서 구하지 않았는지 보세요.",
            "It is a single number where an array is needed. Look for a sum or mean that runs over too many axes.",
        ),
    ),
    (
        _single_for_scalar,
        Text(
            "숫자 하나여야 하는데, 숫자 하나를 담은 배열입니다. `float(...)`이나 `.item()`으로 꺼내세요.",
            "It is an array that holds one number, where the number itself is needed. "
            "Take it out with `float(...)` or `.item()`.",
        ),
    ),
    (
        _array_for_scalar,
        Text(
            "숫자 하나여야 하는데 배열입니다. 합이나 평균이 빠지지 않았는지 보세요.",
            "It is an array where a single number is needed. Check that a sum or mean is not missing.",
        ),
    ),
    (
        _column_for_flat,
        Text(
            "(n,)이어야 하는데 열벡터 (n, 1)입니다. `.ravel()`로 펴거나 `keepdims`를 확인하세요.",
            "It is a column (n, 1) where a flat (n,) is needed. Flatten it with `.ravel()`, or look at `keepdims`.",
        ),
    ),
    (
        _row_for_flat,
        Text(
            "(n,)이어야 하는데 행벡터 (1, n)입니다. `.ravel()`로 펴거나 `keepdims`를 확인하세요.",
            "It is a row (1, n) where a flat (n,) is needed. Flatten it with `.ravel()`, or look at `keepdims`.",
        ),
    ),
    (
        _flat_for_column,
        Text(
            "열벡터 (n, 1)이어야 하는데 (n,)입니다. `.reshape(-1, 1)`로 축을 되살리세요.",
            "It is a flat (n,) where a column (n, 1) is needed. Bring the axis back with `.reshape(-1, 1)`.",
        ),
    ),
    (
        _broadcast,
        Text(
            "(n, n)이 되었습니다. (n,)과 (n, 1)을 함께 계산해서 브로드캐스팅이 일어나지 않았는지 보세요.",
            "It has become (n, n). Check whether (n,) meets (n, 1) somewhere and is broadcast.",
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
        _batch_lost,
        Text(
            "첫째 축(배치)이 사라졌습니다. 예제마다 결과가 있어야 하니 합이나 평균의 axis를 확인하세요.",
            "The first axis (the batch) is lost. Every example needs a result of its own: "
            "check the axis of a sum or mean.",
        ),
    ),
    (
        _extra_axis,
        Text(
            "길이가 1인 축이 더 있습니다. `.squeeze()`나 `.reshape(...)`로 없애고 `keepdims`를 확인하세요.",
            "It has an extra axis of length one. "
            "Remove it with `.squeeze()` or `.reshape(...)`, and look at `keepdims`.",
        ),
    ),
    (
        _axis_lost,
        Text(
            "길이가 1인 축이 사라졌습니다. `.reshape(...)`로 되살리거나 `keepdims=True`를 쓰세요.",
            "An axis of length one is lost. Bring it back with `.reshape(...)`, or use `keepdims=True`.",
        ),
    ),
)
