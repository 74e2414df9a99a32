"""How a check ends when the student is at fault: data for the report, carried by an exception."""

from __future__ import annotations

from grader.report import Verdict
from grader.text import Text


class Failed(Exception):
    """The student's fault. `message` names the property; `detail`, shown only where the check is visible,
    holds the numbers."""

    def __init__(self, message: Text, detail: Text | None = None, *, verdict: Verdict = Verdict.FAILED) -> None:
        super().__init__(message.en)
        self.message = message
        self.detail = detail
        self.verdict = verdict
