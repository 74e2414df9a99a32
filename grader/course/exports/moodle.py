"""Moodle's grade import: one row a person, found by the address."""

from __future__ import annotations

from grader.course.exports.cells import Value, is_formula, number, sheet
from grader.course.exports.format import (
    ATTEMPTS,
    CHECKS,
    GROUPS,
    LATENESS,
    NOTEBOOKS,
    QUIZZES,
    TALK,
    TIMES,
    Format,
    Rendered,
    shifted,
)
from grader.course.exports.table import Column, Table
from grader.course.exports.titles import titles
from grader.text import Text


def render(table: Table) -> Rendered:
    """An empty score is none: Moodle then leaves what it has."""
    names = titles(table.columns)
    header = ["Email address", *[f"{_kind(column)}: {names[column.key]} (Real)" for column in table.columns]]
    rows: list[list[Value]] = [[*header]]
    for row in table.rows:
        rows.append([row.email, *[number(row.entries[column.key].score) for column in table.columns]])
    return Rendered(sheet(rows), shifted(sum(is_formula(row.email) for row in table.rows), "Moodle"))


def _kind(column: Column) -> str:
    """What Moodle calls it."""
    return "퀴즈" if column.quiz else "과제"


FORMAT = Format(
    "moodle",
    ".csv",
    Text("Moodle 성적 가져오기 CSV", "CSV for Moodle's grade import"),
    (
        Text("이름", "names"),
        GROUPS,
        CHECKS,
        LATENESS,
        TIMES,
        ATTEMPTS,
        TALK,
        NOTEBOOKS,
        QUIZZES,
        Text("총점: Moodle이 스스로 계산합니다", "the total: Moodle adds up itself"),
        Text("만점: Moodle의 과제에서 정합니다", "maximum points: they are set in Moodle"),
    ),
    render,
)
