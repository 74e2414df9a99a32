"""Your gradients against the slope of the loss."""

import numpy as np
import pytest

from grader.suite import checks


def cross_entropy(params, X, y):
    """Mean binary cross-entropy, from the logits."""
    logits = np.tanh(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    return float(np.mean(np.logaddexp(0, logits) - y * logits))


@pytest.mark.points(4)
@pytest.mark.title(
    ko="backward: 손실을 수치로 미분한 값과 같음", en="backward: equal to the slope of the loss"
)
@pytest.mark.hint(
    ko="노트북 4장의 다섯 단계를 한 줄씩 옮기고, 한 단계마다 모양을 찍어 보세요.",
    en="Turn the five steps of chapter 4 into one line each, and print the shape after every step.",
)
def test_gradient(student):
    """Seven examples, two inputs, three hidden units."""
    rng = np.random.default_rng(4)
    params = {
        "W1": rng.normal(size=(2, 3)),
        "b1": rng.normal(size=3),
        "W2": rng.normal(size=(3, 1)),
        "b2": rng.normal(size=1),
    }
    X, y = rng.normal(size=(7, 2)), np.array([[0.0], [1.0], [1.0], [0.0], [1.0], [1.0], [0.0]])
    checks.gradient(
        student.backward(params, X, y),
        params,
        lambda points: student.each("loss", [(point, X, y) for point in points]),
        lambda point: cross_entropy(point, X, y),
        name="backward(params, X, y)",
        n=len(X),
    )
