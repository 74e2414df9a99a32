"""What has changed in the rows that grades are made of: a feed that the database itself writes.

Theory of operation. Each change of such a row adds a line here, by a trigger and so in the same transaction, whoever
makes it and from whatever process. Who keeps something that was computed from those rows asks `since` what changed
and computes that anew; there is no other way in which it could become old.

`turn` orders the lines. On SQLite, which has one writer, it counts them. On PostgreSQL it is the transaction's number,
and transactions end in another order than they began: so a reader's `Place` is a line before which no transaction was
open any more, and of the lines after it those that it has seen already are left out. The feed is cut off at its old
end, and a restore may put another feed in its place: then the line of a `Place` is not there, and all is computed anew.

A step of the schema that rebuilds one of these tables on SQLite drops its triggers and has to make them again, as
step 0009 does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import BigInteger, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.models import Base

TRIGGERS = 51  # three verbs on seventeen tables; fewer: a step of the schema lost some, and nothing may be kept
SEEN = 2_000  # lines whose marks a place remembers
FAR = 2**62


class Changed(Base):
    """One change. Of one person in one assignment or quiz; of all people where that is None, and of all assignments and
    quizzes where both are."""

    __tablename__ = "grade_change"
    number: Mapped[int] = mapped_column(primary_key=True)
    turn: Mapped[int] = mapped_column(BigInteger, index=True)
    mark: Mapped[str] = mapped_column(String(32))  # drawn: no other feed has the same line
    assignment_id: Mapped[int | None]
    quiz_id: Mapped[int | None]
    person_id: Mapped[int | None]


class Line(NamedTuple):
    """A line of the feed."""

    number: int
    turn: int
    mark: str
    assignment_id: int | None
    quiz_id: int | None
    person_id: int | None


@dataclass(frozen=True)
class Place:
    """How far somebody has read. `seen`: the marks of lines read last, by number."""

    anchor: Line
    seen: dict[int, str] = field(repr=False)


@dataclass(frozen=True)
class News:
    """What is new since a place. `place` None: nothing may be kept. `lines` None: nobody knows what changed. `older`:
    the session looks at an older commit than who came to that place."""

    place: Place | None
    lines: Sequence[Line] | None
    older: bool = False


def since(session: Session, place: Place | None) -> News:
    """What changed after that place, as this session sees it. To be asked before the rows themselves are read."""
    triggers, horizon = _state(session)
    if triggers < TRIGGERS:
        return News(None, None)
    if place is not None:
        rows = _lines(session, place.anchor.turn)
        if any(one.mark == place.anchor.mark for one in rows):
            new = [one for one in rows if place.seen.get(one.number) != one.mark]
            return News(_moved(place, rows, new, horizon), new)
        last = _newest(session, FAR)
        if last is not None and place.seen.get(last.number) == last.mark:
            return News(place, (), older=True)
    anchor = _newest(session, horizon)
    if anchor is None:
        return News(None, None)
    return News(Place(anchor, {one.number: one.mark for one in _lines(session, anchor.turn)}), None)


def _moved(place: Place, rows: Sequence[Line], new: Sequence[Line], horizon: int) -> Place:
    if not new and place.anchor.turn == rows[-1].turn:
        return place
    anchor = max((one for one in rows if one.turn < horizon), key=lambda one: one.turn, default=place.anchor)
    kept = {number: mark for number, mark in place.seen.items() if number >= rows[0].number - SEEN}
    return Place(anchor, kept | {one.number: one.mark for one in rows})


def _state(session: Session) -> tuple[int, int]:
    """How many triggers there are, and the turn from which on a transaction may still be open."""
    if session.get_bind().dialect.name == "sqlite":
        count = (
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'grade\\_change\\_%' ESCAPE '\\'"
        )
        return int(session.execute(text(count)).scalar_one()), FAR
    found = session.execute(
        text(
            "SELECT (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'grade\\_change\\_%' AND tgenabled <> 'D'), "
            "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
    ).one()
    return int(found[0]), int(found[1])


_COLUMNS = (Changed.number, Changed.turn, Changed.mark, Changed.assignment_id, Changed.quiz_id, Changed.person_id)


def _lines(session: Session, turn: int) -> list[Line]:
    query = select(*_COLUMNS).where(Changed.turn >= turn).order_by(Changed.turn, Changed.number)
    return [Line._make(row) for row in session.execute(query)]


def _newest(session: Session, horizon: int) -> Line | None:
    query = select(*_COLUMNS).where(Changed.turn < horizon).order_by(Changed.turn.desc(), Changed.number.desc())
    found = session.execute(query.limit(1)).first()
    return None if found is None else Line._make(found)
