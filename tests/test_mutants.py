"""What proves a suite, and what does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import mutants, notebook
from grader.errors import BadAssignment
from grader.mutants import Proof, Verification
from grader.report import Status, Verdict
from grader.text import Text

PASSED, FAILED, SKIPPED = Verdict.PASSED, Verdict.FAILED, Verdict.SKIPPED


def proof(
    kind: str = "mutant", score: float = 50, status: Status = Status.GRADED, trips: str = "a.x", **verdicts: Verdict
) -> Proof:
    found = {f"a.{name}": verdict for name, verdict in verdicts.items()}
    return Proof(kind, "one", (trips,) if kind == "mutant" else (), None, status, None, score, 100, found, 1.0, 5.0)


def test_a_mutant_has_to_lose_the_check_that_it_names() -> None:
    assert proof(x=FAILED, y=PASSED).holds
    assert not proof(x=PASSED, y=FAILED).holds


@pytest.mark.parametrize("verdict", [SKIPPED, Verdict.ERROR])
def test_a_check_that_was_not_asked_is_not_lost(verdict: Verdict) -> None:
    assert not proof(x=verdict).holds


@pytest.mark.parametrize("verdict", [Verdict.TIMEOUT, Verdict.CRASHED, Verdict.REFUSED])
def test_every_way_to_lose_counts(verdict: Verdict) -> None:
    assert proof(x=verdict).holds


def test_a_proof_is_called_by_its_misconceptions_and_by_no_others() -> None:
    lost = proof(x=FAILED)
    assert replace(lost, named=("a", "b"), recognised=("b", "a")).holds
    assert not replace(lost, named=("a",)).holds
    assert not replace(lost, named=("a",), recognised=("a", "b")).holds
    assert not replace(lost, recognised=("a",)).holds
    assert not replace(proof("alternative", 100), recognised=("a",)).holds
    assert not replace(proof("blank", 5), recognised=("a",)).holds


def test_the_ids_of_misconceptions_are_read_from_the_header(tmp_path: Path) -> None:
    file = tmp_path / "sign.py"
    file.write_text("# ko: 부호\n# en: The sign.\n# trips: a.x\n# misconception: a-b, c\nx = 1\n", encoding="utf-8")
    assert mutants.mutant(file, solution()).named == ("a-b", "c")


def test_solutions_earn_everything_and_the_blank_its_floor() -> None:
    assert proof("reference", 100).holds
    assert not proof("alternative", 99.5).holds
    assert proof("blank", 5).holds
    assert not proof("blank", 0).holds
    assert not proof("blank", 10).holds


@pytest.mark.parametrize("status", [Status.ERROR, Status.NOT_GRADABLE])
def test_what_was_not_graded_proves_nothing(status: Status) -> None:
    assert not proof("mutant", status=status, x=FAILED).holds
    assert not proof("reference", 100, status=status).holds


def test_a_check_that_no_mutant_loses_is_unproved() -> None:
    lost = proof(x=FAILED, y=PASSED)
    blank = proof("blank", 5, y=FAILED)  # loses everything, and proves nothing
    result = Verification("demo", ["a.x", "a.y"], [lost, blank])
    assert result.unproved == ["a.y"]
    assert not result.holds
    assert Verification("demo", ["a.x"], [lost, blank]).holds


def test_the_json_of_a_proof_says_what_was_lost() -> None:
    data = Verification("demo", ["a.x"], [proof(x=FAILED, y=SKIPPED)]).as_json()
    assert data["holds"] is True
    assert data["proofs"][0]["lost"] == ["a.x"]
    assert data["proofs"][0]["trips"] == ["a.x"]


def solution() -> notebook.Notebook:
    node = new_notebook(cells=[new_code_cell("def f(x): return x", id="a")])
    return notebook.parse(nbformat.writes(node).encode(), "solution")


def test_a_mutant_is_the_solution_with_one_more_cell(tmp_path: Path) -> None:
    file = tmp_path / "sign.py"
    file.write_text("# ko: 부호\n# en: The sign.\n# trips: a.x, b.y\ndef f(x): return -x\n", encoding="utf-8")
    trial = mutants.mutant(file, solution())
    assert (trial.kind, trial.name, trial.trips) == ("mutant", "sign", ("a.x", "b.y"))
    assert trial.misconception == Text("부호", "The sign.")
    assert trial.notebook.code_cells[0].source == "def f(x): return x"
    assert trial.notebook.code_cells[-1].source.endswith("return -x\n")


def test_lean_cells_have_no_pictures_and_self_checks_and_all_else() -> None:
    cells = [
        "import torch\ntorch.manual_seed(0)\ndef f(x): return x",
        "%matplotlib inline\nlook(f)",
        "def look(g): g(1)\nkept = look(f)",
        "look(f)",
        "x = 1  # stays\nlook(f)\nprint(x)",
    ]
    assert mutants.lean(cells) == [*cells[:3], "x = 1\nprint(x)"]


@pytest.mark.parametrize("missing", ["ko", "en", "trips"])
def test_a_mutant_without_its_header_is_refused(tmp_path: Path, missing: str) -> None:
    file = tmp_path / "sign.py"
    lines = {"ko": "# ko: 부호", "en": "# en: The sign.", "trips": "# trips: a.x"}
    file.write_text("\n".join(line for name, line in lines.items() if name != missing), encoding="utf-8")
    with pytest.raises(BadAssignment, match="must all be there"):
        mutants.mutant(file, solution())


def test_an_alternative_is_a_script_of_cells_or_a_notebook(tmp_path: Path) -> None:
    script, book = tmp_path / "loops.py", tmp_path / "loops.ipynb"
    script.write_text("# %% first\nx = 1\n# %%\n\ny = 2\n")
    nbformat.write(new_notebook(cells=[new_code_cell("x = 1"), new_code_cell("y = 2")]), book)
    for file in (script, book):
        assert [cell.source for cell in mutants.alternative(file).code_cells] == ["x = 1", "y = 2"]
