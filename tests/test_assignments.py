"""The assignments of the catalog: complete, released, bilingual, and provably fair."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader import mutants, pipeline, release
from grader.assignment import Assignment, Catalog
from grader.mutants import Trial
from grader.report import Report, Status
from grader.sandbox import Warm, bubblewrap
from grader.suite import runner
from grader.suite.plugin import Check

ROOT = Path(__file__).resolve().parent.parent
CATALOG = Catalog(ROOT / "assignments", ROOT / "reference")
IDS = CATALOG.ids()
CONTRACT = {
    "perceptron": {
        *("step", "predict", "perceptron_update", "fit_perceptron", "gate", "xor"),
        *("mse", "mse_grad", "bce", "bce_grad", "gradient_descent"),
    },
    "xor-mlp": {
        *("sigmoid", "sigmoid_grad", "init_params", "forward", "loss", "backward", "train"),
        *("build_model", "train_model", "gradient_norms"),
    },
    "regularized-dnn": {
        *("min_max_fit", "min_max_apply", "standardize_fit", "standardize_apply", "kfold_indices", "init_weight"),
        *("l1_penalty", "l2_penalty", "dropout", "batch_norm", "EarlyStopping", "build_model", "fit", "predict"),
    },
    "lol-gpu": {
        *("load_split", "fit_scaler", "scale", "make_loader", "build_model", "train", "predict_proba", "fit"),
    },
}
SOME_MUTANTS = 3


def hangul(text: str) -> bool:
    return any("가" <= letter <= "힣" for letter in text)


def latin(text: str) -> bool:
    return any(letter.isascii() and letter.isalpha() for letter in text)


@pytest.fixture(params=IDS)
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return CATALOG.load(request.param)


@cache
def checks_of(name: str) -> tuple[Check, ...]:
    return tuple(runner.outline(CATALOG.load(name)))


@cache
def trials_of(name: str) -> tuple[Trial, ...]:
    return tuple(mutants.trials(CATALOG.load(name)))


def cells_of(assignment: Assignment) -> list[dict[str, Any]]:
    return list(json.loads(assignment.notebook.read_text(encoding="utf-8"))["cells"])


def test_the_assignments_are_there() -> None:
    assert set(CONTRACT) <= set(IDS)


def test_the_contract_is_kept(assignment: Assignment) -> None:
    assert assignment.title.ko != assignment.title.en
    assert hangul(assignment.title.ko)
    if assignment.id in CONTRACT:
        assert set(assignment.defines) == CONTRACT[assignment.id]
    for name, signature in assignment.defines.items():
        compile(f"def {name}{signature}: pass", name, "exec", ast.PyCF_ONLY_AST)


def test_the_released_notebook_is_up_to_date(assignment: Assignment) -> None:
    assert release.check(assignment)


def test_every_text_cell_is_in_both_languages(assignment: Assignment) -> None:
    texts = ["".join(cell["source"]) for cell in cells_of(assignment) if cell["cell_type"] == "markdown"]
    assert texts
    assert not [text for text in texts if not (hangul(text) and latin(text))]


def test_the_notebook_has_a_stub_of_every_name_and_no_solution(assignment: Assignment) -> None:
    code = "\n".join("".join(cell["source"]) for cell in cells_of(assignment) if cell["cell_type"] == "code")
    for name in assignment.defines:
        assert f"def {name}(" in code or f"class {name}" in code
    assert "SOLUTION" not in code
    assert "import grader" not in code
    assert "from grader" not in code


def test_points_sum_to_a_hundred_and_every_name_is_asked_for(assignment: Assignment) -> None:
    assert sum(check.points for check in checks_of(assignment.id)) == 100
    tests = "\n".join(file.read_text() for folder in assignment.test_folders for file in folder.glob("test_*.py"))
    for name in assignment.defines:
        assert f"student.{name}(" in tests or f'"{name}"' in tests


def test_every_check_has_a_title_and_a_hint_in_both_languages(assignment: Assignment) -> None:
    for check in checks_of(assignment.id):
        assert check.title.ko, check.id
        assert latin(check.title.en), check.id
        assert check.hint is not None, check.id
        assert hangul(check.hint.ko), check.id
        assert not hangul(check.hint.en), check.id
        assert not hangul(check.title.en), check.id


def test_there_are_enough_alternatives_and_mutants(assignment: Assignment) -> None:
    kinds = [trial.kind for trial in trials_of(assignment.id)]
    assert kinds.count("alternative") >= 3
    assert kinds.count("mutant") >= 15


def test_every_mutant_is_one_named_misconception_in_both_languages(assignment: Assignment) -> None:
    names = {check.id for check in checks_of(assignment.id)}
    for trial in trials_of(assignment.id):
        if trial.kind == "mutant":
            assert trial.misconception is not None, trial.name
            assert hangul(trial.misconception.ko), trial.name
            assert not hangul(trial.misconception.en), trial.name
            assert trial.trips, trial.name
            assert set(trial.trips) <= names, trial.name


def test_nothing_of_the_reference_is_reachable_from_what_students_get(assignment: Assignment) -> None:
    found = list(assignment.folder.rglob("*"))
    assert not [file for file in found if file.is_symlink()]
    text = "\n".join(file.read_text(encoding="utf-8") for file in found if file.suffix in (".py", ".ipynb", ".toml"))
    for word in ("hidden_tests", "oracle.py", "reference/", "### BEGIN", "### END"):
        assert word not in text


def test_no_line_of_a_solution_is_in_the_released_notebook(assignment: Assignment) -> None:
    """Lines long enough to tell something, which the solution has between its two marks and nowhere else."""
    secret, open_ = set(), set()
    for cell in json.loads(assignment.solution.read_text(encoding="utf-8"))["cells"]:
        inside = False
        for line in "".join(cell["source"]).splitlines():
            inside = (inside or "### BEGIN SOLUTION" in line) and "### END SOLUTION" not in line
            (secret if inside and cell["cell_type"] == "code" else open_).add(line.strip())
    released = {line.strip() for cell in cells_of(assignment) for line in "".join(cell["source"]).splitlines()}
    assert secret
    assert not {line for line in (secret - open_) & released if len(line) > 12}


# how they are graded


@pytest.fixture(scope="module")
def graded() -> Iterator[Callable[[Assignment, Trial], Report]]:
    """The report of a trial, from one warm process for all assignments."""
    if lack := bubblewrap.lacks():
        pytest.skip(lack.text.en)
    needs = sorted({need for each in CATALOG.all() for need in each.needs})
    folders = [each.data for each in CATALOG.all() if each.data.is_dir()]
    with Warm(needs, folders[0] if folders else ROOT / "nowhere") as warm:
        known: dict[str, Report] = {}

        def report(assignment: Assignment, trial: Trial) -> Report:
            if trial.notebook.sha256 not in known:
                known[trial.notebook.sha256] = pipeline.grade(assignment, trial.notebook, warm).report
            return known[trial.notebook.sha256]

        yield report


def test_the_solution_earns_everything_and_the_blank_notebook_its_floor(
    assignment: Assignment, graded: Callable[[Assignment, Trial], Report]
) -> None:
    for trial in trials_of(assignment.id):
        if trial.kind in ("reference", "blank"):
            report = graded(assignment, trial)
            lost = [(row.id, row.message) for row in report.checks if row.points < row.max_points]
            assert report.status is Status.GRADED
            assert report.score == (100 if trial.kind == "reference" else assignment.floor), lost
            assert report.security is not None
            assert report.security.quiet, report.security  # what libraries do by themselves is no attempt


def quick_mutants(name: str) -> list[Trial]:
    """Those whose check most others need, so that these are skipped; each trips another check."""
    checks, by_trip = checks_of(name), {}
    for trial in trials_of(name):
        if trial.kind == "mutant":
            by_trip.setdefault(trial.trips, trial)

    def needed(trips: tuple[str, ...]) -> int:
        lost = set(trips)
        for check in checks:  # in an order in which what is needed comes first
            if any(need in (each, each.partition(".")[0]) for need in check.needs for each in lost):
                lost.add(check.id)
        return len(lost - set(trips))

    return [by_trip[trips] for trips in sorted(by_trip, key=needed, reverse=True)[:SOME_MUTANTS]]


def test_some_mutants_lose_the_check_that_they_name(
    assignment: Assignment, graded: Callable[[Assignment, Trial], Report]
) -> None:
    for trial in quick_mutants(assignment.id):
        report = graded(assignment, trial)
        assert report.status is Status.GRADED
        assert set(trial.trips) <= {row.id for row in report.checks if row.verdict in mutants.LOST}, trial.name
        assert 0 < report.score < 100, trial.name


def test_every_lost_check_says_why_in_both_languages(
    assignment: Assignment, graded: Callable[[Assignment, Trial], Report]
) -> None:
    [blank] = [trial for trial in trials_of(assignment.id) if trial.kind == "blank"]
    for row in graded(assignment, blank).checks:
        if row.points < row.max_points:
            assert row.message is not None, row.id
            assert hangul(row.message.ko), row.id
            assert not hangul(row.message.en), row.id


@pytest.mark.slow
def test_the_suite_is_proved(assignment: Assignment) -> None:
    result = mutants.verify(assignment, workers=2)
    assert [proof.name for proof in result.proofs if not proof.holds] == []
    assert result.unproved == []
    assert [(proof.name, proof.tried) for proof in result.proofs if proof.tried] == []
