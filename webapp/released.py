"""The notebook of an assignment as students get it, as cells to be read on a page of ours.

Nothing of it is run and it has no outputs: text goes through the two walls of `grader.quiz.html`, which shows markup
as text, draws formulas and lets nothing act, and code is only coloured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from grader import notebook
from grader.quiz import html
from grader.quiz.render import terminal
from grader.text import Text

_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_NUMBER = re.compile(r"\d+\.[ \t]+")
_HANGUL = re.compile("[가-힣]")


@dataclass(frozen=True)
class Heading:
    """What a cell is about: a title of its own, or the last one above it."""

    number: int  # of the cell, the first is 1
    title: Text


@dataclass(frozen=True)
class Cell:
    """A cell to be read. `anchor` leads to it."""

    number: int
    html: Markup

    @property
    def anchor(self) -> str:
        return anchor(self.number)


def anchor(number: int) -> str:
    """The fragment of a cell's address."""
    return f"cell-{number}"


@lru_cache(maxsize=16)
def cells(file: Path) -> Sequence[Cell]:
    """The cells of a published notebook, a file that never changes. Raises GraderError."""
    return [Cell(number, _shown(kind, source)) for number, _, kind, source in _cells(file)]


@lru_cache(maxsize=64)
def headings(file: Path) -> Mapping[str, Heading]:
    """By the id of a cell what it is about, of a published notebook, a file that never changes. Raises GraderError."""
    found, title = {}, None
    for number, id, kind, source in _cells(file):
        own = _title([words for level, words in _lines(source) if level]) if kind == "markdown" else None
        title = own or title
        if id and title:
            found[id] = Heading(number, title)
    return found


def _cells(file: Path) -> Iterator[tuple[int, str, str, str]]:
    """Number, id, kind and source of each cell."""
    for number, cell in enumerate(notebook.parse(file.read_bytes(), file.name).node["cells"], start=1):
        source = cell.get("source", "")
        yield number, str(cell.get("id", "")), str(cell.get("cell_type")), source if isinstance(source, str) else ""


def _shown(kind: str, source: str) -> Markup:
    if kind != "markdown":
        return html.code(source, "python" if kind == "code" else "text") if source.strip() else Markup("")
    parts = []
    for level, lines in groupby(_lines(source), key=lambda line: line[0]):
        words = [line for _, line in lines]
        if level:
            tag = "h2" if level <= 2 else "h3"  # the page itself has the one of the first level
            parts += [Markup("<{0}>{1}</{0}>").format(Markup(tag), html.inline(line)) for line in words]
        else:
            parts.append(html.stem("\n".join(words)))
    return Markup("\n").join(parts)


def _lines(source: str) -> Iterator[tuple[int, str]]:
    """Each line with the level of the heading that it is, 0 for one that is none, as within a fence."""
    fenced = False
    for line in source.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else _HEADING.fullmatch(line)
        yield (0, line) if heading is None else (len(heading[1]), heading[2])


def _title(lines: Sequence[str]) -> Text | None:
    """Of the headings of a cell: Korean and English beside each other, as in "1. 순전파 · The forward pass", or below
    each other."""
    if not lines:
        return None
    ko, sign, en = lines[0].partition(" · ")
    if not sign:
        en = next((line for line in lines if not _HANGUL.search(line)), ko)
    elif (number := _NUMBER.match(ko)) and not _NUMBER.match(en):
        en = number[0] + en[:1].upper() + en[1:]
    return Text(_plain(ko), _plain(en))


def _plain(words: str) -> str:
    return " ".join(re.sub(r"[`*]", "", terminal(words)).split())
