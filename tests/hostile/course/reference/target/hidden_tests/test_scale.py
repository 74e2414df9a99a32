"""The array and what becomes of the argument."""

import pytest

from grader.suite import checks


@pytest.mark.points(20)
@pytest.mark.title(ko="scale: 값", en="scale: the values")
@pytest.mark.hint(ko="두 배에 하나를 더합니다.", en="Twice, and one more.")
def test_values(student, oracle):
    X = oracle.inputs()
    checks.array(student.scale(X), oracle.scale(X), name="scale(X)")


@pytest.mark.points(10)
@pytest.mark.title(ko="scale: 인자를 바꾸지 않기", en="scale: the argument stays as it is")
def test_pure(student, oracle):
    X = oracle.inputs()
    outcome = student.call("scale", X)
    checks.unchanged(outcome, (X,), name="scale(X)", parts=("X",))
    checks.array(outcome.value, oracle.scale(X), name="scale(X)")
