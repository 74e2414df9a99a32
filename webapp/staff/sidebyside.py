"""Two notebooks side by side: which code cells changed, and in them which lines and words.

Both are a student's: a notebook made to be slow to compare is shown without marks. `difflib` needs quadratic time for
some texts, so long lines and long cells are compared as wholes, and all is, once the time is up.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import islice, zip_longest

from grader.errors import BadNotebook
from grader.notebook import parse

SECONDS = 2.0
MOST_CELLS = 300  # whose order is compared, too
MOST_LINES = 1_000  # of a cell that is compared line by line
LONGEST_LINE = 300  # letters of a line that is compared word by word
SHOWN_LINES = 400  # of one cell
SHOWN_LINE = 1_000  # letters
AROUND = 3  # equal lines around a change
_WORDS = re.compile(r"\w+|\s+|.", re.DOTALL)

Part = tuple[str, bool]  # some letters of a line, and whether they changed


class Kind(StrEnum):
    """What became of a cell or line."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    GAP = "gap"  # equal lines that are left out


@dataclass(frozen=True)
class Code:
    """A code cell: its place among all cells, counted from 0, its id and its source."""

    index: int
    id: str
    source: str


@dataclass(frozen=True)
class Line:
    """One row: a line of the one beside a line of the other; numbers count from 1. Of a gap `skipped` lines."""

    kind: Kind
    left: Sequence[Part] = ()
    right: Sequence[Part] = ()
    left_number: int | None = None
    right_number: int | None = None
    skipped: int = 0


@dataclass(frozen=True)
class CellDiff:
    """A cell of the one beside a cell of the other; their places count from 0. `lines` is empty where nothing
    changed; `cut` lines did not fit."""

    kind: Kind
    left: int | None
    right: int | None
    lines: Sequence[Line]
    cut: int = 0


def code_cells(data: bytes) -> list[Code] | None:
    """The code cells of a notebook; None of a file that is none."""
    try:
        node = parse(data, "notebook").node
    except BadNotebook:
        return None
    return [
        Code(index, str(cell["id"]), str(cell["source"]))
        for index, cell in enumerate(node["cells"])
        if cell["cell_type"] == "code"
    ]


def compare(left: Sequence[Code], right: Sequence[Code]) -> list[CellDiff]:
    """Cell by cell, in the order of both."""
    deadline = time.monotonic() + SECONDS
    return [_cell(one, other, deadline) for one, other in _pairs(left, right)]


def _pairs(left: Sequence[Code], right: Sequence[Code]) -> Iterator[tuple[Code | None, Code | None]]:
    """Cells of one id belong together; else those of one text; else those in one place between others. Of very many
    cells those in one place."""
    if max(len(left), len(right)) > MOST_CELLS:
        yield from zip_longest(left, right)
        return
    both = {one.id for one in left} & {one.id for one in right}
    one, other = ([cell.id if cell.id in both else f"\0{cell.source}" for cell in side] for side in (left, right))
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(left[i1:i2], right[j1:j2], strict=True)
        else:
            yield from zip_longest(left[i1:i2], right[j1:j2])


def _cell(left: Code | None, right: Code | None, deadline: float) -> CellDiff:
    places = (left.index if left else None, right.index if right else None)
    if left is not None and right is not None and left.source == right.source:
        return CellDiff(Kind.SAME, *places, ())
    before, after = _split(left), _split(right)
    rows = list(islice(_lines(before, after, deadline), SHOWN_LINES))
    ends = [max((number for number in side if number), default=0) for side in zip(*map(_numbers, rows), strict=True)]
    cut = max(len(side) - end for side, end in zip((before, after), ends or (0, 0), strict=True))
    kind = Kind.ADDED if left is None else Kind.REMOVED if right is None else Kind.CHANGED
    return CellDiff(kind, *places, rows, cut if len(rows) == SHOWN_LINES else 0)


def _numbers(line: Line) -> tuple[int | None, int | None]:
    return line.left_number, line.right_number


def _split(cell: Code | None) -> list[str]:
    return cell.source.split("\n") if cell is not None and cell.source else []


def _lines(left: list[str], right: list[str], deadline: float) -> Iterator[Line]:
    for tag, i1, i2, j1, j2 in _opcodes(left, right, deadline):
        if tag == "equal":
            yield from _equal(left, i1, i2, j1, first=i1 == 0, last=i2 == len(left))
            continue
        for i, j in zip_longest(range(i1, i2), range(j1, j2)):
            yield _line(left, right, i, j, deadline)


def _opcodes(left: list[str], right: list[str], deadline: float) -> Sequence[tuple[str, int, int, int, int]]:
    if max(len(left), len(right)) > MOST_LINES or time.monotonic() > deadline:
        return [("replace", 0, len(left), 0, len(right))]
    return SequenceMatcher(None, left, right).get_opcodes()


def _equal(left: list[str], i1: int, i2: int, j1: int, *, first: bool, last: bool) -> Iterator[Line]:
    """The lines next to a change; what is far from any is left out."""
    head = 0 if first else AROUND
    tail = 0 if last else AROUND
    skipped = (i2 - i1) - head - tail
    for place in range(i2 - i1):
        if skipped > 1 and head <= place < i2 - i1 - tail:
            if place == head:
                yield Line(Kind.GAP, skipped=skipped)
            continue
        words = ((left[i1 + place][:SHOWN_LINE], False),)
        yield Line(Kind.SAME, words, words, i1 + place + 1, j1 + place + 1)


def _line(left: list[str], right: list[str], i: int | None, j: int | None, deadline: float) -> Line:
    if i is None:
        assert j is not None
        return Line(Kind.ADDED, (), _whole(right[j]), None, j + 1)
    if j is None:
        return Line(Kind.REMOVED, _whole(left[i]), (), i + 1, None)
    one, other = _words(left[i], right[j], deadline)
    return Line(Kind.CHANGED, one, other, i + 1, j + 1)


def _whole(line: str) -> tuple[Part, ...]:
    return ((line[:SHOWN_LINE], False),)


def _words(left: str, right: str, deadline: float) -> tuple[Sequence[Part], Sequence[Part]]:
    """The parts of two lines that differ; all of both where they have little in common."""
    if max(len(left), len(right)) > LONGEST_LINE or time.monotonic() > deadline:
        return _whole(left), _whole(right)
    one, other = _WORDS.findall(left), _WORDS.findall(right)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < 0.4:
        return _whole(left), _whole(right)
    lefts: list[Part] = []
    rights: list[Part] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        lefts += [("".join(one[i1:i2]), tag != "equal")] * (i2 > i1)
        rights += [("".join(other[j1:j2]), tag != "equal")] * (j2 > j1)
    return lefts, rights
