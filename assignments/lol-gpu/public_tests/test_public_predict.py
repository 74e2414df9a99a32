"""Probabilities of a linear model that one can compute by hand."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(3)
@pytest.mark.title(
    ko="predict_proba: 손으로 확인할 수 있는 확률", en="predict_proba: probabilities that one can check by hand"
)
@pytest.mark.hint(
    ko="로짓 log 3의 확률은 3/4입니다. 결과의 모양은 (n,)이고, CPU에 있어야 합니다.",
    en="A logit of log 3 is a probability of 3/4. The result has shape (n,) and lies on the CPU.",
)
def test_by_hand(student, device):
    """One feature, weight 1: the logit is the feature. All at once, and by two."""
    X = np.log([[1.0], [3.0], [1 / 3], [9.0], [1 / 9]])
    for sizes in ((), (2,)):
        model = student.probe.observing_model([1.0], 0.0)
        model.eval()
        got = student.predict_proba(model, X, device, *sizes)
        checks.array(got, [0.5, 0.75, 0.25, 0.9, 0.1], name="predict_proba(model, X, device)", rtol=1e-4)
