"""Passwords, as argon2 keeps them, and the browsers in which people are signed in."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from grader.course import invitations
from grader.course.invitations import fingerprint
from grader.errors import BadInput
from grader.store import audit
from grader.store.database import now
from grader.store.models import Credential, Person, WebSession
from grader.text import Text

LEAST, MOST = 10, 256  # letters
LIFE = timedelta(days=14)  # of being signed in, from the last visit
LONGEST = timedelta(days=60)  # and from the first
SEEN_EVERY = timedelta(minutes=5)
_hasher = PasswordHasher()
_room = threading.BoundedSemaphore(2)  # each takes 64 MB and a core


def set_password(session: Session, person: Person, password: str, *, actor: Person | str) -> None:
    """Sets the password, ends all invitations and signs the person out everywhere. Raises BadInput for a password
    that is too easy."""
    words = _normal(password)
    _must_be_hard(words, person)
    with _room:
        hashed = _hasher.hash(words)
    row, at = session.get(Credential, person.id), now(session)
    if row is None:
        session.add(Credential(person_id=person.id, password_hash=hashed, changed_at=at))
    else:
        row.password_hash, row.changed_at = hashed, at
    invitations.end(session, person, at)
    end_all(session, person, at=at)
    session.flush()
    audit.record(session, actor, "set.password", f"person:{person.id}")


def is_right(session: Session, person: Person | None, password: str) -> bool:
    """Whether it is the person's password. Takes as long for nobody as for somebody."""
    row = None if person is None else session.get(Credential, person.id)
    with _room:
        try:
            right: bool = _hasher.verify(row.password_hash if row else _nobody(), _normal(password))
        except (VerificationError, InvalidHashError):
            right = False
    return right and row is not None and person is not None and person.active


def sign_in(session: Session, person: Person, at: datetime | None = None) -> str:
    """A new session; what its cookie holds."""
    at, token = at or now(session), secrets.token_urlsafe(32)
    session.add(
        WebSession(
            token_hash=fingerprint(token),
            person_id=person.id,
            created_at=at,
            seen_at=at,
            expires_at=at + LIFE,
            revoked_at=None,
        )
    )
    session.flush()
    return token


def session_of(session: Session, token: str, at: datetime | None = None) -> tuple[WebSession, Person] | None:
    """The session of a cookie and who is signed in there, while it lasts and the person is active."""
    query = (
        select(WebSession, Person)
        .join(Person, Person.id == WebSession.person_id)
        .where(WebSession.token_hash == fingerprint(token), WebSession.revoked_at.is_(None), Person.active)
    )
    found = session.execute(query).first()
    if found is None or found[0].expires_at <= (at or now(session)):
        return None
    return found[0], found[1]


def touch(session: Session, id: int, at: datetime | None = None) -> None:
    """Notes that the session is used, which keeps it alive."""
    at, row = at or now(session), session.get(WebSession, id)
    if row is not None and row.revoked_at is None:
        row.seen_at, row.expires_at = at, min(at + LIFE, row.created_at + LONGEST)


def sign_out(session: Session, token: str, at: datetime | None = None) -> None:
    """Ends one session."""
    query = update(WebSession).where(WebSession.token_hash == fingerprint(token), WebSession.revoked_at.is_(None))
    session.execute(query.values(revoked_at=at or now(session)))


def end_all(session: Session, person: Person, *, but: int | None = None, at: datetime | None = None) -> int:
    """Signs the person out everywhere, except in the session `but`; how many sessions ended."""
    open_ones = select(WebSession.id).where(WebSession.person_id == person.id, WebSession.revoked_at.is_(None))
    ids = [id for id in session.scalars(open_ones) if id != but]
    session.execute(update(WebSession).where(WebSession.id.in_(ids)).values(revoked_at=at or now(session)))
    return len(ids)


def sessions(session: Session, person: Person) -> list[WebSession]:
    """Where the person is signed in, the latest first."""
    mine = select(WebSession).where(WebSession.person_id == person.id, WebSession.revoked_at.is_(None))
    live = mine.where(WebSession.expires_at > now(session))
    return list(session.scalars(live.order_by(WebSession.seen_at.desc())))


@cache
def _nobody() -> str:
    """A hash that no password has."""
    return _hasher.hash(secrets.token_urlsafe(32))


def _normal(password: str) -> str:
    """The same letters from every keyboard; a password longer than any is no password."""
    return unicodedata.normalize("NFKC", password)[: MOST + 1]


def _must_be_hard(words: str, person: Person) -> None:
    if not LEAST <= len(words) <= MOST:
        raise BadInput(
            Text(
                f"비밀번호는 {LEAST}자에서 {MOST}자까지입니다.",
                f"A password has {LEAST} to {MOST} letters.",
            )
        )
    known = person.email.partition("@")[0]
    if len(set(words)) < 4 or words.lower() in (person.email, known, known * 2, person.name.lower()):
        raise BadInput(
            Text(
                "너무 쉬운 비밀번호입니다. 낱말 몇 개를 이어 써 보세요.",
                "That password is too easy to guess. Try several words in a row.",
            )
        )
