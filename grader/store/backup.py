"""A copy of everything in one file, made while the course goes on, and the way back from it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, inspect, make_url, select, text
from sqlalchemy.orm import Session

from grader.errors import BadInput, GraderError
from grader.store.audit import START
from grader.store.database import Database, Home, now
from grader.store.models import Audit, Course, Invitation, Person, WebSession, Worker
from grader.store.surveys import PRIVATE
from grader.store.tokens import ApiToken
from grader.text import Text

SQLITE = b"SQLite format 3\0"
POSTGRES = b"PGDMP"
ALIVE = timedelta(seconds=60)  # a worker that was heard of within this time is at work
SCHEMAS = ("public", "dbos")  # of a course on PostgreSQL: ours and the queue's
ASIDE = "_before_"  # in the names of those that a restore moved aside
# who may come in without a password: what was used up or revoked since must not come back with a restore
WAYS_IN = (WebSession.__tablename__, Invitation.__tablename__, ApiToken.__tablename__)
LEFT_OUT = (*PRIVATE, *WAYS_IN)


@dataclass(frozen=True)
class Backup:
    """A backup that was made. The last line of its audit log, noted elsewhere, later shows a log that was cut off."""

    file: Path
    size: int
    sha256: str
    audit_number: int
    audit_hash: str


def backup(database: Database, file: Path) -> Backup:
    """Writes everything as it is at one moment into a new file, whole or not at all, for its owner alone; nobody has
    to stop for it. Raises BadInput for a file that is there or cannot be written, GraderError where the copy fails."""
    if file.exists():
        raise BadInput(
            Text(
                f"{file}이(가) 이미 있습니다. 백업은 덮어쓰지 않습니다. 다른 이름을 주세요.",
                f"{file} exists already, and no backup is overwritten. Give another name.",
            )
        )
    with _beside(file) as new:
        if database.embedded:
            number, digest = _copy_sqlite(database, new)
        else:
            number, digest = _dump_postgres(database, new)
        new.chmod(0o600)
        _to_disk(new)
        sha256, size = _digest(new), new.stat().st_size
        try:
            os.link(new, file)  # unlike a rename it never replaces a file that came meanwhile
        except FileExistsError as error:
            raise BadInput(Text(f"{file}이(가) 이미 있습니다.", f"{file} exists already.")) from error
        except OSError:
            new.replace(file)  # a file system without links
    _to_disk(file.parent)
    return Backup(file, size, sha256, number, digest)


def restore(file: Path, home: Home, *, force: bool = False) -> Path | str | None:
    """Puts a backup in the place of the course in `home`; one of SQLite may go to PostgreSQL, too. What was there is
    not lost: it is moved aside, and where to is returned (None where nothing was). Raises BadInput for a file that is
    no backup, one of PostgreSQL where SQLite is, a course in its place without `force`, or while workers or the web
    still have it open."""
    kind = _kind(file)
    database = Database(home.url)
    try:
        if database.embedded and kind != SQLITE:
            raise _other_kind()
        _must_be_free(database, force)
        if database.embedded:
            return _restore_sqlite(file, database)
        return _move_to_postgres(file, database) if kind == SQLITE else _restore_postgres(file, database)
    finally:
        database.close()


# ------------------------------------------------------------------------------------------------- SQLite


def _copy_sqlite(database: Database, new: Path) -> tuple[int, str]:
    """VACUUM INTO reads one state of the file, lets writers go on, and leaves deleted content behind."""
    source = _path(database)
    try:
        with closing(sqlite3.connect(source, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(new),))
        _leave_out(new)
        return _check_sqlite(new)
    except sqlite3.Error as error:
        raise _failed(str(error)) from error


def _leave_out(file: Path) -> None:
    """Removes what no backup may hold, its bytes included."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if sum(connection.execute(f"DELETE FROM {name}").rowcount for name in tables & set(LEFT_OUT)):
            connection.execute("VACUUM")


def _check_sqlite(file: Path) -> tuple[int, str]:
    """The end of its audit log. Raises sqlite3.Error or BadInput for a file that is damaged or holds no course."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        if [row[0] for row in connection.execute("PRAGMA integrity_check")] != ["ok"]:
            raise sqlite3.DatabaseError("the file is damaged")
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {Course.__tablename__, Audit.__tablename__} <= tables:
            raise _no_backup(file)
        last = connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    return (0, START) if last is None else (int(last[0]), str(last[1]))


def _restore_sqlite(file: Path, database: Database) -> Path | None:
    target = _path(database)
    with _damage_told(file), _beside(target) as new:
        shutil.copyfile(file, new)
        new.chmod(0o600)
        _check_sqlite(new)
        _to_disk(new)
        database.close()
        _must_be_alone(target)
        aside = _move_aside(target)
        new.replace(target)
    _to_disk(target.parent)
    return aside


def _must_be_alone(target: Path) -> None:
    """Raises BadInput where another program has the file open, such as the web: it would go on with what was moved
    aside, and what students hand in there would be lost. SQLite gives up its log for who is alone, and nobody else."""
    if not target.exists():
        return
    try:
        with closing(sqlite3.connect(target, timeout=1, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BadInput(
                Text(
                    "다른 프로그램이 강좌를 열어 두고 있습니다. 웹(grader serve)과 워커를 먼저 멈추세요.",
                    "Another program has the course open. Stop the web (grader serve) and the workers first.",
                )
            ) from error
    except sqlite3.Error:
        pass  # whatever is wrong with it, it is moved aside as it is


def _move_aside(target: Path) -> Path | None:
    """The database file with its log, under a name that says when."""
    if not target.exists():
        return None
    aside = _free_name(target)
    for ending in ("-wal", "-shm", ""):  # the file last: it is what a reader opens first
        with contextlib.suppress(FileNotFoundError):
            Path(f"{target}{ending}").rename(f"{aside}{ending}")
    return aside


def _free_name(target: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = (target.with_name(f"{target.name}.{stamp}{more}") for more in ("", *(f"-{n}" for n in range(1, 1000))))
    return next(name for name in names if not name.exists())


def _path(database: Database) -> Path:
    name = make_url(database.url).database
    if not name or name == ":memory:":
        raise BadInput(Text("메모리에 있는 데이터베이스입니다.", "This database is in memory alone."))
    return Path(name)


# --------------------------------------------------------------------------------------------- PostgreSQL


def _dump_postgres(database: Database, new: Path) -> tuple[int, str]:
    with database.read() as session:  # noted before the dump, so that the dump holds this line
        last = session.execute(select(Audit.number, Audit.hash).order_by(Audit.number.desc()).limit(1)).first()
    _postgres(
        "pg_dump",
        database,
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--exclude-schema=*{ASIDE}*",
        "--exclude-table-data=public.grade_change",  # its lines mean something to this server alone
        *(f"--exclude-table-data=public.{name}" for name in LEFT_OUT),
        f"--file={new}",
    )
    return (0, START) if last is None else (last.number, last.hash)


def _restore_postgres(file: Path, database: Database) -> str | None:
    """What is there gets other schema names, in one transaction; then the backup takes its place in another one."""
    listed = subprocess.run([_binary("pg_restore"), "--list", file], capture_output=True, text=True, check=False)
    if listed.returncode != 0 or " public audit " not in listed.stdout:
        raise _no_backup(file)
    with _schemas_aside(database) as aside:
        words = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
        _postgres("pg_restore", database, *words, str(file))
    return aside


def _move_to_postgres(file: Path, database: Database) -> str | None:
    """A backup of SQLite, of whatever step of the schema, into PostgreSQL."""
    from grader.store import moving, schema

    with tempfile.TemporaryDirectory(prefix="grader-move-") as folder:
        copy = Path(folder) / "store"
        shutil.copyfile(file, copy)
        with _damage_told(file):
            _check_sqlite(copy)
        source = Database(f"sqlite:///{copy}")
        try:
            schema.prepare(source)
            with _schemas_aside(database) as aside:
                schema.prepare(database)
                moving.move(source, database)
        except _store_errors() as error:
            raise _failed(" ".join(str(getattr(error, "orig", error)).split())[:300]) from error
        finally:
            source.close()
    return aside


@contextmanager
def _damage_told(file: Path) -> Iterator[None]:
    """What SQLite cannot read is a damaged backup."""
    try:
        yield
    except sqlite3.Error as error:
        raise BadInput(
            Text(f"{file}은(는) 손상된 백업입니다({error}).", f"{file} is a damaged backup ({error}).")
        ) from error


@contextmanager
def _schemas_aside(database: Database) -> Iterator[str | None]:
    """What is there gets other names, and an empty schema takes its place; where what is done then fails, what was
    there is back. Gives the name of what was moved aside."""
    stamp = f"{ASIDE}{datetime.now(UTC):%Y%m%d_%H%M%S_%f}"
    moved = _rename_schemas(database, {name: f"{name}{stamp}" for name in SCHEMAS})
    try:
        yield f"public{stamp}" if "public" in moved else None
    except BaseException:
        with database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA IF EXISTS public CASCADE"))  # the one that was just made
        _rename_schemas(database, {f"{name}{stamp}": name for name in SCHEMAS}, fresh=False)
        raise


def _rename_schemas(database: Database, names: dict[str, str], *, fresh: bool = True) -> set[str]:
    """Renames those of these schemas that are there; returns them. With `fresh` an empty public one takes the place."""
    with database.engine.begin() as connection:
        found = names.keys() & set(inspect(connection).get_schema_names())
        for name in found:
            connection.execute(text(f'ALTER SCHEMA "{name}" RENAME TO "{names[name]}"'))
        if fresh:
            connection.execute(text("CREATE SCHEMA public"))
    return set(found)


def _postgres(program: str, database: Database, *words: str) -> None:
    """Runs pg_dump or pg_restore on the database. The password goes by the environment, unseen by others."""
    url = make_url(database.url)
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    command = [_binary(program), "--no-password", f"--dbname={_address(url)}", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, errors="replace")
    if done.returncode != 0:
        raise _failed(done.stderr.strip()[-500:] or f"{program} ended with {done.returncode}")


def _binary(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise GraderError(
            Text(
                f"{program}이(가) 없습니다. 설치하세요: sudo apt-get install -y postgresql-client",
                f"{program} is not here. Install it: sudo apt-get install -y postgresql-client",
            )
        )
    return found


def _address(url: URL) -> str:
    """As libpq reads it, without the password."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


# ------------------------------------------------------------------------------------------------- checks


def _must_be_free(database: Database, force: bool) -> None:
    """Raises BadInput where a course would be replaced unasked, or under workers that are at work."""
    if database.embedded and not _path(database).exists():
        return
    try:
        with database.read() as session:
            workers, full = _seen(session)
    except _store_errors() as error:
        if not force:
            raise BadInput(
                Text(
                    "지금 데이터베이스를 읽을 수 없습니다. 그래도 바꾸려면 --force를 쓰세요. 지금 것은 옆에 둡니다.",
                    "The database that is there cannot be read. To replace it all the same, use --force; it is moved "
                    "aside.",
                )
            ) from error
        return
    if workers:
        names = ", ".join(workers[:5])
        raise BadInput(
            Text(
                f"아직 일하는 워커가 있습니다: {names}. 먼저 멈추세요.",
                f"Workers are still at work: {names}. Stop them first.",
            )
        )
    if full and not force:
        raise BadInput(
            Text(
                "여기에는 이미 강좌가 있습니다. 바꾸려면 --force를 쓰세요. 지금 것은 지우지 않고 옆에 둡니다.",
                "There is a course here already. To replace it, use --force; it is moved aside, not deleted.",
            )
        )


def _seen(session: Session) -> tuple[list[str], bool]:
    """The workers at work, and whether there is anything to lose."""
    tables = set(inspect(session.connection()).get_table_names())
    if Worker.__tablename__ not in tables or Course.__tablename__ not in tables:
        return [], bool(tables)
    workers = session.scalars(select(Worker.name).where(Worker.beat_at > now(session) - ALIVE).order_by(Worker.name))
    full = any(session.scalars(select(kind.id).limit(1)).first() is not None for kind in (Course, Person))
    return list(workers), full


def _store_errors() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import SQLAlchemyError

    return (SQLAlchemyError, sqlite3.Error)


def _kind(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            start = stream.read(16)
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(Text(f"{file}을(를) 읽을 수 없습니다({why}).", f"{file} cannot be read ({why}).")) from error
    for magic in (SQLITE, POSTGRES):
        if start.startswith(magic):
            return magic
    raise _no_backup(file)


def _no_backup(file: Path) -> BadInput:
    return BadInput(
        Text(
            f"{file}은(는) 이 프로그램의 백업이 아닙니다. grader backup으로 만든 파일을 주세요.",
            f"{file} is no backup of this program. Name a file that grader backup made.",
        )
    )


def _other_kind() -> BadInput:
    return BadInput(
        Text(
            "이것은 PostgreSQL 백업인데 여기 데이터베이스는 SQLite입니다. GRADER_DATABASE에 PostgreSQL 주소를 주세요.",
            "This is a backup of PostgreSQL, and the database here is SQLite. Give GRADER_DATABASE the address of a "
            "PostgreSQL database.",
        )
    )


def _failed(why: str) -> GraderError:
    return GraderError(
        Text(
            f"백업이나 복원이 실패했습니다: {why}. 데이터베이스는 그대로입니다.",
            f"The backup or restore failed: {why}. The database is as it was.",
        )
    )


# -------------------------------------------------------------------------------------------------- files


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A name for a new file in the same folder; what is left of it at the end goes."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{file.name}.", dir=file.parent))
    except OSError as error:
        raise BadInput(
            Text(
                f"{file}에 쓸 수 없습니다({error.strerror}). 쓸 수 있는 다른 곳을 주세요.",
                f"{file} cannot be written ({error.strerror}). Name another place that you may write to.",
            )
        ) from error
    try:
        yield folder / "new"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _to_disk(file: Path) -> None:
    """Waits until the file, or a folder's list of names, is on the disk."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
