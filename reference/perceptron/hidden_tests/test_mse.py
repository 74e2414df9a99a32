"""Mean squared error."""

import pytest

from grader.suite import checks

NAME = "mse(w, b, X, y)"


def compare(student, oracle, cases):
    answers = student.each("mse", cases)
    with oracle.recognised(lambda: oracle.told_by(answers, cases, oracle.MSE_MISTAKES)):
        for case, got in zip(cases, answers, strict=True):
            checks.number(got, oracle.mse(*case), name=NAME, rtol=1e-4, atol=1e-6)


@pytest.mark.points(3)
@pytest.mark.title(ko="mse: 손실의 값", en="mse: the value of the loss")
@pytest.mark.hint(
    ko="오차의 제곱을 예제 수 n으로 평균합니다. 1/2은 붙이지 않습니다. 예측 (n,)과 y (n,)의 모양이 "
    "같은지도 확인하세요.",
    en="Squares of the errors, averaged over the n examples, without a factor 1/2. "
    "Do the predictions and y have the same shape (n,)?",
)
def test_values(student, oracle):
    """Several sizes, with n and d different."""
    compare(
        student,
        oracle,
        [oracle.regression(seed, n, d) for seed, n, d in [(61, 9, 3), (62, 4, 6), (63, 17, 2)]],
    )


@pytest.mark.points(2)
@pytest.mark.title(ko="mse: 예제 하나", en="mse: a single example")
@pytest.mark.hint(
    ko="n = 1이면 평균도 합도 같습니다. 오차 하나를 손으로 제곱해서 비교해 보세요.",
    en="With n = 1 a mean and a sum are the same. Square the one error by hand and compare.",
)
def test_one_example(student, oracle):
    """n = 1, with one feature and with three."""
    compare(student, oracle, [oracle.regression(seed, 1, d) for seed, d in [(64, 1), (65, 3), (66, 1)]])
