"""A scaler that is fitted once and used everywhere. How it scales is the student's choice."""

import numpy as np
import pytest

from grader.suite import checks

FIT = "fit_scaler(X)"


@pytest.mark.points(2)
@pytest.mark.title(ko="scale: 열마다 비슷한 크기", en="scale: columns of similar size")
@pytest.mark.hint(
    ko="피해량과 '첫 타워'의 크기가 아직도 수천 배 차이 나지 않나요? 축(axis)을 확인하세요.",
    en="Are damage and 'first tower' still a factor of thousands apart? Look at the axis.",
)
def test_similar(student, oracle):
    """Widths (largest minus smallest) of all columns within a factor of 300; raw ones are 300,000 apart."""
    X, _ = oracle.matches(500, 321)
    scaler = student.probe.keep("fit_scaler", X)
    scaled = oracle.scaled(student, X, scaler)
    widths, raw, found = np.ptp(scaled, axis=0), np.ptp(X, axis=0), None
    if np.allclose(scaled, X - X.mean(axis=0), rtol=1e-3, atol=1e-3):
        found = "centred-not-scaled"
    elif widths.min() > 0 and np.allclose(widths / raw, widths[0] / raw[0], rtol=1e-3):
        found = "scaled-whole-table"
    checks.that(
        bool(widths.min() > 0 and widths.max() <= 300 * widths.min() and widths.max() <= 1000),
        misconception=found,
        ko="scale: 크기를 맞춘 뒤에도 열들의 폭이 서로 너무 다릅니다 (또는 어떤 열이 사라졌습니다).",
        en="scale: after scaling, the columns' widths still differ far too much (or a column has vanished).",
    )


@pytest.mark.points(3)
@pytest.mark.title(ko="scale: 한 경기의 결과는 다른 경기와 상관없음", en="scale: a match does not depend on the others")
@pytest.mark.hint(
    ko="scale 안에서 지금 받은 X의 평균이나 최댓값을 다시 재지 않나요? 훈련 때 잰 수만 써야 합니다.",
    en="Is a mean or a maximum of the X at hand taken inside scale? Use the numbers of the training part alone.",
)
def test_rows_alone(student, oracle):
    """New matches, all together, a few, and one alone; two scalers on the same matches differ."""
    X, _ = oracle.matches(300, 322)
    new = oracle.matches(60, 323)[0] * 1.5 + 7
    scaler = student.probe.keep("fit_scaler", X)
    together = oracle.scaled(student, new, scaler)
    for few in (slice(0, 7), slice(59, 60)):
        alone = oracle.scaled(student, new[few], scaler)
        checks.that(
            bool(np.allclose(alone, together[few], rtol=1e-4, atol=1e-5)),
            misconception="scaler-leak",
            ko="scale: 같은 경기라도 함께 들어온 경기에 따라 값이 달라집니다. 시험 데이터의 정보가 새는 길입니다.",
            en="scale: the same match gets other values when other matches come along. The test part leaks in here.",
        )
    other = oracle.scaled(student, new, student.probe.keep("fit_scaler", X * 3 + 5))
    checks.that(
        not np.allclose(other, together, rtol=1e-4, atol=1e-5),
        ko="scale: 다른 데이터에서 잰 scaler를 주어도 결과가 같습니다. scaler를 쓰고 있나요?",
        en="scale: a scaler of other data gives the same result. Is the scaler used at all?",
    )


@pytest.mark.points(2)
@pytest.mark.title(ko="scale: 상수 열에서도 유한함", en="scale: finite for constant columns")
@pytest.mark.hint(
    ko="모든 경기의 등급이 같다면 그 열의 폭은 0입니다. 무엇을 무엇으로 나누게 되나요?",
    en="If all matches have one rank, the width of that column is 0. What is divided by what?",
)
def test_constant(student, oracle):
    """All matches of one rank, and blue never first; then values never seen in these columns."""
    X = oracle.matches(80, 324)[0].copy()
    X[:, 1], X[:, 45:] = 0.0, (0.0, 0.0, 1.0)
    new = X[:6].copy()
    new[:, 1], new[:, 45:] = 1.0, (1.0, 0.0, 0.0)
    scaler = student.probe.keep("fit_scaler", X)
    for part in (X, new):
        values = oracle.plain(student.probe.use("scale", part, scaler))
        constant = values is not None and values.shape == part.shape and np.isfinite(values[:, 2:45]).all()
        with oracle.sign("zero-range-division", bool(constant)):
            oracle.scaled(student, part, scaler)


@pytest.mark.points(1)
@pytest.mark.title(ko="fit_scaler, scale: 인자를 바꾸지 않음", en="fit_scaler, scale: leave their arguments alone")
@pytest.mark.hint(
    ko="X -= mean은 부른 사람의 배열까지 고칩니다.",
    en="X -= mean changes the caller's array as well.",
)
def test_pure(student, oracle):
    """Both functions."""
    X = oracle.matches(30, 325)[0]
    fitted = student.call("fit_scaler", X.copy())
    with checks.misconception("in-place-arguments"):
        checks.unchanged(fitted, (X,), name=FIT, parts=("X",))
    kept = student.probe.keep("fit_scaler", X)
    after, _ = checks.unpack(student.probe.after("scale", X, kept), 2, name="scale(X, scaler)")
    checks.that(
        bool(np.array_equal(checks.shape(after, X.shape, name="X"), X)),
        misconception="in-place-arguments",
        ko="scale이 받은 X의 값을 바꿉니다. 새 배열을 만들어 돌려주세요.",
        en="scale changes the X that it was given. Make and return a new array.",
    )
