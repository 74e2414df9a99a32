"""The audit log: who decided what, in a chain that shows any change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.store.database import lock, now
from grader.store.models import Audit, Person

START = "0" * 64


def record(session: Session, actor: Person | str, action: str, subject: str, **data: Any) -> Audit:
    """Adds a line in this transaction. `actor` is a person or a word such as "cli"; `data` holds ids and numbers, no
    names and no addresses, so that a forgotten person leaves no trace here."""
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


def broken(session: Session) -> int | None:
    """The number of the first line that was changed, added or removed; None where the chain holds. Lines that are
    cut off at the end show only against a number and hash that was noted elsewhere (a backup)."""
    previous = START
    lines = session.scalars(select(Audit).order_by(Audit.number).execution_options(yield_per=1000))
    for number, line in enumerate(lines, 1):
        if line.number != number or line.previous != previous or line.hash != _hash(line):
            return number
        previous = line.hash
    return None


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
