"""The sigmoid, elementwise and without overflow."""

import numpy as np
import pytest

from grader.suite import checks


def overflow(student, oracle, z):
    """The sign of an exp that overflows: right for small z, no number for large z."""
    small = np.array([-2.0, -0.5, 0.0, 1.5])
    right = oracle.is_like(student.sigmoid(small), oracle.sigmoid(small))
    return "exp-overflow" if right and not oracle.is_finite(student.sigmoid(z)) else None


@pytest.mark.points(2)
@pytest.mark.title(ko="sigmoid: 원소마다 맞는 값", en="sigmoid: the right value for each element")
@pytest.mark.hint(
    ko="sigmoid(0)은 1/2, 큰 양수에서는 1, 큰 음수에서는 0에 가까워야 합니다. 지수의 부호를 보세요.",
    en="sigmoid(0) is 1/2; it nears 1 for large positive z and 0 for large negative z. Look at the sign "
    "in the exponent.",
)
def test_values(student, oracle):
    """Vectors, matrices and columns keep their shape."""
    rng = np.random.default_rng(41)
    cases = [(rng.normal(scale=3, size=shape),) for shape in ((7,), (3, 5), (4, 1))]
    answers = student.each("sigmoid", cases)
    with oracle.recognised(lambda: oracle.told_by(answers, cases, oracle.SIGMOID_MISTAKES)):
        for (z,), got in zip(cases, answers, strict=True):
            checks.array(got, oracle.sigmoid(z), name="sigmoid(z)", rtol=1e-5, atol=1e-6)


@pytest.mark.points(3)
@pytest.mark.title(ko="sigmoid: |z| = 1000에서도 넘치지 않음", en="sigmoid: no overflow at |z| = 1000")
@pytest.mark.hint(
    ko="exp에 큰 양수가 들어가면 무한대가 되고, 무한대를 무한대로 나누면 nan입니다.",
    en="exp of a large positive number is infinite, and infinity over infinity is nan.",
)
@pytest.mark.hint(
    ko="지수가 언제나 0 이하가 되도록, z의 부호에 따라 두 식 가운데 안전한 쪽을 고를 수 있을까요?",
    en="Two formulas are equal on paper. Could you pick, by the sign of z, the one whose exponent is "
    "never positive?",
)
def test_extreme(student, oracle):
    """Large arguments of both signs, also side by side with ordinary ones."""
    for z in (np.array([-1000.0, -750.0, 0.5, 750.0, 1000.0]), np.array([[-1000.0], [1000.0], [-40.0]])):
        with oracle.recognised(lambda z=z: overflow(student, oracle, z)):
            checks.array(student.sigmoid(z), oracle.sigmoid(z), name="sigmoid(z)", rtol=1e-5, atol=1e-6)
