"""A model that gives one logit a match."""

import numpy as np
import pytest

from grader.suite import Tensor, checks


def logits(student, oracle, X, *args):
    """(n, 1) of a fresh model."""
    model = student.build_model(*args)
    checks.that(
        student.probe.is_module(model) is True,
        ko="build_model이 torch.nn.Module을 돌려주지 않습니다.",
        en="build_model does not return a torch.nn.Module.",
    )
    said = student.probe.logits(model, Tensor(X.astype(np.float32)))
    found = oracle.plain(said)
    two = found is not None and found.shape == (len(X), 2)
    with oracle.sign("one-output-a-class" if two else oracle.axis(said, (len(X), 1))):
        return checks.shape(said, (len(X), 1), name=f"{oracle.MODEL}(X)")


@pytest.mark.points(1)
@pytest.mark.title(ko="build_model: 출력의 모양 (n, 1)", en="build_model: an output of shape (n, 1)")
@pytest.mark.hint(
    ko="마지막 층의 출력이 하나인지, 모양을 펴 버리지 않았는지 보세요.",
    en="Does the last layer have one output, and is it left as a column?",
)
def test_shape(student, oracle):
    """48 features by default; many matches, and one."""
    for n in (9, 1):
        logits(student, oracle, np.random.default_rng(340 + n).normal(size=(n, 48)))


@pytest.mark.points(2)
@pytest.mark.title(ko="build_model: 특성의 수를 받음", en="build_model: takes the number of features")
@pytest.mark.hint(
    ko="첫 층의 입력 크기에 48이라고 적지 않았나요? n_features를 쓰세요.",
    en="Is 48 written into the first layer? Use n_features.",
)
def test_width(student, oracle):
    """Fewer and more than 48, at least five."""
    for width in (48, 5, 60):  # where 48 alone works, it is written into the model
        with oracle.sign("fixed-sizes", width != 48):
            logits(student, oracle, np.random.default_rng(350 + width).normal(size=(4, width)), width)


@pytest.mark.points(3)
@pytest.mark.needs("build_model.shape")
@pytest.mark.title(ko="build_model: 확률이 아니라 로짓", en="build_model: logits, not probabilities")
@pytest.mark.hint(
    ko="모델의 끝에 시그모이드나 ReLU가 있지 않나요? 로짓은 어떤 실수든 될 수 있어야 합니다.",
    en="Is there a sigmoid or a ReLU at the end of the model? A logit may be any real number.",
)
def test_unbounded(student, oracle):
    """Six fresh models and large inputs: some logits are negative. A last layer of zeros says nothing, and passes."""
    said = []
    for seed in range(6):
        student.probe.seed(360 + seed)
        said.append(logits(student, oracle, 1000 * np.random.default_rng(seed).normal(size=(200, 48))))
    values = np.concatenate(said)
    if not values.any():
        return
    checks.that(
        not bool(((values >= 0) & (values <= 1)).all()),
        ko="build_model: 출력이 모두 0과 1 사이입니다. 확률이 아니라 로짓이어야 합니다. "
        "BCEWithLogitsLoss가 시그모이드를 또 씌웁니다.",
        misconception="probabilities-in-the-model",
        en="build_model: all outputs lie between 0 and 1. They need to be logits, not probabilities: "
        "BCEWithLogitsLoss applies the sigmoid once more.",
    )
    checks.that(
        bool((values < 0).any()),
        ko="build_model: 출력이 음수가 되지 않습니다. 마지막에 ReLU가 있지 않나요?",
        en="build_model: no output is ever negative. Is there a ReLU at the end?",
        misconception="relu-at-the-end",
    )
