"""The derivative of the sigmoid with respect to z."""

import numpy as np
import pytest

from grader.suite import checks


def overflow(student, oracle, z):
    """The sign of an exp that overflows: right for small z, no number for large z."""
    small = np.array([-2.0, -0.5, 0.0, 1.5])
    right = oracle.is_like(student.sigmoid_grad(small), oracle.sigmoid_grad(small))
    return "exp-overflow" if right and not oracle.is_finite(student.sigmoid_grad(z)) else None


@pytest.mark.points(2)
@pytest.mark.title(ko="sigmoid_grad: z에 대한 미분", en="sigmoid_grad: the derivative with respect to z")
@pytest.mark.hint(
    ko="인자는 시그모이드를 지나기 전의 z입니다. 이미 지난 값 s가 들어온다고 생각하지 않았는지 보세요.",
    en="The argument is z, before the sigmoid. Did you expect s, which has been through it already?",
)
@pytest.mark.hint(
    ko="z = 0에서 가장 크고 그 값은 1/4입니다. 왼쪽과 오른쪽이 대칭입니다.",
    en="It is largest at z = 0, where it is 1/4, and symmetric to the left and right.",
)
def test_values(student, oracle):
    """Vectors, matrices and columns keep their shape."""
    rng = np.random.default_rng(42)
    cases = [(rng.normal(scale=3, size=shape),) for shape in ((6,), (5, 2), (3, 1))]
    answers = student.each("sigmoid_grad", cases)
    with oracle.recognised(lambda: oracle.told_by(answers, cases, oracle.SIGMOID_GRAD_MISTAKES)):
        for (z,), got in zip(cases, answers, strict=True):
            checks.array(got, oracle.sigmoid_grad(z), name="sigmoid_grad(z)", rtol=1e-4, atol=1e-6)


@pytest.mark.points(2)
@pytest.mark.title(ko="sigmoid_grad: |z| = 1000에서는 0", en="sigmoid_grad: 0 at |z| = 1000")
@pytest.mark.hint(
    ko="아주 평평한 곳의 미분은 0이고 nan이 아닙니다. 넘치지 않는 sigmoid 위에 세우면 편합니다.",
    en="Where the curve is flat the derivative is 0, not nan. Building on a sigmoid that does not "
    "overflow helps.",
)
def test_extreme(student, oracle):
    """Large arguments of both signs."""
    z = np.array([-1000.0, -720.0, 0.25, 720.0, 1000.0])
    got = student.sigmoid_grad(z)
    with oracle.recognised(lambda: overflow(student, oracle, z)):
        checks.array(got, oracle.sigmoid_grad(z), name="sigmoid_grad(z)", rtol=1e-4, atol=1e-6)
