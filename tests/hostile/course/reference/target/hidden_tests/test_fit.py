"""A trained object, which stays inside."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(15)
@pytest.mark.title(ko="fit: 예측", en="fit: the predictions")
def test_predictions(student, oracle):
    X = np.array([[0.0], [1.0], [2.0], [3.0]])
    model = student.fit(X, 3.0 * X[:, 0] + 1.0)
    checks.that(type(model).__name__ == "Handle", ko="객체가 아닙니다.", en="It is no object.")
    at = np.array([[5.0], [-2.0]])
    checks.array(model.predict(at), 3.0 * at[:, 0] + 1.0, name="fit(X, y).predict(X)", rtol=1e-4)
