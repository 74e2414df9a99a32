"""Invitations: an address, shown once, with which a person sets a password."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from grader.errors import BadInput
from grader.store import audit
from grader.store.database import lock, now
from grader.store.models import Invitation, Person
from grader.text import Text

DAYS = 14


def fingerprint(token: str) -> str:
    """What the store keeps of a secret: its SHA-256, which is enough for one of 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def invite(session: Session, person: Person, *, actor: Person | str, at: datetime | None = None) -> str:
    """A new token for this person, good for `DAYS` days and for one use; earlier ones end. Only its hash is kept.
    Raises BadInput for who is not active."""
    if not person.active:
        raise BadInput(
            Text(
                "비활성화된 사람은 초대할 수 없습니다. 먼저 활성화하세요: grader user deactivate --undo",
                "Somebody deactivated cannot be invited. Let them in again first: grader user deactivate --undo",
            )
        )
    at = at or now(session)
    end(session, person, at)
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            token_hash=fingerprint(token), person_id=person.id, expires_at=at + timedelta(days=DAYS), used_at=None
        )
    )
    session.flush()
    audit.record(session, actor, "invite.person", f"person:{person.id}")
    return token


def invited(session: Session, token: str, *, at: datetime | None = None) -> Person | None:
    """Whom the token is for, while it can be used."""
    query = select(Invitation).where(Invitation.token_hash == fingerprint(token), Invitation.used_at.is_(None))
    found = session.scalars(query).first()
    if found is None or found.expires_at <= (at or now(session)):
        return None
    person = session.get_one(Person, found.person_id)
    return person if person.active else None


def redeem(session: Session, token: str, *, at: datetime | None = None) -> Person | None:
    """As `invited`, for whoever is about to use it up in this transaction: of two at once the second waits, and finds
    it used."""
    lock(session, f"invitation:{fingerprint(token)}")
    return invited(session, token, at=at)


def end(session: Session, person: Person, at: datetime | None = None) -> None:
    """Ends what invitations the person has."""
    unused = (Invitation.person_id == person.id, Invitation.used_at.is_(None))
    session.execute(update(Invitation).where(*unused).values(used_at=at or now(session)))
