"""The losses of a training run: one finite number an epoch, and falling."""

from __future__ import annotations

import numpy as np

from grader.failed import Failed
from grader.suite.checks.arrays import finite
from grader.suite.checks.kinds import FloatArray, is_array, is_sequence, kind
from grader.suite.checks.reading import check_finite, read
from grader.suite.checks.shapes import check_shape
from grader.suite.checks.words import figures
from grader.text import Text


def losses(got: object, n: int, *, name: str) -> FloatArray:
    """A list (or tuple, array, tensor) of `n` finite numbers; returned as float64 (n,)."""
    if not (is_sequence(got) or is_array(got)):
        raise Failed(_not_a_list(got, name))
    values = read(got, name=name).values
    if values.ndim == 1 and len(values) != n:
        raise Failed(
            _wrong_length(len(values), n, name),
            Text(f"기대한 개수 {n}, 받은 개수 {len(values)}", f"expected {n} numbers, got {len(values)}"),
        )
    check_shape(values.shape, (n,), name=name)
    return check_finite(values, name=name)


def falls(losses: object, *, name: str, below: float | None = None, slack: float = 0.0) -> None:
    """Never rises by more than `slack` from one epoch to the next, and ends below `below`."""
    values = finite(losses, name=name).ravel()
    if not values.size:
        raise Failed(_empty(name))
    with np.errstate(all="ignore"):
        rises = np.flatnonzero(np.diff(values) > slack)
    if rises.size:
        always = rises.size == values.size - 1
        sign = "climbing" if always else None
        raise Failed(_rises(name, always=always), _step(values, int(rises[0])), misconception=sign)
    if below is not None and not values[-1] < below:
        first, last = figures(below, float(values[-1]))
        raise Failed(
            _too_high(values, name),
            Text(f"마지막 값 {last}, 목표는 {first} 미만", f"ends at {last}, needs to be below {first}"),
            misconception="nothing-learned" if _stands_still(values) else None,
        )


def _not_a_list(got: object, name: str) -> Text:
    what = kind(got)
    message = Text(
        f"`{name}`의 값은 에폭마다 숫자 하나를 담은 리스트여야 하는데, {what.ko}입니다.",
        f"`{name}` needs to be a list with one number an epoch; it is {what.en}.",
    )
    if got is None:
        message += Text("`return`을 빠뜨리지 않았는지 확인하세요.", "Check that a `return` is not missing.")
    return message


def _wrong_length(got: int, expected: int, name: str) -> Text:
    """One too many and none at all have reasons of their own."""
    message = Text(
        f"`{name}`에는 에폭마다 숫자가 하나씩 있어야 하는데, 개수가 다릅니다.",
        f"`{name}` needs one number an epoch; it has another length.",
    )
    if got == 0:
        return message + Text(
            "비어 있습니다. 반복문 안에서 덧붙이는지 보세요.",
            "It is empty. Check that the loop appends.",
        )
    if got == expected + 1:
        return message + Text(
            "하나가 더 있습니다. 반복문 앞이나 뒤에서 한 번 더 덧붙이지 않는지 보세요.",
            "There is one too many. Check whether one is appended before or after the loop.",
        )
    if got == expected - 1:
        return message + Text(
            "하나가 모자랍니다. 반복 횟수와 첫 손실을 확인하세요.",
            "There is one too few. Check the number of rounds, and the first loss.",
        )
    return message


def _empty(name: str) -> Text:
    return Text(f"`{name}`에 숫자가 하나도 없습니다.", f"`{name}` holds no number.")


def _rises(name: str, *, always: bool) -> Text:
    if always:
        return Text(
            f"`{name}`의 값이 계속 커집니다. 갱신의 부호를 확인하세요: 기울기를 빼야 합니다.",
            f"The values of `{name}` keep rising. Check the sign of the update: the gradient is subtracted.",
        )
    return Text(
        f"`{name}`의 값이 중간에 커집니다. 갱신에 쓰는 기울기와 학습률을 확인하세요.",
        f"The values of `{name}` rise on the way. Check the gradient and the learning rate of the update.",
    )


def _step(values: FloatArray, index: int) -> Text:
    first, second = figures(float(values[index]), float(values[index + 1]))
    return Text(
        f"[{index}]의 값 {first}에서 [{index + 1}]의 값 {second}까지 커집니다.",
        f"it rises from {first} at [{index}] to {second} at [{index + 1}]",
    )


def _stands_still(values: FloatArray) -> bool:
    return values.size > 1 and bool((values == values[0]).all())


def _too_high(values: FloatArray, name: str) -> Text:
    if _stands_still(values):
        return Text(
            f"`{name}`의 값이 전혀 변하지 않습니다. 갱신한 값을 다음 에폭에서 쓰는지 확인하세요.",
            f"The values of `{name}` never change. Check that the next epoch uses the updated values.",
        )
    return Text(
        f"`{name}`의 값이 충분히 작아지지 않습니다. 기울기와 학습률을 확인하세요.",
        f"The values of `{name}` do not fall far enough. Check the gradient and the learning rate.",
    )
