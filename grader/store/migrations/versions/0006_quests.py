"""Which attempt is whose quest of which day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "quest",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_quest_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_quest_person_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_quest_attempt_id")),
        sa.PrimaryKeyConstraint("course_id", "person_id", "day", name=op.f("pk_quest")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_quest_attempt_id")),
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("quest")
