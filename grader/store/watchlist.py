"""What staff have said about a line of the watchlist."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.models import Base, Person


class Dismissal(Base):
    """Somebody has seen a line of the watchlist. It stays away until its facts change: `facts` is their hash. The
    latest for a person and a rule counts."""

    __tablename__ = "dismissal"
    __table_args__ = (UniqueConstraint("course_id", "person_id", "rule", "about"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    rule: Mapped[str] = mapped_column(String(32))
    about: Mapped[str] = mapped_column(String(128))  # an assignment, a misconception, or nothing
    facts: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(2000))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


def forget(session: Session, person: Person) -> None:
    """Removes what was said about a person."""
    session.execute(delete(Dismissal).where(Dismissal.person_id == person.id))
    session.execute(update(Dismissal).where(Dismissal.author_id == person.id).values(author_id=None))
