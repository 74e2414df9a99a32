"""Which submissions are alike beyond what all were given."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.models import Base, Person, Submission


class LikenessPrint(Base):
    """The marks of a submission's own code (`grader.likeness`). `basis` says of what they are without: other released
    notebooks, or another edition of the marks, and they are taken anew."""

    __tablename__ = "likeness_print"
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    basis: Mapped[str] = mapped_column(String(64))
    marks: Mapped[list[Any]] = mapped_column(JSON)


class LikenessPair(Base):
    """The two submissions of two people that have most in common. Somebody who talked with them, or saw that there is
    nothing to talk about, settles it; other submissions of theirs that have more in common open it again."""

    __tablename__ = "likeness_pair"
    __table_args__ = (
        UniqueConstraint("assignment_id", "left_person_id", "right_person_id"),
        Index("ix_likeness_pair_left", "left_person_id"),
        Index("ix_likeness_pair_right", "right_person_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    left_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    right_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    left_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    right_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    share: Mapped[float]  # 0..1, of the own code of the one that has more of it in common
    tokens: Mapped[int]
    passages: Mapped[list[Any]] = mapped_column(JSON)  # [left, right, tokens], as `grader.likeness.Passage`
    basis: Mapped[str] = mapped_column(String(64))
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str | None] = mapped_column(String(2000))


class LikenessLook(Base):
    """When an assignment's submissions were last compared, or are to be. `seen` counts those that were."""

    __tablename__ = "likeness_look"
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    seen: Mapped[int] = mapped_column(default=0)


def forget(session: Session, person: Person) -> None:
    """Removes the marks of a person's submissions, and every pair that they are in."""
    theirs = select(Submission.id).where(Submission.person_id == person.id)
    session.execute(delete(LikenessPrint).where(LikenessPrint.submission_id.in_(theirs)))
    mine = or_(LikenessPair.left_person_id == person.id, LikenessPair.right_person_id == person.id)
    session.execute(delete(LikenessPair).where(mine))
    session.execute(update(LikenessPair).where(LikenessPair.settled_by == person.id).values(settled_by=None))
