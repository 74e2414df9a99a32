"""The sigmoid at numbers that one can check by hand."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="sigmoid: 손으로 확인할 수 있는 값", en="sigmoid: values that one can check by hand")
@pytest.mark.hint(ko="sigmoid(log 3)은 얼마일까요?", en="What is sigmoid(log 3)?")
def test_values(student):
    """0 gives 1/2, log 3 gives 3/4, -log 3 gives 1/4."""
    z = np.array([[0.0, np.log(3)], [-np.log(3), np.log(9)]])
    checks.array(student.sigmoid(z), [[0.5, 0.75], [0.25, 0.9]], name="sigmoid(z)", rtol=1e-5)


@pytest.mark.points(2)
@pytest.mark.title(
    ko="sigmoid_grad: 손으로 확인할 수 있는 값", en="sigmoid_grad: values that one can check by hand"
)
@pytest.mark.hint(
    ko="sigmoid(z)의 값을 알면 미분도 그것만으로 쓸 수 있습니다.",
    en="Once you know sigmoid(z), the derivative can be written with it alone.",
)
def test_grad(student):
    """0 gives 1/4, log 3 gives 3/16, log 9 gives 9/100."""
    z = np.array([0.0, np.log(3), -np.log(3), np.log(9)])
    checks.array(student.sigmoid_grad(z), [0.25, 0.1875, 0.1875, 0.09], name="sigmoid_grad(z)", rtol=1e-4)
