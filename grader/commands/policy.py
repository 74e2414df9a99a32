"""`grader policy`: the times and rules of an assignment, and whose grade a change would move."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common
from grader.text import Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.course.grades import Grade
    from grader.store.models import Assignment, Course

TIMES = ("opens", "due", "closes")
dry_run_option = click.option("--dry-run", is_flag=True, help="바뀔 성적만 / Only show whose grade would change.")


@click.command(name="policy")
@click.argument("assignment", shell_complete=common.assignments)
@click.argument("words", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--opens", metavar="TIME", help="언제부터 / From when it can be handed in.")
@click.option("--due", metavar="TIME", help="마감 / Until when without being late.")
@click.option("--closes", metavar="TIME", help="언제까지 / Until when it can be handed in at all.")
@click.option("--weight", type=float, help="전체 성적에서의 비중 / Weight among the assignments.")
@dry_run_option
@common.by_option
@common.common
def command(
    assignment: str,
    words: tuple[str, ...],
    opens: str | None,
    due: str | None,
    closes: str | None,
    weight: float | None,
    dry_run: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """과제의 시각과 규칙을 바꿉니다. / Change the times and rules of an assignment.

    바꿀 것을 적지 않으면 지금의 시각과 규칙을 보여 줍니다. / Where no change is named, it shows what they are now.

    누구의 성적이 얼마나 바뀌는지 보여 줍니다. --dry-run은 보여 주기만 합니다. 규칙: late, percent_a_day, floor_percent,
    grace_days, attempts, attempts_a_day, counts.

    Shows whose grade changes and by how much; with --dry-run it does nothing else. Rules: late, percent_a_day,
    floor_percent, grace_days, attempts, attempts_a_day, counts; docs/operate.md has what each means.

    \b
    TIME: "2026-03-02 18:00", 2026-03-02, +7d, none
    예 / Examples:
      grader policy perceptron
      grader policy perceptron late=percent percent_a_day=20 --dry-run
      grader policy perceptron --due +2d
      grader policy perceptron counts=last attempts=5
    """
    from grader.course import people, publishing

    if not words and all(one is None for one in (opens, due, closes, weight)):
        _show(home, course, assignment, as_json, lang)
        return
    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        row = people.assignment(session, one, assignment)
        before = grades_by_email(session, one, row)
        times: dict[str, Any] = {
            name: publishing.KEEP if given is None else common.moment(given, one.timezone, end=name != "opens")
            for name, given in (("opens", opens), ("due", due), ("closes", closes))
        }
        policy = {**row.policy, **common.rules(words)} if words else None
        actor = common.actor(session, one, by)
        publishing.schedule(session, row, actor=actor, policy=policy, weight=weight, **times)
        session.flush()
        show_changes(changes(before, grades_by_email(session, one, row)), dry_run, as_json=as_json, lang=lang)
        if dry_run:
            session.rollback()


def _show(home: Path | None, course: str | None, key: str, as_json: bool, lang: str | None) -> None:
    """The times and rules that hold now, the course's own among them."""
    from grader.course import people
    from grader.course.policy import merged

    with common.opened(home) as (_, database), database.read() as session:
        one = people.the_course(session, course)
        row = people.assignment(session, one, key)
        rules = merged(one.policy, row.policy).as_json()
        times, weight = common.window_of(row, one.timezone), row.weight
    if as_json:
        common.emit({"assignment": key, **{name: times[name] for name in TIMES}, "weight": weight, "policy": rules})
        return
    table = common.table(lang, "", Text("지금", "now"))
    shown = {name: times[f"local_{name}"] if times[name] else None for name in TIMES}
    for name, value in {**shown, "weight": weight, **rules}.items():
        table.add_row(name, "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value))
    common.show(table)


def grades_by_email(session: Session, course: Course, assignment: Assignment) -> dict[str, Grade]:
    """Each person's grade by e-mail address."""
    from grader.course import grades

    rows = grades.of_course(session, course, assignment=assignment)
    return {member.person.email: by_key[assignment.key] for member, by_key in rows}


def changes(before: dict[str, Grade], after: dict[str, Grade]) -> list[dict[str, Any]]:
    """Whose grade moves, from what to what."""
    moved = [(email, before[email], grade) for email, grade in after.items() if grade.told != before[email].told]
    return [{"email": email, "before": _numbers(old), "after": _numbers(new)} for email, old, new in moved]


def _numbers(grade: Grade) -> dict[str, Any]:
    score = grade.score if grade.status == "graded" else None
    return {"score": score, "max_score": grade.max_score, "late_days": grade.late_days, "status": grade.status}


def show_changes(found: list[dict[str, Any]], dry_run: bool, *, as_json: bool, lang: str | None) -> None:
    """The table of a change, or its JSON."""
    if as_json:
        common.emit({"dry_run": dry_run, "changes": found})
        return
    if found:
        from rich.markup import escape

        names = (Text("이메일", "email"), Text("지금", "before"), Text("뒤", "after"), Text("늦음", "late"))
        table = common.table(lang, *names, right=(1, 2, 3))
        for one in found:
            late = f"{one['before']['late_days']} → {one['after']['late_days']}"
            table.add_row(escape(one["email"]), _score(one["before"]), _score(one["after"]), late)
        common.show(table)
    said = Text(
        f"성적 {len(found)}개가 바뀝니다.", f"{len(found)} grade{' changes' if len(found) == 1 else 's change'}."
    )
    kept = Text("아무것도 바꾸지 않았습니다.", "Nothing was changed.") if dry_run else Text("바꾸었습니다.", "Done.")
    common.say(said + kept, lang)


def _score(numbers: dict[str, Any]) -> str:
    return "-" if numbers["score"] is None else f"{numbers['score']:g}/{numbers['max_score']:g}"
