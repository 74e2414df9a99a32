"""Bytes by their SHA-256: kept once, however often they are referred to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CompoundSelect, delete, except_, exists, or_, select, update
from sqlalchemy.orm import Session

from grader.store.database import Database, lock, now
from grader.store.models import Blob, Run, Submission, Version
from grader.store.quizzes import QuizVersion

UNCLAIMED = timedelta(days=1)  # that bytes wait to be referred to, as an upload that somebody has yet to confirm
AT_ONCE = 20  # of them in one transaction


def name_of(data: bytes) -> str:
    """What these bytes are called: their SHA-256, in hex digits."""
    return hashlib.sha256(data).hexdigest()


def put(session: Session, data: bytes, at: datetime | None = None) -> str:
    """Keeps these bytes, unless they are here already; returns their SHA-256. Nobody sweeps them away before this
    transaction ends, so that the caller can refer to them, nor as old ones for a while."""
    sha256, at = name_of(data), at or now(session)
    lock(session, f"blob:{sha256}")
    if session.scalar(select(Blob.size).where(Blob.sha256 == sha256)) is None:
        session.add(Blob(sha256=sha256, size=len(data), data=data, created_at=at))
        session.flush()
    else:  # as good as new; not each time, as SQLite writes the bytes again
        stale = (Blob.sha256 == sha256, Blob.created_at < at - UNCLAIMED / 24)
        session.execute(update(Blob).where(*stale).values(created_at=at).execution_options(synchronize_session=False))
    return sha256


def get(session: Session, sha256: str) -> bytes:
    """The bytes of that name. Raises KeyError where there are none, and ValueError where they were damaged."""
    data = session.scalar(select(Blob.data).where(Blob.sha256 == sha256))
    if data is None:
        raise KeyError(sha256)
    if name_of(data) != sha256:
        raise ValueError(f"the blob {sha256} is damaged")
    return data


def sweep(
    session: Session, among: Iterable[str] | None = None, *, before: datetime | None = None, most: int | None = None
) -> tuple[int, int]:
    """Removes the blobs that nothing refers to: all, those of `among`, or those that nobody has brought since `before`;
    at most so many at once. Returns how many these were, and their bytes."""
    old = () if before is None else (Blob.created_at < before,)
    unused = select(Blob.sha256).where(Blob.sha256.in_(_unused()), *old).order_by(Blob.sha256).limit(most)
    if among is not None:
        unused = unused.where(Blob.sha256.in_(sorted(among)))
    count = size = 0
    for sha256 in session.scalars(unused).all():
        lock(session, f"blob:{sha256}")  # whoever keeps these bytes at this moment ends first, and is seen below
        gone = session.execute(
            delete(Blob)
            .where(Blob.sha256 == sha256, ~_used(), *old)
            .returning(Blob.size)
            .execution_options(synchronize_session=False)
        ).all()
        count += len(gone)
        size += sum(row.size for row in gone)
    return count, size


def clear(database: Database) -> tuple[int, int]:
    """Sweeps away what was uploaded and never confirmed, a few at a time, so that nobody waits long; how many these
    were, and their bytes."""
    count = size = 0
    while True:
        with database.read() as session:
            before = now(session) - UNCLAIMED
            old = select(Blob.sha256).where(Blob.sha256.in_(_unused()), Blob.created_at < before)
            if session.scalar(old.limit(1)) is None:
                return count, size
        with database.write() as session:
            gone, freed = sweep(session, before=before, most=AT_ONCE)
        if not gone:  # somebody has just brought it again
            return count, size
        count, size = count + gone, size + freed


def _unused() -> CompoundSelect[str]:
    """The names of those that nothing refers to; in one go, which is fast for all of them at once."""
    return except_(select(Blob.sha256), *(select(column).where(column.is_not(None)) for column in REFERRING))


def _used() -> ColumnElement[bool]:
    """Whether anything refers to a blob."""
    return or_(*(exists().where(column == Blob.sha256) for column in REFERRING))


REFERRING = (Submission.notebook, Run.executed, Version.archive, QuizVersion.archive)  # all columns that name a blob
