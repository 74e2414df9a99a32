"""Predictions of one unit."""

import numpy as np
import pytest

from grader.suite import checks


def compare(student, oracle, cases):
    """The answers are right; a shape or values that only one misconception gives are called by its name."""
    answers = student.each("predict", cases)
    with oracle.recognised(lambda: oracle.told_by(answers, cases, oracle.PREDICT_MISTAKES)):
        for case, got in zip(cases, answers, strict=True):
            checks.array(got, oracle.predict(*case), name="predict(X, w, b)")


@pytest.mark.points(2)
@pytest.mark.title(ko="predict: 여러 예제의 예측", en="predict: the answers for many examples")
@pytest.mark.hint(
    ko="예제마다 w·x + b를 구한 뒤 step을 지나게 합니다. 편향 b도 더했나요? 결과의 모양은 (n,)인가요?",
    en="For each example take w·x + b, then step. Is the bias b in it? Is the result of shape (n,)?",
)
def test_values(student, oracle):
    """Several sizes, with n and d different."""
    sizes = [(1, 7, 3), (2, 4, 5), (3, 12, 2), (4, 9, 3)]
    compare(student, oracle, [oracle.lines(seed, n, d) for seed, n, d in sizes])


@pytest.mark.points(2)
@pytest.mark.title(ko="predict: 경계 위의 점", en="predict: points on the boundary")
@pytest.mark.hint(
    ko="w·x + b가 정확히 0인 점은 어느 쪽인가요? step의 정의와 같아야 하고, b도 빠지면 안 됩니다.",
    en="Where does a point with w·x + b exactly 0 belong? Follow the definition of step, and mind the bias.",
)
def test_boundary(student, oracle):
    """Small whole numbers, so that scores are exactly 0 in any order of summing."""
    X = np.array([[1.0, 2.0, 0.0], [2.0, 0.0, 1.0], [0.0, 0.0, 3.0], [3.0, 1.0, 1.0], [0.0, 2.0, -1.0]])
    w, b = np.array([1.0, 2.0, -1.0]), -5.0
    compare(student, oracle, [(X, w, b), (X, -w, -b)])


@pytest.mark.points(2)
@pytest.mark.title(ko="predict: 예제 하나, 특성 하나", en="predict: one example, one feature")
@pytest.mark.hint(
    ko="예제가 하나뿐이어도 결과는 길이 1인 배열 (1,)입니다. 수 하나도, (n,1)인 표도 아닙니다.",
    en="With a single example the result is still an array of shape (1,): not a bare number, not a table "
    "(n,1).",
)
def test_one_feature(student, oracle):
    """n = 1 with d = 1 and d = 4, and d = 1 with n = 6."""
    sizes = [(5, 1, 1), (6, 1, 4), (7, 1, 4), (8, 6, 1)]
    compare(student, oracle, [oracle.lines(seed, n, d) for seed, n, d in sizes])
