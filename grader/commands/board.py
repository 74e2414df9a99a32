"""`grader board`: the leaderboard of an assignment, for staff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from grader.course.boards import Final, Look, Place, Share


@click.command(name="board")
@click.argument("assignment", shell_complete=common.assignments)
@click.option("--open", "opens", is_flag=True, help="순위표를 엽니다. / Give the assignment a leaderboard.")
@click.option("--close", "closes", is_flag=True, help="순위표를 닫습니다. / Take it away; nothing is lost.")
@click.option(
    "--a-day", type=int, help="하루에 순위표에 드는 제출 / Submissions of a person that count a day. Default: 5."
)
@common.by_option
@common.common
def command(
    assignment: str,
    opens: bool,
    closes: bool,
    a_day: int | None,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """과제의 순위표를 보여 줍니다. / Show the leaderboard of an assignment.

    강사용입니다. 별명 뒤의 이메일과 비공개 경기의 점수가 보이므로 학생에게 보이지 마세요. 공개 점수는 우연보다 크게
    나아졌을 때만 바뀝니다(사다리 방식).

    For staff: it shows the addresses behind the pseudonyms and the private scores, which no student may see before
    the end. A public score moves only when a submission is better by more than chance (the Ladder).

    \b
    예 / Examples:
      grader board lol-gpu --open --a-day 3
      grader board lol-gpu
      grader board lol-gpu --json
    """
    if opens and closes:
        raise BadInput(Text("--open과 --close 중 하나만 쓰세요.", "Use --open or --close, not both."))
    from grader.course import boards, people
    from grader.store.models import Person

    with common.opened(home) as (_, database):
        if opens or closes or a_day is not None:
            with database.write() as session:
                one = people.the_course(session, course)
                row, who = people.assignment(session, one, assignment), common.actor(session, one, by)
                if closes:
                    boards.close_board(session, row, actor=who)
                else:
                    boards.open_board(session, row, a_day=a_day, actor=who)
        with database.read() as session:
            one = people.the_course(session, course)
            look = boards.look(session, people.assignment(session, one, assignment))
            emails = {id: session.get_one(Person, id).email for id in (look.names if look else ())}
            zone = one.timezone
    if as_json:
        common.emit(_document(assignment, look, emails))
    elif look is None:
        how = f"grader board {assignment} --open"
        common.say(
            Text(
                f"{assignment}에는 순위표가 없습니다. 열려면: {how}",
                f"{assignment} has no leaderboard. To open one: {how}",
            ),
            lang,
        )
    else:
        common.say(_head(look, zone), lang)
        if look.names:
            common.show(_table(look, emails, lang))


def _head(look: Look, zone: str) -> Text:
    ends = common.local(look.ends, zone)
    text = Text(f"하루 {look.a_day}번까지 순위표에 듭니다.", f"{look.a_day} submissions a day count.")
    if look.ends is None:
        text += Text(
            "마감이 없는 동안 비공개 순위는 열리지 않습니다.", "Without a due date the private ranking never opens."
        )
    elif look.over:
        text += Text(f"{ends}에 끝나 비공개 순위가 열렸습니다.", f"It ended at {ends}; the private ranking is open.")
    else:
        text += Text(f"비공개 순위는 {ends} 뒤에 학생에게 열립니다.", f"Students see the private ranking after {ends}.")
    if not look.names:
        text += Text("아직 아무도 오르지 않았습니다.", "Nobody has joined yet.")
    if look.waiting:
        text += Text(f"아직 기다리는 제출: {look.waiting}", f"Submissions that still wait: {look.waiting}")
    return text


def _table(look: Look, emails: dict[int, str], lang: str | None) -> Any:
    from rich.markup import escape

    made = common.table(
        *(lang, "#", Text("별명", "name"), Text("이메일", "email"), Text("공개", "public")),
        *(Text("비공개", "private"), "95%", "#"),
        right=(0, 3, 4, 5, 6),
    )
    finals = {one.person_id: one for one in look.finals_for_staff}
    for one in look.places:
        private = finals.get(one.person_id)
        made.add_row(
            *(str(one.place or "-"), escape(one.name), escape(emails[one.person_id]), _percent(one.score)),
            *(("", "", "") if private is None else _private(private)),
        )
    return made


def _private(one: Final) -> tuple[str, str, str]:
    return _percent(one.private), f"{100 * one.private.low:.1f}–{100 * one.private.high:.1f}", str(one.place)


def _percent(share: Share | None) -> str:
    return "-" if share is None else f"{share.value:.2%}"


def _document(assignment: str, look: Look | None, emails: dict[int, str]) -> dict[str, Any]:
    if look is None:
        return {"assignment": assignment, "open": False}
    finals = {one.person_id: one for one in look.finals_for_staff}
    return {
        "assignment": assignment,
        "open": True,
        "a_day": look.a_day,
        "ends": common.iso(look.ends),
        "over": look.over,
        "waiting": look.waiting,
        "matches": None if look.sizes is None else {"public": look.sizes[0], "private": look.sizes[1]},
        "places": [_row(one, finals.get(one.person_id), emails[one.person_id]) for one in look.places],
    }


def _row(one: Place, final: Final | None, email: str) -> dict[str, Any]:
    row: dict[str, Any] = {"place": one.place, "name": one.name, "email": email, "public": _share(one.score)}
    if final is None:
        return row | {"private": None}
    return row | {
        "private": {"place": final.place, "between": [final.first, final.last], **(_share(final.private) or {})},
        "naive": {"public": _share(final.naive), "private": _share(final.naive_private)},
    }


def _share(share: Share | None) -> dict[str, Any] | None:
    if share is None:
        return None
    return {"value": share.value, "low": share.low, "high": share.high, "n": share.n}
