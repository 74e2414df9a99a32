"""Answers as the fields of a form: `a3` is what was typed or chosen in question 3, `a3-b` what stands beside its
option b, `r3` the revision that it replaces, `w3` what it was when the page was made, `s3` the seconds since.

A form sends every answer of a page. One that is what it was is left alone: else a tab would undo what another one did.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from grader.course.quizzes import Item
from grader.quiz.question import Kind
from grader.text import Text

Form = MultiDict[str, str]
PLACES = Text(
    "순서가 겹치거나 빠졌습니다. 자리를 하나씩 정하세요.", "A place is taken twice or missing. Give each its own."
)


@dataclass(frozen=True)
class Given:
    """What a form says of one question. `raw` is None where nothing was answered."""

    raw: Any
    revision: int
    touched: bool
    seconds: float


def given(item: Item, form: Form) -> Given | None:
    """None where the form has no field of this question."""
    place = item.position
    if f"r{place}" not in form:
        return None
    raw = _raw(item, form)
    touched = trace(raw) != form.get(f"w{place}", "")
    return Given(raw, _whole(form.get(f"r{place}", "")), touched, _seconds(form.get(f"s{place}", "")))


def trace(raw: Any) -> str:
    """A short word that two answers share where they are the same."""
    words = json.dumps(_empty_is_none(raw), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def places(item: Item) -> Mapping[str, str]:
    """Of a question of order: which place each option was given, as its selects show it."""
    answer = item.answer
    if isinstance(answer, Mapping):
        return {str(alias): str(place) for alias, place in answer.items()}
    return {str(alias): str(place) for place, alias in enumerate(answer or (), 1)}


def _raw(item: Item, form: Form) -> Any:
    name = f"a{item.position}"
    if item.kind == Kind.MULTIPLE:
        return form.getlist(name) or None
    if item.kind in (Kind.ORDER, Kind.MATCH):
        beside = item.options if item.kind == Kind.ORDER else item.left
        said = {one.alias: form.get(f"{name}-{one.alias}", "").strip() for one in beside}
        said = {alias: word for alias, word in said.items() if word}
        return _ordered(said, len(item.options)) if item.kind == Kind.ORDER else said or None
    words = form.get(name, "").replace("\r\n", "\n")
    return words if words.strip() else None


def _ordered(said: Mapping[str, str], count: int) -> list[str] | Mapping[str, str] | None:
    """The aliases in order; as it was said where that is no order yet."""
    if not said:
        return None
    if sorted(said.values()) != sorted(str(place) for place in range(1, count + 1)):
        return said
    return sorted(said, key=lambda alias: int(said[alias]))


def _empty_is_none(raw: Any) -> Any:
    if isinstance(raw, str):
        return raw.replace("\r\n", "\n") if raw.strip() else None
    if isinstance(raw, Mapping):
        return dict(raw) or None
    return list(raw) or None if isinstance(raw, (list, tuple)) else raw


def _whole(words: str) -> int:
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else 0


def _seconds(words: str) -> float:
    try:
        found = float(words)
    except ValueError:
        return 0.0
    return min(max(found, 0.0), 3600.0) if math.isfinite(found) else 0.0
