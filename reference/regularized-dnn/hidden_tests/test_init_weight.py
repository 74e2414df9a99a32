"""Initial weights: their spread keeps signals alive through the layers."""

import math

import numpy as np
import pytest

from grader.suite import Text, checks

NAME = "init_weight(n_in, n_out, kind, seed)"


def draw(student, n_in, n_out, kind, seed):
    """(n_out, n_in) as float64."""
    return checks.shape(student.init_weight(n_in, n_out, kind, seed), (n_out, n_in), name=NAME)


@pytest.mark.points(1)
@pytest.mark.title(ko="init_weight: 모양은 (n_out, n_in), float32", en="init_weight: shape (n_out, n_in), float32")
@pytest.mark.hint(
    ko="nn.Linear의 weight와 같은 모양입니다. float64에서 만들었다면 마지막에 바꾸어 주세요.",
    en="The shape of an nn.Linear's weight. If it is made in float64, convert it at the end.",
)
def test_shape(student):
    """Both kinds, sizes that differ."""
    for kind in ("xavier", "he"):
        got = student.init_weight(5, 3, kind, 0)
        checks.that(
            checks.finite(got, name=NAME).shape != (5, 3),
            ko=f"`{NAME}`의 모양이 (n_in, n_out)입니다. nn.Linear의 weight는 (n_out, n_in)입니다.",
            en=f"The shape of `{NAME}` is (n_in, n_out). The weight of an nn.Linear is (n_out, n_in).",
            misconception="transposed-weight",
        )
        checks.shape(got, (3, 5), name=NAME)
        dtype = str(getattr(np.asarray(got), "dtype", ""))
        checks.that(
            dtype == "float32",
            ko=f"`{NAME}`의 dtype이 float32가 아닙니다. nn.Linear에 그대로 넣을 수 있어야 합니다.",
            en=f"The dtype of `{NAME}` is not float32; it should fit into an nn.Linear as it is.",
            misconception="float64-tensor" if dtype == "float64" else None,
        )


@pytest.mark.points(3)
@pytest.mark.needs("init_weight.shape")
@pytest.mark.title(ko="init_weight: 종류마다 맞는 표준편차", en="init_weight: the standard deviation of each kind")
@pytest.mark.hint(
    ko="식에서 n_in과 n_out이 어디에 들어가는지, 제곱근이 있는지 보세요. 정규분포 함수가 받는 것은 분산이 아닙니다.",
    en="Where do n_in and n_out go in the formula, and is there a root? What normal() takes is not the variance.",
)
def test_std(student, oracle):
    """60,000 weights of each kind, wide and narrow. The bounds are oracle.sd_bounds (chi-square, Laurent and Massart
    2000): 1.7 % on either side, P < 1e-7 each, below 4e-7 for the four together."""
    for kind in ("xavier", "he"):
        for n_in, n_out in ((400, 150), (150, 400)):
            got = draw(student, n_in, n_out, kind, 21)
            std, right = float(np.sqrt(np.mean(got**2))), oracle.init_std(n_in, n_out, kind)
            low, high = oracle.sd_bounds(got.size)

            def near(wrong, std=std):
                return bool(abs(std / wrong - 1) < 0.02)

            checks.that(
                near(right) or not near(right**2),
                ko="init_weight: 분산을 표준편차 자리에 넣었습니다. 제곱근을 씌우세요.",
                en="init_weight: the variance stands where the standard deviation belongs. Take the root.",
                misconception="init-variance-for-std",
            )
            checks.that(
                near(right) or kind == "xavier" or not near(math.sqrt(2 / n_out)),
                ko="init_weight: 'he'에는 나가는 수(n_out)가 아니라 들어오는 수(n_in)를 씁니다.",
                en="init_weight: 'he' takes the number of inputs, n_in, not n_out.",
                misconception="swapped-fans",
            )
            other = oracle.init_std(n_in, n_out, "he" if kind == "xavier" else "xavier")
            checks.that(
                near(right) or not near(other),
                ko="init_weight: 'xavier'와 'he'의 식이 뒤바뀌었거나 같은 식을 씁니다.",
                en="init_weight: the formulas of 'xavier' and 'he' are swapped, or one is used for both.",
                misconception="xavier-for-everything" if kind == "he" else None,  # xavier itself was right
            )
            checks.that(
                low <= std / right <= high,
                ko="init_weight: 가중치의 표준편차가 식과 다릅니다.",
                en="init_weight: the standard deviation of the weights is not what the formula says.",
                detail=Text(f"{kind}: {std:.5f}, 기대 {right:.5f}", f"{kind}: {std:.5f}, expected {right:.5f}"),
            )


@pytest.mark.points(2)
@pytest.mark.needs("init_weight.shape")
@pytest.mark.title(ko="init_weight: 평균이 0인 정규분포", en="init_weight: a normal distribution around 0")
@pytest.mark.hint(
    ko="randn은 정규분포, rand는 균등분포입니다. 히스토그램을 그려 보세요.",
    en="randn is normal, rand is uniform. Draw a histogram.",
)
def test_normal(student, oracle):
    """60,000 weights, scaled by their own RMS s. By oracle.ks_bound (Dvoretzky-Kiefer-Wolfowitz, Massart 1990) the
    distance is below 0.0119; scaling by s moves the distribution function by at most 0.242 |s / sigma - 1| < 0.0042
    (oracle.sd_bounds). Together P < 2e-7 for a distance over 0.0161; uniform numbers have 0.057."""
    got = draw(student, 300, 200, "he", 22).ravel()
    spread = float(np.ptp(got))
    checks.that(
        spread > 0,
        ko="init_weight: 가중치가 모두 같습니다.",
        en="init_weight: all weights are equal.",
    )
    low, high = oracle.sd_bounds(got.size)
    bound, off = oracle.ks_bound(got.size), max(1 - low, high - 1)
    uniform = oracle.ks_uniform(got) <= bound + 0.5 * off  # x f(x) of a uniform distribution is at most 1/2
    checks.that(
        oracle.ks_normal(got) <= bound + 0.242 * off,
        ko="init_weight: 가중치의 분포가 평균 0인 정규분포가 아닙니다.",
        en="init_weight: the weights do not follow a normal distribution around 0.",
        misconception="uniform-for-normal" if uniform else None,
    )


@pytest.mark.points(1)
@pytest.mark.needs("init_weight.shape")
@pytest.mark.title(ko="init_weight: seed가 값을 정함", en="init_weight: the seed decides the values")
@pytest.mark.hint(
    ko="전역 난수 상태에 기대지 말고 seed로 만든 생성기에서 뽑으세요.",
    en="Draw from a generator made from seed, not from global state.",
)
def test_seeded(student):
    """The same seed twice, with the global generators elsewhere in between; then another seed."""
    student.probe.seed(1)
    first = draw(student, 6, 4, "xavier", 31)
    student.probe.seed(2)
    again, other = draw(student, 6, 4, "xavier", 31), draw(student, 6, 4, "xavier", 32)
    with checks.misconception("seed-ignored"):
        checks.same(first, again, name=NAME)
        checks.different(
            first,
            other,
            name=NAME,
            because=Text("seed가 다르면 값도 달라야 합니다.", "Another seed should give other values."),
        )
