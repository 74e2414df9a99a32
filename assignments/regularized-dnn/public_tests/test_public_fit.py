"""A model that is trained, asked about the validation part."""

import numpy as np
import pytest

from grader.suite import Tensor, checks


@pytest.mark.points(4)
@pytest.mark.title(ko="fit, predict: 검증 숫자의 85 % 이상", en="fit, predict: 85 % of the validation digits at least")
@pytest.mark.hint(
    ko="노트북 8장의 점검 셀과 같은 일을 합니다. 픽셀이 0부터 16까지인 채로 들어온다는 것을 잊지 마세요.",
    en="This does what the check cell of chapter 8 does. Remember that pixels come in raw, from 0 to 16.",
)
def test_learns(student):
    """400 digits to learn from, 200 to validate; any 600 of the 1,797 will do here."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))[:600]
    X, y = X[order].astype(np.float32), y[order].astype(np.int64)
    model = student.fit(Tensor(X[:400]), Tensor(y[:400]), Tensor(X[400:]), Tensor(y[400:]), 0)
    got = checks.shape(student.predict(model, Tensor(X[400:])), (200,), name="predict(model, X_val)")
    checks.that(
        bool(np.mean(got == y[400:]) >= 0.85),
        ko="fit: 검증 데이터의 숫자를 85 % 이상 맞히지 못합니다.",
        en="fit: fewer than 85 % of the validation digits are right.",
    )
