"""A logistic loss that can be checked by hand."""

import numpy as np
import pytest

from grader.suite import checks

X = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]])
y = np.array([1.0, 0.0, 0.0])
W, B = np.array([np.log(3.0), -np.log(7.0)]), 0.0  # z = log 3, -log 7, log 9/7, so p = 3/4, 1/8, 9/16


@pytest.mark.points(2)
@pytest.mark.title(ko="bce: 세 예제의 로그 손실", en="bce: the logistic loss of three examples")
@pytest.mark.hint(
    ko="p는 3/4, 1/8, 9/16이고 정답은 1, 0, 0입니다. 정답에 준 확률은 각각 얼마인가요?",
    en="p is 3/4, 1/8, 9/16 and the answers are 1, 0, 0. What probability did each answer get?",
)
def test_value(student):
    """The right answers got 3/4, 7/8 and 7/16."""
    expected = -(np.log(3 / 4) + np.log(7 / 8) + np.log(7 / 16)) / 3
    checks.number(student.bce(W, B, X, y), float(expected), name="bce(w, b, X, y)", rtol=1e-5)
