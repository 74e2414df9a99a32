"""The step function."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(1)
@pytest.mark.title(
    ko="step: 음수는 0, 양수는 1, 모양은 그대로", en="step: 0 below zero, 1 above, the shape kept"
)
@pytest.mark.hint(
    ko="출력은 -1과 1이 아니라 0과 1입니다. 배열이 몇 차원이든 원소마다 따로 계산되어야 합니다.",
    en="The outputs are 0 and 1, not -1 and 1. Whatever the number of dimensions, each entry is treated "
    "alone.",
)
def test_values(student, oracle):
    """Arrays of one to three dimensions, no zeros among them."""
    rng = np.random.default_rng(11)
    cases = [(rng.normal(size=shape) * 3,) for shape in [(7,), (1,), (4, 3), (2, 1, 5)]]
    answers = student.each("step", cases)
    with oracle.recognised(lambda: oracle.told_by(answers, cases, oracle.STEP_MISTAKES)):
        for (z,), got in zip(cases, answers, strict=True):
            checks.array(got, oracle.step(z), name="step(z)")


@pytest.mark.points(2)
@pytest.mark.title(ko="step: 경계 z = 0에서는 1", en="step: 1 at the boundary, z = 0")
@pytest.mark.hint(
    ko="정의를 다시 읽어 보세요. 등호는 어느 쪽에 붙어 있나요?",
    en="Read the definition once more. On which side is the equality sign?",
)
def test_zero(student, oracle):
    """Zeros beside tiny numbers of both signs."""
    z = np.array([-1e-6, 0.0, 1e-6, 2.0, 0.0, -3.0])
    got = student.step(z)
    with oracle.recognised(lambda: oracle.told_by([got], [(z,)], oracle.STEP_MISTAKES)):
        checks.array(got, oracle.step(z), name="step(z)")


@pytest.mark.points(1)
@pytest.mark.title(ko="step: 받은 배열을 바꾸지 않기", en="step: leaves its input alone")
@pytest.mark.hint(
    ko="z[...] = ... 처럼 받은 배열에 직접 쓰면 부른 쪽의 데이터가 바뀝니다. 새 배열을 만들어 돌려주세요.",
    en="Writing into the array that you were given changes the caller's data. Make a new array and return "
    "that.",
)
@pytest.mark.needs("step.values")
def test_keeps_input(student):
    """The argument after the call equals the argument before."""
    z = np.random.default_rng(12).normal(size=(3, 2))
    outcome = student.call("step", z)
    with checks.misconception("in-place-arguments"):
        checks.unchanged(outcome, (z,), name="step(z)", parts=("z",))
