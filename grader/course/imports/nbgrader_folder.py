"""Reads a course of nbgrader: its gradebook.db, and the notebooks in its folders.

Nothing of it is run, imported or changed: the database is opened read-only, notebooks are bytes, and
`nbgrader_config.py` is not looked at. A folder of students' files may hold links, which could lead anywhere, so none
is followed.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sqlite3
import stat
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.errors import BadInput
from grader.notebook import MAX_BYTES
from grader.text import Text

BOOK = "gradebook.db"
STEPS = ("source", "release", "submitted", "autograded", "feedback")
MAX_MATERIAL = 100 * 2**20  # bytes of an assignment's source/ and release/
_TABLES = (
    "course",
    "student",
    "assignment",
    "notebook",
    "base_cell",
    "grade_cells",
    "task_cells",
    "submitted_assignment",
    "submitted_notebook",
    "grade",
    "comment",
)
_LONGEST_NAME = 128  # of a cell, for nbgrader and for us
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Student:
    """Somebody; `id` is what nbgrader calls them, `email` and `name` may be empty."""

    id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell with points, in the notebook's order."""

    name: str
    max_score: float
    kind: str  # "code", "markdown" or "task"


@dataclass(frozen=True)
class Assignment:
    """One notebook of an assignment, which is one assignment to us; `notebook` is None where there is none yet."""

    name: str
    notebook: str | None
    key: str
    title: str
    due: datetime | None = None
    cells: Sequence[Cell] = ()

    @property
    def max_score(self) -> float:
        return round(sum(cell.max_score for cell in self.cells), 6)


@dataclass(frozen=True)
class Points:
    """What a cell got: from the tests, from a person, and beyond. `waits`: a person has yet to look."""

    auto: float | None
    manual: float | None
    extra: float | None
    waits: bool

    @property
    def earned(self) -> float:
        """As nbgrader counts it."""
        base = self.auto if self.manual is None else self.manual
        return 0.0 if base is None else base + (self.extra or 0.0)

    @property
    def known(self) -> bool:
        return self.auto is not None or self.manual is not None


@dataclass(frozen=True)
class HandedIn:
    """One notebook of one student. `points` by cell are empty where it was never graded; `penalty` in points."""

    student: str
    received_at: datetime | None
    file: Path | None
    executed: Path | None = None
    points: Mapping[str, Points] = field(default_factory=dict)
    penalty: float = 0.0
    extension: timedelta | None = None
    comments: Mapping[str, str] = field(default_factory=dict)  # by cell

    @property
    def graded(self) -> bool:
        return any(one.known for one in self.points.values())

    @property
    def raw(self) -> float:
        return round(sum(one.earned for one in self.points.values()), 6)

    @property
    def score(self) -> float:
        """As nbgrader counts it, for a notebook."""
        return max(0.0, round(self.raw - self.penalty, 6))


@dataclass(frozen=True)
class Found:
    """A course as it was read. `notes` says what it has that we cannot keep."""

    folder: Path
    course: str
    students: Sequence[Student]
    assignments: Sequence[Assignment]
    handed_in: Mapping[str, Sequence[HandedIn]]  # by the assignment's key
    notes: Sequence[Text]


def read(folder: Path, prefix: str = "") -> Found:
    """The course in that folder; `prefix` goes before the keys of assignments. Raises BadInput."""
    with closing(_opened(folder / BOOK)) as book:
        try:
            return _Reader(folder, book, prefix).read()
        except (sqlite3.Error, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise _unreadable(folder / BOOK, str(error)) from error


def data_of(file: Path) -> bytes | None:
    """A notebook's bytes; None where it is no ordinary file any more, or larger than a submission may be."""
    try:
        number = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(number, "rb") as source:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return None
        data = source.read(MAX_BYTES + 1)
    return data if len(data) <= MAX_BYTES else None


def material(folder: Path, assignment: Assignment) -> tuple[Mapping[str, bytes], int]:
    """The files of source/ and release/ by their names in there, and how many were left out: links, and what is
    beyond the limit of size."""
    found: dict[str, bytes] = {}
    left, room = 0, MAX_MATERIAL
    for step in STEPS[:2]:
        root = folder / step / assignment.name
        if not _is_name(assignment.name) or root.is_symlink():
            continue
        for file in _walk(root):
            data = None if file.is_symlink() else data_of(file)
            if data is None or len(data) > room:
                left += 1
                continue
            room -= len(data)
            found[f"{step}/{file.relative_to(root).as_posix()}"] = data
    return found, left


def cells_of(data: bytes) -> Mapping[str, int]:
    """Where nbgrader's cells are in a notebook (counted from 0), by name; none in what is no notebook."""
    try:
        cells = json.loads(data)["cells"]
        names = [cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") for cell in cells]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return {name: index for index, name in enumerate(names) if isinstance(name, str)}


class _Reader:
    """One reading of one course."""

    def __init__(self, folder: Path, book: sqlite3.Connection, prefix: str) -> None:
        self._folder, self._book, self._prefix = folder, book, prefix
        self._counts: Counter[str] = Counter()

    def read(self) -> Found:
        self._must_be_ours()
        assignments = self._assignments()
        handed_in = {one.key: self._handed_in(one) for one in assignments}
        students = self._students(who for some in handed_in.values() for who in some)
        self._look_around(assignments, handed_in)
        courses = [str(row["id"]) for row in self._rows("SELECT id FROM course")]
        return Found(self._folder, ", ".join(courses), students, assignments, handed_in, _notes(self._counts))

    def _must_be_ours(self) -> None:
        tables = {row["name"] for row in self._rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if missing := [name for name in _TABLES if name not in tables]:
            names = ", ".join(missing)
            words = Text(
                f"{names} 표가 없습니다. nbgrader 0.6보다 오래된 것이면 먼저 `nbgrader db upgrade`를 하세요",
                f"it has no table {names}. If it is older than nbgrader 0.6, run `nbgrader db upgrade` first",
            )
            raise _unreadable(self._folder / BOOK, words)

    def _students(self, handed_in: Iterable[HandedIn]) -> Sequence[Student]:
        """Those of the gradebook, and who handed something in without being in it."""
        found = {}
        for row in self._rows("SELECT * FROM student ORDER BY id"):
            name = _name(row["first_name"] or "", row["last_name"] or "")
            found[row["id"]] = Student(row["id"], name, row["email"] or "")
            self._counts["lms"] += bool(dict(row).get("lms_user_id"))
        for one in handed_in:
            found.setdefault(one.student, Student(one.student))
        return list(found.values())

    def _assignments(self) -> Sequence[Assignment]:
        """One for each notebook; one without a notebook for an assignment that has none."""
        rows = self._rows(
            "SELECT a.name, a.duedate, n.name AS notebook, n.id FROM assignment a "
            "LEFT JOIN notebook n ON n.assignment_id = a.id ORDER BY a.duedate IS NULL, a.duedate, a.name, n.name"
        )
        several = Counter(row["name"] for row in rows)
        known = {row["name"] for row in rows}
        names = [(row["name"], row["notebook"]) for row in rows]
        unknown = [name for name in _names(self._folder / "source", folders=True) if name not in known]
        keys = _keys([*(_words(name, nb, several[name] > 1) for name, nb in names), *unknown], self._prefix)
        found = [
            Assignment(
                row["name"],
                row["notebook"],
                keys[_words(row["name"], row["notebook"], several[row["name"]] > 1)],
                f"{row['name']}: {row['notebook']}" if several[row["name"]] > 1 else row["name"],
                _moment(row["duedate"]),
                self._cells(row["name"], row["notebook"], row["id"]) if row["id"] else (),
            )
            for row in rows
        ]
        self._counts["several"] += sum(count > 1 for count in several.values())
        return [*found, *(Assignment(name, None, keys[name], name) for name in unknown)]

    def _cells(self, name: str, notebook: str, number: str) -> Sequence[Cell]:
        rows = self._rows(
            "SELECT c.name, coalesce(g.max_score, t.max_score) AS most, "
            "CASE WHEN t.id IS NULL THEN g.cell_type ELSE 'task' END AS kind FROM base_cell c "
            "LEFT JOIN grade_cells g ON g.id = c.id LEFT JOIN task_cells t ON t.id = c.id "
            "WHERE c.notebook_id = ? AND (g.id IS NOT NULL OR t.id IS NOT NULL) ORDER BY c.name",
            number,
        )
        order: Mapping[str, int] = {}
        for step in ("source", "release"):
            file = self._file(step, name, f"{notebook}.ipynb")
            order = order or cells_of((file and data_of(file)) or b"")
        cells = {row["name"]: Cell(_cell_name(row["name"]), _number(row["most"]), row["kind"]) for row in rows}
        return sorted(cells.values(), key=lambda cell: order.get(cell.name, len(order)))

    def _handed_in(self, assignment: Assignment) -> Sequence[HandedIn]:
        """What is in the gradebook, and what was collected and not graded yet."""
        if assignment.notebook is None:
            return []
        found = {one.student: one for one in self._in_the_book(assignment)}
        for student in _names(self._folder / "submitted", folders=True):
            if student not in found and (file := self._notebook("submitted", student, assignment)):
                found[student] = HandedIn(student, self._timestamp(student, assignment), file)
        return list(found.values())

    def _in_the_book(self, assignment: Assignment) -> Iterator[HandedIn]:
        points, comments = self._points(assignment), self._comments(assignment)
        rows = self._rows(
            "SELECT s.student_id, s.timestamp, s.extension, sn.id, sn.flagged, sn.late_submission_penalty AS penalty "
            "FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id "
            "LEFT JOIN submitted_notebook sn ON sn.assignment_id = s.id "
            "AND sn.notebook_id IN (SELECT id FROM notebook WHERE name = ? AND assignment_id = a.id) "
            "WHERE a.name = ? ORDER BY s.student_id",
            assignment.notebook,
            assignment.name,
        )
        for row in rows:
            student = row["student_id"]
            submitted = self._notebook("submitted", student, assignment)
            executed = self._notebook("autograded", student, assignment)
            if row["id"] is None and submitted is None:
                continue  # the assignment was handed in without this notebook
            self._counts["flagged"] += bool(row["flagged"])
            self._counts["missing"] += submitted is None
            received = _moment(row["timestamp"]) or self._timestamp(student, assignment)
            extension = _moment(row["extension"])
            yield HandedIn(
                student,
                received,
                submitted,
                executed,
                points.get(row["id"], {}),
                _number(row["penalty"] or 0.0),
                None if extension is None else extension - _EPOCH,
                comments.get(row["id"], {}),
            )

    def _points(self, assignment: Assignment) -> Mapping[str, Mapping[str, Points]]:
        """By submitted notebook and cell."""
        rows = self._rows(
            "SELECT g.notebook_id, c.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade AS waits "
            "FROM grade g JOIN base_cell c ON c.id = g.cell_id JOIN notebook n ON n.id = c.notebook_id "
            "JOIN assignment a ON a.id = n.assignment_id WHERE a.name = ? AND n.name = ?",
            assignment.name,
            assignment.notebook,
        )
        found: dict[str, dict[str, Points]] = defaultdict(dict)
        for row in rows:
            auto, manual, extra = (_score(row[name]) for name in ("auto_score", "manual_score", "extra_credit"))
            found[row["notebook_id"]][row["name"]] = Points(auto, manual, extra, bool(row["waits"]))
        return found

    def _comments(self, assignment: Assignment) -> Mapping[str, Mapping[str, str]]:
        """What a person wrote, or else what nbgrader did, by submitted notebook and cell."""
        rows = self._rows(
            "SELECT m.notebook_id, c.name, coalesce(m.manual_comment, m.auto_comment) AS words FROM comment m "
            "JOIN base_cell c ON c.id = m.cell_id JOIN notebook n ON n.id = c.notebook_id "
            "JOIN assignment a ON a.id = n.assignment_id WHERE a.name = ? AND n.name = ? ORDER BY c.name",
            assignment.name,
            assignment.notebook,
        )
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for row in rows:
            if row["words"] and row["words"].strip():
                found[row["notebook_id"]][row["name"]] = row["words"].replace("\0", "").strip()
        return found

    def _notebook(self, step: str, student: str, assignment: Assignment) -> Path | None:
        return self._file(step, student, assignment.name, f"{assignment.notebook}.ipynb")

    def _file(self, step: str, *names: str) -> Path | None:
        """An ordinary file, reached through no link, at most as large as a submission may be."""
        file = self._folder / step
        if not all(map(_is_name, names)):
            return None
        for name in names:
            file = file / name
            if file.is_symlink():
                self._counts["links"] += 1
                return None
        if not file.is_file():
            return None
        if file.stat().st_size > MAX_BYTES:
            self._counts["large"] += 1
            return None
        return file

    def _timestamp(self, student: str, assignment: Assignment) -> datetime | None:
        file = self._file("submitted", student, assignment.name, "timestamp.txt")
        words = (data_of(file) or b"")[:64].decode("utf-8", "replace").strip() if file else ""
        return _moment(re.sub(r"\s*UTC$", "", words)) if re.match(r"\d{4}-\d\d-\d\d", words) else None

    def _look_around(self, assignments: Sequence[Assignment], handed_in: Mapping[str, Sequence[HandedIn]]) -> None:
        """Counts what nobody takes."""
        taken = {one.file for some in handed_in.values() for one in some}
        files = [file for file in _walk(self._folder / "submitted") if file.name != "timestamp.txt"]
        self._counts["links"] += sum(file.is_symlink() for file in files)
        self._counts["files"] += sum(file not in taken and not file.is_symlink() for file in files)
        self._counts["feedback"] += sum(1 for _ in _walk(self._folder / "feedback"))
        self._counts["no folder"] += not (self._folder / "submitted").is_dir()
        every = [one for some in handed_in.values() for one in some]
        self._counts["clipped"] += sum(one.raw < one.penalty for one in every)
        self._counts["no time"] += sum(one.received_at is None for one in every)
        self._counts["waits"] += sum(points.waits for one in every for points in one.points.values())

    def _rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        return self._book.execute(query, values).fetchall()


def _opened(file: Path) -> sqlite3.Connection:
    """Read-only. Raises BadInput."""
    if not file.is_file():
        raise BadInput(
            Text(
                f"{file}이(가) 없습니다. nbgrader 강좌의 폴더(gradebook.db가 있는 곳)를 주세요.",
                f"There is no {file}. Name the folder of the nbgrader course, where its gradebook.db is.",
            )
        )
    try:
        book = sqlite3.connect(f"file:{quote(str(file.resolve()))}?mode=ro", uri=True)
        book.execute("PRAGMA query_only=ON")
        book.execute("PRAGMA trusted_schema=OFF")
    except sqlite3.Error as error:
        raise _unreadable(file, str(error)) from error
    book.row_factory = sqlite3.Row
    return book


def _unreadable(file: Path, why: str | Text) -> BadInput:
    words = why if isinstance(why, Text) else Text(why, why)
    return BadInput(
        Text(
            f"{file}을(를) nbgrader의 성적부로 읽을 수 없습니다: {words.ko}.",
            f"{file} cannot be read as nbgrader's gradebook: {words.en}.",
        )
    )


def _moment(value: str | None) -> datetime | None:
    """nbgrader's times are UTC without a zone."""
    return None if not value else datetime.fromisoformat(value).replace(tzinfo=UTC)


def _score(value: Any) -> float | None:
    return None if value is None else _number(value)


def _number(value: Any) -> float:
    """Raises ValueError for what no sum may hold."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} points")
    return number


def _cell_name(name: str) -> str:
    if not name.isprintable() or len(name) > _LONGEST_NAME:
        raise ValueError("the name of a cell is too long or not printable")
    return name


def _name(first: str, last: str) -> str:
    """Korean names are written without a space, the family first."""
    hangul = re.compile("[가-힣]+")
    if hangul.fullmatch(first) and hangul.fullmatch(last):
        return last + first
    return f"{first} {last}".strip()


def _is_name(name: str) -> bool:
    """Whether it is one step of a path, and leads nowhere else."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def _names(folder: Path, folders: bool) -> list[str]:
    """What is in a folder, links and hidden things left aside."""
    try:
        with os.scandir(folder) as entries:
            found = [one.name for one in entries if one.is_dir(follow_symlinks=False) is folders]
    except OSError:
        return []
    return sorted(name for name in found if not name.startswith("."))


def _walk(folder: Path) -> Iterator[Path]:
    """All files and links below, hidden ones left aside; no link is followed."""
    for root, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in links)
        yield from (Path(root) / name for name in sorted([*files, *links]) if not name.startswith("."))


def _words(name: str, notebook: str | None, several: bool) -> str:
    return f"{name}-{notebook}" if several else name


def _keys(names: Sequence[str], prefix: str) -> Mapping[str, str]:
    """A key for each name: small letters, digits, - and _. Where letters were lost, or two would be the same, a bit
    of the name's hash tells them apart."""
    plain = {name: _plain(name, prefix) for name in names}
    often = Counter(plain.values())
    unclear = {name for name, key in plain.items() if not key or not name.isascii() or often[key] > 1}
    return {
        name: f"{key or 'nbgrader'}-{_hash(name)}" if name in unclear and prefix + name != key else key
        for name, key in plain.items()
    }


def _plain(name: str, prefix: str) -> str:
    words = unicodedata.normalize("NFKC", f"{prefix}{name}").lower()
    return re.sub(r"[^a-z0-9_]+", "-", words).strip("-_")[:54].rstrip("-_")


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:6]


def _notes(counts: Mapping[str, int]) -> list[Text]:
    """What the import does otherwise, or not at all."""
    said = {
        "several": (
            "개 과제에는 노트북이 여럿이라 노트북마다 과제 하나로 나누었습니다.",
            "assignment(s) with several notebooks become one assignment a notebook.",
        ),
        "missing": (
            "개 제출은 submitted/에 노트북이 없어 점수만 가져왔습니다.",
            "submission(s) have no notebook in submitted/: their points alone are kept.",
        ),
        "no time": (
            "개 제출에는 제출 시각이 없어 파일의 시각을 썼고, nbgrader처럼 늦지 않은 것으로 보았습니다.",
            "submission(s) have no time: the file's is used, and they are in time, as for nbgrader.",
        ),
        "waits": (
            "개 셀은 사람이 아직 채점하지 않았습니다. 채점된 노트북에서는 nbgrader처럼 0점입니다.",
            "cell(s) still wait for a person: in a notebook that has a grade they are 0, as for nbgrader.",
        ),
        "clipped": (
            "개 노트북은 감점이 점수보다 커서 0점으로 두었습니다. nbgrader는 같은 과제의 다른 노트북에서도 뺍니다.",
            "notebook(s) have a penalty above their points and count 0; nbgrader takes the rest from other notebooks "
            "of the assignment.",
        ),
        "flagged": ("개 제출의 깃발 표시는 가져오지 않았습니다.", "flag(s) on submissions are not kept."),
        "lms": ("명의 LMS 사용자 번호는 가져오지 않았습니다.", "LMS user id(s) are not kept."),
        "feedback": (
            "개 feedback/ 파일은 가져오지 않았습니다(점수와 의견에서 다시 만들어집니다).",
            "file(s) of feedback/ are not kept (they follow from points and comments).",
        ),
        "files": (
            "개 submitted/ 파일은 어느 과제의 노트북도 아니어서 가져오지 않았습니다.",
            "file(s) in submitted/ are no notebook of an assignment and are not kept.",
        ),
        "links": ("개 링크는 따라가지 않았습니다.", "link(s) were not followed."),
        "large": (
            f"개 노트북은 {MAX_BYTES // 2**20} MB보다 커서 가져오지 않았습니다.",
            f"notebook(s) larger than {MAX_BYTES // 2**20} MB are not kept.",
        ),
    }
    notes = [Text(f"{counts[key]}{ko}", f"{counts[key]} {en}") for key, (ko, en) in said.items() if counts[key]]
    if counts["no folder"]:
        notes.append(
            Text(
                "submitted/ 폴더가 없어 노트북은 가져오지 못했습니다(다른 이름이라면 그 이름으로 바꾸어 주세요).",
                "There is no folder submitted/, so no notebooks are kept (if it has another name, rename it).",
            )
        )
    return notes
