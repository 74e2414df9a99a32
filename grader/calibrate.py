"""Runs the measuring checks of a suite many times: proposes what each metric earns, and counts how often the
reference misses it."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from grader import mutants, pipeline
from grader import notebook as notebooks
from grader.assignment import HARD_CAPS, Assignment
from grader.errors import BadAssignment
from grader.notebook import Notebook
from grader.rpc import Session, Student
from grader.sandbox import Backend, Warm
from grader.suite import runner
from grader.suite.calibration import Calibrated, FalseFails, curves, propose
from grader.text import Text

SEEDS_A_RUN = 3
FIRST_SEED = 1000  # away from those of a grading
FIRST_OTHER_SEED = 1_000_000  # of the runs that count false fails, away from those that the target comes from
RUNS_A_BOX = 100  # what calls keep in a box, and the seconds that they take together, stay far from any limit
MEDIAN_TRIALS = 5  # times that three seeds at once are compared with the median of the three


def calibrate(
    assignment: Assignment,
    runs: int,
    *,
    backend: Backend = Backend.BUBBLEWRAP,
    progress: Callable[[str, int], None] = lambda who, run: None,
) -> Mapping[str, Calibrated]:
    """A curve for each metric, from `runs` runs of the solution and as many of the weak baseline. Raises
    BadAssignment where there is no baseline or nothing is measured."""
    solution = notebooks.read(assignment.solution)
    weak = mutants.with_cell(solution, _baseline(assignment))
    seeds = [
        range(first, first + SEEDS_A_RUN) for first in range(FIRST_SEED, FIRST_SEED + runs * SEEDS_A_RUN, SEEDS_A_RUN)
    ]
    with pipeline.warm_for(assignment, backend) as warm:
        reference = _values(assignment, solution, warm, seeds, lambda run: progress("solution", run))
        baseline = _values(assignment, weak, warm, seeds, lambda run: progress("baseline", run))
    if not reference or set(reference) != set(baseline):
        raise _refuse(assignment, "no check measures something with `curves`, or the two measured different things")
    return {name: propose(values, baseline[name]) for name, values in reference.items()}


def false_fails(
    assignment: Assignment,
    runs: int,
    *,
    backend: Backend = Backend.BUBBLEWRAP,
    progress: Callable[[str, int], None] = lambda who, run: None,
) -> Mapping[str, FalseFails]:
    """How often the solution misses the kept target of each metric, in `runs` runs of one seed each, none of them a
    seed of the calibration.

    A few times the same three seeds are given at once, as in a grading: a metric that then is not the median of the
    three single runs is told apart. Raises BadAssignment where no curve is kept for what is measured."""
    solution, kept = notebooks.read(assignment.solution), curves(assignment)
    seeds = range(FIRST_OTHER_SEED, FIRST_OTHER_SEED + runs)
    threes = [seeds[first : first + SEEDS_A_RUN] for first in range(0, runs - SEEDS_A_RUN + 1, SEEDS_A_RUN)]
    threes = threes[:MEDIAN_TRIALS]
    with pipeline.warm_for(assignment, backend) as warm:
        together = _values(assignment, solution, warm, threes, lambda run: progress(THREE_SEEDS, run))
        singles = _values(assignment, solution, warm, [[seed] for seed in seeds], lambda run: progress(ONE_SEED, run))
    if not singles or not set(singles) <= set(kept):
        raise _refuse(assignment, "calibration.json has no curve for what is measured; use --calibrate first")
    return {
        name: FalseFails(
            tuple(kept[name].earned(value) < 1 for value in values),
            kept[name].target,
            is_median=together.get(name) == _medians(values, len(threes)),
        )
        for name, values in singles.items()
    }


THREE_SEEDS, ONE_SEED = "three seeds", "one seed"


def trainings(runs: int) -> Mapping[str, int]:
    """What `false_fails` reports its progress of, and how many of each."""
    return {THREE_SEEDS: min(MEDIAN_TRIALS, runs // SEEDS_A_RUN), ONE_SEED: runs}


def _medians(values: Sequence[float], count: int) -> list[float]:
    """The median of each of the first threes."""
    return [statistics.median(values[3 * i : 3 * i + 3]) for i in range(count)]


def _values(
    assignment: Assignment,
    notebook: Notebook,
    warm: Warm,
    seeds: Sequence[Sequence[int]],
    progress: Callable[[int], None],
) -> dict[str, list[float]]:
    """Each metric's values, one a run; every run has seeds of its own."""
    values: dict[str, list[float]] = defaultdict(list)
    for first in range(0, len(seeds), RUNS_A_BOX):
        for run, metrics in enumerate(_measured(assignment, notebook, warm, seeds[first : first + RUNS_A_BOX]), first):
            for name, value in metrics.items():
                values[name].append(value)
            progress(run)
    return dict(values)


def _measured(
    assignment: Assignment, notebook: Notebook, warm: Warm, seeds: Sequence[Sequence[int]]
) -> Iterator[dict[str, float]]:
    """The metrics of each run, all in one box."""
    limits = replace(assignment.limits, suite_seconds=HARD_CAPS["suite_seconds"])
    sources = [(cell.index, cell.source) for cell in notebook.code_cells]
    with Session(warm, limits, sources) as session:
        session.run_notebook()
        student = Student(session, assignment.defines)
        for run_seeds in seeds:
            found = runner.measure(assignment, student, tuple(run_seeds), device=warm.device.torch_name)
            lost = [row for row in found.checks if row.points < row.max_points]
            if found.fault or lost:
                why = found.fault or f"{lost[0].id}: {lost[0].message.en if lost[0].message else lost[0].verdict}"
                raise _refuse(assignment, why)
            yield {name: metric.value for name, metric in found.metrics.items()}


def _baseline(assignment: Assignment) -> str:
    file = assignment.solution.parent / "baseline.py"
    if not file.is_file():
        raise _refuse(assignment, f"{file} is missing: a cell that defines the weak baseline")
    return file.read_text(encoding="utf-8")


def _refuse(assignment: Assignment, why: str) -> BadAssignment:
    return BadAssignment(
        Text(f"{assignment.id}의 기준을 잴 수 없습니다: {why}", f"{assignment.id} cannot be calibrated: {why}")
    )
