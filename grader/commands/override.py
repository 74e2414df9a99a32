"""`grader override`: points that a person decides on."""

from __future__ import annotations

from pathlib import Path

import click

from grader.commands import common


@click.command(name="override", context_settings={"ignore_unknown_options": True})
@click.argument("assignment", shell_complete=common.assignments)
@click.argument("email", shell_complete=common.emails)
@click.argument("points")
@click.option("--reason", required=True, help="이유 / Why.")
@click.option("--check", help="항목 하나의 점수 / The points of one check; needs --receipt.")
@click.option("--receipt", help="어느 제출의 항목인지 / Of which submission.")
@common.by_option
@common.common
def command(
    assignment: str,
    email: str,
    points: str,
    reason: str,
    check: str | None,
    receipt: str | None,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """점수를 직접 정합니다. / Decide on points yourself.

    POINTS는 점수, 또는 앞의 결정을 거두는 none입니다. 과제 전체의 점수를 정하거나, --check와 --receipt로 제출
    하나의 항목 하나를 정합니다. 기록에 남습니다.

    POINTS is a number, or none to take the earlier decision back: of the whole assignment, or with --check and
    --receipt of one check of one submission. It goes into the audit log.

    \b
    예 / Examples:
      grader override perceptron minji@example.com 95 --reason "구두 시험 / oral exam"
      grader override perceptron minji@example.com 10 --check step.values --receipt ABC... --reason "..."
      grader override perceptron minji@example.com none --reason "실수 / a mistake"
    """
    from grader.course import decisions, people, submissions

    given = common.points(points)
    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        row = decisions.set_override(
            session,
            people.assignment(session, one, assignment),
            people.member(session, one, email).person,
            given,
            reason,
            submission=None if receipt is None else submissions.by_receipt(session, receipt),
            check=check,
            actor=common.actor(session, one, by),
        )
        told = {"override": row.id, "points": row.points, "check": row.check}
    common.say_points(given, told, as_json, lang)
