"""From the solution notebook to the student's: what goes, what stays, and which slips are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader import notebook, release
from grader.assignment import Assignment
from grader.errors import BadAssignment, BadInput
from grader.text import Text

SIGMOID = '''def sigmoid(z):
    """Docstring, kept."""
    ### BEGIN SOLUTION
    # the stable form
    return 1 / (1 + np.exp(-z))
    ### END SOLUTION

print("kept")'''


def cells(*sources: str) -> nbformat.NotebookNode:
    return solution(*(nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)))


def solution(*nodes: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=list(nodes), metadata={"colab": {"name": "x"}})


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    """An assignment with a public and a reference folder, both empty."""
    folder, reference = tmp_path / "assignments" / "xor-mlp", tmp_path / "reference" / "xor-mlp"
    folder.mkdir(parents=True)
    reference.mkdir(parents=True)
    return Assignment("xor-mlp", Text("과제", "assignment"), 4, folder, reference, {"sigmoid": "(z)"})


def released(node: nbformat.NotebookNode, assignment: Assignment) -> list[dict[str, Any]]:
    document = json.loads(release.release(node, assignment))
    nbformat.validate(nbformat.from_dict(document))
    return [{**cell, "source": "".join(cell["source"])} for cell in document["cells"]]


def refusal(node: nbformat.NotebookNode, assignment: Assignment) -> Text:
    with pytest.raises(BadAssignment) as caught:
        release.release(node, assignment)
    assert "xor-mlp" in caught.value.text.ko
    return caught.value.text


# --------------------------------------------------------------------------------------------- what is made


def test_the_solution_becomes_a_stub_at_its_own_indentation(assignment: Assignment) -> None:
    (cell,) = released(cells(SIGMOID), assignment)
    assert cell["source"] == (
        'def sigmoid(z):\n    """Docstring, kept."""\n'
        '    raise NotImplementedError("여기에 코드를 작성하세요 / write your code here")\n\nprint("kept")'
    )


def test_the_indentation_is_that_of_the_first_line_and_not_of_the_mark(assignment: Assignment) -> None:
    source = "def f():\n### BEGIN SOLUTION\n\n        x = 1\n        return x\n### END SOLUTION"
    (cell,) = released(cells(source), assignment)
    assert cell["source"] == f"def f():\n        {release.STUB}"


def test_another_line_than_the_default_can_be_released(assignment: Assignment) -> None:
    source = "### BEGIN SOLUTION replace with: ANSWER = None  # 답\nANSWER = 42\n### END SOLUTION"
    (cell,) = released(cells(source), assignment)
    assert cell["source"] == "ANSWER = None  # 답"


def test_one_cell_may_hold_several_solutions(assignment: Assignment) -> None:
    first, second = "### BEGIN SOLUTION", "### BEGIN SOLUTION replace with: b = 2"
    source = f"a = 0\n{first}\na = 1\n### END SOLUTION\nb = 0\n{second}\nb = 3\n### END SOLUTION"
    (cell,) = released(cells(source), assignment)
    assert cell["source"] == f"a = 0\n{release.STUB}\nb = 0\nb = 2"


def test_cells_with_magics_and_await_are_released(assignment: Assignment) -> None:
    source = "%matplotlib inline\n!ls\nawait f()\n" + SIGMOID
    (cell,) = released(cells(source), assignment)
    assert cell["source"].startswith("%matplotlib inline\n!ls\nawait f()\n")


def test_cells_of_the_instructor_are_left_out(assignment: Assignment) -> None:
    secret = nbformat.v4.new_code_cell("### BEGIN SOLUTION\nnever closed", metadata={"tags": ["instructor"]})
    text = nbformat.v4.new_markdown_cell("notes", metadata={"tags": ["instructor", "x"]})
    kept = released(solution(secret, text, nbformat.v4.new_code_cell(SIGMOID, id="s")), assignment)
    assert [cell["id"] for cell in kept] == ["s"]


def test_ids_tags_and_pictures_stay_and_outputs_and_other_metadata_go(assignment: Assignment) -> None:
    picture = {"a.png": {"image/png": "aGk="}}
    text = nbformat.v4.new_markdown_cell("![](attachment:a.png)", id="text", attachments=picture)
    code = nbformat.v4.new_code_cell(SIGMOID, id="code", execution_count=3)
    code.metadata = {"tags": ["self-check"], "executionInfo": {"user": {"displayName": "Kim"}}}
    code.outputs = [nbformat.v4.new_output("stream", text="1 / (1 + np.exp(-z))")]
    kept = released(solution(text, code), assignment)
    assert (kept[0]["id"], kept[0]["attachments"]) == ("text", picture)
    assert kept[1] == kept[1] | {"id": "code", "outputs": [], "execution_count": None}
    assert kept[1]["metadata"] == {"tags": ["self-check"]}


def test_the_text_is_sorted_readable_and_says_whose_it_is(assignment: Assignment) -> None:
    text = release.release(cells(SIGMOID), assignment)
    document = json.loads(text)
    assert document["metadata"]["grader"] == {"assignment": "xor-mlp"}
    assert set(document["metadata"]) == {"grader", "kernelspec", "language_info"}
    assert text == json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert "여기에 코드를 작성하세요" in text


def test_the_same_solution_gives_the_same_bytes(assignment: Assignment) -> None:
    node = cells(SIGMOID, "x = 1")
    before = nbformat.from_dict(json.loads(json.dumps(node)))
    assert release.release(node, assignment) == release.release(node, assignment)
    assert node == before


def test_what_is_released_can_be_read_as_a_students_notebook(assignment: Assignment) -> None:
    text = release.release(cells(SIGMOID), assignment)
    assert notebook.parse(text.encode(), "notebook.ipynb").node.metadata.grader.assignment == "xor-mlp"


# ------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x = 1", "no solution is marked"),
        ("### BEGIN SOLUTION\nx = 1", "not closed"),
        ("x = 1\n### END SOLUTION", "no BEGIN"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\nx\n### END SOLUTION", "inside a solution"),
        ("### BEGIN SOLUTION\n\n  \n### END SOLUTION", "empty"),
        ("# BEGIN SOLUTION\nx = 1\n# END SOLUTION", "misspelt"),
        ("### Begin solution\nx = 1\n### End solution", "misspelt"),
        ("### BEGIN SOLUTION replaced by: x\nx = 1\n### END SOLUTION", "misspelt"),
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTIONS", "not closed"),
        ("x = (\n### BEGIN SOLUTION\n1)\n### END SOLUTION", "not valid Python"),
        ("### BEGIN SOLUTION replace with: x =\nx = 1\n### END SOLUTION", "not valid Python"),
        ("if x:\n    ### BEGIN SOLUTION\n    y = 1\n    ### END SOLUTION\n  z = 2", "not valid Python"),
    ],
)
def test_a_slip_in_the_marks_is_refused_with_its_cell(assignment: Assignment, source: str, reason: str) -> None:
    assert reason in refusal(cells(source), assignment).en


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_mark_outside_of_code_is_refused(assignment: Assignment, kind: str) -> None:
    text = getattr(nbformat.v4, f"new_{kind}_cell")("### BEGIN SOLUTION\nx\n### END SOLUTION")
    node = solution(text, nbformat.v4.new_code_cell(SIGMOID))
    assert "cell 1 of the solution: a solution is marked in a text cell" in refusal(node, assignment).en


def test_a_line_of_the_solution_that_stays_readable_elsewhere_is_refused(assignment: Assignment) -> None:
    text = nbformat.v4.new_markdown_cell("The answer: `return 1 / (1 + np.exp(-z))`, of course.")
    reason = refusal(solution(nbformat.v4.new_code_cell(SIGMOID), text), assignment).en
    assert "cell 2" in reason
    assert "return 1 / (1 + np.exp(-z))" in reason


def test_a_short_line_may_stand_elsewhere(assignment: Assignment) -> None:
    assert released(cells("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "x = 1"), assignment)


# -------------------------------------------------------------------------------------------- on the disk


def save(assignment: Assignment, node: nbformat.NotebookNode) -> None:
    assignment.solution.write_text(nbformat.writes(node), encoding="utf-8")


def test_writing_twice_changes_nothing_the_second_time(assignment: Assignment) -> None:
    save(assignment, cells(SIGMOID))
    assert release.write(assignment)
    before = assignment.notebook.read_bytes()
    assert not release.write(assignment)
    assert assignment.notebook.read_bytes() == before
    assert [file.name for file in assignment.folder.iterdir()] == ["notebook.ipynb"]


def test_check_tells_whether_the_file_is_up_to_date(assignment: Assignment) -> None:
    save(assignment, cells(SIGMOID))
    assert not release.check(assignment)
    release.write(assignment)
    assert release.check(assignment)
    assignment.notebook.write_bytes(assignment.notebook.read_bytes().replace(b"\n", b"\r\n"))
    assert not release.check(assignment)


def test_a_solution_with_duplicate_ids_is_released_with_unique_ones(assignment: Assignment) -> None:
    node = cells(SIGMOID, "x = 1")
    assignment.solution.write_text(json.dumps(node).replace('"c1"', '"c0"'), encoding="utf-8")
    release.write(assignment)
    document = json.loads(assignment.notebook.read_text(encoding="utf-8"))
    assert [cell["id"] for cell in document["cells"]] == ["c0", "cell-1"]


def test_a_missing_or_broken_solution_is_the_instructors_fault(assignment: Assignment) -> None:
    with pytest.raises(BadAssignment, match="no such file"):
        release.write(assignment)
    assignment.solution.write_text("{")
    with pytest.raises(BadAssignment, match="cut off"):
        release.check(assignment)


def test_without_a_reference_folder_nothing_can_be_released(assignment: Assignment, tmp_path: Path) -> None:
    public = Assignment("xor-mlp", assignment.title, 4, assignment.folder, None, {})
    with pytest.raises(BadAssignment, match="reference folder"):
        release.write(public)


def test_a_write_that_fails_leaves_the_old_notebook_and_no_litter(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment.notebook.write_text("old")
    save(assignment, cells(SIGMOID))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BadInput, match="No space left"):
        release.write(assignment)
    assert [file.name for file in assignment.folder.iterdir()] == ["notebook.ipynb"]
    assert assignment.notebook.read_text() == "old"
