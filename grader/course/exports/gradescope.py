"""The layout of Gradescope's grades: four columns an assignment."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from grader.course.exports.cells import Value, clock, first_and_last, is_formula, number, sheet
from grader.course.exports.format import ATTEMPTS, CHECKS, NOTEBOOKS, QUIZZES, TALK, Format, Rendered, shifted
from grader.course.exports.table import Column, Entry, Table
from grader.course.exports.titles import titles
from grader.text import Text

PEOPLE = ("First Name", "Last Name", "SID", "Email", "Sections")
PARTS = ("", " - Max Points", " - Submission Time", " - Lateness (H:M:S)")
TOTAL = "Total Lateness (H:M:S)"
TIME = "%Y-%m-%d %H:%M:%S %z"


def render(table: Table) -> Rendered:
    """Times are those of the course's zone; lateness counts extensions, but no days of grace."""
    names, zone = titles(table.columns), ZoneInfo(table.zone)
    header = [f"{names[column.key]}{part}" for column in table.columns for part in PARTS]
    rows: list[list[Value]] = [[*PEOPLE, *header, TOTAL]]
    for row in table.rows:
        entries = [(column, row.entries[column.key]) for column in table.columns]
        late = sum((entry.late for _, entry in entries), timedelta(0))
        cells = [cell for column, entry in entries for cell in _cells(column, entry, zone)]
        rows.append([*first_and_last(row.name), "", row.email, row.group, *cells, clock(late)])
    return Rendered(sheet(rows), shifted(sum(is_formula(row.email) for row in table.rows), "Gradescope"))


def _cells(column: Column, entry: Entry, zone: ZoneInfo) -> list[Value]:
    if entry.received_at is None:
        return [number(entry.score), number(column.max_score), "", ""]
    received = entry.received_at.astimezone(zone).strftime(TIME)
    return [number(entry.score), number(column.max_score), received, clock(entry.late)]


FORMAT = Format(
    "gradescope",
    ".csv",
    Text("Gradescope 성적 CSV", "CSV as Gradescope writes it"),
    (
        Text("학번(SID): 우리는 이메일만 압니다", "student numbers (SID): we know the address alone"),
        Text(
            "이름의 성과 이름: 한 줄로 적힌 이름을 나눈 것이라 틀릴 수 있습니다",
            "which part of a name is the family's: it is told from one line and may be wrong",
        ),
        CHECKS,
        Text(
            "감점 전 점수, 시도 횟수, 직접 고친 점수의 표시",
            "scores before deductions, numbers of attempts, and which scores were set by hand",
        ),
        ATTEMPTS,
        TALK,
        NOTEBOOKS,
        QUIZZES,
        Text("총점", "the total"),
    ),
    render,
)
