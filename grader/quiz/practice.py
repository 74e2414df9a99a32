"""A quiz in the terminal, for practice: one question after the other, feedback at once."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.panel import Panel

from grader.errors import BadInput, GraderError
from grader.quiz import marking, render, variant
from grader.quiz.answer import LONGEST_OF, NotAnAnswer, normal, parse
from grader.quiz.bank import Bank
from grader.quiz.marking import Mark
from grader.quiz.question import Kind, Option, Posed, Quiz
from grader.text import Text

Result = tuple[Posed, Any, Mark | None]  # the question, what was given, what it earned
HOW: Mapping[Kind, Text] = {
    Kind.CHOICE: Text("하나를 고르세요 (예: a)", "choose one, as in: a"),
    Kind.MULTIPLE: Text("맞는 것을 모두 고르세요 (예: a c)", "choose all that are right, as in: a c"),
    Kind.NUMBER: Text("숫자로 답하세요 (예: 3/4, 0.75)", "a number, as in: 3/4 or 0.75"),
    Kind.TEXT: Text("낱말로 답하세요", "a word or two"),
    Kind.ORDER: Text("순서대로 쓰세요 (예: b a c)", "in order, as in: b a c"),
    Kind.MATCH: Text("짝을 쓰세요 (예: a=1 b=2)", "the pairs, as in: a=1 b=2"),
    Kind.SHAPE: Text("모양을 쓰세요 (예: (n, 16))", "a shape, as in: (n, 16)"),
    Kind.FORMULA: Text("식을 쓰세요 (예: 2*x + 1)", "a formula, as in: 2*x + 1"),
    Kind.OUTPUT: Text("출력을 그대로 쓰세요 (줄바꿈은 \\n)", "what it prints; \\n for a new line"),
    Kind.CELL: Text("코드를 파일에 쓰고 @파일로 답하세요 (예: @my.py)", "a file with your code, as in: @my.py"),
}
KEYS = Text(
    "?: 힌트, 빈 줄: 건너뛰기, Ctrl-D: 끝내기", "?: a hint, an empty line: skip the question, Ctrl-D: end the quiz"
)
Judge = Callable[[Posed, str], Mark]  # of a cell; raises GraderError where no mark can be given


def posed(bank: Bank, quiz: Quiz, seed: int) -> list[Posed]:
    """The questions that a terminal can ask, with the variants and the order of options of one seed."""
    rng = random.Random(seed)
    questions = [question for question in quiz.questions if question.kind in HOW]
    asked = [
        variant.pose(question, quiz.keys[question.id], bank.generators(quiz.id), rng.getrandbits(64))
        for question in questions
    ]
    return [_shuffled(one, rng) for one in asked]


def _shuffled(one: Posed, rng: random.Random) -> Posed:
    options = list(one.question.options)
    rng.shuffle(options)
    if one.question.kind is Kind.ORDER and [option.id for option in options] == list(one.key.answer):
        options.reverse()  # or the order shown is the answer
    return replace(one, question=replace(one.question, options=tuple(options)))


def given(questions: Sequence[Posed], answers: Mapping[str, Any], judge: Judge) -> list[Result]:
    """Marks answers that are known already. What is no answer is as none. Raises BadInput for a question that there
    is not."""
    known = [one.question.id for one in questions]
    if unknown := sorted(set(answers) - set(known)):
        raise BadInput(
            Text(
                f"'{unknown[0]}'이라는 문제는 없습니다. 있는 문제: {', '.join(known)}.",
                f"There is no question '{unknown[0]}'. Known: {', '.join(known)}.",
            )
        )
    results: list[Result] = []
    for one in questions:
        raw = answers.get(one.question.id)
        try:
            results.append((one, raw, None if raw is None else _mark(one, raw, judge)))
        except NotAnAnswer as error:
            results.append((one, raw, Mark(0.0, [error.text])))
    return results


def ask(quiz: Quiz, questions: Sequence[Posed], judge: Judge, language: str | None) -> list[Result]:
    """Asks at the terminal until the end or Ctrl-D."""
    console = Console()
    console.print(Panel(f"[bold]{_line(quiz.title, language)}[/]\n[dim]{_line(KEYS, language)}[/]", expand=False))
    results: list[Result] = []
    for place, one in enumerate(questions, 1):
        console.print()
        console.rule(f"{place} / {len(questions)}", align="left")
        try:
            results.append(_ask(console, one, judge, language))
        except (click.Abort, EOFError):
            console.print()
            return results
    return results


def _ask(console: Console, one: Posed, judge: Judge, language: str | None) -> Result:
    letters = _show(console, one, language)
    hints = list(one.key.hints)
    while True:
        raw = click.prompt(_plain(HOW[one.question.kind], language), default="", show_default=False)
        if not raw.strip():
            _explain(console, one, language)
            return one, None, None
        if raw.strip() in ("?", "？"):
            hint = hints.pop(0) if hints else Text("더 이상 힌트가 없습니다.", "There are no more hints.")
            console.print(Markdown(_paragraphs(hint, language)), style="cyan")
            continue
        try:
            mark = _mark(one, _meant(one.question.kind, raw, letters), judge)
        except (NotAnAnswer, GraderError) as error:
            console.print(f"[yellow]{_line(error.text, language)}[/]")
            continue
        _said(console, mark, language)
        _explain(console, one, language)
        return one, raw, mark


def _mark(one: Posed, raw: object, judge: Judge) -> Mark:
    """Raises NotAnAnswer, and GraderError for a cell that cannot be marked."""
    if one.question.kind is Kind.CELL:
        return judge(one, str(parse(one.question, _source(raw)).value))
    return marking.mark(one, parse(one.question, raw))


def _source(raw: object) -> object:
    """Code, from the file where the answer is @file. Raises NotAnAnswer."""
    if not isinstance(raw, str) or not raw.strip().startswith("@") or "\n" in raw.strip():
        return raw
    file = Path(raw.strip()[1:].strip()).expanduser()
    try:
        if not file.is_file() or file.stat().st_size > LONGEST_OF[Kind.CELL]:
            raise OSError
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise NotAnAnswer(Text(f"{file}을(를) 읽을 수 없습니다.", f"The file {file} cannot be read.")) from error


def _meant(kind: Kind, raw: str, letters: Mapping[str, str]) -> str:
    """The ids behind the letters that were typed, also on both sides of "=". Raises NotAnAnswer."""
    if kind is Kind.OUTPUT:
        return raw.replace("\\n", "\n")
    if kind is Kind.CELL and not raw.strip().startswith("@"):
        raise NotAnAnswer(HOW[kind])
    if not letters:
        return raw
    words = re.sub(r"\s*=\s*", "=", normal(raw)).replace(",", " ").split()
    if kind is not Kind.MATCH and len(words) == 1 and len(words[0]) > 1 and set(words[0].lower()) <= set(letters):
        words = list(words[0])  # "bac" for "b a c"
    return " ".join("=".join(_id(part, letters) for part in word.split("=")) for word in words)


def _id(letter: str, letters: Mapping[str, str]) -> str:
    """An id is never typed here: one may be called like another's letter."""
    if letter.lower() not in letters:
        known = ", ".join(letters)
        raise NotAnAnswer(
            Text(
                f"'{letter[:20]}'라는 보기는 없습니다. 보기: {known}",
                f"There is no option '{letter[:20]}'. Options: {known}",
            )
        )
    return letters[letter.lower()]


def _show(console: Console, one: Posed, language: str | None) -> Mapping[str, str]:
    """Prints the question. Returns the id behind each letter."""
    question = one.question
    console.print(Markdown(_paragraphs(question.stem, language)))
    if question.code:
        console.print(Markdown(f"```python\n{question.code.strip()}\n```"))
    letters = dict(zip(string.ascii_lowercase, (option.id for option in question.left), strict=False))
    if question.kind is Kind.CELL:
        console.print(Markdown(f"```python\n{question.starter.strip()}\n```"))
    if question.picture:
        console.print(f"[dim]\\[{_line(question.alt or Text('그림', 'picture'), language)}][/]")
    labels: Sequence[str] = string.ascii_lowercase
    if question.left:
        _options(console, question.left, string.ascii_lowercase, language)
        labels = [str(number) for number in range(1, 27)]
    letters |= dict(zip(labels, (option.id for option in question.options), strict=False))
    _options(console, question.options, labels, language)
    return letters


def _options(console: Console, options: Sequence[Option], labels: Sequence[str], language: str | None) -> None:
    for label, option in zip(labels, options, strict=False):
        text = render.terminal(option.text.into(language)).replace("\n", " / ")
        console.print(f"  [bold]{label}[/]  ", end="")
        console.print(Markdown(text))


def _said(console: Console, mark: Mark, language: str | None) -> None:
    if mark.right:
        console.print(f"[green]✓ {_line(Text('맞았습니다.', 'Right.'), language)}[/]")
        return
    part = Text(f"일부만 맞았습니다 ({mark.share:.0%}).", f"Partly right ({mark.share:.0%}).")
    console.print(f"[red]✗ {_line(part if mark.share else Text('틀렸습니다.', 'Not right.'), language)}[/]")
    for text in mark.said:
        console.print(Markdown(_paragraphs(text, language)))


def _explain(console: Console, one: Posed, language: str | None) -> None:
    console.print(Markdown(_paragraphs(one.key.explanation, language)), style="dim")


def show_result(quiz: Quiz, questions: Sequence[Posed], results: Sequence[Result], language: str | None) -> None:
    """How much was right of all questions, and what to look at again."""
    earned = sum(one.key.weight * (mark.share if mark else 0.0) for one, _, mark in results)
    most = sum(one.key.weight for one in questions)
    again = sorted({one.question.topic for one, _, mark in results if mark is None or not mark.right})
    console = Console()
    console.print(Panel(f"[bold]{earned:.4g} / {most:g}[/]  {_line(quiz.title, language)}", expand=False))
    if left := len(questions) - len(results):
        console.print(_line(Text(f"남은 문제: {left}개", f"Not asked yet: {left}"), language))
    if again:
        topics = ", ".join(again)
        console.print(_line(Text(f"다시 볼 주제: {topics}", f"Topics to look at again: {topics}"), language))


def _paragraphs(text: Text, language: str | None) -> str:
    """Markdown in one language, or in both, each a paragraph of its own."""
    both = (text.ko,) if text.ko == text.en else (text.ko, text.en)
    return "\n\n".join(map(render.terminal, both if language is None else (text.into(language),)))


def _plain(text: Text, language: str | None) -> str:
    return text.into(language).replace("\n", " / ")


def _line(text: Text, language: str | None) -> str:
    return escape(_plain(text, language))
