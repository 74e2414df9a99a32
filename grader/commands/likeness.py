"""`grader likeness`: submissions of an assignment that share code beyond what was given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common
from grader.text import Text

if TYPE_CHECKING:
    from grader.course.likeness import Found

NO_VERDICT = Text(
    "이것은 이야기를 시작할 이유일 뿐, 베꼈다는 증거가 아닙니다. 누가 누구의 것을 보았는지도 알 수 없습니다.",
    "This is a reason to talk and no proof of copying; nor does it say who has seen whose.",
)


@click.command(name="likeness")
@click.argument("assignment", shell_complete=common.assignments)
@click.option("--no-look", is_flag=True, help="지난 결과만 / Show what was found before, without looking anew.")
@common.by_option
@common.common
def command(
    assignment: str,
    no_look: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """비슷한 제출을 찾습니다. / Find submissions that are alike.

    나눠 준 노트북의 코드, 이름, 순서, 주석은 보지 않습니다. 두 사람이 이야기해 볼 이유일 뿐, 판정이 아닙니다.

    What the released notebook gives, names, order and comments do not count. A reason to talk, never a verdict.

    \b
    예 / Examples:
      grader likeness xor-mlp
      grader likeness xor-mlp --json
    """
    from grader.course import likeness, people
    from grader.store import audit

    with common.opened(home) as (_, database):
        if not no_look:
            with database.write() as session:
                one = people.the_course(session, course)
                id = people.assignment(session, one, assignment).id
                audit.record(session, common.actor(session, one, by), "look.likeness", f"assignment:{id}")
            likeness.work(database, id)
        with database.read() as session:
            row = people.assignment(session, people.the_course(session, course), assignment)
            found, seen = likeness.pairs(session, row), likeness.state(session, row).seen
    if as_json:
        common.emit({"assignment": assignment, "submissions": seen, "pairs": [_as_json(one) for one in found]})
        return
    _show(found, seen, lang)


def _as_json(one: Found) -> dict[str, Any]:
    return {
        "left": {"email": one.left.email, "receipt": one.left_receipt},
        "right": {"email": one.right.email, "receipt": one.right_receipt},
        "share": one.pair.share,
        "tokens": one.pair.tokens,
        "settled": one.pair.settled_at is not None,
    }


def _show(found: list[Found], seen: int, lang: str | None) -> None:
    if found:
        from rich.markup import escape

        names = (Text("한 사람", "one"), Text("다른 사람", "the other"), Text("겹침", "share"), Text("토큰", "tokens"))
        table = common.table(lang, *names, Text("정리", "settled"), right=(2, 3))
        for one in found:
            share = f"{one.pair.share:.0%}"
            settled = "✓" if one.pair.settled_at is not None else ""
            table.add_row(escape(one.left.email), escape(one.right.email), share, str(one.pair.tokens), settled)
        common.show(table)
    said = Text(
        f"제출 {seen}개에서 비슷한 쌍 {len(found)}개.",
        f"{len(found)} similar pair{'' if len(found) == 1 else 's'} among {seen} submissions.",
    )
    common.say(said + NO_VERDICT if found else said, lang)
