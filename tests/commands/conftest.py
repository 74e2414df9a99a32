"""The command line in this process, on a course of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import cli

TOML = """
id = "doubling"
week = 1
[title]
ko = "두 배"
en = "Doubling"
[defines]
double = "(x)"
[limits]
notebook_seconds = 20
"""
TEST = """
import pytest
from grader.suite import checks
@pytest.mark.points(100)
@pytest.mark.title(ko="두 배", en="twice")
@pytest.mark.hint(ko="더해 보세요.", en="Add it to itself.")
def test_values(student):
    checks.number(student.double(4), 8, name="double(4)")
"""
RIGHT = "def double(x): return 2 * x"
WRONG = "def double(x): return x"
SOLUTION = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
MUTANT = "# ko: 제곱했다.\n# en: It squares.\n# trips: double.values\ndef double(x): return x * x + 1\n"


@dataclass
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout, and nothing else there."""
        return json.loads(self.out)


Grader = Callable[..., Ended]


def text_of(*sources: str) -> str:
    cells = [new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    return str(nbformat.writes(new_notebook(cells=cells)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: an assignment, a right and a wrong notebook, and no course yet."""
    files = {
        "assignments/doubling/assignment.toml": TOML,
        "assignments/doubling/notebook.ipynb": text_of("def double(x):\n    raise NotImplementedError"),
        "reference/doubling/hidden_tests/test_double.py": TEST,
        "reference/doubling/solution.ipynb": text_of(SOLUTION),
        "reference/doubling/mutants/square.py": MUTANT,
        "right.ipynb": text_of(RIGHT),
        "wrong.ipynb": text_of(WRONG),
        "people.csv": "name,email,role,group\n민지,minji@example.com,,A\nJun,jun@example.com,,\nTa,ta@example.com,assistant,\n",
    }
    for name, content in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("GRADER_DATABASE", "GRADER_EMAIL", "GRADER_COURSE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def grader(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Grader:
    """`grader("submit", ...)` is the command, in this process."""

    def call(*words: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        return Ended(int(end.value.code or 0), out, err)

    return call


@pytest.fixture
def course(grader: Grader) -> Grader:
    """The command on a course with three people and the assignment, published without a proof."""
    for words in (
        ("course", "create", "dl", "--title", "딥러닝", "--title-en", "Deep learning"),
        ("user", "import", "people.csv"),
        ("publish", "doubling", "--force", "a test"),
    ):
        ended = grader(*words)
        assert ended.code == 0, ended
    return grader
