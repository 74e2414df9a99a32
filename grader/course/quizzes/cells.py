"""Cells: marked by a worker, through the queue of the gradings, as a notebook of one cell."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from grader.course.quizzes import marking, posing, shelf
from grader.course.submissions import Enqueue
from grader.quiz.answer import parse
from grader.report import Report, Status
from grader.store.database import now
from grader.store.models import Purpose, Run, RunProgress, State
from grader.store.quizzes import QuizAttempt, QuizCell, QuizItem, QuizMark, QuizRemark, QuizVersion

if TYPE_CHECKING:
    from grader.assignment import Assignment

QUEUE = "cpu"


def ask(session: Session, mark: QuizMark, person: int, at: datetime, enqueue: Enqueue | None) -> Run:
    """A run that will give this mark. Without `enqueue` the queue's sweep finds it within seconds."""
    session.flush()
    run = Run(
        key=uuid.uuid4().hex,
        submission_id=None,
        version_id=None,
        purpose=Purpose.CELL,
        batch=None,
        queue=QUEUE,
        state=State.QUEUED,
        fence=0,
        tries=0,
        requested_at=at,
    )
    session.add(run)
    session.flush()
    session.add(QuizCell(run_id=run.id, mark_id=mark.id, person_id=person))
    session.flush()
    if enqueue is not None:
        enqueue(session, run)
    return run


def task(session: Session, run: Run, folder: Path) -> tuple[Assignment, bytes]:
    """What a worker needs to mark a cell: the question as an assignment, unpacked below `folder`, and the answer as a
    notebook. Raises KeyError where the answer is gone, as a forgotten person's is."""
    from grader.quiz import cell

    mark = _mark(session, run)
    item = session.get_one(QuizItem, (mark.attempt_id, mark.position))
    if item.answer is None:
        raise KeyError("there is no answer")
    by = session.get_one(QuizVersion, mark.version_id)
    values = marking.values_by(session, item, by)
    posed = shelf.book(session, by).filled(item.question, item.values if values is None else values)
    source = str(parse(posing.asked(item), item.answer).value)
    return cell.unpacked(posed, folder), cell.notebook(source)


def finish(session: Session, run: Run, fence: int, report: Report) -> bool:
    """Writes the mark of a cell, if the run is still running and this start of it holds the fence; returns whether it
    was written. Raises ValueError for a report that is no mark."""
    from grader.quiz import cell

    held = session.get(Run, run.id, populate_existing=True, with_for_update=True)
    if held is None or held.state is not State.RUNNING or held.fence != fence:
        return False
    judged = cell.judged(report)
    if judged is None:
        raise ValueError("this report is no mark")
    at = now(session)
    held.state, held.finished_at, held.committed_at, held.status = State.DONE, at, at, report.status.value
    if report.status is Status.GRADED:
        held.score, held.max_score = report.score, report.max_score
    held.environment, held.seconds = dict(report.environment), dict(report.seconds)
    mark = _mark(session, held)
    mark.share, mark.said = judged.share, [text.as_json() for text in judged.said]
    item = session.get_one(QuizItem, (mark.attempt_id, mark.position), with_for_update=True)
    if mark.batch is None:
        # a correction that was committed meanwhile may have marked it already
        if item.share is None or item.marked_by == mark.version_id:
            item.share, item.said = mark.share, mark.said
        mark.committed_at = at
    session.execute(delete(RunProgress).where(RunProgress.run_id == held.id))
    session.flush()
    return True


def wanted(session: Session, run: Run) -> bool:
    """Whether its mark would count: the answer is there, and nobody has dropped the key correction that it is of."""
    mark = _mark(session, run)
    dropped = mark.batch is not None and session.get_one(QuizRemark, mark.batch).discarded_at is not None
    return not dropped and session.get_one(QuizItem, (mark.attempt_id, mark.position)).answer is not None


def of_attempt(session: Session, attempt: QuizAttempt) -> Sequence[Run]:
    """The runs that mark its code, the latest first."""
    query = select(Run).join(QuizCell, QuizCell.run_id == Run.id).join(QuizMark, QuizMark.id == QuizCell.mark_id)
    return session.scalars(query.where(QuizMark.attempt_id == attempt.id).order_by(Run.id.desc())).all()


def call_off(session: Session, batch: str) -> None:
    """Cells of a key correction that nobody wants any more."""
    marks = select(QuizMark.id).where(QuizMark.batch == batch)
    runs = select(QuizCell.run_id).where(QuizCell.mark_id.in_(marks))
    waiting = Run.state.in_((State.QUEUED, State.RUNNING, State.SET_ASIDE))
    session.execute(update(Run).where(Run.id.in_(runs), waiting).values(state=State.CANCELLED, fence=Run.fence + 1))


def _mark(session: Session, run: Run) -> QuizMark:
    return session.scalars(
        select(QuizMark).join(QuizCell, QuizCell.mark_id == QuizMark.id).filter_by(run_id=run.id)
    ).one()
