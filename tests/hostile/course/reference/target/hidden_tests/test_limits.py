"""A dict, asked with a hidden text; and a check that students may see, asked last."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(5)
@pytest.mark.title(ko="limits: 열쇠", en="limits: the keys")
def test_keys(student, oracle):
    checks.mapping(student.limits(oracle.TEXT), ["low", "high"], name="limits(text)")


@pytest.mark.points(5)
@pytest.mark.visibility("visible")
@pytest.mark.needs("public_count.rows")
@pytest.mark.title(ko="count: 큰 배열", en="count: a large array")
def test_large(student):
    checks.number(student.count(np.ones((40, 2))), 40, name="count(X)")
