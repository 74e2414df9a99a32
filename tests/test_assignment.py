"""assignment.toml, limits, and the folders where assignments are looked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import HARD_CAPS, Assignment, Catalog, Limits
from grader.errors import BadAssignment, UnknownAssignment

TOML = 'id = "demo"\nweek = 4\nneeds = ["torch"]\n[title]\nko = "데모"\nen = "Demo"\n[defines]\nf = "(x, lr=0.1)"\n'
Write = Callable[..., Catalog]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(toml)` makes a catalog with the assignment "demo"."""

    def written(toml: str = TOML) -> Catalog:
        (tmp_path / "assignments/demo").mkdir(parents=True, exist_ok=True)
        (tmp_path / "assignments/demo/assignment.toml").write_text(toml, encoding="utf-8")
        return Catalog(tmp_path / "assignments", tmp_path / "reference")

    return written


def test_everything_in_the_file_is_read(write: Write) -> None:
    demo = write(TOML + "[limits]\ncall_seconds = 2.5\n").load("demo")
    assert (demo.id, demo.week, demo.needs, demo.floor) == ("demo", 4, ("torch",), 0.0)
    assert demo.title.ko == "데모"
    assert demo.defines == {"f": "(x, lr=0.1)"}
    assert demo.limits == Limits(call_seconds=2.5)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (TOML.replace('"demo"', '"other"'), "the folder is 'demo'"),
        (TOML.replace("week = 4\n", ""), "week"),
        (TOML.replace('en = "Demo"\n', ""), "en"),
        (TOML + "[limits]\ncall_second = 3\n", "call_second"),
        (TOML + "[limits]\ncall_seconds = 0\n", "must be a number above 0"),
        (TOML + '[limits]\nmemory_mb = "many"\n', "must be a number above 0"),
        (TOML + "[limits]\nnotebook_seconds = 1e9\n", "at most 3600"),
        (TOML + "[limits]\nprocesses = true\n", "must be a number"),
        ("id = ", "assignment.toml cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(write: Write, toml: str, said: str) -> None:
    with pytest.raises(BadAssignment) as caught:
        write(toml).load("demo")
    assert said in caught.value.text.en
    assert any("가" <= letter <= "힣" for letter in caught.value.text.ko)


def test_a_file_that_is_no_utf8_is_refused_too(write: Write, tmp_path: Path) -> None:
    catalog = write()
    (tmp_path / "assignments/demo/assignment.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadAssignment, match="cannot be read"):
        catalog.load("demo")


@pytest.mark.parametrize("name", HARD_CAPS)
def test_every_limit_has_a_cap_and_a_default_below_it(name: str) -> None:
    assert 0 < getattr(Limits(), name) <= HARD_CAPS[name]
    with pytest.raises(BadAssignment):
        Limits(**{name: HARD_CAPS[name] + 1})
    with pytest.raises(BadAssignment):
        Limits(**{name: float("nan")})


@pytest.mark.parametrize("name", ["dmo", "Demo", "DEMO", "de_mo", "demo1"])
def test_a_misspelt_name_gets_the_nearest(write: Write, name: str) -> None:
    with pytest.raises(UnknownAssignment, match="Did you mean 'demo'"):
        write().load(name)


@pytest.mark.parametrize("name", ["../demo", "demo/../demo", "/etc", "", ".", "x" * 5000])
def test_a_name_is_no_path(write: Write, name: str) -> None:
    with pytest.raises(UnknownAssignment):
        write().load(name)


def suite(root: Path) -> Assignment:
    (root / "reference/demo/hidden_tests").mkdir(parents=True, exist_ok=True)
    (root / "reference/demo/hidden_tests/test_a.py").write_text("x = 1\n")
    (root / "reference/demo/oracle.py").write_text("y = 1\n")
    return Catalog(root / "assignments", root / "reference").load("demo")


@pytest.mark.parametrize("file", ["hidden_tests/test_a.py", "oracle.py"])
def test_the_version_of_a_suite_changes_with_what_decides_a_score(write: Write, tmp_path: Path, file: str) -> None:
    write()
    before = suite(tmp_path).suite_version
    assert suite(tmp_path).suite_version == before
    (tmp_path / "reference/demo" / file).write_text("z = 2\n")
    assert Catalog(tmp_path / "assignments", tmp_path / "reference").load("demo").suite_version != before


def test_compiled_files_do_not_change_the_version(write: Write, tmp_path: Path) -> None:
    write()
    demo = suite(tmp_path)
    before = demo.suite_version
    (tmp_path / "reference/demo/hidden_tests/__pycache__").mkdir()
    (tmp_path / "reference/demo/hidden_tests/__pycache__/test_a.pyc").write_bytes(b"1")
    assert demo.suite_version == before


def test_without_the_reference_folder_public_tests_remain(write: Write) -> None:
    demo = write().load("demo")
    assert (demo.reference, demo.oracle, demo.test_folders) == (None, None, ())
    with pytest.raises(BadAssignment, match="instructor's checkout"):
        _ = demo.solution


def test_the_folders_are_found_from_inside_the_course(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    deep = tmp_path / "somewhere" / "deep"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    monkeypatch.delenv("GRADER_ASSIGNMENTS", raising=False)
    assert Catalog.find().ids() == ["demo"]


def test_the_environment_and_an_argument_name_other_folders(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignments: Any = write().assignments
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(assignments))
    assert Catalog.find().ids() == ["demo"]
    assert Catalog.find(assignments=tmp_path / "none").ids() == []
