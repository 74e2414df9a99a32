"""What a suite tells a leaderboard reaches the store's part of the report, and nothing else."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import grader
from grader.assignment import Catalog
from grader.failed import Failed
from grader.ladder import LEAST
from grader.report import Verdict
from grader.suite import runner
from grader.text import Text

ROOT = Path(grader.__file__).resolve().parent.parent
TOML = 'id = "demo"\nweek = 1\n[title]\nko = "데모"\nen = "Demo"\n[defines]\nf = "(x)"\n'
TEST = """
import numpy as np
import pytest
@pytest.mark.points(100)
@pytest.mark.title(ko="하나", en="one")
def test_one(student, board):
    {body}
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], runner.SuiteRun]:
    """`run("board.record(...)")`: a suite of one check that does this."""

    def ran(body: str) -> runner.SuiteRun:
        folder = tmp_path / "reference/demo/hidden_tests"
        folder.mkdir(parents=True)
        (folder / "test_f.py").write_text(TEST.format(body=body), encoding="utf-8")
        (tmp_path / "assignments/demo/public_tests").mkdir(parents=True)
        (tmp_path / "assignments/demo/assignment.toml").write_text(TOML, encoding="utf-8")
        demo = Catalog(tmp_path / "assignments", tmp_path / "reference").load("demo")
        return runner.run(demo, object())  # type: ignore[arg-type]

    return ran


def test_what_is_recorded_comes_out_beside_the_rows(run: Any) -> None:
    found = run("board.record([np.arange(300) < 150] * 3, np.arange(300) < 100, 'draw')")
    assert (found.board.right_in_public, found.board.n_public) == (100, 100)
    assert (found.board.right_in_private, found.board.n_private) == (50, 200)
    assert not found.metrics
    assert not found.pictures


def test_a_suite_that_records_nothing_has_no_board(run: Any) -> None:
    assert run("pass").board is None


def test_a_board_too_small_to_tell_chance_is_a_fault_of_the_suite(run: Any) -> None:
    found = run(f"board.record([np.ones({LEAST})], np.ones({LEAST}), 'draw')")
    assert found.checks[0].verdict is Verdict.ERROR
    assert found.fault


# ------------------------------------------------------------------------------------------------------ lol-gpu


@pytest.fixture(scope="module")
def oracle() -> ModuleType:
    file = ROOT / "reference/lol-gpu/oracle.py"
    if not file.is_file():
        pytest.skip("the reference folder is not here")
    spec = importlib.util.spec_from_file_location("lol_oracle", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_parts_of_the_lol_board_are_large_and_alike(oracle: ModuleType) -> None:
    X, y, public, draw = oracle.board_matches()
    assert X.shape == (6000, oracle.D)
    assert public.sum() == 3000
    assert abs(y[public].mean() - y[~public].mean()) < 0.001
    assert 1000 < public[:3000].sum() < 2000  # mixed, so that no code in the box can tell the parts apart
    assert len(draw) == 64


def test_no_match_of_the_board_is_graded_on_shipped_or_made_from_a_small_seed(oracle: ModuleType) -> None:
    mine = {row.tobytes() for row in oracle.board_matches()[0]}
    assert len(mine) == 6000
    others = [oracle.held_out_x()]
    for name in ("x_train.csv", "x_test.csv"):
        lines = (ROOT / "assignments/lol-gpu/data/lol" / name).read_text().splitlines()[1:]
        others.append(np.array([[float(cell) for cell in line.split(",")[1:]] for line in lines]))
    others += [np.round(oracle.matches(6000, seed)[0], 1) for seed in range(20)]
    assert not [row for some in others for row in some if row.tobytes() in mine]


def test_a_model_without_an_answer_is_off_the_board_and_loses_nothing(
    oracle: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    y = oracle.board_matches()[1]
    monkeypatch.setattr(oracle, "chances", lambda *_: np.where(np.arange(6000) < 4500, y, 1 - y) * 0.8 + 0.1)
    assert oracle.right_on_board(None, "model", "scaler").sum() == 4500

    def breaks(*_: object) -> None:
        raise Failed(Text("틀림", "wrong"))

    monkeypatch.setattr(oracle, "chances", breaks)
    assert oracle.right_on_board(None, "model", "scaler") is None
