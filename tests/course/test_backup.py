"""A backup is whole whatever happens meanwhile, and a restore never costs what was there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from course.world import NOON, World
from sqlalchemy import make_url, select, text

from grader.course import invitations, people, tokens
from grader.errors import BadInput, GraderError
from grader.store import audit
from grader.store.backup import backup, restore
from grader.store.database import Database, Home, now
from grader.store.models import Audit, Invitation, Person, Submission, WebSession, Worker
from grader.store.tokens import ApiToken
from grader.text import Text


def home_of(database: Database, folder: Path) -> Home:
    return Home(folder, database.url)


def names(url: str) -> list[str]:
    with opened(url) as database, database.read() as session:
        assert audit.broken(session) is None
        return sorted(session.scalars(select(Person.name)))


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def test_what_is_restored_is_what_was_backed_up_and_the_rest_is_aside(world: World, tmp_path: Path) -> None:
    received = world.graded("mina", b"work", 60, 0)
    made = backup(world.database, tmp_path / "b" / "course.backup")
    assert made.size == made.file.stat().st_size > 1000
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert len(list(made.file.parent.iterdir())) == 1
    with world.database.read() as session:
        last = session.scalars(select(Audit).order_by(Audit.number.desc()).limit(1)).one()
        assert (made.audit_number, made.audit_hash) == (last.number, last.hash)
    with world.write() as session:
        people.add_person(session, world.course(session), "late@example.com", "Late", actor="test")
    home = home_of(world.database, tmp_path)
    with pytest.raises(BadInput, match="--force"):
        restore(made.file, home)
    assert "Late" in names(world.database.url)
    world.database.close()
    aside = restore(made.file, home, force=True)
    assert names(home.url) == ["Juno", "Mina", "Teacher"]
    with opened(home.url) as database, database.read() as session:
        assert session.get_one(Submission, received.submission.id).receipt == received.submission.receipt
    if isinstance(aside, Path):
        assert names(f"sqlite:///{aside}") == ["Juno", "Late", "Mina", "Teacher"]
    else:
        with opened(home.url) as database, database.engine.connect() as connection:
            assert connection.execute(text(f'SELECT count(*) FROM "{aside}".person')).scalar() == 4


def test_nobody_comes_in_by_a_backup_but_with_a_password(world: World, tmp_path: Path) -> None:
    with world.write() as session:
        mina = world.person(session, "mina")
        invitations.invite(session, mina, actor="test")
        tokens.make(session, mina, "laptop", [tokens.Scope.READ], actor="test")
        session.add(WebSession(token_hash="x" * 64, person_id=mina.id, created_at=NOON, seen_at=NOON, expires_at=NOON))
    made = backup(world.database, tmp_path / "course.backup")
    world.database.close()
    restore(made.file, home_of(world.database, tmp_path), force=True)
    with opened(world.database.url) as database, database.read() as session:
        assert [len(session.scalars(select(table)).all()) for table in (WebSession, Invitation, ApiToken)] == [0, 0, 0]
    assert b"x" * 64 not in made.file.read_bytes()


def test_a_backup_of_what_was_restored_can_be_restored_again(world: World, tmp_path: Path) -> None:
    home = home_of(world.database, tmp_path)
    first = backup(world.database, tmp_path / "1")
    world.database.close()
    restore(first.file, home, force=True)
    with opened(home.url) as database:
        second = backup(database, tmp_path / "2")
    restore(second.file, home, force=True)
    assert names(home.url) == ["Juno", "Mina", "Teacher"]


def test_a_backup_is_whole_while_others_write(world: World, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            with world.database.write() as session:  # two rows that belong together
                people.create_course(session, f"c{n}", Text("a", "a"), actor="test")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = [backup(world.database, tmp_path / f"{n}.backup") for n in range(3)]
    finally:
        stop.set()
        thread.join()
    for one in made:
        if world.database.embedded:
            copy = Database(f"sqlite:///{one.file}")
            with copy.read() as session:
                courses = session.scalar(text("SELECT count(*) FROM course"))
                lines = session.scalar(text("SELECT count(*) FROM audit WHERE action = 'create.course'"))
                assert courses == lines
                assert audit.broken(session) is None
            copy.close()
    world.database.close()
    restore(made[-1].file, home_of(world.database, tmp_path), force=True)
    assert names(world.database.url) == ["Juno", "Mina", "Teacher"]


def test_a_file_that_is_there_is_not_overwritten(world: World, tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("precious")
    with pytest.raises(BadInput, match="exists already"):
        backup(world.database, file)
    assert file.read_text() == "precious"


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + b"x" * 5000, b"PGDMP" + b"x" * 100])
def test_what_is_no_backup_is_refused_and_nothing_is_touched(world: World, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "wrong"
    file.write_bytes(content)
    for wrong in (file, tmp_path / "missing"):
        with pytest.raises(BadInput):
            restore(wrong, home_of(world.database, tmp_path), force=True)
    assert names(world.database.url) == ["Juno", "Mina", "Teacher"]


def test_a_backup_that_was_cut_off_is_refused(world: World, tmp_path: Path) -> None:
    made = backup(world.database, tmp_path / "b")
    made.file.write_bytes(made.file.read_bytes()[: made.size // 2])
    with pytest.raises(GraderError):
        restore(made.file, home_of(world.database, tmp_path), force=True)
    assert names(world.database.url) == ["Juno", "Mina", "Teacher"]


def test_nothing_is_restored_under_workers_at_work(world: World, tmp_path: Path) -> None:
    made = backup(world.database, tmp_path / "b")
    with world.write() as session:
        at = now(session)
        session.add(
            Worker(name="w1", host="h", pid=1, queues=["cpu"], slots=1, draining=False, started_at=at, beat_at=at)
        )
    home = home_of(world.database, tmp_path)
    with pytest.raises(BadInput, match="w1"):
        restore(made.file, home, force=True)
    with world.write() as session:
        session.get_one(Worker, "w1").beat_at = NOON
    world.database.close()
    restore(made.file, home, force=True)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_nothing_is_restored_under_a_web_that_has_the_course_open(world: World, tmp_path: Path) -> None:
    """It would go on writing into the file that was moved aside, and nobody would find what was handed in."""
    made, home = backup(world.database, tmp_path / "b"), home_of(world.database, tmp_path)
    with world.database.read() as session:
        session.scalars(select(Person.id)).all()
    with pytest.raises(BadInput, match="grader serve"):
        restore(made.file, home, force=True)
    assert names(home.url) == ["Juno", "Mina", "Teacher"]
    world.database.close()
    restore(made.file, home, force=True)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_new_home_needs_no_force(world: World, tmp_path: Path) -> None:
    made = backup(world.database, tmp_path / "b")
    home = Home.find(tmp_path / "new")
    assert restore(made.file, home) is None
    assert names(home.url) == ["Juno", "Mina", "Teacher"]
    with opened(home.url) as database, database.read() as session:
        assert world.course(session).key == "dl"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_database_that_is_damaged_is_replaced_by_force_and_kept(world: World, tmp_path: Path) -> None:
    made = backup(world.database, tmp_path / "b")
    world.database.close()
    file = Path(str(make_url(world.database.url).database))
    for ending in ("-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    file.write_bytes(b"damaged" * 1000)
    home = home_of(world.database, tmp_path)
    with pytest.raises(BadInput, match="cannot be read"):
        restore(made.file, home)
    aside = restore(made.file, home, force=True)
    assert isinstance(aside, Path)
    assert aside.read_bytes() == b"damaged" * 1000
    assert names(home.url) == ["Juno", "Mina", "Teacher"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_backup_of_the_other_kind_is_told(world: World, tmp_path: Path) -> None:
    file = tmp_path / "b"
    file.write_bytes(b"PGDMP" + bytes(100))
    with pytest.raises(BadInput, match="backup of PostgreSQL, and the database here is SQLite"):
        restore(file, home_of(world.database, tmp_path))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_is_forgotten_is_not_in_a_later_backup(world: World, tmp_path: Path) -> None:
    world.graded("mina", b"what mina wrote", 60, 0)
    with world.write() as session:
        people.forget(session, world.person(session, "mina"), actor="test")
    content = backup(world.database, tmp_path / "b").file.read_bytes()
    assert b"what mina wrote" not in content
    assert b"mina@" not in content


@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_without_the_programs_of_postgresql_it_says_what_to_install(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GraderError, match="postgresql-client"):
        backup(world.database, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_folder_that_cannot_be_written_is_told(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        backup(world.database, tmp_path / "file" / "b")
