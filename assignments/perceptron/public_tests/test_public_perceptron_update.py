"""One step of Rosenblatt's rule in each direction."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="perceptron_update: 한 번의 고침", en="perceptron_update: one correction")
@pytest.mark.hint(
    ko="정답에서 예측을 빼면 1, 0, -1 중 하나입니다. 이 수가 움직일 방향을 알려 줍니다.",
    en="The answer minus the prediction is 1, 0 or -1. That number tells which way to move.",
)
def test_values(student):
    """Too low, too high."""
    name = "perceptron_update(w, b, x, y, lr)"
    w, b, x = np.array([1.0, -1.0, 0.5]), 0.25, np.array([2.0, 1.0, -4.0])  # w·x + b = -0.75
    low = checks.unpack(student.perceptron_update(w, b, x, 1.0, 0.5), 2, name=name)
    checks.array(low[0], [2.0, -0.5, -1.5], name=f"w = {name}[0]", rtol=1e-5)
    checks.number(low[1], 0.75, name=f"b = {name}[1]", rtol=1e-5)
    high = checks.unpack(student.perceptron_update(-w, -b, x, 0.0, 0.5), 2, name=name)  # w·x + b = 0.75
    checks.array(high[0], [-2.0, 0.5, 1.5], name=f"w = {name}[0]", rtol=1e-5)
    checks.number(high[1], -0.75, name=f"b = {name}[1]", rtol=1e-5)
