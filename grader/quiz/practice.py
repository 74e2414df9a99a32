"""A quiz in the terminal, for practice: one question after the other, feedback at once."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping, Sequence
from dataclasses import replace

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel

from grader.quiz import marking, render, variant
from grader.quiz.answer import NotAnAnswer, Raw, parse
from grader.quiz.bank import Bank
from grader.quiz.marking import Mark
from grader.quiz.question import Kind, Option, Posed, Quiz
from grader.text import Text

Result = tuple[Posed, Raw | None, Mark | None]
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
}


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
    return replace(one, question=replace(one.question, options=tuple(options)))


def given(questions: Sequence[Posed], answers: Mapping[str, Raw]) -> list[Result]:
    """Marks answers that are known already. What is no answer is as none."""
    results: list[Result] = []
    for one in questions:
        raw = answers.get(one.question.id)
        try:
            raw = str(raw) if isinstance(raw, (int, float)) else raw
            results.append((one, raw, None if raw is None else marking.mark(one, parse(one.question, raw))))
        except NotAnAnswer as error:
            results.append((one, raw, Mark(0.0, [error.text])))
    return results


def ask(quiz: Quiz, questions: Sequence[Posed], language: str | None) -> list[Result]:
    """Asks at the terminal until the end or Ctrl-D."""
    console = Console()
    console.print(Panel(f"[bold]{_line(quiz.title, language)}[/]", expand=False))
    results: list[Result] = []
    for place, one in enumerate(questions, 1):
        console.print()
        console.rule(f"{place} / {len(questions)}", align="left")
        try:
            results.append(_ask(console, one, language))
        except (click.Abort, EOFError):
            console.print()
            return results
    return results


def _ask(console: Console, one: Posed, language: str | None) -> Result:
    letters = _show(console, one, language)
    hints = list(one.key.hints)
    while True:
        raw = click.prompt(_line(HOW[one.question.kind], language), default="", show_default=False)
        if not raw.strip():
            _explain(console, one, language)
            return one, None, None
        if raw.strip() in ("?", "？"):
            hint = hints.pop(0) if hints else Text("더 이상 힌트가 없습니다.", "There are no more hints.")
            console.print(Markdown(render.terminal(hint.into(language))), style="cyan")
            continue
        try:
            mark = marking.mark(one, parse(one.question, _ids(raw, letters).replace("\\n", "\n")))
        except NotAnAnswer as error:
            console.print(f"[yellow]{_line(error.text, language)}[/]")
            continue
        _said(console, mark, language)
        _explain(console, one, language)
        return one, raw, mark


def _show(console: Console, one: Posed, language: str | None) -> Mapping[str, str]:
    """Prints the question. Returns the id behind each letter."""
    question = one.question
    console.print(Markdown(render.terminal(question.stem.into(language))))
    if question.code:
        console.print(Markdown(f"```python\n{question.code.strip()}\n```"))
    letters = dict(zip(string.ascii_lowercase, (option.id for option in question.left), strict=False))
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


def _ids(raw: str, letters: Mapping[str, str]) -> str:
    """The ids that letters stand for, also on both sides of "="."""
    if not letters:
        return raw
    words = raw.replace(",", " ").split()
    return " ".join("=".join(letters.get(part.strip().lower(), part) for part in word.split("=")) for word in words)


def _said(console: Console, mark: Mark, language: str | None) -> None:
    if mark.right:
        console.print(f"[green]✓ {_line(Text('맞았습니다.', 'Right.'), language)}[/]")
        return
    part = Text(f"일부만 맞았습니다 ({mark.share:.0%}).", f"Partly right ({mark.share:.0%}).")
    console.print(f"[red]✗ {_line(part if mark.share else Text('틀렸습니다.', 'Not right.'), language)}[/]")
    for text in mark.said:
        console.print(Markdown(render.terminal(text.into(language))))


def _explain(console: Console, one: Posed, language: str | None) -> None:
    console.print(Markdown(render.terminal(one.key.explanation.into(language))), style="dim")


def show_result(quiz: Quiz, results: Sequence[Result], language: str | None) -> None:
    """How much was right, and what to look at again."""
    earned = sum(one.key.weight * (mark.share if mark else 0.0) for one, _, mark in results)
    most = sum(one.key.weight for one, _, _ in results)
    again = sorted({one.question.topic for one, _, mark in results if mark is None or not mark.right})
    console = Console()
    console.print(Panel(f"[bold]{earned:g} / {most:g}[/]  {_line(quiz.title, language)}", expand=False))
    if again:
        topics = ", ".join(again)
        console.print(_line(Text(f"다시 볼 주제: {topics}", f"Topics to look at again: {topics}"), language))


def _line(text: Text, language: str | None) -> str:
    from rich.markup import escape

    return escape(text.into(language).replace("\n", " / "))
