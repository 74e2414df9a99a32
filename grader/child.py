"""The grading process of a slot: our own code, which holds the judge and the warm processes, and can be ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from grader.errors import BadNotebook, GraderError, SandboxUnavailable
from grader.report import Report, Visibility
from grader.text import Text

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from grader.assignment import Assignment
    from grader.rpc import Cell

KEPT = 2  # assignments whose warm processes a slot keeps
TICK = 0.1


@dataclass(frozen=True)
class Task:
    """A notebook as received, and what to grade it by."""

    assignment: Assignment
    data: bytes
    sha256: str
    filename: str
    others: Sequence[Assignment] = ()


@dataclass
class Progress:
    """How far a grading is; `checks` holds the verdicts of those whose name a student may see."""

    cells_done: int = 0
    cells: int = 0
    checks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finished:
    """A report, and the executed copy as a file's bytes. The report may still be one of a fault of ours."""

    report: Report
    executed: bytes | None


@dataclass(frozen=True)
class Fault:
    """We are at fault; another try may help."""

    reason: Text


@dataclass(frozen=True)
class Unable:
    """This machine cannot make a box at all; no try helps here, and the notebook is as good as before."""

    reason: Text


@dataclass(frozen=True)
class Stopped:
    """Nobody wants the result any more."""


Outcome = Finished | Fault | Unable | Stopped
Tell = Callable[[Progress], None]
Grade = Callable[[Task, Tell], Finished]

DIED = Text(
    "채점 프로세스가 갑자기 끝나 점수를 매기지 못했습니다.",
    "The grading process ended unexpectedly, so no score was given.",
)
TOO_LONG = Text(
    "채점이 정해진 시간 안에 끝나지 않아 점수를 매기지 못했습니다.",
    "The grading did not end within its time, so no score was given.",
)


def grade(task: Task, tell: Tell) -> Finished:
    """The real thing, in a sealed box."""
    from grader import notebook as notebooks
    from grader import pipeline
    from grader.pool import Setting

    try:
        notebook = notebooks.parse(task.data, task.filename)
    except BadNotebook as error:
        return Finished(replace(pipeline.not_gradable(task.assignment, error), notebook_sha256=task.sha256), None)
    graded = _bench().grade(Setting(task.assignment, others=task.others), notebook, _watched(tell))
    if graded.executed is None:
        return Finished(graded.report, None)
    import nbformat

    return Finished(graded.report, nbformat.writes(graded.executed).encode())


def _watched(tell: Tell) -> Any:
    from grader import pipeline
    from grader.report import CheckResult

    seen = Progress()

    def cell(_: Cell, count: int) -> None:
        seen.cells_done, seen.cells = seen.cells_done + 1, count
        tell(seen)

    def check(row: CheckResult) -> None:
        if row.visibility is not Visibility.SECRET:
            seen.checks[row.id] = row.verdict.value
            tell(seen)

    return pipeline.Progress(cell=cell, check=check)


_own: list[Any] = []


def _bench() -> Any:
    """The bench of this process."""
    from grader.pool import Bench

    if not _own:
        _own.append(Bench(KEPT))
    return _own[0]


def _main(grade: Grade, ours: Connection, parent: int) -> None:
    """Grades what comes until nobody asks any more."""
    from grader.pool import begin

    begin(parent)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a service that stops tells everybody; the slot decides for us
    while True:
        try:
            task = ours.recv()
        except EOFError:
            return
        ours.send(_answer(grade, task, ours.send))


def _answer(grade: Grade, task: Task, tell: Tell) -> Outcome:
    try:
        return grade(task, tell)
    except SandboxUnavailable as error:
        return Unable(error.text)
    except GraderError as error:
        return Fault(error.text)
    except Exception as error:  # noqa: BLE001 - whatever broke in our judge, it is a fault of ours and not the end
        kind = type(error).__name__
        return Fault(Text(f"채점기에 문제가 있습니다({kind}).", f"The grader broke ({kind})."))


class Child:
    """The grading process of a slot, which starts when it is first needed and is replaced when it died."""

    def __init__(self, grade: Grade) -> None:
        self._grade = grade
        # a thread that lives as long as we do: the kernel ends a child with the thread that started it
        self._keeper = ThreadPoolExecutor(1, "start children")
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    def begin(self) -> None:
        """Starts the process before it is needed. Not while a task runs."""
        self._ready()

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return self._process.pid if self._process is not None else None

    def run(self, task: Task, seconds: float, still: Callable[[], bool], tell: Tell) -> Outcome:
        """One task. `still` says whether anybody wants the result; it is asked often. After `seconds`, or when
        nobody does, the process and its boxes are ended."""
        deadline = time.monotonic() + seconds
        try:
            line = self._ready()
            line.send(task)
            while True:
                if not still():
                    return self._ended(Stopped())
                if time.monotonic() > deadline:
                    return self._ended(Fault(TOO_LONG))
                if not line.poll(TICK):
                    continue
                said = line.recv()
                if not isinstance(said, Progress):
                    return said  # type: ignore[no-any-return]
                tell(said)
        except (EOFError, OSError):
            return self._ended(Fault(DIED))

    def kill(self) -> None:
        """From any thread: whoever waits for the process sees that it died. Its boxes end with it."""
        process = self._process
        if process is not None and process.pid is not None:
            process.kill()

    def end(self) -> None:
        """Kills the process and forgets it; for the thread that runs tasks."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.join()
        if self._line is not None:
            self._line.close()
            self._line = None

    def _ended(self, outcome: Outcome) -> Outcome:
        self.end()
        return outcome

    def _ready(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._line is None:
            self.end()
            os.environ["PYTHONSAFEPATH"] = "1"  # a new interpreter would import from the working folder
            context = get_context("spawn")
            self._line, theirs = context.Pipe()
            self._process = context.Process(target=_main, args=(self._grade, theirs, os.getpid()), daemon=True)
            self._keeper.submit(self._process.start).result()
            theirs.close()
        return self._line
