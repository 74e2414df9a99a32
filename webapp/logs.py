"""What the server says of itself: a JSON object a line.

A request is told by its view, not by its address, which may hold a receipt or an invitation, and by nobody's name. Its
number is in the header `X-Request-ID` and on the page of an error, so that who reports one can be helped.
"""

from __future__ import annotations

import logging
import secrets
from time import perf_counter
from typing import TextIO

from flask import Flask, g, has_request_context, request
from werkzeug.wrappers import Response

from grader.jobs.log import Lines

log = logging.getLogger("grader.web")
HEADER = "X-Request-ID"
# the anonymous survey: no line and no count says when somebody answered it
UNTOLD = frozenset({"surveys.show", "surveys.answer"})
QUIET = UNTOLD | {"static", "health.up", "health.ready", "health.counts"}


def begin(app: Flask) -> None:
    """Numbers each request, and says one line of it."""
    app.before_request(_number)
    app.after_request(_say)
    app.context_processor(lambda: {"request_number": number})


def say_to(stream: TextIO, *, requests: bool) -> None:
    """Where the lines of this process go: those of requests too, or only those of what went wrong."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Trouble())
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.INFO if requests else logging.WARNING)
    ours = logging.getLogger("webapp")
    ours.handlers, ours.propagate = [handler], False


def number() -> str:
    """Of the request that is answered now; "-" where there is none."""
    return str(g.get("request_number", "-")) if has_request_context() else "-"


def seconds() -> float:
    """Since the request that is answered now came in."""
    return perf_counter() - float(g.get("asked_at", perf_counter()))


class Trouble(Lines):
    """As the workers' lines; of an exception its kind and its place in the code, as its words may quote somebody."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        if record.exc_info and record.exc_info[0] is not None:
            place = record.exc_info[2]
            while place is not None and place.tb_next is not None:
                place = place.tb_next
            where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
            record.facts = {"kind": record.exc_info[0].__name__, "where": where, "request": number()}
        return super().format(record)


def _number() -> None:
    g.request_number, g.asked_at = secrets.token_hex(6), perf_counter()


def _say(response: Response) -> Response:
    response.headers[HEADER] = number()
    if request.endpoint not in QUIET and log.isEnabledFor(logging.INFO):
        facts = {
            "view": request.endpoint or "none",
            "method": request.method,
            "code": response.status_code,
            "ms": round(1000 * seconds(), 1),
            "request": number(),
        }
        log.info("request", extra={"facts": facts})
    return response
