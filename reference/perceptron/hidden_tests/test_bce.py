"""Binary cross-entropy, the logistic loss."""

import numpy as np
import pytest

from grader.suite import checks

NAME = "bce(w, b, X, y)"


def compare(student, oracle, cases):
    answers = student.each("bce", cases)
    with oracle.recognised(lambda: oracle.told_by(answers, cases, oracle.BCE_MISTAKES)):
        for case, got in zip(cases, answers, strict=True):
            checks.number(got, oracle.bce(*case), name=NAME, rtol=2e-6, atol=2e-6)


def capped(student, oracle):
    """A sign that probabilities are clipped: the losses of wrong answers are right up to a cap, and equal from
    there."""
    cases = oracle.confident(0, False)
    got = np.array([float(checks.shape(value, (), name=NAME)) for value in student.each("bce", cases)])
    right = np.array([oracle.bce(*case) for case in cases])
    cap = got.max()
    clipped = 2 < cap < right.max() - 0.01 and np.allclose(got, np.minimum(right, cap), rtol=1e-3)
    return "clipped-too-early" if clipped else None


def no_number(student, oracle):
    """What made a NaN or an infinity of |z| = 1000: at z = 40 a probability is rounded to 1, but no exp overflows."""
    small = oracle.classification(88, 6, 2)
    if not oracle.is_like(student.bce(*small), oracle.bce(*small)):
        return None
    X, w = np.array([[1.0]]), np.array([1.0])
    if not oracle.is_finite(student.bce(40.0 * w, 0.0, X, np.array([0.0]))):
        return "naive-log"
    return None if oracle.is_finite(student.bce(1000.0 * w, 0.0, X, np.array([0.0]))) else "exp-overflow"


@pytest.mark.points(3)
@pytest.mark.title(ko="bce: 손실의 값", en="bce: the value of the loss")
@pytest.mark.hint(
    ko="정답이 1인 예제는 -log p, 0인 예제는 -log(1 - p)이고, 그 평균입니다. 로그는 자연로그입니다.",
    en="-log p where the answer is 1, -log(1 - p) where it is 0, then the mean. The logarithm is the "
    "natural one.",
)
def test_values(student, oracle):
    """Several sizes; also all ones and all zeros."""
    cases = [
        oracle.classification(seed, n, d) for seed, n, d in [(81, 9, 3), (82, 4, 6), (83, 1, 1), (84, 16, 2)]
    ]
    w, b, X, _ = oracle.classification(85, 7, 4)
    cases += [(w, b, X, np.ones(7)), (w, b, X, np.zeros(7))]
    compare(student, oracle, cases)


@pytest.mark.points(1)
@pytest.mark.title(ko="bce: 아무것도 모를 때", en="bce: when nothing is known")
@pytest.mark.hint(
    ko="w와 b가 모두 0이면 모든 확률이 1/2입니다. 그때 예제 하나의 손실은 얼마인가요?",
    en="With w and b all zero every probability is 1/2. What is the loss of one example then?",
)
def test_zero_scores(student, oracle):
    """Scores of exactly 0 give log 2, whatever the labels."""
    cases = []
    for seed, n, d in [(86, 6, 2), (87, 5, 3)]:
        _, _, X, y = oracle.classification(seed, n, d)
        cases.append((np.zeros(d), 0.0, X, y))
    compare(student, oracle, cases)


@pytest.mark.points(2)
@pytest.mark.title(ko="bce: 확신할 때 (|z|가 30까지)", en="bce: when it is confident (|z| up to 30)")
@pytest.mark.hint(
    ko="확신하며 틀렸을 때의 손실은 |z|만큼 커야 합니다. 확률을 자를 때 너무 일찍 자르고 있지는 않나요? "
    "z로 바로 쓰는 식도 있습니다.",
    en="Confident and wrong costs about |z|. Are the probabilities clipped too early? "
    "The loss can also be written directly in z.",
)
def test_confident(student, oracle):
    """Single examples on the right and on the wrong side. Rounding in 1 - p is forgiven on the wrong one."""
    for target in (0, 1):
        for right, rtol in ((True, 0.0), (False, 1e-4)):
            cases = oracle.confident(target, right)
            answers = student.each("bce", cases)
            with oracle.recognised(lambda: capped(student, oracle)):
                for case, got in zip(cases, answers, strict=True):
                    checks.number(got, oracle.bce(*case), name=NAME, rtol=rtol, atol=2e-6)


@pytest.mark.points(2)
@pytest.mark.title(ko="bce: |z| = 1000에서도 유한하게", en="bce: finite even at |z| = 1000")
@pytest.mark.hint(
    ko="p가 정확히 0이나 1이 되면 log 0이나 0·log 0이 나타납니다. np.logaddexp를 찾아보거나 확률을 아주 "
    "조금만 잘라 보세요.",
    en="Once p is exactly 0 or 1, log 0 or 0·log 0 turns up. Look up np.logaddexp, or clip the "
    "probabilities very slightly.",
)
def test_extreme(student, oracle):
    """Right and sure costs nothing; wrong and sure costs much, but not infinity."""
    X = np.array([[500.0, 500.0], [-500.0, -500.0], [250.0, 750.0], [-1000.0, 0.0]])
    w, right = np.array([1.0, 1.0]), np.array([1.0, 0.0, 1.0, 0.0])
    targets = (right, 1.0 - right, np.array([1.0, 1.0, 1.0, 0.0]))
    certain, wrong, mixed = student.each("bce", [(w, 0.0, X, target) for target in targets])
    with oracle.recognised(lambda: no_number(student, oracle)):
        checks.number(certain, 0.0, name=NAME, atol=2e-6)
        wrong = float(checks.shape(wrong, (), name=NAME))
        mixed = float(checks.shape(mixed, (), name=NAME))
    checks.that(
        29.0 < wrong < 1001.0 and 7.0 < mixed < 251.0,
        ko="크게 확신하며 틀린 예제의 손실이 너무 작거나 너무 큽니다.",
        en="The loss of examples that are wrong with great confidence is too small or too large.",
    )
