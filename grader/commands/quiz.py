"""`grader quiz`: list, take and prove quizzes, without a store; the verbs of a course are in `quiz_course`."""

from __future__ import annotations

import csv
import json
import math
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from grader import layout
from grader.commands import quiz_course, quiz_exchange, quiz_picture
from grader.commands.common import (
    catalog_quizzes,
    emit,
    home_option,
    json_option,
    lang_option,
    one_line,
    opened,
    say,
    show,
    table,
)
from grader.errors import BadInput, GraderError
from grader.text import Text

if TYPE_CHECKING:
    from grader.assignment import Catalog
    from grader.quiz.bank import Bank
    from grader.quiz.cell import Judge as CellJudge
    from grader.quiz.marking import Mark
    from grader.quiz.question import Posed, Quiz
    from grader.quiz.statistics import Row


@click.group(cls=layout.Group)
def command() -> None:
    """이론 퀴즈를 풀고 살핍니다. / Take quizzes on the theory, and prove them.

    연습과 증명은 강좌 없이도 됩니다. 강좌에서는 publish로 시작합니다.

    Practice and proofs need no course. In a course it begins with publish.

    \b
    예 / Examples:
      grader quiz list
      grader quiz take week4-backpropagation
      grader quiz lint
      grader quiz publish week4-perceptron --rule graded=true --due +7d
    """


command.add_command(quiz_exchange.export)
command.add_command(quiz_exchange.import_)
for _verb in (
    *(quiz_course.publish, quiz_course.extend, quiz_course.grades_, quiz_course.override),
    *(quiz_course.results, quiz_course.remark),
):
    command.add_command(_verb)


def _bank(catalog: Catalog) -> Bank:
    from grader.quiz.bank import Bank

    secret = catalog.reference / "quizzes"
    return Bank(catalog.assignments / "quizzes", secret if secret.is_dir() else None)


def _answers(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Tab completion: a quiz of the course with --course, else a file."""
    if context.params.get("course") is not None:
        return [CompletionItem(name) for name in quiz_course.quiz_keys(context, parameter, incomplete)]
    return [CompletionItem(incomplete, type="file")]


@command.command("list")
@click.option(
    "--topics",
    "by_topic",
    is_flag=True,
    help="주제마다 난이도별 문제 수 / How many questions each topic has, by difficulty.",
)
@json_option
@lang_option
@click.pass_obj
def list_(catalog: Catalog, by_topic: bool, as_json: bool, lang: str | None) -> None:
    """어떤 퀴즈가 있는지 보여 줍니다. / Show the quizzes.

    \b
    예 / Examples:
      grader quiz list
      grader quiz list --topics
    """
    quizzes = _bank(catalog).all()
    if by_topic:
        _list_topics(catalog, quizzes, as_json, lang)
        return
    if as_json:
        emit([_summary(quiz) for quiz in quizzes])
        return
    columns = (Text("퀴즈", "quiz"), Text("주", "week"), Text("제목", "title"), Text("문제", "questions"))
    listed = table(lang, *columns, right=(1, 3))
    for quiz in sorted(quizzes, key=lambda quiz: (quiz.week, quiz.id)):
        listed.add_row(quiz.id, str(quiz.week), one_line(quiz.title, lang), str(len(quiz.questions)))
    show(listed)


def _list_topics(catalog: Catalog, quizzes: Sequence[Quiz], as_json: bool, lang: str | None) -> None:
    """Topics without a question are listed, too: they are what is left to write."""
    from grader import misconception

    topics = misconception.topics(catalog.assignments)
    counts: dict[str, Counter[int]] = {topic: Counter() for topic in topics}
    for question in (question for quiz in quizzes for question in quiz.questions):
        counts.setdefault(question.topic, Counter())[question.difficulty] += 1
    if as_json:
        emit({topic: {str(level): count[level] for level in (1, 2, 3, 4)} for topic, count in counts.items()})
        return
    levels = (Text("기억", "recall"), Text("이해", "understand"), Text("적용", "apply"), Text("분석", "analyse"))
    listed = table(lang, Text("주제", "topic"), *levels, Text("모두", "all"), right=(1, 2, 3, 4, 5))
    for topic, count in counts.items():
        listed.add_row(topic, *(str(count[level] or "") for level in (1, 2, 3, 4)), str(count.total()))
    show(listed)


def _summary(quiz: Quiz) -> dict[str, Any]:
    return {
        "id": quiz.id,
        "week": quiz.week,
        "title": quiz.title.as_json(),
        "questions": len(quiz.questions),
        "variants": sum(bool(key.generator) for key in quiz.keys.values()),
        "topics": sorted({question.topic for question in quiz.questions}),
    }


@command.command()
@click.argument("names", nargs=-1, shell_complete=catalog_quizzes)
@click.option(
    "--cells/--no-cells", default=True, help="코드 문제의 모범 답도 / Grade the solutions of cells in the box, too."
)
@json_option
@lang_option
@click.pass_obj
def lint(catalog: Catalog, names: tuple[str, ...], cells: bool, as_json: bool, lang: str | None) -> None:
    """퀴즈가 옳은지 증명합니다. / Prove the bank, or the quizzes named.

    문제마다 변형 200개에서 정답은 맞고, 예상한 오답은 틀리고, 두 언어가 다 있는지 봅니다. 오류가 있으면 종료
    코드 1이고, 경고는 사람이 판단합니다.

    Keys are accepted, expected wrong answers refused, both languages there, in 200 variants of each question. Exit
    code 1 if there is an error; warnings are for a person to weigh.

    \b
    예 / Examples:
      grader quiz lint
      grader quiz lint week4-perceptron --no-cells
    """
    from grader import misconception
    from grader.quiz import lesson
    from grader.quiz import lint as linter

    bank = _bank(catalog)
    topics = misconception.topics(catalog.assignments)
    faults = linter.lint(bank, topics, names)
    if not names and (catalog.assignments / lesson.FOLDER).is_dir():
        said = lesson.faults(catalog.assignments, topics)
        faults += [linter.Fault(lesson.FOLDER, one.topic, one.text) for one in said]
    if cells:
        from grader.quiz import cell

        faults += cell.prove(bank, names)
    errors = [fault for fault in faults if not fault.warning]
    if as_json:
        emit([fault.as_json() for fault in faults])
    elif faults:
        columns = (Text("퀴즈", "quiz"), Text("문제", "question"), Text("무엇이", "what"))
        listed = table(lang, "", *columns)
        for fault in faults:
            sign = "[yellow]![/]" if fault.warning else "[red]✗[/]"
            listed.add_row(sign, fault.quiz, fault.question, one_line(fault.text, lang))
        show(listed)
    if not as_json:
        warned = len(faults) - len(errors)
        say(Text(f"오류 {len(errors)}개, 경고 {warned}개.", f"{len(errors)} errors, {warned} warnings."), lang)
    sys.exit(1 if errors else 0)


@command.command()
@click.argument("name", shell_complete=catalog_quizzes)
@click.option(
    "--seed", type=int, help="같은 seed는 같은 변형과 순서 / The same seed gives the same variants and order."
)
@click.option(
    "--answers",
    type=click.File(encoding="utf-8"),
    help="묻지 않고 쓸 답 / A JSON object {question: answer}; asks nothing.",
)
@json_option
@lang_option
@click.pass_obj
def take(catalog: Catalog, name: str, seed: int | None, answers: Any, as_json: bool, lang: str | None) -> None:
    """터미널에서 퀴즈를 풉니다. / Take a quiz in the terminal, as practice.

    답할 때마다 바로 알려 줍니다. ?는 힌트, 빈 줄은 건너뛰기, Ctrl-D는 끝입니다. 코드 문제에는 @my.py처럼 파일 이름을
    쓰면 상자에서 채점합니다. 어디에도 남지 않습니다.

    Feedback comes at once, and nothing is kept. Type ? for a hint, an empty line to skip, Ctrl-D to end. A question
    that wants code takes the name of a file, as in @my.py, and grades it in the box.

    \b
    예 / Examples:
      grader quiz take week2-linear-regression --lang ko
      grader quiz take week2-linear-regression --seed 7 --answers mine.json --json
    """
    from grader.quiz import practice

    bank = _bank(catalog)
    quiz = bank.load(name)
    if not quiz.keys:
        raise BadInput(
            Text(
                "정답 파일이 없어 채점할 수 없습니다. reference/quizzes가 있는 곳에서 실행하세요.",
                "There are no keys here to mark with. Run this where reference/quizzes is.",
            )
        )
    if answers is None and not sys.stdin.isatty():
        raise BadInput(
            Text(
                "터미널이 아니므로 묻지 않습니다. --answers FILE로 답을 주세요.",
                "This is no terminal, so nothing is asked. Give the answers with --answers FILE.",
            )
        )
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    posed = practice.posed(bank, quiz, seed)
    with ExitStack() as stack:
        judge = _judge(stack)
        known = _read(answers) if answers else None
        results = practice.ask(quiz, posed, judge, lang) if known is None else practice.given(posed, known, judge)
    if as_json:
        emit({"quiz": quiz.id, "seed": seed, "questions": [_result(*one) for one in results]})
    else:
        practice.show_result(quiz, posed, results, lang)
    right = sum(mark is not None and mark.right for _, _, mark in results)
    sys.exit(0 if right == len(posed) else 1)


def _judge(stack: ExitStack) -> Callable[[Posed, str], Mark]:
    """Marks cells in a box, which is made when the first comes and ends with the stack."""
    judges: list[CellJudge] = []

    def mark(posed: Posed, source: str) -> Mark:
        from grader.quiz.cell import Judge

        if not judges:
            judges.append(stack.enter_context(Judge()))
        marked = judges[0].mark(posed, source)
        if marked.mark is None:
            raise GraderError(marked.report.reason or Text("채점하지 못했습니다.", "It could not be graded."))
        return marked.mark

    return mark


def _read(file: Any) -> Mapping[str, Any]:
    try:
        found = json.load(file)
    except (ValueError, RecursionError) as error:
        raise BadInput(Text(f"JSON이 아닙니다: {error}", f"This is no JSON: {error}")) from error
    if not isinstance(found, dict):
        raise BadInput(Text("{문제: 답} 꼴의 JSON이 필요합니다.", "A JSON object {question: answer} is needed."))
    return found


def _result(posed: Posed, raw: Any, mark: Mark | None) -> dict[str, Any]:
    return {
        "question": posed.question.id,
        "answer": raw,
        "share": None if mark is None else mark.share,
        "said": [] if mark is None else [text.as_json() for text in mark.said],
    }


@command.command()
@click.argument("file", shell_complete=_answers)
@click.option(
    "--course",
    is_flag=False,
    flag_value="",
    help="FILE은 강좌의 퀴즈 이름입니다. / FILE is a quiz of this course (of the only one, where none is named).",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="난이도와 변별도의 그림을 SVG로 씁니다. / Write difficulty against discrimination as an SVG, replacing FILE.",
)
@home_option
@json_option
@lang_option
@click.pass_obj
def stats(
    catalog: Catalog,
    file: str,
    course: str | None,
    picture: Path | None,
    home: Path | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """답을 모아 문제를 살핍니다. / Say what people's answers tell about the questions of a quiz.

    FILE은 person, question, share(0~1)와, 있으면 seconds, choice 열이 있는 CSV입니다(grader quiz results가 씁니다).
    --course를 쓰면 강좌에 낸 퀴즈의 이름입니다. 문제마다 사람의 첫 답만 셉니다.

    FILE is a CSV with the columns person, question, share (0 to 1) and, if known, seconds and choice; a person's first
    answer to a question counts. With --course it is the name of a quiz, whose answers come straight from the store.

    \b
    예 / Examples:
      grader quiz stats answers.csv
      grader quiz stats answers.csv --json
      grader quiz stats week4-perceptron --course
    """
    from grader.quiz import statistics

    if course is not None:
        with opened(home) as (_, database):
            rows, options = quiz_course.answers(database, course or os.environ.get("GRADER_COURSE"), file)
    else:
        rows, options = _rows_of(file), _choices(_bank(catalog))
    try:
        found = statistics.statistics(rows, options)
    except ValueError as error:
        raise _no_rows(file, str(error)) from error
    if picture is not None:
        quiz_picture.save(found, picture, lang)
    if as_json:
        emit(found.as_json())
        return
    columns = (Text("문제", "question"), Text("답", "answers"), Text("난이도", "difficulty"))
    listed = table(lang, *columns, Text("변별도", "discrimination"), Text("시간", "seconds"), right=(1, 2, 3, 4))
    for item in found.items:
        spread = "" if item.low is None else f" ({item.low:.2f} .. {item.high:.2f})"
        r = "-" if item.discrimination is None else f"{item.discrimination:.2f}{spread}"
        seconds = "-" if item.median_seconds is None else f"{item.median_seconds:.0f}"
        listed.add_row(item.question, str(item.n), f"{item.difficulty:.2f}", r, seconds)
    show(listed)
    for item in found.items:
        if any(sum(counts.values()) for counts in item.choices.values()):
            taken = table(
                lang, item.question, Text("하", "lower"), Text("중", "middle"), Text("상", "upper"), right=(1, 2, 3)
            )
            for name, counts in item.choices.items():
                taken.add_row(name, *(str(counts[group]) for group in statistics.GROUPS))
            show("", taken)
        for text in (*item.advice, *item.warnings):
            say(Text(f"{item.question}: {text.ko}", f"{item.question}: {text.en}"), lang)
    if found.alpha is not None:
        a = found.alpha
        of = f"{a.value:.2f} ({a.low:.2f} .. {a.high:.2f})"
        say(Text(f"신뢰도(알파) {of}, {a.n}명", f"Cronbach's alpha {of}, {a.n} people"), lang)
    for text in found.warnings:
        say(text, lang)


def _rows_of(name: str) -> list[Row]:
    """Of a CSV file, or of what is piped in where it is "-"."""
    try:
        with click.open_file(name, encoding="utf-8-sig") as file:
            return _rows(file)
    except OSError as error:
        raise _no_rows(name, error.strerror or type(error).__name__) from error


def _choices(bank: Bank) -> Mapping[str, list[str]]:
    """The ids of what can be chosen in each question of kind choice."""
    from grader.quiz.question import Kind

    found: dict[str, list[str]] = {}
    for name in bank.ids():
        with suppress(GraderError):  # a quiz in the making
            chosen = [one for one in bank.load(name).questions if one.kind is Kind.CHOICE]
            found |= {one.id: [option.id for option in one.options] for one in chosen}
    return found


def _rows(file: Any) -> list[Row]:
    """Raises BadInput."""
    from grader.quiz.statistics import Row

    reader = csv.DictReader(file, restval="")
    try:
        if lacking := {"person", "question", "share"} - set(reader.fieldnames or ()):
            raise _no_rows(file.name, f"the column {sorted(lacking)[0]} is not there")
        rows = []
        for row in reader:
            try:
                share, seconds = float(row["share"]), float(row.get("seconds") or "nan")
            except ValueError as error:
                raise _no_rows(file.name, f"line {reader.line_num}: {error}") from error
            known = seconds if math.isfinite(seconds) else None
            rows.append(Row(row["person"], row["question"], share, known, row.get("choice") or None))
    except (csv.Error, UnicodeDecodeError) as error:
        raise _no_rows(file.name, str(error)) from error
    if not rows:
        raise _no_rows(file.name, "there are no rows")
    return rows


def _no_rows(name: str, why: str) -> BadInput:
    return BadInput(
        Text(
            f"{name}을(를) 읽을 수 없습니다: {why}. person,question,share[,seconds,choice] 열이 있는 CSV가 필요합니다.",
            f"{name} cannot be read: {why}. A CSV with the columns person,question,share[,seconds,choice] is needed.",
        )
    )
