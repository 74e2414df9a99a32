"""Which submissions are alike beyond what all were given, the watchlist, and a course's own settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON()
MOMENT = sa.DateTime(timezone=True)
TABLES = ("course_settings", "dismissal", "likeness_look", "likeness_pair", "likeness_print")


def upgrade() -> None:
    """Makes the tables."""
    _likeness()
    op.create_table(
        "dismissal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("about", sa.String(128), nullable=False),
        sa.Column("facts", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_dismissal_author_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_dismissal_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dismissal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dismissal")),
        sa.UniqueConstraint(
            "course_id", "person_id", "rule", "about", name=op.f("uq_dismissal_course_id_person_id_rule_about")
        ),
    )
    op.create_index(op.f("ix_dismissal_person_id"), "dismissal", ["person_id"])
    op.create_table(
        "course_settings",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("watchlist", JSON, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_settings_course_id")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_settings")),
    )


def downgrade() -> None:
    """Drops them."""
    for name in TABLES:
        op.drop_table(name)


def _likeness() -> None:
    op.create_table(
        "likeness_print",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("marks", JSON, nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_likeness_print_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_likeness_print")),
    )
    people, both = ("left_person_id", "right_person_id"), ("left_id", "right_id")
    op.create_table(
        "likeness_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (*people, *both)),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("passages", JSON, nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_likeness_pair_assignment_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_likeness_pair_settled_by")),
        *(sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_likeness_pair_{name}")) for name in people),
        *(sa.ForeignKeyConstraint([name], ["submission.id"], name=op.f(f"fk_likeness_pair_{name}")) for name in both),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likeness_pair")),
        sa.UniqueConstraint(
            "assignment_id",
            *people,
            name=op.f("uq_likeness_pair_assignment_id_left_person_id_right_person_id"),
        ),
    )
    op.create_index("ix_likeness_pair_left", "likeness_pair", ["left_person_id"])
    op.create_index("ix_likeness_pair_right", "likeness_pair", ["right_person_id"])
    op.create_table(
        "likeness_look",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_likeness_look_assignment_id")),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_likeness_look")),
    )
