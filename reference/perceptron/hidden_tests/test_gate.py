"""Logic gates with weights chosen by hand."""

import numpy as np
import pytest

from grader.suite import checks


def compute(student, oracle, name, tip):
    """The unit returned for `name` answers as the gate does on all four inputs."""
    asked = f'gate("{name}")'
    w, b = checks.unpack(student.gate(name), 2, name=asked, parts=("w", "b"))
    w = checks.shape(w, (2,), name=f"w = {asked}[0]")
    b = float(checks.shape(b, (), name=f"b = {asked}[1]"))
    checks.that(
        oracle.realizes(w, b, name),
        ko=f"{asked}의 w와 b로 네 입력을 계산하면 {name}의 진리표와 다릅니다.",
        en=f"With the w and b of {asked}, the four inputs do not give the truth table of {name}.",
        misconception=oracle.gate_mistake(w, b, name),
    )
    if np.abs(oracle.scores(w, b, oracle.CORNERS)).min() < 1e-9:
        tip(
            ko=f"{name}의 직선이 네 입력 중 하나를 정확히 지납니다. step(0) = 1 덕분에 맞지만 반올림에 약합니다: "
            "직선을 두 무리의 한가운데로 옮겨 보세요.",
            en=f"The line of {name} runs exactly through one of the four inputs. It is right because step(0) is "
            "1, but rounding could break it: try a line midway between the two groups.",
        )


@pytest.mark.points(2)
@pytest.mark.title(ko="gate: AND", en="gate: AND")
@pytest.mark.hint(
    ko="입력 하나만 1일 때는 0 아래, 둘 다 1일 때만 0 이상이 되도록 b를 고르세요.",
    en="Choose b so that one input of 1 stays below 0 and only both together reach 0.",
)
def test_and_gate(student, oracle, tip):
    """AND on the four corners."""
    compute(student, oracle, "AND", tip)


@pytest.mark.points(2)
@pytest.mark.title(ko="gate: OR", en="gate: OR")
@pytest.mark.hint(
    ko="(0, 0)에서는 점수가 b뿐입니다. step(0)이 1이라는 것을 떠올려 보세요.",
    en="At (0, 0) the score is b alone. Remember that step(0) is 1.",
)
def test_or_gate(student, oracle, tip):
    """OR on the four corners."""
    compute(student, oracle, "OR", tip)


@pytest.mark.points(2)
@pytest.mark.title(ko="gate: NAND", en="gate: NAND")
@pytest.mark.hint(
    ko="NAND는 AND의 반대입니다. 직선은 그대로 두고 두 쪽을 바꾸려면 w와 b가 어떻게 되어야 할까요?",
    en="NAND is the opposite of AND. To keep the line and swap its two sides, what happens to w and to b?",
)
def test_nand_gate(student, oracle, tip):
    """NAND on the four corners."""
    compute(student, oracle, "NAND", tip)
