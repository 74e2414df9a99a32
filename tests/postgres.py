"""The fixture `database`: an empty course on SQLite and on PostgreSQL, one for each test.

On SQLite by default; on PostgreSQL among the slow tests, which CI runs. One server of PostgreSQL is started for each process that tests, from the binaries that Debian installs, and stopped at
the end. Where there are none its tests are skipped; with GRADER_REQUIRE_POSTGRES=1 they fail.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from grader.store.database import Database
from grader.store.schema import prepare

INSTALLED = Path("/usr/lib/postgresql")
USER = "grader"
START_S = 60
# nothing of a test outlives it, so nothing needs to reach the disk
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
SETTINGS |= {"listen_addresses": "", "max_connections": "200", "shared_buffers": "32MB", "jit": "off"}


class Cluster:
    """A running server, reached through a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def run(self, statement: str) -> None:
        """One statement outside of any transaction."""
        with psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, template: str = "template0") -> str:
        """The name of a new database that is like the template, to which nobody may be connected."""
        name = f"test{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL that is installed."""
    found = [path.parent for path in INSTALLED.glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


@contextmanager
def started(programs: Path) -> Iterator[Cluster]:
    """A new server. It ends with us, even where we are killed."""
    with tempfile.TemporaryDirectory(prefix="grader-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        become = _become(folder)
        initdb = [programs / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8"]
        _run([*become, *initdb, "--locale=C.UTF-8", "--no-sync", "--no-instructions"], folder)
        settings = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
        server = [programs / "postgres", "-D", folder / "data", "-k", folder, *settings]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([*become, *server], cwd=folder, stdout=log, stderr=log)
        try:
            _wait(process, folder)
            yield Cluster(folder)
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth a checkpoint
            process.wait(START_S)


def _become(folder: Path) -> list[str]:
    """What goes before a command so that it runs as an ordinary user, and ends with us."""
    if shutil.which("setpriv") is None:
        return []
    become = ["setpriv", "--pdeathsig", "QUIT"]
    if os.getuid() != 0:
        return become
    names = {user.pw_name for user in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [*become, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _run(command: list[str | Path], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until it answers."""
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError((folder / "log").read_text(errors="replace"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The server of this process."""
    programs = binaries()
    if programs is None:
        assert os.environ.get("GRADER_REQUIRE_POSTGRES") != "1", "PostgreSQL is required and not installed"
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with started(programs) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> str:
    """The name of a database that is prepared and never used."""
    name = postgres.create()
    _prepare(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is prepared and never used."""
    file = tmp_path_factory.mktemp("sqlite") / "prepared.sqlite3"
    _prepare(f"sqlite:///{file}")
    return file


def _prepare(url: str) -> None:
    database = Database(url)
    prepare(database)
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def backend(request: pytest.FixtureRequest) -> str:
    """Which of the two databases a test is run on."""
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a prepared database that holds no row."""
    if backend == "sqlite":
        file = tmp_path / "grader.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.create(request.getfixturevalue("postgres_template"))
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A prepared database that holds no row."""
    database = Database(database_url)
    yield database
    database.close()
