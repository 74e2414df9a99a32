"""The AND gate with weights chosen by hand."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(1)
@pytest.mark.title(ko="gate: AND의 진리표", en="gate: the truth table of AND")
@pytest.mark.hint(
    ko="네 입력의 점수 b, w2 + b, w1 + b, w1 + w2 + b 가운데 마지막만 0 이상이어야 합니다.",
    en="Of the four scores b, w2 + b, w1 + b, w1 + w2 + b only the last may be 0 or more.",
)
def test_and_table(student):
    """The scores of the four corners."""
    w, b = checks.unpack(student.gate("AND"), 2, name='gate("AND")')
    w, b = checks.shape(w, (2,), name='w = gate("AND")[0]'), checks.shape(b, (), name='b = gate("AND")[1]')
    scores = np.array([b, w[1] + b, w[0] + b, w[0] + w[1] + b])
    scores[np.abs(scores) < 1e-9] = 0.0  # 0.1 + 0.2 - 0.3 is meant to be 0
    checks.array((scores >= 0).astype(float), [0, 0, 0, 1], name='gate("AND")')
