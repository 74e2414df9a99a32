"""A gradient of the logistic loss that can be checked by hand."""

import numpy as np
import pytest

from grader.suite import checks

X = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]])
y = np.array([1.0, 0.0, 0.0])
W, B = np.array([np.log(3.0), -np.log(7.0)]), 0.0  # z = log 3, -log 7, log 9/7, so p = 3/4, 1/8, 9/16


@pytest.mark.points(2)
@pytest.mark.title(ko="bce_grad: 손으로 구한 기울기", en="bce_grad: a gradient found by hand")
@pytest.mark.hint(
    ko="p는 3/4, 1/8, 9/16이고 정답은 1, 0, 0입니다. 예제마다 확률이 정답에서 얼마나 벗어났나요?",
    en="p is 3/4, 1/8, 9/16 and the answers are 1, 0, 0. How far is each probability from its answer?",
)
def test_value(student):
    """p - y is -1/4, 1/8, 9/16."""
    name = "bce_grad(w, b, X, y)"
    dw, db = checks.unpack(student.bce_grad(W, B, X, y), 2, name=name, parts=("dw", "db"))
    checks.array(dw, np.array([7 / 8, 11 / 16]) / 3, name=f"dw = {name}[0]", rtol=1e-5, atol=1e-6)
    checks.number(db, 7 / 48, name=f"db = {name}[1]", rtol=1e-5, atol=1e-6)
