"""A submission on its way: the place in the queue, the cells and checks as they come.

The page is told of news over server-sent events. An event's id is a hash of what it says, so a browser that comes
back after a lost connection gets the news it lacks and nothing twice. Streams end after a minute, and browsers come
back by themselves; there are only so many at a time, and a page that gets none asks every few seconds instead. Without
a script the page reloads itself.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, render_template, request, stream_with_context

from grader.course import submissions
from grader.store.models import Role, Run, State
from grader.text import Text
from webapp import access, presenters
from webapp.access import allow, here
from webapp.language import say
from webapp.presenters import Live
from webapp.site import fresh, reading, site
from webapp.wording import STATES, duration

blueprint = Blueprint("live", __name__)
TICK_S = 0.5
STREAM_S = 60.0
BEAT_S = 10.0  # a word now and then shows whether anybody still listens
RETRY_MS = 2_000


@dataclass(frozen=True)
class News:
    """How far a run is, for a page: one sentence to be read out, and the rest as HTML."""

    status: str
    html: str
    over: bool

    @property
    def id(self) -> str:
        return hashlib.sha256(json.dumps([self.status, self.html, self.over]).encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, str | bool]:
        return {"status": self.status, "html": self.html, "over": self.over}


@blueprint.get("/submissions/<receipt>/live")
@allow(Role.STUDENT)
def show(receipt: str) -> str:
    """The receipt, and how far the grading is."""
    run = submissions.latest_run(reading(), here().the_submission)
    return render_template(
        "live/show.html",
        submission=here().the_submission,
        title=Text.from_json(here().the_assignment.title),
        news=_news(run),
    )


@blueprint.get("/submissions/<receipt>/state")
@allow(Role.STUDENT)
def state(receipt: str) -> Response:
    """The news, for a script that asks."""
    return jsonify(_news(submissions.latest_run(reading(), here().the_submission)).as_json())


@blueprint.get("/submissions/<receipt>/events")
@allow(Role.STUDENT)
def events(receipt: str) -> Response | tuple[str, int]:
    """The news as a stream, until the run ends."""
    run = submissions.latest_run(reading(), here().the_submission)
    streams, who = site().streams, here().person.id
    if not streams.take(who):
        return "", 503
    stream = stream_with_context(_stream(run, request.headers.get("Last-Event-ID", "")))
    answer = Response(stream, content_type="text/event-stream; charset=utf-8")
    answer.headers["X-Accel-Buffering"] = "no"
    answer.call_on_close(lambda: streams.give_back(who))  # whether it was read from or not
    return answer


def _stream(run: Run, known: str) -> Iterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    begun = said = time.monotonic()
    while True:
        news = _news(run)
        fresh()  # holds no connection while it waits
        if news.id != known:
            if not access.is_still_allowed():
                return
            fresh()
            known, said = news.id, time.monotonic()
            yield f"id: {known}\nevent: news\ndata: {json.dumps(news.as_json(), ensure_ascii=False)}\n\n"
        if news.over:
            yield "event: over\ndata: {}\n\n"
            return
        if time.monotonic() - begun > STREAM_S:
            return
        if time.monotonic() - said > BEAT_S:
            said = time.monotonic()
            yield ": here\n\n"
        time.sleep(TICK_S)


def _news(run: Run) -> News:
    now = presenters.live(reading(), run.id)
    html = render_template("live/_progress.html", now=now, **_queue(run, now))
    return News(say(_status(now)), html, now.over)


def _queue(run: Run, now: Live) -> dict[str, object]:
    """Place and estimate, as far as there are any."""
    jobs = site().jobs
    seconds = None if now.over else jobs.estimate(run.key)
    place = jobs.place(run.key) if now.state is State.QUEUED else None
    return {"place": place, "estimate": None if seconds is None else duration(_rounded(seconds))}


def _rounded(seconds: float) -> float:
    """Not more exact than anybody can know."""
    step = 5 if seconds < 60 else 30 if seconds < 600 else 300
    return max(step, round(seconds / step) * step)


def _status(now: Live) -> Text:
    """One sentence; it changes seldom enough to be read out."""
    if now.state is State.RUNNING and now.checks:
        return Text("검사하는 중", "Checking")
    if now.state is State.RUNNING and now.cells:
        return Text("노트북을 실행하는 중", "Running your notebook")
    return STATES[now.state]
