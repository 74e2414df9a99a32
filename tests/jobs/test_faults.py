"""What machines do: a locked database, a full disk, a server that is away, a cable that is pulled."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jobs import servers
from jobs.yard import PACE, Yard, noted
from sqlalchemy import func, select

from grader import jobs
from grader.store import audit, schema
from grader.store.database import Database
from grader.store.models import CheckRow

pytestmark = pytest.mark.slow


def results(yard: Yard) -> int:
    with yard.database.read() as session:
        assert audit.broken(session) is None
        return int(session.scalars(select(func.count()).select_from(CheckRow)).one())


@contextmanager
def lasting(name: str, yard: Yard, **more: object) -> Iterator[None]:
    """Notes how long a fault was borne."""
    begin = time.monotonic()
    yield
    noted(test=name, database=yard.database.engine.dialect.name, seconds=round(time.monotonic() - begin, 1), **more)


@pytest.fixture
def file(tmp_path: Path, sqlite_template: Path) -> Path:
    return Path(shutil.copyfile(sqlite_template, tmp_path / "course.sqlite3"))


@contextmanager
def course(url: str, home: Path) -> Iterator[Yard]:
    yard = Yard(Database(url), home)
    try:
        yield yard
    finally:
        yard.close()
        yard.database.close()


def test_a_database_that_is_locked_for_longer_than_a_slot_may_be_silent(file: Path, tmp_path: Path) -> None:
    with course(f"sqlite:///{file}", tmp_path / "home") as yard, lasting("locked", yard):
        keys = [yard.add(f"{number}", f"p{number}", gate=str(tmp_path / "gate")) for number in range(4)]
        yard.start(2)
        yard.until(lambda: len(yard.lines("start")) == 2)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        (tmp_path / "gate").touch()
        yard.until(lambda: len(yard.lines("end")) == 2)
        locked_until = time.monotonic() + 2 * PACE.dead
        yard.until(lambda: time.monotonic() > locked_until)
        assert results(yard) == 0
        other.execute("ROLLBACK")
        other.close()
        assert yard.ended(*keys) == ["done"] * 4
        assert results(yard) == 4
        assert [yard.run(key).tries for key in keys] == [1] * 4


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_waited_for(disk: Path, file: Path, tmp_path: Path) -> None:
    shutil.copyfile(file, disk / "course.sqlite3")
    with course(f"sqlite:///{disk / 'course.sqlite3'}", tmp_path / "home") as yard, lasting("disk full", yard):
        key = yard.add("1", gate=str(tmp_path / "gate"))
        yard.start()
        yard.until(lambda: yard.lines("start"))
        filler = (disk / "filler").open("wb", buffering=0)
        for size in (2**16, 2**10, 1):
            try:
                while filler.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
        (tmp_path / "gate").touch()
        yard.until(lambda: "slot.no_beat" in yard.said() or "job.waits" in yard.said())
        filler.close()
        (disk / "filler").unlink()
        assert yard.ended(key) == ["done"]
        assert results(yard) == 1
        assert sqlite3.connect(disk / "course.sqlite3").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_home_that_cannot_be_written_is_said_and_waited_for(disk: Path, file: Path, tmp_path: Path) -> None:
    with course(f"sqlite:///{file}", tmp_path / "home") as yard, lasting("read-only home", yard):
        key = yard.add("1")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        yard.start(home=disk)
        yard.until(lambda: yard.said().count("slot.broke") >= 2)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert yard.ended(key) == ["done"]


@contextmanager
def prepared(*addresses: str) -> Iterator[servers.Server]:
    with servers.server(addresses) as server:
        database = Database(server.url())
        schema.prepare(database)
        jobs.prepare(database)
        database.close()
        yield server


def test_a_server_that_is_stopped_and_comes_back(tmp_path: Path) -> None:
    with prepared() as server, course(server.url(), tmp_path / "home") as yard:
        keys = [yard.add(f"{number}", f"p{number}", gate=str(tmp_path / "gate")) for number in range(4)]
        yard.start(2)
        yard.until(lambda: len(yard.lines("start")) == 2)
        with lasting("server stopped", yard):
            server.stop()
            (tmp_path / "gate").touch()
            yard.until(lambda: len(yard.lines("end")) == 2)
            yard.until(lambda: yard.said().count("slot.no_beat") >= 4 and "job.waits" in yard.said())
            away_until = time.monotonic() + 2 * PACE.dead
            yard.until(lambda: time.monotonic() > away_until)
            server.start()
            yard.database.engine.dispose()
            assert yard.ended(*keys) == ["done"] * 4
        assert results(yard) == 4
        assert [yard.run(key).tries for key in keys] == [1] * 4


def test_a_machine_that_is_cut_off_in_the_middle(tmp_path: Path) -> None:
    with (
        servers.machines(1, 2) as (one, two),
        prepared(one.ours, two.ours) as server,
        course(server.url(), tmp_path / "home") as yard,
        lasting("cable pulled", yard),
    ):
        gate = tmp_path / "gate"
        key = yard.add("1", gate=str(gate))
        yard.start(name="one", before=one.within, url=server.url(one.ours))
        yard.until(lambda: yard.lines("start") == ["1"])
        one.cable(False)
        yard.start(name="two", before=two.within, url=server.url(two.ours), home=tmp_path / "other")
        yard.until(lambda: yard.lines("start") == ["1", "1"])
        gate.touch()
        assert yard.ended(key) == ["done"]
        assert yard.run(key).worker == "two-0"
        yard.until(lambda: yard.lines("end") == ["1", "1"])  # the one that is cut off has a result as well
        one.cable(True)
        yard.until(lambda: len(yard.slots()) == 2)
        more = [yard.add(f"more{number}", f"p{number}", gate=str(tmp_path / "both")) for number in range(2)]
        yard.until(lambda: len(yard.lines("start")) == 4)  # at the same time, so both of them serve again
        (tmp_path / "both").touch()
        assert yard.ended(*more) == ["done"] * 2
        assert {yard.run(one).worker for one in more} == {"one-0", "two-0"}
        assert (yard.run(key).worker, yard.run(key).tries) == ("two-0", 2)
        assert results(yard) == 3
