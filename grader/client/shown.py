"""A receipt and a result as a notebook or a terminal shows them, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from textwrap import indent
from typing import Any

from grader.report import Status, Verdict
from grader.text import Text
from grader.words import STATUS, VERDICTS

SAID = ("message", "hint", "next_hint")  # of a check that was lost; a server of before says nothing of the last
LEGIBLE = "margin:.2em 0;white-space:pre-line"


class Result:
    """What became of a submission. `score`, `max_score` and `checks` are there where it has a grade; `json` is the
    report as the server gave it, None while there is none."""

    def __init__(self, receipt: Mapping[str, Any], report: Mapping[str, Any] | None) -> None:
        self.receipt = str(receipt["receipt"])
        self.duplicate = bool(receipt.get("duplicate"))
        self.json = None if report is None else dict(report)

    @property
    def graded(self) -> bool:
        """Whether it has a grade."""
        return self.json is not None and self.json["status"] == Status.GRADED

    @property
    def score(self) -> float | None:
        """The points of this submission, before anything is deducted for lateness."""
        return float(self.json["score"]) if self.json is not None and self.graded else None

    @property
    def max_score(self) -> float | None:
        """The most points there are."""
        return float(self.json["max_score"]) if self.json is not None and self.graded else None

    @property
    def checks(self) -> list[dict[str, Any]]:
        """The checks, as the report has them."""
        return [] if self.json is None else list(self.json["checks"])

    def __str__(self) -> str:
        return "\n".join(str(line) for line in self._lines())

    __repr__ = __str__

    def _lines(self) -> Iterator[Text]:
        yield told(self.receipt, self.duplicate)
        if self.json is None:
            return
        yield STATUS[Status(self.json["status"])]
        if self.graded:
            points = f"{self.score:g} / {self.max_score:g}"
            yield Text(points, points)
        if self.json["reason"]:
            yield Text.from_json(self.json["reason"])
        for check in self.checks:
            yield from _of_check(check)

    def _repr_html_(self) -> str:
        rows = "".join(_row(check) for check in self.checks)
        head = [f"<p style='{LEGIBLE}'>{_html(told(self.receipt, self.duplicate))}</p>"]
        if self.json is not None:
            head.append(f"<p style='{LEGIBLE}'>{_html(STATUS[Status(self.json['status'])])}</p>")
            if self.graded:
                head.append(f"<p style='font-size:150%;margin:.2em 0'><b>{self.score:g}</b> / {self.max_score:g}</p>")
            if self.json["reason"]:
                head.append(f"<p style='{LEGIBLE}'>{_html(Text.from_json(self.json['reason']))}</p>")
        table = f"<table>{rows}</table>" if rows else ""
        return f"<div>{''.join(head)}{table}</div>"


def told(receipt: str, duplicate: bool) -> Text:
    """That the server has it."""
    if duplicate:
        return Text(
            f"이미 받은 제출입니다. 횟수를 쓰지 않았습니다. 접수 번호 {receipt}",
            f"This was received already, and no attempt is spent. Receipt {receipt}",
        )
    return Text(f"제출했습니다. 접수 번호 {receipt}", f"Submitted. Receipt {receipt}")


def _of_check(check: Mapping[str, Any]) -> Iterator[Text]:
    mark, word = VERDICTS[Verdict(check["verdict"])]
    title, points = Text.from_json(check["title"]), f"{check['points']:g}/{check['max_points']:g}"
    yield Text(f"{mark} {title.ko} ({points}, {word.ko})", f"  {title.en} ({points}, {word.en})")
    for name in SAID:
        if check.get(name) and check["verdict"] != Verdict.PASSED:
            text = Text.from_json(check[name])
            yield Text(_indented(text.ko), _indented(text.en))


def _indented(words: str) -> str:
    return indent(words, "    ")


def _row(check: Mapping[str, Any]) -> str:
    mark, word = VERDICTS[Verdict(check["verdict"])]
    title = f"<b>{_html(Text.from_json(check['title']))}</b>"
    lost = check["verdict"] != Verdict.PASSED
    more = [_html(Text.from_json(check[name])) for name in SAID if check.get(name) and lost]
    told = "".join(f"<p style='{LEGIBLE}'>{words}</p>" for words in more)
    points = f"{check['points']:g} / {check['max_points']:g}"
    left = "style='text-align:left;vertical-align:top'"
    return (
        f"<tr><td {left}>{escape(mark)} {_html(word)}</td><td {left}>{title}{told}</td>"
        f"<td style='text-align:right;white-space:nowrap;vertical-align:top'>{points}</td></tr>"
    )


def _html(text: Text) -> str:
    """Both languages below each other; nothing of it is markup."""
    if text.ko == text.en:
        return escape(text.ko)
    return f"<span lang='ko'>{escape(text.ko)}</span><br><span lang='en'>{escape(text.en)}</span>"
