"""Standardization: mean 0 and standard deviation 1 on the training part."""

import numpy as np
import pytest

from grader.suite import checks

FIT, APPLY = "standardize_fit(X)", "standardize_apply(X, mean, std)"


@pytest.mark.points(1)
@pytest.mark.title(
    ko="standardize_fit: 열마다 평균과 모표준편차", en="standardize_fit: mean and population standard deviation"
)
@pytest.mark.hint(
    ko="모표준편차는 n으로 나눕니다. torch의 std와 pandas의 std는 기본값이 n - 1입니다.",
    en="The population standard deviation divides by n. The defaults of torch and pandas divide by n - 1.",
)
def test_fit(student, oracle):
    """Nine rows and three; the constant column has standard deviation 0."""
    for seed, n in ((11, 9), (12, 3)):
        X = oracle.table(seed, n)
        mean, std = checks.unpack(student.standardize_fit(X), 2, name=FIT, parts=("mean", "std"))
        expected_mean, expected_std = oracle.standardize_fit(X)
        oracle.for_columns(mean, expected_mean, X.mean(axis=1), X.mean(), name=f"{FIT}: mean", rtol=1e-4, atol=1e-6)
        mistakes = [
            (
                "n - 1로 나눈 표본표준편차입니다. n으로 나누세요.",
                "This is the sample standard deviation, divided by n - 1. Divide by n.",
                expected_std * np.sqrt(n / (n - 1)),
                "sample-standard-deviation",
            ),
            (
                "분산입니다. 제곱근을 잊었습니다.",
                "This is the variance: the root is missing.",
                expected_std**2,
                "variance-for-std",
            ),
            (
                "상수 열의 표준편차를 1로 바꾸었습니다. 참값 0을 돌려주고, 나눗셈은 apply에서 조심하세요.",
                "The constant column got 1. Give its true value 0, and take care of the division in apply.",
                np.where(expected_std > 0, expected_std, 1.0),
                "one-for-zero-std",
            ),
        ]
        oracle.for_columns(
            std, expected_std, X.std(axis=1), X.std(), mistakes, name=f"{FIT}: std", rtol=1e-4, atol=1e-6
        )


@pytest.mark.points(1)
@pytest.mark.title(
    ko="standardize_apply: 훈련 때의 통계를 그대로 씀", en="standardize_apply: uses the statistics of the training part"
)
@pytest.mark.hint(
    ko="(X - mean) / std뿐입니다. 지금 받은 X의 평균을 다시 구하면 시험 데이터를 엿보는 셈입니다.",
    en="Just (X - mean) / std. Taking the mean of the X at hand would be peeking at the test part.",
)
def test_unseen(student, oracle):
    """Rows far from the training part; also a single row."""
    X = oracle.table(13)
    mean, std = oracle.standardize_fit(X)
    new = np.array([mean + 4 * std, mean - 0.5 * std, mean + 9 * std + 1])
    for part in (X, new, new[:1]):
        expected = oracle.standardize_apply(part, mean, std)
        mistakes = [
            (
                "지금 받은 X에서 평균과 표준편차를 다시 구합니다. 훈련 데이터의 것을 써야 합니다.",
                "Mean and deviation are taken anew from the X at hand. Use those of the training part.",
                oracle.standardize_apply(part, *oracle.standardize_fit(part)),
                "scaler-leak",
            ),
            (
                "표준편차가 아니라 분산으로 나누었습니다.",
                "It is divided by the variance, not by the standard deviation.",
                oracle.standardize_apply(part, mean, std**2),
                "variance-for-std",
            ),
        ]
        got = student.standardize_apply(part, mean, std)
        oracle.told(got, expected, mistakes, name=APPLY, rtol=1e-4, atol=1e-5)


@pytest.mark.points(2)
@pytest.mark.title(ko="standardize_apply: 상수 열은 언제나 0", en="standardize_apply: a constant column is always 0")
@pytest.mark.hint(
    ko="std가 0인 열을 먼저 골라내세요. 분모에 작은 수를 더하면 처음 보는 값에서 엄청나게 커집니다.",
    en="Single out columns whose std is 0. Adding a tiny number below makes values never seen explode.",
)
def test_constant(student, oracle):
    """The value seen in training, then others. What is finite without a constant column and is not with it was
    divided by 0."""
    mean, std = np.array([4.0, 10.0]), np.array([0.0, 2.0])
    checks.shape(student.standardize_apply(np.ones((2, 2)), mean, std + 1), (2, 2), name=APPLY)
    for value in (4.0, 4.5, -100.0):
        X = np.array([[value, 12.0], [value, 9.0]])
        expected = [[0, 1], [0, -0.5]]
        got = student.standardize_apply(X, mean, std)
        with checks.misconception("zero-range-division"):
            checks.finite(got, name=APPLY)
        got = checks.shape(got, (2, 2), name=APPLY)
        oracle.constant_columns(got[:, 0], (X - mean)[:, 0], name=APPLY)
        checks.array(got, expected, name=APPLY, rtol=1e-4, atol=1e-6)


@pytest.mark.points(1)
@pytest.mark.title(ko="standardize: 인자를 바꾸지 않음", en="standardize: leaves its arguments alone")
@pytest.mark.hint(
    ko="std[std == 0] = 1은 받은 배열을 고칩니다. 사본이나 np.where를 쓰세요.",
    en="std[std == 0] = 1 changes the array that you were given. Use a copy, or np.where.",
)
def test_pure(student, oracle):
    """Both functions."""
    X = oracle.table(14)
    before = (X, *oracle.standardize_fit(X))
    fitting = student.call("standardize_fit", X.copy())
    with checks.misconception("in-place-arguments"):
        checks.unchanged(fitting, (X,), name=FIT, parts=("X",))
    applying = student.call("standardize_apply", *(part.copy() for part in before))
    with checks.misconception("in-place-arguments"):
        checks.unchanged(applying, before, name=APPLY, parts=("X", "mean", "std"))
