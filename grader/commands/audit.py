"""`grader audit`: who decided what, and whether the log is whole."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.store.models import Audit

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$")


@click.command(name="audit")
@click.option("--check", is_flag=True, help="기록이 바뀌지 않았는지 살핍니다. / Check that nothing was changed.")
@click.option(
    "--noted",
    metavar="NUMBER:HASH",
    help="전에 적어 둔 마지막 줄과도 맞는지 / Check it against a last line that was noted before, too.",
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=30, show_default=True, help="몇 줄 / How many lines.")
@click.option("--action", help="이 일만 / Only this kind, such as set.override.")
@common.common
def command(
    check: bool,
    noted: str | None,
    limit: int,
    action: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """누가 무엇을 정했는지 보여 줍니다. / Show who decided what.

    각 줄은 앞 줄을 담은 해시로 이어져 있습니다. 끝이 잘렸거나 기록 전체를 새로 썼는지는 그것만으로 알 수 없습니다.
    grader backup이나 --check가 알려 준 마지막 번호와 해시를 다른 곳에 적어 두었다가 --noted로 주면 알 수 있습니다.
    --check의 종료 코드: 0 온전함, 2 바뀜.

    Each line is chained to the one before by its hash. That alone does not show that the end was cut off, or that
    somebody who may write to the database wrote all of it anew. Note the last number and hash, which grader backup and
    --check tell, somewhere else: given with --noted, they show it. Exit code of --check: 0 whole, 2 changed.

    \b
    예 / Examples:
      grader audit --limit 10
      grader audit --action set.override --json
      grader audit --check
      grader audit --check --noted 1204:9f2b...
    """
    if check or noted is not None:
        _check(home, as_json, lang, noted)
        return
    from sqlalchemy import select

    from grader.store.models import Audit

    query = select(Audit).order_by(Audit.number.desc()).limit(limit)
    if action is not None:
        query = query.where(Audit.action == action)
    with common.opened(home) as (_, database), database.read() as session:
        lines = list(session.scalars(query))[::-1]
        zone, names = _zone(session, course), _names(session, lines)
    if as_json:
        common.emit(
            [
                {
                    "number": one.number,
                    "at": common.iso(one.at),
                    "actor": one.actor,
                    "action": one.action,
                    "subject": one.subject,
                    "data": one.data,
                    "hash": one.hash,
                }
                for one in lines
            ]
        )
        return
    clock = common.one_line(Text("시간대", "Time zone"), lang)
    common.show(_table(lines, names, zone, lang), f"[dim]{clock}: {zone}[/]")


def _zone(session: Session, course: str | None) -> str:
    """The course's time zone; where nobody said which of several, that of all of them, else UTC."""
    from sqlalchemy import select

    from grader.course import people
    from grader.store.models import Course

    if course is not None:
        return people.the_course(session, course).timezone
    zones = set(session.scalars(select(Course.timezone)))
    return zones.pop() if len(zones) == 1 else "UTC"


def _names(session: Session, lines: Sequence[Audit]) -> dict[str, str]:
    """The addresses of who decided, by what the log calls them; the log itself has none, and so nobody forgotten."""
    from sqlalchemy import select

    from grader.store.models import Person

    ids = {int(one.actor.partition(":")[2]) for one in lines if one.actor.startswith("person:")}
    query = select(Person.id, Person.email).where(Person.id.in_(ids), Person.forgotten_at.is_(None))
    return {f"person:{row.id}": row.email for row in session.execute(query)}


def _table(lines: Sequence[Audit], names: Mapping[str, str], zone: str, lang: str | None) -> Any:
    """What was decided stands above its details, so that both fit beside the rest into 80 columns."""
    from rich.markup import escape
    from rich.table import Table

    made = Table(box=None, pad_edge=False)
    made.add_column("#", justify="right", no_wrap=True)
    for title in (Text("때", "at"), Text("누가", "who")):
        made.add_column(common.one_line(title, lang), no_wrap=True)
    made.add_column(common.one_line(Text("일", "what"), lang), overflow="fold")
    for one in lines:
        data = ", ".join(
            f"{key}={_short(value, zone)}" for key, value in one.data.items() if value not in (None, [], {})
        )
        what = escape(f"{one.action} {one.subject}") + (f"\n[dim]{escape(data)}[/]" if data else "")
        made.add_row(str(one.number), common.local(one.at, zone), escape(names.get(one.actor, one.actor)), what)
    return made


def _short(value: object, zone: str) -> str:
    """A value as a table can hold it, a time in the course's zone; --json has the whole."""
    if isinstance(value, str) and TIME.match(value):
        return common.local(datetime.fromisoformat(value), zone)
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words if len(words) <= 40 else f"{words[:12]}…"


def _line(words: str) -> tuple[int, str]:
    """A line as it was noted. Raises BadInput."""
    found = re.fullmatch(r"([0-9]{1,15}):([0-9a-f]{64})", words.strip().lower())
    if found is None:
        raise BadInput(
            Text(
                f"'{words[:100]}'은(는) 적어 둔 줄이 아닙니다. 번호와 해시를 쌍점으로 이어 쓰세요: 1204:9f2b...",
                f"'{words[:100]}' is no line that was noted. Write its number and its hash with a colon: 1204:9f2b...",
            )
        )
    return int(found[1]), found[2]


def _check(home: Path | None, as_json: bool, lang: str | None, noted: str | None) -> None:
    from grader.store import audit

    known = (0, audit.START) if noted is None else _line(noted)
    with common.opened(home) as (_, database), database.read() as session:
        broken = audit.broken(session, known)
        number, digest = audit.last(session)
    if as_json:
        common.emit({"whole": broken is None, "first_broken": broken, "last": number, "hash": digest})
    elif broken is None:
        common.say(
            Text(
                f"기록 {number}줄이 온전합니다. 마지막 해시: {digest}",
                f"All {number} lines are whole. Last hash: {digest}",
            ),
            lang,
        )
    else:
        common.say(
            Text(
                f"기록이 {broken}번째 줄에서 바뀌었습니다. 백업과 비교하세요.",
                f"The log was changed at line {broken}. Compare it with a backup.",
            ),
            lang,
        )
    sys.exit(0 if broken is None else common.OURS)
