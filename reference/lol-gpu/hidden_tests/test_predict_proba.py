"""Probabilities, asked of a small linear model of ours that notes how it is used."""

import numpy as np
import pytest

from grader.suite import Failed, checks


def example(seed, n, d=5):
    """X (n, d), weight (d,) and bias, with chances all over 0 to 1."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=d), 0.3


def asked(student, oracle, n, seed, device, *batch_size, **extras):
    """(model, answer as it came back, X, weight, bias)."""
    X, weight, bias = example(seed, n)
    model = student.probe.observing_model(weight, bias, **extras)
    if not extras:
        model.eval()
    try:
        got = student.predict_proba(model, X, device, *batch_size)
    except Failed as failed:
        failed.misconception = oracle.left_behind(student, model, device, failed)
        raise
    return model, got, X, weight, bias


@pytest.mark.points(2)
@pytest.mark.title(ko="predict_proba: 모양 (n,)", en="predict_proba: shape (n,)")
@pytest.mark.hint(
    ko="로짓은 (n, 1)입니다. squeeze()만 쓰면 경기가 하나일 때 모양이 ()가 됩니다.",
    en="Logits are (n, 1). With a bare squeeze() the shape becomes () for a single match.",
)
def test_shape(student, oracle, device):
    """Many matches, two, one; and one that is left over for the last batch."""
    for n, sizes in ((40, ()), (2, ()), (1, ()), (9, (4,))):
        _, got, X, weight, bias = asked(student, oracle, n, 400 + n, device, *sizes)
        found, fitting = oracle.plain(got), n - n % sizes[0] if sizes else n
        dropped = found is not None and fitting < n and found.shape == (fitting,)
        with oracle.sign("last-batch-dropped" if dropped else oracle.axis(got, (n,))):
            values = checks.shape(got, (n,), name=oracle.PREDICT)
        checks.that(
            bool(((values >= 0) & (values <= 1)).all()),
            misconception="logits-for-probabilities" if np.allclose(values, X @ weight + bias, rtol=1e-3) else None,
            ko="predict_proba: 0과 1 사이가 아닌 값이 있습니다. 로짓에 시그모이드를 씌웠나요?",
            en="predict_proba: some values are not between 0 and 1. Has the sigmoid been applied to the logits?",
        )


@pytest.mark.points(2)
@pytest.mark.title(ko="predict_proba: 확률의 값", en="predict_proba: the values of the probabilities")
@pytest.mark.hint(
    ko="확률은 로짓의 시그모이드, 딱 한 번입니다. 0과 1로 반올림하지 않습니다.",
    en="The probability is the sigmoid of the logit, just once, and not rounded to 0 and 1.",
)
def test_values(student, oracle, device):
    """A linear model, in the order of X; also with batches of an odd size."""
    for n, sizes in ((50, ()), (50, (7,))):
        _, got, X, weight, bias = asked(student, oracle, n, 410, device, *sizes)
        expected = oracle.sigmoid(X @ weight + bias)
        with oracle.sign(mistaken(oracle.plain(got), X @ weight + bias, expected)):
            checks.array(got, expected, name=oracle.PREDICT, rtol=1e-3, atol=1e-5)


def mistaken(got, logits, expected):
    """What wrong numbers of the right shape show."""
    if got is None or got.shape != expected.shape:
        return None
    if np.allclose(got, logits, rtol=1e-3, atol=1e-5):
        return "logits-for-probabilities"
    return "classes-for-probabilities" if np.array_equal(got, np.round(expected)) else None


@pytest.mark.points(3)
@pytest.mark.needs("predict_proba.values")
@pytest.mark.title(ko="predict_proba: 평가 모드", en="predict_proba: eval mode")
@pytest.mark.hint(
    ko="학습을 마친 모델은 아직 학습 모드입니다. 예측하기 전에 무엇을 불러야 할까요?",
    en="A model fresh from training is still in train mode. What has to be called before it predicts?",
)
def test_eval_mode(student, oracle, device):
    """Dropout and batch norm, and a model that comes in train mode: the values are those of eval mode."""
    mean, var = np.array([1.0, -2.0, 0.5, 0.0, 3.0]), np.array([4.0, 0.25, 1.0, 9.0, 2.0])
    extras = {"dropout": 0.5, "mean": mean, "var": var}
    model, got, X, weight, bias = asked(student, oracle, 60, 420, device, 25, **extras)
    expected = oracle.sigmoid(oracle.normalized(X, mean, var) @ weight + bias)
    values = checks.shape(got, expected.shape, name=oracle.PREDICT)
    seen, *_ = oracle.notes(student, model)
    checks.that(
        bool(np.allclose(values, expected, rtol=1e-3, atol=1e-5)),
        misconception="no-eval-mode" if any(note["training"] for note in seen) else None,
        ko="predict_proba: 드롭아웃이나 배치 정규화가 예측할 때도 학습 모드로 움직입니다.",
        en="predict_proba: dropout or batch norm is at work as in training.",
    )


@pytest.mark.points(2)
@pytest.mark.title(ko="predict_proba: 기울기 없이", en="predict_proba: without gradients")
@pytest.mark.hint(
    ko="예측에는 역전파가 없습니다. 계산 그래프를 만들지 않게 하는 문맥(with)이 있습니다.",
    en="There is no backward pass in a prediction. There is a context (with) in which no graph is built.",
)
def test_no_gradient(student, oracle, device):
    """No forward pass makes a graph, and the answer has none."""
    model, got, *_ = asked(student, oracle, 30, 430, device)
    checks.shape(got, (30,), name=oracle.PREDICT)
    seen, *_ = oracle.notes(student, model)
    checks.that(
        not any(note["gradient"] for note in seen) and not getattr(got, "requires_grad", False),
        ko="predict_proba: 예측하면서 기울기를 위한 계산 그래프를 만듭니다. 데이터가 크면 메모리가 모자라게 됩니다.",
        en="predict_proba: a graph for gradients is built while predicting. With much data the memory runs out.",
        misconception="gradient-kept-in-prediction",
    )


@pytest.mark.points(2)
@pytest.mark.title(ko="predict_proba: batch_size개씩", en="predict_proba: batch_size at a time")
@pytest.mark.hint(
    ko="모든 경기를 한 번에 모델에 넣지 않나요? X를 batch_size개씩 나누세요. 마지막 조각도 잊지 말고요.",
    en="Do all matches go into the model at once? Cut X into pieces of batch_size, and do not forget the last.",
)
def test_batches(student, oracle, device):
    """1,000 matches by 300, and 9,000 by default."""
    for n, sizes, most in ((1000, (300,), 300), (9000, (), 4096)):
        model, got, *_ = asked(student, oracle, n, 440, device, *sizes)
        checks.shape(got, (n,), name=oracle.PREDICT)
        seen, *_ = oracle.notes(student, model)
        checks.that(
            all(note["shape"][0] <= most for note in seen),
            ko="predict_proba: batch_size보다 많은 경기를 한 번에 모델에 넣습니다.",
            en="predict_proba: more than batch_size matches go into the model at once.",
            misconception="batch-size-ignored" if any(note["shape"][0] == n for note in seen) else None,
        )


@pytest.mark.points(2)
@pytest.mark.title(
    ko="predict_proba: device에서 계산하고 CPU로 돌려줌", en="predict_proba: computes on the device, answers on the CPU"
)
@pytest.mark.hint(
    ko="조각마다 device로 옮겨 묻고, 답은 .cpu()로 가져오세요. 모델도 device에 있어야 합니다.",
    en="Move each piece to the device, ask, and fetch the answer with .cpu(). The model has to be there, too.",
)
def test_device(student, oracle, device):
    """A model that comes in on the CPU."""
    model, got, X, weight, bias = asked(student, oracle, 40, 450, device)
    checks.array(got, oracle.sigmoid(X @ weight + bias), name=oracle.PREDICT, rtol=1e-3, atol=1e-5)
    checks.that(
        oracle.is_on(oracle.place_of(got), "cpu"),
        ko="predict_proba: 결과가 아직 GPU에 있습니다. CPU로 가져와 돌려주세요.",
        en="predict_proba: the answer is still on the GPU. Bring it to the CPU.",
        misconception="result-left-on-gpu",
    )
    seen, *_ = oracle.notes(student, model)
    checks.that(
        all(oracle.is_on(note["device"], device) and oracle.is_on(note["model"], device) for note in seen),
        ko="predict_proba: device가 아닌 곳에서 계산합니다.",
        en="predict_proba: it computes elsewhere than on the device.",
        misconception=None if any(oracle.is_on(note["model"], device) for note in seen) else "device-ignored",
    )
