"""The gradient of the mean squared error."""

import numpy as np
import pytest

from grader.suite import checks

NAME = "mse_grad(w, b, X, y)"


def parts_of(got, d):
    dw, db = checks.unpack(got, 2, name=NAME, parts=("dw", "db"))
    return checks.shape(dw, (d,), name=f"dw = {NAME}[0]"), checks.shape(db, (), name=f"db = {NAME}[1]")


def known_mistakes(oracle, w, b, X, y):
    """What the usual misconceptions would return."""
    dw, db = oracle.mse_grad(w, b, X, y)
    flat_w, flat_b = oracle.mse_grad(w, 0.0, X, y)
    return (
        checks.Mistake(
            "제곱을 미분할 때 나오는 2가 빠졌습니다. 이 과제의 손실에는 1/2이 없습니다.",
            "The 2 from the derivative of the square is missing. The loss here has no factor 1/2.",
            {"dw": dw / 2, "db": db / 2},
            "factor-of-two",
        ),
        checks.Mistake(
            "dw는 맞지만 db가 0입니다. b도 손실을 바꿉니다.",
            "dw is right, but db is 0. The bias changes the loss too.",
            {"dw": dw, "db": 0.0},
            "missing-bias",
        ),
        checks.Mistake(
            "dw는 평균인데 db는 합입니다. 둘 다 n으로 나눕니다.",
            "dw is a mean but db is a sum. Both are divided by n.",
            {"dw": dw, "db": db * len(y)},
            "missing-one-over-n",
        ),
        checks.Mistake(
            "오차에 편향 b가 빠졌습니다. 예측은 Xw + b입니다.",
            "The errors leave out the bias b. The prediction is Xw + b.",
            {"dw": flat_w, "db": flat_b},
            "missing-bias",
        ),
    )


@pytest.mark.points(5)
@pytest.mark.title(ko="mse_grad: 수치 미분과 비교", en="mse_grad: against numerical differentiation")
@pytest.mark.hint(
    ko="한 예제의 오차 e = w·x + b - y에서 시작하세요. e²을 w로, 또 b로 미분하면 각각 무엇인가요? 그다음 "
    "n개를 평균합니다.",
    en="Start from the error e = w·x + b - y of one example. What is the derivative of e² for w, and for "
    "b? Then average.",
)
def test_gradient(student, oracle):
    """Random points, n and d different, one with a single example and feature."""
    for seed, n, d in [(71, 9, 3), (72, 4, 6), (73, 1, 1)]:
        w, b, X, y = oracle.regression(seed, n, d)
        dw, db = parts_of(student.mse_grad(w, b, X, y), d)
        checks.gradient(
            {"dw": dw, "db": db},
            {"dw": w, "db": b},
            lambda points, X=X, y=y: student.each("mse", [(p["dw"], float(p["db"]), X, y) for p in points]),
            lambda p, X=X, y=y: oracle.mse(p["dw"], float(p["db"]), X, y),
            name=NAME,
            n=n,
            mistakes=known_mistakes(oracle, w, b, X, y),
            rtol=1e-4,
            atol=1e-6,
        )


@pytest.mark.points(1)
@pytest.mark.title(ko="mse_grad: 편향의 기울기 db", en="mse_grad: db, the derivative for the bias")
@pytest.mark.hint(
    ko="b는 모든 예제의 예측을 똑같이 움직입니다. 특성이 늘 1인 가중치라고 생각해 보세요. db는 수 "
    "하나입니다.",
    en="b moves every prediction alike: think of it as the weight of a feature that is always 1. db is "
    "one number.",
)
def test_bias(student, oracle):
    """db alone, for several sizes."""
    cases = [oracle.regression(seed, n, d) for seed, n, d in [(74, 8, 2), (75, 5, 3), (76, 12, 4)]]
    for case, got in zip(cases, student.each("mse_grad", cases), strict=True):
        _, db = checks.unpack(got, 2, name=NAME, parts=("dw", "db"))
        checks.number(db, oracle.mse_grad(*case)[1], name=f"db = {NAME}[1]", rtol=1e-4, atol=1e-5)


@pytest.mark.points(2)
@pytest.mark.title(
    ko="mse_grad: 최소점에서는 0, 밖에서는 오르막", en="mse_grad: zero at the minimum, uphill elsewhere"
)
@pytest.mark.hint(
    ko="가장 좋은 직선에서는 어느 쪽으로 움직여도 손실이 줄지 않으므로 기울기가 0입니다. 오차를 구할 때 "
    "빠뜨린 항이 있나요?",
    en="At the best line no direction lowers the loss, so the gradient is 0. Is a term missing in your "
    "errors?",
)
def test_minimum(student, oracle):
    """Zero at the least-squares solution; beside it, it points away from it."""
    for seed, n, d in [(77, 11, 3), (78, 8, 2)]:
        _, _, X, y = oracle.regression(seed, n, d)
        best = oracle.least_squares(X, y)
        dw, db = parts_of(student.mse_grad(best[:-1], float(best[-1]), X, y), d)
        checks.that(
            bool(np.abs([*dw, float(db)]).max() < 1e-4),
            ko="손실이 가장 작은 w와 b에서 기울기가 0이 아닙니다.",
            en="The gradient is not 0 at the w and b where the loss is smallest.",
        )
        for away in np.random.default_rng(seed).normal(size=(3, d + 1)):
            there = best + away
            dw, db = parts_of(student.mse_grad(there[:-1], float(there[-1]), X, y), d)
            checks.that(
                float(dw @ away[:-1] + db * away[-1]) > 0,
                ko="기울기는 손실이 커지는 쪽을 가리켜야 하는데, 그 반대이거나 0입니다.",
                en="The gradient must point to where the loss grows, but it points the other way or is 0.",
            )
