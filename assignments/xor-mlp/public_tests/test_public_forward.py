"""Parameters and the forward pass."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="init_params: 이름과 모양", en="init_params: keys and shapes")
@pytest.mark.hint(
    ko="W1은 (n_in, n_hidden), b1은 (n_hidden,)처럼 입력에서 출력의 차례입니다.",
    en="Shapes go from input to output: W1 is (n_in, n_hidden), b1 is (n_hidden,).",
)
def test_params(student):
    """Two inputs, five hidden units, one output."""
    got = student.init_params(2, 5, 1, 0)
    shapes = {"W1": (2, 5), "b1": (5,), "W2": (5, 1), "b2": (1,)}
    checks.mapping(got, tuple(shapes), name="init_params(2, 5, 1, 0)")
    for key, shape in shapes.items():
        checks.shape(got[key], shape, name=f"init_params(2, 5, 1, 0)['{key}']")


@pytest.mark.points(4)
@pytest.mark.title(
    ko="forward: 은닉 유닛이 둘인 작은 신경망", en="forward: a small net with two hidden units"
)
@pytest.mark.hint(
    ko="tanh(XW1 + b1)을 먼저 구하고, 거기에 W2를 곱하고 b2를 더한 다음 시그모이드를 씌웁니다.",
    en="First tanh(X W1 + b1); multiply that by W2, add b2, and take the sigmoid.",
)
def test_values(student):
    """The formula, written out for two hidden units."""
    params = {
        "W1": np.array([[1.0, 0.5], [1.0, -0.5]]),
        "b1": np.array([-0.5, 0.25]),
        "W2": np.array([[2.0], [-1.0]]),
        "b2": np.array([-0.3]),
    }
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.5, -2.0]])
    first = np.tanh(X[:, 0] + X[:, 1] - 0.5)
    second = np.tanh(0.5 * X[:, 0] - 0.5 * X[:, 1] + 0.25)
    expected = 1 / (1 + np.exp(-(2 * first - second - 0.3)))
    checks.array(student.forward(params, X), expected[:, None], name="forward(params, X)", rtol=1e-4)
