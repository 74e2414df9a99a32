"""Three predictions that can be checked by hand."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="predict: 예제 셋", en="predict: three examples")
@pytest.mark.hint(
    ko="한 줄씩 손으로 계산해 보세요: w·x + b의 부호는? 결과는 길이 3인 배열입니다.",
    en="Work each row by hand: what is the sign of w·x + b? The result is an array of length 3.",
)
def test_values(student):
    """Scores 1.5, -2.5 and 0.5; without the bias the last one would be on the other side."""
    X = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 1.5]])
    checks.array(student.predict(X, np.array([1.0, -1.0]), 0.5), [1, 0, 1], name="predict(X, w, b)")
    checks.array(student.predict(X, np.array([1.0, -1.0]), -1.5), [0, 0, 0], name="predict(X, w, b)")
