"""Min-max scaling: fitted on one part, applied to another."""

import numpy as np
import pytest

from grader.suite import checks

FIT, APPLY = "min_max_fit(X)", "min_max_apply(X, lo, hi)"


@pytest.mark.points(1)
@pytest.mark.title(ko="min_max_fit: 열마다 최솟값과 최댓값", en="min_max_fit: the range of every column")
@pytest.mark.hint(
    ko="열(특성)마다 하나씩이므로 결과의 길이는 d입니다. 예제 방향의 축은 어느 쪽일까요?",
    en="One number per column (feature), so the results have length d. Which axis runs over the examples?",
)
def test_fit(student, oracle):
    """Columns of very different ranges, one of them constant."""
    for seed, n in ((1, 9), (2, 2)):
        X = oracle.table(seed, n)
        lo, hi = checks.unpack(student.min_max_fit(X), 2, name=FIT, parts=("lo", "hi"))
        for part, got, expected, of in zip(
            ("lo", "hi"), (lo, hi), oracle.min_max_fit(X), (np.min, np.max), strict=True
        ):
            oracle.for_columns(got, expected, of(X, axis=1), of(X), name=f"{FIT}: {part}", rtol=1e-5)


@pytest.mark.points(1)
@pytest.mark.title(
    ko="min_max_apply: 훈련 때의 범위를 그대로 씀", en="min_max_apply: uses the range of the training part"
)
@pytest.mark.hint(
    ko="처음 보는 값은 0과 1 밖으로 나갈 수 있고, 그것이 맞습니다. 여기서 다시 구하거나 잘라 내는 것이 있나요?",
    en="New values may fall outside 0 to 1, and that is right. Is anything computed anew, or clipped, here?",
)
def test_unseen(student, oracle):
    """Values below lo and above hi; a part of two rows, then of one."""
    X = oracle.table(3)
    lo, hi = oracle.min_max_fit(X)
    new = np.array([lo - 2 * (hi - lo) - 1, hi + 0.5 * (hi - lo), 0.25 * lo + 0.75 * hi])
    for part in (X, new, new[:1]):
        mistakes = [
            (
                "지금 받은 X에서 범위를 다시 구합니다. 훈련 데이터의 lo와 hi를 써야 합니다.",
                "The range is taken anew from the X at hand. Use lo and hi, which come from the training part.",
                oracle.min_max_apply(part, *oracle.min_max_fit(part)),
                "scaler-leak",
            ),
            (
                "0과 1 사이로 잘라 냈습니다. 범위 밖의 값은 그대로 두세요.",
                "The values are clipped to 0 to 1. Leave values outside the range as they are.",
                np.clip(oracle.min_max_apply(part, lo, hi), 0, 1),
                "clipped-to-range",
            ),
        ]
        got = student.min_max_apply(part, lo, hi)
        oracle.told(got, oracle.min_max_apply(part, lo, hi), mistakes, name=APPLY, rtol=1e-4, atol=1e-6)


@pytest.mark.points(2)
@pytest.mark.title(ko="min_max_apply: 상수 열은 언제나 0", en="min_max_apply: a constant column is always 0")
@pytest.mark.hint(
    ko="hi == lo인 열에서 무엇을 무엇으로 나누게 되나요? 처음 보는 값이 와도 0이어야 합니다.",
    en="In a column where hi == lo, what is divided by what? It is 0 for values never seen, too.",
)
def test_constant(student, oracle):
    """Constant columns at 0 and elsewhere; the values seen in training, then others. What is finite without constant
    columns and is not with them was divided by 0."""
    lo, hi = np.array([0.0, -1.0, 7.0]), np.array([0.0, 3.0, 7.0])
    checks.shape(student.min_max_apply(np.ones((2, 3)), lo - 1, hi + 1), (2, 3), name=APPLY)
    for left, right in ((0.0, 7.0), (0.5, 9.0), (-3.0, 0.0)):
        X = np.array([[left, 1.0, right], [left, -1.0, right]])
        got = student.min_max_apply(X, lo, hi)
        with checks.misconception("zero-range-division"):
            checks.finite(got, name=APPLY)
        got = checks.shape(got, (2, 3), name=APPLY)
        oracle.constant_columns(got[:, [0, 2]], (X - lo)[:, [0, 2]], name=APPLY)
        checks.array(got, [[0, 0.5, 0], [0, 0, 0]], name=APPLY, rtol=1e-4, atol=1e-6)


@pytest.mark.points(1)
@pytest.mark.title(ko="min_max: 인자를 바꾸지 않음", en="min_max: leaves its arguments alone")
@pytest.mark.hint(
    ko="X -= lo는 부른 사람의 배열까지 고칩니다.",
    en="X -= lo changes the caller's array as well.",
)
def test_pure(student, oracle):
    """Both functions."""
    X = oracle.table(4)
    before = (X, *oracle.min_max_fit(X))
    fitting = student.call("min_max_fit", X.copy())
    with checks.misconception("in-place-arguments"):
        checks.unchanged(fitting, (X,), name=FIT, parts=("X",))
    applying = student.call("min_max_apply", *(part.copy() for part in before))
    with checks.misconception("in-place-arguments"):
        checks.unchanged(applying, before, name=APPLY, parts=("X", "lo", "hi"))
