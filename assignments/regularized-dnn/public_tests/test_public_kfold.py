"""Ten examples in three folds."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="kfold_indices: 열 개를 세 묶음으로", en="kfold_indices: ten examples in three folds")
@pytest.mark.hint(
    ko="10을 3으로 나누면 4, 3, 3입니다. np.array_split을 찾아보세요.",
    en="Ten in three is 4, 3 and 3. Look up np.array_split.",
)
def test_ten_in_three(student):
    """Every number validates once; the others train."""
    name = "kfold_indices(10, 3, seed=0)"
    whole = []
    for pair in checks.unpack(student.kfold_indices(10, 3, 0), 3, name=name):
        train, validation = (checks.finite(part, name=name) for part in checks.unpack(pair, 2, name=f"{name}[i]"))
        checks.that(
            sorted([*train.ravel(), *validation.ravel()]) == list(range(10)) and validation.size in (3, 4),
            ko="kfold_indices: 훈련과 검증을 합하면 0부터 9까지 한 번씩이어야 하고, 검증은 셋이나 넷입니다.",
            en="kfold_indices: training and validation together are 0 to 9, once each, and 3 or 4 validate.",
        )
        whole.append(validation)
    checks.array(np.sort(np.concatenate(whole)), np.arange(10), name=f"{name}: all validations")
