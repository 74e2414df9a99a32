"""`grader course`: makes, shows, exports and imports courses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import layout
from grader.commands import common
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.store.models import Course


@click.group(cls=layout.Group, name="course")
def command() -> None:
    """강좌를 만들고 봅니다. / Make and show courses."""


@command.command()
@click.argument("key")
@click.option("--title", required=True, help="제목 / Title.")
@click.option("--title-en", help="영어 제목 / Title in English. Default: the same.")
@click.option("--timezone", default="Asia/Seoul", show_default=True, help="시간대 / Time zone of due dates.")
@click.option("--policy", "words", multiple=True, metavar="KEY=VALUE", help="규칙 / Rule for all assignments.")
@common.home_option
@common.json_option
@common.lang_option
def create(
    key: str,
    title: str,
    title_en: str | None,
    timezone: str,
    words: tuple[str, ...],
    home: Path | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """강좌를 만듭니다. / Make a course.

    규칙은 과제마다 다르게 정할 수 있습니다. / Each assignment may have rules of its own.

    \b
    예 / Examples:
      grader course create dl-2026 --title "딥러닝" --title-en "Deep learning"
      grader course create dl --title DL --policy attempts=5 --policy late=percent --policy percent_a_day=10
    """
    from grader.course import people

    with common.opened(home, makes=True) as (_, database), database.write() as session:
        course = people.create_course(
            session, key, Text(title, title_en or title), timezone=timezone, policy=common.rules(words), actor="cli"
        )
        if as_json:
            common.emit({"course": course.key, "id": course.id})
    if not as_json:
        done = Text(
            f"{key} 강좌를 만들었습니다. 이제 사람을 추가하세요: grader user import people.csv",
            f"The course {key} is made. Now add its people: grader user import people.csv",
        )
        common.say(done, lang)


@command.command()
@common.common
def show(home: Path | None, course: str | None, as_json: bool, lang: str | None) -> None:
    """강좌와 과제를 보여 줍니다. / Show a course and its assignments.

    \b
    예 / Examples:
      grader course show
      grader course show --course dl-2026 --json
    """
    from grader.course import people

    with common.opened(home) as (_, database), database.read() as session:
        one = people.the_course(session, course)
        told = _told(session, one)
    if as_json:
        common.emit(told)
        return
    title = Text.from_json(told["title"]).into(lang).replace("\n", " / ")
    roles = ", ".join(f"{role} {count}" for role, count in told["people"].items()) or "-"
    click.echo(f"{told['course']}  {title}  ({told['timezone']})")
    click.echo(f"{Text('사람', 'people').into(lang).replace(chr(10), ' / ')}: {roles}")
    if told["policy"]:
        rules = ", ".join(f"{key}={value}" for key, value in told["policy"].items())
        click.echo(f"{common.one_line(Text('규칙', 'rules'), lang)}: {rules}")
    if told["assignments"]:
        common.show(_table(told, lang))
    if told["quizzes"]:
        click.echo(f"{common.one_line(Text('퀴즈', 'quizzes'), lang)}: {', '.join(told['quizzes'])}")


def _told(session: Session, course: Course) -> dict[str, Any]:
    """The course in numbers and words, without names."""
    from sqlalchemy import func, select

    from grader.course import quizzes
    from grader.store.models import Assignment, Member, Person, Version

    counts = session.execute(
        select(Member.role, func.count())
        .join(Person, Person.id == Member.person_id)
        .where(Member.course_id == course.id, Person.active.is_(True))
        .group_by(Member.role)
    )
    rows = session.execute(
        select(Assignment, Version)
        .outerjoin(Version, Version.id == Assignment.version_id)
        .where(Assignment.course_id == course.id)
        .order_by(Assignment.position, Assignment.id)
    )
    return {
        "course": course.key,
        "title": course.title,
        "timezone": course.timezone,
        "policy": course.policy,
        "people": {role.value: count for role, count in sorted(counts, key=lambda row: row[0].value)},
        "assignments": [
            {
                "assignment": row.key,
                "title": row.title,
                "opens": common.iso(row.opens),
                "due": common.iso(row.due),
                "closes": common.iso(row.closes),
                "policy": row.policy,
                "weight": row.weight,
                "version": version.number if version else None,
                "max_score": version.max_score if version else None,
                "verified": version.verified if version else None,
                "local_due": common.local(row.due, course.timezone),
            }
            for row, version in rows
        ],
        "quizzes": [quiz.key for quiz in quizzes.quizzes(session, course)],
    }


def _table(told: dict[str, Any], lang: str | None) -> Any:
    made = common.table(
        lang,
        Text("과제", "assignment"),
        Text("마감", "due"),
        Text("버전", "version"),
        Text("증명", "proved"),
        right=(2,),
    )
    for one in told["assignments"]:
        proved = "✓" if one["verified"] else "–"
        made.add_row(one["assignment"], one["local_due"], str(one["version"] or "-"), proved)
    return made


@command.command(name="export")
@click.argument("file", type=click.Path(path_type=Path))
@common.common
def export_(file: Path, home: Path | None, course: str | None, as_json: bool, lang: str | None) -> None:
    """사람, 규칙, 과제, 퀴즈를 파일로 내보냅니다. / Write people, rules, assignments and quizzes to a file.

    순위표와 관심 목록의 기준도 들어 있습니다. 제출과 성적, 연장 등 사람이 한 일은 들어 있지 않습니다(백업에 있습니다).
    이름과 주소, 정답이 들어 있으니 조심해서 보관하세요.

    Leaderboards and the thresholds of the watchlist are in it, too; what people did (submissions, grades, extensions)
    is not: a backup has that. Names, addresses and hidden tests are in it: keep it safe.

    \b
    예 / Example:
      grader course export dl-2026.json
    """
    from grader import files
    from grader.course import people, transfer

    with common.opened(home) as (_, database), database.read() as session:
        document = transfer.export_course(session, people.the_course(session, course))
    files.write(file, json.dumps(document, ensure_ascii=False, indent=1))
    file.chmod(0o600)
    numbers = {name: len(document[name]) for name in ("people", "assignments", "quizzes")}
    if as_json:
        common.emit({"file": str(file), **numbers, "left_out": transfer.LEFT_OUT.as_json()})
        return
    done = Text(
        f"{file}: 사람 {numbers['people']}명, 과제 {numbers['assignments']}개, 퀴즈 {numbers['quizzes']}개를 "
        f"썼습니다.\n들어 있지 않은 것: {transfer.LEFT_OUT.ko}. 모두 옮기려면: grader backup",
        f"{file}: {numbers['people']} people, {numbers['assignments']} assignments and {numbers['quizzes']} quizzes "
        f"written.\nNot in it: {transfer.LEFT_OUT.en}. To move everything: grader backup",
    )
    common.say(done, lang)


@command.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", help="새 강좌의 이름 / What to call the new course. Default: as in the file.")
@click.option("--no-people", is_flag=True, help="사람은 빼고 / Leave the people out, for another term.")
@common.home_option
@common.json_option
@common.lang_option
def import_(file: Path, key: str | None, no_people: bool, home: Path | None, as_json: bool, lang: str | None) -> None:
    """내보낸 강좌로 새 강좌를 만듭니다. / Make a new course like one that was exported.

    \b
    예 / Examples:
      grader course import dl-2026.json
      grader course import dl-2026.json --key dl-2027 --no-people
    """
    from grader.course import transfer

    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(Text(f"{file}을(를) 읽을 수 없습니다({error}).", f"{file} cannot be read ({error}).")) from error
    with common.opened(home, makes=True) as (_, database), database.write() as session:
        course = transfer.import_course(session, document, key=key, people_too=not no_people, actor="cli")
        made = course.key
    if as_json:
        common.emit({"course": made})
    else:
        common.say(Text(f"{made} 강좌를 만들었습니다.", f"The course {made} is made."), lang)
