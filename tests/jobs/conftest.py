"""Databases that hold the queue's tables as well, and a course on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jobs.yard import Yard

from grader import jobs
from grader.store import schema
from grader.store.database import Database

if TYPE_CHECKING:
    from postgres import Cluster


def _prepare(url: str) -> None:
    database = Database(url)
    schema.prepare(database)
    jobs.prepare(database)
    database.close()


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> str:
    name = postgres.create()
    _prepare(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("queue") / "prepared.sqlite3"
    _prepare(f"sqlite:///{file}")
    return file


@pytest.fixture
def yard(database: Database, tmp_path: Path) -> Iterator[Yard]:
    """A course, and whatever workers a test starts."""
    found = Yard(database, tmp_path / "home")
    yield found
    found.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts workers takes seconds a test: on PostgreSQL with the slow tests, on SQLite always."""
    for item in items:
        if item.path.name in ("test_worker.py", "test_real.py") and "postgres" in item.name:
            item.add_marker(pytest.mark.slow)
