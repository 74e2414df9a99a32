"""The queue as the web, the command line and the workers see it."""

from __future__ import annotations

import heapq
import logging
import secrets
import statistics
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from grader.jobs import engine, hold
from grader.jobs.log import say
from grader.jobs.pace import MAX_TRIES, PACE, Pace
from grader.store import audit
from grader.store.database import Database, lock, now
from grader.store.models import Person, Purpose, Run, State, Submission, Version, Worker
from grader.store.quizzes import QuizCell

if TYPE_CHECKING:
    from dbos import DBOSClient

BAND = 2**28  # rounds of one purpose; four bands fit into DBOS's priorities, which end at 2**31 - 1
WAITS, RUNS = "ENQUEUED", "PENDING"  # DBOS's words
OVER = ("SUCCESS", "ERROR")
ERRANDS = "cpu"  # the queue in which they wait
LAST = 20  # runs of an assignment that tell how long the next one takes
UNKNOWN_S = 30.0  # where there was none yet
PERSON = func.coalesce(Submission.person_id, QuizCell.person_id)


@dataclass(frozen=True)
class Waiting:
    """A job that waits; `place` counts from 1 within its queue."""

    place: int
    key: str
    run_id: int
    queue: str
    purpose: Purpose
    person_id: int
    assignment_id: int | None  # None where it is a quiz's cell
    requested_at: datetime


@dataclass(frozen=True)
class Outlook:
    """What a run that is on its way can expect: its place in its queue, None once it runs, and the seconds until it is
    graded, None where nobody can tell."""

    place: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Seen:
    """A slot of a worker. `run` is the key of what it is grading."""

    name: str
    host: str
    pid: int
    queues: Sequence[str]
    slots: int
    draining: bool
    alive: bool
    started_at: datetime
    beat_at: datetime
    run: str | None

    @property
    def worker(self) -> str:
        """The name of the worker: that of the slot without its number."""
        return worker_of(self.name)


def worker_of(slot: str) -> str:
    """The name of the worker that a slot belongs to."""
    return slot.rpartition("-")[0]


class Jobs:
    """The queue of one database, which any number of threads may share."""

    def __init__(self, database: Database, pace: Pace = PACE) -> None:
        self.database = database
        self.pace = pace
        self._jobs = engine.jobs_table(database)
        self._table = self._jobs.c
        self._opening = threading.Lock()
        self._client: DBOSClient | None = None

    @property
    def _dbos(self) -> DBOSClient:
        """Made when it is first needed: loading DBOS takes a third of a second."""
        with self._opening:
            if self._client is None:
                self._engine = engine.engine(self.database)
                self._client = engine.client(self._engine)
            return self._client

    def close(self) -> None:
        """Lets go of what it holds of the database."""
        if self._client is not None:
            self._client.destroy()
            self._engine.dispose()

    # in and out ------------------------------------------------------------------------------------------------------

    def enqueue(self, session: Session, run: Run) -> None:
        """The job of a run, in the caller's transaction: both are kept, or neither. A second job of a run is none."""
        session.flush()
        person = session.scalars(_with_people(select(PERSON)).where(Run.id == run.id)).one()
        lock(session, f"queue:{run.queue}:{person}")
        if self._status(session, run.key) is not None:
            return
        options: Any = {
            "workflow_name": engine.WORKFLOW,
            "queue_name": run.queue,
            "workflow_id": run.key,
            "priority": self._round(session, run, person),
        }
        self._dbos.enqueue_in_transaction(session, options, run.key)

    def ask(self, session: Session, errand: str) -> None:
        """Work for a slot that is nobody's grading, such as "likeness:12", in the caller's transaction and behind
        everything else that waits. Asking again for one that waits is asking once. It has no row of ours, and may be
        started twice."""
        session.flush()
        lock(session, f"queue:{errand}")
        table = self._table
        waits = select(table.workflow_uuid).where(
            table.name == engine.ERRAND, table.status == WAITS, table.workflow_uuid.startswith(f"{errand}:")
        )
        if session.scalars(waits.limit(1)).first() is not None:
            return
        options: Any = {
            "workflow_name": engine.ERRAND,
            "queue_name": ERRANDS,
            "workflow_id": f"{errand}:{secrets.token_hex(8)}",
            "priority": list(Purpose).index(Purpose.SIMILARITY) * BAND + 1,
        }
        self._dbos.enqueue_in_transaction(session, options, errand)

    def cancel(self, key: str, actor: Person | str) -> bool:
        """Whether it was still on its way. A grading that is under way ends within a second."""
        with self.database.write() as session:
            run = hold.row(session, key)
            if run is None or run.state not in (State.QUEUED, State.RUNNING):
                return False
            run.state, run.finished_at = State.CANCELLED, now(session)
            run.fence += 1
            audit.record(session, actor, "cancel.run", f"run:{run.id}", tries=run.tries)
        self._tidy(key)
        return True

    def requeue(self, key: str, actor: Person | str) -> bool:
        """Gives a run that was set aside or cancelled all its starts again. Whether there was one; one whose result
        could never count is none: of a regrade or a key correction that was called off, or of a forgotten person."""
        from grader.course import regrading
        from grader.course.quizzes import cells

        with self.database.write() as session:
            run = hold.row(session, key)
            if run is None or run.state not in (State.SET_ASIDE, State.CANCELLED):
                return False
            if run.batch is not None and regrading.called_off(session, run.batch):
                return False
            if run.purpose is Purpose.CELL and not cells.wanted(session, run):
                return False
            audit.record(session, actor, "requeue.run", f"run:{run.id}", tries=run.tries)
            run.state, run.tries, run.worker = State.QUEUED, 0, None
            run.reason = run.finished_at = run.started_at = None
            run.fence += 1
        self.revive(key)
        return True

    def revive(self, key: str) -> None:
        """Lets the job of a queued run be started again, whatever DBOS thinks became of it. Not to be called within
        a transaction that writes: on SQLite it would wait for itself."""
        from dbos import error

        for last in (False, False, True):
            try:
                return self._revive(key)
            except error.DBOSException:  # somebody else, such as a worker's sweep, was quicker: look what became of it
                if last:
                    raise

    def _revive(self, key: str) -> None:
        with self.database.read() as session:
            status = self._status(session, key)
            run = session.scalars(select(Run).where(Run.key == key)).one()
        if status is None:
            with self.database.write() as session:
                self.enqueue(session, session.get_one(Run, run.id))
        elif status in OVER:
            self._dbos.rewind_workflow(key, queue_name=run.queue, application_version=engine.VERSION)
        elif status != WAITS:
            self._dbos.resume_workflow(key, queue_name=run.queue)

    # what one may ask ------------------------------------------------------------------------------------------------

    def place(self, key: str) -> int | None:
        """1 is next in its queue; None where the run does not wait."""
        table = self._table
        order = (table.priority, table.created_at, Run.id)
        with self.database.read() as session:
            mine = session.execute(self._in_line(select(Run.queue, *order)).where(Run.key == key)).one_or_none()
            if mine is None:
                return None
            before = tuple_(*order) < tuple_(*mine[1:])
            count = self._in_line(select(func.count())).where(Run.queue == mine[0], before)
            return 1 + int(session.scalars(count).one())

    def waiting(self, queue: str | None = None) -> list[Waiting]:
        """All that wait, of one queue or of every, in the order in which they will be started."""
        with self.database.read() as session:
            return self._waiting(session, queue)

    def estimate(self, key: str) -> float | None:
        """Seconds until the run is graded, as far as one can tell; None where it is not on its way, or no worker that
        serves it is alive. As if each slot took the next job when it is done, and each took as long as the median of
        the last ones of its assignment."""
        found = self.outlook([key]).get(key)
        return None if found is None else found.seconds

    def outlook(self, keys: Collection[str]) -> dict[str, Outlook]:
        """Place and estimate of those runs that are on their way, from one look at each queue."""
        with self.database.read() as session:
            on_the_way = (Run.key.in_(keys), Run.state.in_([State.QUEUED, State.RUNNING]))
            rows = session.execute(select(Run.key, Run.queue).where(*on_the_way)).all()
            found: dict[str, Outlook] = {}
            for queue in {row.queue for row in rows}:
                found |= self._outlook(session, queue)
        return {row.key: found.get(row.key, Outlook()) for row in rows}

    def _outlook(self, session: Session, queue: str) -> dict[str, Outlook]:
        """Of all that run and wait in a queue."""
        clock = now(session)
        slots = sum(one.slots for one in self._workers(session, clock) if one.serves(queue))
        ahead = self._waiting(session, queue)
        running = session.execute(
            select(Run.key, Run.started_at, Version.assignment_id)
            .outerjoin(Version, Version.id == Run.version_id)
            .where(Run.state == State.RUNNING, Run.queue == queue)
        ).all()
        needed = _Medians(session)
        left: dict[str, float] = {
            one.key: max(needed[one.assignment_id] - (clock - one.started_at).total_seconds(), 1.0) for one in running
        }
        ends = _simulated(slots, list(left.values()), [(one.key, needed[one.assignment_id]) for one in ahead])
        waiting = {one.key: Outlook(one.place, ends.get(one.key)) for one in ahead}
        return waiting | {key: Outlook(None, seconds) for key, seconds in left.items()}

    def set_aside(self) -> list[Run]:
        """The runs that still wait for a person to look, the earliest first: not those whose submission was graded,
        or asked to be graded, once more since."""
        newer = aliased(Run)
        with self.database.read() as session:
            query = (
                select(Run)
                .where(
                    Run.state == State.SET_ASIDE,
                    ~exists().where(
                        newer.submission_id == Run.submission_id,
                        newer.id > Run.id,
                        newer.state.in_([State.QUEUED, State.RUNNING, State.DONE]),
                    ),
                )
                .order_by(Run.id)
            )
            return list(session.scalars(query))

    def workers(self) -> list[Seen]:
        """All slots that were ever heard of and not taken off the list, by name."""
        with self.database.read() as session:
            busy = {
                one.worker: one.key
                for one in session.execute(select(Run.worker, Run.key).where(Run.state == State.RUNNING))
            }
            return [one.as_seen(busy.get(one.row.name)) for one in self._workers(session, now(session))]

    def drain(self, name: str, actor: Person | str, on: bool = True) -> int:
        """Lets the slot of that name, or all of the worker or the host of that name, take no new jobs, or take some
        again; how many these are. A slot is its worker's name and a number."""
        with self.database.write() as session:
            known = session.scalars(select(Worker)).all()
            chosen = [one for one in known if name in (one.name, worker_of(one.name), one.host)]
            for worker in chosen:
                worker.draining = on
            if chosen:
                audit.record(session, actor, "drain.worker" if on else "undrain.worker", "worker", slots=len(chosen))
        return len(chosen)

    # care ------------------------------------------------------------------------------------------------------------

    def reap(self, me: str | None = None, spare: Collection[str] = ()) -> list[str]:
        """Gives back what slots held that show no life; the keys of these runs. Safe in any number of processes. A
        slot says who it is: one whose own beat is not fresh believes that its clock jumped, and touches nothing.
        Those of `spare` count as alive, however old their beats look."""
        table = self._table
        with self.database.read() as session:
            alive = [*self._alive(session), *spare]
            if me is not None and me not in alive:
                return []
            theirs = (table.status == RUNS, table.executor_id.not_in(alive))
            jobs = select(table.workflow_uuid, table.executor_id)
            lost = session.execute(jobs.where(table.name == engine.WORKFLOW, *theirs)).all()
            errands = session.scalars(select(table.workflow_uuid).where(table.name == engine.ERRAND, *theirs)).all()
        for key in errands:
            self._dbos.resume_workflow(key, queue_name=ERRANDS)
        return [key for key, executor in lost if self._take_back(key, executor, spare)]

    def _take_back(self, key: str, executor: str, spare: Collection[str]) -> bool:
        """Whether the run has been given back. Of several reapers the first one finds the row as it was."""
        with self.database.write() as session:
            run, alive = hold.row(session, key), [*self._alive(session), *spare]
            job = session.execute(
                select(self._table.status, self._table.executor_id).where(self._table.workflow_uuid == key)
            ).one_or_none()
            if executor in alive or job is None or tuple(job) != (RUNS, executor):
                return False
            if run is not None and run.state is State.RUNNING and run.worker not in alive:
                self._requeued(session, run)
            back = run is not None and run.state is State.QUEUED
        if back:
            self.revive(key)
        else:
            self._tidy(key)
        return back

    def claimed(self, worker: str) -> frozenset[str]:
        """The keys of the jobs that DBOS thinks this slot is doing."""
        table = self._table
        query = select(table.workflow_uuid).where(
            table.status == RUNS, table.name == engine.WORKFLOW, table.executor_id == worker
        )
        with self.database.read() as session:
            return frozenset(session.scalars(query))

    def sweep(self) -> list[str]:
        """Puts right what stands in one table and not in the other: a run that is to be graded and has no job that
        could be started. The keys of these runs."""
        with self.database.read() as session:
            stray = session.scalars(self._stray(now(session))).all()
        return [key for key in stray if self._put_right(key)]

    def _stray(self, clock: datetime) -> Select[str]:
        old = clock - timedelta(seconds=self.pace.stray)
        return (
            select(Run.key)
            .outerjoin(self._jobs, self._table.workflow_uuid == Run.key)
            .where(
                Run.state.in_([State.QUEUED, State.RUNNING]),
                or_(self._table.status.is_(None), self._table.status.not_in([WAITS, RUNS, "DELAYED"])),
                func.coalesce(Run.started_at, Run.requested_at) < old,
            )
        )

    def _put_right(self, key: str) -> bool:
        with self.database.write() as session:
            run = hold.row(session, key)
            if run is None or not session.scalar(self._stray(now(session)).where(Run.key == key)):
                return False
            if run.state is State.RUNNING:
                self._requeued(session, run)
            back = run.state is State.QUEUED
        if back:
            self.revive(key)
        return back

    def _requeued(self, session: Session, run: Run) -> None:
        """From a slot that lost it, to the queue, or aside after too many starts."""
        if run.tries >= MAX_TRIES:
            hold.put_aside(session, run, hold.KILLED, run.worker or "")
        else:
            run.state, run.worker = State.QUEUED, None
            run.fence += 1

    def forget(self, before: datetime) -> int:
        """Removes the jobs of runs that ended before that time; the runs stay. How many these were."""
        table = self._table
        ended = select(Run.key).where(
            Run.finished_at < before, Run.state.in_([State.DONE, State.SET_ASIDE, State.CANCELLED])
        )
        query = select(table.workflow_uuid).where(
            table.workflow_uuid.in_(ended), table.status.not_in([WAITS, RUNS, "DELAYED"])
        )
        with self.database.read() as session:
            keys = list(session.scalars(query))
            errands = session.scalars(
                select(table.workflow_uuid).where(
                    table.name == engine.ERRAND,
                    table.status.not_in([WAITS, RUNS, "DELAYED"]),
                    table.created_at < int(before.timestamp() * 1000),
                )
            ).all()
        for part in (keys, list(errands)):
            for start in range(0, len(part), 500):
                self._dbos.delete_workflows(part[start : start + 500])
        return len(keys)

    # -----------------------------------------------------------------------------------------------------------------

    def _tidy(self, key: str) -> None:
        """Tells DBOS that nobody waits for this job. If that fails, whoever starts it sees the same from our row."""
        try:
            self._dbos.cancel_workflow(key)
        except DBAPIError as error:
            say("queue.untidy", level=logging.WARNING, run=key, error=type(error).__name__)

    def _status(self, session: Session, key: str) -> str | None:
        return session.scalar(select(self._table.status).where(self._table.workflow_uuid == key))

    def _round(self, session: Session, run: Run, person: int) -> int:
        """The round of a new job: the one after the person's last that waits, or after the one that is being graded
        now, whichever is later."""
        table, band = self._table, list(Purpose).index(run.purpose) * BAND
        here = and_(table.queue_name == run.queue, table.priority > band, table.priority < band + BAND)
        running = session.scalar(select(func.max(table.priority)).where(here, table.status == RUNS))
        first = session.scalar(select(func.min(table.priority)).where(here, table.status == WAITS))
        mine = session.scalar(
            _with_people(select(func.max(table.priority)))
            .join(self._jobs, table.workflow_uuid == Run.key)
            .where(here, table.status == WAITS, Run.state == State.QUEUED, person == PERSON)
        )
        present = running if running is not None else band if first is None else first - 1
        return int(min(max(present, mine or 0) + 1, band + BAND - 1))

    def _in_line(self, query: Any) -> Any:
        """Of the runs that wait and may be started."""
        table = self._table
        return (
            _with_people(query)
            .join(self._jobs, table.workflow_uuid == Run.key)
            .where(Run.state == State.QUEUED, table.status == WAITS)
        )

    def _waiting(self, session: Session, queue: str | None) -> list[Waiting]:
        query = (
            self._in_line(select(Run.key, Run.id, Run.queue, Run.purpose, Run.requested_at))
            .add_columns(PERSON.label("person_id"), Submission.assignment_id)
            .order_by(self._table.priority, self._table.created_at, Run.id)
        )
        if queue is not None:
            query = query.where(Run.queue == queue)
        places: dict[str, int] = {}
        found = []
        for one in session.execute(query):
            places[one.queue] = places.get(one.queue, 0) + 1
            found.append(
                Waiting(
                    places[one.queue],
                    one.key,
                    one.id,
                    one.queue,
                    one.purpose,
                    one.person_id,
                    one.assignment_id,
                    one.requested_at,
                )
            )
        return found

    def _alive(self, session: Session) -> list[str]:
        return [one.row.name for one in self._workers(session, now(session)) if one.alive]

    def _workers(self, session: Session, clock: datetime) -> list[_Slot]:
        """A beat in the future is as old as one in the past: the clock was put back."""
        rows = session.scalars(select(Worker).order_by(Worker.name)).all()
        return [_Slot(row, abs((clock - row.beat_at).total_seconds()) < self.pace.dead) for row in rows]


def _with_people(query: Any) -> Any:
    """Of runs, each with what says whose it is: a submission, or a cell of a quiz."""
    return (
        query.select_from(Run)
        .outerjoin(Submission, Submission.id == Run.submission_id)
        .outerjoin(QuizCell, QuizCell.run_id == Run.id)
    )


@dataclass(frozen=True)
class _Slot:
    row: Worker
    alive: bool

    @property
    def slots(self) -> int:
        return self.row.slots

    def serves(self, queue: str) -> bool:
        return self.alive and not self.row.draining and queue in self.row.queues

    def as_seen(self, run: str | None) -> Seen:
        row = self.row
        return Seen(
            row.name,
            row.host,
            row.pid,
            tuple(row.queues),
            row.slots,
            row.draining,
            self.alive,
            row.started_at,
            row.beat_at,
            run,
        )


class _Medians(dict[int | None, float]):
    """Seconds that a run of an assignment took, by the assignment's id; None stands for all cells of quizzes."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def __missing__(self, assignment: int | None) -> float:
        theirs = Run.version_id.is_(None) if assignment is None else Version.assignment_id == assignment
        rows = self._session.execute(
            select(Run.started_at, Run.finished_at)
            .outerjoin(Version, Version.id == Run.version_id)
            .where(theirs, Run.state == State.DONE, Run.started_at.is_not(None))
            .order_by(Run.id.desc())
            .limit(LAST)
        ).all()
        taken = [(row.finished_at - row.started_at).total_seconds() for row in rows if row.finished_at is not None]
        self[assignment] = statistics.median(taken) if taken else UNKNOWN_S
        return self[assignment]


def _simulated(slots: int, running: Sequence[float], ahead: Sequence[tuple[str, float]]) -> dict[str, float]:
    """When each job ends if `slots` slots take what is ahead in order; `running` are the seconds that each running
    job still needs. Without slots nothing ever does."""
    if not slots:
        return {}
    free = [*sorted(running)[-slots:], *[0.0] * (slots - len(running))]
    heapq.heapify(free)
    ends = {}
    for key, seconds in ahead:
        ends[key] = heapq.heappop(free) + seconds
        heapq.heappush(free, ends[key])
    return ends
