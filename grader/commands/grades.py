"""`grader grades`: the gradebook."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from grader.course.grades import Grade
    from grader.course.quizzes import QuizGrade
    from grader.store.models import Course, Member

STATUS = {
    "graded": Text("채점됨", "graded"),
    "pending": Text("기다림", "waiting"),
    "none": Text("제출 없음", "none"),
    "open": Text("푸는 중", "running"),
    "problem": Text("채점 못 함", "problem"),
}
SIGNS = {"none": "–", "open": "✎", "pending": "…", "problem": "!"}  # where there is no number
COLUMNS = ("assignment", "email", "score", "max_score", "attempts", "late_days", "status", "overridden")


@click.command(name="grades")
@click.argument("assignment", required=False, shell_complete=common.assignments)
@click.option("--group", help="그룹만 / Of one group.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV로 / As CSV.")
@click.option("--all", "everybody", is_flag=True, help="학생이 아닌 사람도 / Not only students.")
@common.common
def command(
    assignment: str | None,
    group: str | None,
    as_csv: bool,
    everybody: bool,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """성적표를 보여 줍니다. / Show the gradebook.

    과제나 평가 퀴즈를 주면 한 사람에 한 줄(점수, 횟수, 늦은 날, 상태), 주지 않으면 하나마다 한 열입니다. 점수가 없으면
    0점이 아니라 기호입니다: – 제출 없음, ✎ 퀴즈 푸는 중, … 채점을 기다림, ! 채점하지 못함(grader queue). *는 강사가
    정한 점수입니다. CSV에서는 빈칸, JSON에서는 null입니다.

    With an assignment or a graded quiz a row a person: score, attempts, days late, status; without one a column for
    each. Who has no grade has a sign, not a zero: – nothing handed in, ✎ takes the quiz, … waits to be graded, !
    could not be graded (grader queue); * was decided by staff. In CSV and JSON it is an empty field and null.

    \b
    예 / Examples:
      grader grades perceptron
      grader grades --csv > grades.csv
      grader grades perceptron --json
    """
    if as_csv and as_json:
        raise BadInput(Text("--csv와 --json 중 하나만 쓰세요.", "Use --csv or --json, not both."))
    from grader.course import people
    from grader.store.models import Role

    with common.opened(home) as (_, database), database.read() as session:
        one = people.the_course(session, course)
        found = [
            (member, by_key)
            for member, by_key in _grades(session, one, assignment)
            if (everybody or (member.role is Role.STUDENT and member.person.active))
            and member.person.forgotten_at is None
            and (group is None or (member.group is not None and member.group.name == group))
        ]
        if group is not None:
            people.the_group(session, one, group)
    rows = [_row(key, member.person.email, grade) for member, by_key in found for key, grade in by_key.items()]
    if as_json:
        common.emit(rows)
    elif as_csv:
        click.echo(_csv(rows), nl=False)
    elif assignment is not None:
        common.show(_of_one(rows, lang))
    else:
        table = [(member.person.email, by_key) for member, by_key in found]
        common.show(of_all(table, lang), *legend(table, lang))


def _grades(session: Session, course: Course, key: str | None) -> list[tuple[Member, dict[str, Grade | QuizGrade]]]:
    """The assignments and the graded quizzes, or the one of that key. Raises BadInput."""
    from grader.course import grades, people, quizzes

    sat = quizzes.grades(session, course)
    if key is not None and not people.is_assignment(session, course, key) and sat and key in sat[0][1]:
        return [(member, _one(key, by_key[key])) for member, by_key in sat]
    row = None if key is None else people.assignment(session, course, key)
    found = []
    for (member, handed_in), (_, taken) in zip(grades.of_course(session, course, assignment=row), sat, strict=True):
        both: dict[str, Grade | QuizGrade] = {**handed_in}
        if row is None:
            both |= {f"{one}-quiz" if one in handed_in else one: grade for one, grade in taken.items()}
        found.append((member, both))
    return found


def _one(key: str, grade: QuizGrade) -> dict[str, Grade | QuizGrade]:
    return {key: grade}


def _row(key: str, email: str, grade: Grade | QuizGrade) -> dict[str, Any]:
    graded = grade.status == "graded"
    return {
        "assignment": key,
        "email": email,
        "score": grade.score if graded else None,
        "max_score": grade.max_score,
        "attempts": grade.attempts,
        "late_days": grade.late_days,
        "status": grade.status,
        "overridden": grade.overridden,
    }


def _csv(rows: list[dict[str, Any]]) -> str:
    """Addresses are checked when they come in, and cannot begin a formula other than by what a cell refuses anyway."""
    target = io.StringIO()
    writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "email": _harmless(row["email"])} for row in rows)
    return target.getvalue()


def _harmless(word: str) -> str:
    """A spreadsheet would run what begins like a formula."""
    return f"'{word}" if word[:1] in "=+-@" else word


def _of_one(rows: list[dict[str, Any]], lang: str | None) -> Any:
    from rich.markup import escape

    made = common.table(
        lang,
        Text("이메일", "email"),
        Text("점수", "score"),
        Text("횟수", "tries"),
        Text("늦음", "late"),
        Text("상태", "status"),
        right=(1, 2, 3),
    )
    for row in rows:
        score = SIGNS[row["status"]] if row["score"] is None else f"{row['score']:g}/{row['max_score']:g}"
        mark = "*" if row["overridden"] else ""
        late = str(row["late_days"] or "")
        made.add_row(
            escape(row["email"]), score + mark, str(row["attempts"]), late, common.one_line(STATUS[row["status"]], lang)
        )
    return made


def of_all(found: Sequence[tuple[str, Mapping[str, Grade | QuizGrade]]], lang: str | None) -> Any:
    """A row a person (by what stands first), a column an assignment."""
    from rich.markup import escape

    keys = list(found[0][1]) if found else []
    made = common.table(lang, Text("이메일", "email"), *keys, right=range(1, len(keys) + 1))
    for email, by_key in found:
        made.add_row(escape(email), *map(_cell, by_key.values()))
    return made


def _cell(grade: Grade | QuizGrade) -> str:
    said = f"{grade.score:g}" if grade.status == "graded" else SIGNS[grade.status]
    return f"{said}*" if grade.overridden else said


def legend(found: Sequence[tuple[str, Mapping[str, Grade | QuizGrade]]], lang: str | None) -> list[str]:
    """What the signs mean that are in the table, on one line; nothing where there are none."""
    grades = [one for _, by_key in found for one in by_key.values()]
    seen = {one.status for one in grades}
    words = [f"{sign} {common.one_line(STATUS[status], lang)}" for status, sign in SIGNS.items() if status in seen]
    if any(one.overridden for one in grades):
        words.append(f"* {common.one_line(Text('직접 정함', 'decided by staff'), lang)}")
    return ["[dim]" + "   ".join(words) + "[/]"] if words else []
