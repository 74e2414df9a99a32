"""Exports: the gradebook of a course as a file that another program reads.

One module a format, each with a pure function from a `Table` to bytes; `write` puts them into a file, with a manifest
beside it that says what the file holds, and what it could not carry.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course.exports import canvas, gradescope, moodle, nbgrader, plain, writing, xlsx
from grader.course.exports.format import Format, Rendered
from grader.course.exports.gathering import gather
from grader.course.exports.table import Column, Table
from grader.errors import BadInput
from grader.text import Text

__all__ = ["FORMATS", "Format", "Manifest", "Rendered", "Table", "format_of", "gather", "manifest_file", "write"]

FORMATS: Mapping[str, Format] = {
    module.FORMAT.name: module.FORMAT for module in (plain, xlsx, gradescope, nbgrader, moodle, canvas)
}
SCHEMA = 1


@dataclass(frozen=True)
class Manifest:
    """What an export holds. `states` counts the people of each assignment and quiz by what became of it."""

    format: str
    table: Table
    file: str
    sha256: str
    states: Mapping[str, Mapping[str, int]]
    not_in_it: Sequence[Text]

    def as_json(self) -> dict[str, Any]:
        """Plain data, schema 1; it names no person."""
        return {
            "schema": SCHEMA,
            "format": self.format,
            "file": self.file,
            "sha256": self.sha256,
            "course": self.table.course,
            "made_at": self.table.made_at.isoformat(timespec="seconds"),
            "people": len(self.table.rows),
            "assignments": [_column_as_json(column, self.states[column.key]) for column in self.table.assignments],
            "quizzes": [_column_as_json(column, self.states[column.key]) for column in self.table.quizzes],
            "not_in_it": [text.as_json() for text in self.not_in_it],
        }


def format_of(name: str) -> Format:
    """The format of that name. Raises BadInput."""
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise BadInput(
            Text(f"'{name}' 형식은 없습니다. 있는 형식: {known}.", f"There is no format '{name}'. Known: {known}.")
        )
    return FORMATS[name]


def manifest_file(file: Path) -> Path:
    """Where the manifest of an export goes."""
    return file.with_name(f"{file.name}.manifest.json")


def write(table: Table, format: Format, file: Path, *, force: bool = False) -> Manifest:
    """Writes the file and its manifest, each whole or not at all. Raises BadInput where one exists (without `force`)
    or cannot be written."""
    beside = manifest_file(file)
    if not force:
        writing.must_be_free(file, beside)
    rendered = format.render(table)
    manifest = Manifest(
        format=format.name,
        table=table,
        file=file.name,
        sha256=hashlib.sha256(rendered.data).hexdigest(),
        states={column.key: _states(table, column) for column in table.columns},
        not_in_it=(*format.leaves_out, *table.left_out, *_without_grade(table), *rendered.notes),
    )
    writing.write(file, rendered.data, force=force)
    text = json.dumps(manifest.as_json(), ensure_ascii=False, indent=2) + "\n"
    writing.write(beside, text.encode(), force=force)
    return manifest


def _states(table: Table, column: Column) -> Mapping[str, int]:
    entries = [row.entries[column.key] for row in table.rows]
    found = Counter(entry.grade.status for entry in entries)
    return {**dict(sorted(found.items())), "set_by_hand": sum(entry.grade.overridden for entry in entries)}


def _without_grade(table: Table) -> list[Text]:
    """How many scores are empty; an empty one is not zero."""
    entries = [row.entries[column.key] for row in table.rows for column in table.columns]
    empty = Counter(entry.grade.status for entry in entries if entry.score is None)
    if not empty:
        return []
    nothing, rest = empty["none"], sum(empty.values()) - empty["none"]
    return [
        Text(
            f"빈 점수 {nothing + rest}개: 제출 없음 {nothing}, 아직 채점되지 않음 {rest}. 0점이 아닙니다.",
            f"{nothing + rest} empty score(s): {nothing} with nothing handed in, {rest} not graded yet. "
            "None of them is a zero.",
        )
    ]


def _column_as_json(column: Column, states: Mapping[str, int]) -> dict[str, Any]:
    return {
        "key": column.key,
        "title": column.title.as_json(),
        "version": column.version,
        "max_score": column.max_score,
        "weight": column.weight,
        "due": None if column.due is None else column.due.isoformat(timespec="seconds"),
        "policy": dict(column.policy),
        "people": dict(states),
    }
