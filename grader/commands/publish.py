"""`grader publish`: puts an assignment of the folder into a course, once it is proved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common
from grader.text import Text

if TYPE_CHECKING:
    from grader.assignment import Assignment, Catalog
    from grader.mutants import Verification
    from grader.store.database import Database


@click.command(name="publish")
@click.argument("assignment", shell_complete=common.catalog_assignments)
@click.option("--opens", metavar="TIME", help="언제부터 / From when it can be handed in.")
@click.option("--due", metavar="TIME", help="마감 / Until when without being late.")
@click.option("--closes", metavar="TIME", help="언제까지 / Until when it can be handed in at all.")
@click.option("--policy", "words", multiple=True, metavar="KEY=VALUE", help="규칙 / Rule; others stay as they are.")
@click.option("--weight", type=float, help="전체 성적에서의 비중 / Weight among the assignments.")
@click.option("--force", "reason", metavar="REASON", help="증명 없이 내는 이유 / Publish unproved, for this reason.")
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="동시 실행 / Proofs at a time."
)
@click.option("--unsafe-no-sandbox", "unsafe", is_flag=True, help="상자 없이 증명 / Prove without a box.")
@common.by_option
@common.common
@click.pass_obj
def command(
    catalog: Catalog,
    assignment: str,
    opens: str | None,
    due: str | None,
    closes: str | None,
    words: tuple[str, ...],
    weight: float | None,
    reason: str | None,
    workers: int,
    unsafe: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """과제를 강좌에 냅니다. / Publish an assignment in a course.

    먼저 grader verify로 증명합니다(같은 채점 항목이 이미 증명되었으면 건너뜁니다). 내용이 같으면 버전도 같습니다.
    말하지 않은 시각과 규칙은 그대로입니다. 시각은 강좌의 시간대입니다. 규칙: late, percent_a_day, floor_percent,
    grace_days, attempts, attempts_a_day, counts.

    First proves it with grader verify, unless this very suite was proved before. The same content is the same
    version. Times and rules that are not said stay. Times are in the course's time zone. Rules: late, percent_a_day,
    floor_percent, grace_days, attempts, attempts_a_day, counts.

    \b
    TIME: "2026-03-02 18:00", 2026-03-02, +7d, none
    예 / Examples:
      grader publish perceptron --due +7d
      grader publish xor-mlp --opens +1d --due +8d --closes +10d --policy attempts=5 --policy late=percent
      grader publish perceptron --policy percent_a_day=20 --json
      grader publish perceptron --force "상자를 만들 수 없는 컴퓨터 / no box on this machine"
    """
    from grader.course import people, publishing

    chosen = catalog.load(assignment)
    with common.opened(home) as (_, database):
        with database.read() as session:
            one = people.the_course(session, course)
            zone = one.timezone
            times = common.window_given(opens, due, closes, zone)
            added = common.rules(words)
            common.actor(session, one, by)
            _must_fit(session, one, chosen.id, times, added)
        proof = None if reason is not None else _proof(database, chosen, workers, unsafe, quiet=as_json, lang=lang)
        with database.write() as session:
            one = people.the_course(session, course)
            version = publishing.publish(
                session,
                one,
                chosen,
                proof,
                actor=common.actor(session, one, by),
                forced=reason,
                policy={**_policy(session, one.id, chosen.id), **added} if added else None,
                weight=weight,
                opens=times["opens"],
                due=times["due"],
                closes=times["closes"],
            )
            told = _told(session, version, zone)
    if as_json:
        common.emit({key: value for key, value in told.items() if not key.startswith("local")})
    else:
        common.say(_sentence(told), lang)


def _proof(
    database: Database, assignment: Assignment, workers: int, unsafe: bool, *, quiet: bool, lang: str | None
) -> Verification | None:
    """What grader verify says now; None where the store has a proof of this very suite. Shows one that fails."""
    from grader.course import publishing

    with database.read() as session:
        if publishing.verified(session, assignment) is not None:
            return None
    from grader import mutants, terminal
    from grader.sandbox import Backend

    with terminal.proof_progress(assignment.id, quiet=quiet) as progress:
        found = mutants.verify(
            assignment, backend=Backend.NONE if unsafe else Backend.BUBBLEWRAP, workers=workers, progress=progress
        )
    if not found.holds and not quiet:
        terminal.show_verification(found, lang)
    return found


def _must_fit(session: Any, course: Any, key: str, times: Mapping[str, Any], added: Mapping[str, Any]) -> None:
    """What is wrong with times and rules is said now, not after minutes of proof. Raises BadInput."""
    from zoneinfo import ZoneInfo

    from grader.course import publishing
    from grader.course.policy import Policy
    from grader.store.models import Assignment

    found = _row(session, course.id, key)
    planned = {name: getattr(found, name, None) if at is publishing.KEEP else at for name, at in times.items()}
    publishing.must_be_in_order(Assignment(**planned), ZoneInfo(course.timezone))
    Policy.from_json(added)


def _row(session: Any, course: int, key: str) -> Any:
    """The course's assignment of that name, if there is one."""
    from sqlalchemy import select

    from grader.store.models import Assignment

    return session.scalars(select(Assignment).filter_by(course_id=course, key=key)).first()


def _policy(session: Any, course: int, key: str) -> dict[str, Any]:
    """The assignment's own rules so far."""
    found = _row(session, course, key)
    return {} if found is None else dict(found.policy)


def _told(session: Any, version: Any, zone: str) -> dict[str, Any]:
    from grader.store.models import Assignment

    row = session.get_one(Assignment, version.assignment_id)
    return {
        "assignment": row.key,
        "version": version.number,
        "suite_version": version.suite_version,
        "verified": version.verified,
        "forced": version.forced,
        "max_score": version.max_score,
        "queue": version.queue,
        "policy": row.policy,
        "weight": row.weight,
        **common.window_of(row, zone),
    }


def _sentence(told: dict[str, Any]) -> Text:
    said = Text(
        f"{told['assignment']} 버전 {told['version']}을(를) 냈습니다({told['max_score']:g}점). "
        f"시작 {told['local_opens']}, 마감 {told['local_due']}, 종료 {told['local_closes']}.",
        f"{told['assignment']} is published, version {told['version']} ({told['max_score']:g} points). "
        f"Opens {told['local_opens']}, due {told['local_due']}, closes {told['local_closes']}.",
    )
    if not told["verified"]:
        said += Text("증명되지 않은 버전입니다.", "This version is not proved.")
    return said + _over(told)


def _over(told: Mapping[str, Any]) -> Text:
    """A due date that is over is easily a slip of the pen."""
    now = datetime.now(UTC)
    closes, due = (told[name] and datetime.fromisoformat(told[name]) for name in ("closes", "due"))
    if closes and closes < now:
        return Text(
            "주의: 종료 시각이 이미 지나 아무도 제출할 수 없습니다.",
            "Careful: it closed already, so nobody can hand in.",
        )
    if due and due < now:
        return Text(
            "주의: 마감이 이미 지나 이제 내는 것은 늦은 제출입니다.",
            "Careful: the due date is over, so what comes from now on is late.",
        )
    return Text("", "")
