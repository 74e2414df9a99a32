"""The suite runs alone: nothing of a student's folder or of the environment reaches it, and it leaves no trace."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import Assignment, Catalog
from grader.report import Verdict
from grader.suite import runner

TOML = 'id = "{name}"\nweek = 1\n[title]\nko = "데모"\nen = "Demo"\n[defines]\nf = "(x)"\n'
CHECK = """
import pytest
seen = []
@pytest.mark.points(100)
@pytest.mark.title(ko="하나", en="one")
def test_x(student, oracle):
    print("loud")
    seen.append(1)
    assert len(seen) == 1
    assert oracle.answer() == student.answer
"""
Make = Callable[..., Assignment]


class Student:
    answer = 42


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """`make(name, source)` writes an assignment of one hidden file."""

    def made(name: str = "demo", source: str = CHECK, answer: int = 42) -> Assignment:
        public, reference = tmp_path / "assignments" / name, tmp_path / "reference" / name
        public.mkdir(parents=True)
        (reference / "hidden_tests").mkdir(parents=True)
        (public / "assignment.toml").write_text(TOML.format(name=name), encoding="utf-8")
        (reference / "hidden_tests" / "test_a.py").write_text(source, encoding="utf-8")
        (reference / "oracle.py").write_text(f"def answer(): return {answer}\n")
        return Catalog(public.parent, reference.parent).load(name)

    return made


def verdicts(assignment: Assignment, student: Any = None) -> list[Verdict]:
    return [row.verdict for row in runner.run(assignment, student or Student()).checks]


EVIL = "raise SystemExit('imported what it must not')\n"


def test_a_students_folder_does_not_influence_the_suite(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = make()
    home = tmp_path / "submission"
    home.mkdir()
    for name in ("conftest", "pytest", "evil", "sitecustomize", "test_a", "oracle", "numpy"):
        (home / f"{name}.py").write_text(EVIL)
    (home / "pytest.ini").write_text("[pytest]\naddopts = --collect-only -p evil\n")
    monkeypatch.chdir(home)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p evil --collect-only")
    monkeypatch.setenv("PYTEST_PLUGINS", "evil")
    monkeypatch.syspath_prepend(str(home))
    assert verdicts(demo) == [Verdict.PASSED]


def test_a_conftest_beside_the_tests_is_not_read(make: Make) -> None:
    demo = make()
    for folder in (*demo.test_folders, demo.folder):
        (folder / "conftest.py").write_text(EVIL)
    assert verdicts(demo) == [Verdict.PASSED]


def test_it_prints_nothing(make: Make, capfd: pytest.CaptureFixture[str]) -> None:
    demo = make()
    runner.run(demo, Student())  # type: ignore[arg-type]
    runner.outline(demo)
    assert capfd.readouterr() == ("", "")


def test_environment_folder_and_path_are_as_before(make: Make) -> None:
    demo = make(source=CHECK + "\nimport os, sys\nos.environ['LEFT'] = '1'\nsys.path.append('/left')\n")
    before = dict(os.environ), os.getcwd(), list(sys.path)
    runner.run(demo, Student())  # type: ignore[arg-type]
    assert (dict(os.environ), os.getcwd(), list(sys.path)) == before


def test_they_are_as_before_also_after_a_suite_that_cannot_be_read(make: Make) -> None:
    demo = make(source="import os; os.environ['LEFT'] = '1'; raise ValueError")
    before = dict(os.environ), os.getcwd(), list(sys.path)
    with pytest.raises(runner.BadAssignment):
        runner.run(demo, Student())  # type: ignore[arg-type]
    assert (dict(os.environ), os.getcwd(), list(sys.path)) == before


def test_what_a_test_module_remembers_does_not_reach_the_next_student(make: Make) -> None:
    demo = make()
    assert [verdicts(demo) for _ in range(3)] == [[Verdict.PASSED]] * 3


def test_two_assignments_with_files_of_one_name_do_not_mix(make: Make) -> None:
    first, second = make("first"), make("second", answer=7)
    assert [verdicts(each) for each in (first, second, first)] == [[Verdict.PASSED], [Verdict.FAILED], [Verdict.PASSED]]


def test_a_suite_that_was_changed_is_read_again(make: Make) -> None:
    demo = make()
    assert verdicts(demo) == [Verdict.PASSED]
    (demo.reference / "oracle.py").write_text("def answer(): return 'changed'\n")  # type: ignore[operator]
    assert verdicts(demo) == [Verdict.FAILED]


def test_the_outline_names_the_checks_and_runs_none(make: Make) -> None:
    source = CHECK.replace("seen.append(1)", "raise SystemExit")
    [check] = runner.outline(make(source=source))
    assert (check.id, check.points, check.title.en) == ("a.x", 100.0, "one")


def test_progress_is_told_each_row_once(make: Make) -> None:
    rows: list[str] = []
    runner.run(make(), Student(), lambda row: rows.append(row.id))  # type: ignore[arg-type]
    assert rows == ["a.x"]


def test_a_stop_by_the_person_at_the_keyboard_is_no_fault_of_the_suite(make: Make) -> None:
    demo = make(source=CHECK.replace("seen.append(1)", "raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        runner.run(demo, Student())  # type: ignore[arg-type]


def test_public_tests_alone_need_not_sum_to_a_hundred(make: Make) -> None:
    demo = make()
    public = demo.folder / "public_tests"
    public.mkdir()
    (public / "test_public_a.py").write_text(
        CHECK.replace("points(100)", "points(8)").replace("oracle.answer()", "42").replace(", oracle", "")
    )
    alone = Catalog(demo.folder.parent, demo.folder / "nowhere").load("demo")
    assert sum(check.points for check in runner.outline(alone)) == 8
    assert verdicts(alone) == [Verdict.PASSED]
