"""What goes into one cell of a table: text that no spreadsheet runs, and plain numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

Value = str | int | float | None
BOM = "\ufeff"  # without it Excel reads Korean as CP949
_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # Excel reads the wide ones as the narrow ones
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SYLLABLES = re.compile(r"[가-힣]{2,4}")
_TWO = ("남궁", "황보", "제갈", "사공", "독고", "동방", "서문")  # family names of two syllables that are nothing else


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run it."""
    return text.lstrip().startswith(_STARTS) or text.startswith(("\t", "\r", "\n"))


def safe(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet might run, and without control characters."""
    shown = clean(text)
    return f"'{shown}" if is_formula(shown) else shown


def clean(text: str) -> str:
    """The text without what no table may hold."""
    return _CONTROL.sub("", text)


def number(value: float | None) -> int | float | None:
    """90 for 90.0, and at most six places, as scores have."""
    if value is None:
        return None
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def sheet(rows: Iterable[Sequence[Value]], *, bom: bool = False) -> bytes:
    """CSV in UTF-8. All text is quoted, so that none starts a new cell where another separator is usual."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return ((BOM if bom else "") + out.getvalue()).encode()


def clock(span: timedelta) -> str:
    """H:M:S, with more than 24 hours where it is longer."""
    seconds = int(span.total_seconds())
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def first_and_last(name: str) -> tuple[str, str]:
    """Given and family name, as good as they can be told apart: 김민수 is 민수 of the family 김; else the last word is
    the family's, unless a comma says where it ends."""
    words = " ".join(name.split())
    if _SYLLABLES.fullmatch(words):
        cut = 2 if (len(words) > 2 and words.startswith(_TWO)) or len(words) == 4 else 1
        return words[cut:], words[:cut]
    family, comma, given = words.partition(", ")
    if comma:
        return given, family
    given, _, family = words.rpartition(" ")
    return (given, family) if given else (family, "")
