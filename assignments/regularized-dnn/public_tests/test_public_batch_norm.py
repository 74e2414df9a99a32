"""Batch normalization of four examples."""

import numpy as np
import pytest

from grader.suite import Tensor, checks


@pytest.mark.points(2)
@pytest.mark.title(ko="batch_norm: 예제 네 개", en="batch_norm: four examples")
@pytest.mark.hint(
    ko="eps가 아주 작다면 첫 열은 -1, 1, -1, 1이 됩니다. gamma를 곱하고 beta를 더하는 것도 잊지 마세요.",
    en="With a tiny eps the first column becomes -1, 1, -1, 1. Then multiply by gamma and add beta.",
)
def test_values(student):
    """Columns of variance 1 and 4."""
    x = np.array([[1.0, 10.0], [3.0, 14.0], [1.0, 14.0], [3.0, 10.0]])
    signs = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]])
    gamma, beta = np.array([2.0, 0.5]), np.array([1.0, -1.0])
    got = student.batch_norm(Tensor(x), Tensor(gamma), Tensor(beta))
    checks.array(got, gamma * signs + beta, name="batch_norm(x, gamma, beta)", rtol=1e-3, atol=1e-3)
