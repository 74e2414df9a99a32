"""The leaderboard of an assignment: its rules, who is on it under which name, and what is compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from grader.ladder import Answers
from grader.store.models import Base, Person, Run, Submission


class Board(Base):
    """An assignment has a leaderboard while this row is there. `a_day`: submissions of a person that count for it."""

    __tablename__ = "board"
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    a_day: Mapped[int]
    opened_at: Mapped[datetime]


class BoardName(Base):
    """The pseudonym under which somebody chose to be on a board. `likeness` is the same for names that look alike."""

    __tablename__ = "board_name"
    __table_args__ = (UniqueConstraint("assignment_id", "likeness"),)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    likeness: Mapped[str] = mapped_column(String(64))
    chosen_at: Mapped[datetime]


class BoardAnswer(Base):
    """Which matches of a board a run got right, packed; see `grader.ladder.Answers`. Never for a student's eyes."""

    __tablename__ = "board_answer"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    draw: Mapped[str] = mapped_column(String(64))
    n_public: Mapped[int]
    public: Mapped[bytes] = mapped_column(LargeBinary)
    n_private: Mapped[int]
    private: Mapped[bytes] = mapped_column(LargeBinary)


def keep(session: Session, run: int, answers: Answers) -> None:
    """Keeps what a run answered."""
    session.add(
        BoardAnswer(
            run_id=run,
            draw=answers.draw,
            n_public=answers.n_public,
            public=answers.public.to_bytes(-(-answers.n_public // 8), "little"),
            n_private=answers.n_private,
            private=answers.private.to_bytes(-(-answers.n_private // 8), "little"),
        )
    )


def kept(session: Session, runs: Sequence[int]) -> Iterator[tuple[int, Answers]]:
    """What these runs answered, by run, where they answered anything."""
    columns = (BoardAnswer.run_id, BoardAnswer.draw, BoardAnswer.public, BoardAnswer.n_public)
    query = select(*columns, BoardAnswer.private, BoardAnswer.n_private)
    for start in range(0, len(runs), 500):
        part = query.where(BoardAnswer.run_id.in_(runs[start : start + 500]))
        for run, draw, public, n_public, private, n_private in session.execute(part):
            bits = int.from_bytes(public, "little"), int.from_bytes(private, "little")
            yield run, Answers(draw, bits[0], n_public, bits[1], n_private)


def forget(session: Session, person: Person) -> None:
    """Takes a person off every board, with all that they answered."""
    session.execute(delete(BoardName).where(BoardName.person_id == person.id))
    theirs = (
        select(Run.id).join(Submission, Submission.id == Run.submission_id).where(Submission.person_id == person.id)
    )
    session.execute(delete(BoardAnswer).where(BoardAnswer.run_id.in_(theirs)))
