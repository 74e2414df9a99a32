"""The leaderboard of an assignment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "board",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("a_day", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_board_assignment_id")),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_board")),
    )
    op.create_table(
        "board_name",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("likeness", sa.String(64), nullable=False),
        sa.Column("chosen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_board_name_assignment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_board_name_person_id")),
        sa.PrimaryKeyConstraint("assignment_id", "person_id", name=op.f("pk_board_name")),
        sa.UniqueConstraint("assignment_id", "likeness", name=op.f("uq_board_name_assignment_id_likeness")),
    )
    op.create_table(
        "board_answer",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("draw", sa.String(64), nullable=False),
        sa.Column("n_public", sa.Integer(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("n_private", sa.Integer(), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_board_answer_run_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_board_answer")),
    )


def downgrade() -> None:
    """Drops them."""
    for name in ("board_answer", "board_name", "board"):
        op.drop_table(name)
