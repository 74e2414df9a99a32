"""A gradient of the mean squared error that can be checked by hand."""

import numpy as np
import pytest

from grader.suite import checks

X = np.array([[1.0, 2.0], [4.0, 3.0], [0.0, 1.0]])
y = np.array([0.0, 2.0, 1.0])
W, B = np.array([1.0, -1.0]), 0.5  # Xw + b = [-0.5, 1.5, -0.5]


@pytest.mark.points(2)
@pytest.mark.title(ko="mse_grad: 손으로 구한 기울기", en="mse_grad: a gradient found by hand")
@pytest.mark.hint(
    ko="오차는 -0.5, -0.5, -1.5입니다. 오차마다 2를 곱하고, dw에는 x를, db에는 1을 곱해 평균하세요.",
    en="The errors are -0.5, -0.5 and -1.5. Take each one times 2, times x for dw and times 1 for db, "
    "then average.",
)
def test_value(student):
    """2/3 · (-2.5, -4) and 2/3 · (-2.5)."""
    name = "mse_grad(w, b, X, y)"
    dw, db = checks.unpack(student.mse_grad(W, B, X, y), 2, name=name, parts=("dw", "db"))
    checks.array(dw, np.array([-5.0, -8.0]) / 3, name=f"dw = {name}[0]", rtol=1e-5)
    checks.number(db, -5 / 3, name=f"db = {name}[1]", rtol=1e-5)
