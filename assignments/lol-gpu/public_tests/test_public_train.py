"""Training a small linear model on a plane."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(4)
@pytest.mark.title(ko="train: 손실이 절반 아래로", en="train: the loss falls below a half")
@pytest.mark.hint(
    ko="배치마다: device로 옮기기, 기울기 지우기, 손실, 역전파, 걸음. 에폭마다 평균 손실 하나.",
    en="For every batch: move to the device, clear the gradients, loss, backward, step. One mean loss an epoch.",
)
def test_learns(student, device):
    """120 points on two sides of a plane, 30 epochs, lr = 0.05."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(120, 3))
    y = (X @ np.array([[1.0], [-2.0], [0.5]]) > 0).astype(float)
    model = student.probe.observing_model([-1.0, 1.0, 0.0], 0.0)
    losses = student.train(model, student.probe.tensor_loader(X, y, 16), 30, 0.05, device)
    name = "train(model, loader, epochs, lr, device)"
    got = checks.losses(losses, 30, name=name)
    checks.that(
        bool(got[-1] < 0.5 * got[0]),
        ko="train: 손실이 절반 아래로 줄지 않습니다.",
        en="train: the loss does not fall below half of what it was.",
    )
