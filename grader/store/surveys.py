"""Surveys whose answers are nobody's, and what keeps it so on the disk.

Theory of operation. Whoever has answered is in one table, what was answered in another, and nothing leads from one to
the other: no key, no order, no time. Answers are not even kept together. The box of a survey counts how often each
point and each choice was given and lists the free texts in the order of the alphabet, so that it is the same whoever
answered what, and in whatever order they came. Both tables are written anew, whole, with every answer, for else the
places of their rows would tell that order. What they were before is then wiped (`wipe`): from the free pages of SQLite
and from its log, from PostgreSQL's dead rows. They are in no backup (`PRIVATE`), since two backups that differ by one
person and by one answer would tell. When a survey closes, the names are destroyed and the counts move to its own row.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.store.database import Database
from grader.store.models import Base, Person

PATIENCE_MS = 1_000  # how long somebody who has answered waits for those who still read an old state


class Survey(Base):
    """A survey of a course, with its questions as they were when it opened. `results` is what its box held when it
    closed; None while it is open, and where too few had answered."""

    __tablename__ = "survey"
    __table_args__ = (UniqueConstraint("course_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    key: Mapped[str] = mapped_column(String(64))
    form: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    results: Mapped[dict[str, Any] | None]


class SurveyTicket(Base):
    """Somebody has answered a survey that is open. When, nobody knows."""

    __tablename__ = "survey_ticket"
    __table_args__ = ({"sqlite_with_rowid": False},)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class SurveyBox(Base):
    """All answers to a survey that is open, by question."""

    __tablename__ = "survey_box"
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    content: Mapped[dict[str, Any]]


PRIVATE = (SurveyTicket.__tablename__, SurveyBox.__tablename__)  # in no backup


def overwrite(session: Session) -> None:
    """What this transaction removes is overwritten, not only let go of."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete = ON"))


def forget(session: Session, person: Person) -> None:
    """That they have answered. What they said is nobody's, and stays."""
    overwrite(session)
    session.execute(delete(SurveyTicket).where(SurveyTicket.person_id == person.id))


def wipe(database: Database) -> bool:
    """Removes what both tables were before their last change, after it is committed: from SQLite's log, or as dead
    rows from PostgreSQL. False where somebody still reads an old state, so that it has to wait for the next time."""
    try:
        return database.empty_log(PATIENCE_MS) if database.embedded else _drop_dead_rows(database)
    except (SQLAlchemyError, sqlite3.Error):
        return False  # what was answered is kept, and nobody is told that it was not


def _drop_dead_rows(database: Database) -> bool:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in PRIVATE:
            connection.execute(text(f"VACUUM (FULL, FREEZE) {name}"))
    return True
