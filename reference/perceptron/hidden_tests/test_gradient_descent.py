"""Linear regression by gradient descent, from zeros."""

import pytest

from grader.suite import checks

NAME = "gradient_descent(X, y, lr, epochs)"


def compare(student, oracle, X, y, lr, epochs):
    got = student.gradient_descent(X, y, lr, epochs)
    w, b, losses = checks.unpack(got, 3, name=NAME, parts=("w", "b", "losses"))
    expected_w, expected_b, expected_losses = oracle.gradient_descent(X, y, lr, epochs)
    with oracle.recognised(lambda: oracle.told_by([got], [(X, y, lr, epochs)], oracle.DESCENT_MISTAKES)):
        checks.array(w, expected_w, name=f"w = {NAME}[0]", rtol=1e-4, atol=1e-5)
        checks.number(b, expected_b, name=f"b = {NAME}[1]", rtol=1e-4, atol=1e-5)
        losses = checks.losses(losses, epochs, name=f"losses = {NAME}[2]")
        checks.array(losses, expected_losses, name=f"losses = {NAME}[2]", rtol=1e-4, atol=1e-5)


@pytest.mark.points(3)
@pytest.mark.title(ko="gradient_descent: 첫걸음", en="gradient_descent: the first step")
@pytest.mark.hint(
    ko="w와 b는 0에서 시작합니다. losses의 첫 수는 아직 한 걸음도 내딛기 전, 곧 w = 0, b = 0일 때의 "
    "손실입니다.",
    en="w and b start at 0. The first number in losses is the loss before any step: that of w = 0, b = 0.",
)
def test_first_step(student, oracle):
    """One epoch, several sizes."""
    for seed, n, d in [(101, 9, 3), (102, 14, 2)]:
        _, _, X, y = oracle.regression(seed, n, d)
        compare(student, oracle, X, y, 0.07, 1)


@pytest.mark.points(4)
@pytest.mark.title(
    ko="gradient_descent: 걸음마다 옳은 길", en="gradient_descent: the right path, step by step"
)
@pytest.mark.hint(
    ko="한 걸음의 dw와 db는 같은 자리 (w, b)에서 함께 구한 뒤, 두 값을 함께 옮깁니다.",
    en="In one step, dw and db are both taken at the same place (w, b); only then do both move.",
)
def test_path(student, oracle):
    """A dozen epochs with different rates."""
    for seed, n, d, lr in [(103, 9, 3, 0.05), (104, 15, 2, 0.11), (105, 8, 1, 0.02)]:
        _, _, X, y = oracle.regression(seed, n, d)
        compare(student, oracle, X, y, lr, 12)


@pytest.mark.points(2)
@pytest.mark.title(ko="gradient_descent: 최소점에 닿기", en="gradient_descent: reaches the minimum")
@pytest.mark.hint(
    ko="손실이 줄지 않거나 커진다면 부호와 평균(1/n)을 살펴보세요. 내려가려면 기울기의 반대로 걸어야 합니다.",
    en="If the loss does not fall, look at the sign and at the mean (1/n). Downhill is against the gradient.",
)
def test_converges(student, oracle, pictures):
    """Many epochs end at the least-squares solution, and the loss never rises on the way."""
    _, _, X, y = oracle.regression(106, 20, 3)
    w, b, losses = checks.unpack(
        student.gradient_descent(X, y, 0.12, 600), 3, name=NAME, parts=("w", "b", "losses")
    )
    best = oracle.least_squares(X, y)
    smallest = oracle.mse(best[:-1], best[-1], X, y)
    losses = checks.losses(losses, 600, name=f"losses = {NAME}[2]")
    oracle.draw_descent(losses, pictures)
    checks.falls(losses, name=f"losses = {NAME}[2]", below=smallest * 1.001 + 1e-5, slack=1e-5)
    checks.array(w, best[:-1], name=f"w = {NAME}[0]", rtol=1e-3, atol=1e-3)
    checks.number(b, float(best[-1]), name=f"b = {NAME}[1]", rtol=1e-3, atol=1e-3)


@pytest.mark.points(1)
@pytest.mark.title(ko="gradient_descent: 깨끗한 함수", en="gradient_descent: a clean function")
@pytest.mark.hint(
    ko="받은 X와 y는 그대로 두고, 다시 부르면 같은 답이 나와야 합니다. 배열을 =로 옮기면 복사가 아니라 "
    "같은 배열의 다른 이름입니다.",
    en="X and y stay as they were, and the same call gives the same answer. A plain = makes no copy of an "
    "array, only another name.",
)
@pytest.mark.needs("gradient_descent.first_step")
def test_clean(student, oracle):
    """Arguments unchanged; twice the same question, twice the same answer."""
    _, _, X, y = oracle.regression(107, 10, 2)
    before = (X, y, 0.05, 8)
    first = student.call("gradient_descent", *before)
    with checks.misconception("in-place-arguments"):
        checks.unchanged(first, before, name=NAME, parts=("X", "y", "lr", "epochs"))
    second = student.call("gradient_descent", *before)
    answers = [checks.unpack(run.value, 3, name=NAME, parts=("w", "b", "losses")) for run in (first, second)]
    checks.same(*(checks.finite(w, name=f"w = {NAME}[0]") for w, _, _ in answers), name=NAME)
