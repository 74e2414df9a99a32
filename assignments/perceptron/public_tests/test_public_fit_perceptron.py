"""Learning the OR gate from its four examples."""

import numpy as np
import pytest

from grader.suite import checks
from grader.text import Text


@pytest.mark.points(2)
@pytest.mark.title(ko="fit_perceptron: OR 배우기", en="fit_perceptron: learning OR")
@pytest.mark.hint(
    ko="모든 예제를 한 번씩 보는 것이 한 에폭입니다. 틀린 개수를 적고, 0이면 거기서 끝냅니다.",
    en="One epoch visits every example once. Write down how many were wrong, and end there when it is 0.",
)
def test_learns_or(student):
    """OR is learned, and the list ends with its only 0."""
    name = "fit_perceptron(X, y, lr, max_epochs)"
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 1.0])
    got = student.fit_perceptron(X, y, lr=0.5, max_epochs=200)
    w, b, mistakes = checks.unpack(got, 3, name=name, parts=("w", "b", "mistakes"))
    w, b = checks.shape(w, (2,), name=f"w = {name}[0]"), checks.shape(b, (), name=f"b = {name}[1]")
    answers = (X @ w + b >= 0).astype(int)
    checks.that(
        bool(np.all(answers == y)),
        ko="돌려준 w와 b로 네 입력을 예측하면 OR의 진리표와 다릅니다.",
        en="The w and b returned do not give the truth table of OR.",
        detail=Text(f"예측: {answers.tolist()}", f"Predictions: {answers.tolist()}"),
    )
    mistakes = checks.finite(mistakes, name=f"mistakes = {name}[2]")
    checks.that(
        mistakes.ndim == 1 and 1 <= mistakes.size <= 200,
        ko="mistakes는 에폭마다 수가 하나씩 든 리스트여야 합니다.",
        en="mistakes must be a list with one number for each epoch.",
    )
    checks.that(
        mistakes[-1] == 0 and bool(np.all(mistakes[:-1] > 0)),
        ko="mistakes는 처음 나온 0으로 끝나야 합니다.",
        en="mistakes must end with its first 0.",
        detail=Text(
            f"mistakes = {mistakes[:20].astype(int).tolist()}",
            f"mistakes = {mistakes[:20].astype(int).tolist()}",
        ),
    )
