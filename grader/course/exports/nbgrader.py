"""A gradebook.db that nbgrader 0.9 opens: with `nbgrader export`, formgrader and its Python interface.

nbgrader keeps points by cell and a deduction by notebook, and adds up itself. So each check becomes a grade cell of
one notebook, points set by hand become manual scores, and what remains to the score that we say (a late deduction, a
score set as a whole) becomes a deduction, or extra credit: nbgrader's total is ours, for everybody.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from grader.course.exports.cells import clean, first_and_last
from grader.course.exports.format import ATTEMPTS, GROUPS, NOTEBOOKS, QUIZZES, TALK, Format, Rendered
from grader.course.exports.table import Check, Column, Entry, Row, Table
from grader.text import Text

REVISION = "e43177bfe90b"  # nbgrader's own name for this layout: 0.9
WHOLE = "score"  # the one cell of an assignment that has no checks
_KERNEL = '{"display_name": "Python 3", "language": "python", "name": "python3"}'
_SCHEMA = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
CREATE TABLE course (id VARCHAR(128) NOT NULL, PRIMARY KEY (id), UNIQUE (id));
CREATE TABLE student (id VARCHAR(128) NOT NULL, first_name VARCHAR(128), last_name VARCHAR(128),
    email VARCHAR(128), lms_user_id VARCHAR(128), PRIMARY KEY (id));
CREATE TABLE assignment (id VARCHAR(32) NOT NULL, name VARCHAR(128) NOT NULL, duedate DATETIME,
    course_id VARCHAR(128) NOT NULL, PRIMARY KEY (id), UNIQUE (name), FOREIGN KEY(course_id) REFERENCES course (id));
CREATE TABLE notebook (id VARCHAR(32) NOT NULL, name VARCHAR(128) NOT NULL, assignment_id VARCHAR(32),
    kernelspec VARCHAR(1024), PRIMARY KEY (id), UNIQUE (name, assignment_id),
    FOREIGN KEY(assignment_id) REFERENCES assignment (id));
CREATE TABLE base_cell (id VARCHAR(32) NOT NULL, name VARCHAR(128) NOT NULL, notebook_id VARCHAR(32) NOT NULL,
    type VARCHAR(50), PRIMARY KEY (id), UNIQUE (name, notebook_id, type),
    FOREIGN KEY(notebook_id) REFERENCES notebook (id));
CREATE TABLE source_cell (id VARCHAR(32) NOT NULL, name VARCHAR(128) NOT NULL, cell_type VARCHAR(8) NOT NULL,
    locked BOOLEAN NOT NULL, source TEXT, checksum VARCHAR(128), notebook_id VARCHAR(32), PRIMARY KEY (id),
    UNIQUE (name, notebook_id), FOREIGN KEY(notebook_id) REFERENCES notebook (id));
CREATE TABLE grade_cells (id VARCHAR(32) NOT NULL, max_score FLOAT NOT NULL, cell_type VARCHAR(8) NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY(id) REFERENCES base_cell (id));
CREATE TABLE solution_cells (id VARCHAR(32) NOT NULL, PRIMARY KEY (id), FOREIGN KEY(id) REFERENCES base_cell (id));
CREATE TABLE task_cells (id VARCHAR(32) NOT NULL, max_score FLOAT NOT NULL, cell_type VARCHAR(8) NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY(id) REFERENCES base_cell (id));
CREATE TABLE submitted_assignment (id VARCHAR(32) NOT NULL, assignment_id VARCHAR(32), student_id VARCHAR(128),
    timestamp DATETIME, extension DATETIME, PRIMARY KEY (id), UNIQUE (assignment_id, student_id),
    FOREIGN KEY(assignment_id) REFERENCES assignment (id), FOREIGN KEY(student_id) REFERENCES student (id));
CREATE TABLE submitted_notebook (id VARCHAR(32) NOT NULL, assignment_id VARCHAR(32), notebook_id VARCHAR(32),
    flagged BOOLEAN, late_submission_penalty FLOAT, PRIMARY KEY (id), UNIQUE (notebook_id, assignment_id),
    FOREIGN KEY(assignment_id) REFERENCES submitted_assignment (id),
    FOREIGN KEY(notebook_id) REFERENCES notebook (id));
CREATE TABLE grade (id VARCHAR(32) NOT NULL, notebook_id VARCHAR(32), cell_id VARCHAR(32), auto_score FLOAT,
    manual_score FLOAT, extra_credit FLOAT, needs_manual_grade BOOLEAN NOT NULL, PRIMARY KEY (id),
    UNIQUE (cell_id, notebook_id), FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id),
    FOREIGN KEY(cell_id) REFERENCES base_cell (id));
CREATE TABLE comment (id VARCHAR(32) NOT NULL, notebook_id VARCHAR(32), cell_id VARCHAR(32), auto_comment TEXT,
    manual_comment TEXT, PRIMARY KEY (id), UNIQUE (cell_id, notebook_id),
    FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), FOREIGN KEY(cell_id) REFERENCES base_cell (id));
"""


@dataclass
class _Counts:
    """What had to be said in another way."""

    deducted: int = 0  # scores below their points, but not for being late
    extra: int = 0  # scores above their points
    other_checks: int = 0  # graded by checks that the assignment has no more
    waiting: int = 0

    def notes(self) -> list[Text]:
        said = [
            (
                self.deducted,
                "명의 점수는 검사 점수의 합보다 낮아 차이를 지각 감점 칸에 적었습니다.",
                "score(s) are below the sum of their checks, though not for being late: the difference is in the field "
                "of the late penalty.",
            ),
            (
                self.extra,
                "명의 점수는 검사 점수의 합보다 높아 차이를 첫 셀의 추가 점수로 적었습니다.",
                "score(s) are above the sum of their checks: the difference is extra credit of the first cell.",
            ),
            (
                self.other_checks,
                "명은 이전 판의 검사로 채점되어 지금 없는 검사의 점수는 추가 점수에 들어 있습니다.",
                "score(s) come from an earlier version: points of checks that it has no more are in the extra credit.",
            ),
            (
                self.waiting,
                "명의 제출은 점수가 없어 '직접 채점 필요'로 적었습니다.",
                "submission(s) without a grade are marked as in need of manual grading.",
            ),
        ]
        return [Text(f"{count}{ko}", f"{count} {en}") for count, ko, en in said if count]


@dataclass
class _Book:
    """The database while it is made. Names are taken from what they name, so that the same table is the same file."""

    database: sqlite3.Connection
    counts: _Counts = field(default_factory=_Counts)

    def add(self, table: str, *values: object) -> None:
        self.database.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(values))})", values)

    def column(self, table: Table, column: Column) -> None:
        """An assignment with one notebook, and everybody's points in it."""
        mine, notebook = _id("assignment", column.key), _id("notebook", column.key)
        self.add("assignment", mine, column.key, _time(column.due), table.course)
        self.add("notebook", notebook, column.key, mine, _KERNEL)
        current = [check for check in column.checks if check.current]
        cells = current or [Check(WHOLE, Text(WHOLE, WHOLE), column.max_score)]
        for cell in cells:
            name = _id("cell", column.key, cell.name)
            self.add("base_cell", name, cell.name, notebook, "GradeCell")
            self.add("grade_cells", name, cell.max_points, "code")
        for row in table.rows:
            entry = row.entries[column.key]
            if entry.received_at is not None or entry.score is not None:
                self.entry(column, cells, row, entry)

    def entry(self, column: Column, cells: Sequence[Check], row: Row, entry: Entry) -> None:
        """One person's submission; its total is the score of the entry."""
        handed_in = _id("submitted", column.key, row.email)
        notebook = _id("submitted notebook", column.key, row.email)
        extension = _span(column.due, entry.due)
        self.add(
            "submitted_assignment", handed_in, _id("assignment", column.key), row.email,
            _time(entry.received_at), extension,
        )  # fmt: skip
        known = entry.score is not None
        points = {cell.name: entry.points.get(cell.name, 0.0) for cell in cells} if known else {}
        rest = round((entry.score or 0.0) - sum(points.values()), 6)
        self._count(entry, cells, rest)
        self.add("submitted_notebook", notebook, handed_in, _id("notebook", column.key), 0, max(-rest, 0.0) or None)
        for index, cell in enumerate(cells):
            extra = rest if index == 0 and rest > 0 else None
            auto = entry.checks.get(cell.name, 0.0) if known else None
            self.add(
                "grade", _id("grade", column.key, row.email, cell.name), notebook, _id("cell", column.key, cell.name),
                auto, entry.by_hand.get(cell.name) if known else None, extra, 0 if known else 1,
            )  # fmt: skip

    def _count(self, entry: Entry, cells: Sequence[Check], rest: float) -> None:
        names = {cell.name for cell in cells}
        if entry.score is None:
            self.counts.waiting += 1
        elif set(entry.checks) - names:
            self.counts.other_checks += 1
        elif rest > 0:
            self.counts.extra += 1
        elif rest < 0 and (entry.grade.overridden or entry.grade.kept_share >= 1):
            self.counts.deducted += 1


def render(table: Table) -> Rendered:
    """Students are named by their addresses; the assignment's key names it and its one notebook."""
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(_SCHEMA)
        book = _Book(database)
        book.add("alembic_version", REVISION)
        book.add("course", table.course)
        for row in table.rows:
            given, family = first_and_last(clean(row.name))
            book.add("student", row.email, given, family, row.email, None)
        for column in table.columns:
            book.column(table, column)
        database.commit()
        return Rendered(database.serialize(), book.counts.notes())
    finally:
        database.close()


def _id(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _time(moment: datetime | None) -> str | None:
    """As SQLAlchemy keeps a time in SQLite: UTC without a zone."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _span(due: datetime | None, extended: datetime | None) -> str | None:
    """As SQLAlchemy keeps a span in SQLite: so long after 1970."""
    if due is None or extended is None or extended <= due:
        return None
    return _time(datetime(1970, 1, 1, tzinfo=UTC) + (extended - due))


FORMAT = Format(
    "nbgrader",
    ".db",
    Text("nbgrader의 gradebook.db", "nbgrader's gradebook.db"),
    (
        NOTEBOOKS,
        QUIZZES,
        Text(
            "과제의 셀 내용: nbgrader generate_assignment와 autograde에는 원래 폴더가 필요합니다",
            "the cells of assignments: `nbgrader generate_assignment` and `autograde` want the folders of the course",
        ),
        Text("과제의 제목과 비중", "titles and weights of assignments"),
        GROUPS,
        ATTEMPTS,
        TALK,
    ),
    render,
    checks=True,
)
