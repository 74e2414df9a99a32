"""`grader verify --calibrate` and `--false-fails`, on a made-up assignment whose runs are known beforehand."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import calibrate, cli
from grader.assignment import Catalog
from grader.errors import BadAssignment
from grader.sandbox import bubblewrap
from grader.suite.calibration import clopper_pearson, median_misses

TOML = """
id = "demo"
week = 1
[title]
ko = "데모"
en = "Demo"
[defines]
fit = "(seed)"
"""
TEST = """
import pytest
from grader.report import Metric
from grader.suite import checks
pytestmark = [pytest.mark.points(50), pytest.mark.hint(ko="더 배우세요.", en="Learn more.")]

@pytest.mark.title(ko="점수", en="score")
def test_score(student, metrics, curves, seeds):
    value = sorted(student.fit(seed) for seed in seeds)[len(seeds) // 2]
    found = Metric(value, value, value, 100, curves["score"].target)
    checks.measured(found, name="fit", metric="score", curve=curves["score"], metrics=metrics)

@pytest.mark.title(ko="다른 점수", en="another score")
def test_other(student, metrics, curves, seeds):
    value = OTHER
    found = Metric(value, value, value, 100, curves["other"].target)
    checks.measured(found, name="fit", metric="other", curve=curves["other"], metrics=metrics)
"""
MEDIAN = "sorted(student.fit(seed) + 0.05 for seed in seeds)[len(seeds) // 2]"
MEAN = "sum(student.fit(seed) for seed in seeds) / len(seeds)"
# one run in ten of the solution is bad, and every run is a little different
SOLUTION = "def fit(seed):\n    return (0.5 if seed % 10 == 0 else 0.8) + seed % 7 / 100"
BASELINE = "# ko: 약하다.\n# en: Weak.\ndef fit(seed):\n    return 0.3 + seed % 7 / 100\n"
CURVES = {"score": {"baseline": 0.3, "target": 0.7}, "other": {"baseline": 0.3, "target": 0.4}}

lack = bubblewrap.lacks()
pytestmark = pytest.mark.skipif(lack is not None, reason=lack.text.en if lack else "")


@dataclass
class Ended:
    code: int
    out: str
    err: str


@pytest.fixture
def course(tmp_path: Path) -> Path:
    files = {
        "assignments/demo/assignment.toml": TOML,
        "reference/demo/hidden_tests/test_fit.py": TEST.replace("OTHER", MEDIAN),
        "reference/demo/solution.ipynb": nbformat.writes(new_notebook(cells=[new_code_cell(SOLUTION, id="a")])),
        "reference/demo/baseline.py": BASELINE,
        "reference/demo/calibration.json": json.dumps(CURVES),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def verify(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """`verify("--calibrate", 3)` is the command, in this process."""
    monkeypatch.chdir(course)
    monkeypatch.setenv("COLUMNS", "160")

    def call(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["grader", "verify", "demo", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        return Ended(int(end.value.code or 0), out, err)

    return call


def kept(course: Path) -> Any:
    return json.loads((course / "reference/demo/calibration.json").read_text(encoding="utf-8"))


def change(course: Path, name: str, old: str, new: str) -> None:
    file = course / "reference" / "demo" / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_curves_come_from_the_solution_and_the_weak_baseline(course: Path, verify: Callable[..., Ended]) -> None:
    ended = verify("--calibrate", 6, "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == kept(course)
    score = kept(course)["score"]
    assert 0.3 <= score["baseline"] <= 0.36
    assert 0.7 <= score["target"] <= 0.86
    assert score["reference"]["runs"] == score["weak"]["runs"] == 6


def test_misses_are_counted_run_by_run_and_kept(course: Path, verify: Callable[..., Ended]) -> None:
    ended = verify("--false-fails", 20, "--json")
    said = json.loads(ended.out)
    bound = median_misses(clopper_pearson(2, 20))
    assert (ended.code, said["holds"]) == (1, False)
    assert said["metrics"]["score"] | {"one_run_bound": 0.0} == {
        "target": 0.7,
        "runs": 20,
        "missed": 2,
        "median_of_three": True,
        "one_run_bound": 0.0,
        "bound": pytest.approx(bound),
        "estimate": pytest.approx(0.028),
        "triples": 6,
        "triples_missed": 0,
    }
    assert said["metrics"]["other"]["missed"] == 0
    assert said["any_metric"]["missed"] == 2
    assert kept(course)["score"] == CURVES["score"] | {
        "false_fails": {"runs": 20, "missed": 2, "bound": pytest.approx(bound)}
    }


def test_enough_runs_without_a_miss_prove_the_rate(course: Path, verify: Callable[..., Ended]) -> None:
    change(course, "calibration.json", "0.7", "0.45")
    ended = verify("--false-fails", 170)  # over more than one box
    assert ended.code == 0, ended.out + ended.err
    assert "0 / 170" in ended.out
    assert "any of them" in ended.out
    assert "95% 신뢰로 0.001 이하" in ended.out
    assert "at most 0.001, with 95% confidence" in " ".join(ended.out.split())


def test_a_metric_that_is_no_median_is_told_apart(course: Path, verify: Callable[..., Ended]) -> None:
    change(course, "hidden_tests/test_fit.py", MEDIAN, MEAN)
    ended = verify("--false-fails", 20, "--lang", "en")
    assert ended.code == 1
    assert "other: This is not the median over three seeds" in ended.out
    assert "score: This is not" not in ended.out
    assert "any of them" not in ended.out
    assert kept(course)["other"]["false_fails"]["bound"] == pytest.approx(clopper_pearson(0, 20))


def test_seeds_are_none_of_the_calibrations_and_none_twice(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, ...]] = []
    measure = calibrate.runner.measure

    def noting(assignment: Any, student: Any, seeds: tuple[int, ...], **more: Any) -> Any:
        given.append(seeds)
        return measure(assignment, student, seeds, **more)

    monkeypatch.setattr(calibrate.runner, "measure", noting)
    assignment = Catalog(course / "assignments", course / "reference").load("demo")
    calibrate.calibrate(assignment, 2)
    calibrating = [seed for seeds in given for seed in seeds]
    given.clear()
    told: list[str] = []
    calibrate.false_fails(assignment, 9, progress=lambda who, run: told.append(who))
    counting = [seeds[0] for seeds in given if len(seeds) == 1]
    assert len(set(counting)) == 9
    assert not set(counting) & {*calibrating, 0, 1, 2}
    assert [seeds for seeds in given if len(seeds) > 1] == [tuple(counting[i : i + 3]) for i in (0, 3, 6)]
    assert {who: told.count(who) for who in told} == calibrate.trainings(9)


def test_without_curves_there_is_nothing_to_miss(course: Path) -> None:
    assignment = Catalog(course / "assignments", course / "reference").load("demo")
    (course / "reference/demo/calibration.json").unlink()
    with pytest.raises(BadAssignment, match="--calibrate first"):
        calibrate.false_fails(assignment, 3)


def test_one_thing_at_a_time(verify: Callable[..., Ended]) -> None:
    ended = verify("--calibrate", 3, "--false-fails", 3)
    assert ended.code == 2
    assert "one at a time" in ended.err
    assert "하나만" in ended.err
