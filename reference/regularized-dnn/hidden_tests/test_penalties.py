"""L1 and L2: the price of large weights, and its gradient."""

import numpy as np
import pytest

from grader.suite import checks

L1, L2 = "l1_penalty(params, lam)", "l2_penalty(params, lam)"
FIRST = "목록의 첫 텐서만 더했습니다.", "Only the first tensor of the list is counted."


@pytest.mark.points(2)
@pytest.mark.title(ko="l1_penalty: lam x 절댓값의 합", en="l1_penalty: lam times the sum of absolute values")
@pytest.mark.hint(
    ko="양수와 음수가 서로 지워지면 벌칙이 되지 않습니다. 목록의 모든 텐서를 더하고 lam은 한 번 곱합니다.",
    en="If positive and negative cancel there is no penalty. Add up every tensor in the list; lam comes in once.",
)
def test_l1(student, oracle):
    """Tensors of one, two and three dimensions; several lam; a list of one."""
    for seed, lam in ((41, 0.3), (42, 2.0), (43, 0.0)):
        tensors, arrays = oracle.weights(seed)
        for count in (1, 3):
            part = arrays[:count]
            right = oracle.l1(part, 1)
            mistakes = [
                (
                    "절댓값을 취하지 않아 양수와 음수가 서로 지워집니다.",
                    "Without absolute values, positive and negative weights cancel.",
                    lam * sum(float(a.sum()) for a in part),
                    "penalty-without-absolute-value",
                ),
                ("lam을 곱하지 않았습니다.", "lam is not multiplied in.", right, "penalty-without-strength"),
                (
                    "제곱의 합입니다. 그것은 L2입니다.",
                    "That is the sum of squares, which is L2.",
                    oracle.l2(part, lam),
                    None,
                ),
                (*FIRST, oracle.l1(part[:1], lam), "first-parameter-only"),
            ]
            oracle.told(student.l1_penalty(tensors[:count], lam), lam * right, mistakes, name=L1, rtol=1e-5)


@pytest.mark.points(2)
@pytest.mark.title(ko="l2_penalty: lam x 제곱의 합", en="l2_penalty: lam times the sum of squares")
@pytest.mark.hint(
    ko="제곱해서 더하기만 합니다. 제곱근도, 평균도, 1/2도 없습니다.",
    en="Square and add; no root, no mean, no factor 1/2.",
)
def test_l2(student, oracle):
    """As for L1."""
    for seed, lam in ((44, 0.3), (45, 2.0), (46, 0.0)):
        tensors, arrays = oracle.weights(seed)
        for count in (1, 3):
            part = arrays[:count]
            right = oracle.l2(part, 1)
            mistakes = [
                (
                    "제곱근을 씌운 norm입니다.",
                    "This is the norm: leave the root out.",
                    lam * np.sqrt(right),
                    "norm-for-squares",
                ),
                (
                    "텐서마다 제곱근을 씌운 norm의 합입니다.",
                    "This adds up the norms of the tensors: leave the root out.",
                    lam * sum(float(np.sqrt(np.sum(a**2))) for a in part),
                    "norm-for-squares",
                ),
                ("lam을 곱하지 않았습니다.", "lam is not multiplied in.", right, "penalty-without-strength"),
                ("1/2이 곱해져 있습니다.", "There is a factor 1/2 in it.", 0.5 * lam * right, None),
                (*FIRST, oracle.l2(part[:1], lam), "first-parameter-only"),
            ]
            oracle.told(student.l2_penalty(tensors[:count], lam), lam * right, mistakes, name=L2, rtol=1e-5)


def slopes(student, name, tensors, lam):
    """The gradient with respect to every tensor, by torch's autograd through the student's function, whose values
    were found right before: where there is none, the graph is cut."""
    with checks.misconception("penalty-detached"):
        grads = student.probe.gradient(name, [tensors, lam])["grads"]
        checks.that(
            all(grad is not None for grad in grads),
            ko=f"`{name}`: 기울기가 흐르지 않는 텐서가 있습니다.",
            en=f"`{name}`: no gradient reaches some of the tensors.",
        )
    return grads


@pytest.mark.points(2)
@pytest.mark.needs("penalties.l1")
@pytest.mark.title(ko="l1_penalty: 기울기가 흐름", en="l1_penalty: the gradient flows")
@pytest.mark.hint(
    ko=".item(), .detach(), float(), numpy를 거치면 기울기가 끊어집니다. torch 연산만으로 텐서를 돌려주세요.",
    en=".item(), .detach(), float() and numpy cut the gradient. Return a tensor made by torch operations alone.",
)
def test_l1_gradient(student, oracle):
    """lam * sign(w)."""
    tensors, arrays = oracle.weights(47)
    for got, right in zip(slopes(student, "l1_penalty", tensors, 0.7), oracle.l1_grads(arrays, 0.7), strict=True):
        checks.array(got, right, name=f"d {L1}", rtol=1e-4, atol=1e-6)


@pytest.mark.points(2)
@pytest.mark.needs("penalties.l2")
@pytest.mark.title(ko="l2_penalty: 기울기가 흐름", en="l2_penalty: the gradient flows")
@pytest.mark.hint(
    ko="모든 파라미터의 기울기는 2 lam w입니다. 한 텐서라도 계산 그래프에서 빠지지 않았는지 보세요.",
    en="The gradient is 2 lam w for every parameter. Has any tensor dropped out of the graph?",
)
def test_l2_gradient(student, oracle):
    """2 * lam * w."""
    tensors, arrays = oracle.weights(48)
    for got, right in zip(slopes(student, "l2_penalty", tensors, 0.7), oracle.l2_grads(arrays, 0.7), strict=True):
        half = (
            "기울기가 절반입니다. 제곱의 한쪽이 계산 그래프에서 떨어져 나갔습니다.",
            "This is half the gradient: one factor of the square is detached from the graph.",
            right / 2,
            "half-penalty-gradient",
        )
        oracle.told(got, right, [half], name=f"d {L2}", rtol=1e-4, atol=1e-6)
