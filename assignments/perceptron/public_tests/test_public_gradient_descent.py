"""Two steps of gradient descent that can be followed by hand."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="gradient_descent: 두 걸음", en="gradient_descent: two steps")
@pytest.mark.hint(
    ko="0에서 시작해 매번 (1) 손실을 적고 (2) 기울기를 구하고 (3) 한 걸음 옮깁니다. 순서가 중요합니다.",
    en="From zeros, each time: (1) write down the loss, (2) take the gradient, (3) move. The order matters.",
)
def test_two_steps(student):
    """(w, b) goes from (0, 0) to (0.875, 0.5) to (1.015625, 0.546875)."""
    name = "gradient_descent(X, y, lr, epochs)"
    X, y = np.array([[1.0], [2.0]]), np.array([1.0, 3.0])
    got = student.gradient_descent(X, y, 0.125, 2)
    w, b, losses = checks.unpack(got, 3, name=name, parts=("w", "b", "losses"))
    losses = checks.losses(losses, 2, name=f"losses = {name}[2]")
    checks.array(losses, [5.0, 0.3515625], name=f"losses = {name}[2]", rtol=1e-5)
    checks.array(w, [1.015625], name=f"w = {name}[0]", rtol=1e-5)
    checks.number(b, 0.546875, name=f"b = {name}[1]", rtol=1e-5)
