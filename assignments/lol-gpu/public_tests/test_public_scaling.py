"""A scaler on the shipped matches."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="scale: 모든 열이 손에 잡히는 크기로", en="scale: all columns of a handy size")
@pytest.mark.hint(
    ko="열마다 따로 재세요. 표준화라면 평균 0, 표준편차 1이 됩니다.",
    en="Measure every column by itself. Standardized columns have mean 0 and standard deviation 1.",
)
def test_handy(student):
    """Three columns: gold, a coin and a constant; then two rows alone."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(48_000, 16_000, 100), rng.integers(0, 2, 100), np.full(100, 3.0)])
    scaler = student.probe.keep("fit_scaler", X)
    got = checks.shape(student.probe.use("scale", X, scaler), (100, 3), name="scale(X, scaler)")
    checks.that(
        bool(np.ptp(got[:, :2], axis=0).max() < 100 and np.ptp(got[:, :2], axis=0).min() > 0.01),
        ko="scale: 골드와 동전이 아직도 너무 다른 크기입니다.",
        en="scale: gold and the coin still differ far too much in size.",
    )
    two = student.probe.use("scale", X[:2].copy(), scaler)
    checks.array(two, got[:2], name="scale(X[:2], scaler)", rtol=1e-4, atol=1e-5)
