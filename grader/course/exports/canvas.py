"""Canvas' gradebook import: two lines of headers, people found by their login."""

from __future__ import annotations

from grader.course.exports.cells import Value, first_and_last, is_formula, number, sheet
from grader.course.exports.format import (
    ATTEMPTS,
    CHECKS,
    LATENESS,
    NOTEBOOKS,
    QUIZZES,
    TALK,
    TIMES,
    Format,
    Rendered,
    shifted,
)
from grader.course.exports.table import Table
from grader.course.exports.titles import titles
from grader.text import Text

HEADERS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS = "    Points Possible"  # as Canvas writes it


def render(table: Table) -> Rendered:
    """Student ("family, given"), three ids of which we know the login, section, the assignments."""
    names = titles(table.columns)
    rows: list[list[Value]] = [
        [*HEADERS, *[names[column.key] for column in table.columns]],
        [POINTS, "", "", "", "", *[number(column.max_score) for column in table.columns]],
    ]
    for row in table.rows:
        given, family = first_and_last(row.name)
        who = f"{family}, {given}" if family else given
        scores = [number(row.entries[column.key].score) for column in table.columns]
        rows.append([who, "", "", row.email, row.group, *scores])
    return Rendered(sheet(rows), shifted(sum(is_formula(row.email) for row in table.rows), "Canvas"))


FORMAT = Format(
    "canvas",
    ".csv",
    Text("Canvas 성적부 가져오기 CSV", "CSV for Canvas' gradebook import"),
    (
        Text(
            "Canvas의 ID와 SIS User ID: 우리는 이메일(SIS Login ID)만 압니다",
            "Canvas' ID and SIS User ID: we know the address alone (SIS Login ID)",
        ),
        CHECKS,
        LATENESS,
        TIMES,
        ATTEMPTS,
        TALK,
        NOTEBOOKS,
        QUIZZES,
        Text("총점: Canvas가 스스로 계산합니다", "the total: Canvas adds up itself"),
    ),
    render,
)
