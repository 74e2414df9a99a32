"""What a worker says of itself: a JSON object a line, with keys and numbers; no names, addresses or notebooks."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

log = logging.getLogger("grader.jobs")
QUIET = 10.0  # seconds in which DBOS says the same thing once
LONGEST = 160
MOST_BYTES, KEPT = 2_000_000, 3  # of a file of lines, and how many older ones stay beside it
LINGER_S = 1.0


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


def owner_only(name: str, flags: int) -> int:
    """For `open`: a new file is its owner's alone."""
    return os.open(name, flags, 0o600)


@contextmanager
def written_to(file: Path, most: int = MOST_BYTES, kept: int = KEPT) -> Iterator[None]:
    """Whatever this process and those that it starts say on stdout and stderr goes into the file, which is begun anew
    before it has more than `most` bytes; `kept` older ones stay beside it. The others hold a pipe, and only this
    process the file: if each of them turned it over, they would take it from one another."""
    reading, writing = os.pipe()
    before = [os.dup(1), os.dup(2)]
    for number in (1, 2):
        os.dup2(writing, number)
    os.close(writing)
    pump = threading.Thread(target=_pump, args=(reading, _Private(file, maxBytes=most, backupCount=kept)), daemon=True)
    pump.start()
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, kept_one in zip((1, 2), before, strict=True):
            os.dup2(kept_one, number)
            os.close(kept_one)
        pump.join(LINGER_S)  # whoever was started and lives on holds the pipe open


class _Private(RotatingFileHandler):
    def _open(self) -> Any:
        file = open(self.baseFilename, "a", encoding="utf-8", errors="replace", opener=owner_only)  # noqa: SIM115
        os.fchmod(file.fileno(), 0o600)  # one that an older program made may be everybody's
        return file


def _pump(reading: int, handler: logging.Handler) -> None:
    with open(reading, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            handler.handle(logging.makeLogRecord({"msg": line.rstrip("\n")}))
    handler.close()
