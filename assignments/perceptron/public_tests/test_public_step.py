"""The step function, on five numbers."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="step: 다섯 수", en="step: five numbers")
@pytest.mark.hint(
    ko="z >= 0이면 1, 아니면 0입니다. z = 0은 어느 쪽인가요?",
    en="1 where z >= 0, else 0. Which side is z = 0 on?",
)
def test_values(student):
    """Negative, zero and positive."""
    checks.array(student.step(np.array([-2.0, -0.5, 0.0, 0.5, 3.0])), [0, 0, 1, 1, 1], name="step(z)")
