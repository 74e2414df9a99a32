"""Accounts elsewhere, with which people of a course sign in.

Nobody joins a course by having an account: staff say who is in it. The first time an account is used it is tied to the
person with its e-mail address, which the provider must have verified; from then on its subject alone decides.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from grader.errors import BadInput
from grader.store import audit
from grader.store.database import lock, now
from grader.store.identities import Identity
from grader.store.models import Person
from grader.text import Text

LONGEST = 255
UNKNOWN = Text(
    "이 계정의 이메일을 아는 강좌가 없습니다. 강사에게 그 이메일을 알려 주세요.",
    "No course knows the e-mail address of this account. Tell your instructor that address.",
)
UNVERIFIED = Text(
    "계정을 내준 곳이 이 이메일을 확인하지 않았습니다. 그곳에서 이메일을 확인한 뒤 다시 해 주세요.",
    "The e-mail address of this account is not verified. Verify it where the account is, and try again.",
)
ANOTHER = Text(
    "이 사람은 이미 다른 계정으로 로그인합니다. 계정이 바뀌었으면 강사에게 알려 주세요.",
    "This person signs in with another account already. If it was replaced, tell your instructor.",
)


def sign_in(session: Session, issuer: str, subject: str, email: str | None, *, verified: bool) -> Person:
    """Who the account belongs to; tied to it if this is the first time. Raises BadInput where it is nobody's."""
    if not 0 < len(subject) <= LONGEST or len(issuer) > LONGEST:
        raise BadInput(UNKNOWN)
    lock(session, "identity")
    mine = select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    if known := session.scalars(mine).first():
        return _active(session.get_one(Person, known.person_id))
    if email is None or not verified:
        raise BadInput(UNVERIFIED if email else UNKNOWN)
    person = session.scalars(select(Person).where(Person.email == email.strip().lower())).first()
    if person is None:
        raise BadInput(UNKNOWN)
    _active(person)
    if session.scalars(select(Identity.id).where(Identity.issuer == issuer, Identity.person_id == person.id)).first():
        raise BadInput(ANOTHER)
    session.add(Identity(issuer=issuer, subject=subject, person_id=person.id, created_at=now(session)))
    session.flush()
    audit.record(session, person, "tie.account", f"person:{person.id}", issuer=issuer)
    return person


def untie(session: Session, person: Person, *, actor: Person | str) -> int:
    """The person's accounts elsewhere are theirs no more; how many there were. The next one that comes with their
    address is tied to them."""
    mine = Identity.person_id == person.id
    count = len(session.scalars(select(Identity.id).where(mine)).all())
    session.execute(delete(Identity).where(mine))
    audit.record(session, actor, "untie.accounts", f"person:{person.id}", accounts=count)
    return count


def _active(person: Person) -> Person:
    if not person.active:
        raise BadInput(UNKNOWN)
    return person
