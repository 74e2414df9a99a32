"""Reading a student's notebook: what is accepted, what is mended, what is refused and with which words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import notebook
from grader.assignment import Assignment
from grader.errors import BadNotebook
from grader.text import Text


def code(source: Any = "x = 1", **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    } | more


def document(*cells: Any, **more: Any) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells or [code()])} | more


def parse(data: Any) -> notebook.Notebook:
    """The notebook of bytes, or of a document as JSON."""
    return notebook.parse(data if isinstance(data, bytes) else json.dumps(data).encode(), "hw.ipynb")


def refusal(data: Any) -> Text:
    with pytest.raises(BadNotebook) as caught:
        parse(data)
    return one_paragraph(caught.value.text)


def one_paragraph(text: Text) -> Text:
    assert text.ko
    assert text.en
    assert "\n" not in text.ko + text.en
    assert "Traceback" not in text.en
    return text


# ------------------------------------------------------------------------------------------------ accepted


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4, 5, 6])
def test_every_minor_of_version_4_becomes_a_valid_4_5(minor: int) -> None:
    node = parse(document(code(outputs=[{"output_type": "stream"}]), nbformat_minor=minor)).node
    nbformat.validate(node)
    assert (node.nbformat, node.nbformat_minor) == (4, 5)


def test_version_3_is_upgraded_with_headings_and_code() -> None:
    sheet = {
        "cells": [
            {"cell_type": "heading", "level": 2, "source": ["Title"]},
            {"cell_type": "code", "language": "python", "input": ["x = 1\n", "y = 2"], "outputs": []},
            {"cell_type": "html", "source": "<b>text</b>"},
        ]
    }
    node = parse({"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}).node
    nbformat.validate(node)
    assert [(c.cell_type, c.source) for c in node.cells] == [
        ("markdown", "## Title"),
        ("code", "x = 1\ny = 2"),
        ("markdown", "<b>text</b>"),
    ]


def test_a_byte_order_mark_is_accepted() -> None:
    assert len(parse(b"\xef\xbb\xbf" + json.dumps(document()).encode()).code_cells) == 1


def test_a_source_in_lines_is_joined_and_its_line_ends_are_newlines() -> None:
    assert parse(document(code(["x = 1\r\n", "y = 2\r", "z"]))).code_cells[0].source == "x = 1\ny = 2\nz"


def test_code_cells_carry_their_place_among_all_cells() -> None:
    text = {"cell_type": "markdown", "metadata": {}, "source": "text"}
    cells = parse(document(text, code("a"), text, code("b"))).code_cells
    assert [(cell.index, cell.source) for cell in cells] == [(1, "a"), (3, "b")]


def test_outputs_and_unknown_metadata_are_left_behind() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "100/100"}
    cell = code(outputs=[output], execution_count=7, metadata={"tags": ["keep", "keep", 3], "colab": {}})
    node = parse(document(cell, metadata={"widgets": {"state": 1}, "grader": {"assignment": "xor-mlp"}})).node
    assert node.cells[0].outputs == []
    assert node.cells[0].execution_count is None
    assert node.cells[0].metadata == {"tags": ["keep"]}
    assert set(node.metadata) == {"kernelspec", "language_info", "grader"}


def test_pictures_pasted_into_text_stay() -> None:
    text = {
        "cell_type": "markdown",
        "metadata": {},
        "source": "![](attachment:a.png)",
        "attachments": {"a.png": {"image/png": "aGk=", "text/html": "<script>"}, "b": 3},
    }
    node = parse(document(text, code())).node
    nbformat.validate(node)
    assert node.cells[0].attachments == {"a.png": {"image/png": "aGk="}}


def test_the_same_bytes_give_the_same_node_and_digest() -> None:
    data = json.dumps(document(code(id=None), code(), code(), nbformat_minor=4)).encode()
    first, second = parse(data), parse(data)
    assert first.node == second.node
    assert first.sha256 == second.sha256 != parse(data + b" ").sha256


def test_a_notebook_read_from_a_file_knows_its_path(tmp_path: Path) -> None:
    file = tmp_path / "숙제 1.ipynb"
    file.write_text(json.dumps(document()), encoding="utf-8")
    assert notebook.read(file).path == file


# -------------------------------------------------------------------------------------------------- mended


def test_duplicate_ids_are_renumbered_and_the_first_one_keeps_its_own() -> None:
    node = parse(document(code(id="a"), code(id="a"), code(id="cell-1"), code(id="a"))).node
    ids = [cell.id for cell in node.cells]
    assert ids[0] == "a"
    assert ids[2] == "cell-1"
    assert len(set(ids)) == 4
    nbformat.validate(node)


@pytest.mark.parametrize("identity", [None, 7, "", "with space", "x" * 65, "a\n", ["a"]])
def test_a_missing_or_invalid_id_is_made_of_the_index(identity: Any) -> None:
    node = parse(document(code(id="a"), code(id=identity))).node
    assert node.cells[1].id == "cell-1"
    nbformat.validate(node)


@pytest.mark.parametrize(
    "fault",
    [
        {"metadata": None},
        {"metadata": []},
        {"metadata": {"tags": "instructor"}},
        {"outputs": "none"},
        {"outputs": None},
        {"execution_count": "three"},
        {"attachments": []},
        {"unknown": 1},
    ],
)
def test_what_grading_does_not_need_may_be_wrong(fault: dict[str, Any]) -> None:
    nbformat.validate(parse(document(code(**fault))).node)


@pytest.mark.parametrize("metadata", [None, [], "x", {"kernelspec": 3}, {"language_info": {"name": None}}])
def test_odd_metadata_of_the_notebook_is_ignored(metadata: Any) -> None:
    nbformat.validate(parse(document(metadata=metadata)).node)


def test_lone_surrogates_become_characters_that_a_file_can_hold() -> None:
    source = parse(document(code("x = '\ud800가😀'"))).code_cells[0].source
    assert source == "x = '\ufffd가😀'"


# ------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize("data", [b"", b" \n", b"\xef\xbb\xbf", b"\0" * 100])
def test_an_empty_file_is_called_empty(data: bytes) -> None:
    assert "empty" in refusal(data).en


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_notebook_looks_cut_off(part: float) -> None:
    data = json.dumps(document(code("print('안녕하세요')"), code("y = [1, 2, 3]")), ensure_ascii=False).encode()
    text = refusal(data[: int(len(data) * part)])
    assert "cut off" in text.en
    assert "끊긴" in text.ko


def test_a_notebook_cut_within_a_character_looks_cut_off() -> None:
    data = json.dumps(document(code("가")), ensure_ascii=False).encode()
    assert "cut off" in refusal(data[: data.index("가".encode()) + 1]).en


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"import numpy as np\n", "JSON"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"PK\x03\x04....\xff\xfe", "zip"),
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "PDF"),
        (b'{"cells": [], \xff}', "UTF-8"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b'{"cells": [}]}', "JSON"),
        (b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> x\n]}', "merge"),
        (b'{"cells": [NaN], "nbformat": 4}', "NaN"),
        (b'{"cells": [-Infinity], "nbformat": 4}', "Infinity"),
        (b'{"cells": [' + b"9" * 5000 + b"]}", "number"),
        (b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested"),
        (b'{"a": ' * 100_000 + b"1" + b"}" * 100_000, "nested"),
    ],
)
def test_bytes_that_are_no_notebook_are_named(data: bytes, word: str) -> None:
    assert word in refusal(data).en


@pytest.mark.parametrize(
    "value",
    [
        [],
        "text",
        3,
        None,
        True,
        {},
        {"nbformat": 4},
        {"nbformat": 4, "cells": {}},
        {"cells": []},
        {"nbformat": "4", "cells": []},
        {"nbformat": True, "cells": []},
        {"nbformat": 3, "worksheets": 3},
        {"nbformat": 0},
    ],
)
def test_json_that_is_no_notebook_is_refused(value: Any) -> None:
    assert "no Jupyter notebook" in refusal(value).en


@pytest.mark.parametrize(("version", "word"), [(1, "old"), (2, "old"), (5, "new"), (10**30, "new")])
def test_another_version_is_refused_with_a_word(version: int, word: str) -> None:
    assert word in refusal(document(nbformat=version)).en


@pytest.mark.parametrize(
    "cell",
    [
        None,
        3,
        "x = 1",
        [],
        {},
        {"cell_type": "sql", "source": "x"},
        {"cell_type": ["code"], "source": "x"},
        code(None),
        code(3),
        code({"a": 1}),
        code(["x", 3]),
        {"cell_type": "code"},
    ],
)
def test_a_broken_cell_is_refused_by_its_number(cell: Any) -> None:
    text = refusal(document(code(), cell))
    assert "cell 2" in text.en
    assert "2번째 셀" in text.ko


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "julia-1.10", "display_name": "Julia"}}, "Julia"),
        ({"language_info": {"name": "julia"}}, "julia"),
        ({"kernelspec": {"name": "ir"}}, "R"),
        ({"kernelspec": {"language": "scala\n"}}, "scala"),
    ],
)
def test_the_kernel_of_another_language_is_named(metadata: dict[str, Any], language: str) -> None:
    assert f"notebook in {language}," in refusal(document(metadata=metadata)).en


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        {"kernelspec": {"name": "my-env", "language": "Python"}},
        {"language_info": {"name": "ipython", "version": "3.11"}},
        {"kernelspec": {"name": "irisenv"}},
    ],
)
def test_every_python_kernel_is_welcome(metadata: dict[str, Any]) -> None:
    assert parse(document(metadata=metadata))


def test_a_version_3_cell_in_another_language_is_refused() -> None:
    cells = [{"cell_type": "code", "language": "haskell", "input": "main", "outputs": []}]
    assert "haskell" in refusal({"nbformat": 3, "worksheets": [{"cells": cells}]}).en


@pytest.mark.parametrize(
    "cells", [[], [{"cell_type": "markdown", "source": "text"}], [code(" \n")]], ids=["none", "text", "blank"]
)
def test_a_notebook_without_code_is_refused(cells: list[Any]) -> None:
    assert "no code in it" in refusal(document() | {"cells": cells}).en


def test_two_hundred_thousand_cells_are_refused_quickly() -> None:
    data = json.dumps(document(*[code()] * 200_000)).encode()
    start = time.process_time()
    text = refusal(data)
    assert "200,000" in text.en
    assert time.process_time() - start < 10


def test_as_many_cells_as_allowed_are_read() -> None:
    assert len(parse(document(*[code()] * notebook.MAX_CELLS)).code_cells) == notebook.MAX_CELLS


def test_a_file_of_nothing_but_brackets_is_refused_before_it_eats_memory() -> None:
    assert "too many values" in refusal(b'{"cells": [' + b"[]," * 3_000_000 + b"[]]}").en


def test_brackets_inside_of_text_do_not_count_as_values() -> None:
    assert parse(document(code("x = '" + "[]," * 3_000_000 + "'")))


# ------------------------------------------------------------------------------------------------ the file


def test_a_missing_file_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "homework.ipynb").write_text("{}")
    with pytest.raises(BadNotebook) as caught:
        notebook.read(tmp_path / "homewrok.ipynb")
    assert "Did you mean 'homework.ipynb'?" in one_paragraph(caught.value.text).en


@pytest.mark.parametrize("path", ["nowhere/hw.ipynb", "a\0b", "x" * 5000, "\ud800"])
def test_an_impossible_path_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(BadNotebook) as caught:
        notebook.read(tmp_path / path)
    str(one_paragraph(caught.value.text)).encode()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadNotebook) as caught:
        notebook.read(tmp_path)
    assert "folder" in one_paragraph(caught.value.text).en


def test_a_path_below_a_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadNotebook, match="no such file"):
        notebook.read(tmp_path / "file" / "hw.ipynb")


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "hw.ipynb")
    with pytest.raises(BadNotebook, match="not a regular file"):
        notebook.read(tmp_path / "hw.ipynb")


def test_a_device_is_refused() -> None:
    with pytest.raises(BadNotebook, match="not a regular file"):
        notebook.read(Path("/dev/zero"))


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hw.ipynb"
    file.write_text(json.dumps(document()))
    file.chmod(0)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # root may open it all the same
    with pytest.raises(BadNotebook, match="may not read"):
        notebook.read(file)


def test_a_hundred_megabytes_are_refused_by_their_size_alone(tmp_path: Path) -> None:
    file = tmp_path / "hw.ipynb"
    with file.open("wb") as handle:
        handle.truncate(100 * 2**20)
    start = time.process_time()
    with pytest.raises(BadNotebook, match=r"100\.0 MB"):
        notebook.read(file)
    assert time.process_time() - start < 1


def test_a_file_of_the_largest_size_is_read_within_a_few_times_its_memory() -> None:
    program = """if True:
        import json, resource, sys, time
        from grader import notebook
        cell = {"cell_type": "code", "metadata": {}, "source": ["x = 1\\n"] * 100, "outputs": [
            {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 100_000}}]}
        data = json.dumps({"nbformat": 4, "nbformat_minor": 4, "cells": [cell] * 480}).encode()
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        notebook.parse(data, "hw.ipynb")
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
        sys.exit(f"{grown / len(data)} times, {time.process_time() - start} s"
                 if grown > 4 * len(data) or time.process_time() - start > 5 else 0)
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_module_loads_nothing_heavy() -> None:
    program = "import sys, grader.notebook; sys.exit(bool({'nbconvert', 'torch', 'IPython'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# --------------------------------------------------------------------------------------------- recognising


def assignment(name: str, *defines: str) -> Assignment:
    return Assignment(name, Text(name, name), 1, Path(name), None, dict.fromkeys(defines, "()"))


PERCEPTRON = assignment(
    "perceptron",
    *("step", "predict", "perceptron_update", "fit_perceptron", "gate", "xor"),
    *("mse", "mse_grad", "bce", "bce_grad", "gradient_descent"),
)
XOR = assignment(
    "xor-mlp",
    *("sigmoid", "sigmoid_grad", "init_params", "forward", "loss", "backward"),
    *("train", "build_model", "train_model", "gradient_norms"),
)
DNN = assignment(
    "regularized-dnn",
    *("min_max_fit", "min_max_apply", "standardize_fit", "standardize_apply", "kfold_indices", "init_weight"),
    *("l1_penalty", "l2_penalty", "dropout", "batch_norm", "EarlyStopping", "build_model", "fit", "predict"),
)
LOL = assignment(
    "lol-gpu",
    *("load_split", "fit_scaler", "scale", "make_loader", "build_model", "train", "predict_proba", "fit"),
)
ALL = [PERCEPTRON, XOR, DNN, LOL]


def defining(names: tuple[str, ...], metadata: dict[str, Any] | None = None) -> notebook.Notebook:
    cells = [code(f"%matplotlib inline\ndef {name}():\n    pass\n", id=name) for name in names]
    return parse(document(*cells, code("!pip install torch\nif:"), metadata=metadata or {}))


@pytest.mark.parametrize("of", ALL, ids=lambda a: a.id)
@pytest.mark.parametrize("wanted", ALL, ids=lambda a: a.id)
def test_the_notebook_of_another_assignment_is_recognised(of: Assignment, wanted: Assignment) -> None:
    text = notebook.recognise(defining(tuple(of.defines)), ALL, wanted)
    if of is wanted:
        assert text is None
    else:
        assert text is not None
        assert f"`grader run {of.id} FILE`" in one_paragraph(text).en


def test_names_that_both_assignments_define_tell_nothing() -> None:
    assert notebook.recognise(defining(("train", "build_model", "helper")), ALL, LOL) is None
    assert notebook.recognise(defining(("train", "build_model")), ALL, PERCEPTRON) is None
    small = assignment("small", "train", "build_model", "tune")
    assert notebook.recognise(defining(("train", "build_model")), [*ALL, small], XOR) is None


def test_a_notebook_with_little_in_it_is_taken_at_its_word() -> None:
    assert notebook.recognise(defining(("helper",)), ALL, XOR) is None
    assert notebook.recognise(defining(("sigmoid", "forward")), ALL, PERCEPTRON) is None


def test_the_name_written_into_a_released_notebook_decides_where_the_names_agree() -> None:
    marked = {"grader": {"assignment": "xor-mlp"}}
    assert notebook.recognise(defining(("sigmoid", "forward"), marked), ALL, PERCEPTRON) is not None
    assert notebook.recognise(defining(tuple(PERCEPTRON.defines), marked), ALL, PERCEPTRON) is None


def test_a_notebook_that_names_an_assignment_that_is_not_at_hand_is_taken_at_its_word() -> None:
    elsewhere = {"grader": {"assignment": "next-week"}}
    foreign = defining(("conv", "pool", "predict"), elsewhere)
    text = notebook.recognise(foreign, [XOR, PERCEPTRON], PERCEPTRON)
    assert text is not None
    assert "This is the notebook of next-week, not of perceptron" in one_paragraph(text).en
    assert notebook.recognise(defining(("conv", "pool", "predict")), [], PERCEPTRON) is None  # it says nothing
    assert notebook.recognise(defining(("helper",), {"grader": {"assignment": "perceptron"}}), [], PERCEPTRON) is None
    # who wrote all answers into another week's file, or has one from before the assignment got its name
    assert notebook.recognise(defining(tuple(PERCEPTRON.defines), elsewhere), [], PERCEPTRON) is None


@pytest.mark.parametrize("name", ["", "<b>no name</b>", "x" * 65, 7, None, ["next-week"]])
def test_what_is_no_name_names_no_assignment(name: object) -> None:
    nb = defining(("conv",), {"grader": {"assignment": name}})
    assert notebook.released_for(nb) is None
    assert notebook.recognise(nb, [], PERCEPTRON) is None


def test_only_a_notebook_that_may_name_another_assignment_is_worth_reading() -> None:
    def says(name: str, **more: int) -> bytes:
        return json.dumps({"metadata": {"grader": {"assignment": name}}}, **more).encode()  # type: ignore[arg-type]

    assert notebook.may_name_another(says("next-week"), "perceptron")
    assert notebook.may_name_another(says("next-week", indent=1), "perceptron")
    assert not notebook.may_name_another(says("perceptron"), "perceptron")
    assert not notebook.may_name_another(b"{}", "perceptron")
    assert not notebook.may_name_another(b'"grader":{' * 1_000_000, "perceptron")  # in no time


def test_classes_variables_and_async_functions_are_definitions() -> None:
    nb = parse(document(code("class A:\n    def b(self): ...\nc = 1\nd: int = 2\nasync def e(): ...\nf == 1")))
    wanted = assignment("one", "missing")
    assert notebook.recognise(nb, [assignment("two", "A", "c", "d", "e"), wanted], wanted) is not None
    assert notebook.recognise(nb, [assignment("two", "b", "f"), wanted], wanted) is None


def test_a_cell_in_another_magic_language_defines_nothing() -> None:
    nb = parse(document(code("%%writefile a.py\ndef a(): ..."), code("%%time\ndef b(): ...")))
    wanted = assignment("one", "missing")
    assert notebook.recognise(nb, [assignment("two", "a")], wanted) is None
    assert notebook.recognise(nb, [assignment("two", "b")], wanted) is not None


# -------------------------------------------------------------------------------------------------- fuzzing

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "cells",
                    "cell_type",
                    "source",
                    "metadata",
                    "nbformat",
                    "id",
                    "input",
                    "worksheets",
                    "outputs",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def refuses_or_reads(data: bytes) -> None:
    try:
        node = parse(data).node
    except BadNotebook as error:
        str(one_paragraph(error.text)).encode()
    else:
        nbformat.validate(node)
        nbformat.writes(node).encode()


@FUZZ
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    refuses_or_reads(data)


@FUZZ
@given(VALUES)
def test_arbitrary_json_is_read_or_refused(value: Any) -> None:
    refuses_or_reads(json.dumps(value).encode())


@FUZZ
@given(
    st.fixed_dictionaries(
        {"nbformat": st.sampled_from([3, 4])},
        optional={
            "nbformat_minor": VALUES,
            "metadata": st.dictionaries(st.sampled_from(["kernelspec", "language_info", "grader"]), VALUES, max_size=2),
            "cells": st.lists(
                st.builds(lambda part: code() | part, st.dictionaries(st.sampled_from(list(code())), VALUES))
            ),
            "worksheets": VALUES,
        },
    )
)
def test_arbitrary_values_in_a_notebook_are_read_or_refused(value: dict[str, Any]) -> None:
    refuses_or_reads(json.dumps(value).encode())


@FUZZ
@given(st.data())
def test_a_notebook_with_changed_bytes_is_read_or_refused(data: st.DataObject) -> None:
    valid = bytearray(json.dumps(document(code(), code("가 = 1")), ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(valid) - 1))
        valid[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        if not valid:
            break
    refuses_or_reads(bytes(valid))
