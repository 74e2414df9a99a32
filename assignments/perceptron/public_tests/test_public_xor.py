"""XOR on its four inputs."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(1)
@pytest.mark.title(ko="xor: 네 입력", en="xor: the four inputs")
@pytest.mark.hint(
    ko="두 게이트의 출력을 새 입력으로 삼아 세 번째 게이트에 넣어 보세요.",
    en="Take the outputs of two gates as new inputs and feed them to a third.",
)
def test_table(student):
    """Equal inputs give 0, different ones 1."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    checks.array(student.xor(X), [0, 1, 1, 0], name="xor(X)")
