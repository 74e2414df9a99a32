"""The quizzes of a course: what was published, and what people answered.

Everything that a sitting shows is frozen when it starts: the words, the numbers, the order of options and what they are
called. So a new version, or other rules, change nothing for who is in the middle of it.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from grader.store.models import Assignment, Base, Course, Person, Run, Submission, _words

ANY_JSON = JSON(none_as_null=True)


class QuizMode(enum.StrEnum):
    """Why somebody sits at questions."""

    PRACTICE = "practice"  # any time, any number, feedback at once
    GRADED = "graded"  # within a window, so often, so long; counts
    QUEST = "quest"  # questions of several quizzes, feedback at once


class EndedBy(enum.StrEnum):
    """How an attempt ended."""

    SUBMITTED = "submitted"
    TIME = "time"


class Quiz(Base):
    """A quiz in a course: which version is posed now, when it is open, and by which rules. `policy` is what
    `grader.course.quizzes.rules.QuizRules` reads."""

    __tablename__ = "quiz"
    __table_args__ = (UniqueConstraint("course_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    key: Mapped[str] = mapped_column(String(64))
    title: Mapped[dict[str, Any]]
    week: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    weight: Mapped[float] = mapped_column(default=1.0)
    opens: Mapped[datetime | None]
    due: Mapped[datetime | None]
    closes: Mapped[datetime | None]
    policy: Mapped[dict[str, Any]]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("quiz_version.id", use_alter=True))


class QuizVersion(Base):
    """A published version of a quiz, never changed: its questions, keys, generators and pictures in one archive."""

    __tablename__ = "quiz_version"
    __table_args__ = (UniqueConstraint("quiz_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id"))
    number: Mapped[int]
    bank_version: Mapped[str] = mapped_column(String(64))
    archive: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    max_points: Mapped[float]
    forced: Mapped[str | None]  # the reason for which it was published with errors
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class QuizSecret(Base):
    """What the seeds of a course's variants are made with. It is never sent."""

    __tablename__ = "quiz_secret"
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))


class QuizExtension(Base):
    """More time, more attempts or more minutes in each, for a person or for a group; as `Extension` is for an
    assignment. The latest for each counts, and of a person's and a group's whatever is better for the student."""

    __tablename__ = "quiz_extension"
    __table_args__ = (
        Index("ix_quiz_extension_quiz", "quiz_id"),
        CheckConstraint("(person_id IS NULL) <> (group_id IS NULL)", "one_of"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    due: Mapped[datetime | None]
    closes: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)  # more than the rules give
    minutes: Mapped[int] = mapped_column(default=0)  # more in each attempt
    reason: Mapped[str] = mapped_column(String(2000))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class QuizOverride(Base):
    """What a person decided: the points of a person's whole quiz, or of one question of one attempt. The latest of its
    kind counts, as with `Override`; one without points takes back what was before."""

    __tablename__ = "quiz_override"
    __table_args__ = (
        Index("ix_quiz_override_who", "quiz_id", "person_id"),
        CheckConstraint("(attempt_id IS NULL) = (position IS NULL)", "both_or_none"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("quiz_attempt.id"), index=True)
    position: Mapped[int | None]
    points: Mapped[float | None]
    reason: Mapped[str] = mapped_column(String(2000))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class QuizAttempt(Base):
    """One sitting of a person. `receipt` is its address, `token` makes a start that is sent twice one attempt,
    `number` counts those of one person, quiz and mode, `rules` are those that held when it began. A quest has no
    quiz and no version of its own."""

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("person_id", "token"),
        Index("ix_quiz_attempt_who", "quiz_id", "person_id"),
        Index("ix_quiz_attempt_open", "submitted_at", "deadline"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(32), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    quiz_id: Mapped[int | None] = mapped_column(ForeignKey("quiz.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("quiz_version.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    mode: Mapped[QuizMode] = mapped_column(_words(QuizMode))
    number: Mapped[int]
    token: Mapped[str] = mapped_column(String(64))
    title: Mapped[dict[str, Any]]
    rules: Mapped[dict[str, Any]]
    started_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    ended: Mapped[EndedBy | None] = mapped_column(_words(EndedBy))


class QuizItem(Base):
    """One question of an attempt. `posed` is what may be sent, with aliases for the bank's ids; `aliases` leads back
    from them and is never sent, nor are `seed` and `values`. `answer` is as it was given, with aliases. `share` is
    what it earned, 0 to 1, and None until it is marked."""

    __tablename__ = "quiz_item"
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 1
    version_id: Mapped[int] = mapped_column(ForeignKey("quiz_version.id"))
    question: Mapped[str] = mapped_column(String(128))
    topic: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    weight: Mapped[float]
    seed: Mapped[str] = mapped_column(String(64))  # in hex digits
    values: Mapped[dict[str, Any]]
    posed: Mapped[dict[str, Any]]
    aliases: Mapped[dict[str, Any]]
    answer: Mapped[Any | None] = mapped_column(ANY_JSON)
    revision: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    seconds: Mapped[float] = mapped_column(default=0.0)
    hints: Mapped[int] = mapped_column(default=0)
    flagged: Mapped[bool] = mapped_column(default=False)
    share: Mapped[float | None]
    said: Mapped[list[Any] | None] = mapped_column(ANY_JSON)
    marked_at: Mapped[datetime | None]
    marked_by: Mapped[int | None] = mapped_column(ForeignKey("quiz_version.id"))


class QuizRemark(Base):
    """A key correction: attempts marked again by a version. Its marks are shadows until it is committed."""

    __tablename__ = "quiz_remark"
    batch: Mapped[str] = mapped_column(String(32), primary_key=True)
    quiz_id: Mapped[int] = mapped_column(ForeignKey("quiz.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("quiz_version.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    committed_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]


class QuizMark(Base):
    """One marking of one answer; none is changed once it counts. Those of a key correction (`batch`) count when it is
    committed. `share` is None while a cell waits for its worker."""

    __tablename__ = "quiz_mark"
    __table_args__ = (Index("ix_quiz_mark_item", "attempt_id", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"))
    position: Mapped[int]
    batch: Mapped[str | None] = mapped_column(ForeignKey("quiz_remark.batch"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("quiz_version.id"))
    share: Mapped[float | None]
    said: Mapped[list[Any] | None] = mapped_column(ANY_JSON)
    at: Mapped[datetime]
    committed_at: Mapped[datetime | None]


class QuizCell(Base):
    """Which mark a run of purpose "cell" is to give."""

    __tablename__ = "quiz_cell"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    mark_id: Mapped[int] = mapped_column(ForeignKey("quiz_mark.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)


class QuizReport(Base):
    """Somebody says that a question, its key or its feedback is wrong; `answer` is what staff say to that."""

    __tablename__ = "quiz_report"
    __table_args__ = (Index("ix_quiz_report_item", "attempt_id", "position"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"))
    position: Mapped[int]
    reason: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(String(2000))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


RECEIPT = func.coalesce(Submission.receipt, QuizAttempt.receipt)  # of a query made by `whose`
WHAT = func.coalesce(Assignment.key, Quiz.key, "quest")
TITLE = func.coalesce(Assignment.title, QuizAttempt.title)


def whose(query: Any) -> Any:
    """Of runs, each with what it is of: a submission with its assignment, or a cell in an attempt with its quiz; and
    with the person and the course."""
    person = func.coalesce(Submission.person_id, QuizCell.person_id)
    return (
        query.select_from(Run)
        .outerjoin(Submission, Submission.id == Run.submission_id)
        .outerjoin(Assignment, Assignment.id == Submission.assignment_id)
        .outerjoin(QuizCell, QuizCell.run_id == Run.id)
        .outerjoin(QuizMark, QuizMark.id == QuizCell.mark_id)
        .outerjoin(QuizAttempt, QuizAttempt.id == QuizMark.attempt_id)
        .outerjoin(Quiz, Quiz.id == QuizAttempt.quiz_id)
        .join(Person, Person.id == person)
        .join(Course, Course.id == func.coalesce(Assignment.course_id, QuizAttempt.course_id))
    )
