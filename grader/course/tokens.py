"""Tokens with which programs act for a person: made by the person, shown once, and never more than the person may."""

from __future__ import annotations

import enum
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.invitations import fingerprint
from grader.course.people import Actor, name_of
from grader.errors import BadInput
from grader.store import audit
from grader.store.database import lock, now
from grader.store.models import Member, Person, Role
from grader.store.tokens import ApiToken
from grader.text import Text

PREFIX = "grt_"  # by which tools that look for secrets in published files know one
DAYS = (7, 30, 90, 180, 365)  # how long a token may last
USUAL_DAYS = 90
LONGEST_NAME = 100
MOST = 20  # live ones of a person
SEEN_EVERY = timedelta(minutes=5)


class Scope(enum.StrEnum):
    """What a token is good for, within what its person may do."""

    READ = "read"  # see what a student sees of the own work
    SUBMIT = "submit"  # hand notebooks in, ask for another look
    STAFF = "staff"  # all that the person may see and decide as staff


def make(
    session: Session,
    person: Person,
    name: str,
    scopes: Collection[Scope],
    days: int = USUAL_DAYS,
    *,
    actor: Actor,
    at: datetime | None = None,
) -> str:
    """A new token for this person, to be shown once: only its hash is kept. Raises BadInput for who is not active, a
    name that is none, no scope, the scope of staff for who is none, a time that is not offered, or too many tokens."""
    _must_be_allowed(session, person, scopes, days)
    name = name_of(name)
    if len(name) > LONGEST_NAME:
        raise BadInput(Text(f"이름은 {LONGEST_NAME}자까지입니다.", f"A name has at most {LONGEST_NAME} letters."))
    lock(session, f"tokens:{person.id}")
    at = at or now(session)
    if len(live(session, person, at=at)) >= MOST:
        raise BadInput(
            Text(
                f"토큰은 {MOST}개까지입니다. 쓰지 않는 것을 먼저 폐기하세요.",
                f"There can be {MOST} tokens. Revoke those that you do not use first.",
            )
        )
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        token_hash=fingerprint(token),
        person_id=person.id,
        name=name,
        scopes=[one.value for one in Scope if one in scopes],
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "make.token", f"token:{row.id}", person=person.id, scopes=row.scopes, days=days)
    return token


def known(session: Session, token: str) -> tuple[ApiToken, Person] | None:
    """The row of a token and whose it is, whether it may be used or not; None where there is no such token."""
    if not token.startswith(PREFIX):
        return None
    query = select(ApiToken, Person).join(Person, Person.id == ApiToken.person_id)
    found = session.execute(query.where(ApiToken.token_hash == fingerprint(token))).first()
    return None if found is None else (found[0], found[1])


def touch(session: Session, id: int, at: datetime | None = None) -> None:
    """Notes that a token is used."""
    row = session.get(ApiToken, id)
    if row is not None:
        row.used_at = at or now(session)


def live(session: Session, person: Person, *, at: datetime | None = None) -> list[ApiToken]:
    """The person's tokens that can be used, the latest first."""
    query = select(ApiToken).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
    return list(session.scalars(query.where(ApiToken.expires_at > (at or now(session))).order_by(ApiToken.id.desc())))


def revoke(session: Session, person: Person, id: int, *, actor: Actor) -> bool:
    """Ends one of the person's tokens; whether there was one to end."""
    row = session.scalars(select(ApiToken).filter_by(id=id, person_id=person.id, revoked_at=None)).first()
    if row is None:
        return False
    row.revoked_at = now(session)
    audit.record(session, actor, "revoke.token", f"token:{row.id}", person=person.id)
    return True


def revoke_all(session: Session, person: Person, *, actor: Actor) -> int:
    """Ends all tokens of a person; how many there were."""
    found = live(session, person)
    return sum(revoke(session, person, one.id, actor=actor) for one in found)


def is_staff(session: Session, person: Person) -> bool:
    """Whether the person looks after any course."""
    query = select(Member.id).where(Member.person_id == person.id, Member.role != Role.STUDENT)
    return session.scalars(query.limit(1)).first() is not None


def _must_be_allowed(session: Session, person: Person, scopes: Collection[Scope], days: int) -> None:
    if not person.active:
        raise BadInput(
            Text("비활성화된 사람의 토큰은 만들 수 없습니다.", "Somebody deactivated can have no token."),
        )
    if not scopes:
        raise BadInput(
            Text(
                "무엇을 할 수 있는 토큰인지 하나 이상 고르세요.",
                "Choose at least one thing that the token is good for.",
            )
        )
    if Scope.STAFF in scopes and not is_staff(session, person):
        raise BadInput(
            Text(
                "조교나 강사가 아니면 staff 권한의 토큰을 만들 수 없습니다.",
                "Only who is staff in a course can have a token with the scope staff.",
            )
        )
    if days not in DAYS:
        offered = ", ".join(map(str, DAYS))
        raise BadInput(
            Text(f"기간은 {offered}일 가운데 하나입니다.", f"A token lasts one of {offered} days."),
        )
