"""What a worker says of itself: a JSON object a line, with keys and numbers; no names, addresses or notebooks."""

from __future__ import annotations

import json
import logging
import sys
import time

log = logging.getLogger("grader.jobs")
QUIET = 10.0  # seconds in which DBOS says the same thing once
LONGEST = 160


def say(event: str, *, level: int = logging.INFO, **facts: object) -> None:
    """One line, such as `{"event": "job.done", "run": "a1b2", "seconds": 3.2}`."""
    log.log(level, event, extra={"facts": facts})


class Lines(logging.Formatter):
    """A record as one JSON object; of a text that is not ours only the beginning of its first line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        words: dict[str, object] = {"level": record.levelname.lower(), "part": record.name}
        facts = getattr(record, "facts", None)
        if facts is not None:
            words |= {"event": record.getMessage(), **facts}
        else:
            words["event"] = _beginning(record)
        return json.dumps(words, ensure_ascii=False, default=str)


class Seldom(logging.Filter):
    """Lets each kind of message through once in a while, and says then how many were held back. Without a
    database DBOS would say so ten times a second."""

    def __init__(self, seconds: float = QUIET) -> None:
        super().__init__()
        self._seconds = seconds
        self._last: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is said now."""
        kind, moment = _beginning(record)[:40], time.monotonic()
        last, held = self._last.get(kind, (-self._seconds, 0))
        if moment - last < self._seconds:
            self._last[kind] = (last, held + 1)
            return False
        if len(self._last) > 200:
            self._last.clear()
        self._last[kind] = (moment, 0)
        record.facts = {"about": _beginning(record), "held_back": held}
        record.msg, record.args = "queue.says", None
        return True


def _beginning(record: logging.LogRecord) -> str:
    return (record.getMessage().splitlines() or [""])[0][:LONGEST]


def begin() -> None:
    """Sends our lines, and few of DBOS's, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.INFO)
    other = logging.StreamHandler(sys.stderr)
    other.setFormatter(Lines())
    other.addFilter(Seldom())
    theirs = logging.getLogger("dbos")
    theirs.handlers, theirs.propagate = [other], False
