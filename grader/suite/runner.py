"""Runs a suite: pytest in this process, with our plugin and nobody else's."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader import misconception
from grader.assignment import Assignment
from grader.errors import BadAssignment
from grader.ladder import Answers
from grader.misconception import Misconception
from grader.picture import Picture
from grader.report import CheckResult, Metric
from grader.rpc import Student
from grader.suite import calibration
from grader.suite.plugin import Check, Given, SuitePlugin
from grader.text import Text

TOTAL = 100.0
SILENT = (
    "cacheprovider",
    "terminal",
    "logging",
    "warnings",
    "doctest",
    "junitxml",
    "faulthandler",
    "unraisableexception",  # what becomes garbage in this process is no matter of the suite
    "threadexception",
)
OPTIONS = (
    "--noconftest",
    "--import-mode=importlib",
    "--assert=plain",
    "--strict-markers",
    "--capture=no",
    f"-c{os.devnull}",
)


@dataclass(frozen=True)
class SuiteRun:
    """Rows in the order of the suite; `fault` names a test of ours that broke; `board` is what a leaderboard
    compares."""

    checks: Sequence[CheckResult]
    metrics: Mapping[str, Metric]
    pictures: Sequence[Picture]
    fault: str | None
    board: Answers | None = None


def run(
    assignment: Assignment,
    student: Student,
    progress: Callable[[CheckResult], None] = lambda row: None,
    *,
    device: str = "cpu",
) -> SuiteRun:
    """Asks the student every check. Raises BadAssignment for a suite that is written wrongly."""
    curves, known = calibration.curves(assignment), misconceptions(assignment)
    given = Given(assignment.oracle, curves, known, device=device, own_data=assignment.own_data)
    return _asked(assignment, student, given, progress)


def measure(assignment: Assignment, student: Student, seeds: tuple[int, ...], *, device: str = "cpu") -> SuiteRun:
    """Runs only the checks that measure something, with these seeds and no curve, so that all of them pass."""
    known = misconceptions(assignment)
    given = Given(assignment.oracle, misconceptions=known, seeds=seeds, device=device, only_measured=True)
    return _asked(assignment, student, given, lambda row: None)


def _asked(assignment: Assignment, student: Student, given: Given, progress: Callable[[CheckResult], None]) -> SuiteRun:
    plugin = SuitePlugin(student, given, progress)
    _pytest(assignment, plugin)
    rows = [plugin.rows[check.id] for check in plugin.checks if check.id in plugin.rows]
    fault = "; ".join(plugin.faults) or None
    if fault is None and len(rows) != len(plugin.checks):
        fault = "a check did not report"
    return SuiteRun(rows, plugin.measured.found, list(plugin.drawn.found.values()), fault, plugin.board.found)


def misconceptions(assignment: Assignment) -> Mapping[str, Misconception]:
    """What the checks of an assignment may name, by id. Raises BadAssignment."""
    return misconception.known(assignment.folder.parent, assignment.reference and assignment.reference.parent)


def outline(assignment: Assignment) -> list[Check]:
    """The checks of a suite, without running them. Raises BadAssignment."""
    plugin = SuitePlugin(None, Given(assignment.oracle))
    _pytest(assignment, plugin, "--collect-only")
    return plugin.checks


def _pytest(assignment: Assignment, plugin: SuitePlugin, *options: str) -> None:
    folders = assignment.test_folders
    with _alone() as root, _forgotten(folders):
        words = [*map(str, folders), f"--rootdir={root}", f"--confcutdir={folders[-1]}", *OPTIONS, *options]
        for name in SILENT:
            words += ["-p", f"no:{name}"]
        code = pytest.main(words, plugins=[plugin])
    if plugin.bad is not None:
        raise plugin.bad
    if code == pytest.ExitCode.INTERRUPTED and not plugin.faults:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) or not plugin.checks:
        _raise(assignment, "; ".join(plugin.faults) or f"pytest: {pytest.ExitCode(code).name}")
    if assignment.reference is not None and not plugin.partial:
        total = round(sum(check.points for check in plugin.checks), 6)
        if total != TOTAL:
            _raise(assignment, f"the points sum to {total:g}, not {TOTAL:g}")


def _raise(assignment: Assignment, why: str) -> None:
    raise BadAssignment(
        Text(
            f"{assignment.id}의 채점 항목을 실행할 수 없습니다: {why}",
            f"The suite of {assignment.id} cannot be run: {why}",
        )
    )


@contextmanager
def _forgotten(folders: Sequence[Path]) -> Iterator[None]:
    """Test modules are imported anew each time: what one keeps about a student never reaches the next."""
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file is not None and Path(file).parent in folders:
                del sys.modules[name]


@contextmanager
def _alone() -> Iterator[Path]:
    """An empty working folder that only we can write, no plugins from the environment, and nothing printed."""
    kept, cwd, path = dict(os.environ), os.getcwd(), list(sys.path)
    with tempfile.TemporaryDirectory(prefix="grader-suite-") as root:
        for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_CURRENT_TEST"):
            os.environ.pop(name, None)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.chdir(root)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                yield Path(root)
        finally:
            os.chdir(cwd)
            os.environ.clear()
            os.environ.update(kept)
            sys.path[:] = path
