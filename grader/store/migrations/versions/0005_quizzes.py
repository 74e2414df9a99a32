"""The quizzes of a course: what was published, and what people answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON()
MOMENT = sa.DateTime(timezone=True)
# in the order in which nothing refers to what is gone
TABLES = (
    "quiz_override",
    *("quiz_report", "quiz_cell", "quiz_mark", "quiz_remark", "quiz_item", "quiz_attempt"),
    *("quiz_extension", "quiz_secret", "quiz_version", "quiz"),
)


def upgrade() -> None:
    """Makes the tables; from now on a run may be one of a quiz's cell, which has no submission and no version."""
    _tables()
    _runs(filled=False)
    if op.get_bind().dialect.name != "sqlite":
        # a quiz names its version, and a version its quiz: one of the two has to come later
        op.create_foreign_key(op.f("fk_quiz_version_id"), "quiz", "quiz_version", ["version_id"], ["id"])


def downgrade() -> None:
    """Drops them, and the runs of cells."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("fk_quiz_version_id"), "quiz", type_="foreignkey")
    for name in TABLES:
        op.drop_table(name)
    op.execute("DELETE FROM run_progress WHERE run_id IN (SELECT id FROM run WHERE submission_id IS NULL)")
    op.execute("DELETE FROM run WHERE submission_id IS NULL")
    _runs(filled=True)


def _runs(*, filled: bool) -> None:
    """Whether each run must have a submission and a version."""
    whole = _run(filled=not filled)
    with op.batch_alter_table("run", copy_from=whole) as table:
        for name in ("submission_id", "version_id"):
            table.alter_column(name, existing_type=sa.Integer(), nullable=not filled)


def _run(*, filled: bool) -> sa.Table:
    """As it is before: SQLite makes the table anew, and its conditions cannot be read from the database."""
    graded = ["version_id", "purpose", "state", "status", "committed_at", "score", "max_score"]
    return sa.Table(
        "run",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=not filled),
        sa.Column("version_id", sa.Integer(), nullable=not filled),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("batch", sa.String(32), nullable=True),
        sa.Column("queue", sa.String(16), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(128), nullable=True),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("committed_at", MOMENT, nullable=True),
        sa.Column("status", sa.String(16), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("max_score", sa.Double(), nullable=True),
        sa.Column("reason", JSON, nullable=True),
        sa.Column("environment", JSON, nullable=True),
        sa.Column("seconds", JSON, nullable=True),
        sa.Column("rest", JSON, nullable=True),
        sa.Column("executed", sa.String(64), nullable=True),
        sa.CheckConstraint("fence >= 0 AND tries >= 0", name=op.f("ck_run_counts")),
        sa.CheckConstraint("purpose IN ('submission', 'cell', 'regrade', 'similarity')", name=op.f("ck_run_purpose")),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'set_aside', 'cancelled')", name=op.f("ck_run_state")
        ),
        sa.ForeignKeyConstraint(["executed"], ["blob.sha256"], name=op.f("fk_run_executed")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_run_submission_id")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_run_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("key", name=op.f("uq_run_key")),
        sa.Index("ix_run_batch", "batch"),
        sa.Index("ix_run_state", "state", "queue"),
        sa.Index("ix_run_submission", "submission_id", *graded),
    )


def _tables() -> None:
    op.create_table(
        "quiz",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("opens", MOMENT, nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("closes", MOMENT, nullable=True),
        sa.Column("policy", JSON, nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["quiz_version.id"], name=op.f("fk_quiz_version_id"), use_alter=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_quiz_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_quiz_course_id_key")),
    )
    op.create_table(
        "quiz_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bank_version", sa.String(64), nullable=False),
        sa.Column("archive", sa.String(64), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("forced", sa.String(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_quiz_version_author_id")),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_version_quiz_id")),
        sa.ForeignKeyConstraint(["archive"], ["blob.sha256"], name=op.f("fk_quiz_version_archive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_version")),
        sa.UniqueConstraint("quiz_id", "number", name=op.f("uq_quiz_version_quiz_id_number")),
    )
    op.create_table(
        "quiz_secret",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_quiz_secret_course_id")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_quiz_secret")),
    )
    op.create_table(
        "quiz_extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("closes", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (group_id IS NULL)", name=op.f("ck_quiz_extension_one_of")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_quiz_extension_person_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_quiz_extension_author_id")),
        sa.ForeignKeyConstraint(["group_id"], ["team.id"], name=op.f("fk_quiz_extension_group_id")),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_extension_quiz_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_extension")),
    )
    op.create_index("ix_quiz_extension_quiz", "quiz_extension", ["quiz_id"])
    op.create_table(
        "quiz_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(32), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("deadline", MOMENT, nullable=True),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("ended", sa.String(32), nullable=True),
        sa.CheckConstraint("mode IN ('practice', 'graded', 'quest')", name=op.f("ck_quiz_attempt_quizmode")),
        sa.CheckConstraint("ended IN ('submitted', 'time')", name=op.f("ck_quiz_attempt_endedby")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_quiz_attempt_person_id")),
        sa.ForeignKeyConstraint(["version_id"], ["quiz_version.id"], name=op.f("fk_quiz_attempt_version_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_quiz_attempt_course_id")),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_attempt_quiz_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempt")),
        sa.UniqueConstraint("person_id", "token", name=op.f("uq_quiz_attempt_person_id_token")),
        sa.UniqueConstraint("receipt", name=op.f("uq_quiz_attempt_receipt")),
    )
    op.create_index("ix_quiz_attempt_open", "quiz_attempt", ["submitted_at", "deadline"])
    op.create_index("ix_quiz_attempt_who", "quiz_attempt", ["quiz_id", "person_id"])
    op.create_table(
        "quiz_item",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(128), nullable=False),
        sa.Column("topic", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("posed", JSON, nullable=False),
        sa.Column("aliases", JSON, nullable=False),
        sa.Column("answer", JSON, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("hints", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("said", JSON, nullable=True),
        sa.Column("marked_at", MOMENT, nullable=True),
        sa.Column("marked_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_quiz_item_attempt_id")),
        sa.ForeignKeyConstraint(["version_id"], ["quiz_version.id"], name=op.f("fk_quiz_item_version_id")),
        sa.ForeignKeyConstraint(["marked_by"], ["quiz_version.id"], name=op.f("fk_quiz_item_marked_by")),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_quiz_item")),
    )
    op.create_table(
        "quiz_remark",
        sa.Column("batch", sa.String(32), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("committed_at", MOMENT, nullable=True),
        sa.Column("discarded_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_remark_quiz_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_quiz_remark_author_id")),
        sa.ForeignKeyConstraint(["version_id"], ["quiz_version.id"], name=op.f("fk_quiz_remark_version_id")),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_quiz_remark")),
    )
    op.create_index(op.f("ix_quiz_remark_quiz_id"), "quiz_remark", ["quiz_id"])
    op.create_table(
        "quiz_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(32), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("said", JSON, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("committed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["version_id"], ["quiz_version.id"], name=op.f("fk_quiz_mark_version_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_quiz_mark_attempt_id")),
        sa.ForeignKeyConstraint(["batch"], ["quiz_remark.batch"], name=op.f("fk_quiz_mark_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_mark")),
    )
    op.create_index(op.f("ix_quiz_mark_batch"), "quiz_mark", ["batch"])
    op.create_index("ix_quiz_mark_item", "quiz_mark", ["attempt_id", "position"])
    op.create_table(
        "quiz_cell",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_quiz_cell_person_id")),
        sa.ForeignKeyConstraint(["mark_id"], ["quiz_mark.id"], name=op.f("fk_quiz_cell_mark_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_quiz_cell_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_quiz_cell")),
        sa.UniqueConstraint("mark_id", name=op.f("uq_quiz_cell_mark_id")),
    )
    op.create_index(op.f("ix_quiz_cell_person_id"), "quiz_cell", ["person_id"])
    op.create_table(
        "quiz_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("answer", sa.String(2000), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_quiz_report_attempt_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_quiz_report_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_report")),
    )
    op.create_index("ix_quiz_report_item", "quiz_report", ["attempt_id", "position"])
    op.create_table(
        "quiz_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(attempt_id IS NULL) = (position IS NULL)", name=op.f("ck_quiz_override_both_or_none")),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_override_quiz_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_quiz_override_person_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_quiz_override_attempt_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_quiz_override_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_override")),
    )
    op.create_index(op.f("ix_quiz_override_attempt_id"), "quiz_override", ["attempt_id"])
    op.create_index("ix_quiz_override_who", "quiz_override", ["quiz_id", "person_id"])
