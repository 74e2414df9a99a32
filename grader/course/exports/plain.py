"""CSV for Excel and for scripts: a row a person, a column an assignment, the total and its percent."""

from __future__ import annotations

from grader.course.exports.cells import Value, number, sheet
from grader.course.exports.format import ATTEMPTS, CHECKS, LATENESS, NOTEBOOKS, QUIZZES, TALK, TIMES, Format, Rendered
from grader.course.exports.table import Table
from grader.text import Text


def render(table: Table) -> Rendered:
    """email, name, group, the assignments' keys, total, percent."""
    keys = [column.key for column in table.columns]
    rows: list[list[Value]] = [["email", "name", "group", *keys, "total", "percent"]]
    for row in table.rows:
        scores = [number(row.entries[key].score) for key in keys]
        rows.append([row.email, row.name, row.group, *scores, number(table.total(row)), table.percent(row)])
    return Rendered(sheet(rows, bom=True))


FORMAT = Format(
    "csv",
    ".csv",
    Text("엑셀에서 여는 CSV", "CSV that Excel opens"),
    (CHECKS, LATENESS, TIMES, ATTEMPTS, TALK, NOTEBOOKS, QUIZZES),
    render,
)
