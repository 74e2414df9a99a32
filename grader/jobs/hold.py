"""A run in the hands of a slot: taken, given back, set aside. Every change asks for the fence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from grader.store import audit
from grader.store.database import now
from grader.store.models import Run, RunProgress, State, Submission
from grader.text import Text

KILLED = Text(
    "채점 프로세스가 여러 번 갑자기 끝났습니다. 강사가 확인할 때까지 채점을 멈춥니다.",
    "The grading process ended suddenly several times. Grading is on hold until an instructor has looked.",
)


@dataclass(frozen=True)
class Taken:
    """One start of a run. `fence` is what its result needs."""

    key: str
    run_id: int
    fence: int
    tries: int
    queue: str
    version_id: int  # 0, and no notebook, where it is of a quiz's cell
    notebook: str  # SHA-256
    filename: str


def row(session: Session, key: str) -> Run | None:
    """The run, which nobody else changes before this transaction ends."""
    return session.scalars(select(Run).where(Run.key == key).with_for_update()).one_or_none()


def take(session: Session, key: str, worker: str, most: int) -> Taken | None:
    """Starts a run: whoever held it before has lost it. None where there is nothing to do, because it is cancelled
    or done, or was just set aside after too many starts."""
    run = row(session, key)
    if run is None or run.state not in (State.QUEUED, State.RUNNING):
        return None
    if run.tries >= most:
        put_aside(session, run, KILLED, worker)
        return None
    run.state, run.worker, run.started_at = State.RUNNING, worker, now(session)
    run.fence += 1
    run.tries += 1
    _forget_progress(session, run.id)
    of = None if run.submission_id is None else session.get_one(Submission, run.submission_id)
    notebook, filename = ("", "") if of is None else (of.notebook, of.filename)
    return Taken(key, run.id, run.fence, run.tries, run.queue, run.version_id or 0, notebook, filename)


def held(session: Session, taken: Taken) -> Run | None:
    """The run, locked, if this start still holds it."""
    run = row(session, taken.key)
    return run if run is not None and run.state is State.RUNNING and run.fence == taken.fence else None


def still(session: Session, taken: Taken) -> bool:
    """Whether this start still holds its run; a look, without a lock."""
    found = session.execute(select(Run.state, Run.fence).where(Run.id == taken.run_id)).one_or_none()
    return found is not None and found.state is State.RUNNING and found.fence == taken.fence


def give_back(session: Session, taken: Taken) -> bool:
    """To the queue, as if it had not been started. False where it is no longer held."""
    run = held(session, taken)
    if run is None:
        return False
    run.state, run.worker = State.QUEUED, None
    run.fence += 1
    run.tries -= 1
    _forget_progress(session, run.id)
    return True


def set_aside(session: Session, taken: Taken, reason: Text, worker: str) -> bool:
    """For a person to look at. False where it is no longer held."""
    run = held(session, taken)
    if run is not None:
        put_aside(session, run, reason, worker)
    return run is not None


def put_aside(session: Session, run: Run, reason: Text, worker: str) -> None:
    """Ends a run without a result; it counts for nothing and against nobody."""
    run.state, run.reason, run.finished_at, run.worker = State.SET_ASIDE, reason.as_json(), now(session), worker
    run.fence += 1
    _forget_progress(session, run.id)
    audit.record(session, "worker", "set_aside.run", f"run:{run.id}", tries=run.tries)


def progress(session: Session, taken: Taken, cells_done: int, cells: int, checks: Mapping[str, str]) -> bool:
    """Notes how far it is. False where the run is no longer held."""
    if not still(session, taken):
        return False
    at = now(session)
    found = session.get(RunProgress, taken.run_id)
    if found is None:
        found = RunProgress(run_id=taken.run_id, fence=0, cells_done=0, cells=0, checks={}, at=at)
        session.add(found)
    found.fence, found.cells_done, found.cells, found.checks, found.at = taken.fence, cells_done, cells, {**checks}, at
    return True


def end(session: Session, taken: Taken) -> None:
    """After a result nobody asks any more how far it is."""
    _forget_progress(session, taken.run_id)


def _forget_progress(session: Session, run_id: int) -> None:
    session.execute(delete(RunProgress).where(RunProgress.run_id == run_id))
