"""For machines that look after this one: is it up, may it be asked, and how is it doing.

`/healthz` says that the process answers, `/readyz` that the store does too, and `/metrics` counts, in Prometheus's
format. No name, address, receipt or file is in any of them. The counts are for this machine alone, or for who holds
the word in the file `metrics.token` of the course's folder.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, Flask, abort, current_app, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.store.database import now
from grader.store.models import Run, State, Submission, Worker
from grader.store.schema import HEAD, version
from webapp import hosts, logs
from webapp.access import everybody
from webapp.limits import limiter
from webapp.site import reading, site

TOKEN = "metrics.token"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ALIVE = timedelta(minutes=1)  # since a worker was heard of
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
UNFINISHED = (State.QUEUED, State.RUNNING, State.SET_ASIDE)
blueprint = Blueprint("health", __name__)


def begin(app: Flask) -> None:
    """Counts and times what is asked, by view."""
    registry = CollectorRegistry()
    asked = Counter("grader_requests_total", "Requests answered", ["view", "method", "code"], registry=registry)
    took = Histogram("grader_request_seconds", "Seconds a request took", ["view"], buckets=SECONDS, registry=registry)
    app.extensions["metrics"] = registry

    def count(response: Response) -> Response:
        view = request.endpoint or "none"
        if view in logs.UNTOLD:
            return response
        method = request.method if request.method in METHODS else "other"  # else anybody could fill the memory
        asked.labels(view, method, response.status_code).inc()
        if view != "live.events":  # which lasts as long as somebody looks
            took.labels(view).observe(logs.seconds())
        return response

    app.after_request(count)
    registry.register(_Course(app))


@blueprint.get("/healthz")
@everybody
@limiter.exempt
def up() -> dict[str, bool]:
    """The process answers."""
    return {"up": True}


@blueprint.get("/readyz")
@everybody
@limiter.exempt
def ready() -> tuple[dict[str, bool], int]:
    """The store can be read, and its tables are those of this program: 200, else 503."""
    try:
        fine = version(site().database) == HEAD
    except SQLAlchemyError:
        fine = False
    return {"ready": fine}, 200 if fine else 503


@blueprint.get("/metrics")
@everybody
@limiter.exempt
def counts() -> Response:
    """What a Prometheus server reads."""
    if not _may_count():
        abort(404)
    body = generate_latest(current_app.extensions["metrics"])
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def _may_count() -> bool:
    with suppress(OSError):
        word = (site().home.folder / TOKEN).read_text(encoding="utf-8").strip()
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if word and hmac.compare_digest(given.encode(), word.encode()):
            return True
    return hosts.is_local()


class _Course(Collector):
    """The queue and its workers, as they are when somebody asks."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: the store is not asked before there is one."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """A store that does not answer gives `grader_store_up 0` and no counts."""
        answers = GaugeMetricFamily("grader_store_up", "Whether the store answers")
        try:
            found = list(_of_store(reading()))
        except SQLAlchemyError:
            found = []
        answers.add_metric([], 1.0 if found else 0.0)
        yield answers
        yield from found


def _of_store(session: Session) -> Iterator[GaugeMetricFamily]:
    at = now(session)
    runs = GaugeMetricFamily("grader_runs", "Gradings that have not ended well", labels=["queue", "state"])
    oldest = GaugeMetricFamily("grader_oldest_wait_seconds", "How long the first in the queue waits", labels=["queue"])
    query = (
        select(Run.queue, Run.state, func.count(), func.min(Run.requested_at))
        .where(Run.state.in_(UNFINISHED))
        .group_by(Run.queue, Run.state)
    )
    for queue, state, count, since in session.execute(query):
        runs.add_metric([queue, state.value], count)
        if state is State.QUEUED:
            oldest.add_metric([queue], max(0.0, (at - since).total_seconds()))
    workers = GaugeMetricFamily("grader_workers", "Workers that were heard of within a minute")
    alive = select(func.count()).select_from(Worker).where(Worker.beat_at > at - ALIVE)
    workers.add_metric([], session.scalar(alive) or 0)
    handed_in = GaugeMetricFamily("grader_submissions", "Submissions that the store holds")
    handed_in.add_metric([], session.scalar(select(func.count()).select_from(Submission)) or 0)
    yield from (runs, oldest, workers, handed_in)
