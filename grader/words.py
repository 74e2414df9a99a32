"""The product's words for its own states, the same in the terminal and on every page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from grader.report import Status, Verdict
from grader.text import Text

DAYS = Text("월화수목금토일", "Mon Tue Wed Thu Fri Sat Sun")
VERDICTS: Mapping[Verdict, tuple[str, Text]] = {
    Verdict.PASSED: ("✓", Text("통과", "passed")),
    Verdict.FAILED: ("✗", Text("틀림", "failed")),
    Verdict.TIMEOUT: ("◷", Text("시간 초과", "timeout")),
    Verdict.CRASHED: ("☠", Text("중단됨", "crashed")),
    Verdict.REFUSED: ("⊘", Text("거부됨", "refused")),
    Verdict.SKIPPED: ("–", Text("건너뜀", "skipped")),
    Verdict.ERROR: ("!", Text("채점기 오류", "error")),
}
STATUS: Mapping[Status, Text] = {
    Status.GRADED: Text("채점 완료", "graded"),
    Status.NOT_GRADABLE: Text("채점할 수 없음: 제출 횟수는 줄지 않습니다", "not gradable: no attempt is spent"),
    Status.ERROR: Text(
        "노트북이 아니라 채점기의 문제: 점수는 바뀌지 않습니다", "our fault, not your notebook's: no score is changed"
    ),
}


def moment(at: datetime, zone: tzinfo) -> Text:
    """A time in that zone, which it names: "2026-03-02 (월) 18:00 KST"."""
    here = at.astimezone(zone)
    ko, en = DAYS.ko[here.weekday()], DAYS.en.split()[here.weekday()]
    return Text(*(f"{here:%Y-%m-%d} ({day}) {here:%H:%M} {here:%Z}" for day in (ko, en)))
