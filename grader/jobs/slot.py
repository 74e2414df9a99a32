"""A slot: the process that takes one job at a time, has it graded, and writes the result."""

from __future__ import annotations

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from grader import child
from grader.child import Child, Fault, Finished, Outcome, Progress, Stopped, Task, Unable
from grader.jobs import engine, hold, log, names
from grader.jobs.hold import Taken
from grader.jobs.log import say
from grader.jobs.pace import MAX_TRIES, PACE, Pace
from grader.jobs.queue import Jobs
from grader.report import Report, Status
from grader.store import blobs
from grader.store.database import Database, now
from grader.store.models import Assignment as Row
from grader.store.models import Purpose, Run, Version, Worker
from grader.text import Text

if TYPE_CHECKING:
    from grader.assignment import Assignment

STOP, AT_ONCE = "stop", "at once"  # what a slot is told
DRAINED = 3  # exit code of a slot that was drained and may serve again
CACHE = "versions"
FOREVER = 10**6  # seconds
TICK = 0.05
ERRAND_S = 5.0  # of one errand, after which it goes to the end of the queue
T = TypeVar("T")
Unpack = Callable[[Session, Version, Path], "Assignment"]
Finish = Callable[[Session, Run, int, Report, bytes | None], bool]
Cell = Callable[[Session, Run, Path], tuple["Assignment", bytes]]
Chores = Callable[[Database, Callable[[Session, Run], None]], None]
Errand = Callable[[Database, str, float], bool]


def unpack(session: Session, version: Version, folder: Path) -> Assignment:
    """The published files of a version, in a folder of their own."""
    from grader.course import publishing

    return publishing.unpack(session, version, folder)


def finish(session: Session, run: Run, fence: int, report: Report, executed: bytes | None) -> bool:
    """Writes a result, if the fence is still that of the run."""
    from grader.course import submissions
    from grader.course.quizzes import cells

    if run.purpose is Purpose.CELL:
        return cells.finish(session, run, fence, report)
    return submissions.finish(session, run, fence, report, executed)


def cell(session: Session, run: Run, folder: Path) -> tuple[Assignment, bytes]:
    """A quiz's cell as an assignment and a notebook."""
    from grader.course.quizzes import cells

    return cells.task(session, run, folder)


def chores(database: Database, enqueue: Callable[[Session, Run], None]) -> None:
    """What the course wants done from time to time. Where there is nothing to do, nobody has to wait for it."""
    _end_attempts(database, enqueue)
    if _tidying.due():
        count, size = blobs.clear(database)
        if count:
            say("blobs.cleared", count=count, bytes=size)


def _end_attempts(database: Database, enqueue: Callable[[Session, Run], None]) -> None:
    """Those whose time is over. Each for itself: a long transaction would keep others waiting, or in a circle."""
    from grader.course.quizzes import attempts

    for _ in range(attempts.AT_ONCE):
        with database.read() as session:
            if session.scalars(attempts.expired(now(session)).limit(1)).first() is None:
                return
        with database.write() as session:
            if not attempts.expire(session, enqueue=enqueue, most=1):
                return


class _Hourly:
    """Says now and then that it is time; the first time at once."""

    def __init__(self, seconds: float = 3600.0) -> None:
        self._seconds, self._last = seconds, -math.inf

    def due(self) -> bool:
        if time.monotonic() - self._last < self._seconds:
            return False
        self._last = time.monotonic()
        return True


_tidying = _Hourly()


def errand(database: Database, name: str, seconds: float) -> bool:
    """Does an errand (`Jobs.ask`) for about that long; whether there is more of it to do."""
    kind, _, id = name.partition(":")
    if kind != "likeness":
        return False
    from grader.course import likeness

    return likeness.work(database, int(id), seconds)


@dataclass(frozen=True)
class Parts:
    """What a slot works with; tests bring their own. All of them are functions of a module, since they travel."""

    unpack: Unpack = unpack
    finish: Finish = finish
    grade: child.Grade = child.grade
    cell: Cell = cell
    chores: Chores = chores
    errand: Errand = errand


@dataclass(frozen=True)
class Setup:
    """What a slot is started with."""

    url: str
    home: Path
    queue: str
    name: str | None = None  # what its name begins with
    drain_seconds: float = 60.0
    fresh: bool = True  # not in place of one that ended: whoever starts it wants it to take jobs
    parts: Parts = field(default_factory=Parts)
    pace: Pace = PACE


def main(setup: Setup, orders: Connection) -> None:
    """The process. It ends by itself when whoever started it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of us; whoever started us tells us what to do
    log.begin()
    code = 1
    try:
        with names.own(setup.home, setup.name) as name:
            code = Slot(setup, name).serve(orders)
    except Exception as error:  # noqa: BLE001 - a traceback would tell addresses; a new process starts in our place
        say("slot.broke", level=logging.ERROR, error=type(error).__name__)
    logging.shutdown()
    os._exit(code)  # Python would wait for the threads of jobs that were given back


class Slot:
    """One job at a time, of one queue."""

    def __init__(self, setup: Setup, name: str) -> None:
        self.setup = setup
        self.name = name
        self.pace = setup.pace
        self.database = Database(setup.url)
        self.jobs = Jobs(self.database, setup.pace)
        self.child = Child(setup.parts.grade)
        self._lock = threading.Lock()
        self._taken: Taken | None = None
        self._stop = threading.Event()  # take no more
        self._ending = threading.Event()  # write no more
        self._drained = threading.Event()
        self._told = threading.Event()  # to stop, by whoever started us
        self._beaten = threading.Event()
        self._calm_since = time.monotonic()
        self._heard = _Heard(2 * self.pace.beat)
        self._known: dict[int, Assignment] = {}
        self._doing: frozenset[str] = frozenset()
        self._suspects: frozenset[str] = frozenset()

    # its life --------------------------------------------------------------------------------------------------------

    def serve(self, orders: Connection) -> int:
        """Until it is told to stop, or drained; the exit code."""
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        for target in (self._beat_on, self._care_on):
            threading.Thread(target=target, daemon=True).start()
        threading.Thread(target=self._listen, args=(orders,), daemon=True).start()
        while not self._beaten.wait(0.05) and not self._stop.is_set():
            pass
        if not self._stop.is_set():
            self.child.begin()
            self._launch()
            say("slot.up", worker=self.name, queue=self.setup.queue, pid=os.getpid())
            self._stop.wait()
        return self._close()

    def _launch(self) -> None:
        from dbos import DBOS

        DBOS(config=engine.config(self.database, self.name))

        @DBOS.workflow(name=engine.WORKFLOW, max_recovery_attempts=1000)  # our own count is what decides
        def grade(key: str) -> str:
            self._doing |= {key}
            try:
                return self.do(key)
            finally:
                self._doing -= {key}

        @DBOS.workflow(name=engine.ERRAND, max_recovery_attempts=MAX_TRIES)
        def run(name: str) -> str:
            return self.run(name)

        DBOS.listen_queues([self.setup.queue])
        DBOS.launch()
        DBOS.register_queue(
            self.setup.queue,
            worker_concurrency=1,
            polling_interval_sec=self.pace.poll,
            on_conflict="always_update",
        )

    def _close(self) -> int:
        """Ends what is under way, within its time, or gives it back."""
        from dbos import DBOS

        busy = self._busy()
        halt = threading.Thread(
            target=DBOS.destroy,  # no more jobs from here on
            kwargs={"workflow_completion_timeout_sec": FOREVER if busy else 0},
            daemon=True,
        )
        halt.start()
        asked: float | None = None  # drained, it may take as long as it needs, until it is told to stop
        while (self._busy() or halt.is_alive()) and not self._ending.is_set():
            if asked is None and (self._told.is_set() or not self._drained.is_set()):
                asked = time.monotonic()
            if asked is not None and time.monotonic() - asked > self.setup.drain_seconds:
                break
            time.sleep(TICK)
        drained = self._drained.is_set() and not self._told.is_set()
        while self._drained.is_set() and not self._told.is_set() and self._wants_to_drain():
            self._told.wait(self.pace.still)
        self._give_up()
        return DRAINED if drained and not self._told.is_set() else 0

    def _give_up(self) -> None:
        """Gives back the job in hand, if there is one, and takes its own name off the list."""
        self._ending.set()
        self.child.kill()
        ends = threading.Thread(target=self._sign_off, daemon=True)
        ends.start()
        ends.join(5.0)  # a database that does not answer holds up nobody; the reaper does the same later

    def _sign_off(self) -> None:
        taken = self._taken
        try:
            if taken is not None:
                with self.database.write() as session:
                    back = hold.give_back(session, taken)
                if back:
                    self.jobs.revive(taken.key)
                    say("job.given_back", run=taken.key, worker=self.name)
            with self.database.write() as session:
                row = session.get(Worker, self.name)
                if row is not None and not row.draining:
                    session.delete(row)
        except DBAPIError as error:
            say("slot.left_without_a_word", level=logging.WARNING, worker=self.name, error=type(error).__name__)

    def _listen(self, orders: Connection) -> None:
        """What the process says that started us; its silence, once it is gone, means stop."""
        order: object = STOP
        while order == STOP:
            try:
                order = orders.recv()
            except (EOFError, OSError):
                order = None
            if order == AT_ONCE:
                self._ending.set()
                self.child.kill()
            self._told.set()
            self._stop.set()

    def _busy(self) -> bool:
        with self._lock:
            return self._taken is not None

    # showing life, and looking after others --------------------------------------------------------------------------

    def _beat_on(self) -> None:
        last = time.monotonic() - 2 * self.pace.dead
        while not self._ending.is_set():
            try:
                self._beat()
            except Exception as error:  # noqa: BLE001 - whatever it was, to fall silent would be worse
                say("slot.no_beat", level=logging.WARNING, worker=self.name, error=type(error).__name__)
            else:
                moment = time.monotonic()
                if moment - last > self.pace.dead / 2:
                    self._calm_since = moment  # all others may be as late as we were
                last = moment
                self._beaten.set()
            self._ending.wait(self.pace.beat)

    def _beat(self) -> None:
        with self.database.write() as session:
            row, moment = session.get(Worker, self.name), now(session)
            if row is None:
                row = Worker(name=self.name, draining=False, started_at=moment)
                session.add(row)
            if row.pid != os.getpid():
                row.host, row.pid, row.started_at = names.host(), os.getpid(), moment
                row.queues, row.slots = [self.setup.queue], 1
                row.draining = row.draining and not self.setup.fresh
            row.beat_at = moment
            draining = bool(row.draining)
        if draining and not self._drained.is_set():
            say("slot.drains", worker=self.name)
            self._drained.set()
            self._stop.set()

    def _wants_to_drain(self) -> bool:
        try:
            with self.database.read() as session:
                return bool(session.scalar(select(Worker.draining).where(Worker.name == self.name)))
        except DBAPIError:
            return True

    def _care_on(self) -> None:
        while not self._ending.wait(self.pace.care):
            try:
                self._care()
            except DBAPIError as error:
                self._calm_since = time.monotonic()
                say("slot.no_care", level=logging.WARNING, worker=self.name, error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - who looks after others must not fall over one strange job
                say("slot.no_care", level=logging.ERROR, worker=self.name, error=type(error).__name__)

    def _care(self) -> None:
        """One round of looking after others."""
        spare = self._heard.lately({one.name: one.beat_at for one in self.jobs.workers()})
        if time.monotonic() - self._calm_since > self.pace.dead and (back := self.jobs.reap(self.name, spare)):
            say("queue.reaped", worker=self.name, runs=back)
        if back := self.jobs.sweep():
            say("queue.swept", worker=self.name, runs=back)
        self._find_lost()
        self.setup.parts.chores(self.database, self.jobs.enqueue)

    def _find_lost(self) -> None:
        """Gives back what DBOS has claimed for us and could not start: twice seen, and never in our hands."""
        lost = self.jobs.claimed(self.name) - self._doing
        for key in lost & self._suspects:
            say("queue.lost", level=logging.WARNING, worker=self.name, run=key)
            self.jobs.revive(key)
        self._suspects = lost

    # a job -----------------------------------------------------------------------------------------------------------

    def do(self, key: str) -> str:
        """Grades a run, again if we are at fault, until it has a result or is set aside. One word on what became of
        it, for whoever reads DBOS's table."""
        word: str | None = None
        while word is None:
            try:
                taken = self._patient(lambda session: hold.take(session, key, self.name, MAX_TRIES))
            except _Ending:
                break
            if taken is None:
                return "nothing to do"
            with self._lock:
                self._taken = taken
            word = None if self._ending.is_set() else self._once(taken)
            if self._ending.is_set():
                break
            with self._lock:
                self._taken = None
        while self._ending.is_set():
            time.sleep(1)  # to return would tell DBOS that this job has ended, and it is just being given back
        return str(word)

    def run(self, name: str) -> str:
        """Does a little of an errand, and puts the rest of it at the end of the queue."""
        started = time.monotonic()
        more = self.setup.parts.errand(self.database, name, ERRAND_S)
        say("errand.done", worker=self.name, errand=name, more=more, seconds=round(time.monotonic() - started, 3))
        if more:
            with self.database.write() as session:
                self.jobs.ask(session, name)
        return "more" if more else "done"

    def _once(self, taken: Taken) -> str | None:
        """One start of a run; None where it is to be started again."""
        started = time.monotonic()
        say("job.starts", run=taken.key, worker=self.name, fence=taken.fence, tries=taken.tries)
        outcome = self._attempt(taken)
        if self._ending.is_set():
            return None
        if isinstance(outcome, Finished) and outcome.report.status is not Status.ERROR:
            outcome = self._write(taken, outcome)
            if isinstance(outcome, Finished):
                say("job.done", run=taken.key, worker=self.name, seconds=round(time.monotonic() - started, 3))
                return "done"
        if isinstance(outcome, Finished):
            outcome = Fault(outcome.report.reason or child.DIED)
        if isinstance(outcome, Unable):
            return self._rest(taken, outcome)
        if isinstance(outcome, Fault):
            return self._again(taken, outcome)
        say("job.stopped", run=taken.key, worker=self.name)
        return "stopped"

    def _attempt(self, taken: Taken) -> Outcome:
        try:
            task = self._patient(lambda session: self._task(session, taken), write=False)
        except _Ending:
            return Stopped()
        except Exception as error:  # noqa: BLE001 - a version or a blob that cannot be read is a fault of ours
            say("job.unreadable", level=logging.ERROR, run=taken.key, error=type(error).__name__)
            return Fault(
                Text(
                    f"과제나 제출 파일을 읽을 수 없습니다({type(error).__name__}).",
                    f"The assignment or the submission cannot be read ({type(error).__name__}).",
                )
            )
        limits = task.assignment.limits
        seconds = limits.notebook_seconds + limits.suite_seconds + self.pace.slack
        watch = _Watch(self.database, taken, self.pace, self._ending)
        return self.child.run(task, seconds, watch.still, watch.tell)

    def _task(self, session: Session, taken: Taken) -> Task:
        if not taken.version_id:
            return self._cell(session, taken)
        version = session.get_one(Version, taken.version_id)
        return Task(
            self._unpacked(session, version),
            blobs.get(session, taken.notebook),
            taken.notebook,
            taken.filename,
            self._others(session, version),
        )

    def _cell(self, session: Session, taken: Taken) -> Task:
        run = session.get_one(Run, taken.run_id)
        assignment, data = self.setup.parts.cell(session, run, self._cache())
        return Task(assignment, data, blobs.name_of(data), "cell.ipynb")

    def _unpacked(self, session: Session, version: Version) -> Assignment:
        if version.id not in self._known:
            self._known[version.id] = self.setup.parts.unpack(session, version, self._cache())
        return self._known[version.id]

    def _cache(self) -> Path:
        folder = self.setup.home / CACHE
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _others(self, session: Session, version: Version) -> Sequence[Assignment]:
        """The course's other assignments, which a notebook may have been meant for."""
        course = select(Row.course_id).where(Row.id == version.assignment_id).scalar_subquery()
        current = select(Row.version_id).where(Row.course_id == course, Row.id != version.assignment_id)
        found = []
        for other in session.scalars(select(Version).where(Version.id.in_(current))).all():
            try:
                found.append(self._unpacked(session, other))
            except DBAPIError:
                raise
            except Exception as error:  # noqa: BLE001 - another assignment's fault is not this one's
                say("version.unreadable", level=logging.WARNING, version=other.id, error=type(error).__name__)
        return found

    def _write(self, taken: Taken, done: Finished) -> Outcome:
        """The result and the right to write it in one transaction."""

        def write(session: Session) -> bool:
            run = hold.held(session, taken)
            if run is None:
                return False
            if not self.setup.parts.finish(session, run, taken.fence, done.report, done.executed):
                raise _Ending
            hold.end(session, taken)
            return True

        try:
            return done if self._patient(write) else Stopped()
        except _Ending:
            return Stopped()
        except Exception as error:  # noqa: BLE001 - a result that cannot be kept is a fault of ours
            say("job.unwritable", level=logging.ERROR, run=taken.key, error=type(error).__name__)
            kind = type(error).__name__
            return Fault(Text(f"결과를 저장할 수 없습니다({kind}).", f"The result cannot be kept ({kind})."))

    def _again(self, taken: Taken, fault: Fault) -> str | None:
        """Another start after a while, or set aside after the last one."""
        say("job.fault", level=logging.WARNING, run=taken.key, worker=self.name, tries=taken.tries)
        if taken.tries < MAX_TRIES:
            self._ending.wait(self.pace.again * 2 ** (taken.tries - 1))
            return None
        try:
            self._patient(lambda session: hold.set_aside(session, taken, fault.reason, self.name))
        except _Ending:
            return None
        say("job.set_aside", level=logging.ERROR, run=taken.key, worker=self.name)
        return "set aside"

    def _rest(self, taken: Taken, unable: Unable) -> str:
        """Gives the job back to whoever can do it, and takes no other for a while: a machine without boxes must not
        eat the queue."""
        say("slot.unable", level=logging.ERROR, worker=self.name, reason=unable.reason.en[:200])
        try:
            if self._patient(lambda session: hold.give_back(session, taken)):
                self.jobs.revive(taken.key)
        except (DBAPIError, _Ending):
            pass  # the sweep or the reaper does it
        with self._lock:
            self._taken = None
        self._stop.wait(self.pace.rest)
        return "given back"

    def _patient(self, do: Callable[[Session], T], *, write: bool = True) -> T:
        """A transaction, again and again while the database cannot do it: it is locked, full, or away. Raises
        _Ending once the slot has given up."""
        pause = 0.1
        while True:
            if self._ending.is_set():
                raise _Ending
            try:
                with self.database.write() if write else self.database.read() as session:
                    return do(session)
            except (OperationalError, InterfaceError, PoolTimeout, DBAPIError) as error:
                if not _passing(error):
                    raise
                say("job.waits", level=logging.WARNING, worker=self.name, error=type(error).__name__)
            self._ending.wait(pause)
            pause = min(pause * 2, 5.0)


class _Ending(Exception):
    """The slot has lost or given up what it held; undoes the transaction that it is raised in."""


class _Heard:
    """When each slot was last heard of, by a clock that nobody sets and that stands still while this machine sleeps.
    After a jump of the database's clock, or a sleep, all beats look old, and whoever beats first must not take the
    others for dead: they get `seconds` to show life."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: dict[str, tuple[datetime, float]] = {}

    def lately(self, beats: Mapping[str, datetime]) -> frozenset[str]:
        """Those whose beat is another than it was so many seconds ago, or was not looked at for so long yet."""
        moment, before = time.monotonic(), self._last
        self._last = {
            name: before[name] if name in before and before[name][0] == beat else (beat, moment)
            for name, beat in beats.items()
        }
        return frozenset(name for name, (_, since) in self._last.items() if moment - since < self._seconds)


class _Watch:
    """Between a grading and its run's row: whether it is still wanted, and how far it is."""

    def __init__(self, database: Database, taken: Taken, pace: Pace, ending: threading.Event) -> None:
        self._database, self._taken, self._pace, self._ending = database, taken, pace, ending
        self._looked = self._noted = time.monotonic()
        self._latest: Progress | None = None
        self._wanted = True

    def tell(self, progress: Progress) -> None:
        """Takes what is to be noted next."""
        self._latest = progress

    def still(self) -> bool:
        """Whether the result is wanted; notes the progress where it is time to."""
        if self._ending.is_set():
            return False
        moment = time.monotonic()
        try:
            if self._latest is not None and moment - self._noted >= self._pace.progress:
                self._noted = self._looked = moment
                self._note(self._latest)
                self._latest = None
            elif moment - self._looked >= self._pace.still:
                self._looked = moment
                with self._database.read() as session:
                    self._wanted = hold.still(session, self._taken)
        except (DBAPIError, PoolTimeout):
            pass  # nobody can say; the fence decides in the end
        return self._wanted

    def _note(self, latest: Progress) -> None:
        with self._database.write() as session:
            self._wanted = hold.progress(session, self._taken, latest.cells_done, latest.cells, latest.checks)


def _passing(error: Exception) -> bool:
    """Whether the same may succeed later."""
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated
