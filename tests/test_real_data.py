"""Grading on a folder of one's own matches: what the notebook learns from, and what it never sees."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import lol, mutants, own_data, pipeline
from grader import notebook as notebooks
from grader.assignment import HARD_CAPS, Assignment, Catalog
from grader.batch import Reports
from grader.errors import BadInput
from grader.notebook import Notebook
from grader.report import Report, Status, Verdict
from grader.rpc import Session, Student
from grader.sandbox import Backend, Device

CATALOG = Catalog.find()
LOL = CATALOG.load("lol-gpu")
GAMES, TESTS = 2500, 300
Break = Callable[[Path], object]


@pytest.fixture(scope="module")
def matches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("matches")
    lol.write(folder, GAMES, 77, TESTS)
    return folder


@pytest.fixture(scope="module")
def prepared(matches: Path) -> Iterator[Assignment]:
    with own_data.graded_on(LOL, matches) as assignment:
        yield assignment


@contextmanager
def boxed(assignment: Assignment, source: str) -> Iterator[Student]:
    """A student whose notebook is this one cell, which has run."""
    with (
        pipeline.warm_for(replace(assignment, needs=()), device=Device.CPU) as warm,
        Session(warm, assignment.limits, [(0, source)]) as session,
    ):
        session.run_notebook(lambda cell: None)
        yield Student(session, assignment.defines, {0: source.count("\n") + 1})


def grade(assignment: Assignment, notebook: Notebook) -> Report:
    return pipeline.grade_alone(assignment, notebook, Backend.BUBBLEWRAP, device=Device.SIMULATED).report


def verdicts(report: Report) -> dict[str, Verdict]:
    return {check.id: check.verdict for check in report.checks}


def test_the_solution_earns_all_points_on_another_folder(prepared: Assignment) -> None:
    report = grade(prepared, notebooks.read(LOL.solution))
    assert (report.status, report.score) == (Status.GRADED, 100), [c for c in report.checks if c.points < c.max_points]
    metric = report.metrics["held_out_accuracy"]
    assert metric.n == TESTS
    assert 0.95 < (metric.threshold or 0) < 0.98  # lower by what chance takes with so few
    assert metric.low < (metric.threshold or 0) <= metric.value  # as it is with so few, and so a tip says
    [row] = [check for check in report.checks if check.id == "fit.held_out"]
    assert row.message is not None
    assert "on other matches it might be missed" in row.message.en
    assert row.misconception is None
    assert report.environment["test_matches"] == TESTS
    assert report.environment["training_matches"] == GAMES
    assert report.environment["data"] == (prepared.own_data and prepared.own_data.sha256[:12])
    assert report.suite_version == LOL.suite_version


def test_who_forgets_the_scaler_loses_the_accuracy(prepared: Assignment) -> None:
    source = (LOL.solution.parent / "mutants" / "fit_forgets_scaler.py").read_text(encoding="utf-8")
    report = grade(prepared, mutants.with_cell(notebooks.read(LOL.solution), source))
    assert verdicts(report)["fit.held_out"] is Verdict.FAILED


SNOOP = """
import os
seen = []
for folder, folders, files in os.walk("/"):
    folders[:] = [one for one in folders if one not in ("proc", "sys")]
    seen += [os.path.join(folder, file) for file in files if file.startswith(("x_", "y_")) and file.endswith(".csv")]
here = sorted(os.listdir("data/lol"))
rows = [sum(1 for _ in open(os.path.join("data/lol", name))) - 1 for name in here]
try:
    text = open("data/lol/y_test.csv").read()
except FileNotFoundError as error:
    text = None
"""


def test_the_box_holds_the_folder_but_not_its_test_labels(prepared: Assignment) -> None:
    with boxed(prepared, SNOOP) as student:
        assert student.get("here") == ["x_test.csv", "x_train.csv", "y_train.csv"]
        assert student.get("rows") == [TESTS, GAMES, GAMES]
        assert student.get("text") is None
        assert not [name for name in student.get("seen") if "y_test" in name]


def test_no_file_that_is_prepared_holds_the_labels(prepared: Assignment, matches: Path) -> None:
    labels = (matches / "y_test.csv").read_bytes()
    assert prepared.own_data is not None
    files = [file for file in prepared.own_data.folder.parent.rglob("*") if file.is_file()]
    assert sorted(file.name for file in files) == ["x_test.csv", "x_train.csv", "y_train.csv"]
    assert all(labels not in file.read_bytes() for file in files)
    assert np.array_equal(prepared.own_data.y_test, lol.make(TESTS, 77, 1)[1])


def test_the_copy_is_gone_when_grading_ends(matches: Path) -> None:
    with own_data.graded_on(LOL, matches) as assignment:
        assert assignment.data.is_dir()
    assert not assignment.data.parent.exists()
    assert LOL.own_data is None


def test_more_matches_get_more_time_within_the_hard_caps(prepared: Assignment, tmp_path: Path) -> None:
    assert prepared.limits.call_seconds == LOL.limits.call_seconds  # fewer than are shipped
    lol.write(tmp_path, 12_000, 1, 100)
    with own_data.graded_on(LOL, tmp_path) as larger:
        assert 2 * LOL.limits.call_seconds < larger.limits.call_seconds <= HARD_CAPS["call_seconds"]
        assert larger.limits.memory_mb > LOL.limits.memory_mb


def test_other_files_have_another_name(prepared: Assignment, tmp_path: Path) -> None:
    lol.write(tmp_path, GAMES, 77, TESTS)
    labels = (tmp_path / "y_test.csv").read_text()
    assert prepared.own_data is not None
    with own_data.graded_on(LOL, tmp_path) as same:
        assert same.own_data is not None
        assert same.own_data.facts == prepared.own_data.facts
    (tmp_path / "y_test.csv").write_text(labels[:-2] + ("0" if labels[-2] == "1" else "1") + "\n")
    with own_data.graded_on(LOL, tmp_path) as other:
        assert other.own_data is not None
        assert other.own_data.facts["data"] != prepared.own_data.facts["data"]


def cut(name: str) -> Break:
    """Takes the last row away."""
    return lambda folder: (folder / name).write_text("".join((folder / name).read_text().splitlines(True)[:-1]))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "x_train.csv").unlink(), "x_train.csv: there is no such file"),
        (lambda folder: (folder / "y_test.csv").unlink(), "the notebook never sees it"),
        (cut("y_test.csv"), "x_test.csv has 5 rows, but y_test.csv has 4"),
        (lambda folder: (folder / "x_test.csv").write_text(""), "it is empty"),
    ],
)
def test_a_folder_with_a_fault_is_refused_in_a_sentence(tmp_path: Path, spoil: Break, said: str) -> None:
    lol.write(tmp_path, 20, 3, 5)
    spoil(tmp_path)
    with pytest.raises(BadInput) as caught, own_data.graded_on(LOL, tmp_path):
        pass
    assert said in caught.value.text.en
    assert "grader data check" in caught.value.text.en
    assert "grader data check" in caught.value.text.ko


def grader(*words: object) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "grader", *map(str, words)]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=300)


def test_an_assignment_without_data_and_a_folder_that_is_none_say_so(matches: Path, tmp_path: Path) -> None:
    notebook = CATALOG.load("perceptron").notebook
    for words, ko, en in (
        (("run", "perceptron", notebook, "--data", matches), "다른 자료로 채점할 수 없습니다", "takes no data"),
        (("batch", "perceptron", notebook.parent, "--data", matches), "다른 자료로", "Run this without --data"),
        (("run", "lol-gpu", LOL.notebook, "--data", tmp_path / "none"), "폴더가 아닙니다", "is not a folder"),
    ):
        done = grader(*words)
        assert done.returncode == 2
        assert ko in done.stderr
        assert en in done.stderr
        assert "Traceback" not in done.stderr


def empty(file: Path) -> None:
    """A notebook that defines just enough to be this assignment's."""
    cells = [new_code_cell("def load_split(folder): ...\ndef fit(folder, device, seed): ...", id="only")]
    nbformat.write(new_notebook(cells=cells), file)


def test_a_batch_is_graded_on_the_folder_and_graded_anew_on_another(matches: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    empty(file)
    done = grader("batch", "lol-gpu", tmp_path, "--data", matches, "--workers", 1, "--json", "--device", "simulated")
    assert done.returncode == 1, done.stderr
    reports = Reports(tmp_path / "reports-lol-gpu")
    report = json.loads(reports.file(Path("a.ipynb")).read_text())
    assert report["environment"]["test_matches"] == TESTS
    assert str(matches) not in json.dumps(report)
    assert not reports.is_done(Path("a.ipynb"), file, LOL)
    with own_data.graded_on(LOL, matches) as same:
        assert reports.is_done(Path("a.ipynb"), file, same)
