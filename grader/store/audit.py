"""The audit log: who decided what, in a chain that shows any change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.store.database import lock, now
from grader.store.models import Audit, Person

START = "0" * 64


def record(session: Session, actor: Person | str, action: str, subject: str, **data: Any) -> Audit:
    """Adds a line in this transaction. `actor` is a person or a word such as "cli"; `data` holds ids and numbers, no
    names and no addresses, so that a forgotten person leaves no trace here and no line ever has to change: the
    database itself refuses to."""
    lock(session, "audit")
    last = session.scalars(select(Audit).order_by(Audit.number.desc()).limit(1)).first()
    line = Audit(
        number=1 if last is None else last.number + 1,
        at=now(session),
        actor=actor if isinstance(actor, str) else f"person:{actor.id}",
        action=action,
        subject=subject,
        data=data,
        previous=START if last is None else last.hash,
    )
    line.hash = _hash(line)
    session.add(line)
    session.flush()
    return line


def id_of(actor: Person | str) -> int | None:
    """Whose decision it is, for a row that names its author: a person's id, None of a word such as "cli"."""
    return None if isinstance(actor, str) else actor.id


def last(session: Session) -> tuple[int, str]:
    """The number and hash of the last line, to be noted elsewhere (a backup) and given to `broken` one day."""
    found = session.execute(select(Audit.number, Audit.hash).order_by(Audit.number.desc()).limit(1)).first()
    return (0, START) if found is None else (found.number, found.hash)


def broken(session: Session, noted: tuple[int, str] = (0, START)) -> int | None:
    """The number of the first line that was changed, added or removed; None where the chain holds. Lines that are
    cut off at the end, or a log that was written anew, show only against a line that was `noted` elsewhere."""
    number, previous = 0, START
    query = select(Audit).order_by(Audit.number).execution_options(yield_per=1000)
    with closing(session.scalars(query)) as lines:
        for number, line in enumerate(lines, 1):
            changed = line.number != number or line.previous != previous or line.hash != _hash(line)
            if changed or (number == noted[0] and line.hash != noted[1]):
                return number
            previous = line.hash
    return number + 1 if number < noted[0] else None


def _hash(line: Audit) -> str:
    content: Mapping[str, Any] = {
        "number": line.number,
        "at": line.at.isoformat(timespec="milliseconds"),
        "actor": line.actor,
        "action": line.action,
        "subject": line.subject,
        "data": line.data,
        "previous": line.previous,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
