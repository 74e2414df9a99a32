"""The queue: what waits, what is being graded, what was set aside, and by whom; and grading again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from grader.course import regrading
from grader.course.regrading import Change, Moved, Progress
from grader.errors import BadInput
from grader.store.database import now
from grader.store.models import Assignment, Course, Person, Purpose, Role, Run, State, Version
from grader.store.quizzes import RECEIPT, TITLE, whose
from grader.text import Text
from webapp.access import Link, allow, here
from webapp.language import say
from webapp.site import reading, site, writing

blueprint = Blueprint("queue", __name__)
LINKS = (Link("queue.board", Text("채점 대기열", "Queue"), Role.ASSISTANT),)
SHOWN = 200  # of each list
CHANGES = 500
ALREADY = Text("이미 반영된 재채점입니다.", "This regrade counts already.")


@dataclass(frozen=True)
class Line:
    """One run in a list. `place` counts from 1 within the queue, over all courses."""

    key: str
    receipt: str
    who: str
    assignment: Text
    purpose: Purpose
    state: State
    tries: int
    requested_at: datetime
    started_at: datetime | None
    worker: str | None
    reason: Text | None
    place: int | None = None


@dataclass(frozen=True)
class Batch:
    """One regrade in a list."""

    key: str
    at: datetime
    progress: Progress
    called_off: bool


@blueprint.get("/courses/<course>/queue")
@allow(Role.ASSISTANT)
def board(course: str) -> str:
    """All of it, of this course; of the others only how many are before."""
    about, jobs = here().course, site().jobs
    waiting = jobs.waiting()
    places = {one.key: one.place for one in waiting}
    lines = _lines(about, (State.QUEUED, State.RUNNING, State.SET_ASIDE, State.CANCELLED))
    aside = {run.key for run in jobs.set_aside()}  # not those that were asked for anew since
    by_state: dict[State, list[Line]] = {state: [] for state in State}
    for one in lines:
        if one.state is not State.SET_ASIDE or one.key in aside:
            by_state[one.state].append(one)
    queued = [_placed(one, places.get(one.key)) for one in by_state[State.QUEUED]]
    queued.sort(key=lambda one: (one.place is None, one.place or 0))
    return render_template(
        "queue/board.html",
        waiting=queued[:SHOWN],
        waiting_count=len(queued),
        elsewhere=len(waiting) - len(places.keys() & {one.key for one in queued}),
        running=by_state[State.RUNNING][:SHOWN],
        aside=by_state[State.SET_ASIDE][:SHOWN],
        cancelled=by_state[State.CANCELLED][:20],
        workers=jobs.workers(),
        now=now(reading()),
    )


@blueprint.post("/courses/<course>/queue/<key>/<verb>")
@allow(Role.INSTRUCTOR)
def move(course: str, key: str, verb: str) -> Response:
    """Calls a run off, or puts it back into the queue."""
    jobs, about = site().jobs, here()
    if verb not in ("cancel", "requeue") or not _is_ours(key):
        abort(404)
    actor = about.person
    _release()
    done = (jobs.cancel if verb == "cancel" else jobs.requeue)(key, actor)
    if not done:
        flash(
            say("그 사이에 상태가 바뀌어 아무것도 하지 않았습니다.", "Its state changed meanwhile; nothing was done.")
        )
    elif verb == "cancel":
        flash(say("취소했습니다.", "Cancelled."))
    else:
        flash(say("다시 채점 대기열에 넣었습니다.", "It is in the queue again."))
    return redirect(url_for("queue.board", course=course), 303)


def set_aside(course: Course) -> int:
    """How many runs of the course somebody has to look at."""
    aside = {run.key for run in site().jobs.set_aside()}
    return len([one for one in _lines(course, (State.SET_ASIDE,)) if one.key in aside]) if aside else 0


# ------------------------------------------------------------------------------------------------------ regrading


@blueprint.get("/courses/<course>/assignments/<assignment>/regrades")
@allow(Role.ASSISTANT)
def regrades(course: str, assignment: str) -> str:
    """The regrades of an assignment, and the form for another one."""
    return _regrades()


@blueprint.post("/courses/<course>/assignments/<assignment>/regrades")
@allow(Role.INSTRUCTOR)
def plan(course: str, assignment: str) -> Response | tuple[str, int]:
    """Begins one, in the shadow: no grade changes."""
    form = request.form
    jobs = site().jobs
    try:
        with writing() as session:
            made = regrading.plan(
                session,
                session.get_one(Assignment, here().the_assignment.id),
                counting_only=form.get("what") != "all",
                again=form.get("again") == "1",
                actor=session.get_one(Person, here().person.id),
                enqueue=jobs.enqueue,
            )
    except BadInput as error:
        return _regrades(error.text), 400
    flash(say(f"제출 {made.runs}건을 다시 채점합니다.", f"Grading {made.runs} submission(s) again."))
    return redirect(url_for("queue.regrade", course=course, assignment=assignment, batch=made.batch), 303)


@blueprint.get("/courses/<course>/assignments/<assignment>/regrades/<batch>")
@allow(Role.ASSISTANT)
def regrade(course: str, assignment: str, batch: str) -> str:
    """Who would have another grade."""
    return _regrade(batch)


@blueprint.post("/courses/<course>/assignments/<assignment>/regrades/<batch>")
@allow(Role.INSTRUCTOR)
def settle(course: str, assignment: str, batch: str) -> Response | tuple[str, int]:
    """Makes it count, or calls it off."""
    known, verb = _progress(batch), request.form.get("verb")
    if verb not in ("commit", "discard"):
        abort(400)
    try:
        with writing() as session:
            who = session.get_one(Person, here().person.id)
            if verb == "commit":
                changes = regrading.commit(session, batch, actor=who, shown=request.form.get("seen", ""))
                said = (
                    ALREADY
                    if known.committed
                    else Text(
                        f"반영했습니다. 점수가 바뀐 학생 {len(changes)}명.",
                        f"It counts now: {len(changes)} grade(s) changed.",
                    )
                )
            else:
                regrading.discard(session, batch, actor=who)
                said = Text(
                    "재채점을 취소했습니다. 점수는 그대로입니다.",
                    "The regrade is called off. All grades stay as they are.",
                )
    except BadInput as error:
        return _regrade(batch, error.text), 400
    flash(say(said))
    return redirect(url_for("queue.regrade", course=course, assignment=assignment, batch=batch), 303)


# -------------------------------------------------------------------------------------------------------- pieces


def _regrades(wrong: Text | None = None) -> str:
    about = here().the_assignment
    session = reading()
    version = None if about.version_id is None else session.get_one(Version, about.version_id)
    found = []
    for key in regrading.batches(session, about)[:50]:
        at = session.scalars(select(Run.requested_at).where(Run.batch == key).order_by(Run.id).limit(1)).one()
        found.append(Batch(key, at, regrading.progress(session, key), regrading.called_off(session, key)))
    return render_template("queue/regrades.html", assignment=about, version=version, found=found, wrong=wrong)


def _regrade(batch: str, wrong: Text | None = None) -> str:
    progress = _progress(batch)
    called_off = regrading.called_off(reading(), batch)
    changes = regrading.compare(reading(), batch)
    rows = regrading.moved(reading(), batch) if progress.committed else [_would_move(one) for one in changes]
    rows.sort(key=lambda one: one.after - (one.before or 0.0))
    return render_template(
        "queue/regrade.html",
        assignment=here().the_assignment,
        batch=batch,
        progress=progress,
        called_off=called_off,
        version=reading().get_one(Version, progress.version_id),
        moved=rows[:CHANGES],
        count=len(rows),
        down=sum(one.after < (one.before or 0.0) for one in rows),
        up=sum(one.after > (one.before or 0.0) for one in rows),
        seen=regrading.word_for(changes),
        wrong=wrong,
    )


def _would_move(one: Change) -> Moved:
    before = one.before.score if one.before.status == "graded" else None
    return Moved(one.person, before, one.after.score, one.after.max_score, one.checks)


def _progress(batch: str) -> Progress:
    """Of a regrade of this assignment. Ends the request for any other."""
    try:
        found = regrading.progress(reading(), batch)
    except BadInput:
        abort(404)
    if found.assignment_id != here().the_assignment.id:
        abort(404)
    return found


def _lines(course: Course, states: Iterable[State]) -> list[Line]:
    """The latest first."""
    query = (
        whose(select(Run, RECEIPT, Person.name, Person.email, TITLE))
        .where(Course.id == course.id, Run.state.in_(tuple(states)))
        .order_by(Run.id.desc())
    )
    return [
        Line(
            run.key,
            receipt,
            name or email,
            Text.from_json(title),
            run.purpose,
            run.state,
            run.tries,
            run.requested_at,
            run.started_at,
            run.worker,
            Text.from_json(run.reason) if run.reason else None,
        )
        for run, receipt, name, email, title in reading().execute(query)
    ]


def _placed(line: Line, place: int | None) -> Line:
    return replace(line, place=place)


def _is_ours(key: str) -> bool:
    """Whether it is a run of this course."""
    query = whose(select(Run.id)).where(Run.key == key, Course.id == here().course.id)
    return reading().scalars(query).first() is not None


def _release() -> None:
    """Ends this request's look at the store: the queue writes through sessions of its own."""
    reading().close()
