"""What is wrong with a gradient: the common mistakes by name, and the number that is furthest off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.suite.checks import words
from grader.suite.checks.calls import Own
from grader.suite.checks.kinds import FloatArray
from grader.suite.checks.parts import label_parts
from grader.suite.checks.reading import known
from grader.suite.checks.slopes import Slopes, Space, Surface, measure, random_directions
from grader.suite.checks.values import differ
from grader.text import Text

_LOOSE = 1e-4  # how closely a wrong gradient must follow a mistake to be called by its name
_NEAR = 1e-2
_LEAF = 8  # numbers left for the end of the bisection
_PROBES = 3  # random directions for each half in it


@dataclass(frozen=True)
class Mistake:
    """A misconception: what the student reads, the gradient (dict or tuple) that it leads to, and its id."""

    ko: str
    en: str
    gradient: Mapping[str, Any] | Sequence[Any]
    misconception: str | None = None


@dataclass(frozen=True)
class Cause:
    """Why a gradient is wrong, and the id of the misconception that it shows."""

    text: Text
    misconception: str | None = None


@dataclass(frozen=True)
class Case:
    """What the diagnosis of one gradient looks at."""

    space: Space
    claim: Mapping[str, FloatArray]
    truth: Mapping[str, Slopes]
    wrong: tuple[str, ...]
    n: int
    rtol: float
    atol: float
    coarse: str | None  # the dtype of the claim where it is coarser than float64

    def fits(self, change: Callable[[FloatArray], FloatArray]) -> bool:
        """The wrong parts are right once they are changed."""
        with np.errstate(all="ignore"):
            changed = {label: change(self.claim[label]) for label in self.wrong}
        rtol = max(self.rtol, _LOOSE)
        return all(self.truth[label].fits(part, rtol, self.atol) for label, part in changed.items())


def cause(case: Case, name: str, mistakes: Sequence[Mistake], parts: Sequence[str]) -> Cause:
    """What is wrong and, where the gradient follows a known mistake, which."""
    found = _pattern(case) or _mistake(case, mistakes, parts)
    found = found or Cause(_zero(case) or _nearly(case) or _look_at(case))
    return Cause(_subject(case, name) + found.text, found.misconception)


def _subject(case: Case, name: str) -> Text:
    """Which parts are wrong, and whether others are right."""
    if len(case.space.shapes) == 1 or len(case.wrong) == len(case.space.shapes):
        return Text(f"`{name}`의 기울기가 맞지 않습니다.", f"The gradient that `{name}` gives is wrong.")
    listed, verb = words.quoted(_shown(case.space, case.wrong)), "is" if len(case.wrong) == 1 else "are"
    return Text(
        f"`{name}`의 기울기 가운데 {listed}만 맞지 않고 나머지는 맞습니다.",
        f"Of the gradient that `{name}` gives, only {listed} {verb} wrong; the rest is right.",
    )


def _shown(space: Space, labels: Sequence[str]) -> list[str]:
    """A tuple's part without a name is known by its index."""
    return [f"[{label}]" if label.isdigit() and not space.keyed else label for label in labels]


def _pattern(case: Case) -> Cause | None:
    """A sign, a factor, or a transpose, in every wrong part alike."""
    for change, it in _changes(case.n):
        if case.fits(change):
            return it
    if any(_is_square(case.claim[label]) for label in case.wrong) and case.fits(_flip):
        return _TRANSPOSED
    return None


def _changes(n: int) -> list[tuple[Callable[[FloatArray], FloatArray], Cause]]:
    """What would make it right, and the mistake which that undoes."""
    by_n = [(lambda part: part / n, _MISSING_N), (lambda part: part * n, _EXTRA_N)] if n > 1 else []
    return [
        (lambda part: -part, _SIGN),
        *by_n,
        (lambda part: part / 2, _TWICE),
        (lambda part: part * 2, _HALF),
    ]


def _is_square(part: FloatArray) -> bool:
    return part.ndim == 2 and part.shape[0] == part.shape[1] > 1


def _flip(part: FloatArray) -> FloatArray:
    return part.T if _is_square(part) else part


def _mistake(case: Case, mistakes: Sequence[Mistake], parts: Sequence[str]) -> Cause | None:
    """The first of the known misconceptions that gives the wrong parts as they are."""
    for mistake in mistakes:
        led_to = {label: known(part) for label, part in label_parts(mistake.gradient, parts).items()}
        if {label: part.shape for label, part in led_to.items()} != case.space.shapes:
            raise ValueError(f"the gradient of the mistake {mistake.en!r} has other parts or shapes")
        if all(_follows(case.claim[label], led_to[label], case.atol) for label in case.wrong):
            return Cause(Text(mistake.ko, mistake.en), mistake.misconception)
    return None


def _follows(part: FloatArray, led_to: FloatArray, atol: float) -> bool:
    scale = float(np.max(np.abs(led_to), initial=0.0))
    return not differ(part, led_to, 0.0, atol + _LOOSE * scale).any()


def _zero(case: Case) -> Text | None:
    """Parts that are zero throughout."""
    zero = [label for label in case.wrong if not case.claim[label].any()]
    if not zero:
        return None
    listed = words.quoted(_shown(case.space, zero))
    return Text(
        f"{listed}의 기울기가 모두 0입니다. 계산한 값을 결과에 넣는지 확인하세요.",
        f"The gradient of {listed} is zero throughout. Check that what you compute gets into the result.",
    )


def _nearly(case: Case) -> Text | None:
    """Right to one in a hundred: computed too coarsely, or approximated."""
    if not all(case.truth[label].fits(case.claim[label], _NEAR, case.atol) for label in case.wrong):
        return None
    if case.coarse:
        return Text(
            f"거의 맞지만 {case.coarse} 정밀도로는 모자랍니다. float64로 계산하세요.",
            f"It is nearly right, but {case.coarse} is not precise enough. Compute in float64.",
        )
    return Text(
        "거의 맞지만 정확하지 않습니다. 수치 미분이나 근사 대신 미분한 식으로 계산하세요.",
        "It is nearly right but not exact. Compute it from the derived formula, "
        "not from numerical differences or another approximation.",
    )


def _look_at(case: Case) -> Text:
    """No known mistake: the part that is furthest off."""
    if len(case.wrong) == 1:
        return _CHAIN_RULE
    listed = words.quoted(_shown(case.space, [_worst_part(case)]))
    return Text(f"{listed}의 식부터 확인하세요.", f"Begin with the formula for {listed}.")


def _worst_part(case: Case) -> str:
    """The wrong part with the largest error in units of its tolerance."""

    def excess(label: str) -> float:
        measured = case.truth[label]
        return float(measured.misfit(case.claim[label]).max()) / measured.tolerance(case.rtol, case.atol)

    return max(case.wrong, key=excess)


def own_loss(claim: Mapping[str, FloatArray], own: Own | None, rtol: float, atol: float) -> Text:
    """A gradient that is right for a loss that is wrong."""
    if own is None or own.believed or not own.slopes:
        return Text("", "")
    if not all(own.slopes[label].fits(part, rtol, atol) for label, part in claim.items()):
        return Text("", "")
    return Text(
        "여러분의 손실 함수와는 맞는 기울기이지만, 그 손실 함수가 과제의 정의와 다릅니다. 손실 함수부터 고치세요.",
        "It is the gradient of your own loss, but that loss is not the assignment's: mend the loss first.",
    )


def detail(case: Case, height: Surface, rng: np.random.Generator) -> Text:
    """The worst number of the worst part."""
    label = _worst_part(case)
    measured, part = case.truth[label], case.claim[label]
    shown = _shown(case.space, [label])[0]
    numbers = _among_all(case, measured, part) if measured.exact else _by_bisection(case, label, height, rng)
    return Text(f"{shown}: {numbers.ko}", f"{shown}: {numbers.en}")


def _among_all(case: Case, measured: Slopes, part: FloatArray) -> Text:
    truth = measured.values.reshape(part.shape)
    wrong = differ(part, truth, 0.0, measured.tolerance(case.rtol, case.atol))
    return words.worst(truth, part, wrong)


def _by_bisection(case: Case, label: str, height: Surface, rng: np.random.Generator) -> Text:
    """Halve the part, keep the half with the larger error, and measure the last few numbers one by one."""
    part = case.claim[label]
    indices = np.arange(part.size)
    while len(indices) > _LEAF:
        halves = np.array_split(indices, 2)
        indices = max(halves, key=lambda half: _error(case, label, half, height, rng))
    lines = np.zeros((len(indices), part.size))
    lines[np.arange(len(indices)), indices] = 1.0
    measured = measure(case.space, label, lines, height)
    worst = int(np.argmax(measured.misfit(part)))
    index = np.unravel_index(int(indices[worst]), part.shape)
    numbers, where = words.expected_got(float(measured.values[worst]), float(part[index])), words.place(index)
    return Text(f"차이가 큰 곳은 {where}: {numbers.ko}", f"far off at {where}: {numbers.en}")


def _error(case: Case, label: str, indices: npt.NDArray[np.intp], height: Surface, rng: np.random.Generator) -> float:
    """The size of the error in some coordinates of a part, estimated by random projections."""
    lines = np.zeros((_PROBES, case.claim[label].size))
    lines[:, indices] = random_directions(_PROBES, len(indices), rng)
    misfit = measure(case.space, label, lines, height).misfit(case.claim[label])
    return float(np.sum(misfit**2)) * len(indices)


_SIGN = Cause(
    Text(
        "부호가 반대입니다. (예측 - 정답)의 순서를 확인하세요.",
        "Its sign is the opposite. Check the order of (prediction - target).",
    ),
    "opposite-sign",
)
_MISSING_N = Cause(
    Text(
        "예제 수 n으로 나누는 것이 빠졌습니다. 손실이 합이 아니라 평균이면 기울기도 평균입니다.",
        "The division by the number of examples n is missing: the loss is a mean, so its gradient is one too.",
    ),
    "missing-one-over-n",
)
_EXTRA_N = Cause(
    Text(
        "예제 수 n으로 한 번 더 나누었습니다. 평균을 두 번 구하지 않았는지 보세요.",
        "It is divided by the number of examples n once too often. Look for a mean that is taken twice.",
    ),
    "extra-one-over-n",
)
_TWICE = Cause(
    Text(
        "올바른 값의 2배입니다. 제곱의 미분에서 나오는 2가 잘못 들어가지 않았는지 보세요.",
        "It is twice what it should be. Check the 2 that comes from the derivative of a square.",
    ),
    "factor-of-two",
)
_HALF = Cause(
    Text(
        "올바른 값의 절반입니다. 제곱의 미분에서 나오는 2를 빠뜨리지 않았는지 보세요.",
        "It is half of what it should be. Check the 2 that comes from the derivative of a square.",
    ),
    "factor-of-two",
)
_CHAIN_RULE = Text(
    "연쇄 법칙의 각 인수를 하나씩 확인하세요.",
    "Check each factor of the chain rule, one by one.",
)
_TRANSPOSED = Cause(
    Text(
        "전치되어 있습니다. 행렬 곱의 순서와 `.T`의 위치를 확인하세요.",
        "It is transposed. Check the order of the matrix product and where the `.T` stands.",
    ),
    "transposed-gradient",
)
