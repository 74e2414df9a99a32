"""`grader worker`: keeps as many slots running as it was told, and ends them in good order.

The process itself touches no database and no notebook, so that nothing of either can end it. It starts a slot
(`grader.jobs.slot`) for each grading at a time, starts another where one ended, and passes on when to stop: a first
SIGTERM or Ctrl-C lets every slot finish its job within its time or give it back; a second one ends all at once. When
it is killed its slots notice and stop in good order by themselves.
"""

from __future__ import annotations

import argparse
import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from grader.jobs import Jobs, Pace, log, prepare, slot
from grader.jobs.log import say
from grader.jobs.pace import PACE
from grader.jobs.slot import AT_ONCE, DRAINED, STOP, Parts, Setup
from grader.pool import PR_SET_PDEATHSIG
from grader.store.database import Database, Home

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

DRAIN_S = 60.0
LATE_S = 15.0  # that a slot may take longer than its time before it is killed
HEALTHY_S = 10.0  # a slot that lived so long is started again at once
LONGEST_PAUSE_S = 30.0
TICK_S = 0.25
LOG = "worker.log"
# not `-m`: whatever is started from here would begin with importing that module again
BEGIN = "import sys; from grader.worker import main; sys.exit(main())"


@dataclass
class _Place:
    """Where one slot runs, and another in its stead when it ended."""

    setup: Setup
    process: SpawnProcess | None = None
    orders: Connection | None = None
    started: float = 0.0
    pause: float = 0.0
    due: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        os.environ["PYTHONSAFEPATH"] = "1"  # a new interpreter would import from the working folder
        context = get_context("spawn")
        theirs, self.orders = context.Pipe(duplex=False)
        self.process = context.Process(target=slot.main, args=(self.setup, theirs))
        self.process.start()
        theirs.close()
        self.started = time.monotonic()
        self.setup = replace(self.setup, fresh=False)

    def tell(self, order: str) -> None:
        try:
            if self.orders is not None:
                self.orders.send(order)
        except OSError:
            pass  # it is gone already

    def ended(self) -> bool:
        """Takes note of an end; when the next slot is due here."""
        if self.process is None or self.process.is_alive():
            return False
        code, lived = self.process.exitcode, time.monotonic() - self.started
        self.process.join()
        self.process = None
        if self.orders is not None:
            self.orders.close()
        well = code == DRAINED or lived > HEALTHY_S
        self.pause = 0.0 if well else min(max(0.1, self.pause * 2), LONGEST_PAUSE_S)
        self.due = time.monotonic() + self.pause
        if code != DRAINED:
            say("slot.ended", level=logging.WARNING, code=code, pause=self.pause)
        return True


def work(
    home: Home,
    queues: Sequence[str],
    slots: int | Mapping[str, int],
    *,
    name: str | None = None,
    drain_seconds: float = DRAIN_S,
    parts: Parts | None = None,
    pace: Pace = PACE,
    gone: Callable[[], bool] = lambda: False,
) -> int:
    """Serves these queues until it is told to stop: with as many slots for each, or as `slots` says by queue. `name`
    is what the slots' names begin with. `gone` says whether whoever wanted a worker is no more. Returns 0, or 1 where
    it was ended at once. To be called in the main thread, which answers signals."""
    database = Database(home.url)
    prepare(database)
    database.close()
    number = {queue: slots if isinstance(slots, int) else slots[queue] for queue in queues}
    setups = [
        Setup(home.url, home.folder, queue, name, drain_seconds, parts=parts or Parts(), pace=pace)
        for queue in queues
        for _ in range(number[queue])
    ]
    log.begin()
    with _signals() as asked:
        return _keep([_Place(setup) for setup in setups], asked, drain_seconds, gone)


def _keep(places: Sequence[_Place], asked: list[int], drain_seconds: float, gone: Callable[[], bool]) -> int:
    while not asked and not gone():
        for place in places:
            place.ended()
            if place.process is None and time.monotonic() >= place.due:
                place.start()
        _wait(places, min([TICK_S, *(max(0.0, p.due - time.monotonic()) for p in places if p.process is None)]))
    return _stop(places, asked, drain_seconds)


def _stop(places: Sequence[_Place], asked: list[int], drain_seconds: float) -> int:
    """Until all slots have ended; kills those that take too long."""
    say("worker.stops", slots=len(places))
    for place in places:
        place.tell(STOP)
    until, hard = time.monotonic() + drain_seconds + LATE_S, False
    while running := [place for place in places if place.process is not None and place.process.is_alive()]:
        if len(asked) > 1 and not hard:
            hard, until = True, time.monotonic() + LATE_S
            for place in running:
                place.tell(AT_ONCE)
        if time.monotonic() > until:
            hard = True
            for place in running:
                if place.process is not None:
                    place.process.kill()
        _wait(running, TICK_S)
    return int(hard)


def _wait(places: Sequence[_Place], seconds: float) -> None:
    """Until a slot ends or the time is over."""
    sentinels = [place.process.sentinel for place in places if place.process is not None]
    if sentinels:
        connection.wait(sentinels, seconds)
    else:
        time.sleep(seconds)


@contextmanager
def _signals() -> Iterator[list[int]]:
    """The requests to stop so far."""
    asked: list[int] = []
    kept = {one: signal.signal(one, lambda number, _: asked.append(number)) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for one, handler in kept.items():
            signal.signal(one, handler)


# ----------------------------------------------------------------------------------------------- a worker for a while


@contextmanager
def ensure_worker(home: Home, *queues: str, slots: int = 1) -> Iterator[Callable[[], bool]]:
    """Where no worker serves one of the queues ("cpu" if none is said), one process does so in the background for as
    long as this lasts, for all of those that lack one. What it yields says whether each has one: ours may have failed
    to start, and its words are in `worker.log` in the home folder."""
    wanted = queues or ("cpu",)
    database = Database(home.url)
    jobs = Jobs(database)
    with ExitStack() as stack:
        stack.callback(database.close)
        stack.callback(jobs.close)
        lacking = [queue for queue in wanted if not _served(jobs, queue)]
        process = stack.enter_context(_background(home, lacking, slots)) if lacking else None
        yield lambda: (process is not None and process.poll() is None) or all(_served(jobs, queue) for queue in wanted)


@contextmanager
def _background(home: Home, queues: Sequence[str], slots: int) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own, until this ends."""
    words = [sys.executable, "-P", "-c", BEGIN, "--slots", str(slots)]
    words += [word for queue in queues for word in ("--queue", queue)]
    words += ["--home", str(home.folder), "--parent", str(os.getpid())]
    with open(home.folder / LOG, "ab", opener=log.owner_only) as out:  # until it keeps the file by itself
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=os.environ | {"GRADER_DATABASE": home.url},
            start_new_session=True,  # Ctrl-C is ours to answer
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(LATE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _served(jobs: Jobs, queue: str) -> bool:
    return any(one.alive and not one.draining and queue in one.queues for one in jobs.workers())


def main(words: Sequence[str] | None = None) -> int:
    """The background worker of `ensure_worker`; a person uses `grader worker`."""
    parser = argparse.ArgumentParser(prog="grader.worker")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--queue", action="append", required=True)
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--drain-seconds", type=float, default=0.0)
    parser.add_argument("--parent", type=int, required=True)
    given = parser.parse_args(words)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    home = Home.find(given.home)
    with log.written_to(home.folder / LOG):
        return work(
            home,
            given.queue,
            given.slots,
            drain_seconds=given.drain_seconds,
            gone=lambda: os.getppid() != given.parent,
        )
