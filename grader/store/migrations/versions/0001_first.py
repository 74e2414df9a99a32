"""The tables of the course, and an audit log that the database itself keeps from being changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON()
MOMENT = sa.DateTime(timezone=True)
# in the order in which nothing refers to what is gone
TABLES = (
    *("credential", "invitation", "web_session"),
    *("metric_row", "check_row", "run_progress", "run", "regrade_request", "override", "comment", "version"),
    *("submission", "member", "extension", "team", "assignment", "worker", "person", "course", "blob", "audit"),
)


def upgrade() -> None:
    """Makes all tables."""
    _tables()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        # an assignment names its version, and a version its assignment: one of the two has to come later
        op.create_foreign_key(op.f("fk_assignment_version_id"), "assignment", "version", ["version_id"], ["id"])
        _guard_on_postgresql()


def downgrade() -> None:
    """Drops all tables."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("fk_assignment_version_id"), "assignment", type_="foreignkey")
    for name in TABLES:
        op.drop_table(name)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_stays()")


def _guard_on_sqlite() -> None:
    """INSERT OR REPLACE deletes without a word to the trigger of DELETE, so it has one of its own."""
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        )
    op.execute(
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit "
        "WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number OR hash = NEW.hash) "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
    )


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()"
    )


def _tables() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("policy", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("key", name=op.f("uq_course_key")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("forgotten_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("host", sa.String(128), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("queues", JSON, nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("opens", MOMENT, nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("closes", MOMENT, nullable=True),
        sa.Column("policy", JSON, nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_assignment_course_id")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_assignment_version_id"), use_alter=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_assignment_course_id_key")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_team_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_team_course_id_name")),
    )
    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("closes", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (group_id IS NULL)", name=op.f("ck_extension_one_of")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_extension_assignment_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_extension_author_id")),
        sa.ForeignKeyConstraint(["group_id"], ["team.id"], name=op.f("fk_extension_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_extension_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_index("ix_extension_assignment", "extension", ["assignment_id"])
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.CheckConstraint("role IN ('admin', 'instructor', 'assistant', 'student')", name=op.f("ck_member_role")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_member_course_id")),
        sa.ForeignKeyConstraint(["group_id"], ["team.id"], name=op.f("fk_member_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("course_id", "person_id", name=op.f("uq_member_course_id_person_id")),
    )
    op.create_index("ix_member_person", "member", ["person_id"])
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(32), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("notebook", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.CheckConstraint("source IN ('web', 'cli', 'api', 'import')", name=op.f("ck_submission_source")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_submission_assignment_id")),
        sa.ForeignKeyConstraint(["notebook"], ["blob.sha256"], name=op.f("fk_submission_notebook")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_submission_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "assignment_id", "person_id", "token", name=op.f("uq_submission_assignment_id_person_id_token")
        ),
        sa.UniqueConstraint("receipt", name=op.f("uq_submission_receipt")),
    )
    op.create_index("ix_submission_who", "submission", ["assignment_id", "person_id", "received_at"])
    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("suite_version", sa.String(64), nullable=False),
        sa.Column("archive", sa.String(64), nullable=False),
        sa.Column("max_score", sa.Double(), nullable=False),
        sa.Column("queue", sa.String(16), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("verification", JSON, nullable=False),
        sa.Column("forced", sa.String(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["archive"], ["blob.sha256"], name=op.f("fk_version_archive")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_version_assignment_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_version_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("assignment_id", "archive", name=op.f("uq_version_assignment_id_archive")),
        sa.UniqueConstraint("assignment_id", "number", name=op.f("uq_version_assignment_id_number")),
    )
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(10000), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_comment_author_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_comment_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index(op.f("ix_comment_submission_id"), "comment", ["submission_id"])
    op.create_table(
        "override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("check", sa.String(128), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint('(submission_id IS NULL) = ("check" IS NULL)', name=op.f("ck_override_one_of")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_override_assignment_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_override_author_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_override_person_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_override_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_override")),
    )
    op.create_index("ix_override_who", "override", ["assignment_id", "person_id"])
    op.create_table(
        "regrade_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(10000), nullable=False),
        sa.Column("decision", sa.String(32), nullable=False),
        sa.Column("answer", sa.String(10000), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("decision IN ('open', 'accepted', 'declined')", name=op.f("ck_regrade_request_decision")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_regrade_request_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_regrade_request_person_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_regrade_request_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade_request")),
    )
    op.create_index(op.f("ix_regrade_request_submission_id"), "regrade_request", ["submission_id"])
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
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
    )
    op.create_index(op.f("ix_run_batch"), "run", ["batch"])
    op.create_index("ix_run_state", "run", ["state", "queue"])
    graded = ["version_id", "purpose", "state", "status", "committed_at", "score", "max_score"]
    op.create_index("ix_run_submission", "run", ["submission_id", *graded])
    op.create_table(
        "run_progress",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("cells_done", sa.Integer(), nullable=False),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("checks", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_progress_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_progress")),
    )
    op.create_table(
        "check_row",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("visibility", sa.String(16), nullable=False),
        sa.Column("message", JSON, nullable=True),
        sa.Column("hint", JSON, nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("misconception", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_check_row_run_id")),
        sa.PrimaryKeyConstraint("run_id", "name", name=op.f("pk_check_row")),
    )
    op.create_index(op.f("ix_check_row_misconception"), "check_row", ["misconception"])
    op.create_index("ix_check_row_name", "check_row", ["name", "verdict"])
    op.create_table(
        "metric_row",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("title", JSON, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_metric_row_run_id")),
        sa.PrimaryKeyConstraint("run_id", "name", name=op.f("pk_metric_row")),
    )
    op.create_table(
        "credential",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credential_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_credential")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_person_id"), "invitation", ["person_id"])
    op.create_table(
        "web_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_session_token_hash")),
    )
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"])
