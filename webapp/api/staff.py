"""What only staff ask: who is in the course, and how the queue does."""

from __future__ import annotations

from collections import Counter

from flask import request
from sqlalchemy import func, select

from grader.course.tokens import Scope
from grader.store.models import Role, Run, State
from webapp.access import allow, here
from webapp.api import models
from webapp.api.blueprint import blueprint
from webapp.api.document import operation
from webapp.site import reading, site
from webapp.staff import roster


@blueprint.get("/v1/courses/<course>/people")
@allow(Role.ASSISTANT)
@operation("강좌의 사람", tag="staff", scope=Scope.STAFF, returns=models.People, query=models.Search)
def people(course: str) -> models.People:
    """Who is in the course."""
    wish: models.Search = request.context.query  # type: ignore[attr-defined]
    rows = roster.roster(reading(), here().course, wish.q.strip(), wish.left)
    return models.People(
        people=[
            models.Somebody(
                email=one.email,
                name=one.name,
                role=one.role.value,
                group=one.group,
                active=one.active,
                submissions=one.submissions,
            )
            for one in rows
        ]
    )


@blueprint.get("/v1/courses/<course>/queue")
@allow(Role.ASSISTANT)
@operation("채점 대기열과 워커", tag="staff", scope=Scope.STAFF, returns=models.Queue)
def queue(course: str) -> models.Queue:
    """How many gradings wait, run and were set aside, over all courses, and who grades."""
    jobs = site().jobs
    return models.Queue(
        waiting=dict(sorted(Counter(one.queue for one in jobs.waiting()).items())),
        running=_in_state(State.RUNNING),
        set_aside=_in_state(State.SET_ASIDE),
        workers=[
            models.Worker(
                name=one.name,
                queues=list(one.queues),
                alive=one.alive,
                draining=one.draining,
                busy=one.run is not None,
            )
            for one in jobs.workers()
        ],
    )


def _in_state(state: State) -> dict[str, int]:
    """How many runs, by queue."""
    query = select(Run.queue, func.count()).where(Run.state == state).group_by(Run.queue).order_by(Run.queue)
    return {row[0]: row[1] for row in reading().execute(query)}
