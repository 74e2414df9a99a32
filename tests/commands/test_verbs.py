"""Every verb is listed without being loaded, explains itself in both languages, and takes the same options."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete
from commands.conftest import Grader

from grader.cli import cli
from grader.commands import VERBS

STORELESS = {"quiz", "demo"}  # verbs that need no course, with tests of their own


def leaves() -> Iterator[tuple[str, click.Command]]:
    for name in VERBS.keys() - STORELESS:
        command = cli.commands[name]
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", one) for inner, one in command.commands.items())
        else:
            yield name, command


LEAVES = dict(sorted(leaves()))


def test_help_loads_neither_the_store_nor_the_queue_and_comes_at_once() -> None:
    code = "import sys; sys.argv = ['grader', '--help']; from grader.cli import cli; cli(standalone_mode=False); "
    code += "sys.stderr.write(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not loaded & {"sqlalchemy", "dbos", "rich", "nbformat", "torch", "numpy", "grader.store", "grader.course"}
    assert not [name for name in loaded if name.startswith("grader.commands.")]
    assert all(f"  {name} " in done.stdout for name in VERBS)


def test_help_takes_less_than_a_tenth_of_a_second_of_work() -> None:
    """Beyond what Python itself takes; the best of a few, as the machine may be busy."""

    def seconds(*words: str) -> float:
        before = os.times()
        subprocess.run([sys.executable, *words], capture_output=True, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    python = min(seconds("-c", "pass") for _ in range(5))
    assert min(seconds("-m", "grader", "--help") for _ in range(5)) - python < 0.1


@pytest.mark.parametrize("name", VERBS)
def test_the_line_in_the_list_is_what_the_verb_says_of_itself(name: str) -> None:
    help = cli.commands[name].help
    assert help is not None
    assert " ".join(help.split("\n\n")[0].split()) == VERBS[name][1]
    assert " / " in VERBS[name][1], "both languages"


@pytest.mark.parametrize("name", LEAVES)
def test_every_verb_has_examples_and_the_usual_options(name: str) -> None:
    command = LEAVES[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {"--json", "--lang"} <= options
    assert options & {"--home", "--server"}, "it says where the course is"
    assert command.help is not None
    assert "\b" in command.help
    assert f"grader {name}" in command.help
    assert any("가" <= letter <= "힣" for letter in command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in ("as_json", "lang", "home"):
            assert parameter.help, parameter.name
            assert "/" in parameter.help, parameter.help


@pytest.mark.parametrize("name", LEAVES)
def test_every_example_is_one_that_the_verb_understands(name: str) -> None:
    command = LEAVES[name]
    assert command.help is not None
    for line in command.help.splitlines():
        if f"grader {name}" in line:
            words = line.partition(f"grader {name}")[2].split()
            used = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert used <= {option for parameter in command.params for option in parameter.opts}, line


def columns(line: str) -> int:
    """How wide a terminal draws it: a Korean letter takes two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in line)


@pytest.mark.parametrize("name", LEAVES)
def test_help_fits_a_terminal(name: str, grader: Grader) -> None:
    ended = grader(*name.split(), "--help")
    assert ended.code == 0
    assert "\0" not in ended.out
    examples = f"    grader {name}"
    for line in ended.out.splitlines():
        assert columns(line) <= (120 if examples in line else 80), line


@pytest.mark.parametrize("name", ["", "user", "quiz", "queue", "course", "token", "data", "import"])
def test_a_list_of_verbs_says_what_they_do_in_both_languages(name: str, grader: Grader) -> None:
    shown = grader(*name.split(), "--help").out.partition("Commands:\n")[2]
    entries = re.split(r"^  (?=[a-z])", shown, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert " / " in " ".join(entry.split()), entry
        assert re.search("[가-힣]", entry), entry
    assert all(columns(line) <= 80 for line in shown.splitlines())


def test_an_error_is_in_the_language_that_was_asked_for(course: Grader) -> None:
    assert course("grades", "nothing", "--lang", "en").err.startswith("There is no assignment")
    assert "There is" not in course("grades", "nothing", "--lang=ko").err
    assert "There is" in course("grades", "nothing").err


def test_nothing_asks_a_question_without_a_terminal(course: Grader) -> None:
    ended = course("user", "forget", "jun@example.com")
    assert ended.code == 2
    assert "--yes" in ended.err
    gone = course("user", "forget", "jun@example.com", "--yes", "--json").json
    assert gone["forgotten"]
    assert gone["wiped"]


def completed(*words: str) -> list[str]:
    """What the shell offers after these words; the last is what was typed of it."""
    completion = BashComplete(cli, {}, "grader", "_GRADER_COMPLETE")
    return [item.value for item in completion.get_completions(list(words[:-1]), words[-1])]


def test_a_shell_completes_assignments_and_addresses(course: Grader) -> None:
    assert completed("submit", "d") == ["doubling"]
    assert completed("publish", "d") == ["doubling"]
    assert completed("user", "role", "m") == ["minji@example.com"]
    assert completed("override", "doubling", "J") == ["jun@example.com"]
    assert completed("re") == ["regrade", "release", "restore"]


def test_a_shell_completes_quizzes(course: Grader, folder: Path) -> None:
    (folder / "assignments" / "quizzes").mkdir(parents=True, exist_ok=True)
    (folder / "assignments" / "quizzes" / "week2-loss.toml").write_text("")
    for verb in ("publish", "take", "lint", "export"):
        assert completed("quiz", verb, "week") == ["week2-loss"], verb
    assert completed("quiz", "grades", "") == []  # none is published
    assert completed("quiz", "stats", "--course", "dl", "we") == []
    assert completed("quiz", "stats", "ans") == ["ans"]  # of a file, which the shell knows


def test_completion_is_silent_where_there_is_no_store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed("submit", "") == []
    (folder / "home").mkdir()
    (folder / "home" / "grader.sqlite3").write_bytes(b"damaged")
    assert completed("user", "role", "") == []
    monkeypatch.setenv("GRADER_DATABASE", "postgresql+psycopg://nowhere/x")
    assert completed("user", "role", "") == []


def test_completion_is_quick(course: Grader) -> None:
    begun = time.process_time()
    completed("submit", "")
    assert time.process_time() - begun < 0.3


def test_a_fault_is_one_paragraph_and_one_document(grader: Grader) -> None:
    plain, document = grader("grades"), grader("grades", "--json")
    assert (plain.code, document.code) == (2, 2)
    assert "grader course create" in plain.err
    assert set(document.json["error"]) == {"ko", "en"}
    assert json.dumps(document.json)


def test_a_database_that_is_none_is_said_in_a_paragraph(course: Grader, folder: Path) -> None:
    for file in (folder / "home").glob("grader.sqlite3*"):
        file.unlink()
    (folder / "home" / "grader.sqlite3").write_bytes(
        b"no database at all, but long enough to look like a file of one" * 40
    )
    ended = course("grades")
    assert ended.code == 2
    assert "Traceback" not in ended.out + ended.err
    assert ended.err.strip()
