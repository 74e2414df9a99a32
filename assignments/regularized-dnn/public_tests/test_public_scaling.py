"""Both scalers on tables that one can check by hand."""

import numpy as np
import pytest

from grader.suite import checks

X = np.array([[0.0, 5.0, 10.0], [2.0, 5.0, 30.0], [4.0, 5.0, 20.0], [2.0, 5.0, 20.0]])


@pytest.mark.points(2)
@pytest.mark.title(ko="min_max: 손으로 확인할 수 있는 표", en="min_max: a table that one can check by hand")
@pytest.mark.hint(
    ko="가운데 열은 모두 5입니다. 이 열은 0이 되어야 합니다.",
    en="The middle column is 5 throughout; it becomes 0.",
)
def test_min_max(student):
    """Four rows, three columns, the middle one constant."""
    lo, hi = checks.unpack(student.min_max_fit(X), 2, name="min_max_fit(X)", parts=("lo", "hi"))
    checks.array(lo, [0, 5, 10], name="min_max_fit(X): lo")
    checks.array(hi, [4, 5, 30], name="min_max_fit(X): hi")
    expected = [[0, 0, 0], [0.5, 0, 1], [1, 0, 0.5], [0.5, 0, 0.5]]
    got = student.min_max_apply(X, np.array([0.0, 5.0, 10.0]), np.array([4.0, 5.0, 30.0]))
    checks.array(got, expected, name="min_max_apply(X, lo, hi)", rtol=1e-5)


@pytest.mark.points(2)
@pytest.mark.title(ko="standardize: 손으로 확인할 수 있는 표", en="standardize: a table that one can check by hand")
@pytest.mark.hint(
    ko="첫 열의 분산은 (4 + 0 + 4 + 0) / 4 = 2입니다. 무엇으로 나누었는지 보세요.",
    en="The variance of the first column is (4 + 0 + 4 + 0) / 4 = 2. Look at what it is divided by.",
)
def test_standardize(student):
    """The same table."""
    mean, std = checks.unpack(student.standardize_fit(X), 2, name="standardize_fit(X)", parts=("mean", "std"))
    checks.array(mean, [2, 5, 20], name="standardize_fit(X): mean", rtol=1e-5)
    checks.array(std, [np.sqrt(2), 0, np.sqrt(50)], name="standardize_fit(X): std", rtol=1e-5, atol=1e-6)
    new = np.array([[4.0, 5.0, 30.0], [2.0, 6.0, 20.0]])
    got = student.standardize_apply(new, np.array([2.0, 5.0, 20.0]), np.array([2.0, 0.0, 5.0]))
    checks.array(got, [[1, 0, 2], [0, 0, 0]], name="standardize_apply(X, mean, std)", rtol=1e-5)
