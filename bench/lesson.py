"""Lays out the one assignment of `bench/xor` for each grader."""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from bench.xor import checks

NAME = "xor"
FUNCTIONS = ("sigmoid", "forward", "loss", "backward", "train")
DATA = ("params", "losses")  # values that the notebook leaves behind
STUDENT = Path(__file__).parent / "xor" / "notebook.py"
MARKS = re.compile(r"^### (?:BEGIN|END) SOLUTION\n", re.MULTILINE)
POINTS = 10


@dataclass(frozen=True)
class Check:
    """One function of `bench.xor.checks`: its source, and the student's names that it is given."""

    name: str
    source: str
    asks: tuple[str, ...]


def all_checks() -> list[Check]:
    functions: list[Callable[..., None]] = [f for _, f in inspect.getmembers(checks, inspect.isfunction)]
    functions.sort(key=lambda function: function.__code__.co_firstlineno)
    return [Check(f.__name__, inspect.getsource(f), tuple(inspect.signature(f).parameters)) for f in functions]


def cells() -> list[str]:
    """The student's code cells, with the marks around what a student writes."""
    return [part.strip("\n") for part in STUDENT.read_text().split("# %%\n")[1:]]


def student_notebook() -> Any:
    """What a student hands in, with no grader's metadata in it."""
    return _notebook([new_code_cell(MARKS.sub("", source + "\n").strip(), id=f"c{i}") for i, source in _numbered()])


def ours(root: Path) -> tuple[Path, Path]:
    """Folders for `--assignments` and `--reference`."""
    public, hidden = root / "assignments" / NAME, root / "reference" / NAME / "hidden_tests"
    _fresh(root, public, hidden)
    defines = "\n".join(f'{name} = "{_signature(name)}"' for name in FUNCTIONS)
    (public / "assignment.toml").write_text(
        f'id = "{NAME}"\nweek = 1\nneeds = ["torch"]\n[title]\nko = "XOR"\nen = "XOR"\n[defines]\n{defines}\n'
    )
    parts = ["import numpy as np\nimport pytest\n", *map(_our_test, all_checks())]
    (hidden / "test_net.py").write_text("\n\n".join(parts))
    return public.parent, hidden.parent.parent


def nbgrader(root: Path, students: int) -> str:
    """A course folder with as many submissions; returns the assignment's name."""
    source = root / "source" / NAME / f"{NAME}.ipynb"
    handed_in = [root / "submitted" / f"student{i:02}" / NAME / f"{NAME}.ipynb" for i in range(students)]
    _fresh(root, source.parent, *[file.parent for file in handed_in])
    (root / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.course_id = "bench"\nc.CourseDirectory.root = {str(root)!r}\n'
    )
    whole = [_solution_cell(f"c{i}", text) for i, text in _numbered()]
    nbformat.write(_notebook(whole + [_test_cell(check) for check in all_checks()]), source)
    for file in handed_in:
        shutil.copy(source, file)
    return NAME


def otter(root: Path) -> tuple[Path, Path]:
    """The folder of tests and the submission."""
    tests, submission = root / "tests", root / f"{NAME}.ipynb"
    _fresh(root, tests)
    for check in all_checks():
        head = (
            f"import numpy as np\nfrom otter.test_files import test_case\n\nOK_FORMAT = False\nname = {check.name!r}\n"
        )
        (tests / f"{check.name}.py").write_text(f"{head}points = {POINTS}\n\n\n@test_case()\n{check.source}")
    nbformat.write(student_notebook(), submission)
    return tests, submission


def copies(folder: Path, count: int) -> None:
    """As many submissions in a folder."""
    _fresh(folder, folder)
    for number in range(count):
        nbformat.write(student_notebook(), folder / f"student{number:02}.ipynb")


def _our_test(check: Check) -> str:
    asked = ", ".join(f'student.get("{name}")' if name in DATA else f"student.{name}" for name in check.asks)
    return (
        f"{check.source}\n\n@pytest.mark.points({POINTS})\n@pytest.mark.title(ko={check.name!r}, en={check.name!r})\n"
        f"def test_{check.name}(student):\n    {check.name}({asked})\n"
    )


def _solution_cell(name: str, source: str) -> Any:
    written = "### BEGIN SOLUTION" in source
    state = {"grade": False, "grade_id": name, "locked": not written, "schema_version": 3, "solution": written}
    return new_code_cell(source, id=name, metadata={"nbgrader": state | {"task": False}})


def _test_cell(check: Check) -> Any:
    state = {"grade": True, "grade_id": check.name, "locked": True, "schema_version": 3, "solution": False}
    source = f"{check.source}\n\n{check.name}({', '.join(check.asks)})"
    name = check.name.replace("_", "-")
    return new_code_cell(source, id=name, metadata={"nbgrader": state | {"task": False, "points": POINTS}})


def _signature(name: str) -> str:
    found = re.search(rf"^def {name}(\(.*\)):$", STUDENT.read_text(), re.MULTILINE)
    assert found is not None
    return found.group(1)


def _numbered() -> list[tuple[int, str]]:
    return list(enumerate(cells()))


def _notebook(code: Sequence[Any]) -> Any:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=list(code), metadata=kernel | {"language_info": {"name": "python"}})


def _fresh(root: Path, *folders: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    for folder in folders:
        folder.mkdir(parents=True)
