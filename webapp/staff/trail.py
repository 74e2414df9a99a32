"""The lines of the audit log as sentences."""

from __future__ import annotations

from collections.abc import Mapping

from grader.text import Text
from webapp.staff.dossier import Done

ACTIONS: Mapping[str, Text] = {
    "receive.submission": Text("대신 제출함", "handed it in for the student"),
    "set.override": Text("점수를 조정함", "set points by hand"),
    "clear.override": Text("점수 조정을 취소함", "took a decision on points back"),
    "add.comment": Text("의견을 남김", "commented"),
    "open.regrade_request": Text("재검토를 요청함", "asked to look again"),
    "accept.regrade_request": Text("요청을 수용함", "accepted the request"),
    "decline.regrade_request": Text("요청을 반려함", "declined the request"),
    "cancel.run": Text("채점을 취소함", "cancelled a run"),
    "requeue.run": Text("다시 대기열에 넣음", "put a run back into the queue"),
    "plan.regrade": Text("재채점을 시작함", "began a regrade"),
    "commit.regrade": Text("재채점을 반영함", "made a regrade count"),
    "discard.regrade": Text("재채점을 취소함", "dropped a regrade"),
}
_SHOWN = ("check", "points", "cell", "batch", "tries")


def said(line: Done) -> Text:
    """What was done; an action without a sentence is named as the log names it."""
    text = ACTIONS.get(line.action, Text(line.action, line.action))
    facts = [f"{key} {_short(key, line.data[key])}" for key in _SHOWN if line.data.get(key) is not None]
    return text + Text(*(f"({', '.join(facts)})",) * 2) if facts else text


def _short(key: str, value: object) -> str:
    if key == "cell" and isinstance(value, int):
        return str(value + 1)  # as pages count them
    return f"{value:g}" if isinstance(value, float) else str(value)[:40]
