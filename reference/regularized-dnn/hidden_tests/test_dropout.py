"""Inverted dropout."""

import numpy as np
import pytest

from grader.suite import Tensor, Text, checks

NAME = "dropout(x, p, training, generator)"


def signal(seed, shape=(200, 200)):
    """Values away from 0, so that a zero was put there."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.5, 2, shape) * rng.choice((-1, 1), shape)


def drop(student, x, p, training=True, seed=0):
    generator = student.probe.generator(seed)
    return checks.shape(student.dropout(Tensor(x), p, training, generator), x.shape, name=NAME)


@pytest.mark.points(1)
@pytest.mark.title(ko="dropout: 학습이 아니면 그대로", en="dropout: the identity outside training")
@pytest.mark.hint(
    ko="training이 False이면 아무것도 끄지 않고, 크기도 바꾸지 않습니다. p = 0일 때도 마찬가지입니다.",
    en="With training False nothing is dropped and nothing is scaled. The same goes for p = 0.",
)
def test_identity(student):
    """training=False for several p, and p = 0 in training."""
    x = signal(51, (7, 5))
    for p, training in ((0.5, False), (0.2, False), (0.0, True)):
        got = drop(student, x, p, training)
        checks.that(
            training or bool((got == 0).all() or (got != 0).all()),
            ko="dropout: 학습이 아닌데도 값을 끕니다.",
            en="dropout: values are dropped outside training as well.",
            misconception="dropout-at-evaluation",
        )
        checks.that(
            training or not np.allclose(got, (1 - p) * x, rtol=1e-5),
            ko="dropout: 학습이 아닐 때 1-p를 곱합니다. 크기는 학습할 때 1/(1-p)배로 맞추세요.",
            en="dropout: multiplied by 1-p outside training. Scale by 1/(1-p) in training instead.",
            misconception="dropout-scaled-at-evaluation",
        )
        checks.array(got, x, name=NAME, rtol=1e-5)


def unscaled(student, x, p):
    """The misconception of one who does not scale in training: it may be done in evaluation."""
    late = np.allclose(drop(student, x, p, training=False), (1 - p) * x, rtol=1e-5)
    return "dropout-scaled-at-evaluation" if late else "dropout-not-rescaled"


@pytest.mark.points(2)
@pytest.mark.title(ko="dropout: 남은 값을 1/(1-p)배", en="dropout: what is kept is scaled by 1/(1-p)")
@pytest.mark.hint(
    ko="평균적으로 같은 크기가 되려면, 남은 값을 얼마로 나누어야 할까요? 남을 확률은 p인가요, 1 - p인가요?",
    en="By what must the kept values be divided to be of the same size on average? Is p the chance to stay?",
)
def test_scale(student, oracle):
    """Every value is 0 or x / (1 - p)."""
    x = signal(52, (60, 50))
    for p in (0.2, 0.7):
        got = drop(student, x, p, seed=1)
        kept = got != 0
        checks.that(
            bool(kept.any() and not kept.all()),
            ko="dropout: 학습 중인데 모두 남거나 모두 꺼집니다. 값마다 따로 정해져야 합니다.",
            en="dropout: in training either all values stay or all are dropped; each should be decided alone.",
        )
        factor = (got / x)[kept]
        with oracle.recognised(lambda p=p: unscaled(student, x, p)):
            checks.that(
                not np.allclose(factor, 1.0, rtol=1e-5),
                ko="dropout: 남은 값의 크기를 키우지 않았습니다. 그러면 학습과 평가에서 값의 크기가 달라집니다.",
                en="dropout: what is kept is not scaled up, so training and evaluation see different sizes.",
            )
        checks.that(
            not np.allclose(factor, 1 / p, rtol=1e-4),
            ko="dropout: 남은 값을 p로 나누었습니다. p는 꺼질 확률입니다.",
            en="dropout: what is kept is divided by p, but p is the chance to be dropped.",
            misconception="keep-for-drop-probability",
        )
        checks.array(got, np.where(kept, x / (1 - p), 0.0), name=NAME, rtol=1e-4)


@pytest.mark.points(2)
@pytest.mark.title(ko="dropout: 값마다 확률 p로 꺼짐", en="dropout: each value is dropped with probability p")
@pytest.mark.hint(
    ko="x와 같은 모양의 난수를 뽑아 p와 비교하세요. 부등호의 방향도 확인하세요.",
    en="Draw random numbers of the shape of x and compare them with p. Check the direction, too.",
)
def test_rate(student, oracle):
    """The share of zeros among 40,000 values, and in every row and column of 200.

    oracle.rate_bound (Hoeffding 1963, with a union bound): 0.0145 for the whole, 0.24 for the 400 rows and columns of
    one matrix; P < 1e-7 each, below 5e-7 together.
    """
    x = signal(53)
    for p in (0.5, 0.3):
        dropped = drop(student, x, p, seed=2) == 0
        share, bound = float(dropped.mean()), oracle.rate_bound(dropped.size)
        shares = np.concatenate([dropped.mean(axis=0), dropped.mean(axis=1)])
        checks.that(
            share in (0, 1) or bool(((shares > 0) & (shares < 1)).all()),
            ko="dropout: 행이나 열이 통째로 함께 꺼집니다. 값마다 따로 뽑아야 합니다.",
            en="dropout: rows or columns are dropped together. Decide for every value alone.",
            misconception="dropout-shared-mask",
        )
        checks.that(
            abs(share - (1 - p)) > bound or abs(share - p) <= bound,
            ko="dropout: p가 꺼질 확률이 아니라 남을 확률로 쓰였습니다.",
            en="dropout: p is used as the chance to stay, but it is the chance to be dropped.",
            misconception="keep-for-drop-probability",
        )
        checks.that(
            abs(share - p) <= bound,
            ko="dropout: 꺼진 값의 비율이 p와 다릅니다.",
            en="dropout: the share of dropped values is not p.",
            detail=Text(f"{share:.4f}, 기대 {p}", f"{share:.4f}, expected {p}"),
        )
        checks.that(
            bool(np.max(np.abs(shares - p)) <= oracle.rate_bound(200, times=400)),
            ko="dropout: 어떤 행이나 열에서는 꺼지는 비율이 p와 크게 다릅니다. 값마다 따로 뽑아야 합니다.",
            en="dropout: in some rows or columns the share is far from p. Decide for every value alone.",
        )


@pytest.mark.points(2)
@pytest.mark.title(ko="dropout: generator에서 뽑음", en="dropout: draws from the generator")
@pytest.mark.hint(
    ko="torch.rand와 torch.bernoulli는 generator= 인자를 받습니다. 받은 생성기의 시드를 다시 맞추지는 마세요.",
    en="torch.rand and torch.bernoulli take generator=. Do not seed the generator that you were given.",
)
def test_generator(student):
    """One seed gives one mask, whatever the global state; another seed, and a second draw, give another.

    Two masks of 3,000 values with p = 1/2 agree with probability 2^-3000."""
    x = signal(54, (60, 50))
    student.probe.seed(1)
    first = drop(student, x, 0.5, seed=3)
    student.probe.seed(2)
    again, other = drop(student, x, 0.5, seed=3), drop(student, x, 0.5, seed=4)
    with checks.misconception("seed-ignored"):
        checks.same(first, again, name=NAME)
        checks.different(
            first,
            other,
            name=NAME,
            because=Text(
                "generator의 시드가 다르면 다른 값이 꺼져야 합니다.", "Another seed of the generator drops others."
            ),
        )
    generator = student.probe.generator(3)
    twice = [checks.shape(student.dropout(Tensor(x), 0.5, True, generator), x.shape, name=NAME) for _ in range(2)]
    with checks.misconception("generator-reseeded"):
        checks.different(
            *twice,
            name=NAME,
            because=Text("부를 때마다 다른 값이 꺼져야 합니다.", "Every call should drop other values."),
        )


@pytest.mark.points(2)
@pytest.mark.needs("dropout.scale")
@pytest.mark.title(ko="dropout: 남은 값으로만 기울기가 흐름", en="dropout: gradients flow through what is kept")
@pytest.mark.hint(
    ko="마스크를 곱하는 것으로 충분합니다. .detach(), .data, numpy를 거치면 기울기가 끊어지거나 달라집니다.",
    en="Multiplying by a mask is enough. Going through .detach(), .data or numpy cuts or changes the gradient.",
)
def test_gradient(student, oracle):
    """weight / (1 - p) where the value was kept, 0 elsewhere."""
    x, p = signal(55, (8, 6)), 0.4
    weight = np.random.default_rng(56).normal(size=x.shape)
    arguments = [Tensor(x, requires_grad=True), p, True, student.probe.generator(5)]
    answer = student.probe.gradient("dropout", arguments, weight=weight)
    kept = checks.shape(answer["value"], x.shape, name=NAME) != 0
    expected = np.where(kept, weight / (1 - p), 0.0)
    through = [
        (
            "꺼진 값으로도 기울기가 흐릅니다. 앞으로 0이었던 값은 뒤로도 0이어야 합니다.",
            "The gradient flows through dropped values, too. What was 0 on the way forward is 0 on the way back.",
            slope,
            "gradient-through-dropped",
        )
        for slope in (weight, weight / (1 - p))
    ]
    oracle.told(answer["grads"][0], expected, through, name=f"d {NAME} / dx", rtol=1e-4, atol=1e-6)
