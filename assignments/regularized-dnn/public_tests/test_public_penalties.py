"""L1 and L2 of four weights."""

import numpy as np
import pytest

from grader.suite import Tensor, checks


@pytest.mark.points(2)
@pytest.mark.title(ko="l1_penalty, l2_penalty: 가중치 네 개", en="l1_penalty, l2_penalty: four weights")
@pytest.mark.hint(
    ko="절댓값의 합은 1 + 2 + 3 + 0.5, 제곱의 합은 1 + 4 + 9 + 0.25입니다.",
    en="The absolute values add up to 1 + 2 + 3 + 0.5, the squares to 1 + 4 + 9 + 0.25.",
)
def test_values(student):
    """Two tensors, both signs."""
    params = [Tensor(np.array([[1.0, -2.0]])), Tensor(np.array([-3.0, 0.5]))]
    checks.number(student.l1_penalty(params, 0.1), 0.65, name="l1_penalty(params, 0.1)", rtol=1e-5)
    checks.number(student.l2_penalty(params, 0.1), 1.425, name="l2_penalty(params, 0.1)", rtol=1e-5)
