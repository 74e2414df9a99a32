"""`grader status`: the queue, the workers, and what became of a submission."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.client.connection import Declined
from grader.commands import common, remote
from grader.text import Text

if TYPE_CHECKING:
    from grader.client.service import Service
    from grader.jobs import Jobs
    from grader.store.database import Database

EVERY_S = 1.0
SHOWN = 20
KEYS = (
    *("assignment", "receipt", "received_at", "state", "status", "score", "max_score", "reason"),
    *("place", "seconds_left", "over"),
)
STATES = {
    "queued": Text("기다림", "waiting"),
    "running": Text("채점 중", "grading"),
    "done": Text("끝남", "done"),
    "set_aside": Text("보류", "set aside"),
    "cancelled": Text("취소됨", "cancelled"),
}


def receipts(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of the receipts of submissions."""
    return common.receipts(context, "SELECT receipt FROM submission ORDER BY id DESC LIMIT 100", incomplete)


@click.command(name="status")
@click.argument("receipt", required=False, shell_complete=receipts)
@click.option(
    "--as", "email", envvar="GRADER_EMAIL", shell_complete=common.emails, help="누구의 제출 / Whose submissions."
)
@click.option(
    "--watch",
    is_flag=True,
    help="끝나거나 대기열이 빌 때까지 / Keep showing it until it is done, or the queue is empty.",
)
@remote.options
@common.common
def command(
    receipt: str | None,
    email: str | None,
    watch: bool,
    server: remote.Remote | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """대기열과 제출을 보여 줍니다. / Show the queue and submissions.

    접수 번호를 주면 그 제출을, --as를 주면 그 사람의 제출도 보여 줍니다. --watch는 그 제출이 끝나면, 접수 번호가 없으면
    기다리는 것도 채점 중인 것도 없을 때 끝납니다(Ctrl-C로도). --json이면 바뀔 때마다 한 줄입니다. 하나씩 보고
    다루려면 grader queue를 쓰세요.

    With a receipt that submission; with --as that person's too. --watch ends when that submission is done; without a
    receipt when nothing waits and nothing is being graded; and at Ctrl-C. With --json it is a line at each change.
    `grader queue` shows each of them, and can do something about them.

    \b
    예 / Examples:
      grader status
      grader status --as minji@example.com
      grader status ABCDEFGHIJKLMNOPQRSTUVWXYZ --watch
      grader status --server https://grader.example.com
    """
    if server is not None:
        service = server.service()
        if receipt is not None:
            _repeat(lambda: _there(service.submission(receipt)), _one, watch, as_json, lang)
        else:
            where = service.course(course)["key"]
            _repeat(lambda: _all_there(service, where), _all, watch, as_json, lang)
        return
    with common.opened(home) as (_, database), common.queue(database) as jobs:
        if receipt is not None:
            _repeat(lambda: _of_submission(database, jobs, receipt), _one, watch, as_json, lang)
        else:
            _repeat(lambda: _of_all(database, jobs, course, email), _all, watch, as_json, lang)


def _repeat(
    look: Callable[[], dict[str, Any]],
    draw: Callable[[dict[str, Any], str | None], Any],
    watch: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """Shows it once, or until there is nothing more to see."""
    found = look()
    if as_json:
        common.emit(found)
        while watch and not found.get("over"):
            time.sleep(EVERY_S)
            before, found = found, look()
            if found != before:
                common.emit(found)
        return
    if not watch:
        common.show(draw(found, lang))
        return
    from rich.live import Live

    with Live(draw(found, lang), auto_refresh=False) as live:
        while not found.get("over"):
            time.sleep(EVERY_S)
            found = look()
            live.update(draw(found, lang), refresh=True)
    if not live.console.is_terminal:
        live.console.line()  # a file's last line ends, too


def _there(found: Mapping[str, Any]) -> dict[str, Any]:
    """A submission as `_of_submission` tells it, from a server's answer."""
    at = common.iso(datetime.fromisoformat(found["received_at"]))
    return {**{key: found[key] for key in KEYS}, "received_at": at}


def _all_there(service: Service, course: str) -> dict[str, Any]:
    """As `_of_all` tells it; the queue is told to staff alone, and null for others."""
    queue: dict[str, Any] = dict.fromkeys(("waiting", "running", "set_aside", "workers"))
    with suppress(Declined):
        queue = service.queue(course)
    mine = [_there(one) for one in service.mine(course)[:SHOWN]]
    return {**queue, "submissions": mine, "over": all(one["over"] for one in mine)}


def _of_submission(database: Database, jobs: Jobs, receipt: str) -> dict[str, Any]:
    from grader.course import submissions
    from grader.store.models import Assignment

    with database.read() as session:
        found = submissions.by_receipt(session, receipt)
        run = submissions.latest_run(session, found)
        assignment = session.get_one(Assignment, found.assignment_id)
    return {"assignment": assignment.key, **_state(jobs, found, run)}


def _state(jobs: Jobs, submission: Any, run: Any) -> dict[str, Any]:
    waits = run.state.value in ("queued", "running")
    return {
        "receipt": submission.receipt,
        "received_at": common.iso(submission.received_at),
        "state": run.state.value,
        "status": run.status,
        "score": run.score,
        "max_score": run.max_score,
        "reason": run.reason,
        "place": jobs.place(run.key) if waits else None,
        "seconds_left": jobs.estimate(run.key) if waits else None,
        "over": not waits,
    }


def _of_all(database: Database, jobs: Jobs, course: str | None, email: str | None) -> dict[str, Any]:
    waiting = jobs.waiting()
    found: dict[str, Any] = {
        "waiting": _counts(one.queue for one in waiting),
        "running": _running(database),
        "set_aside": _counts(one.queue for one in jobs.set_aside()),
        "workers": [
            {
                "name": one.name,
                "queues": list(one.queues),
                "alive": one.alive,
                "draining": one.draining,
                "busy": one.run is not None,
            }
            for one in jobs.workers()
        ],
    }
    found["over"] = not found["waiting"] and not found["running"]
    return found if email is None else {**found, "submissions": _submissions(database, jobs, course, email)}


def _counts(words: Any) -> dict[str, int]:
    from collections import Counter

    return dict(sorted(Counter(words).items()))


def _running(database: Database) -> dict[str, int]:
    """How many runs, by queue."""
    from sqlalchemy import select

    from grader.store.models import Run, State

    with database.read() as session:
        return _counts(session.scalars(select(Run.queue).where(Run.state == State.RUNNING)))


def _submissions(database: Database, jobs: Jobs, course: str | None, email: str) -> list[dict[str, Any]]:
    """The person's latest ones, the newest first."""
    from sqlalchemy import select

    from grader.course import people, submissions
    from grader.store.models import Assignment, Submission

    with database.read() as session:
        one = people.the_course(session, course)
        person = people.member(session, one, email).person
        query = (
            select(Submission, Assignment.key)
            .join(Assignment, Assignment.id == Submission.assignment_id)
            .where(Assignment.course_id == one.id, Submission.person_id == person.id)
            .order_by(Submission.received_at.desc(), Submission.id.desc())
            .limit(SHOWN)
        )
        found = [(row, key, submissions.latest_run(session, row)) for row, key in session.execute(query)]
    return [{"assignment": key, **_state(jobs, row, run)} for row, key, run in found]


def _one(found: dict[str, Any], lang: str | None) -> Any:
    from rich.console import Group
    from rich.markup import escape

    lines = [f"[bold]{escape(found['assignment'])}[/]  {found['receipt']}  {_word(found, lang)}"]
    if found["reason"]:
        lines.append(escape(Text.from_json(found["reason"]).into(lang)))
    return Group(*lines)


def _word(found: dict[str, Any], lang: str | None) -> str:
    """What became of a submission, in a line."""
    said = common.one_line(STATES[found["state"]], lang)
    if found["place"] is not None:
        said += f" #{found['place']}"
    if found["seconds_left"] is not None:
        said += f" (~{found['seconds_left']:.0f} s)"
    if found["score"] is not None:
        return f"[bold]{found['score']:g}/{found['max_score']:g}[/]"
    return f"{said} [yellow]{found['status']}[/]" if found["status"] else said


def _all(found: dict[str, Any], lang: str | None) -> Any:
    from rich.console import Group
    from rich.markup import escape

    parts: list[Any] = [] if found["waiting"] is None else _queue(found, lang)
    if found.get("submissions"):
        own = common.table(lang, Text("과제", "assignment"), Text("접수 번호", "receipt"), Text("상태", "state"))
        for one in found["submissions"]:
            own.add_row(escape(one["assignment"]), one["receipt"], _word(one, lang))
        parts.append(own)
    elif found["waiting"] is None:
        parts.append(common.one_line(Text("아직 제출이 없습니다.", "Nothing is submitted yet."), lang))
    return Group(*parts)


def _queue(found: dict[str, Any], lang: str | None) -> list[Any]:
    """The queue and the workers."""
    parts: list[Any] = []
    queues = sorted({*found["waiting"], *found["running"], *found["set_aside"]})
    made = common.table(
        lang,
        Text("대기열", "queue"),
        Text("기다림", "waiting"),
        Text("채점 중", "grading"),
        Text("보류", "set aside"),
        right=(1, 2, 3),
    )
    for name in queues or ["-"]:
        made.add_row(name, *(str(found[kind].get(name, 0)) for kind in ("waiting", "running", "set_aside")))
    parts.append(made)
    alive = [one for one in found["workers"] if one["alive"]]
    busy = sum(one["busy"] for one in alive)
    if alive:
        text = Text(
            f"일하는 워커 자리 {len(alive)}개, 그중 {busy}개 채점 중",
            f"{len(alive)} worker slots alive, {busy} grading",
        )
        if draining := sum(one["draining"] for one in alive):
            text = Text(f"{text.ko}, {draining}개는 새 일을 받지 않음", f"{text.en}, {draining} taking nothing new")
    else:
        text = Text("일하는 워커가 없습니다: grader worker", "No worker is alive: grader worker")
    parts.append(f"[{'green' if alive else 'yellow'}]{common.one_line(text, lang)}[/]")
    return parts
