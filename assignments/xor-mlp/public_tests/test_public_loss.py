"""The loss where the answer is known."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="loss: 답을 아는 두 경우", en="loss: two cases with a known answer")
@pytest.mark.hint(
    ko="가중치가 모두 0이면 확률은 모두 1/2이고 손실은 log 2입니다. 예제의 수와는 상관이 없습니다.",
    en="With all weights 0, every probability is 1/2 and the loss log 2, however many examples there are.",
)
def test_value(student):
    """Probability 1/2 everywhere, then 3/4 everywhere."""
    params = {"W1": np.zeros((2, 3)), "b1": np.zeros(3), "W2": np.zeros((3, 1)), "b2": np.zeros(1)}
    surer = {**params, "b2": np.array([np.log(3)])}
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])
    checks.number(student.loss(params, X, y), np.log(2), name="loss(params, X, y)", rtol=1e-4)
    expected = -(np.log(0.75) + np.log(0.25)) / 2
    checks.number(student.loss(surer, X, y), expected, name="loss(params, X, y)", rtol=1e-4)
