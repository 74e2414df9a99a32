"""From the solution notebook to the one that students get: same cells, without the answers."""

from __future__ import annotations

import ast
import json
import re
import warnings
from dataclasses import dataclass, field
from typing import Any, NoReturn

from nbformat import NotebookNode

from grader import files, notebook
from grader.assignment import Assignment
from grader.errors import BadAssignment, BadNotebook
from grader.text import Text

STUB = 'raise NotImplementedError("여기에 코드를 작성하세요 / write your code here")'
LEAK = 20  # a line of the solution this long may not stand anywhere in the release

_BEGIN = re.compile(r"[ \t]*### BEGIN SOLUTION(?:[ \t]+replace with:[ \t]*(?P<line>\S.*?))?[ \t]*")
_END = re.compile(r"[ \t]*### END SOLUTION[ \t]*")
_ANY_MARK = re.compile(r"\b(BEGIN|END)[ \t_-]+SOLUTION\b", re.IGNORECASE)


@dataclass
class _Cut:
    """One cell while its solutions are cut out of it."""

    where: Text
    lines: list[str] = field(default_factory=list)  # what stays
    solution: list[str] = field(default_factory=list)  # what goes
    blocks: int = 0


def release(solution: NotebookNode, assignment: Assignment) -> str:
    """The text of the student's notebook; the same bytes for the same solution."""
    kept = [(n, cell) for n, cell in enumerate(solution["cells"], start=1) if not _instructor(cell)]
    cuts = [_cut(cell, _where(assignment, n)) for n, cell in kept]
    if not any(cut.blocks for cut in cuts):
        _refuse(
            Text(assignment.id, assignment.id),
            "해답 표시(### BEGIN SOLUTION)가 하나도 없습니다. 학생이 채울 곳을 표시해 주세요",
            "no solution is marked (### BEGIN SOLUTION). Mark what students shall fill in",
        )
    _must_not_leak(cuts)
    cells = [_cell(cell, cut, n - 1) for (n, cell), cut in zip(kept, cuts, strict=True)]
    return _text({"cells": cells, "metadata": _metadata(assignment), "nbformat": 4, "nbformat_minor": 5})


def write(assignment: Assignment) -> bool:
    """Brings the student's notebook up to date; whether that changed anything."""
    text = _released(assignment)
    if _current(assignment) == text:
        return False
    files.write(assignment.notebook, text)
    return True


def check(assignment: Assignment) -> bool:
    """Whether the student's notebook is what the solution releases."""
    return _current(assignment) == _released(assignment)


# ------------------------------------------------------------------------------------------------ the cells


def _cut(cell: NotebookNode, where: Text) -> _Cut:
    """Parts a cell into what stays and what goes; raises where the marks do not match."""
    if cell["cell_type"] != "code":
        if _ANY_MARK.search(cell["source"]):
            _refuse(where, "코드 셀이 아닌데 해답 표시가 있습니다", "a solution is marked in a text cell")
        return _Cut(where, cell["source"].split("\n"))
    cut = _Cut(where)
    block: list[str] | None = None
    stub = STUB
    for line in cell["source"].split("\n"):
        if begin := _BEGIN.fullmatch(line):
            if block is not None:
                _refuse(where, "해답 안에 또 BEGIN이 있습니다", "BEGIN SOLUTION stands inside a solution")
            block, stub = [], begin["line"] or STUB
        elif _END.fullmatch(line):
            if block is None:
                _refuse(where, "BEGIN 없이 END가 있습니다", "END SOLUTION has no BEGIN")
            _close(cut, block, stub)
            block = None
        elif _ANY_MARK.search(line):
            mark = repr(line.strip())
            _refuse(where, f"해답 표시를 잘못 썼습니다: {mark}", f"a mark is misspelt: {mark}")
        else:
            (cut.lines if block is None else block).append(line)
    if block is not None:
        _refuse(where, "해답 표시가 닫히지 않았습니다(END 없음)", "a solution is not closed (END is missing)")
    _must_parse(cut)
    return cut


def _close(cut: _Cut, block: list[str], stub: str) -> None:
    """Puts the stub where the block was, indented as the first line of the block."""
    written = [line for line in block if line.strip()]
    if not written:
        _refuse(cut.where, "해답이 비어 있습니다", "the solution between the marks is empty")
    first = written[0]
    cut.lines.append(first[: len(first) - len(first.lstrip())] + stub)
    cut.solution += written
    cut.blocks += 1


def _must_parse(cut: _Cut) -> None:
    if not cut.blocks:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(_plain_python("\n".join(cut.lines)), "<cell>", "exec", _FLAGS, dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        _refuse(
            cut.where,
            f"해답을 뺀 셀이 올바른 Python이 아닙니다({reason})",
            f"without its solution the cell is not valid Python ({reason})",
        )


_FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def _plain_python(source: str) -> str:
    """The cell with its magics turned into calls."""
    from IPython.core.inputtransformer2 import TransformerManager

    return str(TransformerManager().transform_cell(source))


def _must_not_leak(cuts: list[_Cut]) -> None:
    """Raises where a line of a solution can still be read in the release."""
    for cut in cuts:
        for line in {line.strip() for line in cut.solution}:
            for other in cuts:
                if len(line) >= LEAK and line in "\n".join(other.lines):
                    _refuse(
                        other.where,
                        f"해답의 한 줄이 공개되는 노트북에 남아 있습니다: {line!r}",
                        f"a line of the solution is still in the released notebook: {line!r}",
                    )


def _cell(cell: NotebookNode, cut: _Cut, index: int) -> dict[str, Any]:
    tags = cell.get("metadata", {}).get("tags", [])
    released: dict[str, Any] = {
        "cell_type": cell["cell_type"],
        "id": cell.get("id", f"cell-{index}"),
        "metadata": {"tags": list(tags)} if tags else {},
        "source": "\n".join(cut.lines).splitlines(keepends=True),
    }
    if cell["cell_type"] == "code":
        released |= {"execution_count": None, "outputs": []}
    elif cell.get("attachments"):
        released["attachments"] = cell["attachments"]
    return released


def _instructor(cell: NotebookNode) -> bool:
    return "instructor" in cell.get("metadata", {}).get("tags", [])


def _metadata(assignment: Assignment) -> dict[str, Any]:
    return {
        "grader": {"assignment": assignment.id},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


# ------------------------------------------------------------------------------------------------ the files


def _released(assignment: Assignment) -> str:
    try:
        solution = notebook.read(assignment.solution)
    except BadNotebook as error:
        raise BadAssignment(error.text) from error
    return release(solution.node, assignment)


def _current(assignment: Assignment) -> str | None:
    try:
        return assignment.notebook.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None


def _where(assignment: Assignment, number: int) -> Text:
    return Text(f"{assignment.id} 해답의 {number}번째 셀", f"{assignment.id}, cell {number} of the solution")


def _refuse(where: Text, ko: str, en: str) -> NoReturn:
    raise BadAssignment(Text(f"{where.ko}: {ko}.", f"{where.en}: {en}."))
