"""The tables. Times are UTC; texts in two languages are JSON {"ko", "en"}."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect, ForeignKey, Index, MetaData, String, UniqueConstraint
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A time with its zone, kept as UTC. A time without one is refused: nobody could say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _words(kind: type[enum.StrEnum]) -> SqlEnum:
    """An enumeration as its words, checked by the database."""
    return SqlEnum(
        kind,
        values_callable=lambda k: [one.value for one in k],
        native_enum=False,
        length=32,
        create_constraint=True,
        name=kind.__name__.lower(),
    )


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    # None is NULL, not JSON's null, so that SQL sees that nothing is there
    type_annotation_map: ClassVar = {
        datetime: Moment,
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
    }


class Role(enum.StrEnum):
    """What a person may do in a course; each may all that the next may."""

    ADMIN = "admin"
    INSTRUCTOR = "instructor"
    ASSISTANT = "assistant"
    STUDENT = "student"


class Source(enum.StrEnum):
    """How a submission came in."""

    WEB = "web"
    CLI = "cli"
    API = "api"
    IMPORT = "import"


class State(enum.StrEnum):
    """Where a run is on its way."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"  # it has a result, whatever its status
    SET_ASIDE = "set_aside"  # it failed for our reasons too often; a person has to look
    CANCELLED = "cancelled"


class Purpose(enum.StrEnum):
    """Why a run was asked for. The order is that of the queue."""

    SUBMISSION = "submission"
    CELL = "cell"  # a quiz's notebook cell
    REGRADE = "regrade"  # a shadow until it is committed
    SIMILARITY = "similarity"


class Decision(enum.StrEnum):
    """What became of a request for a regrade."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Course(Base):
    """One course; `policy` holds what its assignments use where they say nothing themselves."""

    __tablename__ = "course"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[dict[str, Any]]
    timezone: Mapped[str] = mapped_column(String(64))
    policy: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Person(Base):
    """Somebody, by e-mail address in lower case. A forgotten person keeps the row and loses name and address."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None]


class Group(Base):
    """A part of a course, such as a section or a team."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("course_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    name: Mapped[str] = mapped_column(String(100))


class Member(Base):
    """A person in a course, in a role, perhaps in a group."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("course_id", "person_id"), Index("ix_member_person", "person_id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(_words(Role))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    joined_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined")
    group: Mapped[Group | None] = relationship(lazy="joined")


class Assignment(Base):
    """An assignment in a course: which version is graded now, when it is open, and by which rules. `policy` is what
    `grader.course.policy.Policy` reads."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("course_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    key: Mapped[str] = mapped_column(String(64))
    title: Mapped[dict[str, Any]]
    position: Mapped[int] = mapped_column(default=0)
    weight: Mapped[float] = mapped_column(default=1.0)
    opens: Mapped[datetime | None]
    due: Mapped[datetime | None]
    closes: Mapped[datetime | None]
    policy: Mapped[dict[str, Any]]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("version.id", use_alter=True))


class Blob(Base):
    """Bytes by their SHA-256: a notebook as received, a published version, an executed copy."""

    __tablename__ = "blob"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(deferred=True)
    created_at: Mapped[datetime]


class Version(Base):
    """A published version of an assignment, never changed: notebook, suite and reference in one archive, and what
    `grader verify` said of it. `forced` is the reason for which it was published all the same."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("assignment_id", "number"), UniqueConstraint("assignment_id", "archive"))
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    number: Mapped[int]
    suite_version: Mapped[str] = mapped_column(String(64))
    archive: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    max_score: Mapped[float]
    queue: Mapped[str] = mapped_column(String(16))  # "cpu" or "gpu"
    verified: Mapped[bool]
    verification: Mapped[dict[str, Any]]
    forced: Mapped[str | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class Submission(Base):
    """A notebook exactly as it was received. `receipt` is what the student keeps; `token` makes a retried upload the
    same submission."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("assignment_id", "person_id", "token"),
        Index("ix_submission_who", "assignment_id", "person_id", "received_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(32), unique=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    notebook: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    filename: Mapped[str] = mapped_column(String(255))
    source: Mapped[Source] = mapped_column(_words(Source))
    token: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]


_GRADED = ("version_id", "purpose", "state", "status", "committed_at", "score", "max_score")


class Run(Base):
    """One grading of one submission by one version. `fence` rises with every start, and a result is written only by
    the start that holds it; `committed_at` is when it began to count. One of purpose "cell" is of an answer in a quiz
    (`grader.store.quizzes.QuizCell` says which) and has no submission and no version."""

    __tablename__ = "run"
    __table_args__ = (
        # all that a gradebook reads, so that it need not visit the rows, which are large
        Index("ix_run_submission", "submission_id", *_GRADED),
        Index("ix_run_state", "state", "queue"),
        CheckConstraint("fence >= 0 AND tries >= 0", "counts"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)  # the job's id
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("version.id"))
    purpose: Mapped[Purpose] = mapped_column(_words(Purpose))
    batch: Mapped[str | None] = mapped_column(String(32), index=True)  # the regrade that it belongs to
    queue: Mapped[str] = mapped_column(String(16))
    state: Mapped[State] = mapped_column(_words(State))
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(128))
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    committed_at: Mapped[datetime | None]
    status: Mapped[str | None] = mapped_column(String(16))  # of the report: graded, not_gradable, error
    score: Mapped[float | None]
    max_score: Mapped[float | None]
    reason: Mapped[dict[str, Any] | None]
    environment: Mapped[dict[str, Any] | None]
    seconds: Mapped[dict[str, Any] | None]
    rest: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)  # cells, pictures, misconceptions in words
    executed: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    checks: Mapped[list[CheckRow]] = relationship(order_by="CheckRow.position", back_populates="run")
    metrics: Mapped[list[MetricRow]] = relationship(back_populates="run")


class RunProgress(Base):
    """How far a run is that is being graded; gone when it ends. `checks` holds the verdict so far of each check whose
    name a student may see, by name."""

    __tablename__ = "run_progress"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    fence: Mapped[int]  # of the start that wrote it
    cells_done: Mapped[int]
    cells: Mapped[int]
    checks: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class CheckRow(Base):
    """One check of a run."""

    __tablename__ = "check_row"
    __table_args__ = (Index("ix_check_row_name", "name", "verdict"),)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    position: Mapped[int]
    title: Mapped[dict[str, Any]]
    points: Mapped[float]
    max_points: Mapped[float]
    verdict: Mapped[str] = mapped_column(String(16))
    visibility: Mapped[str] = mapped_column(String(16))
    message: Mapped[dict[str, Any] | None]
    hint: Mapped[dict[str, Any] | None]
    seconds: Mapped[float]
    misconception: Mapped[str | None] = mapped_column(String(64), index=True)
    run: Mapped[Run] = relationship(back_populates="checks")


class MetricRow(Base):
    """One measured number of a run."""

    __tablename__ = "metric_row"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    value: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    n: Mapped[int]
    threshold: Mapped[float | None]
    title: Mapped[dict[str, Any] | None]
    run: Mapped[Run] = relationship(back_populates="metrics")


class Override(Base):
    """A person's decision on points: of one check of one submission, or of the whole score of an assignment where
    `submission_id` and `check` are None. The latest of its kind counts; `points` None takes an earlier one back."""

    __tablename__ = "override"
    __table_args__ = (
        Index("ix_override_who", "assignment_id", "person_id"),
        CheckConstraint('(submission_id IS NULL) = ("check" IS NULL)', "one_of"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    check: Mapped[str | None] = mapped_column(String(128))
    points: Mapped[float | None]
    reason: Mapped[str] = mapped_column(String(2000))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class Extension(Base):
    """More time, or more attempts, for a person or for a group. The latest for each counts, and of a person's and a
    group's whatever is better for the student."""

    __tablename__ = "extension"
    __table_args__ = (
        Index("ix_extension_assignment", "assignment_id"),
        CheckConstraint("(person_id IS NULL) <> (group_id IS NULL)", "one_of"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    due: Mapped[datetime | None]
    closes: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)  # more than the policy gives
    reason: Mapped[str] = mapped_column(String(2000))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class Comment(Base):
    """What staff say about a submission, or about one of its cells (counted from 0)."""

    __tablename__ = "comment"
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    cell: Mapped[int | None]
    text: Mapped[str] = mapped_column(String(10_000))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class RegradeRequest(Base):
    """A student asks to look again."""

    __tablename__ = "regrade_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(10_000))
    decision: Mapped[Decision] = mapped_column(_words(Decision))
    answer: Mapped[str | None] = mapped_column(String(10_000))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Credential(Base):
    """How a person proves who they are on the web: argon2's own words, never the password."""

    __tablename__ = "credential"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime]


class Invitation(Base):
    """Lets a person set a password, once. `token_hash` is the SHA-256 of what the address holds, so that who reads
    this table can use none of them."""

    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser in which a person is signed in, until it expires or somebody ends it. `token_hash` is the SHA-256 of
    what its cookie holds."""

    __tablename__ = "web_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Audit(Base):
    """One line of the audit log; `hash` covers the line and the hash before it. `number` has no gaps."""

    __tablename__ = "audit"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))  # "person:7", or "cli", "worker"
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))  # "submission:12"
    data: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class Worker(Base):
    """A worker process and when it was last heard of, by the database's clock."""

    __tablename__ = "worker"
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    host: Mapped[str] = mapped_column(String(128))
    pid: Mapped[int]
    queues: Mapped[list[str]]
    slots: Mapped[int]
    draining: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
