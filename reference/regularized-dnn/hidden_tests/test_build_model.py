"""The model: logits, and at least one layer that regularizes."""

import numpy as np
import pytest

from grader.suite import Tensor, checks

NAME = "build_model(n_in, n_classes)"


def module(student, n_in, n_classes, seed=0):
    """A fresh model."""
    student.probe.seed(seed)
    model = student.build_model(n_in, n_classes)
    checks.that(
        student.probe.is_module(model),
        ko=f"{NAME}가 torch.nn.Module을 돌려주지 않습니다.",
        en=f"{NAME} does not return a torch.nn.Module.",
    )
    return model


def pixels(seed, n, d):
    return Tensor(np.random.default_rng(seed).uniform(0, 1, (n, d)).astype(np.float32))


@pytest.mark.points(1)
@pytest.mark.title(
    ko="build_model: (n, n_in)에서 (n, n_classes) 로짓으로", en="build_model: from (n, n_in) to logits (n, n_classes)"
)
@pytest.mark.hint(
    ko="크기를 숫자로 적어 두지 말고 인자를 쓰세요. 마지막에 softmax가 있으면 cross_entropy가 한 번 더 씌웁니다.",
    en="Use the arguments, not fixed sizes. With a softmax at the end, cross_entropy applies a second one.",
)
def test_logits(student, oracle):
    """Two sizes; one row, and several."""
    for n_in, n_classes in ((64, 10), (20, 3)):
        model = module(student, n_in, n_classes)
        for n in (1, 9):
            with oracle.recognised(lambda n_in=n_in: "fixed-sizes" if n_in != 64 else None):
                got = student.probe.logits(model, pixels(71, n, n_in))
                got = checks.shape(got, (n, n_classes), name=f"{NAME}(X)")
            checks.that(
                not np.allclose(got.sum(axis=1), 1, atol=1e-5) or bool(got.min() < 0),
                ko="build_model: 행의 합이 1인 확률입니다. 로짓을 내야 합니다.",
                en="build_model: the rows sum to 1, so these are probabilities. They should be logits.",
                misconception="softmax-before-cross-entropy",
            )


def at_rest(student, model):
    """The misconception of a model whose regularizing layers do nothing. A batch norm that is passed through always
    does something; whether a dropout is 0 can be seen in an nn.Sequential alone."""
    names = [str(name) for name in student.probe.layers(model)]
    if any("BatchNorm" in name for name in names):
        return "unused-layer"
    drops = [getattr(model, str(place), None) for place, name in enumerate(names) if "Dropout" in name]
    chances = [getattr(drop, "p", None) for drop in drops]
    return "dropout-of-zero" if chances and all(type(p) in (int, float) and p == 0 for p in chances) else None


@pytest.mark.points(2)
@pytest.mark.needs("build_model.logits")
@pytest.mark.title(
    ko="build_model: dropout이나 배치 정규화가 있음", en="build_model: has dropout or batch normalization"
)
@pytest.mark.hint(
    ko="nn.Dropout(p > 0)이나 nn.BatchNorm1d를 넣고, forward에서 실제로 지나가는지 확인하세요.",
    en="Put in an nn.Dropout with p > 0 or an nn.BatchNorm1d, and see that forward really passes through it.",
)
def test_regularized(student, oracle):
    """Such a layer shows: two passes in train mode differ, or train and eval mode, or a row and the row in a batch.

    Where the last layer starts at zero nothing can show, and the names of the layers must do."""
    X = pixels(72, 32, 20)
    for seed in range(2):
        model = module(student, 20, 5, seed)
        outputs = []
        for mode in ("train", "train", "eval"):
            oracle.method(model, mode, NAME)()
            outputs.append(checks.shape(model(X), (32, 5), name=f"{NAME}(X)"))
        part = checks.shape(model(Tensor(X.array[:8])), (8, 5), name=f"{NAME}(X)")
        first, second, calm = outputs
        moved = [first - second, first - calm, calm[:8] - part]
        if any(np.max(np.abs(gap)) > 1e-4 * np.max(np.abs(first)) for gap in moved):
            return
        names = " ".join(str(name) for name in student.probe.layers(model)).lower()
        if np.ptp(first) == 0 and ("dropout" in names or "batchnorm" in names):
            return
    with oracle.recognised(lambda: at_rest(student, model)):
        checks.that(
            False,
            ko="build_model: 학습 모드와 평가 모드의 출력이 같습니다. 켜져 있는 dropout이나 배치 정규화가 없습니다.",
            en="build_model: train and eval mode give the same outputs, so no dropout or batch-norm layer is at work.",
        )
