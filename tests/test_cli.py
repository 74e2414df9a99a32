"""The command line: one paragraph for a person, one document for a program, exit codes that hold."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader import cli
from grader.sandbox import doctor
from grader.text import Text

BIN = Path(sys.executable).parent
TOML = """
id = "{name}"
week = 1
[title]
ko = "데모"
en = "Demo"
[defines]
{names}
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
SOLUTION = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
MUTANT = "# ko: 제곱했다.\n# en: It squares.\n# trips: double.values\ndef double(x): return x * x\n"
DEFINES = {"doubling": ["double", "triple"], "halving": ["half", "third", "quarter"]}


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout, and nothing else there."""
        return json.loads(self.out)


Grader = Callable[..., Ended]


def text_of(*sources: str, **metadata: Any) -> str:
    cells = [new_markdown_cell("# 과제 / Assignment", id="text")]
    cells += [new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    return str(nbformat.writes(new_notebook(cells=cells, metadata=metadata)))


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with two assignments and a right notebook; also what the working folder is."""
    for name, names in DEFINES.items():
        files = {
            f"assignments/{name}/assignment.toml": TOML.format(
                name=name, names="\n".join(f'{n} = "(x)"' for n in names)
            ),
            f"reference/{name}/hidden_tests/test_double.py": TEST,
            f"reference/{name}/solution.ipynb": text_of(SOLUTION),
            f"reference/{name}/mutants/square.py": MUTANT.replace("x * x", "x * x + 1"),
        }
        for file, text in files.items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text, encoding="utf-8")
    (tmp_path / "my.ipynb").write_text(text_of(RIGHT), encoding="utf-8")
    return tmp_path


@pytest.fixture
def grader(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Grader:
    """`grader("run", ...)` is the command, in this process."""
    monkeypatch.chdir(course)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*words: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        return Ended(int(end.value.code or 0), out, err)

    return call


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def one_paragraph(ended: Ended) -> str:
    """What a person reads who handed in something that cannot be used."""
    said = ended.out + ended.err
    assert ended.code == 2, said
    assert "Traceback" not in said
    assert any("가" <= letter <= "힣" for letter in said)
    assert len(said) < 2000
    return " ".join(said.replace("│", " ").split())


# run


def test_a_right_notebook_ends_with_0_and_shows_the_points(grader: Grader) -> None:
    ended = grader("run", "doubling", "my.ipynb")
    assert (ended.code, ended.err) == (0, "")
    assert "100 / 100" in ended.out
    assert "두 배 / twice" in ended.out


def test_a_wrong_notebook_ends_with_1_and_says_why(grader: Grader, course: Path) -> None:
    (course / "my.ipynb").write_text(text_of("1 / 0", "def double(x): return x"), encoding="utf-8")
    ended = grader("run", "doubling", "my.ipynb", "--lang", "en")
    assert ended.code == 1
    for part in ("0 / 100", "double(4)", "Add it to itself.", "ZeroDivisionError, line 1"):
        assert part in ended.out
    assert not [letter for letter in ended.out if "가" <= letter <= "힣"]


def test_korean_alone_is_without_english_sentences(grader: Grader, course: Path) -> None:
    (course / "my.ipynb").write_text(text_of("def double(x): return x"), encoding="utf-8")
    ended = grader("run", "doubling", "my.ipynb", "--lang", "ko")
    assert "더해 보세요." in ended.out
    assert "Add it" not in ended.out


def test_json_is_one_document_and_nothing_else(grader: Grader) -> None:
    ended = grader("run", "doubling", "my.ipynb", "--json")
    assert ended.json["score"] == 100
    assert (ended.code, ended.err) == (0, "")


def test_the_page_and_the_executed_copy_are_written(grader: Grader, course: Path) -> None:
    before = snapshot(course)
    assert grader("run", "doubling", "my.ipynb", "--html", "page.html", "--executed", "out.ipynb").code == 0
    assert "<html" in (course / "page.html").read_text(encoding="utf-8")
    copy = nbformat.read(course / "out.ipynb", as_version=4)
    assert copy.cells[1].execution_count == 1
    after = snapshot(course)
    assert set(after) - set(before) == {"page.html", "out.ipynb"}
    assert {name: after[name] for name in before} == before


def test_grading_writes_nothing_that_was_not_asked_for(grader: Grader, course: Path) -> None:
    before = snapshot(course)
    grader("run", "doubling", "my.ipynb")
    assert snapshot(course) == before


def test_control_characters_of_a_student_do_not_reach_the_terminal(grader: Grader, course: Path) -> None:
    evil = "raise ValueError('\\x1b]0;owned\\x07\\x1b[2J\\ud800[red]markup[/nope]')"
    (course / "my.ipynb").write_text(text_of(evil, RIGHT), encoding="utf-8")
    for words in ((), ("--json",)):
        ended = grader("run", "doubling", "my.ipynb", *words)
        assert ended.code == 0
        assert "\x1b" not in ended.out
        assert "\x07" not in ended.out
        assert "[red]markup[/nope]" in ended.out


def test_without_a_box_it_runs_only_when_asked_by_name_and_says_so(grader: Grader) -> None:
    ended = grader("run", "doubling", "my.ipynb", "--json", "--unsafe-no-sandbox")
    assert ended.json["environment"]["sandbox"] == "none"
    assert ended.json["score"] == 100


# input that cannot be used


def overwrite(text: str | bytes) -> Callable[[Path], None]:
    data = text.encode() if isinstance(text, str) else text
    return lambda file: (file.unlink(missing_ok=True), file.write_bytes(data), None)[-1]


def huge(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(100 << 20)


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


GOOD = text_of(RIGHT)
MANY = GOOD.replace('"cells": [', '"cells": [' + '{"cell_type":"raw","source":"","metadata":{}},' * 200_000, 1)
R = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}, "language_info": {"name": "R"}}
BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (lambda file: file.unlink(), "there is no such file"),
    "folder": (folder, "this is a folder, not a notebook"),
    "not JSON": (overwrite("def double(x): return 2 * x"), "my.ipynb"),
    "empty": (overwrite(""), "the file is empty"),
    "truncated": (overwrite(GOOD[: len(GOOD) // 2]), "my.ipynb"),
    "another JSON": (overwrite('{"a": [1, 2]}'), "my.ipynb"),
    "100 MB": (huge, "MB"),
    "200,000 cells": (overwrite(MANY), "200,002 cells"),
    "invalid UTF-8": (overwrite(GOOD.encode().replace("과제".encode(), b"\xff\xfe\xff")), "UTF-8"),
    "R kernel": (overwrite(text_of("x <- 1", **R)), "R"),
    "another assignment's": (
        overwrite(text_of("def half(x): return x\ndef third(x): return x\ndef quarter(x): return x")),
        "looks like the notebook of halving",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_not_gradable_in_one_paragraph_and_changes_nothing(
    grader: Grader, course: Path, kind: str
) -> None:
    spoil, said = BAD[kind]
    spoil(course / "my.ipynb")
    before = snapshot(course)
    started = time.process_time()
    assert said in one_paragraph(grader("run", "doubling", "my.ipynb"))
    assert time.process_time() - started < 20
    assert snapshot(course) == before


def test_bad_input_as_json_is_a_report_that_is_not_gradable(grader: Grader, course: Path) -> None:
    overwrite("")(course / "my.ipynb")
    ended = grader("run", "doubling", "my.ipynb", "--json")
    assert ended.code == 2
    assert (ended.json["status"], ended.json["score"], ended.json["checks"]) == ("not_gradable", 0, [])
    assert set(ended.json["reason"]) == {"ko", "en"}


def test_bad_input_with_a_page_still_gives_the_page(grader: Grader, course: Path) -> None:
    overwrite("")(course / "my.ipynb")
    assert grader("run", "doubling", "my.ipynb", "--html", "page.html", "--executed", "out.ipynb").code == 2
    assert "empty" in (course / "page.html").read_text(encoding="utf-8")
    assert not (course / "out.ipynb").exists()


def test_a_notebook_with_one_id_for_two_cells_is_graded(grader: Grader, course: Path) -> None:
    (course / "my.ipynb").write_text(text_of("x = 1", RIGHT).replace('"c1"', '"c0"'), encoding="utf-8")
    assert grader("run", "doubling", "my.ipynb").code == 0


def test_an_unknown_assignment_suggests_the_nearest(grader: Grader) -> None:
    assert "Did you mean 'doubling'?" in one_paragraph(grader("run", "dubling", "my.ipynb"))
    assert "Did you mean 'halving'?" in one_paragraph(grader("release", "Halving_"))
    ended = grader("verify", "zzz", "--json")
    assert ended.code == 2
    assert "doubling, halving" in ended.json["error"]["en"]


def test_a_course_without_assignments_is_said(grader: Grader, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert "There are no assignments" in one_paragraph(grader("--assignments", nowhere, "run", "xor", "my.ipynb"))


@pytest.mark.parametrize("option", ["--html", "--executed"])
@pytest.mark.parametrize("target", ["my.ipynb/out", "absent/out", "/proc/out.html", "assignments"])
def test_an_output_that_cannot_be_written_is_said_and_nothing_changes(
    grader: Grader, course: Path, option: str, target: str
) -> None:
    before = snapshot(course)
    assert "cannot be written" in one_paragraph(grader("run", "doubling", "my.ipynb", option, target))
    assert snapshot(course) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said_before_grading(grader: Grader, course: Path) -> None:
    (course / "locked").mkdir(mode=0o500)
    assert "cannot be written" in one_paragraph(grader("run", "doubling", "my.ipynb", "--html", "locked/page.html"))


@pytest.mark.parametrize("option", ["--html", "--executed"])
@pytest.mark.parametrize("name", ["my.ipynb", "./my.ipynb", "link.ipynb", "hard.ipynb"])
def test_the_submission_is_never_overwritten(grader: Grader, course: Path, option: str, name: str) -> None:
    (course / "link.ipynb").symlink_to(course / "my.ipynb")
    (course / "hard.ipynb").hardlink_to(course / "my.ipynb")
    before = snapshot(course)
    assert "the submitted notebook itself" in one_paragraph(grader("run", "doubling", "my.ipynb", option, name))
    assert snapshot(course) == before


@pytest.mark.parametrize(
    "words", [("run",), ("run", "doubling"), ("grade",), ("run", "doubling", "my.ipynb", "--lang", "fr")]
)
def test_a_wrong_command_line_ends_with_2_and_the_usage(grader: Grader, words: tuple[str, ...]) -> None:
    ended = grader(*words)
    assert ended.code == 2
    assert ended.err.startswith("Usage: grader")
    assert ended.out == ""


def test_a_wrong_command_line_says_in_both_languages_how_to_write_it(grader: Grader) -> None:
    said = one_paragraph(grader("run", "doubling"))
    assert "'NOTEBOOK'이(가) 빠졌습니다." in said
    assert "Missing argument 'NOTEBOOK'." in said
    assert "grader run --help" in said
    assert "'--jsn' 옵션은 없습니다." in grader("run", "doubling", "x", "--jsn", "--lang", "ko").err
    ended = grader("runn", "--json")
    assert "'runn'" in json.loads(ended.out)["error"]["ko"]
    assert ended.err == ""


# release and verify


def test_release_writes_the_notebook_and_check_knows_when_it_is_old(grader: Grader, course: Path) -> None:
    assert grader("release", "doubling", "--check").code == 1
    ended = grader("release", "doubling", "--json")
    assert (ended.code, ended.json["assignment"], ended.json["changed"]) == (0, "doubling", True)
    first = (course / "assignments/doubling/notebook.ipynb").read_bytes()
    assert b"NotImplementedError" in first
    assert b"2 * x" not in first
    assert grader("release", "doubling", "--check").code == 0
    assert grader("release", "doubling").out.strip().endswith("up to date")
    assert (course / "assignments/doubling/notebook.ipynb").read_bytes() == first


def test_verify_ends_with_0_for_a_proved_suite(grader: Grader) -> None:
    grader("release")
    ended = grader("verify", "doubling", "--workers", "1", "--json")
    assert ended.code == 0
    assert (ended.json["holds"], ended.json["unproved"]) == (True, [])
    assert [(proof["kind"], proof["score"]) for proof in ended.json["proofs"]] == [
        ("reference", 100),
        ("blank", 0),
        ("mutant", 0),
    ]


def test_verify_ends_with_1_and_names_a_survivor(grader: Grader, course: Path) -> None:
    grader("release")
    (course / "reference/doubling/mutants/square.py").write_text(MUTANT.replace("x * x", "x + x"), encoding="utf-8")
    ended = grader("verify", "doubling", "--workers", "1")
    assert ended.code == 1
    assert "mutant square" in ended.out
    assert "unproved double.values" in ended.out
    assert "does not hold" in ended.out


def test_a_mutant_that_names_no_check_is_refused(grader: Grader, course: Path) -> None:
    grader("release")
    mutant = course / "reference/doubling/mutants/square.py"
    mutant.write_text(MUTANT.replace("double.values", "duoble"), encoding="utf-8")
    assert "names the check 'duoble'" in one_paragraph(grader("verify", "doubling", "--workers", "1"))
    mutant.write_text("def double(x): return x", encoding="utf-8")
    assert "must all be there" in one_paragraph(grader("verify", "doubling", "--workers", "1"))


# doctor


def test_the_doctor_tells_what_is_here(grader: Grader) -> None:
    ended = grader("doctor", "--json")
    names = [finding["name"] for finding in ended.json]
    assert {"python", "torch", "bubblewrap", "sandbox", "memory", "gpu"} <= set(names)
    assert ended.code == 0
    assert "sandbox" in grader("doctor", "--lang", "en").out


def test_the_doctor_names_the_mending_command_and_ends_with_2(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    lack = doctor.Finding("bubblewrap", False, True, Text("없음", "Missing."), "sudo apt-get install -y bubblewrap")
    monkeypatch.setattr(doctor, "examine", lambda: iter([lack]))
    ended = grader("doctor")
    assert ended.code == 2
    assert "sudo apt-get install -y bubblewrap" in ended.out


# as a program of its own


@pytest.mark.parametrize(
    ("words", "loaded"),
    [(("--help",), "[]"), (("doctor",), "[]"), (("release", "--check"), "['IPython']")],  # which reads magics
)
def test_quick_verbs_import_neither_torch_nor_ipython(course: Path, words: tuple[str, ...], loaded: str) -> None:
    code = (
        "import sys; from grader.cli import main; sys.argv = ['grader', *sys.argv[1:]]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('torch', 'IPython', 'sklearn', 'pandas', 'matplotlib') if m in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code, *words], cwd=course, capture_output=True, text=True, check=True)
    assert ended.stderr.splitlines()[-1] == loaded


def test_help_comes_at_once() -> None:
    """By the time that it computes: on a busy machine it waits as everything does."""

    def computed() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def seconds() -> float:
        started = computed()
        subprocess.run([BIN / "grader", "--help"], check=True, capture_output=True)
        return computed() - started

    assert min(seconds() for _ in range(3)) < 0.4


@pytest.mark.parametrize("words", [("--help",), ("run", "doubling", "absent.ipynb"), ("run", "\udcff", "absent.ipynb")])
def test_a_terminal_without_korean_gets_no_traceback(course: Path, words: tuple[str, ...]) -> None:
    plain = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    ended = subprocess.run([BIN / "grader", *words], cwd=course, env=plain, capture_output=True, check=False)
    assert ended.returncode == (0 if words == ("--help",) else 2)
    assert b"Traceback" not in ended.stderr
    assert ended.stdout + ended.stderr


EVIL = "import os\nos.write(2, b'EVIL')\nraise SystemExit(99)\n"
SHADOWS = (
    "numpy",
    "json",
    "click",
    "grader",
    "multiprocessing",
    "pytest",
    "nbformat",
    "sitecustomize",
    "conftest",
    "random",
)


@pytest.mark.parametrize(
    "command",
    [[BIN / "grader"], [sys.executable, "-P", "-m", "grader"], [sys.executable, "-m", "grader"]],
    ids=["grader", "python -P -m grader", "python -m grader"],
)
def test_nothing_is_imported_from_the_folder_of_a_student(course: Path, command: list[str | Path]) -> None:
    for name in SHADOWS:
        if name != "grader" or "-m" not in command or "-P" in command:  # python itself would take grader.py for us
            (course / f"{name}.py").write_text(EVIL)
    words = [*command, "run", "doubling", "my.ipynb", "--json"]
    ended = subprocess.run(words, cwd=course, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["score"] == 100


def test_neither_is_it_by_the_workers_of_a_parallel_run(course: Path) -> None:
    subprocess.run([BIN / "grader", "release"], cwd=course, check=True, capture_output=True)
    for name in SHADOWS:
        (course / f"{name}.py").write_text(EVIL)
    words = [BIN / "grader", "verify", "doubling", "--workers", "2", "--json"]
    ended = subprocess.run(words, cwd=course, capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "EVIL" not in ended.stderr
    assert json.loads(ended.stdout)["holds"] is True
