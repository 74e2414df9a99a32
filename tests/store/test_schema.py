"""The tables: migrations and models say the same, and no step loses a row."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from grader.errors import BadInput, GraderError
from grader.store import audit, schema
from grader.store.database import Database
from grader.store.models import Base, Course, Member, Person, Role

AT = datetime(2026, 3, 2, tzinfo=UTC)
LAST, NEXT = schema.HEAD, f"{int(schema.HEAD) + 1:04}"
STEP = f"""
import sqlalchemy as sa
from alembic import op
revision = "{NEXT}"
down_revision = "{LAST}"
def upgrade():
    with op.batch_alter_table("person", recreate="auto") as table:
        table.add_column(sa.Column("nickname", sa.String(50), nullable=True))
        table.alter_column("name", type_=sa.String(300), existing_type=sa.String(200))
    {{more}}
def downgrade():
    with op.batch_alter_table("person") as table:
        table.drop_column("nickname")
        table.alter_column("name", type_=sa.String(200), existing_type=sa.String(300))
"""


@pytest.fixture
def empty(empty_url: str) -> Any:
    database = Database(empty_url)
    yield database
    database.close()


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A program that is one step further; `next_step("more to do in it")`."""

    def make(more: str = "") -> None:
        folder = tmp_path / "versions"
        folder.mkdir()
        (folder / f"{NEXT}_next.py").write_text(STEP.format(more=more))
        usual = schema.config

        def config(connection: Connection) -> Config:
            found = usual(connection)
            found.set_main_option("path_separator", "newline")
            found.set_main_option("version_locations", f"{schema.FOLDER / 'versions'}\n{folder}")
            return found

        monkeypatch.setattr(schema, "config", config)
        monkeypatch.setattr(schema, "HEAD", NEXT)

    return make


def facts(database: Database) -> dict[str, Any]:
    """All that can be read of our tables, in an order of its own."""
    found = inspect(database.engine)

    def some(rows: Any) -> list[str]:
        return sorted(str({key: str(value) for key, value in row.items()}) for row in rows)

    return {
        table: (
            some(found.get_columns(table)),
            some(found.get_indexes(table)),
            some(found.get_unique_constraints(table)),
            some(found.get_foreign_keys(table)),
            some(found.get_check_constraints(table)),
            str(found.get_pk_constraint(table)),
        )
        for table in found.get_table_names()
        if table != schema.TABLE
    }


def differences(database: Database) -> list[Any]:
    with database.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": schema.is_ours}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)


def fill(database: Database, people: int = 1000) -> None:
    with database.write() as session:
        course = {"id": 1, "key": "c", "title": {"ko": "c", "en": "c"}, "timezone": "UTC", "policy": {}}
        session.execute(insert(Course), [course | {"created_at": AT}])
        rows = [
            {"id": n, "email": f"{n}@x", "name": f"이름 {n}", "active": True, "created_at": AT} for n in range(people)
        ]
        session.execute(insert(Person), rows)
        session.execute(
            insert(Member),
            [{"course_id": 1, "person_id": n, "role": Role.STUDENT, "joined_at": AT} for n in range(people)],
        )


def people(database: Database) -> list[Any]:
    with database.read() as session:
        columns = [column for column in Person.__table__.columns if column.name != "nickname"]
        return [tuple(row) for row in session.execute(select(*columns).order_by(Person.id))]


def test_migrations_and_models_say_the_same(database: Database, empty: Database) -> None:
    assert differences(database) == []
    Base.metadata.create_all(empty.engine)
    assert facts(database) == facts(empty)  # names and conditions as well, at which Alembic does not look


def test_a_difference_would_be_seen(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE course ADD COLUMN extra INTEGER"))
        connection.execute(text("DROP INDEX ix_run_state"))
    assert {one[0] for one in differences(database)} == {"remove_column", "add_index"}


def test_head_is_the_last_step() -> None:
    scripts = ScriptDirectory(str(schema.FOLDER))
    assert scripts.get_heads() == [schema.HEAD]


def test_every_folder_of_code_is_a_package() -> None:
    """Else an installed program would come without it."""
    root = Path(schema.__file__).parent.parent
    folders = {file.parent for file in root.rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_preparing_again_changes_nothing(database: Database) -> None:
    fill(database, 3)
    before = people(database)
    schema.prepare(database)
    assert people(database) == before
    assert schema.version(database) == schema.HEAD


def test_an_empty_database_has_no_version(empty: Database) -> None:
    assert schema.version(empty) is None
    schema.prepare(empty)
    assert schema.version(empty) == schema.HEAD


def test_down_to_nothing_and_up_again(database: Database) -> None:
    fresh = facts(database)
    fill(database)
    schema.migrate(database, "base")
    assert facts(database) == {}
    schema.prepare(database)
    assert facts(database) == fresh


def test_1000_rows_and_what_refers_to_them_survive_a_step_up_and_down(
    database: Database, next_step: Callable[[str], None]
) -> None:
    fill(database)
    before = people(database)
    next_step("")
    schema.prepare(database)
    assert schema.version(database) == NEXT
    assert people(database) == before
    schema.migrate(database, LAST)
    assert schema.version(database) == LAST
    assert people(database) == before
    assert differences(database) == []
    with database.read() as session:
        assert len(session.scalars(select(Member.id)).all()) == 1000
    with pytest.raises(IntegrityError), database.write() as session:  # references are guarded again
        session.execute(text("DELETE FROM person WHERE id = 1"))


def test_a_step_that_fails_leaves_nothing_behind(database: Database, next_step: Callable[[str], None]) -> None:
    fill(database, 5)
    before = people(database)
    next_step("raise RuntimeError('in the middle')")
    with pytest.raises(RuntimeError, match="middle"):
        schema.prepare(database)
    assert schema.version(database) == LAST
    assert differences(database) == []
    assert people(database) == before


def test_a_step_that_loses_what_is_referred_to_is_taken_back(
    database: Database, next_step: Callable[[str], None]
) -> None:
    fill(database, 5)
    before = people(database)
    next_step("op.execute('DELETE FROM person WHERE id = 1')")
    with pytest.raises((GraderError, IntegrityError)):
        schema.prepare(database)
    assert people(database) == before


def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    with pytest.raises(GraderError, match=r"newer than this program \(0099") as caught:
        schema.prepare(database)
    assert "0099" in caught.value.text.ko
    assert schema.version(database) == "0099"


def test_the_tables_of_another_program_are_left_alone(empty: Database) -> None:
    with empty.engine.begin() as connection:
        connection.execute(text("CREATE TABLE person (id INTEGER)"))
    with pytest.raises(BadInput, match=r"another program \(person\)"):
        schema.prepare(empty)
    assert schema.version(empty) is None


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    for url in (f"postgresql+psycopg://nobody@/none?host={tmp_path}", f"sqlite:///{tmp_path}/missing/x.sqlite3"):
        database = Database(url)
        with pytest.raises(BadInput, match=r"cannot be (reached|opened)"):
            schema.prepare(database)
        database.close()


def test_processes_that_start_at_once_wait_for_each_other(empty: Database) -> None:
    code = "import sys; from grader.store.database import Database; from grader.store.schema import prepare\n"
    code += "sys.stdin.read(); prepare(Database(sys.argv[1]))"
    all_at_once = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty.url], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in all_at_once:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in all_at_once] == [("", 0)] * 4
    assert schema.version(empty) == schema.HEAD
    assert differences(empty) == []


def test_the_queues_tables_are_the_queues_own(database: Database) -> None:
    from dbos import run_dbos_database_migrations

    run_dbos_database_migrations(database.url)
    assert differences(database) == []
    if database.embedded:
        ours = set(Base.metadata.tables) | {schema.TABLE}
        theirs = {name for name in inspect(database.engine).get_table_names() if name not in ours}
        assert theirs <= schema.DBOS
    schema.prepare(database)


def test_nobody_changes_the_audit_log(database: Database) -> None:
    with database.write() as session:
        audit.record(session, "cli", "course.create", "course:1")
    line = "SELECT number, at, 'x', action, subject, data, previous, hash FROM audit"
    statements = ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"]
    statements += [f"INSERT OR REPLACE INTO audit {line}"] if database.embedded else ["TRUNCATE audit"]
    for statement in statements:
        with pytest.raises(DBAPIError, match="only added to"), database.engine.begin() as connection:
            connection.execute(text(statement))
    with database.write() as session:
        audit.record(session, "cli", "course.create", "course:2")
        assert audit.broken(session) is None


def test_alembic_is_not_loaded_where_there_is_nothing_to_do(database: Database) -> None:
    code = "import sys; from grader.store.database import Database; from grader.store.schema import prepare\n"
    code += "prepare(Database(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    subprocess.run([sys.executable, "-c", code, database.url], check=True)


def test_migrations_run_by_hand_agree(empty: Database) -> None:
    """As somebody would who calls Alembic for it: the steps need nothing but a connection."""
    with empty.engine.begin() as connection:
        command.upgrade(schema.config(connection), "head")
    assert schema.version(empty) == schema.HEAD
