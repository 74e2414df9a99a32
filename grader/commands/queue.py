"""`grader queue`: what waits, what is being graded, what was set aside and why; and what one may do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import layout
from grader.commands import common
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.jobs import Jobs
    from grader.store.database import Database
    from grader.store.models import Person, Run

STUCK = """
SELECT s.receipt FROM submission s JOIN run r ON r.submission_id = s.id WHERE r.state IN ({0})
UNION SELECT a.receipt FROM quiz_attempt a JOIN quiz_mark m ON m.attempt_id = a.id
JOIN quiz_cell c ON c.mark_id = m.id JOIN run r ON r.id = c.run_id WHERE r.state IN ({0})
"""


def stuck(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of what may be graded again."""
    return common.receipts(context, STUCK.format("'set_aside', 'cancelled'"), incomplete)


def going(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of what is on its way."""
    return common.receipts(context, STUCK.format("'queued', 'running'"), incomplete)


def slots(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of workers' slots."""
    return common.completed(context, "SELECT name FROM worker ORDER BY name", incomplete, lower=False)


@click.group(cls=layout.Group, name="queue", invoke_without_command=True)
@click.option("--set-aside", is_flag=True, help="보류된 것만 / Only what was set aside.")
@common.common
@click.pass_context
def command(
    context: click.Context, set_aside: bool, home: Path | None, course: str | None, as_json: bool, lang: str | None
) -> None:
    """대기열을 보고 다룹니다. / Show the queue, and do something about it.

    기다리는 것, 채점 중인 것, 이유와 함께 보류된 것, 일하는 워커를 보여 줍니다. 강좌를 주지 않으면 모든 강좌입니다.

    What waits, what is being graded, what was set aside and why, and the workers; of all courses unless one is said.

    \b
    예 / Examples:
      grader queue
      grader queue --set-aside --json
      grader queue retry ABCDEFGHIJKLMNOPQRSTUVWXYZ
      grader queue drain --all
    """
    if context.invoked_subcommand is not None:
        return
    with common.opened(home) as (_, database), common.queue(database) as jobs:
        found = _look(database, jobs, course, set_aside)
    if as_json:
        common.emit(found)
    else:
        common.show(*_drawn(found, set_aside, lang))


@command.command()
@click.argument("receipt", required=False, shell_complete=stuck)
@click.option("--all-set-aside", is_flag=True, help="보류된 것 모두 / All that were set aside.")
@common.by_option
@common.common
def retry(
    receipt: str | None,
    all_set_aside: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """보류되거나 취소된 것을 다시 줄에 세웁니다. / Put what was set aside or cancelled into the queue again.

    먼저 원인을 없애세요(grader doctor, 워커의 기록). 학생의 횟수는 줄지 않습니다. 접수 번호는 제출이나
    퀴즈 응시의 것입니다.

    Mend the cause first (grader doctor, what the worker says). It costs the student no attempt. A receipt is that of a
    submission, or of an attempt at a quiz: then it is all code in it that was set aside or cancelled.

    \b
    예 / Examples:
      grader queue retry ABCDEFGHIJKLMNOPQRSTUVWXYZ
      grader queue retry --all-set-aside
    """
    if (receipt is None) != all_set_aside:
        raise BadInput(
            Text("접수 번호와 --all-set-aside 중 하나를 주세요.", "Give a receipt or --all-set-aside, one of the two.")
        )
    with common.opened(home) as (_, database), common.queue(database) as jobs:
        who = _actor(database, course, by)
        if receipt is None:
            chosen = _of_course(database, course, jobs.set_aside())
        else:
            chosen = _runs(database, receipt, "set_aside", "cancelled")
        done = [run for run in chosen if jobs.requeue(run.key, who)]
        told = _receipts(database, done)
    if receipt is not None and not done:
        raise BadInput(
            Text(
                "취소한 재채점이나 정답 수정의 것이라 다시 채점하지 않습니다. 새로 시작하세요: grader regrade, "
                "grader quiz remark",
                "It belongs to a regrade or a key correction that was called off. Begin another one: grader regrade, "
                "grader quiz remark",
            )
        )
    if as_json:
        common.emit({"queued": told})
    elif done:
        common.say(Text(f"{len(done)}개를 다시 줄에 세웠습니다.", f"{len(done)} in the queue again."), lang)
    else:
        common.say(Text("보류된 것이 없습니다.", "Nothing was set aside."), lang)


@command.command()
@click.argument("receipt", shell_complete=going)
@common.by_option
@common.common
def cancel(
    receipt: str, by: str | None, home: Path | None, course: str | None, as_json: bool, lang: str | None
) -> None:
    """기다리거나 채점 중인 것을 취소합니다. / Call off what waits or is being graded.

    점수가 되지 않고 횟수에 들지 않습니다. 되돌리려면: grader queue retry RECEIPT.

    It makes no grade and costs no attempt. The way back: grader queue retry RECEIPT.

    \b
    예 / Example:
      grader queue cancel ABCDEFGHIJKLMNOPQRSTUVWXYZ
    """
    with common.opened(home) as (_, database), common.queue(database) as jobs:
        who = _actor(database, course, by)
        done = [run for run in _runs(database, receipt, "queued", "running") if jobs.cancel(run.key, who)]
        if not done:
            raise _nothing("queued", "running")
        told = _receipts(database, done)
    if as_json:
        common.emit({"cancelled": told})
    else:
        common.say(Text("취소했습니다.", "Called off."), lang)


@command.command()
@click.argument("name", required=False, shell_complete=slots)
@click.option("--all", "everybody", is_flag=True, help="모든 워커 / All workers.")
@click.option("--off", is_flag=True, help="다시 일을 받게 합니다. / Let them take jobs again.")
@common.by_option
@common.common
def drain(
    name: str | None,
    everybody: bool,
    off: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """워커가 하던 것만 마치고 새 일을 받지 않게 합니다. / Let a worker finish what it has and take nothing new.

    NAME은 워커 자리, 워커, 컴퓨터의 이름입니다(grader queue에 나옵니다). 다시 받게 하려면 --off를 붙이거나 워커를 다시
    켜세요.

    NAME is that of a slot, of a worker or of a machine, as `grader queue` shows it. --off, or starting the worker anew,
    lets it take jobs again.

    \b
    예 / Examples:
      grader queue drain gpu-machine
      grader queue drain --all
      grader queue drain --all --off
    """
    if (name is None) != everybody:
        raise BadInput(Text("이름과 --all 중 하나를 주세요.", "Give a name or --all, one of the two."))
    with common.opened(home) as (_, database), common.queue(database) as jobs:
        who, known = _actor(database, course, by), [one for one in jobs.workers() if one.alive]
        if name is not None and name not in {word for one in known for word in (one.name, one.worker, one.host)}:
            names = ", ".join(one.name for one in known) or "-"
            raise BadInput(
                Text(f"'{name}' 워커가 없습니다. 지금 있는 것: {names}", f"No worker '{name}'. There are: {names}")
            )
        count = sum(jobs.drain(word, who, not off) for word in ([name] if name else [one.name for one in known]))
    if as_json:
        common.emit({"slots": count, "draining": not off})
    elif off:
        again = Text(
            f"자리 {count}개가 다시 일을 받습니다. 멈춘 자리는 다시 시작하느라 반 분쯤 목록에서 빠질 수 있습니다.",
            f"{count} slot(s) take jobs again. One that had stopped starts anew, and may be missing from the list for "
            "half a minute.",
        )
        common.say(again, lang)
    else:
        common.say(
            Text(
                f"자리 {count}개가 하던 것을 마치고 새 일을 받지 않습니다.",
                f"{count} slot(s) finish what they have and take nothing new.",
            ),
            lang,
        )


# --------------------------------------------------------------------------------------------------- pieces


def _actor(database: Database, course: str | None, by: str | None) -> Person | str:
    from grader.course import people

    with database.read() as session:
        return "cli" if by is None else common.actor(session, people.the_course(session, course), by)


def _runs(database: Database, receipt: str, *states: str) -> list[Run]:
    """Of an attempt at a quiz the runs that are in one of these states; of a submission the last one, while no newer
    one is graded or on its way to be. Raises BadInput where there is none."""
    from sqlalchemy import select

    from grader.course import submissions
    from grader.store.models import Run

    with database.read() as session:
        runs = _of_attempt(session, receipt)
        if runs is None:
            found = submissions.by_receipt(session, receipt)
            rows = session.scalars(select(Run).filter_by(submission_id=found.id).order_by(Run.id.desc())).all()
            last = (*states, "queued", "running", "done")
            runs = [run for run in rows if run.state.value in last][:1] or rows[:1]
    chosen = [run for run in runs if run.state.value in states]
    if not chosen:
        raise _nothing(*states, now=runs[0].state.value)
    return chosen


def _of_attempt(session: Session, receipt: str) -> Sequence[Run] | None:
    """The runs that mark the code of the attempt at a quiz that has this receipt; None where none has it. Raises
    BadInput where there is no code in it."""
    from grader.course import quizzes
    from grader.course.quizzes import cells

    try:
        attempt = quizzes.by_receipt(session, receipt)
    except BadInput:
        return None
    runs = cells.of_attempt(session, attempt)
    if not runs:
        raise BadInput(
            Text("그 응시에는 채점할 코드가 없습니다.", "There is no code in that attempt that a worker marks.")
        )
    return runs


def _nothing(*states: str, now: str | None = None) -> BadInput:
    """There is nothing to do, as it is in another state."""
    from grader.commands.status import STATES

    wanted = [STATES[state] for state in states]
    is_ = Text("그 사이에 바뀌었습니다", "changed meanwhile") if now is None else STATES[now]
    return BadInput(
        Text(
            f"아무것도 하지 않았습니다. 그 제출은 지금 '{is_.ko}'입니다('{wanted[0].ko}', '{wanted[1].ko}'일 때만 "
            "됩니다).",
            f"Nothing was done. The submission is '{is_.en}' now (it has to be '{wanted[0].en}' or '{wanted[1].en}').",
        )
    )


def _of_course(database: Database, course: str | None, runs: Sequence[Run]) -> list[Run]:
    """Those of a course; all where none is said."""
    if course is None:
        return list(runs)
    ids = {line["run"] for line in _lines(database, course, [run.id for run in runs])}
    return [run for run in runs if run.id in ids]


def _receipts(database: Database, runs: Iterable[Run]) -> list[str]:
    return [line["receipt"] for line in _lines(database, None, [run.id for run in runs])]


def _look(database: Database, jobs: Jobs, course: str | None, only_aside: bool) -> dict[str, Any]:
    """The document of `--json`."""
    from sqlalchemy import select

    from grader.store.models import Run, State

    aside = {"set_aside": _lines(database, course, [run.id for run in jobs.set_aside()])}
    if only_aside:
        return aside
    waiting = jobs.waiting()
    places = {one.run_id: one.place for one in waiting}
    with database.read() as session:
        running = list(session.scalars(select(Run.id).where(Run.state == State.RUNNING).order_by(Run.id)))
    lines = _lines(database, course, [one.run_id for one in waiting])
    return {
        "waiting": [{"place": places[line["run"]], **line} for line in lines],
        "running": _lines(database, course, running),
        **aside,
        "workers": [
            {
                "name": one.name,
                "host": one.host,
                "queues": list(one.queues),
                "draining": one.draining,
                "busy": one.run is not None,
                "beat_at": common.iso(one.beat_at),
            }
            for one in jobs.workers()
            if one.alive
        ],
    }


def _lines(database: Database, course: str | None, ids: Sequence[int]) -> list[dict[str, Any]]:
    """What there is to say of these runs, in their order; of one course where it is said."""
    from sqlalchemy import select

    from grader.course import people
    from grader.store.models import Course, Person, Run
    from grader.store.quizzes import RECEIPT, WHAT, whose

    query = whose(select(Run, RECEIPT, Person.email, WHAT, Course.key, Course.timezone))
    found: dict[int, dict[str, Any]] = {}
    with database.read() as session:
        if course is not None:
            query = query.where(Course.id == people.the_course(session, course).id)
        for start in range(0, len(ids), 500):
            rows = session.execute(query.where(Run.id.in_(ids[start : start + 500])))
            for run, receipt, email, assignment, key, zone in rows:
                found[run.id] = {
                    "run": run.id,
                    "queue": run.queue,
                    "course": key,
                    "assignment": assignment,
                    "email": email,
                    "receipt": receipt,
                    "purpose": run.purpose.value,
                    "tries": run.tries,
                    "requested_at": common.iso(run.requested_at),
                    "local_requested_at": common.local(run.requested_at, zone),
                    "worker": run.worker,
                    "reason": run.reason,
                }
    return [found[one] for one in ids if one in found]


WAITING, RUNNING, ASIDE = Text("기다림", "Waiting"), Text("채점 중", "Grading"), Text("보류", "Set aside")


def _drawn(found: dict[str, Any], only_aside: bool, lang: str | None) -> list[Any]:
    parts: list[Any] = []
    for name, title in (("waiting", WAITING), ("running", RUNNING), ("set_aside", ASIDE)):
        if name in found:
            parts += _section(title, found[name], lang)
    if found["set_aside"]:
        how = Text(
            "원인을 없앤 뒤: grader queue retry RECEIPT, 또는 --all-set-aside",
            "Once the cause is mended: grader queue retry RECEIPT, or --all-set-aside",
        )
        parts.append(how.into(lang))
    return parts if only_aside else [*parts, *_workers(found["workers"], lang)]


def _section(title: Text, lines: list[dict[str, Any]], lang: str | None) -> list[Any]:
    """A heading with how many there are, and two lines each, so that a receipt fits into a narrow terminal."""
    from rich.markup import escape

    parts: list[Any] = [f"[bold]{common.one_line(title, lang)}[/]: {len(lines)}"]
    for line in lines:
        place = f"{line['place']:>3}. " if "place" in line else "   "
        kind = "" if line["purpose"] == "submission" else f"  ({line['purpose']})"
        what = f"{line['assignment']}  {line['email']}  {line['queue']}{kind}"
        parts.append(f"{place}{escape(what)}")
        parts.append(f"     [dim]{line['receipt']}  {line['local_requested_at']}[/]")
        if line["reason"]:
            parts += [f"     {escape(words)}" for words in Text.from_json(line["reason"]).into(lang).splitlines()]
    return parts


def _workers(found: list[dict[str, Any]], lang: str | None) -> list[Any]:
    from rich.markup import escape

    if not found:
        text = Text("일하는 워커가 없습니다: grader worker", "No worker is alive: grader worker")
        return [f"[yellow]{common.one_line(text, lang)}[/]"]
    made = common.table(lang, Text("워커", "worker"), Text("대기열", "queue"), Text("상태", "state"))
    for one in found:
        state = Text("채점 중", "grading") if one["busy"] else Text("쉬는 중", "idle")
        if one["draining"]:
            state = Text("새 일을 받지 않음", "takes nothing new") if not one["busy"] else state + DRAINS
        made.add_row(escape(one["name"]), ", ".join(one["queues"]), common.one_line(state, lang))
    return [made]


DRAINS = Text("(이것이 마지막)", "(its last)")
