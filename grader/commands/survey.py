"""`grader survey`: the anonymous survey of a course."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import layout
from grader.commands import common
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.assignment import Catalog
    from grader.course.surveys import Answers, Summary
    from grader.store.models import Course
    from grader.store.surveys import Survey

BAR = 24  # signs of the longest bar


@click.group(cls=layout.Group, name="survey")
def command() -> None:
    """익명 설문을 열고 닫고 결과를 봅니다. / Open and close the anonymous survey, and see its results.

    누가 무엇이라 답했는지는 아무도 알 수 없습니다(docs/survey.md). 결과는 닫은 뒤에, 5명 이상 답했을 때만 봅니다.

    Nobody can tell who said what (docs/survey.md). Results are seen when it has closed, of 5 or more.

    \b
    예 / Examples:
      grader survey open
      grader survey close
      grader survey show --json
      grader survey publish
    """


@command.command(name="open")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@common.by_option
@common.common
@click.pass_obj
def open_(
    catalog: Catalog,
    file: Path | None,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """설문을 엽니다. / Open a survey.

    파일을 적지 않으면 assignments/survey.toml입니다. 연 때의 문항이 그대로 갑니다. / Where no file is named it is
    assignments/survey.toml, frozen as it is now.

    \b
    예 / Examples:
      grader survey open
      grader survey open halfway.toml
    """
    from grader.course import people, surveys

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        source = file or catalog.assignments / surveys.FILE
        row = surveys.open_survey(session, one, source, actor=common.actor(session, one, by))
        document = _document(session, row)
    if as_json:
        common.emit(document)
        return
    common.say(
        Text(
            f"{row.key} 설문을 열었습니다. 학생은 강좌의 첫 쪽에서 답합니다. 닫으려면: grader survey close",
            f"The survey {row.key} is open. Students answer on the start page of the course. To close it: "
            "grader survey close",
        ),
        lang,
    )


@command.command()
@click.option(
    "--discard",
    is_flag=True,
    help="5명보다 적게 답했으면 답을 버립니다. / With fewer than 5 answers throw them away.",
)
@common.yes_option
@common.by_option
@common.common
def close(
    discard: bool, yes: bool, by: str | None, home: Path | None, course: str | None, as_json: bool, lang: str | None
) -> None:
    """설문을 닫습니다. / Close the survey, for good.

    다시 열 수 없고, 누가 답했는지는 지웁니다. / It cannot be opened again, and who has answered is erased.

    \b
    예 / Examples:
      grader survey close
      grader survey close --discard --yes
    """
    from grader.course import people, surveys

    question = Text(
        "닫으면 다시 열 수 없고, 누가 답했는지는 지웁니다. 닫을까요?",
        "It cannot be opened again, and who has answered is erased. Close it?",
    )
    common.sure(question, yes, lang)
    with common.opened(home) as (_, database):
        with database.read() as session:
            one = people.the_course(session, course)
            who = common.actor(session, one, by)
        row = surveys.close(database, one.id, actor=who, discard=discard)
        with database.read() as session:
            document = _document(session, row)
    if as_json:
        common.emit(document)
        return
    common.say(
        Text(
            f"닫았습니다. {document['answered']}명이 답했습니다. 결과를 보려면: grader survey show",
            f"Closed, with {document['answered']} answers. To see them: grader survey show",
        )
        if row.results
        else Text("닫고, 답은 모두 버렸습니다.", "Closed, and all answers were thrown away."),
        lang,
    )


@command.command()
@click.argument("key", required=False)
@common.common
def show(key: str | None, home: Path | None, course: str | None, as_json: bool, lang: str | None) -> None:
    """설문의 결과를 봅니다. / Show what was said.

    이름을 적지 않으면 가장 최근의 설문입니다. / Of the latest survey, where none is named.

    \b
    예 / Examples:
      grader survey show
      grader survey show course --json
    """
    from grader.course import people, surveys

    with common.opened(home) as (_, database), database.read() as session:
        row = _the(session, people.the_course(session, course), key)
        document, found = _document(session, row), surveys.summary(row)
    if as_json:
        common.emit(document)
    elif found is not None:
        _show(found, lang)
    elif row.closed_at is None:
        common.say(
            Text(
                f"{row.key} 설문이 열려 있고 {document['answered']}명이 답했습니다. 결과는 닫은 뒤에 봅니다.",
                f"The survey {row.key} is open; {document['answered']} have answered. Results show when it has closed.",
            ),
            lang,
        )
    else:
        common.say(Text("답이 너무 적어 모두 버렸습니다.", "There were too few answers; all were thrown away."), lang)


@command.command()
@click.argument("key", required=False)
@click.option("--hide", is_flag=True, help="공개를 거둡니다. / Hide it again.")
@common.by_option
@common.common
def publish(
    key: str | None,
    hide: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """결과를 학생에게 공개합니다. / Show the results to students.

    글은 보이지 않습니다. / The free texts stay with the staff.

    \b
    예 / Examples:
      grader survey publish
      grader survey publish --hide
    """
    from grader.course import people, surveys

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        row = _the(session, one, key)
        surveys.publish(session, row, actor=common.actor(session, one, by), on=not hide)
        document = _document(session, row)
    if as_json:
        common.emit(document)
        return
    common.say(
        Text("학생이 더는 보지 못합니다.", "Students see it no longer.")
        if hide
        else Text("학생이 결과를 볼 수 있습니다. 글은 보이지 않습니다.", "Students see the results, but no texts."),
        lang,
    )


def _the(session: Session, course: Course, key: str | None) -> Survey:
    from grader.course import surveys

    rows = surveys.surveys(session, course)
    for row in rows:
        if key is None or row.key == key:
            return row
    if not rows:
        raise BadInput(
            Text(
                "아직 연 설문이 없습니다. 열려면: grader survey open",
                "No survey has been opened yet. To open one: grader survey open",
            )
        )
    known = ", ".join(row.key for row in rows)
    raise BadInput(
        Text(
            f"'{key}' 설문이 없습니다. 있는 설문: {known}. 새로 열려면: grader survey open",
            f"There is no survey '{key}'. Known: {known}. To open one: grader survey open",
        )
    )


def _document(session: Session, row: Survey) -> dict[str, Any]:
    from grader.course import surveys

    found = surveys.summary(row)
    return {
        "survey": row.key,
        "opened_at": common.iso(row.opened_at),
        "closed_at": common.iso(row.closed_at),
        "published_at": common.iso(row.published_at),
        "answered": surveys.answered(session, row),
        "questions": None if found is None else [_as_json(one) for one in found.answers],
    }


def _as_json(one: Answers) -> dict[str, Any]:
    said: dict[str, Any] = {"id": one.question.id, "kind": one.question.kind.value, "n": one.n}
    said["text"] = one.question.text.as_json()
    if one.texts or not one.counts:
        return said | {"texts": list(one.texts)}
    said["counts"] = {count.option.id: count.count for count in one.counts}
    return said | ({} if one.mean is None else {"mean": one.mean, "low": one.low, "high": one.high})


def _show(found: Summary, lang: str | None) -> None:
    from rich.markup import escape

    common.say(Text(f"{found.answered}명이 답했습니다.", f"{found.answered} answered."), lang)
    for one in found.answers:
        about = f" ({one.mean:.1f}{_between(one)})" if one.mean is not None else ""
        common.show("", f"[bold]{common.one_line(one.question.text, lang)}[/]{about}")
        if not one.counts:
            common.show(*(f"  – {escape(' '.join(words.split()))}" for words in one.texts))
            continue
        made = common.table(lang, "", "", "", right=(1,))
        made.show_header = False
        for count in one.counts:
            bar = "█" * round(BAR * count.share)
            made.add_row(common.one_line(count.option.text, lang), str(count.count), bar)
        common.show(made)


def _between(one: Answers) -> str:
    return "" if one.low is None or one.high is None else f" [{one.low:.1f}, {one.high:.1f}]"
