"""What a format is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.course.exports.table import Table
from grader.text import Text


@dataclass(frozen=True)
class Rendered:
    """The file's bytes, and what this table has that they could not carry."""

    data: bytes
    notes: Sequence[Text] = ()


@dataclass(frozen=True)
class Format:
    """One way to write a gradebook. `leaves_out` is what no file of this format carries."""

    name: str
    suffix: str
    title: Text
    leaves_out: Sequence[Text]
    render: Callable[[Table], Rendered]
    checks: bool = False  # whether it wants the points of each check


CHECKS = Text("검사마다의 점수", "points of single checks")
TALK = Text("의견, 피드백, 오개념, 그림, 셀 출력", "comments, feedback, misconceptions, pictures and outputs")
NOTEBOOKS = Text("노트북 파일", "the notebooks themselves")
ATTEMPTS = Text("점수로 쓰이지 않은 제출과 재채점 기록", "attempts that did not count, and the history of regrading")
LATENESS = Text(
    "감점 전 점수, 늦은 날, 시도 횟수, 직접 고친 점수의 표시",
    "scores before deductions, late days, numbers of attempts, and which scores were set by hand",
)
QUIZZES = Text(
    "퀴즈의 답과 문제별 점수, 연습(평가 점수만 있습니다)",
    "answers and points by question of quizzes, and practice: their graded scores alone are in it",
)
GROUPS = Text("그룹", "groups")
TIMES = Text("제출 시각", "times of submission")


def shifted(addresses: int, where: str) -> list[Text]:
    """That some people will not be found by their address."""
    if not addresses:
        return []
    return [
        Text(
            f"이메일 {addresses}개가 수식 기호로 시작하여 앞에 '를 붙였습니다. "
            f"{where}이(가) 이들을 찾지 못하니 점수를 직접 입력하세요.",
            f"{addresses} e-mail address(es) begin like a formula and got a ' in front: {where} will not find these "
            "people, enter their scores by hand.",
        )
    ]
