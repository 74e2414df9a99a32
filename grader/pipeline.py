"""Grades one notebook: box, cells, suite, report. The sentence that the whole product is."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

import grader
from grader import notebook as notebooks
from grader.assignment import Assignment
from grader.errors import BadNotebook, GraderError
from grader.executed import executed
from grader.notebook import Notebook
from grader.report import CellResult, CheckResult, Report, Status
from grader.rpc import Cell, Session, Student
from grader.sandbox import Backend, Device, Warm, gpu
from grader.suite import runner
from grader.text import Text


@dataclass(frozen=True)
class Graded:
    """A report, and the executed copy where the notebook ran."""

    report: Report
    executed: NotebookNode | None = None


@dataclass(frozen=True)
class Progress:
    """Who wants to know how far a grading is."""

    cell: Callable[[Cell, int], None] = lambda cell, count: None
    check: Callable[[CheckResult], None] = lambda row: None


def warm_for(assignment: Assignment, backend: Backend = Backend.BUBBLEWRAP, device: Device | None = None) -> Warm:
    """A warm process with what the assignment needs, on the device that is usual for it unless one is named. Raises
    SandboxUnavailable or SandboxFault."""
    return Warm(assignment.needs, assignment.data, backend, device or usual_device(assignment))


def usual_device(assignment: Assignment) -> Device:
    """For an assignment about GPUs a real one, if there is one that boxes can use, else a simulated one."""
    if assignment.device == "gpu":
        return Device.SIMULATED if gpu.lack() else Device.CUDA
    return Device(assignment.device)


def held_to(assignment: Assignment, device: Device | None) -> Assignment:
    """The assignment, to be graded on just this device by whoever grades it; as it is where none is named."""
    return assignment if device is None else replace(assignment, device=device.value)


def grade(
    assignment: Assignment,
    notebook: Notebook,
    warm: Warm,
    *,
    others: Sequence[Assignment] = (),
    progress: Progress | None = None,
) -> Graded:
    """The report of one notebook. `others` are the assignments that it may have been meant for. Never raises for
    what a student did; a fault of ours is a report with status `error`."""
    progress = progress or Progress()
    if foreign := _foreign(assignment, notebook, others):
        return foreign
    try:
        return _grade(assignment, notebook, warm, progress)
    except GraderError as error:
        return Graded(_ungraded(assignment, notebook.sha256, Status.ERROR, error.text))


def grade_alone(
    assignment: Assignment,
    notebook: Notebook,
    backend: Backend,
    *,
    device: Device | None = None,
    others: Sequence[Assignment] = (),
    progress: Progress | None = None,
) -> Graded:
    """Grades one notebook in a warm process of its own, which is not even started for another's notebook.
    Raises SandboxUnavailable."""
    if foreign := _foreign(assignment, notebook, others):
        return foreign
    with warm_for(assignment, backend, device) as warm:
        return grade(assignment, notebook, warm, progress=progress)


def not_gradable(assignment: Assignment, error: BadNotebook) -> Report:
    """The report of a file that could not even be read."""
    return _ungraded(assignment, "", Status.NOT_GRADABLE, error.text)


def our_fault(assignment: Assignment, reason: Text) -> Report:
    """The report of a grading that we could not bring to its end."""
    return _ungraded(assignment, "", Status.ERROR, reason)


def _foreign(assignment: Assignment, notebook: Notebook, others: Sequence[Assignment]) -> Graded | None:
    """The result for a notebook that was meant for another assignment."""
    reason = notebooks.recognise(notebook, others, assignment)
    return None if reason is None else Graded(_ungraded(assignment, notebook.sha256, Status.NOT_GRADABLE, reason))


def _grade(assignment: Assignment, notebook: Notebook, warm: Warm, progress: Progress) -> Graded:
    started = time.monotonic()
    sources = [(cell.index, cell.source) for cell in notebook.code_cells]
    with Session(warm, assignment.limits, sources) as session:
        session.run_notebook(lambda cell: progress.cell(cell, len(sources)))
        lines = {index: source.count("\n") + 1 for index, source in sources}
        student = Student(session, assignment.defines, lines)
        before = time.monotonic()
        suite = runner.run(assignment, student, progress.check, device=warm.device.torch_name)
        seconds = {
            "box": session.seconds["box"],
            "notebook": session.seconds["notebook"],
            "suite": time.monotonic() - before,
            "total": time.monotonic() - started,
        }
    report = Report(
        assignment=assignment.id,
        suite_version=assignment.suite_version,
        notebook_sha256=notebook.sha256,
        status=Status.ERROR if suite.fault else Status.GRADED,
        reason=_broken_suite(suite.fault) if suite.fault else _stopped(session),
        checks=tuple(suite.checks),
        cells=tuple(map(_cell_result, session.cells)),
        metrics=dict(suite.metrics),
        pictures=tuple(suite.pictures),
        environment=_environment(assignment, warm),
        seconds=seconds,
        board=suite.board,
        security=session.ledger.closed(),
    )
    return Graded(report, executed(notebook.node, session.cells))


def _ungraded(assignment: Assignment, sha256: str, status: Status, reason: Text) -> Report:
    return Report(assignment.id, assignment.suite_version, sha256, status, reason)


def _stopped(session: Session) -> Text | None:
    return None if session.stop is None else session.stop.text


def _broken_suite(fault: str) -> Text:
    return Text(
        f"채점 항목이 고장 나 점수를 매기지 않았습니다. 강사에게 알려 주세요: {fault}",
        f"The suite broke, so no score was given. Please tell the instructor: {fault}",
    )


def _cell_result(cell: Cell) -> CellResult:
    error = None
    if cell.fault:
        line = f", line {cell.fault['line']}" if cell.fault["cell"] == cell.index and cell.fault["line"] else ""
        error = f"{cell.fault['type']}{line}: {cell.fault['message'][:300]}"
    return CellResult(cell.index, cell.status, cell.seconds, error)


def _environment(assignment: Assignment, warm: Warm) -> Mapping[str, Any]:
    return {
        "grader": grader.__version__,
        **warm.versions,
        "machine": platform.machine(),
        "seed": 0,
        "threads": 1,
        "device": warm.device.value,
        **({"gpu": warm.gpu} if warm.gpu else {}),
        "sandbox": warm.backend.value,
        **(assignment.own_data.facts if assignment.own_data else {}),
    }


def read(path: Path) -> Notebook:
    """The notebook in a file. Raises BadNotebook."""
    return notebooks.read(path)
