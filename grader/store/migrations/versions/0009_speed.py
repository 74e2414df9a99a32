"""A feed of what changed in the rows that grades are made of, written by the database itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

VERBS = ("INSERT", "UPDATE", "DELETE")
NOBODY = "CAST(NULL AS INTEGER)"  # nor any assignment, nor any quiz
PAIR = f"SELECT r.assignment_id, {NOBODY}, r.person_id FROM {{rows}} AS r"
QUIZ_PAIR = f"SELECT {NOBODY}, r.quiz_id, r.person_id FROM {{rows}} AS r"
# by table: the columns that say whose grades a row is about, and the assignment, the quiz and the person that they mean
WATCHED = {
    "submission": (("assignment_id", "person_id"), PAIR),
    "override": (("assignment_id", "person_id"), PAIR),
    "extension": (("assignment_id", "person_id"), PAIR),  # of a group: of everybody in the assignment
    "run": (
        ("submission_id",),
        f"SELECT s.assignment_id, {NOBODY}, s.person_id FROM {{rows}} AS r "
        "JOIN submission AS s ON s.id = r.submission_id",
    ),
    "check_row": (
        ("run_id",),
        f"SELECT s.assignment_id, {NOBODY}, s.person_id FROM {{rows}} AS r JOIN run ON run.id = r.run_id "
        "JOIN submission AS s ON s.id = run.submission_id",
    ),
    "assignment": (("id",), f"SELECT r.id, {NOBODY}, {NOBODY} FROM {{rows}} AS r"),
    "version": (("assignment_id",), f"SELECT r.assignment_id, {NOBODY}, {NOBODY} FROM {{rows}} AS r"),
    "quiz": (("id",), f"SELECT {NOBODY}, r.id, {NOBODY} FROM {{rows}} AS r"),
    "quiz_version": (("quiz_id",), f"SELECT {NOBODY}, r.quiz_id, {NOBODY} FROM {{rows}} AS r"),
    "quiz_extension": (("quiz_id", "person_id"), QUIZ_PAIR),  # of a group: of everybody in the quiz
    "quiz_override": (("quiz_id", "person_id"), QUIZ_PAIR),
    "quiz_attempt": (("quiz_id", "person_id", "mode"), f"{QUIZ_PAIR} WHERE r.mode = 'graded'"),
    # what is answered while an attempt runs is in no grade, and there is much of it
    "quiz_item": (
        ("attempt_id",),
        f"SELECT {NOBODY}, a.quiz_id, a.person_id FROM {{rows}} AS r JOIN quiz_attempt AS a ON a.id = r.attempt_id "
        "WHERE a.mode = 'graded' AND a.submitted_at IS NOT NULL",
    ),
    "member": (("person_id",), f"SELECT {NOBODY}, {NOBODY}, r.person_id FROM {{rows}} AS r"),
    "person": (("id",), f"SELECT {NOBODY}, {NOBODY}, r.id FROM {{rows}} AS r"),
    "team": (("id",), f"SELECT {NOBODY}, {NOBODY}, {NOBODY} FROM {{rows}} AS r"),
    "course": (("id",), f"SELECT {NOBODY}, {NOBODY}, {NOBODY} FROM {{rows}} AS r"),
}
KEPT = 100_000  # lines on SQLite; on PostgreSQL those of the last transactions
KEPT_TRANSACTIONS = 500_000


def upgrade() -> None:
    """Makes the feed, with a first line, and what writes it."""
    op.create_table(
        "grade_change",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("quiz_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_grade_change")),
    )
    op.create_index(op.f("ix_grade_change_turn"), "grade_change", ["turn"])
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgresql()


def downgrade() -> None:
    """Drops it."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in WATCHED:
        for verb in VERBS:
            name = f"grade_change_{table}_{verb.lower()}"
            op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION grade_change_{table}()")
    op.drop_table("grade_change")


def _on_sqlite() -> None:
    """A line a row. A turn is one more than the last: there is one writer at a time."""
    turn, mark = "(SELECT coalesce(max(turn), 0) + 1 FROM grade_change)", "lower(hex(randomblob(16)))"
    add = f"INSERT INTO grade_change (turn, mark, assignment_id, quiz_id, person_id) SELECT {turn}, {mark}"
    op.execute(f"{add}, NULL, NULL, NULL")
    cut = f"DELETE FROM grade_change WHERE turn <= (SELECT max(turn) FROM grade_change) - {KEPT}"
    for table, (columns, whose) in WATCHED.items():
        for verb in VERBS:
            sides = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}[verb]
            rows = " UNION ".join(
                "SELECT " + ", ".join(f"{side}.{column} AS {column}" for column in columns) for side in sides
            )
            found = whose.format(rows=f"({rows})")
            op.execute(
                f"CREATE TRIGGER grade_change_{table}_{verb.lower()} AFTER {verb} ON {table} "
                f"BEGIN {add}, whose.* FROM ({found}) AS whose; {cut}; END"
            )


def _on_postgresql() -> None:
    """A line a person and assignment and statement."""
    turn, mark = "pg_current_xact_id()::text::bigint", "md5(random()::text || clock_timestamp()::text)"
    add = f"INSERT INTO grade_change (turn, mark, assignment_id, quiz_id, person_id) SELECT {turn}, {mark}"
    op.execute(f"{add}, NULL, NULL, NULL")
    # SKIP LOCKED: transactions that cut it off at the same time do not wait for each other
    cut = (
        "IF random() < 0.01 THEN DELETE FROM grade_change WHERE number IN (SELECT number FROM grade_change "
        f"WHERE turn < {turn} - {KEPT_TRANSACTIONS} ORDER BY turn LIMIT 10000 FOR UPDATE SKIP LOCKED); END IF;"
    )
    tables = {"INSERT": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}
    tables["UPDATE"] = f"{tables['DELETE']} {tables['INSERT']}"
    for table, (_, whose) in WATCHED.items():
        old, new = (f"{add}, whose.* FROM (SELECT DISTINCT w.* FROM ({whose.format(rows=rows)}) AS w) AS whose;"
                    for rows in ("old_rows", "new_rows"))  # fmt: skip
        op.execute(
            f"CREATE FUNCTION grade_change_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP <> 'INSERT' THEN {old} END IF; IF TG_OP <> 'DELETE' THEN {new} END IF; {cut} RETURN NULL; END $$"
        )
        for verb in VERBS:
            op.execute(
                f"CREATE TRIGGER grade_change_{table}_{verb.lower()} AFTER {verb} ON {table} "
                f"REFERENCING {tables[verb]} FOR EACH STATEMENT EXECUTE FUNCTION grade_change_{table}()"
            )
