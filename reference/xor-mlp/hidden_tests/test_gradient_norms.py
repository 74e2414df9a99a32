"""The vanishing gradient, measured."""

import numpy as np
import pytest

from grader.suite import Text, checks

NAME = "gradient_norms(depth, activation, seed)"


def norms(student, activation):
    """At depth 8, for ten seeds."""
    rows = student.each("gradient_norms", [(8, activation, seed) for seed in range(10)])
    return [checks.losses(row, 8, name=NAME) for row in rows]


def sign(student):
    """What norms show: those of the weights themselves, those of one activation for both, the last layer first."""
    sigmoid, relu = (np.array(norms(student, activation)) for activation in ("sigmoid", "relu"))
    if np.array_equal(sigmoid, relu):  # through sigmoids no gradient of this size reaches all layers alike
        lowest, highest = sigmoid.min(axis=1), sigmoid.max(axis=1)
        flat = bool(((lowest > 0.5) & (lowest < highest) & (highest < 1.5 * lowest)).all())
        return "weights-for-gradients" if flat else "ignored-argument"
    return "last-layer-first" if bool((sigmoid[:, 0] >= 100 * sigmoid[:, -1]).all()) else None


@pytest.mark.points(1)
@pytest.mark.title(ko="gradient_norms: 은닉층마다 하나", en="gradient_norms: one for each hidden layer")
@pytest.mark.hint(
    ko="은닉층의 가중치만 셉니다. 편향과 출력층은 넣지 않습니다.",
    en="Only the weights of hidden layers count; biases and the output layer do not.",
)
def test_layers(student):
    """As many numbers as layers, none below zero."""
    for depth, activation in ((2, "sigmoid"), (5, "relu"), (3, "relu")):
        norms = checks.losses(student.gradient_norms(depth, activation, 4), depth, name=NAME)
        checks.that(
            norms.min() >= 0 and norms.max() > 0,
            ko="gradient_norms: 크기(norm)는 음수일 수 없고, 모두 0일 수도 없습니다.",
            en="gradient_norms: a norm is never negative, and they cannot all be 0.",
        )


@pytest.mark.needs("gradient_norms.layers")
@pytest.mark.points(1)
@pytest.mark.title(ko="gradient_norms: seed가 값을 정함", en="gradient_norms: the seed decides the values")
@pytest.mark.hint(
    ko="층을 만들기 전에 seed를 정해야 합니다.",
    en="The seed has to be set before the layers are made.",
)
def test_seeded(student):
    """The same seed twice, with the global generators elsewhere in between; then another seed."""
    student.probe.seed(1)
    first = checks.losses(student.gradient_norms(3, "sigmoid", 7), 3, name=NAME)
    student.probe.seed(2)
    again = checks.losses(student.gradient_norms(3, "sigmoid", 7), 3, name=NAME)
    other = checks.losses(student.gradient_norms(3, "sigmoid", 8), 3, name=NAME)
    with checks.misconception("seed-ignored"):
        checks.same(first, again, name=NAME)
        checks.different(
            first,
            other,
            name=NAME,
            because=Text(
                "seed가 다르면 값도 달라야 합니다.",
                "Another seed should give other values.",
            ),
        )


@pytest.mark.needs("gradient_norms.layers")
@pytest.mark.points(3)
@pytest.mark.title(
    ko="gradient_norms: 시그모이드에서는 기울기가 사라짐",
    en="gradient_norms: with the sigmoid the gradient vanishes",
)
@pytest.mark.hint(
    ko="첫 층에서 마지막 층의 차례인가요? 재는 것은 가중치가 아니라 가중치의 기울기입니다.",
    en="Is the order from first layer to last? What is measured is the gradient of the weights, not the "
    "weights.",
)
def test_vanishing(student, oracle):
    """At depth 8 the first layer gets at most a hundredth of the last one's gradient."""
    found = oracle.median_ratio(norms(student, "sigmoid"))
    with oracle.recognised(lambda: sign(student)):
        checks.that(
            found <= 0.01,
            ko='gradient_norms: 깊은 "sigmoid" 망인데 첫 층의 기울기가 마지막 층에 비해 사라지지 않습니다.',
            en='gradient_norms: with a deep "sigmoid" net the gradient of the first layer does not vanish beside the '
            "last one's.",
            detail=Text(f"{found:.3g}", f"{found:.3g}"),
        )


@pytest.mark.needs("gradient_norms.layers")
@pytest.mark.points(2)
@pytest.mark.title(
    ko="gradient_norms: ReLU에서는 훨씬 덜 사라짐", en="gradient_norms: with ReLU far less of it vanishes"
)
@pytest.mark.hint(
    ko="activation 인자가 정말로 모든 은닉층에 쓰이나요?",
    en="Does the argument activation really reach all hidden layers?",
)
def test_relu_survives(student, oracle, pictures):
    """The ratio of first to last is at least ten times that of the sigmoid."""
    rows = [norms(student, activation) for activation in ("sigmoid", "relu")]
    oracle.draw_norms(*rows, pictures)
    sigmoid, relu = map(oracle.median_ratio, rows)
    with oracle.recognised(lambda: sign(student)):
        checks.that(
            relu >= 10 * sigmoid,
            ko='gradient_norms: "relu"에서 첫 층에 남는 기울기의 비율이 "sigmoid"보다 충분히 크지 않습니다.',
            en='gradient_norms: with "relu" the share of gradient that reaches the first layer is not much larger than '
            'with "sigmoid".',
            detail=Text(f"{relu:.3g}, {sigmoid:.3g}", f"{relu:.3g}, {sigmoid:.3g}"),
        )
