"""Whatever a box sends as an output, the executed copy is a valid notebook that can be written."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.executed import UNREADABLE, executed
from grader.rpc import Cell

NODE = new_notebook(cells=[new_markdown_cell("글", id="t"), new_code_cell("x", id="a"), new_code_cell("y", id="b")])


def copy_of(*outputs: Any, status: str = "ok") -> Any:
    """The outputs of the first code cell, after a round trip through a file's bytes."""
    cells = [Cell(1, "x", status, 0.5, None, list(outputs)), Cell(2, "y")]
    text = nbformat.writes(executed(NODE, cells)).encode("utf-8")
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    back = nbformat.reads(text.decode(), as_version=4)
    nbformat.validate(back)
    return back.cells[1]


def test_streams_pictures_and_errors_are_kept() -> None:
    cell = copy_of(
        {"output_type": "stream", "name": "stdout", "text": "한\n"},
        {"output_type": "display_data", "data": {"image/png": "iVBO", "text/plain": "Figure"}, "metadata": {}},
        {"output_type": "execute_result", "data": {"text/html": "<b>1</b>"}, "metadata": {}, "execution_count": 99},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]},
    )
    assert [output.output_type for output in cell.outputs] == ["stream", "display_data", "execute_result", "error"]
    assert cell.outputs[0].text == "한\n"
    assert cell.outputs[2].execution_count == cell.execution_count == 1
    assert cell.metadata["grader"] == {"status": "ok", "seconds": 0.5}


@pytest.mark.parametrize("status", ["killed", "not_run"])
def test_a_cell_that_did_not_end_has_no_number(status: str) -> None:
    assert copy_of(status=status).execution_count is None


def test_the_submission_itself_is_not_changed() -> None:
    before = nbformat.writes(NODE)
    copy_of({"output_type": "stream", "name": "stdout", "text": "x"})
    assert nbformat.writes(NODE) == before


HOSTILE: list[Any] = [
    {},
    {"output_type": "stream"},
    {"output_type": "stream", "name": "stdin", "text": "x"},
    {"output_type": "stream", "name": "stdout", "text": 5},
    {"output_type": ["stream"], "name": {}, "text": None},
    {"output_type": "error", "ename": 1, "evalue": None, "traceback": "no list"},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": 7},
    {"output_type": "display_data", "data": "text"},
    {"output_type": "display_data", "data": {"text/plain": {1, 2}}},
    {"output_type": "display_data", "data": {3: "three"}},
    {"output_type": "display_data", "data": {"text/plain": ["a", 1]}},
    {"output_type": "display_data", "data": {"image/png": 3}},
    {"output_type": "display_data", "data": {"text/plain": None}},
    {"output_type": "update_display_data", "data": {}},
    {"output_type": "nonsense", "data": {}},
    {"output_type": None},
]


@pytest.mark.parametrize("output", HOSTILE, ids=str)
def test_an_output_that_is_none_becomes_a_word(output: Any) -> None:
    cell = copy_of(output, {"output_type": "stream", "name": "stdout", "text": "after"})
    assert cell.outputs[0].text == UNREADABLE
    assert cell.outputs[1].text == "after"


def test_lone_surrogates_and_constants_that_json_lacks_are_replaced() -> None:
    cell = copy_of(
        {"output_type": "stream", "name": "stdout", "text": "a\ud800b"},
        {"output_type": "error", "ename": "\udfff", "evalue": "\ud800", "traceback": ["\ud800"]},
        {
            "output_type": "display_data",
            "data": {"application/json": {"\ud800": float("nan")}},
            "metadata": {"x": float("inf")},
        },
    )
    assert cell.outputs[0].text == "a?b"
    assert cell.outputs[2].data == {"application/json": {"?": "nan"}}
    assert cell.outputs[2].metadata == {"x": "inf"}


def test_deep_and_giant_outputs_are_still_valid() -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = [deep]
    giant = {"output_type": "stream", "name": "stdout", "text": "x" * 5_000_000}
    cell = copy_of({"output_type": "display_data", "data": {"a/json": deep}}, giant)
    assert cell.outputs[0].text == UNREADABLE
    assert len(cell.outputs[1].text) == 5_000_000


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
words = st.sampled_from(["stream", "display_data", "execute_result", "error", "update_display_data"])
keys = ["name", "text", "data", "metadata", "ename", "evalue", "traceback", "execution_count", "transient"]


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.builds(
            lambda kind, rest: {**rest, "output_type": kind}, words, st.dictionaries(st.sampled_from(keys), values)
        ),
        max_size=3,
    )
)
def test_no_output_at_all_makes_an_invalid_notebook(outputs: list[dict[str, Any]]) -> None:
    assert len(copy_of(*outputs).outputs) == len(outputs)
