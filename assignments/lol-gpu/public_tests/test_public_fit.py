"""From the folder to the answers."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(3)
@pytest.mark.title(ko="fit: 훈련 경기의 95 % 이상을 맞힘", en="fit: 95 % of the training matches at least are right")
@pytest.mark.hint(
    ko="노트북 7장의 점검 셀과 같은 일을 합니다. 예측할 때도 fit이 돌려준 scaler를 씁니다.",
    en="This does what the check cell of chapter 7 does. Predictions use the scaler that fit returned.",
)
def test_training_part(student):
    """data/lol, on the CPU."""
    loaded = student.probe.keep("load_split", "data/lol")
    X, y = student.probe.part(loaded, 0), student.probe.part(loaded, 1)
    checks.that(
        X is not None and y is not None,
        ko="load_split의 결과는 X_train과 y_train으로 시작하는 튜플이어야 합니다.",
        en="load_split needs to return a tuple that begins with X_train and y_train.",
    )
    labels = checks.finite(student.probe.reveal(y), name="y_train").ravel()
    both = student.probe.keep("fit", "data/lol", "cpu", 0)
    model, scaler = student.probe.part(both, 0), student.probe.part(both, 1)
    checks.that(
        model is not None and scaler is not None,
        ko="fit의 결과는 튜플 (model, scaler)여야 합니다.",
        en="fit needs to return the tuple (model, scaler).",
    )
    said = student.probe.use("predict_proba", model, student.probe.keep("scale", X, scaler), "cpu")
    chances = checks.shape(said, labels.shape, name="predict_proba(model, X, device)")
    checks.that(
        bool(np.mean((chances > 0.5) == (labels > 0.5)) >= 0.95),
        ko="fit: 훈련 경기조차 95 % 이상 맞히지 못합니다.",
        en="fit: fewer than 95 % of the training matches are right.",
    )
