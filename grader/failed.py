"""How a check ends when the student is at fault: data for the report, carried by an exception."""

from __future__ import annotations

from grader.report import Verdict
from grader.text import Text


class Failed(Exception):
    """The student's fault. `message` names the property; `detail`, shown only where the check is visible,
    holds the numbers. `earned` is the part of the points that the check gives all the same, 0 to 1, and
    `misconception` the id of what was misunderstood, where the check recognises it."""

    def __init__(
        self,
        message: Text,
        detail: Text | None = None,
        *,
        verdict: Verdict = Verdict.FAILED,
        earned: float = 0.0,
        misconception: str | None = None,
    ) -> None:
        super().__init__(message.en)
        self.message = message
        self.detail = detail
        self.verdict = verdict
        self.earned = min(max(earned, 0.0), 1.0) if verdict is Verdict.FAILED else 0.0
        self.misconception = misconception if verdict is Verdict.FAILED else None
