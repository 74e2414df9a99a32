"""Bytes by their SHA-256: kept once, however often they are referred to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import Session

from grader.store.database import lock, now
from grader.store.models import Blob, Run, Submission, Version
from grader.store.quizzes import QuizVersion


def name_of(data: bytes) -> str:
    """What these bytes are called: their SHA-256, in hex digits."""
    return hashlib.sha256(data).hexdigest()


def put(session: Session, data: bytes, at: datetime | None = None) -> str:
    """Keeps these bytes, unless they are here already; returns their SHA-256. Nobody sweeps them away before this
    transaction ends, so that the caller can refer to them."""
    sha256 = name_of(data)
    lock(session, f"blob:{sha256}")
    if session.scalar(select(Blob.size).where(Blob.sha256 == sha256)) is None:
        session.add(Blob(sha256=sha256, size=len(data), data=data, created_at=at or now(session)))
        session.flush()
    return sha256


def get(session: Session, sha256: str) -> bytes:
    """The bytes of that name. Raises KeyError where there are none, and ValueError where they were damaged."""
    data = session.scalar(select(Blob.data).where(Blob.sha256 == sha256))
    if data is None:
        raise KeyError(sha256)
    if name_of(data) != sha256:
        raise ValueError(f"the blob {sha256} is damaged")
    return data


def sweep(session: Session, among: Iterable[str] | None = None) -> tuple[int, int]:
    """Removes the blobs that nothing refers to, all or those of `among`; returns how many, and their bytes."""
    unused = select(Blob.sha256, Blob.size).where(~_used()).order_by(Blob.sha256)
    if among is not None:
        unused = unused.where(Blob.sha256.in_(sorted(among)))
    count = size = 0
    for row in session.execute(unused).all():
        lock(session, f"blob:{row.sha256}")  # whoever keeps these bytes at this moment ends first, and is seen below
        gone = session.execute(
            delete(Blob)
            .where(Blob.sha256 == row.sha256, ~_used())
            .returning(Blob.sha256)
            .execution_options(synchronize_session=False)
        ).all()
        count += len(gone)
        size += row.size * len(gone)
    return count, size


def _used() -> ColumnElement[bool]:
    """Whether anything refers to a blob."""
    return or_(
        exists().where(Submission.notebook == Blob.sha256),
        exists().where(Run.executed == Blob.sha256),
        exists().where(Version.archive == Blob.sha256),
        exists().where(QuizVersion.archive == Blob.sha256),
    )
