"""Dropout on a tensor of ones."""

import numpy as np
import pytest

from grader.suite import Tensor, checks


@pytest.mark.points(2)
@pytest.mark.title(ko="dropout: 1로 채운 텐서", en="dropout: a tensor of ones")
@pytest.mark.hint(
    ko="p = 0.75이면 넷 중 셋이 0이 되고, 남은 하나는 네 배가 됩니다. training이 False이면 그대로입니다.",
    en="With p = 0.75 three of four become 0 and the fourth four times as large. Outside training nothing changes.",
)
def test_ones(student):
    """10,000 ones, p = 0.75; about 7,500 become 0 (200 off has P < 1e-5 by the normal bound, 400 off P < 1e-19)."""
    ones = Tensor(np.ones((100, 100)))
    name = "dropout(x, 0.75, training, generator)"
    calm = student.dropout(ones, 0.75, False, student.probe.generator(0))
    checks.array(calm, ones.array, name=name, rtol=1e-5)
    got = checks.shape(student.dropout(ones, 0.75, True, student.probe.generator(0)), (100, 100), name=name)
    checks.array(got, np.where(got != 0, 4.0, 0.0), name=name, rtol=1e-4)
    checks.that(
        bool(7100 < np.sum(got == 0) < 7900),
        ko="dropout: p = 0.75이면 약 4분의 3이 0이 되어야 합니다.",
        en="dropout: with p = 0.75 about three quarters should become 0.",
    )
