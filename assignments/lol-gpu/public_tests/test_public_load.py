"""The shipped folder."""

import numpy as np
import pytest

from grader.suite import checks

PARTS = ("X_train", "y_train", "X_test", "y_test")


@pytest.mark.points(3)
@pytest.mark.title(ko="load_split: data/lol의 모양", en="load_split: the shapes of data/lol")
@pytest.mark.hint(
    ko="특성은 48개입니다. 49개라면 첫 열을 살펴보세요.",
    en="There are 48 features. If you have 49, look at the first column.",
)
def test_shipped(student):
    """48 features, labels of 0 and 1, durations in seconds, and as many labels as matches."""
    name = "load_split('data/lol')"
    X, y, X_test, y_test = checks.unpack(student.load_split("data/lol"), 4, name=name, parts=PARTS)
    labels = checks.finite(y, name=f"{name}: y_train")
    n = len(labels.ravel())
    rows = checks.shape(X, (n, 48), name=f"{name}: X_train")
    checks.shape(y, (n,), name=f"{name}: y_train")
    checks.that(
        bool(np.isin(labels, (0, 1)).all()),
        ko="load_split: y_train에 0과 1이 아닌 값이 있습니다.",
        en="load_split: y_train holds values other than 0 and 1.",
    )
    checks.that(
        bool(600 < rows[:, 0].mean() < 3000),
        ko="load_split: 첫 특성은 초로 잰 경기 시간 gameDuraton이어야 합니다.",
        en="load_split: the first feature should be the duration in seconds, gameDuraton.",
    )
    new = checks.finite(X_test, name=f"{name}: X_test")
    checks.shape(X_test, (len(new.reshape(-1)) // 48, 48), name=f"{name}: X_test")
    if y_test is not None:
        checks.shape(y_test, (len(new),), name=f"{name}: y_test")
