"""A mean squared error that can be checked by hand."""

import numpy as np
import pytest

from grader.suite import checks

X = np.array([[1.0, 2.0], [4.0, 3.0], [0.0, 1.0]])
y = np.array([0.0, 2.0, 1.0])
W, B = np.array([1.0, -1.0]), 0.5  # Xw + b = [-0.5, 1.5, -0.5]


@pytest.mark.points(2)
@pytest.mark.title(ko="mse: 오차 셋의 제곱 평균", en="mse: the mean of three squared errors")
@pytest.mark.hint(ko="오차는 -0.5, -0.5, -1.5입니다.", en="The errors are -0.5, -0.5 and -1.5.")
def test_value(student):
    """(0.25 + 0.25 + 2.25) / 3."""
    checks.number(student.mse(W, B, X, y), 2.75 / 3, name="mse(w, b, X, y)", rtol=1e-5)
