"""Grades many notebooks in parallel, each in a box of its own.

A worker is a process of ours with a judge and a warm process. Notebooks are handed out one at a time, so a slow one
holds up nobody; a worker that dies costs only the notebook that it had, which is tried once more, alone.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from grader import pipeline
from grader.assignment import Assignment
from grader.errors import BadNotebook
from grader.notebook import Notebook
from grader.pipeline import Graded, Progress
from grader.report import Status
from grader.sandbox import Backend
from grader.text import Text

if TYPE_CHECKING:
    from grader.sandbox import Warm

Key = TypeVar("Key")
PR_SET_PDEATHSIG = 1
IN_HAND = 2  # notebooks a worker has waiting, so that it never idles


@dataclass(frozen=True)
class Job(Generic[Key]):
    """A notebook to grade, or the file that it is in, under a name of the caller's."""

    key: Key
    notebook: Notebook | Path


@dataclass(frozen=True)
class Setting:
    """What all jobs of a pool share."""

    assignment: Assignment
    backend: Backend = Backend.BUBBLEWRAP
    others: Sequence[Assignment] = ()


def grade_all(setting: Setting, jobs: Iterable[Job[Key]], workers: int) -> Iterator[tuple[Key, Graded]]:
    """Every job's result, as it comes. Raises SandboxUnavailable where no box can be made."""
    waiting = iter(jobs)
    again: list[Job[Key]] = []
    while True:
        suspects: list[Job[Key]] = []
        yield from _until_broken(setting, waiting, workers, suspects)
        if not suspects:
            break
        again += suspects
    for job in again:
        yield from _alone(setting, job)


def _until_broken(
    setting: Setting, waiting: Iterator[Job[Key]], workers: int, suspects: list[Job[Key]]
) -> Iterator[tuple[Key, Graded]]:
    """Results until all jobs are done or a worker dies; what was then under way goes to `suspects`."""
    with _executor(setting, workers) as pool:
        running: dict[Future[Graded], Job[Key]] = {}
        while True:
            try:
                for job in islice(waiting, workers * IN_HAND - len(running)):
                    running[pool.submit(_grade, job.notebook)] = job
            except BrokenProcessPool:
                suspects.append(job)
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    suspects.append(job)
                else:
                    yield job.key, future.result()
            if suspects:
                suspects += running.values()
                return


def _alone(setting: Setting, job: Job[Key]) -> Iterator[tuple[Key, Graded]]:
    """One job in a pool of its own; if that dies too, we are at fault and say so."""
    suspects: list[Job[Key]] = []
    yield from _until_broken(setting, iter([job]), 1, suspects)
    if suspects:
        yield job.key, Graded(pipeline.our_fault(setting.assignment, JUDGE_DIED))


JUDGE_DIED = Text(
    "채점 프로세스가 갑자기 끝나 점수를 매기지 못했습니다. 메모리를 `grader doctor`로 확인하고 다시 해 주세요.",
    "The grading process ended unexpectedly, so no score was given. See with `grader doctor` whether there is enough "
    "memory, and try again.",
)


@contextmanager
def _executor(setting: Setting, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that start afresh, so that no thread or lock of ours is copied. They end by themselves when the
    work is done, and at once when it is given up."""
    os.environ["PYTHONSAFEPATH"] = "1"  # a new interpreter would import from the working folder, a student's perhaps
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start, initargs=(setting,))
    try:
        yield pool
    except BaseException:
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()  # its boxes end with it
        for process in processes:
            process.join()
        raise
    pool.shutdown()


class Bench:
    """What one grading process works at: its warm processes, those of the `most` assignments that it had last."""

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._warm: OrderedDict[Hashable, Warm] = OrderedDict()

    def grade(self, setting: Setting, job: Notebook | Path, progress: Progress | None = None) -> Graded:
        """One notebook, whose warm process starts when it is first needed and is replaced when worn. Raises
        SandboxUnavailable or SandboxFault where there can be none."""
        assignment, others = setting.assignment, setting.others
        try:
            notebook = pipeline.read(job) if isinstance(job, Path) else job
        except BadNotebook as error:
            return Graded(pipeline.not_gradable(assignment, error))
        warm = self._healthy(setting)
        graded = pipeline.grade(assignment, notebook, warm, others=others, progress=progress)
        if graded.report.status is Status.ERROR and warm.worn:
            again = self._healthy(setting)
            graded = pipeline.grade(assignment, notebook, again, others=others, progress=progress)
        return graded

    def _healthy(self, setting: Setting) -> Warm:
        """The warm process for an assignment, a new one if there is none or it is worn."""
        assignment = setting.assignment
        device = pipeline.usual_device(assignment)
        key = (assignment.needs, assignment.data, setting.backend, device)
        warm = self._warm.pop(key, None)
        if warm is not None and warm.worn:
            warm.close()
            warm = None
        while len(self._warm) >= self._most:
            self._warm.popitem(last=False)[1].close()
        warm = warm or pipeline.warm_for(assignment, setting.backend, device)
        self._warm[key] = warm
        return warm


_setting: Setting
_bench = Bench()


def begin(parent: int | None = None) -> None:
    """A grading process's beginning. Ctrl-C is the parent's to answer, and a parent that is killed takes us with
    it, even one that was gone before we asked for that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def _start(setting: Setting) -> None:
    """A worker's beginning."""
    global _setting
    begin()
    _setting = setting


def _grade(job: Notebook | Path) -> Graded:
    """One notebook in this worker."""
    return _bench.grade(_setting, job)
