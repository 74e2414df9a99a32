"""What the documents promise is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from grader.assignment import Catalog, Limits
from grader.cli import cli
from grader.inside import probes
from grader.report import Verdict, Visibility
from grader.rpc import Outcome, Student
from grader.suite import checks
from grader.suite.plugin import MARKERS

ROOT = Path(__file__).resolve().parent.parent
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SUITES = (ROOT / "docs" / "suites.md").read_text(encoding="utf-8")


def code_of(text: str) -> str:
    """Only what stands in code: fenced blocks and `spans`."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*fenced, *re.findall(r"`([^`\n]+)`", text)])


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_links_between_documents_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", file.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (file.parent / target).exists(), target


@pytest.mark.parametrize("file", [ROOT / "README.md", ROOT / "docs" / "suites.md"], ids=lambda file: file.name)
def test_every_command_and_option_in_the_documents_exists(file: Path) -> None:
    for line in code_of(file.read_text(encoding="utf-8")).splitlines():
        found = re.search(r"(?:^|/|\s)grader ([a-z]+)(.*)", line.partition("#")[0])
        if found is None or "─" in line:
            continue
        verb, rest = found.groups()
        assert verb in cli.commands, line
        command = cli.commands[verb]
        if isinstance(command, click.Group) and rest.split():
            command = command.commands[rest.split()[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, line


def test_every_verb_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [verb for verb in cli.commands if f"grader {verb}" not in text]


def test_every_marker_is_documented_and_no_other() -> None:
    table = SUITES.split("| marker | means |")[1].split("\n\n")[0]
    documented = set(re.findall(r"^\| `(\w+)\(", table, re.MULTILINE))
    assert documented == {marker.partition("(")[0] for marker in MARKERS}


def test_every_check_function_is_documented_with_its_real_parameters() -> None:
    table = SUITES.split("| function | holds when |")[1].split("\n\n")[0]
    documented = re.findall(r"^\| `(\w+)\(([^`]*)\)`", table, re.MULTILINE)
    assert documented
    for name, words in documented:
        assert name in checks.__all__, name
        accepted = getattr(checks, name).__code__
        names = set(accepted.co_varnames[: accepted.co_argcount + accepted.co_kwonlyargcount])
        wanted = {word.partition("=")[0].strip() for word in re.sub(r"\([^)]*\)", "", words).split(",")} - {"*"}
        assert wanted <= names, name


def test_every_way_to_ask_is_there() -> None:
    table = SUITES.split("| expression | gives |")[1].split("\n\n")[0]
    for name in re.findall(r"student\.probe\.(\w+)\(", table):
        assert callable(getattr(probes, name))
    for name in ("call", "each", "get"):
        assert f"student.{name}(" in table
        assert callable(getattr(Student, name))
    assert {"value", "args", "kwargs", "seconds"} <= set(Outcome.__dataclass_fields__)


def test_the_example_of_an_assignment_file_can_be_read(tmp_path: Path) -> None:
    example = SUITES.split("```toml\n")[1].split("```")[0]
    name = tomllib.loads(example)["id"]
    (tmp_path / name).mkdir()
    (tmp_path / name / "assignment.toml").write_text(example, encoding="utf-8")
    loaded = Catalog(tmp_path, tmp_path).load(name)
    assert loaded.limits.notebook_seconds == 120
    assert loaded.limits != Limits() or loaded.limits.call_seconds == Limits().call_seconds


def test_students_are_told_every_verdict_in_both_languages() -> None:
    text = (ROOT / "docs" / "students.md").read_text(encoding="utf-8")
    _, korean, english = re.split(r"^## ", text, flags=re.MULTILINE)
    for verdict in Verdict:
        assert re.search(rf"^\| \S+ {verdict} \|", english, re.MULTILINE), verdict
    assert korean.count("\n| ") == english.count("\n| ")


def test_the_words_for_visibility_are_documented() -> None:
    assert all(f"`{word}`" in SUITES for word in Visibility)


def test_the_readme_lists_every_assignment() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [name for name in Catalog(ROOT / "assignments", ROOT / "reference").ids() if f"| `{name}` |" not in text]
