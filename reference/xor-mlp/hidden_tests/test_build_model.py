"""The model in PyTorch: a hidden layer that bends, logits at the end."""

import numpy as np
import pytest

from grader.suite import Tensor, checks


def module(student, *width, seed=0):
    """A fresh model."""
    student.probe.seed(seed)
    model = student.build_model(*width)
    checks.that(
        student.probe.is_module(model),
        ko="build_model(n_hidden)이 torch.nn.Module을 돌려주지 않습니다.",
        en="build_model(n_hidden) does not return a torch.nn.Module.",
    )
    return model


def outputs(student, oracle, model, X):
    """What the model says on X, one number a row."""
    logits = student.probe.logits(model, Tensor(np.asarray(X, dtype=np.float32)))
    with oracle.recognised(lambda: shape_sign(oracle, logits, len(X))):
        return checks.shape(logits, (len(X), 1), name="build_model(n_hidden)(X)")


def shape_sign(oracle, logits, n):
    return "one-output-a-class" if oracle.has_shape(logits, (n, 2)) else oracle.axis(logits, (n, 1))


def eventually(student, oracle, holds, X):
    """Whether `holds(outputs)` for one of three fresh models, or for one after some training: a model may
    start with an output layer of zeros."""
    models = [module(student, 8, seed=seed) for seed in range(3)]
    if any(holds(outputs(student, oracle, model, X)) for model in models):
        return True
    points, labels = (Tensor(part.astype(np.float32)) for part in oracle.xor())
    student.train_model(models[0], points, labels, epochs=300, lr=0.05)
    return bool(holds(outputs(student, oracle, models[0], X)))


@pytest.mark.points(1)
@pytest.mark.title(ko="build_model: (n, 2)에서 (n, 1)로", en="build_model: from (n, 2) to (n, 1)")
@pytest.mark.hint(
    ko="출력층의 유닛은 하나이고, 결과의 모양은 (n,)이 아니라 (n, 1)입니다.",
    en="The output layer has one unit, and the result has the shape (n, 1), not (n,).",
)
def test_output(student, oracle):
    """Several batch sizes and widths."""
    rng = np.random.default_rng(61)
    for width, n in ((8, 5), (3, 1), (17, 4)):
        outputs(student, oracle, module(student, width), rng.normal(size=(n, 2)))


@pytest.mark.points(1)
@pytest.mark.title(ko="build_model: n_hidden이 폭을 정함", en="build_model: n_hidden sets the width")
@pytest.mark.hint(
    ko="폭을 숫자로 적어 두지 않았나요? 인자 n_hidden을 쓰고, 기본값은 8로 두세요.",
    en="Is the width written as a number somewhere? Use the argument n_hidden; its default is 8.",
)
def test_width(student):
    """A dimension of the asked width among the parameters; 8 when nothing is asked."""
    asked = ((13,), (5,), ())
    shapes = [[np.shape(a) for a in student.probe.parameters(module(student, *n)).values()] for n in asked]
    for width, found in zip((13, 5, 8), shapes, strict=True):
        checks.that(
            any(width in shape for shape in found),
            ko="build_model(n_hidden): 은닉층의 폭이 n_hidden과 다릅니다.",
            en="build_model(n_hidden): the hidden layer is not n_hidden wide.",
            misconception="fixed-sizes" if shapes[0] == shapes[1] and shapes[0] else None,
        )


@pytest.mark.points(2)
@pytest.mark.title(
    ko="build_model: 층 사이의 비선형성", en="build_model: something that bends between layers"
)
@pytest.mark.hint(
    ko="선형층 두 개를 바로 이으면 선형층 하나와 같습니다. 그 사이에 무엇이 있어야 할까요?",
    en="Two linear layers in a row are one linear layer. What belongs between them?",
)
def test_nonlinear(student, oracle):
    """The output is not a straight line along straight lines."""
    X = oracle.triples(62)
    bends = eventually(student, oracle, lambda values: oracle.bend(values) > 1e-3, X)
    slopes = bends or eventually(student, oracle, lambda values: np.ptp(values) > 1e-3, X)
    checks.that(
        bends,
        ko="build_model: 출력이 입력의 일차식입니다. 이런 모델의 결정 경계는 직선뿐이라 XOR를 배울 수 "
        "없습니다.",
        en="build_model: the output is linear in the input. Its boundary is a straight line, which cannot "
        "solve XOR.",
        misconception="linear-stack" if slopes else None,
    )


@pytest.mark.points(1)
@pytest.mark.title(ko="build_model: 확률이 아니라 로짓", en="build_model: logits, not probabilities")
@pytest.mark.hint(
    ko="마지막에 시그모이드가 있으면 BCEWithLogitsLoss가 시그모이드를 한 번 더 씌웁니다.",
    en="With a sigmoid at the end, BCEWithLogitsLoss applies a second one.",
)
def test_logits(student, oracle):
    """Some outputs lie outside 0 to 1."""
    X = oracle.triples(63)
    with oracle.recognised(lambda: sigmoid_sign(student, oracle)):
        checks.that(
            eventually(student, oracle, lambda values: values.min() < 0 or values.max() > 1, X),
            ko="build_model: 모든 출력이 0과 1 사이에 있습니다. 확률이 아니라 로짓을 내야 합니다.",
            en="build_model: all outputs lie between 0 and 1. They should be logits, not probabilities.",
        )


def sigmoid_sign(student, oracle):
    """Where the outputs are probabilities: whether the first loss of training takes them for logits, too."""
    X, y = oracle.xor()
    model = module(student)
    p = outputs(student, oracle, model, X)
    points, labels = (Tensor(part.astype(np.float32)) for part in (X, y))
    first = student.train_model(model, points, labels, epochs=1, lr=0.01)
    twice = float(np.mean(np.logaddexp(0, p) - y * p))
    return "double-sigmoid" if oracle.is_like(first, [twice], 1e-3, 1e-4) else "probabilities-in-the-model"
