"""XOR, composed of gates."""

import numpy as np
import pytest

from grader.suite import checks


def one_unit(student, oracle):
    """A sign of a single unit: xor answers as AND, OR or NAND does, although the student's gates are right."""
    for name in ("AND", "OR", "NAND"):
        w, b = checks.unpack(student.gate(name), 2, name="")
        if not oracle.realizes(checks.shape(w, (2,), name=""), float(checks.shape(b, (), name="")), name):
            return None
    got = student.xor(oracle.CORNERS)
    alike = any(oracle.is_like(got, oracle.TRUTH[name]) for name in ("AND", "OR", "NAND"))
    return "xor-with-one-unit" if alike else None


def remembered(answers, oracle):
    """A sign that the input is not looked at: the table comes back in its usual order, whatever the rows are."""
    return "memorised-answers" if all(oracle.is_like(got, oracle.TRUTH["XOR"]) for got in answers) else None


@pytest.mark.points(2)
@pytest.mark.title(ko="xor: 진리표", en="xor: the truth table")
@pytest.mark.hint(
    ko="한 유닛으로는 안 됩니다. '적어도 하나는 1'과 '둘 다 1은 아님'을 각각 게이트로 만든 뒤 합쳐 보세요.",
    en="One unit cannot do it. Make a gate for 'at least one is 1', one for 'not both are 1', and combine "
    "them.",
)
def test_table(student, oracle):
    """The four corners, in another order than usual."""
    order = [2, 0, 3, 1]
    got = student.xor(oracle.CORNERS[order])
    with oracle.recognised(lambda: one_unit(student, oracle)):
        checks.array(got, oracle.TRUTH["XOR"][order], name="xor(X)")


@pytest.mark.points(2)
@pytest.mark.title(ko="xor: 몇 줄이든, 어떤 순서든", en="xor: any number of rows, in any order")
@pytest.mark.hint(
    ko="답을 외워 두지 말고 X의 각 줄에서 계산하세요. 줄이 하나일 때도 결과의 모양은 (n,)입니다.",
    en="Compute the answer from each row of X instead of remembering it. With one row the shape is still "
    "(n,).",
)
def test_any_rows(student, oracle):
    """Eleven rows with repetitions, four rows that are alike, and a single row."""
    rows = [np.random.default_rng(51).integers(0, 4, size=11), np.array([3, 3, 3, 3]), np.array([1])]
    answers = student.each("xor", [(oracle.CORNERS[pick],) for pick in rows])
    with oracle.recognised(lambda: remembered(answers, oracle) or one_unit(student, oracle)):
        for pick, got in zip(rows, answers, strict=True):
            checks.array(got, oracle.TRUTH["XOR"][pick], name="xor(X)")
