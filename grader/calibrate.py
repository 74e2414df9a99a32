"""Runs the measuring checks of a suite many times, and proposes what each metric earns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from grader import mutants, pipeline
from grader import notebook as notebooks
from grader.assignment import HARD_CAPS, Assignment
from grader.errors import BadAssignment
from grader.notebook import Notebook
from grader.rpc import Session, Student
from grader.sandbox import Backend, Warm
from grader.suite import runner
from grader.suite.calibration import Calibrated, propose
from grader.text import Text

SEEDS_A_RUN = 3
FIRST_SEED = 1000  # away from those of a grading


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
    with pipeline.warm_for(assignment, backend) as warm:
        reference = _values(assignment, solution, warm, runs, lambda run: progress("solution", run))
        baseline = _values(assignment, weak, warm, runs, lambda run: progress("baseline", run))
    if not reference or set(reference) != set(baseline):
        raise _refuse(assignment, "no check measures something with `curves`, or the two measured different things")
    return {name: propose(values, baseline[name]) for name, values in reference.items()}


def _values(
    assignment: Assignment, notebook: Notebook, warm: Warm, runs: int, progress: Callable[[int], None]
) -> dict[str, list[float]]:
    """Each metric's values, one a run; every run has seeds of its own."""
    limits = replace(assignment.limits, suite_seconds=HARD_CAPS["suite_seconds"])
    values: dict[str, list[float]] = defaultdict(list)
    sources = [(cell.index, cell.source) for cell in notebook.code_cells]
    with Session(warm, limits, sources) as session:
        session.run_notebook()
        student = Student(session, assignment.defines)
        for run, seeds in enumerate(_seeds(runs)):
            found = runner.measure(assignment, student, seeds, device=warm.device.torch_name)
            lost = [row for row in found.checks if row.points < row.max_points]
            if found.fault or lost:
                why = found.fault or f"{lost[0].id}: {lost[0].message.en if lost[0].message else lost[0].verdict}"
                raise _refuse(assignment, why)
            for name, metric in found.metrics.items():
                values[name].append(metric.value)
            progress(run)
    return dict(values)


def _seeds(runs: int) -> Iterator[tuple[int, ...]]:
    for run in range(runs):
        first = FIRST_SEED + run * SEEDS_A_RUN
        yield tuple(range(first, first + SEEDS_A_RUN))


def _baseline(assignment: Assignment) -> str:
    file = assignment.solution.parent / "baseline.py"
    if not file.is_file():
        raise _refuse(assignment, f"{file} is missing: a cell that defines the weak baseline")
    return file.read_text(encoding="utf-8")


def _refuse(assignment: Assignment, why: str) -> BadAssignment:
    return BadAssignment(
        Text(f"{assignment.id}의 기준을 잴 수 없습니다: {why}", f"{assignment.id} cannot be calibrated: {why}")
    )
