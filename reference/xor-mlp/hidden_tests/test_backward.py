"""Backpropagation by hand, layer by layer."""

import pytest

from grader.suite import checks
from grader.suite.checks import Mistake

NAME = "backward(params, X, y)"
KEYS = ("W1", "b1", "W2", "b2")


def layer(student, oracle, keys, mistakes, seed):
    """The gradients of one layer against central differences; the other layer stays as it is."""
    net, X, y = oracle.example(seed)
    got = student.backward(net, X, y)
    checks.mapping(got, KEYS, name=NAME)
    checks.gradient(
        oracle.only(got, keys),
        oracle.only(net, keys),
        lambda points: student.each("loss", [({**net, **point}, X, y) for point in points]),
        lambda point: oracle.loss({**net, **point}, X, y),
        name=NAME,
        n=len(X),
        mistakes=[Mistake(ko, en, oracle.only(wrong, keys), id) for ko, en, wrong, id in mistakes(net, X, y)],
    )


@pytest.mark.points(2)
@pytest.mark.title(ko="backward: 이름과 모양", en="backward: keys and shapes")
@pytest.mark.hint(
    ko="기울기의 모양은 매개변수의 모양과 꼭 같습니다. 편향의 기울기는 예제에 대해 더한 1차원 배열입니다.",
    en="Each gradient has exactly the shape of its parameter. A bias gets a one-dimensional sum over the "
    "examples.",
)
def test_shapes(student, oracle):
    """Sizes that all differ, and a single example."""
    for seed, size in enumerate([(6, 3, 5), (1, 2, 4)]):
        net, X, y = oracle.example(seed, *size)
        got = student.backward(net, X, y)
        checks.mapping(got, KEYS, name=NAME)
        with oracle.recognised(lambda got=got, net=net, X=X: oracle.shape_mistake(got, net, len(X))):
            for key in KEYS:
                checks.shape(got[key], net[key].shape, name=f"{NAME}['{key}']")


@pytest.mark.points(5)
@pytest.mark.title(ko="backward: 출력층 W2, b2", en="backward: the output layer, W2 and b2")
@pytest.mark.hint(
    ko="출력층부터 유도하세요. 교차 엔트로피의 미분에 시그모이드의 미분을 곱하면 무엇이 약분되나요?",
    en="Derive the output layer first. What cancels when the cross-entropy's derivative meets the sigmoid's?",
)
@pytest.mark.hint(
    ko="손실은 평균입니다. 기울기 어딘가에 1/n이 꼭 한 번 있어야 합니다.",
    en="The loss is a mean: somewhere in the gradient there is 1/n, exactly once.",
)
def test_output_layer(student, oracle):
    """W2 and b2 alone."""
    layer(student, oracle, ("W2", "b2"), oracle.output_mistakes, seed=3)


@pytest.mark.points(6)
@pytest.mark.title(ko="backward: 은닉층 W1, b1", en="backward: the hidden layer, W1 and b1")
@pytest.mark.hint(
    ko="출력층의 오차를 W2로 거슬러 보낸 다음, tanh를 거슬러 지나야 합니다.",
    en="Send the error of the output back through W2, and then back through tanh.",
)
@pytest.mark.hint(
    ko="h = tanh(z)라면 tanh의 미분은 h만으로 쓸 수 있습니다. 그 미분이 몇 번 곱해지는지 세어 보세요.",
    en="With h = tanh(z), tanh's derivative can be written in h alone. Count how often it is multiplied in.",
)
def test_hidden_layer(student, oracle):
    """W1 and b1 alone."""
    layer(student, oracle, ("W1", "b1"), oracle.hidden_mistakes, seed=4)


@pytest.mark.points(4)
@pytest.mark.title(ko="backward: 정확한 값", en="backward: exact values")
@pytest.mark.hint(
    ko="식에서 바로 계산하면 거의 모든 자릿수가 맞습니다. 수치 미분은 검산에만 쓰세요.",
    en="Computed from the formulas, nearly all digits are right. Keep numeric differences for checking.",
)
def test_values(student, oracle):
    """Several sizes and weights, to 1e-5."""
    sizes = [(7, 4, 6, 1.5), (1, 2, 3, 1.0), (10, 2, 8, 0.3)]
    cases = [oracle.example(20 + seed, *size) for seed, size in enumerate(sizes)]
    answers = student.each("backward", cases)
    with oracle.recognised(lambda: oracle.told_by(answers, cases, oracle.DIFFERENCES, rtol=1e-5, atol=1e-7)):
        for case, got in zip(cases, answers, strict=True):
            checks.arrays(got, oracle.backward(*case), name=NAME, rtol=1e-5, atol=1e-9)


@pytest.mark.needs("backward.output_layer")
@pytest.mark.points(3)
@pytest.mark.title(ko="backward: 자동 미분 없이 손으로", en="backward: by hand, without autograd")
@pytest.mark.hint(
    ko="이 함수에서는 .backward()나 torch.autograd.grad를 부르지 마세요. 4장의 다섯 단계를 그대로 옮기면 "
    "됩니다.",
    en="Call neither .backward() nor torch.autograd.grad in it. The five steps of chapter 4 are all it "
    "takes.",
)
def test_no_autograd(student, oracle):
    """Torch's autograd does not run during the call."""
    checks.that(
        not student.probe.uses_autograd("backward", *oracle.example(5)),
        ko="backward: 기울기를 torch의 자동 미분이 구했습니다. 이 함수는 손으로 쓴 식으로 구해야 합니다.",
        en="backward: torch's autograd found the gradients. This function should compute them from your "
        "own formulas.",
        misconception="autograd-for-backprop",
    )


@pytest.mark.needs("backward.shapes")
@pytest.mark.points(2)
@pytest.mark.title(ko="backward: 인자를 바꾸지 않음", en="backward: leaves its arguments alone")
@pytest.mark.hint(
    ko="-=, += 같은 연산은 배열을 그 자리에서 고칩니다. 인자에 쓰지 않았는지 보세요.",
    en="Operators such as -= and += change an array in place. Is one of them applied to an argument?",
)
def test_pure(student, oracle):
    """params, X and y are the same after the call."""
    before = oracle.example(6)
    outcome = student.call("backward", *oracle.example(6))
    with checks.misconception("in-place-arguments"):
        checks.unchanged(outcome, before, name=NAME, parts=("params", "X", "y"))
