"""How numbers, times and sizes are written on every page."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from markupsafe import Markup, escape

from grader import words
from grader.report import Status, Verdict
from grader.store.models import Role, State
from grader.text import Text
from grader.words import STATUS, VERDICTS
from webapp.language import say

ROLES = {
    Role.ADMIN: Text("관리자", "Administrator"),
    Role.INSTRUCTOR: Text("강사", "Instructor"),
    Role.ASSISTANT: Text("조교", "Assistant"),
    Role.STUDENT: Text("학생", "Student"),
}
STATES = {
    State.QUEUED: Text("채점을 기다리는 중", "Waiting to be graded"),
    State.RUNNING: Text("채점하는 중", "Being graded"),
    State.DONE: Text("채점 완료", "Graded"),
    State.SET_ASIDE: Text("채점하지 못해 강사가 확인하고 있습니다", "Could not be graded; staff will look at it"),
    State.CANCELLED: Text("취소됨", "Cancelled"),
}


def begin(app: Flask) -> None:
    """Gives templates the filters for numbers and times, such as `moment` and `points`, and the product's words."""
    filters: dict[str, Any] = {"moment": moment, "moment_parts": moment_parts, "coded": coded}
    filters |= {"number": number, "points": points, "percent": percent, "size": size, "until": until}
    app.jinja_env.filters.update(filters | {"duration": lambda seconds: say(duration(seconds))})
    app.jinja_env.filters["text"] = Text.from_json
    app.jinja_env.globals.update(assets=_assets(Path(app.static_folder or "")))
    app.jinja_env.globals.update(verdicts={one.value: VERDICTS[one] for one in Verdict}, roles=ROLES, states=STATES)
    app.jinja_env.globals.update(statuses={one.value: STATUS[one] for one in Status})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _assets(folder: Path) -> str:
    """A word that changes with the files that pages load, so that browsers may keep them."""
    content = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.iterdir())))
    return content.hexdigest()[:12]


def moment(at: datetime, zone: str) -> str:
    """A time in the course's zone, with the zone: "2026-03-02 (월) 18:00 KST"."""
    return say(words.moment(at, ZoneInfo(zone)))


def moment_parts(at: datetime, zone: str) -> Markup:
    """The same, to be broken between day and hour alone."""
    day, weekday, hour, name = moment(at, zone).split(" ")
    return Markup("<span>{} {}</span> <span>{} {}</span>").format(day, weekday, hour, name)


def coded(words: str) -> Markup:
    """Words in which `code` stands between backticks, as in a notebook."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(words))))


def number(value: float) -> str:
    """Without zeros that say nothing."""
    return f"{round(value, 4):.10g}"


def points(value: float) -> str:
    """Of a score: to the hundredth."""
    return f"{round(value, 2):.10g}"


def percent(share: float) -> str:
    """A share of 1, such as "85%"."""
    return f"{round(share * 100, 1):g}%"


def size(count: int) -> str:
    """Bytes for a reader."""
    for unit, least in (("MB", 2**20), ("KB", 2**10)):
        if count >= least:
            return f"{count / least:.1f} {unit}"
    return f"{count} B"


def duration(seconds: float) -> Text:
    """About how long: two of days, hours, minutes and seconds at most."""
    left = round(seconds)
    parts = []
    for length, ko, en in ((86400, "일", "day"), (3600, "시간", "hour"), (60, "분", "minute"), (1, "초", "second")):
        count, left = divmod(left, length)
        if count:
            parts.append(Text(f"{count}{ko}", f"{count} {en}{'s' if count > 1 else ''}"))
        elif parts:
            break
    text = Text("", "")
    for part in parts[:2]:
        text += part
    return text or Text("0초", "0 seconds")


def until(then: datetime, now: datetime) -> Text:
    """ "3 days left", "2 hours ago". In Korean not "3일 전", which could also mean three days before it is due."""
    gap = then - now
    if gap >= timedelta(0):
        return Text(f"{duration(gap.total_seconds()).ko} 남음", f"{duration(gap.total_seconds()).en} left")
    return Text(f"{duration(-gap.total_seconds()).ko} 지남", f"{duration(-gap.total_seconds()).en} ago")
