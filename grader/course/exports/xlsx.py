"""A workbook: the gradebook, a sheet an assignment with its checks, and what is (not) in it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from grader.course.exports.cells import Value, clean, is_formula, number
from grader.course.exports.format import ATTEMPTS, NOTEBOOKS, QUIZZES, TALK, Format, Rendered
from grader.course.exports.table import Check, Column, Entry, Table
from grader.text import Text

BOOK = "성적 Gradebook"
ABOUT = "안내 About"
LEAVES_OUT = (ATTEMPTS, TALK, NOTEBOOKS, QUIZZES)
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_HEAD = PatternFill("solid", fgColor="DDE3EA")
_FACTS = (
    Text("점수", "score"),
    Text("감점 전", "before deductions"),
    Text("만점", "of"),
    Text("상태", "status"),
    Text("늦은 날", "days late"),
    Text("남는 비율 %", "kept %"),
    Text("시도", "attempts"),
    Text("직접 고침", "set by hand"),
    Text("제출 시각", "submitted"),
)
_STATUS = {
    "graded": Text("채점됨", "graded"),
    "pending": Text("채점 중", "waiting"),
    "none": Text("제출 없음", "nothing handed in"),
    "open": Text("푸는 중", "running"),
    "problem": Text("살펴보아야 함", "needs a look"),
}


def render(table: Table) -> Rendered:
    """Times are those of the course's zone. No cell is a formula."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _gradebook(book.create_sheet(BOOK), table)
    taken = {BOOK.lower(), ABOUT.lower()}
    for column in table.columns:
        _assignment(book.create_sheet(_free(column.key, taken)), table, column)
    _about(book.create_sheet(ABOUT), table)
    out = io.BytesIO()
    book.save(out)
    return Rendered(out.getvalue())


def _gradebook(page: Worksheet, table: Table) -> None:
    keys = [column.key for column in table.columns]
    _line(page, 1, ["email", "name", "group", *keys, "total", "percent"])
    maxima = [number(one.max_score) for one in table.columns]
    _line(page, 2, ["", "만점 / of", "", *maxima, number(table.max_total), 100])
    for at, row in enumerate(table.rows, 3):
        scores = [number(row.entries[key].score) for key in keys]
        _line(page, at, [row.email, row.name, row.group, *scores, number(table.total(row)), table.percent(row)])
    _finish(page, heads=2, fixed=3)


def _assignment(page: Worksheet, table: Table, column: Column) -> None:
    """Person, what became of the assignment, then the points of each check as they count."""
    facts = [_both(text) for text in _FACTS]
    _line(page, 1, ["email", "name", *facts, *[_check_title(check) for check in column.checks]])
    maxima = [number(check.max_points) for check in column.checks]
    _line(page, 2, [_both(column.title), "만점 / of", *[None] * len(facts), *maxima])
    zone = ZoneInfo(table.zone)
    for at, row in enumerate(table.rows, 3):
        entry = row.entries[column.key]
        points = [number(entry.points.get(check.name)) for check in column.checks]
        _line(page, at, [row.email, row.name, *_facts(column, entry, zone), *points])
    _finish(page, heads=2, fixed=2)


def _facts(column: Column, entry: Entry, zone: ZoneInfo) -> list[Value | datetime]:
    grade = entry.grade
    received = None if entry.received_at is None else entry.received_at.astimezone(zone)
    status = _STATUS.get(grade.status)
    return [
        number(entry.score),
        None if entry.score is None else number(grade.raw),
        number(column.max_score if grade.run_id is None else grade.max_score),
        grade.status if status is None else _both(status),
        grade.late_days,
        number(100 * grade.kept_share),
        grade.attempts,
        "o" if grade.overridden or entry.by_hand else "",
        None if received is None else received.replace(tzinfo=None, microsecond=0),
    ]


def _about(page: Worksheet, table: Table) -> None:
    """What the manifest says, for whoever gets the workbook alone."""
    lines: list[Sequence[Value]] = [
        ["강좌 / course", f"{_both(table.title)} ({table.course})"],
        ["만든 때 / made at", table.made_at.isoformat(timespec="seconds")],
        ["시간대 / time zone", table.zone],
        ["사람 / people", len(table.rows)],
        ["빈칸 / empty", "아직 점수가 없음: 0점이 아니며 총점에 더하지 않음 / no grade yet: not zero, adds nothing"],
        ["total", "과제와 퀴즈 점수 × 비중의 합 / the sum of scores times weights"],
        ["percent", "채점된 것의 만점에 대한 총점의 백분율 / the total in percent of what is graded"],
        *[[f"비중 / weight {column.key}", number(column.weight)] for column in table.columns],
        *[["들어 있지 않음 / not in it", _both(text)] for text in (*LEAVES_OUT, *table.left_out)],
    ]
    for at, line in enumerate(lines, 1):
        _line(page, at, line)
    _finish(page, heads=0, fixed=0)


def _line(page: Worksheet, at: int, values: Iterable[Value | datetime]) -> None:
    for index, value in enumerate(values, 1):
        if value is None or value == "":
            continue
        cell = page.cell(at, index)
        assert isinstance(cell, Cell)
        if isinstance(value, str):
            _write_text(cell, value)
        else:
            cell.value = value
            if isinstance(value, datetime):
                cell.number_format = "yyyy-mm-dd hh:mm:ss"


def _write_text(cell: Cell, text: str) -> None:
    """As text and nothing else; what looks like a formula stays text when somebody edits it."""
    cell.value = clean(text)
    cell.data_type = "s"
    if is_formula(clean(text)):
        cell.quotePrefix = True


def _finish(page: Worksheet, heads: int, fixed: int) -> None:
    """Headers that stay, and columns that are wide enough."""
    for at in range(1, heads + 1):
        for cell in page[at]:
            cell.font, cell.fill = Font(bold=True), _HEAD
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    if heads:
        page.freeze_panes = f"{get_column_letter(fixed + 1)}{heads + 1}"
    for index, column in enumerate(page.iter_cols(values_only=True), 1):
        longest = max((_width(value) for value in column if value is not None), default=8)
        page.column_dimensions[get_column_letter(index)].width = min(max(longest + 2, 8), 40)


def _width(value: object) -> int:
    """Korean letters are two wide."""
    return sum(2 if ord(letter) > 0x1100 else 1 for letter in str(value))


def _free(key: str, taken: set[str]) -> str:
    """A sheet's name: at most 31 letters, none twice."""
    base = clean(key).translate(_FORBIDDEN).strip(" '") or "sheet"
    names = (base[:31] if n == 1 else f"{base[: 31 - len(f'~{n}')]}~{n}" for n in range(1, 1000))
    name = next(name for name in names if name.lower() not in taken)
    taken.add(name.lower())
    return name


def _check_title(check: Check) -> str:
    title = _both(check.title)
    return title if title == check.name else f"{title} [{check.name}]"


def _both(text: Text) -> str:
    return text.ko if text.ko == text.en else f"{text.ko} / {text.en}"


FORMAT = Format(
    "xlsx",
    ".xlsx",
    Text("엑셀 통합 문서: 성적부와 과제마다 검사별 점수", "Excel workbook: gradebook, and a sheet an assignment"),
    LEAVES_OUT,
    render,
    checks=True,
)
