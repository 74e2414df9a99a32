"""Surveys whose answers are nobody's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON()
MOMENT = sa.DateTime(timezone=True)
# in the order in which nothing refers to what is gone
TABLES = ("survey_box", "survey_ticket", "survey")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("form", JSON, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("results", JSON, nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_survey_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_survey_course_id_key")),
    )
    op.create_table(
        "survey_ticket",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_ticket_survey_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_survey_ticket_person_id")),
        sa.PrimaryKeyConstraint("survey_id", "person_id", name=op.f("pk_survey_ticket")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "survey_box",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_box_survey_id")),
        sa.PrimaryKeyConstraint("survey_id", name=op.f("pk_survey_box")),
    )


def downgrade() -> None:
    """Drops them."""
    for name in TABLES:
        op.drop_table(name)
