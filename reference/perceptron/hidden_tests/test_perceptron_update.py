"""Rosenblatt's rule on one example."""

import numpy as np
import pytest

from grader.suite import checks

NAME = "perceptron_update(w, b, x, y, lr)"


def compare(student, oracle, cases):
    """Every answer is (w, b) with the right values."""
    answers = student.each("perceptron_update", cases)
    with oracle.recognised(lambda: rule(student, oracle, cases)):
        for case, got in zip(cases, answers, strict=True):
            w, b = checks.unpack(got, 2, name=NAME, parts=("w", "b"))
            expected_w, expected_b = oracle.perceptron_update(*case)
            checks.array(w, expected_w, name=f"w = {NAME}[0]", rtol=1e-5, atol=1e-6)
            checks.number(b, expected_b, name=f"b = {NAME}[1]", rtol=1e-5, atol=1e-6)


def rule(student, oracle, cases):
    """The other rule that is followed here, where the prediction is wrong either way, and where it is right."""
    wrong = [oracle.mistaken(seed, target) for seed in (10, 11) for target in (0, 1)]
    right = [(w, b, x, 1.0 - y, lr) for w, b, x, y, lr in wrong]
    cases = [*cases, *wrong, *right]
    return oracle.told_by(student.each("perceptron_update", cases), cases, oracle.UPDATE_MISTAKES)


@pytest.mark.points(2)
@pytest.mark.title(
    ko="perceptron_update: 1인데 0이라고 했을 때", en="perceptron_update: it said 0 and the answer is 1"
)
@pytest.mark.hint(
    ko="점수 w·x + b가 너무 낮았습니다. w와 b를 어느 쪽으로 움직여야 같은 x의 점수가 올라갈까요? lr도 "
    "곱했나요?",
    en="The score w·x + b was too low. Which way must w and b move so that this x scores higher? Is lr in "
    "it?",
)
def test_too_low(student, oracle):
    """Predicted 0, wanted 1."""
    compare(
        student, oracle, [oracle.mistaken(seed, 1, d) for seed, d in [(21, 4), (22, 2), (23, 1), (24, 4)]]
    )


@pytest.mark.points(2)
@pytest.mark.title(
    ko="perceptron_update: 0인데 1이라고 했을 때", en="perceptron_update: it said 1 and the answer is 0"
)
@pytest.mark.hint(
    ko="점수가 너무 높았습니다. 정답이 0일 때도 실제로 w와 b가 움직이는지, 방향은 맞는지 손으로 한 번 "
    "계산해 보세요.",
    en="The score was too high. Work one case by hand: do w and b move at all when the answer is 0, and "
    "which way?",
)
def test_too_high(student, oracle):
    """Predicted 1, wanted 0."""
    compare(
        student, oracle, [oracle.mistaken(seed, 0, d) for seed, d in [(25, 4), (26, 2), (27, 1), (28, 4)]]
    )


@pytest.mark.points(2)
@pytest.mark.title(
    ko="perceptron_update: 맞혔으면 그대로", en="perceptron_update: no change when it is right"
)
@pytest.mark.hint(
    ko="퍼셉트론은 틀렸을 때만 배웁니다. 정답과 비교할 것은 점수 z가 아니라 예측(0 또는 1)입니다.",
    en="A perceptron learns only from mistakes. What is compared with y is the prediction (0 or 1), not "
    "the score z.",
)
@pytest.mark.needs("perceptron_update.too_low")
def test_right(student, oracle):
    """Right predictions of both classes."""
    cases = []
    for seed in (31, 32, 33, 34):
        w, b, x, y, lr = oracle.mistaken(seed, seed % 2)
        cases.append((w, b, x, 1.0 - y, lr))
    compare(student, oracle, cases)


@pytest.mark.points(1)
@pytest.mark.title(ko="perceptron_update: 점수가 정확히 0일 때", en="perceptron_update: a score of exactly 0")
@pytest.mark.hint(
    ko="점수 0은 1이라는 예측입니다. 그러면 y = 1일 때와 y = 0일 때 각각 틀린 것인가요, 맞은 것인가요?",
    en="A score of 0 is a prediction of 1. So is it a mistake when y = 1? And when y = 0?",
)
def test_tie(student, oracle):
    """Whole numbers that cancel, and the start from zeros."""
    w, b, x = np.array([2.0, -1.0, 1.0]), -1.0, np.array([1.0, 3.0, 2.0])
    zero = np.zeros(3)
    compare(student, oracle, [(w, b, x, 0.0, 0.5), (w, b, x, 1.0, 0.5), (zero, 0.0, x, 0.0, 0.25)])


@pytest.mark.points(1)
@pytest.mark.title(
    ko="perceptron_update: 인자를 바꾸지 않기", en="perceptron_update: leaves its arguments alone"
)
@pytest.mark.hint(
    ko="w += ... 는 받은 배열 자체를 고칩니다. w = w + ... 와 무엇이 다른지 생각해 보세요.",
    en="w += ... edits the very array that you were given. How does w = w + ... differ?",
)
@pytest.mark.needs("perceptron_update.too_low", "perceptron_update.too_high")
def test_keeps_arguments(student, oracle):
    """After an update of either kind, w and x are what they were."""
    for target in (0, 1):
        before = oracle.mistaken(35 + target, target)
        outcome = student.call("perceptron_update", *before)
        with checks.misconception("in-place-arguments"):
            checks.unchanged(outcome, before, name=NAME, parts=("w", "b", "x", "y", "lr"))
