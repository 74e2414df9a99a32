"""`grader extend`: more time or more attempts for somebody."""

from __future__ import annotations

from pathlib import Path

import click

from grader.commands import common
from grader.commands.policy import changes, dry_run_option, grades_by_email, show_changes
from grader.errors import BadInput
from grader.text import Text


@click.command(name="extend")
@click.argument("assignment", shell_complete=common.assignments)
@click.argument("email", required=False, shell_complete=common.emails)
@click.option("--group", help="그룹 모두 / Everybody in a group.")
@click.option("--due", metavar="TIME", help="새 마감 / New due date.")
@click.option("--closes", metavar="TIME", help="새 종료 / Until when it can be handed in at all.")
@click.option("--attempts", type=click.IntRange(0, 1000), help="더 줄 횟수 / More attempts than the rules give.")
@click.option("--reason", required=True, help="이유 / Why.")
@dry_run_option
@common.by_option
@common.common
def command(
    assignment: str,
    email: str | None,
    group: str | None,
    due: str | None,
    closes: str | None,
    attempts: int | None,
    reason: str,
    dry_run: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """시간이나 횟수를 더 줍니다. / Give more time or more attempts.

    말하지 않은 것은 앞의 연장 그대로이고, none은 거둡니다. 개인과 그룹의 연장 가운데 학생에게 좋은 쪽이 쓰입니다.

    What is not said stays as it was extended before; none takes it back. Of a person's and a group's extension
    whatever is better for the student holds.

    \b
    TIME: "2026-03-02 18:00", 2026-03-02, +7d, none
    예 / Examples:
      grader extend perceptron minji@example.com --due +3d --reason "병가 / ill"
      grader extend perceptron --group A --due "2026-03-12 18:00" --reason "정전 / power cut"
      grader extend perceptron minji@example.com --attempts 2 --reason "..." --dry-run
    """
    if (email is None) is (group is None):
        raise BadInput(Text("이메일이나 --group 중 하나를 주세요.", "Give either an e-mail address or --group."))
    from grader.course import decisions, people
    from grader.course.publishing import KEEP

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        extended = people.assignment(session, one, assignment)
        before = grades_by_email(session, one, extended)
        row = decisions.grant_extension(
            session,
            extended,
            people.member(session, one, email).person if email else people.the_group(session, one, group or ""),
            due=KEEP if due is None else common.moment(due, one.timezone, end=True),
            closes=KEEP if closes is None else common.moment(closes, one.timezone, end=True),
            attempts=attempts,
            reason=reason,
            actor=common.actor(session, one, by),
        )
        if dry_run:
            session.flush()
            found = changes(before, grades_by_email(session, one, extended))
            show_changes(found, dry_run, as_json=as_json, lang=lang)
            session.rollback()
            return
        told = {
            "extension": row.id,
            "due": common.iso(row.due),
            "closes": common.iso(row.closes),
            "attempts": row.attempts,
        }
        shown = (common.local(row.due, one.timezone), common.local(row.closes, one.timezone))
    if as_json:
        common.emit(told)
        return
    said = Text(
        f"연장했습니다: 마감 {shown[0]}, 종료 {shown[1]}, 추가 횟수 {told['attempts']}.",
        f"Extended: due {shown[0]}, closes {shown[1]}, {told['attempts']} more attempts.",
    )
    common.say(said, lang)
