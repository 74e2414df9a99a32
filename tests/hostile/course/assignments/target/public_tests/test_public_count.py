"""What a student may read: the number of rows."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(10)
@pytest.mark.title(ko="count: 행의 수", en="count: the number of rows")
def test_rows(student):
    checks.number(student.count(np.ones((4, 2))), 4, name="count(X)")


@pytest.mark.points(10)
@pytest.mark.title(ko="scale: 공개 예제", en="scale: the public example")
def test_scale(student):
    X = np.array([[1.0, 2.0]])
    checks.array(student.scale(X), 2 * X + 1, name="scale(X)")
