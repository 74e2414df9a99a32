"""The first parameters: shapes, seeds, no twins."""

import numpy as np
import pytest

from grader.suite import Text, checks


def start(student, n_in, n_hidden, n_out, seed):
    """The parameters as float64 arrays, their keys and shapes looked at."""
    name = "init_params(n_in, n_hidden, n_out, seed)"
    got = student.init_params(n_in, n_hidden, n_out, seed)
    shapes = {"W1": (n_in, n_hidden), "b1": (n_hidden,), "W2": (n_hidden, n_out), "b2": (n_out,)}
    checks.mapping(got, tuple(shapes), name=name)
    return {key: checks.shape(got[key], shape, name=f"{name}['{key}']") for key, shape in shapes.items()}


def equal_start(net):
    """What weights show that are all equal, in and out."""
    weights = np.concatenate([net["W1"].ravel(), net["W2"].ravel()])
    if np.ptp(weights) > 0:
        return None
    return "symmetric-initialization" if weights.any() else "zero-initialization"


@pytest.mark.points(2)
@pytest.mark.title(ko="init_params: 이름과 모양", en="init_params: keys and shapes")
@pytest.mark.hint(
    ko="X @ W1이 되려면 W1의 모양은 (n_in, n_hidden)입니다. 편향은 1차원입니다.",
    en="For X @ W1 to work, W1 is (n_in, n_hidden). Biases have one dimension.",
)
def test_shapes(student, oracle):
    """Sizes that all differ."""

    def like_torch():
        net = checks.mapping(student.init_params(3, 7, 2, 5), oracle.KEYS, name="")
        turned = oracle.has_shape(net["W1"], (7, 3)) and oracle.has_shape(net["W2"], (2, 7))
        return "weights-like-torch" if turned else None

    with oracle.recognised(like_torch):
        start(student, 3, 7, 2, 5)
        start(student, 2, 4, 1, 6)


@pytest.mark.points(2)
@pytest.mark.title(ko="init_params: seed가 값을 정함", en="init_params: the seed decides the values")
@pytest.mark.hint(
    ko="무작위 수를 뽑는 모든 곳이 seed를 쓰나요? 전역 상태에 기대지 않는 생성기를 만들면 안전합니다.",
    en="Does everything that draws numbers use the seed? A generator of its own does not lean on global "
    "state.",
)
def test_seeded(student, oracle):
    """The same seed twice, with the global generators elsewhere in between; then another seed."""
    student.probe.seed(1)
    first = start(student, 3, 6, 2, 11)
    student.probe.seed(2)
    again = start(student, 3, 6, 2, 11)
    other = start(student, 3, 6, 2, 12)
    with oracle.recognised(lambda: equal_start(first) or "seed-ignored"):
        checks.same(first, again, name="init_params(..., seed)")
        checks.different(
            np.concatenate([first["W1"].ravel(), first["W2"].ravel()]),
            np.concatenate([other["W1"].ravel(), other["W2"].ravel()]),
            name="init_params(..., seed)",
            because=Text(
                "seed가 다르면 값도 달라야 합니다.",
                "Another seed should give other values.",
            ),
        )


@pytest.mark.points(2)
@pytest.mark.title(ko="init_params: 대칭이 아님", en="init_params: not symmetric")
@pytest.mark.hint(
    ko="두 은닉 유닛이 똑같이 시작하면 언제까지나 똑같이 움직입니다. 무엇이 둘을 구별해 줄까요?",
    en="Two hidden units that start alike move alike for ever. What could tell them apart?",
)
def test_not_symmetric(student, oracle):
    """No two hidden units start with the same weights in and out."""
    for seed in (0, 3, 8):
        net = start(student, 2, 6, 1, seed)
        checks.that(
            oracle.twins(net) == 0,
            ko="init_params: 똑같이 시작하는 은닉 유닛이 있습니다. 기울기도 같아서 영영 갈라지지 않습니다.",
            en="init_params: some hidden units start exactly alike. Their gradients are equal too, so "
            "they never part.",
            misconception=equal_start(net) or "symmetric-initialization",
        )
