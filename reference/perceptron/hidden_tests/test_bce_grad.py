"""The gradient of the logistic loss."""

import numpy as np
import pytest

from grader.suite import checks

NAME = "bce_grad(w, b, X, y)"


def known_mistakes(oracle, w, b, X, y):
    """What the usual misconceptions would return."""
    z = np.array(oracle.scores(w, b, X))
    p = 0.5 * (1.0 + np.tanh(0.5 * z))
    n = len(y)

    def gradient(factors):
        return {"dw": X.T @ factors / n, "db": float(np.mean(factors))}

    return (
        checks.Mistake(
            "시그모이드의 미분 p(1 - p)가 한 번 더 곱해졌습니다. 로그의 미분과 만나면 지워지는 항입니다.",
            "The sigmoid's derivative p(1 - p) is multiplied once too often. It cancels against that of "
            "the log.",
            gradient((p - y) * p * (1 - p)),
            "extra-sigmoid-derivative",
        ),
        checks.Mistake(
            "확률 p 대신 step으로 자른 0/1 예측을 썼습니다.",
            "The 0/1 prediction of step is used instead of the probability p.",
            gradient((z >= 0).astype(float) - y),
            "hard-prediction-for-probability",
        ),
        checks.Mistake(
            "확률 p 대신 점수 z를 썼습니다. 시그모이드를 지나야 합니다.",
            "The score z is used instead of the probability p. It must pass through the sigmoid.",
            gradient(z - y),
            "score-for-prediction",
        ),
        checks.Mistake(
            "2가 더 곱해졌습니다. 2는 제곱 오차에서 나오는 것이고, 로그 손실에는 없습니다.",
            "There is an extra 2. It belongs to squared errors, not to the logistic loss.",
            gradient(2 * (p - y)),
            "factor-of-two",
        ),
        checks.Mistake(
            "dw는 맞지만 db가 0입니다. b도 손실을 바꿉니다.",
            "dw is right, but db is 0. The bias changes the loss too.",
            {**gradient(p - y), "db": 0.0},
            "missing-bias",
        ),
        checks.Mistake(
            "dw는 평균인데 db는 합입니다. 둘 다 n으로 나눕니다.",
            "dw is a mean but db is a sum. Both are divided by n.",
            {**gradient(p - y), "db": float(np.sum(p - y))},
            "missing-one-over-n",
        ),
    )


@pytest.mark.points(5)
@pytest.mark.title(ko="bce_grad: 수치 미분과 비교", en="bce_grad: against numerical differentiation")
@pytest.mark.hint(
    ko="한 예제의 손실을 z로 미분해 보세요. 시그모이드의 미분과 로그의 미분이 만나 아주 짧은 식이 됩니다. "
    "그다음 z를 w와 b로 미분합니다.",
    en="Differentiate the loss of one example for z: the derivatives of sigmoid and log meet in a very "
    "short formula. "
    "Then differentiate z for w and for b.",
)
def test_gradient(student, oracle):
    """Random points, n and d different; a single example; a single class."""
    for seed, n, d, one_class in [(91, 9, 3, False), (92, 4, 6, False), (93, 1, 1, False), (94, 8, 2, True)]:
        w, b, X, y = oracle.classification(seed, n, d)
        y = np.ones(n) if one_class else y
        dw, db = checks.unpack(student.bce_grad(w, b, X, y), 2, name=NAME, parts=("dw", "db"))
        dw, db = checks.shape(dw, (d,), name=f"dw = {NAME}[0]"), checks.shape(db, (), name=f"db = {NAME}[1]")
        checks.gradient(
            {"dw": dw, "db": db},
            {"dw": w, "db": b},
            lambda points, X=X, y=y: student.each("bce", [(p["dw"], float(p["db"]), X, y) for p in points]),
            lambda p, X=X, y=y: oracle.bce(p["dw"], float(p["db"]), X, y),
            name=NAME,
            n=n,
            mistakes=known_mistakes(oracle, w, b, X, y),
            rtol=1e-4,
            atol=1e-6,
        )


@pytest.mark.points(1)
@pytest.mark.title(ko="bce_grad: 편향의 기울기 db", en="bce_grad: db, the derivative for the bias")
@pytest.mark.hint(
    ko="db는 수 하나이고, dw와 똑같이 n개의 평균입니다. b에 곱해지는 특성은 늘 1입니다.",
    en="db is one number, a mean over the n examples just like dw. The feature that b multiplies is "
    "always 1.",
)
def test_bias(student, oracle):
    """db alone, for several sizes."""
    cases = [oracle.classification(seed, n, d) for seed, n, d in [(95, 8, 2), (96, 5, 3), (97, 12, 4)]]
    for case, got in zip(cases, student.each("bce_grad", cases), strict=True):
        _, db = checks.unpack(got, 2, name=NAME, parts=("dw", "db"))
        checks.number(db, oracle.bce_grad(*case)[1], name=f"db = {NAME}[1]", rtol=1e-4, atol=1e-5)


@pytest.mark.points(2)
@pytest.mark.title(ko="bce_grad: |z| = 1000에서도 옳게", en="bce_grad: right even at |z| = 1000")
@pytest.mark.hint(
    ko="exp(1000)은 무한대입니다. 무한대 나누기 무한대가 나오지 않도록 시그모이드를 쓰는 방법을 생각해 "
    "보세요.",
    en="exp(1000) is infinite. Write the sigmoid so that infinity is never divided by infinity.",
)
def test_extreme(student, oracle):
    """Scores of ±1000, some answers right and some wrong."""
    X = np.array([[500.0, 500.0], [-500.0, -500.0], [250.0, 750.0], [-1000.0, 0.0], [1000.0, 0.0]])
    w, y = np.array([1.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    dw, db = checks.unpack(student.bce_grad(w, 0.0, X, y), 2, name=NAME, parts=("dw", "db"))
    expected_w, expected_b = oracle.bce_grad(w, 0.0, X, y)

    def overflow():
        """No number here, although the gradient is right where scores are small."""
        small = oracle.classification(98, 6, 2)
        right = oracle.is_like(student.bce_grad(*small), oracle.bce_grad(*small))
        return "exp-overflow" if right and not (oracle.is_finite(dw) and oracle.is_finite(db)) else None

    with oracle.recognised(overflow):
        checks.array(dw, expected_w, name=f"dw = {NAME}[0]", rtol=1e-4, atol=1e-4)
        checks.number(db, expected_b, name=f"db = {NAME}[1]", rtol=1e-4, atol=1e-6)
