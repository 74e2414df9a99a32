"""The same notebook gets the same report, whatever runs beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader import pipeline, pool
from grader.assignment import Catalog
from grader.report import Report

CATALOG = Catalog.find()
SAMPLES = CATALOG.reference / "xor-mlp" / "samples"


def without_times(report: Report) -> dict[str, Any]:
    """The report as JSON, less every number of seconds."""
    data = report.as_json()
    data.pop("seconds")
    for row in data["checks"] + data["cells"]:
        row.pop("seconds")
    return data


def grade_in_pool(names: list[str], workers: int) -> list[tuple[str, dict[str, Any]]]:
    """Each sample's report, from a pool of so many workers."""
    jobs = [pool.Job(name, Path(SAMPLES / name)) for name in names]
    setting = pool.Setting(CATALOG.load("xor-mlp"))
    return [(name, without_times(graded.report)) for name, graded in pool.grade_all(setting, jobs, workers)]


def test_a_notebook_gets_one_report_alone_and_beside_another() -> None:
    assignment = CATALOG.load("xor-mlp")
    with pipeline.warm_for(assignment) as warm:
        alone = pipeline.grade(assignment, pipeline.read(SAMPLES / "mistake.ipynb"), warm).report
    beside = dict(grade_in_pool(["mistake.ipynb", "hostile.ipynb"], 2))
    assert beside["mistake.ipynb"] == without_times(alone)
    assert alone.score == 77


@pytest.mark.slow
def test_twenty_runs_alone_and_twenty_in_parallel_give_one_report() -> None:
    runs = grade_in_pool(["mistake.ipynb"] * 20, 1) + grade_in_pool(["mistake.ipynb"] * 20, 4)
    first = runs[0][1]
    assert len(runs) == 40
    assert all(report == first for _, report in runs)
