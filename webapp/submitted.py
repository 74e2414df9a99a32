"""All that a person handed in, as one zip file: each notebook as it was received, and a table of receipts.

It is made while it is sent, so that no more than one notebook is held at a time, however many there are. Who reads
slowly keeps a thread busy, so these are counted among the streams.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

from flask import Response, abort, stream_with_context
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.exports import cells
from grader.store import blobs
from grader.store.models import Assignment, Course, Person, Submission
from webapp.site import fresh, reading, site

RECEIPTS = "receipts.csv"
HEAD = ("assignment", "attempt", "receipt", "received_at", "received_at_utc", "original_name", "file", "sha256")
LONGEST = 100  # letters of a name; old systems take 260 of a whole path
_BAD = frozenset('<>:"/\\|?*')  # in names on some systems


@dataclass(frozen=True)
class Piece:
    """One notebook: whose attempt it is, counted from 1 in its assignment, and what it is kept as."""

    assignment: str
    number: int
    receipt: str
    received_at: datetime
    name: str
    sha256: str

    @property
    def file(self) -> str:
        """Its place in the zip file, which is no other's."""
        return f"{self.assignment}/{self.number:02}-{safe(self.name)}"


def answer(course: Course, person: Person, assignment: Assignment | None = None) -> Response:
    """The file, of one assignment or of the whole course. 503 where too many are being sent."""
    pieces, zone, streams, who = (
        _pieces(reading(), course, person, assignment),
        course.timezone,
        site().streams,
        person.id,
    )
    if not streams.take(who):
        abort(503)
    named = f"{course.key}-{assignment.key}" if assignment is not None else course.key
    made = Response(stream_with_context(packed(pieces, ZoneInfo(zone))), content_type="application/zip")
    made.headers.set("Content-Disposition", "attachment", filename=f"submitted-{named}.zip")
    made.call_on_close(lambda: streams.give_back(who))  # whether it was read from or not
    return made


def packed(pieces: Sequence[Piece], zone: ZoneInfo) -> Iterator[bytes]:
    """The bytes of the zip file, a part a notebook. What was removed or damaged stands in the table, without a file."""
    tray, rows = _Tray(), []
    with zipfile.ZipFile(tray, "w", zipfile.ZIP_DEFLATED) as file:
        for one in pieces:
            at = one.received_at.astimezone(zone)
            try:
                data = blobs.get(reading(), one.sha256)
            except (KeyError, ValueError):
                data = None
            fresh()  # holds no look at the store while it is sent
            if data is not None:
                file.writestr(_info(one.file, at), data)
                yield tray.taken()
            utc = one.received_at.astimezone(UTC)
            rows.append(
                (
                    *(one.assignment, one.number, one.receipt, at.isoformat(), utc.isoformat(), one.name),
                    *("" if data is None else one.file, one.sha256),
                )
            )
        file.writestr(_info(RECEIPTS, datetime.now(zone)), cells.sheet([HEAD, *rows], bom=True))
    yield tray.taken()


def safe(name: str) -> str:
    """The name as any system takes it; what it ends with is kept."""
    clean = "".join("_" if letter in _BAD or not letter.isprintable() else letter for letter in name).strip(" .")
    end = PurePath(clean).suffix[:10]
    return f"{clean.removesuffix(end)[: LONGEST - len(end)]}{end}" or "notebook.ipynb"


def _pieces(session: Session, course: Course, person: Person, assignment: Assignment | None) -> list[Piece]:
    """In the order of the course, the earliest first."""
    query = (
        select(Assignment.key, Submission.receipt, Submission.received_at, Submission.filename, Submission.notebook)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Assignment.course_id == course.id, Submission.person_id == person.id)
        .order_by(Assignment.position, Assignment.id, Submission.received_at, Submission.id)
    )
    if assignment is not None:
        query = query.where(Assignment.id == assignment.id)
    found: list[Piece] = []
    for key, receipt, at, name, sha256 in session.execute(query):
        number = found[-1].number + 1 if found and found[-1].assignment == key else 1
        found.append(Piece(key, number, receipt, at, name, sha256))
    return found


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    """A name with letters beyond ASCII is marked as UTF-8."""
    info = zipfile.ZipInfo(name, at.timetuple()[:6])
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return info


class _Tray(io.RawIOBase):
    """Holds what was written until it is taken away. There is no going back in it."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
