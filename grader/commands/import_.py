"""`grader import`: the course of another program."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import layout
from grader.commands import common
from grader.text import Text

if TYPE_CHECKING:
    from grader.course.imports.nbgrader import Imported

KINDS = {
    "people": Text("사람", "people"),
    "assignments": Text("과제", "assignments"),
    "versions": Text("과제의 판", "versions of assignments"),
    "submissions": Text("제출", "submissions"),
    "runs": Text("채점", "gradings"),
    "overrides": Text("사람이 정한 점수", "points that people gave"),
    "extensions": Text("연장", "extensions"),
    "comments": Text("의견", "comments"),
}


class _Tried(Exception):
    """Ends a transaction that nothing is to remain of."""


@click.group(cls=layout.Group, name="import")
def command() -> None:
    """다른 프로그램의 강좌를 가져옵니다. / Bring in the course of another program."""


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="무엇을 가져올지만 보여 줍니다. / Say what would come, change nothing.")
@click.option("--prefix", default="", help="과제 이름 앞에 붙일 말 / Goes before the names of assignments.")
@click.option("--email-domain", help="이메일이 없는 사람은 ID@도메인 / Who has no address gets ID@DOMAIN.")
@common.by_option
@common.common
def nbgrader(
    folder: Path,
    dry_run: bool,
    prefix: str,
    email_domain: str | None,
    by: str | None,
    course: str | None,
    home: Path | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """nbgrader 강좌를 가져옵니다. / Bring in a course of nbgrader.

    FOLDER는 gradebook.db가 있는 폴더입니다. 학생, 과제, 제출한 노트북, 셀마다의 점수, 감점, 연장, 의견을 가져옵니다.
    다시 가져오면 새로운 것만 더합니다. 그 폴더의 것은 아무것도 실행하거나 바꾸지 않습니다.

    FOLDER is where gradebook.db is. Students, assignments, the notebooks handed in, the points of each cell, late
    penalties, extensions and comments come along. A second import adds only what is new. Nothing of that folder is
    run or changed.

    \b
    예 / Examples:
      grader import nbgrader ~/courses/ml101 --dry-run
      grader import nbgrader ~/courses/ml101 --email-domain example.ac.kr
    """
    from grader.course import people
    from grader.course.imports.nbgrader import bring_in

    with common.opened(home) as (_, database), suppress(_Tried), database.write() as session:
        found = people.the_course(session, course)
        actor = common.actor(session, found, by)
        done = bring_in(session, found, folder, actor=actor, prefix=prefix, domain=email_domain)
        if dry_run:
            raise _Tried
    if as_json:
        common.emit({"dry_run": dry_run, **done.as_json()})
    else:
        _show(done, dry_run, lang)


def _show(done: Imported, dry_run: bool, lang: str | None) -> None:
    if not any(done.added.values()):
        common.say(Text("새로운 것이 없습니다.", "There is nothing new."), lang)
    else:
        head = (
            Text("다음을 가져오게 됩니다:", "This would come:")
            if dry_run
            else Text("다음을 가져왔습니다:", "This was brought in:")
        )
        common.say(head, lang)
    for kind, count in done.added.items():
        if count:
            text = Text(f"{KINDS[kind].ko} {count}", f"{count} {KINDS[kind].en}")
            click.echo("- " + text.into(lang).replace("\n", " / "))
    if done.notes:
        common.say(Text("가져오지 못했거나 다르게 가져온 것:", "What was left out, or is kept otherwise:"), lang)
    for text in done.notes:
        click.echo("- " + text.into(lang).replace("\n", "\n  "))
