"""`grader export`: the gradebook as a file for another program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from grader.commands import common, remote
from grader.text import Text

NAMES = ("csv", "xlsx", "gradescope", "nbgrader", "moodle", "canvas")  # as grader.course.exports.FORMATS has them


@click.command(name="export")
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...", shell_complete=common.assignments)
@click.option("--format", "kind", type=click.Choice(NAMES), required=True, help="파일의 형식 / Which program reads it.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="쓸 파일 / The file to write.")
@click.option("--force", is_flag=True, help="있는 파일을 덮어씁니다. / Overwrite what is there.")
@common.by_option
@remote.options
@common.common
def command(
    assignments: tuple[str, ...],
    kind: str,
    out: Path,
    force: bool,
    by: str | None,
    server: remote.Remote | None,
    course: str | None,
    home: Path | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """성적을 다른 프로그램의 파일로 내보냅니다. / Write the gradebook as a file for another program.

    학생의 현재 점수(늦음, 연장, 직접 고친 점수까지 반영)를 씁니다. 아직 점수가 없으면 0점이 아니라 빈칸입니다.
    무엇이 들어 있고 없는지는 곁의 FILE.manifest.json이 말합니다.

    It has the scores that count now, with lateness, extensions and decisions of people. Who has no grade yet has an
    empty field, not a zero. FILE.manifest.json beside it says what the file holds, and what it could not carry.

    \b
    csv         엑셀, 스크립트 / Excel, scripts: a row a person
    xlsx        엑셀, 검사별 점수까지 / Excel, with the points of each check
    gradescope  Gradescope 성적 CSV / the CSV of Gradescope's grades
    nbgrader    nbgrader의 gradebook.db / nbgrader's gradebook.db
    moodle      Moodle 성적 가져오기 / for Moodle's grade import
    canvas      Canvas 성적부 가져오기 / for Canvas' gradebook import

    \b
    예 / Examples:
      grader export --format xlsx --out grades.xlsx
      grader export --format moodle perceptron --out week1.csv
      grader export --format nbgrader --out gradebook.db --force --json
      grader export --format csv --out grades.csv --server https://grader.example.com
    """
    if server is not None:
        told = remote.export(server, course, kind, assignments, out, force)
        common.emit(told) if as_json else _show(told, out, lang)
        return
    from grader.course import exports, people
    from grader.store import audit

    with common.opened(home) as (_, database):
        format = exports.format_of(kind)
        with database.read() as session:
            found = people.the_course(session, course)
            actor = common.actor(session, found, by)
            table = exports.gather(session, found, assignments, checks=format.checks)
        manifest = exports.write(table, format, out, force=force)
        with database.write() as session:
            numbers = {"people": len(table.rows), "assignments": len(table.assignments), "quizzes": len(table.quizzes)}
            audit.record(session, actor, "gradebook.export", f"course:{found.id}", format=kind, **numbers)
    if as_json:
        common.emit(manifest.as_json())
    else:
        _show(manifest.as_json(), out, lang)


def _show(manifest: dict[str, Any], out: Path, lang: str | None) -> None:
    people, columns = manifest["people"], len(manifest["assignments"])
    said = Text(
        f"{out}에 학생 {people}명, 과제 {columns}개의 성적을 썼습니다.",
        f"{out} has the grades of {people} student(s) in {columns} assignment(s).",
    )
    common.say(said, lang)
    common.say(Text("들어 있지 않은 것:", "What is not in it:"), lang)
    for text in map(Text.from_json, manifest["not_in_it"]):
        click.echo("- " + text.into(lang).replace("\n", "\n  "))
