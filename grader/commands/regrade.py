"""`grader regrade`: grades again what was submitted, and shows who would change before it counts."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common
from grader.errors import BadInput, GraderError
from grader.text import Text

if TYPE_CHECKING:
    from grader.course.regrading import Change, Plan, Progress
    from grader.store.database import Database, Home

POLL_S = 0.5


@click.command(name="regrade")
@click.argument("assignment", shell_complete=common.assignments)
@click.option("--dry-run", is_flag=True, help="다시 채점해 보기만 합니다. / Grade and show, change no grade.")
@click.option("--commit", metavar="BATCH", help="해 본 재채점을 반영합니다. / Let a regrade that was tried count.")
@click.option("--show", metavar="BATCH", help="해 본 재채점을 다시 봅니다. / Show a regrade again.")
@click.option("--discard", metavar="BATCH", help="재채점을 버립니다. / Call one off, so that it never counts.")
@click.option("--counting-only", is_flag=True, help="성적이 되는 제출만 / Only submissions that make a grade now.")
@click.option("--again", is_flag=True, help="같은 버전으로 채점한 것도 / Those graded by this version, too.")
@click.option(
    "--only", "emails", multiple=True, shell_complete=common.emails, help="이 사람만(이메일) / Only this person."
)
@common.yes_option
@common.by_option
@common.common
def command(
    assignment: str,
    dry_run: bool,
    commit: str | None,
    show: str | None,
    discard: str | None,
    counting_only: bool,
    again: bool,
    emails: tuple[str, ...],
    yes: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """제출을 지금 버전으로 다시 채점합니다. / Grade submissions again, by the current version.

    누구의 점수가 어느 항목에서 얼마나 바뀌는지 먼저 보여 주고, 반영할지 묻습니다(터미널이 아니면 바로 반영).
    --dry-run은 보여 주기만 합니다. 우리 잘못으로 채점이 실패하면 그 사람의 점수는 그대로입니다. BATCH는 --dry-run이
    끝에 알려 주는 이름입니다. 모두 이 버전으로 채점되었으면 할 일이 없고, 종료 코드는 0입니다.

    First shows whose grade changes, by how much and in which check, then asks whether it shall count (not at a
    terminal: it does). --dry-run only shows. A grading that fails by our fault leaves the grade as it is. BATCH is
    the name that --dry-run says at its end. Where all have a grade by this version there is nothing to do: exit 0.

    \b
    예 / Examples:
      grader regrade perceptron --dry-run
      grader regrade perceptron --commit 3f2a91c0
      grader regrade perceptron --only minji@example.com --again --yes
    """
    chosen = common.one_way(dry_run, commit, show, discard)
    from grader.course.regrading import NothingToDo

    with common.opened(home) as (found, database):
        if discard is not None:
            _discard(database, course, discard, by, as_json, lang)
            return
        if chosen:
            batch, plan = _batch(database, chosen[0]), None
        else:
            try:
                plan = _plan(database, course, assignment, emails, counting_only, again, by)
            except NothingToDo as error:
                _say_nothing(error.text, as_json, lang)
                return
            batch = plan.batch
            _wait(found, database, batch, quiet=as_json, lang=lang)
        changes, progress, called_off = _compare(database, batch)
        counts = commit is not None or not (dry_run or chosen)
        if not as_json:
            _tell(batch, changes, progress, plan, lang)
        if counts:
            common.shall_count(commit is not None, yes, lang)
            changes = _commit(database, course, assignment, batch, by, changes) or changes
        if as_json:
            common.emit(_document(batch, changes, progress, counts))
            return
        _end(assignment, batch, counts, changes, progress, called_off, lang)


def _plan(
    database: Database,
    course: str | None,
    key: str,
    emails: tuple[str, ...],
    counting_only: bool,
    again: bool,
    by: str | None,
) -> Plan:
    from grader.course import people, regrading

    with common.queue(database) as jobs, database.write() as session:
        one = people.the_course(session, course)
        only = [people.member(session, one, email).person_id for email in emails]
        return regrading.plan(
            session,
            people.assignment(session, one, key),
            people=only or None,
            counting_only=counting_only,
            again=again,
            actor=common.actor(session, one, by),
            enqueue=jobs.enqueue,
        )


def _say_nothing(text: Text, as_json: bool, lang: str | None) -> None:
    """There is nothing to grade again, which is no fault."""
    if as_json:
        nothing: dict[str, Any] = dict.fromkeys(("graded", "waiting", "failed"), 0)
        nothing |= {"batch": None, "committed": False, "changes": []}
        common.emit({**nothing, "nothing_to_do": text.as_json()})
    else:
        common.say(text, lang)


def _batch(database: Database, words: str) -> str:
    from grader.course import regrading

    with database.read() as session:
        return regrading.the_batch(session, words)


def _wait(home: Home, database: Database, batch: str, *, quiet: bool, lang: str | None) -> None:
    """Until every run has ended; grades by itself where no worker does. Ctrl-C leaves the rest in the queue."""
    from rich.console import Console
    from sqlalchemy import select

    from grader import worker
    from grader.course import regrading
    from grader.store.models import Run

    with database.read() as session:
        queue = session.scalars(select(Run.queue).where(Run.batch == batch).limit(1)).one()
    console = Console(stderr=True)
    with ExitStack() as stack:
        alive = stack.enter_context(worker.ensure_worker(home, queue))
        status = None
        if console.is_terminal and not quiet:
            status = stack.enter_context(console.status(""))
        while True:
            with database.read() as session:
                now = regrading.progress(session, batch)
            if now.complete:
                return
            if status is not None:
                text = Text(f"{now.waiting}개 남음 ({batch[:8]})", f"{now.waiting} left ({batch[:8]})")
                status.update(common.one_line(text, lang))
            if not alive():
                raise GraderError(
                    Text(
                        f"채점할 워커가 없습니다. grader worker를 실행한 뒤 --show {batch[:8]}로 보세요.",
                        f"No worker is there to grade. Run grader worker, then see it with --show {batch[:8]}.",
                    )
                )
            time.sleep(POLL_S)


def _compare(database: Database, batch: str) -> tuple[list[Change], Progress, bool]:
    """Who would change, how far it is, and whether it was called off."""
    from grader.course import regrading

    with database.read() as session:
        progress = regrading.progress(session, batch)
        return regrading.compare(session, batch), progress, regrading.called_off(session, batch)


def _commit(
    database: Database, course: str | None, assignment: str, batch: str, by: str | None, shown: list[Change]
) -> list[Change]:
    """Makes it count, if it is still what was shown."""
    from grader.course import people, regrading

    try:
        with database.write() as session:
            actor = common.actor(session, people.the_course(session, course), by)
            return regrading.commit(session, batch, actor=actor, shown=regrading.word_for(shown))
    except regrading.NotShown as error:
        how = f"grader regrade {assignment} --show {batch[:8]}"
        raise BadInput(error.text + Text(f"다시 보려면: {how}", f"To see it again: {how}")) from error


def _discard(
    database: Database, course: str | None, words: str, by: str | None, as_json: bool, lang: str | None
) -> None:
    from grader.course import people, regrading

    with database.write() as session:
        one = people.the_course(session, course)
        batch = regrading.the_batch(session, words)
        count = regrading.discard(session, batch, actor=common.actor(session, one, by))
    if as_json:
        common.emit({"batch": batch, "cancelled": count})
    else:
        common.say(
            Text(
                f"재채점을 버렸습니다({batch[:8]}). 남아 있던 {count}개는 채점하지 않습니다.",
                f"The regrade is called off ({batch[:8]}) and never counts; {count} that were left are not graded.",
            ),
            lang,
        )


def _tell(batch: str, changes: list[Change], progress: Progress, plan: Plan | None, lang: str | None) -> None:
    from rich.markup import escape

    if plan is not None and plan.skipped:
        common.say(
            Text(
                f"{plan.skipped}개는 이미 이 버전으로 채점되어 건너뛰었습니다.",
                f"{plan.skipped} have a grade by this version already and were left out.",
            ),
            lang,
        )
    if progress.waiting or progress.failed:
        common.say(
            Text(
                f"{progress.graded}개 채점됨, {progress.waiting}개 남음, {progress.failed}개 못 함(점수는 그대로).",
                f"{progress.graded} graded, {progress.waiting} left, {progress.failed} without a grade (theirs stays).",
            ),
            lang,
        )
    if not changes:
        if progress.graded:
            said = Text(
                f"제출 {progress.graded}개를 다시 채점했고, 점수가 바뀌는 사람은 없습니다.",
                f"{progress.graded} graded again, and nobody's grade changes.",
            )
        else:
            said = Text("다시 채점된 것이 없어 모두의 점수가 그대로입니다.", "None was graded again: all grades stay.")
        common.say(said, lang)
        return
    made = common.table(
        lang,
        Text("이메일", "email"),
        Text("전", "before"),
        Text("후", "after"),
        "±",
        Text("항목", "checks"),
        right=(1, 2, 3),
    )
    for one in changes:
        checks = ", ".join(f"{c.name} {_points(c.before)}→{_points(c.after)}" for c in one.checks)
        gain = one.after.score - one.before.score
        made.add_row(
            escape(one.person.email),
            f"{one.before.score:g}",
            f"{one.after.score:g}",
            f"[{'green' if gain > 0 else 'red'}]{gain:+g}[/]",
            escape(checks),
        )
    common.show(made)


def _points(points: float | None) -> str:
    return "-" if points is None else f"{points:g}"


def _end(
    assignment: str,
    batch: str,
    counts: bool,
    changes: list[Change],
    progress: Progress,
    called_off: bool,
    lang: str | None,
) -> None:
    how = f"grader regrade {assignment} --commit {batch[:8]}"
    if called_off:
        said = Text(f"취소한 재채점입니다({batch[:8]}).", f"This regrade was called off ({batch[:8]}).")
    elif progress.committed:
        said = Text(f"이미 반영된 재채점입니다({batch[:8]}).", f"This regrade counts already ({batch[:8]}).")
    elif counts and progress.graded:
        said = Text(f"반영했습니다({batch[:8]}).", f"It counts now ({batch[:8]}).")
    elif not progress.graded:
        said = Text(f"반영할 것이 없습니다({batch[:8]}).", f"There is nothing to let count ({batch[:8]}).")
    elif changes:
        said = Text(f"아직 반영하지 않았습니다. 반영하려면: {how}", f"It does not count yet. To let it: {how}")
    else:
        said = Text(
            f"점수는 같으니 그대로 두어도 됩니다. 새 보고서를 학생에게 보이려면: {how}",
            f"The grades are the same, so it may be left as it is. To show the new reports to the students: {how}",
        )
    common.say(said, lang)


def _document(batch: str, changes: list[Change], progress: Progress, counts: bool) -> dict[str, Any]:
    return {
        "batch": batch,
        "committed": counts,
        "graded": progress.graded,
        "waiting": progress.waiting,
        "failed": progress.failed,
        "changes": [
            {
                "email": one.person.email,
                "before": one.before.score,
                "after": one.after.score,
                "checks": [
                    {
                        "name": c.name,
                        "before": c.before,
                        "after": c.after,
                        "verdict_before": c.verdict_before,
                        "verdict_after": c.verdict_after,
                    }
                    for c in one.checks
                ],
            }
            for one in changes
        ],
    }
