"""Whom a provider of identities knows a person as."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grader.store.models import Base


class Identity(Base):
    """An account elsewhere with which a person signs in. A subject is unique at its issuer and never given to
    somebody else (OpenID Connect Core 1.0, section 2), which an e-mail address may be; a person has one account at
    each issuer."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("person_id", "issuer"))
    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
