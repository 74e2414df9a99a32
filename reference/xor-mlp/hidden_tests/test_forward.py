"""The forward pass: tanh inside, sigmoid at the end."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(4)
@pytest.mark.title(ko="forward: 확률의 값", en="forward: the values of the probabilities")
@pytest.mark.hint(
    ko="한 층씩 써 보세요. 은닉층은 tanh, 출력층은 시그모이드이고, 편향은 활성화 함수 앞에서 더합니다.",
    en="Go layer by layer: tanh for the hidden one, sigmoid for the output; biases are added before the "
    "activation.",
)
@pytest.mark.hint(
    ko="출력이 여럿이어도 하나하나가 따로 확률입니다. 합이 1일 필요는 없습니다.",
    en="With several outputs each is a probability of its own; they need not sum to 1.",
)
def test_values(student, oracle):
    """Several sizes, two outputs, a single row."""
    cases = []
    for seed, (n, d, h, k) in enumerate([(6, 3, 5, 1), (4, 2, 7, 3), (1, 3, 4, 2)]):
        X = np.random.default_rng(50 + seed).normal(size=(n, d))
        cases.append((oracle.params(seed, d, h, k), X))
    answers = student.each("forward", cases)
    with oracle.recognised(lambda: oracle.told_by(answers, cases, oracle.FORWARD_MISTAKES)):
        for (net, X), got in zip(cases, answers, strict=True):
            checks.array(got, oracle.forward(net, X), name="forward(params, X)", rtol=1e-4, atol=1e-6)


@pytest.mark.points(2)
@pytest.mark.title(ko="forward: 아주 큰 로짓에서도 확률", en="forward: probabilities even for huge logits")
@pytest.mark.hint(
    ko="출력층에서도 넘치지 않는 sigmoid를 쓰고 있나요?",
    en="Is the sigmoid of the output layer one that does not overflow?",
)
def test_saturated(student, oracle):
    """Logits of 1500 and -1500."""
    net, X = oracle.saturated(size=300.0)
    got = student.forward(net, X)

    def overflow():
        """Right where logits are small, no number here."""
        small = oracle.params(7, 3, 5), np.random.default_rng(57).normal(size=(4, 3))
        right = oracle.is_like(student.forward(*small), oracle.forward(*small))
        return "exp-overflow" if right and not oracle.is_finite(got) else None

    with oracle.recognised(overflow):
        checks.array(got, oracle.forward(net, X), name="forward(params, X)", rtol=1e-5, atol=1e-6)
