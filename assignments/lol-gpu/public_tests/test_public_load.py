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
    loaded = student.probe.keep("load_split", "data/lol")
    X, y, X_test, y_test, more = (student.probe.part(loaded, index) for index in range(5))
    checks.that(
        X is not None and y is not None and X_test is not None and y_test is not None and more is None,
        ko=f"load_split의 결과는 {', '.join(PARTS)} 네 개의 튜플이어야 합니다.",
        en=f"load_split needs to return a tuple of four, {', '.join(PARTS)}.",
    )
    y, y_test = student.probe.reveal(y), student.probe.reveal(y_test)
    labels = checks.finite(y, name=f"{name}: y_train")
    n = len(labels.ravel())
    checks.shape(y, (n,), name=f"{name}: y_train")
    checks.that(
        student.probe.length(X) == n,
        ko="load_split: X_train과 y_train의 길이가 다릅니다.",
        en="load_split: X_train and y_train differ in length.",
    )
    rows = checks.shape(student.probe.rows(X, 0, 1000), (min(n, 1000), 48), name=f"{name}: X_train")
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
    m = student.probe.length(X_test)
    checks.shape(student.probe.rows(X_test, 0, 1000), (min(m, 1000), 48), name=f"{name}: X_test")
    if y_test is not None:
        checks.shape(y_test, (m,), name=f"{name}: y_test")
