"""Batch normalization in training: statistics of the batch, and their gradient."""

import numpy as np
import pytest

from grader.suite import Tensor, checks

NAME = "batch_norm(x, gamma, beta, eps)"


def example(seed, n=7, d=3):
    """x (n, d) with columns of different means and scales; gamma and beta away from 1 and 0."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)) * np.array([1.0, 4.0, 0.3])[:d] + np.array([2.0, -5.0, 0.5])[:d]
    return x, rng.uniform(0.5, 2, d), rng.normal(size=d)


@pytest.mark.points(3)
@pytest.mark.title(ko="batch_norm: 값", en="batch_norm: values")
@pytest.mark.hint(
    ko="특성(열)마다 배치 전체의 평균과, n으로 나눈 분산을 씁니다. torch.var의 기본값은 n - 1입니다.",
    en="For each feature (column): the mean over the batch, and the variance divided by n. torch.var uses n - 1.",
)
def test_values(student, oracle):
    """Small batches, so that n and n - 1 differ; square ones too, so that a wrong axis is not a wrong shape."""
    for seed, n in ((61, 7), (62, 3), (63, 2)):
        x, gamma, beta = example(seed, n)
        x = 30 * x  # so large that it does not matter here where eps is added
        hat = (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + 1e-5)
        rows = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
        mistakes = [
            (
                "분산을 n - 1로 나누었습니다. n으로 나누세요.",
                "The variance is divided by n - 1: use n.",
                gamma * hat + beta,
                "unbiased-batch-variance",
            ),
            (
                "예제(행)마다 평균을 구했습니다. 특성(열)마다 배치 전체에서 구해야 합니다.",
                "The statistics are those of each row. Take them over the batch, for each column.",
                gamma * rows + beta,
                "batch-norm-per-row",
            ),
            ("gamma와 beta를 쓰지 않았습니다.", "gamma and beta are not used.", oracle.batch_norm(x, 1, 0), None),
        ]
        got = student.batch_norm(Tensor(x), Tensor(gamma), Tensor(beta))
        oracle.told(got, oracle.batch_norm(x, gamma, beta), mistakes, name=NAME, rtol=1e-4, atol=1e-5)


@pytest.mark.points(1)
@pytest.mark.needs("batch_norm.values")
@pytest.mark.title(ko="batch_norm: eps는 제곱근 안에", en="batch_norm: eps belongs under the root")
@pytest.mark.hint(
    ko="eps는 분산에 더한 다음 제곱근을 씌웁니다. 기본값은 1e-5이고, 값이 모두 같은 열에서도 나눗셈이 됩니다.",
    en="eps is added to the variance before the root. It is 1e-5 by default, and saves columns without variance.",
)
def test_eps(student, oracle):
    """A large eps, which shows where it is; a constant column and a tiny one with the default."""
    x, gamma, beta = example(64)
    scale = np.sqrt(x.var(0))
    outside = [
        (
            "eps가 제곱근 밖에서 더해졌습니다.",
            "eps is added outside the root.",
            gamma * (x - x.mean(0)) / (scale + 0.5) + beta,
            "eps-outside-root",
        ),
        ("인자 eps를 쓰지 않았습니다.", "The argument eps is not used.", oracle.batch_norm(x, gamma, beta), None),
    ]
    got = student.batch_norm(Tensor(x), Tensor(gamma), Tensor(beta), eps=0.5)
    oracle.told(got, oracle.batch_norm(x, gamma, beta, eps=0.5), outside, name=NAME, rtol=1e-4, atol=1e-5)
    x[:, 0] = 3.0
    x[:, 2] *= 0.01
    got = student.batch_norm(Tensor(x), Tensor(gamma), Tensor(beta))
    checks.array(got, oracle.batch_norm(x, gamma, beta), name=NAME, rtol=1e-4, atol=1e-4)


@pytest.mark.points(4)
@pytest.mark.needs("batch_norm.values")
@pytest.mark.title(ko="batch_norm: x, gamma, beta로 가는 기울기", en="batch_norm: gradients to x, gamma and beta")
@pytest.mark.hint(
    ko="평균과 분산도 x의 함수입니다. 통계를 detach하거나 no_grad 안에서 구하면 그 길의 기울기가 사라집니다.",
    en="Mean and variance depend on x as well. Detached, or taken under no_grad, their part of the gradient is lost.",
)
def test_gradient(student, oracle):
    """Random weights on the output, in float64."""
    for seed, n in ((65, 6), (66, 3)):
        x, gamma, beta = example(seed, n)
        x = 10 * x
        weight = np.random.default_rng(seed + 100).normal(size=x.shape)
        tensors = [Tensor(part, requires_grad=True) for part in (x, gamma, beta)]
        grads = student.probe.gradient("batch_norm", tensors, weight=weight)["grads"]
        right = oracle.batch_norm_grads(x, gamma, beta, weight)
        _, scale = oracle.normalized(x, 1e-5)
        g = weight * gamma
        mistakes = [
            (
                "평균과 분산을 상수로 여긴 기울기입니다. 통계가 계산 그래프에서 떨어져 나갔습니다.",
                "Mean and variance are treated as constants: the statistics are detached from the graph.",
                g / scale,
                "detached-batch-statistics",
            ),
            (
                "분산을 상수로 여긴 기울기입니다. 분산이 계산 그래프에서 떨어져 나갔습니다.",
                "The variance is treated as a constant: it is detached from the graph.",
                (g - g.mean(0)) / scale,
                "detached-batch-statistics",
            ),
        ]
        oracle.told(grads[0], right[0], mistakes, name=f"d {NAME} / dx", rtol=1e-4, atol=1e-6)
        checks.array(grads[1], right[1], name=f"d {NAME} / dgamma", rtol=1e-4, atol=1e-5)
        checks.array(grads[2], right[2], name=f"d {NAME} / dbeta", rtol=1e-4, atol=1e-5)
