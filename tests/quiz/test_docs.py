"""What docs/quizzes.md shows works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import click
from quiz.bench import write

from grader import misconception
from grader.cli import cli
from grader.quiz import cell, lint
from grader.quiz.bank import Bank
from grader.quiz.question import Kind
from grader.sandbox import Warm

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = (ROOT / "docs" / "quizzes.md").read_text(encoding="utf-8")


def shown(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def example(root: Path) -> Bank:
    (public, secret), (generators,) = shown("toml"), shown("python")
    bank = write(root)
    for name, text in (("assignments", public), ("reference", secret)):
        (root / name / "quizzes" / "demo.toml").unlink()
        (root / name / "quizzes" / "week4-demo.toml").write_text(text, encoding="utf-8")
    (root / "reference/quizzes/week4-demo.py").write_text(generators, encoding="utf-8")
    return bank


def test_the_examples_have_no_fault_and_are_of_every_kind(tmp_path: Path) -> None:
    bank = example(tmp_path)
    assert [
        f"{fault.question}: {fault.text.en}" for fault in lint.lint(bank, misconception.topics(ROOT / "assignments"))
    ] == []
    assert {question.kind for question in bank.load("week4-demo").questions} == set(Kind)


def test_the_example_of_a_cell_is_proved(tmp_path: Path, sealed: Warm) -> None:
    assert list(cell.prove(example(tmp_path))) == []


def test_every_command_and_option_exists() -> None:
    quiz = cli.commands["quiz"]
    assert isinstance(quiz, click.Group)
    lines = re.findall(r"^grader quiz (\w+)([^#\n]*)", "\n".join(shown("sh")), re.MULTILINE)
    assert {verb for verb, _ in lines} == set(quiz.commands)
    for verb, rest in lines:
        parameters = quiz.commands[verb].params
        known = {option for one in parameters for option in (*one.opts, *one.secondary_opts)}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known


def test_every_kind_says_how_it_is_read() -> None:
    table = DOCUMENT.split("| kind | is read | earns |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(Kind)
