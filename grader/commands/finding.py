"""What `grader doctor` says of the store: where it is, whether its tables are current, who grades."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from grader.commands import common
from grader.errors import GraderError
from grader.sandbox.doctor import Finding
from grader.text import Text

if TYPE_CHECKING:
    from grader.store.database import Database


def examine(home: Path | None = None) -> Iterator[Finding]:
    """The findings on the store; makes none, and loads SQLAlchemy only where there is one."""
    if not os.environ.get("GRADER_DATABASE") and common.store_file(home) is None:
        text = Text("강좌가 아직 없습니다(없어도 채점합니다).", "No course here yet (grading works without one).")
        yield Finding("store", True, False, text)
        return
    from sqlalchemy.exc import SQLAlchemyError

    from grader.store.database import Database, Home, fault

    found = Home.find(home)
    database = Database(found.url)
    try:
        yield _schema(database)
        yield _workers(database)
    except (SQLAlchemyError, GraderError) as error:
        said = error.text if isinstance(error, GraderError) else fault(error)
        yield Finding("store", False, False, said, "check GRADER_HOME and GRADER_DATABASE")
    finally:
        database.close()


def _schema(database: Database) -> Finding:
    from grader.store.schema import HEAD
    from grader.store.schema import version as version_of

    where, version = database.engine.url, version_of(database)
    shown = where.database if where.get_backend_name() == "sqlite" else where.render_as_string(hide_password=True)
    if version == HEAD:
        return Finding("store", True, False, Text(f"{shown} (버전 {version})", f"{shown} (schema {version})"))
    text = Text(
        f"{shown}: 테이블이 {version or '없음'}이고 지금은 {HEAD}입니다.",
        f"{shown}: schema {version or 'none'}, current is {HEAD}.",
    )
    return Finding("store", False, False, text, "grader status")


def _workers(database: Database) -> Finding:
    """Counted in our own tables: those of the queue may not be there yet."""
    from sqlalchemy import func, select

    from grader.jobs import Jobs
    from grader.store.models import Run, State

    jobs = Jobs(database)
    try:
        alive = [one for one in jobs.workers() if one.alive]
        with database.read() as session:
            waiting = session.scalars(select(func.count()).select_from(Run).where(Run.state == State.QUEUED)).one()
    finally:
        jobs.close()
    text = Text(
        f"일하는 워커 자리 {len(alive)}개, 기다리는 제출 {waiting}개",
        f"{len(alive)} worker slots alive, {waiting} waiting",
    )
    ok = bool(alive) or not waiting
    return Finding("workers", ok, False, text, None if ok else "grader worker")
