"""Our grader on the same assignment: from the command line, and warm, a notebook at a time."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import lesson
from bench.measure import Cost, cost
from grader import pipeline
from grader.assignment import Assignment, Catalog
from grader.notebook import Notebook
from grader.report import Report
from grader.sandbox import Warm

FOLDER = 30  # notebooks of a batch
WARM_RUNS = 20
HELPS = 9
SAMPLE = Path(__file__).resolve().parent.parent / "reference" / "xor-mlp" / "samples" / "right.ipynb"
LOOKS_FOR_TORCH = """
import sys
sys.argv = ["grader", "--help"]
from grader.cli import main
try:
    main()
except SystemExit:
    pass
sys.exit(3 if "torch" in sys.modules else 0)
"""


@dataclass(frozen=True)
class Overhead:
    """One warm grading: seconds beside the student's cells, and where they went."""

    total: float
    cells: float
    box: float  # fork and walls
    around_cells: float  # the notebook's seconds less the cells'
    suite: float
    rest: float  # reading, the report, the executed copy, the end of the box

    @property
    def overhead(self) -> float:
        return self.total - self.cells


@dataclass(frozen=True)
class Place:
    """The assignment, laid out."""

    assignments: Path
    reference: Path
    folder: Path

    def command(self, *words: str | Path) -> list[str | Path]:
        options: list[str | Path] = ["--assignments", self.assignments, "--reference", self.reference]
        return [_program(), *options, *words]

    def assignment(self) -> Assignment:
        return Catalog(self.assignments, self.reference).load(lesson.NAME)


def lay_out(root: Path) -> Place:
    assignments, reference = lesson.ours(root / "ours")
    lesson.copies(root / "folder", FOLDER)
    return Place(assignments, reference, root / "folder")


def folder(place: Place) -> Cost:
    """Cost a notebook of the whole folder with one worker, from the start of Python to its end."""
    return cost([*_batch(place), "--workers", "1"]).each(FOLDER)


def _batch(place: Place) -> list[str | Path]:
    words: list[str | Path] = ["batch", lesson.NAME, place.folder, "--json"]
    return place.command(*words, "--reports", place.folder.parent / "reports")


@dataclass(frozen=True)
class Pace:
    """How a folder went: the whole command, and a notebook once every worker is warm."""

    whole: float
    steady: float


def scaling(words: Sequence[str | Path], rounds: int) -> tuple[Pace, Pace]:
    """A `grader batch` with one worker and with two, in turn."""
    paces = [(_pace(words, 1), _pace(words, 2)) for _ in range(rounds)]
    return _middle([one for one, _ in paces]), _middle([two for _, two in paces])


def light(place: Place) -> list[str | Path]:
    """The batch of the notebook that the graders are compared on: ten quick checks."""
    return _batch(place)


def real(root: Path) -> list[str | Path]:
    """The batch of as many notebooks of a real assignment, with its whole suite."""
    folder = root / "xor-mlp"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number in range(FOLDER):
        shutil.copyfile(SAMPLE, folder / f"student{number:02}.ipynb")
    return [_program(), "batch", "xor-mlp", folder, "--json", "--reports", root / "xor-mlp-reports"]


def _pace(words: Sequence[str | Path], workers: int) -> Pace:
    """The first notebook of each worker is left out of the steady pace: it waits for the warm process."""
    started = time.perf_counter()
    with subprocess.Popen([*words, "--workers", str(workers)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        arrivals = [time.perf_counter() for _ in process.stdout]
    if len(arrivals) != FOLDER:
        raise AssertionError(f"{len(arrivals)} reports of {FOLDER} notebooks")
    steady = (arrivals[-1] - arrivals[workers - 1]) / (FOLDER - workers)
    return Pace(time.perf_counter() - started, steady)


def _middle(paces: Sequence[Pace]) -> Pace:
    return Pace(statistics.median(p.whole for p in paces), statistics.median(p.steady for p in paces))


def alone(place: Place) -> Cost:
    """Cost of `grader run` for one notebook, cold: the warm process is started for it."""
    words = place.command("run", lesson.NAME, place.folder / "student00.ipynb", "--json")
    return cost(words)


def overheads(place: Place) -> list[Overhead]:
    """Warm gradings one after the other, the first of which does not count."""
    with _at_hand(place) as (assignment, notebook, warm):
        return [_overhead(assignment, notebook, warm) for _ in range(WARM_RUNS + 1)][1:]


@contextmanager
def _at_hand(place: Place) -> Iterator[tuple[Assignment, Notebook, Warm]]:
    assignment = place.assignment()
    with pipeline.warm_for(assignment) as warm:
        yield assignment, pipeline.read(place.folder / "student00.ipynb"), warm


def _overhead(assignment: Assignment, notebook: Notebook, warm: Warm) -> Overhead:
    before = time.perf_counter()
    report = pipeline.grade(assignment, notebook, warm).report
    total = time.perf_counter() - before
    _must_be_full(report)
    cells = sum(cell.seconds for cell in report.cells)
    phases = report.seconds
    around = phases["notebook"] - cells
    rest = total - phases["box"] - phases["notebook"] - phases["suite"]
    return Overhead(total, cells, phases["box"], around, phases["suite"], rest)


def _must_be_full(report: Report) -> None:
    if report.score != 100.0:
        lost = [check.id for check in report.checks if check.points == 0]
        raise AssertionError(f"our own grader gave {report.score} points, lost: {lost}")


def help_seconds() -> tuple[float, bool]:
    """Median seconds of `grader --help`, and whether it imported torch."""
    taken = statistics.median(cost([_program(), "--help"], memory=False).wall for _ in range(HELPS))
    looked = subprocess.run([sys.executable, "-c", LOOKS_FOR_TORCH], stdout=subprocess.DEVNULL, check=False)
    return taken, looked.returncode == 3


def _program() -> Path:
    return Path(sys.executable).parent / "grader"
