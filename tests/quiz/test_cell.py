"""Questions answered with code: marked in the box, and nothing that an answer does earns what it should not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from quiz.bench import PUBLIC, SAID, SECRET, write

from grader.cli import cli
from grader.errors import SandboxUnavailable
from grader.quiz import cell
from grader.quiz.cell import Marked
from grader.quiz.question import Key, Kind, Posed, Question
from grader.report import Status
from grader.sandbox import Warm

SUITE = """
import numpy as np
import pytest
from grader.suite import checks

@pytest.mark.points(60)
@pytest.mark.title(ko="양수", en="positive numbers")
def test_positive(student):
    checks.array(student.relu(np.array([1.0, 2.5])), [1.0, 2.5], name="relu(z)")

@pytest.mark.points(40)
@pytest.mark.title(ko="음수", en="negative numbers")
@pytest.mark.hint(ko="0보다 작으면 0입니다.", en="Below 0 it is 0.")
def test_negative(student):
    checks.array(student.relu(np.array([-1.0, 0.0])), [0.0, 0.0], name="relu(z)")
"""
STARTER = "def relu(z):\n    raise NotImplementedError\n"
RIGHT = "import numpy as np\ndef relu(z):\n    return np.maximum(z, 0)\n"
ASKED = Question("relu", Kind.CELL, "xor", 2, SAID, defines="relu", signature="(z)", starter=STARTER)
POSED = Posed(ASKED, Key(SUITE, SAID))
Judged = Callable[..., Marked]


@pytest.fixture
def judged(sealed: Warm) -> Judged:
    def mark(source: str, suite: str = SUITE) -> Marked:
        posed = replace(POSED, key=Key(suite, SAID))
        with cell._assignment(posed) as assignment:
            return cell.mark(posed, source, assignment, sealed)

    return mark


def share(marked: Marked) -> float:
    assert marked.mark is not None
    return marked.mark.share


def test_a_right_answer_earns_everything(judged: Judged) -> None:
    marked = judged(RIGHT)
    assert marked.mark is not None
    assert (marked.mark.right, marked.mark.said, marked.report.score) == (True, [], 100)


def test_a_wrong_answer_earns_its_part_and_is_told_why(judged: Judged) -> None:
    marked = judged("def relu(z): return z")
    assert marked.mark is not None
    assert marked.mark.share == 0.6
    assert marked.mark.said[0].en.endswith("Below 0 it is 0.")


@pytest.mark.parametrize(
    "source",
    [
        STARTER, "x = 1", "def relu(z:", "raise SystemExit", "import os\nos._exit(0)", "import sys\nsys.modules.clear()",
        "import numpy as np\nnp.allclose = lambda *a, **k: True\ndef relu(z): return None",
        "class All(float):\n    def __eq__(self, other): return True\ndef relu(z): return All()",
        "import pytest, sys\nsys.exit(0)", "def relu(z):\n    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)",
        "def relu(z): return relu(z)", "import glob\ndef relu(z): return [open(f).read() for f in glob.glob('/tmp/grader-quiz-*/**')]",
    ],
)  # fmt: skip
def test_a_hostile_answer_earns_nothing(judged: Judged, source: str) -> None:
    assert share(judged(source)) == 0


def test_an_endless_answer_ends(judged: Judged) -> None:
    marked = judged("def relu(z):\n    while True: pass")
    assert share(marked) == 0
    assert marked.mark is not None
    assert "3 seconds" in marked.mark.said[0].en


@pytest.mark.parametrize("source", ["", "# nothing\n", " \n"])
def test_no_code_is_no_answer(judged: Judged, source: str) -> None:
    marked = judged(source)
    assert share(marked) == 0 if marked.mark else marked.report.status is Status.NOT_GRADABLE


@pytest.mark.parametrize(
    "suite", ["def broken(", "", "x = 1", SUITE.replace("60", "50"), SUITE.replace("checks.array(", "nothing(")]
)
def test_a_broken_suite_is_our_fault_and_gives_no_mark(judged: Judged, suite: str) -> None:
    marked = judged(RIGHT, suite)
    assert marked.mark is None
    assert marked.report.reason


def test_nothing_is_left_behind(judged: Judged) -> None:
    with cell._assignment(POSED) as assignment:
        folder = assignment.folder.parent
        assert (assignment.test_folders[-1] / "test_cell.py").read_text() == SUITE
    assert not folder.exists()


CELL = """
[[question]]
id = "write-relu"
kind = "cell"
topic = "xor"
difficulty = 3
stem.ko = "만드세요."
stem.en = "Write it."
defines = "relu"
signature = "(z)"
starter = '''{starter}'''
"""
KEY = """
[write-relu]
explanation = {{ ko = "가", en = "a" }}
hints = [{{ ko = "가", en = "a" }}]
key = '''{suite}'''
solution = '''{solution}'''
"""


@pytest.mark.parametrize(
    ("solution", "starter", "why"),
    [
        (RIGHT, STARTER, ""),
        ("def relu(z): return z", STARTER, "does not earn everything. Some values of `relu(z)` are wrong."),
        (RIGHT, RIGHT, "The starter earns everything"),
    ],
)
def test_a_solution_proves_the_question(tmp_path: Path, sealed: Warm, solution: str, starter: str, why: str) -> None:
    public, secret = PUBLIC + CELL.format(starter=starter), SECRET + KEY.format(suite=SUITE, solution=solution)
    faults = list(cell.prove(write(tmp_path, public, secret)))
    assert [fault.question for fault in faults] == (["write-relu"] if why else [])
    assert all(why in fault.text.en for fault in faults)


def test_without_a_box_nothing_is_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> Warm:
        raise SandboxUnavailable(SAID)

    monkeypatch.setattr("grader.pipeline.warm_for", none)
    secret = SECRET + KEY.format(suite=SUITE, solution=RIGHT)
    (fault,) = cell.prove(write(tmp_path, PUBLIC + CELL.format(starter=STARTER), secret))
    assert fault.warning
    assert "no box" in fault.text.en


def test_a_quiz_takes_code_from_a_file(tmp_path: Path, sealed: Warm) -> None:
    secret = SECRET + KEY.format(suite=SUITE, solution=RIGHT)
    write(tmp_path, PUBLIC + CELL.format(starter=STARTER), secret)
    (tmp_path / "mine.py").write_text("def relu(z): return z")
    words = [
        "--assignments",
        str(tmp_path / "assignments"),
        "--reference",
        str(tmp_path / "reference"),
        "quiz",
        "take",
        "demo",
    ]
    shares = {}
    for name, answer in {"file": f"@{tmp_path}/mine.py", "code": RIGHT, "none": "@/none.py", "empty": ""}.items():
        (tmp_path / "answers.json").write_text(json.dumps({"write-relu": answer}))
        result = CliRunner().invoke(cli, [*words, "--answers", str(tmp_path / "answers.json"), "--json"])
        shares[name] = json.loads(result.output)["questions"][2]["share"]
    assert shares == {"file": 0.6, "code": 1.0, "none": 0.0, "empty": 0.0}


def test_a_broken_key_is_found_by_the_proof(tmp_path: Path, sealed: Warm) -> None:
    secret = SECRET + KEY.format(suite="x = 1", solution=RIGHT)
    (fault,) = cell.prove(write(tmp_path, PUBLIC + CELL.format(starter=STARTER), secret))
    assert "cannot be run" in fault.text.en


def test_suites_that_nobody_needed_for_long_are_cleaned_up(tmp_path: Path) -> None:
    long_ago, now = datetime.now(UTC) - timedelta(days=3), datetime.now(UTC)
    made = []
    for source in ("a = 1", "b = 2"):
        posed = replace(POSED, key=Key(source, SAID))
        made.append(cell.unpacked(posed, tmp_path).reference)
        os.utime(made[-1], (long_ago.timestamp(),) * 2)
    (tmp_path / "v1").mkdir()  # a version of an assignment
    os.utime(tmp_path / "v1", (long_ago.timestamp(),) * 2)
    cell.unpacked(replace(POSED, key=Key("a = 1", SAID)), tmp_path)  # somebody needs it now
    assert cell.clean(tmp_path, now - timedelta(days=1)) == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(["cell-public", "v1", made[0].name])
    assert cell.clean(tmp_path, now - timedelta(days=1)) == 0
    assert cell.clean(tmp_path / "none", now) == 0
