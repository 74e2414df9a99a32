"""The executed copy of a notebook: the student's cells with the outputs that our run made."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from grader.rpc import Cell

UNREADABLE = "(이 출력은 읽을 수 없습니다 / this output could not be read)"


def executed(node: NotebookNode, cells: Sequence[Cell]) -> NotebookNode:
    """A valid notebook; whatever a box sent as an output is made to fit the format, or replaced by a word."""
    result = copy.deepcopy(node)
    count = 0
    for cell in cells:
        target = result.cells[cell.index]
        target.outputs = [_output(output, count + 1) for output in cell.outputs]
        target.execution_count = None
        if cell.status in ("ok", "error"):
            count += 1
            target.execution_count = count
        target.metadata["grader"] = {"status": cell.status, "seconds": round(cell.seconds, 4)}
    nbformat.validate(result)
    return result


def _output(output: dict[str, Any], count: int) -> NotebookNode:
    try:
        made = _build(output, count)
        nbformat.validate(made, ref="output", version=4, version_minor=5)
        return made
    except (KeyError, TypeError, ValueError, AttributeError, nbformat.ValidationError):
        return new_output("stream", name="stderr", text=UNREADABLE)


def _build(output: dict[str, Any], count: int) -> NotebookNode:
    kind = output["output_type"]
    if kind == "stream":
        return new_output("stream", name=_one_of(output["name"], "stdout", "stderr"), text=_text(output["text"]))
    if kind == "error":
        lines = [_text(line) for line in list(output["traceback"])[:500]]
        return new_output("error", ename=_text(output["ename"]), evalue=_text(output["evalue"]), traceback=lines)
    data = {_text(name): _plain(value) for name, value in dict(output["data"]).items()}
    metadata = {_text(name): _plain(value) for name, value in dict(output.get("metadata") or {}).items()}
    if kind == "execute_result":
        return new_output(kind, data=data, metadata=metadata, execution_count=count)
    return new_output(_one_of(kind, "display_data"), data=data, metadata=metadata)


def _one_of(word: Any, *allowed: str) -> str:
    if word not in allowed:
        raise ValueError(word)
    return str(word)


def _text(value: Any) -> str:
    """Text that can be written as UTF-8: a lone surrogate becomes a question mark."""
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value.encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > 20:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_text(str(name)): _plain(item, depth + 1) for name, item in value.items()}
    raise TypeError(type(value).__name__)
