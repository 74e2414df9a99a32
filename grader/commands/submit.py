"""`grader submit`: hands a notebook in, and waits for its report where asked to."""

from __future__ import annotations

import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common, remote
from grader.errors import BadInput, GraderError
from grader.text import Text

if TYPE_CHECKING:
    from grader.course.submissions import Received
    from grader.report import Report
    from grader.store.database import Database, Home

POLL_S = 0.2


@click.command(name="submit")
@click.argument("assignment", shell_complete=common.assignments)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "email",
    envvar="GRADER_EMAIL",
    shell_complete=common.emails,
    help="누구의 제출인지(이메일) / Whose submission. Default: GRADER_EMAIL.",
)
@click.option("--wait", is_flag=True, help="채점이 끝날 때까지 기다립니다. / Wait for the report.")
@click.option("--token", help="다시 보내도 같은 제출이 되는 이름표 / The same again is the same submission.")
@remote.options
@common.common
def command(
    assignment: str,
    notebook: Path,
    email: str | None,
    wait: bool,
    token: str | None,
    server: remote.Remote | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """노트북을 제출합니다. / Submit a notebook.

    접수 번호를 알려 줍니다. 마지막 제출과 같은 파일을 다시 내면 횟수를 쓰지 않습니다. --wait를 쓰면 일하는 워커가
    없을 때 스스로 채점하고, 끝나면 보고서를 보여 줍니다.

    Says the receipt. The same file as the last one spends no attempt. With --wait it grades by itself where no
    worker does, and shows the report at the end.

    --server로 다른 컴퓨터의 강좌에 냅니다. 토큰의 주인이 제출자이고, 줄이 끊어져 다시 보내도 한 번만 제출됩니다.

    With --server it goes to a course on another machine: who submits is whose token it is, and however often a broken
    line makes it send again, it is one submission.

    \b
    종료 코드 / Exit code:
      0 제출함, --wait: 만점 / submitted; with --wait: all points
      1 --wait: 잃은 점수가 있음 / with --wait: points were lost
      2 제출이나 채점을 못 함 / no submission, or no grade

    \b
    예 / Examples:
      grader submit perceptron my.ipynb --as minji@example.com
      GRADER_EMAIL=minji@example.com grader submit perceptron my.ipynb --wait
      grader submit perceptron my.ipynb --server https://grader.example.com --wait
    """
    if token is not None and token.startswith("grt_"):  # as grader.course.tokens has it
        raise BadInput(
            Text(
                "--token은 제출의 이름표이고, 준 것은 비밀인 API 토큰입니다. 명령줄에 썼으니 폐기하고 새로 만들어 "
                "저장하세요: grader token save",
                "--token names an upload, and this is a secret API token. It was on a command line: revoke it, make a "
                "new one and save that: grader token save",
            )
        )
    data = _data(notebook)
    if server is not None:
        _submit_there(server, course, assignment, data, notebook.name, token, wait, as_json, lang)
        return
    if email is None:
        raise BadInput(
            Text(
                "누구의 제출인지 알려 주세요: --as EMAIL, 또는 GRADER_EMAIL.",
                "Say whose submission it is: --as EMAIL, or GRADER_EMAIL.",
            )
        )
    with common.opened(home) as (found, database):
        received, zone, same = _submit(database, course, assignment, email, data, notebook.name, token)
        numbers = _numbers(received)
        if same is not None and not as_json:
            _tell_same(same, lang)
        if not wait:
            _tell(numbers, zone, as_json, lang)
            if not as_json:
                _tell_idle(database, lang)
            return
        if not as_json:
            _tell(numbers, zone, False, lang, err=True)
        report = _graded(found, database, received.run.key, quiet=as_json, lang=lang)
    if as_json:
        common.emit({**numbers, "report": report.as_json()})
    else:
        from grader.terminal import show_report

        show_report(report, lang)
    sys.exit(report.exit_code)


def _submit_there(
    server: remote.Remote,
    course: str | None,
    assignment: str,
    data: bytes,
    name: str,
    token: str | None,
    wait: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """The same on a server."""
    service = server.service()
    received = service.submit(service.course(course)["key"], assignment, data, name, token)
    numbers = {key: received[key] for key in ("receipt", "received_at", "sha256", "duplicate", "run")}
    numbers["received_at"] = common.iso(datetime.fromisoformat(received["received_at"]))
    if not wait or not as_json:
        _tell(numbers, received["timezone"], as_json, lang, err=wait)
    if not wait:
        return
    with _progress(as_json, lang) as tell:
        service.wait(received["receipt"], lambda found: tell(_seen(found)))
    document = service.report(received["receipt"])
    report = remote.report_of(document)
    if as_json:
        common.emit({**numbers, "report": {key: value for key, value in document.items() if key != "receipt"}})
    else:
        from grader.terminal import show_report

        show_report(report, lang)
    sys.exit(report.exit_code)


def _data(file: Path) -> bytes:
    """Any regular file will do: one that is no notebook is told so by its grading."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise BadInput(
                Text(f"{file}은(는) 파일이 아닙니다. .ipynb 파일을 주세요.", f"{file} is no file. Name an .ipynb file.")
            )
        with file.open("rb") as stream:
            from grader.notebook import MAX_BYTES

            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(
            Text(
                f"{file}을(를) 읽을 수 없습니다({error.strerror}). 경로를 확인하세요.",
                f"{file} cannot be read ({error.strerror}). Check the path.",
            )
        ) from error


def _submit(
    database: Database, course: str | None, key: str, email: str, data: bytes, name: str, token: str | None
) -> tuple[Received, str, int | None]:
    """What was received, the course's time zone, and which earlier attempt has the same bytes."""
    from grader.course import people, submissions
    from grader.store.models import Source

    with common.queue(database) as jobs, database.write() as session:
        one = people.the_course(session, course)
        row, person = people.assignment(session, one, key), people.member(session, one, email).person
        same = submissions.earlier(session, row, person, data)
        received = submissions.submit(
            session,
            row,
            person,
            data,
            name,
            Source.CLI,
            token=token,
            enqueue=jobs.enqueue,
            actor="cli",
        )
        return received, one.timezone, None if same is None or received.duplicate else same.number


def _numbers(received: Received) -> dict[str, Any]:
    return {
        "receipt": received.submission.receipt,
        "received_at": common.iso(received.submission.received_at),
        "sha256": received.submission.notebook,
        "duplicate": received.duplicate,
        "run": received.run.key,
    }


def _tell(numbers: Mapping[str, Any], zone: str, as_json: bool, lang: str | None, *, err: bool = False) -> None:
    if as_json:
        common.emit(numbers)
        return
    receipt, at = numbers["receipt"], common.local(datetime.fromisoformat(numbers["received_at"]), zone)
    if numbers["duplicate"]:
        said = Text(
            f"이미 받은 제출입니다. 횟수를 쓰지 않았습니다. 접수 번호 {receipt} ({at}).",
            f"This was received already, and no attempt is spent. Receipt {receipt} ({at}).",
        )
    else:
        said = Text(f"제출했습니다. 접수 번호 {receipt} ({at}).", f"Submitted. Receipt {receipt} ({at}).")
    click.echo(said.into(lang), err=err)


def _tell_same(number: int, lang: str | None) -> None:
    said = Text(f"이 파일은 {number}번째 제출과 같습니다.", f"This is the file of attempt {number}.")
    click.echo(said.into(lang), err=True)


def _tell_idle(database: Database, lang: str | None) -> None:
    """Where nobody would grade it."""
    with common.queue(database) as jobs:
        if any(one.alive for one in jobs.workers()):
            return
    said = Text("일하는 워커가 없어 기다립니다: grader worker", "It waits, as no worker is alive: grader worker")
    click.echo(said.into(lang), err=True)


@dataclass(frozen=True)
class Now:
    """How far a run is, at a look."""

    state: str
    cells_done: int = 0
    cells: int = 0


def _seen(found: Mapping[str, Any]) -> Now:
    """The same, as a server tells it."""
    progress = found["progress"] or {"cells_done": 0, "cells": 0}
    return Now(found["state"], progress["cells_done"], progress["cells"])


def _graded(home: Home, database: Database, key: str, *, quiet: bool, lang: str | None) -> Report:
    """The report, once there is one. Where no worker is alive, one is started for as long. Raises GraderError where
    there will be none."""
    from grader import worker
    from grader.course import submissions

    queue = _run(database, key).queue
    with ExitStack() as stack:
        alive = stack.enter_context(worker.ensure_worker(home, queue))
        tell = stack.enter_context(_progress(quiet, lang))
        while True:
            run = _run(database, key)
            if run.state.value in ("done", "set_aside", "cancelled"):
                break
            tell(_now(database, run))
            if not alive():
                raise _no_worker(home)
            time.sleep(POLL_S)
    if run.state.value != "done":
        reason = (
            Text.from_json(run.reason) if run.reason else Text("채점이 취소되었습니다.", "The grading was called off.")
        )
        raise GraderError(reason)
    with database.read() as session:
        return submissions.report_of(session, run)


def _run(database: Database, key: str) -> Any:
    from sqlalchemy import select

    from grader.store.models import Run

    with database.read() as session:
        return session.scalars(select(Run).where(Run.key == key)).one()


def _now(database: Database, run: Any) -> Now:
    from grader.store.models import RunProgress

    with database.read() as session:
        found = session.get(RunProgress, run.id)
    return Now(run.state.value) if found is None else Now(run.state.value, found.cells_done, found.cells)


def _no_worker(home: Home) -> GraderError:
    return GraderError(
        Text(
            f"채점할 워커를 시작하지 못했습니다. {home.folder / 'worker.log'}를 보거나 grader doctor를 실행하세요. "
            "제출은 받았고, 워커가 시작되면 채점됩니다.",
            f"No worker could be started. See {home.folder / 'worker.log'}, or run grader doctor. The submission is "
            "received, and is graded as soon as a worker runs.",
        )
    )


@contextmanager
def _progress(quiet: bool, lang: str | None) -> Iterator[Any]:
    """A line on stderr, for a person."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda now: None
        return
    waiting = common.one_line(Text("차례를 기다립니다", "waiting in the queue"), lang)
    running = common.one_line(Text("채점합니다", "grading"), lang)
    with console.status(waiting) as status:

        def tell(now: Now) -> None:
            cells = f"  {now.cells_done}/{now.cells}" if now.cells else ""
            status.update(waiting if now.state == "queued" else f"{running}{cells}")

        yield tell
