"""`grader import`: the course of another program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

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


@click.group(name="import")
def command() -> None:
    """다른 프로그램의 강좌를 가져옵니다. / Bring in the course of another program."""


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="무엇을 가져올지만 보여 줍니다. / Say what would come, change nothing.")
@click.option("--prefix", default="", help="과제 이름 앞에 붙일 말 / Goes before the names of assignments.")
@click.option("--email-domain", help="이메일이 없는 사람은 ID@도메인 / Who has no address gets ID@DOMAIN.")
@click.option("--course", envvar="GRADER_COURSE", help="강좌 / Course. Default: the only one.")
@click.option("--home", type=click.Path(path_type=Path), help="강좌의 폴더 / Folder of the course (GRADER_HOME).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
@click.option("--lang", type=click.Choice(["ko", "en"]), default=None, help="한국어만 / English only. Default: both.")
def nbgrader(
    folder: Path,
    dry_run: bool,
    prefix: str,
    email_domain: str | None,
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
    from grader.store.database import Database, Home
    from grader.store.schema import prepare

    database = Database(Home.find(home).url)
    try:
        prepare(database)
        with database.read() if dry_run else database.write() as session:  # what a reader changes is lost
            done = bring_in(
                session,
                people.the_course(session, course),
                folder,
                actor="cli",
                prefix=prefix,
                domain=email_domain,
            )
    finally:
        database.close()
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **done.as_json()}, ensure_ascii=False))
    else:
        _show(done, dry_run, lang)


def _show(done: Imported, dry_run: bool, lang: str | None) -> None:
    if not any(done.added.values()):
        click.echo(Text("새로운 것이 없습니다.", "There is nothing new.").into(lang))
    else:
        head = (
            Text("다음을 가져오게 됩니다:", "This would come:")
            if dry_run
            else Text("다음을 가져왔습니다:", "This was brought in:")
        )
        click.echo(head.into(lang))
    for kind, count in done.added.items():
        if count:
            text = Text(f"{KINDS[kind].ko} {count}", f"{count} {KINDS[kind].en}")
            click.echo("- " + text.into(lang).replace("\n", " / "))
    if done.notes:
        click.echo(Text("가져오지 못했거나 다르게 가져온 것:", "What was left out, or is kept otherwise:").into(lang))
    for text in done.notes:
        click.echo("- " + text.into(lang).replace("\n", "\n  "))
