"""A notebook goes in, a report comes out."""

from __future__ import annotations

import json
import os
import select
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader import notebook as notebooks
from grader import pipeline
from grader.assignment import Assignment, Catalog, Limits
from grader.notebook import Notebook
from grader.pipeline import Graded
from grader.report import Status, Verdict
from grader.sandbox import Warm

TOML = """
id = "{name}"
week = 1
[title]
ko = "데모"
en = "Demo"
[defines]
{names}
"""
PUBLIC = """
import pytest
from grader.suite import checks
@pytest.mark.points(40)
@pytest.mark.title(ko="두 배", en="twice")
def test_double(student):
    checks.number(student.double(4), 8, name="double(4)")
"""
HIDDEN = """
import pytest
from grader.suite import checks

@pytest.mark.points(50)
@pytest.mark.title(ko="큰 값", en="large values")
@pytest.mark.hint(ko="0을 생각해 보세요.", en="Think of 0.")
def test_values(student):
    checks.array(student.double([1.0, 1e9])  , [2.0, 2e9], name="double(x)")

@pytest.mark.points(10)
@pytest.mark.needs("double.values")
@pytest.mark.title(ko="거대한 값", en="huge values")
def test_huge(student, metrics):
    from grader.report import Metric
    metrics.record("speed", Metric(1.0, 0.5, 1.5, 10, 2.0))
    assert student.double(1e300) == 2e300
"""
RIGHT = "import numpy as np\ndef double(x): return 2 * np.array(x) if isinstance(x, list) else 2 * x"
WRONG = "def double(x): return x"
Grade = Callable[..., Graded]


def made(*sources: str) -> Notebook:
    cells = [new_markdown_cell("# 과제", id="text")]
    cells += [new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    return notebooks.parse(nbformat.writes(new_notebook(cells=cells)).encode(), "made")


def write(root: Path, name: str, names: list[str], hidden: str = HIDDEN) -> Assignment:
    files = {
        f"assignments/{name}/assignment.toml": TOML.format(name=name, names="\n".join(f'{n} = "(x)"' for n in names)),
        f"assignments/{name}/public_tests/test_public.py": PUBLIC,
        f"reference/{name}/hidden_tests/test_double.py": hidden,
    }
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
    return Catalog(root / "assignments", root / "reference").load(name)


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return write(tmp_path, "doubling", ["double"])


@pytest.fixture
def grade(assignment: Assignment, sealed: Warm) -> Grade:
    def graded(*sources: str, limits: Limits | None = None) -> Graded:
        return pipeline.grade(replace(assignment, limits=limits or Limits()), made(*sources), sealed)

    return graded


# the report


def test_a_right_notebook_earns_everything(grade: Grade) -> None:
    report = grade(RIGHT).report
    assert (report.status, report.score, report.max_score, report.exit_code) == (Status.GRADED, 100, 100, 0)
    assert report.reason is None
    assert report.metrics["speed"].threshold == 2.0


def test_a_wrong_notebook_loses_the_points_of_its_checks(grade: Grade) -> None:
    report = grade("def double(x): return x * 2 if x == 4 else x").report
    assert (report.score, report.exit_code) == (40, 1)
    rows = {row.id: row for row in report.checks}
    assert rows["double.values"].verdict is Verdict.FAILED
    assert rows["double.huge"].verdict is Verdict.SKIPPED
    assert rows["public.double"].verdict is Verdict.PASSED
    assert rows["double.values"].hint is not None
    assert "1e9" not in str(rows["double.values"].message)


def test_the_report_has_the_keys_of_schema_1_and_no_others(grade: Grade) -> None:
    data = json.loads(grade("1 / 0", RIGHT).report.to_json())
    assert list(data) == [
        *("schema", "assignment", "suite_version", "notebook_sha256", "status", "reason", "score", "max_score"),
        *("checks", "cells", "misconceptions", "metrics", "pictures", "environment", "seconds"),
    ]
    row = [
        "id",
        "title",
        "points",
        "max_points",
        "verdict",
        "visibility",
        "message",
        "hint",
        "seconds",
        "misconception",
    ]
    assert all(list(check) == row for check in data["checks"])
    assert all(list(cell) == ["index", "status", "seconds", "error"] for cell in data["cells"])
    assert list(data["metrics"]["speed"]) == ["value", "low", "high", "n", "threshold", "title"]
    assert list(data["seconds"]) == ["box", "notebook", "suite", "total"]
    assert {"python", "numpy", "seed", "device", "sandbox"} <= set(data["environment"])
    assert (data["schema"], data["assignment"], data["environment"]["sandbox"]) == (1, "doubling", "bubblewrap")


def test_the_same_notebook_gives_the_same_report_apart_from_seconds(grade: Grade) -> None:
    source = "import random, torch, numpy as np\nprint(random.random(), torch.rand(2), np.random.rand(), hash('a'), {'b', 'a'})"

    def timeless(graded: Graded) -> str:
        data = graded.report.as_json()
        data.pop("seconds")
        for row in (*data["checks"], *data["cells"]):
            row.pop("seconds")
        assert graded.executed is not None
        return json.dumps(data) + str(graded.executed.cells[1].outputs)

    assert timeless(grade(source, WRONG)) == timeless(grade(source, WRONG))


def test_cells_that_raise_are_told_by_number_and_line_and_the_rest_runs(grade: Grade) -> None:
    report = grade("x = 1\ny = 2\nz = x / 0", "this is no python", "raise KeyError('\\x1b[31m\\ud800')", RIGHT).report
    assert [(cell.index, cell.status) for cell in report.cells] == [(1, "error"), (2, "error"), (3, "error"), (4, "ok")]
    errors = [cell.error or "" for cell in report.cells]
    assert errors[0] == "ZeroDivisionError, line 3: division by zero"
    assert errors[1].startswith("SyntaxError, line 1")
    assert errors[2].isprintable()
    assert report.score == 100
    report.to_json().encode()


def test_what_a_notebook_tries_in_vain_lies_beside_its_report_and_moves_no_point(grade: Grade) -> None:
    peek = "try:\n    open('/etc/shadow')\nexcept OSError:\n    pass"
    forge = (
        "from grader.inside import refusals\nrefusals.refusals.as_data = refusals.refusals.news = lambda: {'noted': 1}"
    )
    silence = "import threading\nfrom grader.inside import refusals\nrefusals.refusals.busy.add(threading.get_ident())"
    honest, *others = (grade(*more, RIGHT).report for more in ([], [peek], [forge, peek], [silence, peek]))
    found = [report.security for report in (honest, *others) if report.security is not None]
    assert [(one.in_vain, one.nonsense) for one in found] == [
        ([], False),
        (["file /etc/shadow"], False),
        ([], True),
        ([], False),
    ]
    for report in others:
        assert report.score == honest.score == 100
        assert [(row.id, row.verdict, row.message) for row in report.checks] == [
            (row.id, row.verdict, row.message) for row in honest.checks
        ]
        assert "shadow" not in report.to_json()


def test_the_last_definition_counts(grade: Grade) -> None:
    assert grade(WRONG, RIGHT).report.score == 100
    assert grade(RIGHT, WRONG).report.score == 0


def test_a_notebook_without_answers_is_graded_with_nothing(grade: Grade) -> None:
    report = grade("# 나중에").report
    assert (report.status, report.score) == (Status.GRADED, 0)
    message = report.checks[0].message
    assert message is not None
    assert "`double(x)` is not defined" in message.en


OVER = {
    "notebook_seconds": ("while True: pass", Verdict.TIMEOUT, "1 seconds for the notebook", "loop that never ends"),
    "memory_mb": (
        "import numpy as np\nkept = [np.ones(1 << 20) for _ in range(999)]",
        Verdict.CRASHED,
        "600 MB of memory",
        "huge array",
    ),
    "output_mb": ("while True: print('x' * 10000)", Verdict.CRASHED, "1 MB of output", "Print less"),
    "disk_mb": (
        "import time\nwith open('f', 'wb') as f:\n  try:\n    while True: f.write(bytes(1 << 20))\n  except OSError: time.sleep(9)",
        Verdict.CRASHED,
        "16 MB of disk",
        "fewer or smaller files",
    ),
    "processes": (
        "import subprocess\nrunning = [subprocess.Popen(['sleep', '9']) for _ in range(24)]\nrunning[0].wait()",
        Verdict.CRASHED,
        "12 processes",
        "num_workers=0",
    ),
}
SMALL = {"notebook_seconds": 1, "memory_mb": 600, "output_mb": 1, "disk_mb": 16, "processes": 12}


@pytest.mark.parametrize("limit", OVER)
def test_a_notebook_over_a_limit_is_graded_with_nothing_and_told_which(grade: Grade, limit: str) -> None:
    source, verdict, amount, advice = OVER[limit]
    limits: dict[str, Any] = {"notebook_seconds": 20, limit: SMALL[limit]}
    graded = grade(RIGHT, source, "x = 1", limits=Limits(**limits))
    report = graded.report
    assert (report.status, report.score, report.exit_code) == (Status.GRADED, 0, 1)
    assert report.reason is not None
    for part in ("while cell 3 ran", amount, advice):
        assert part in report.reason.en
    assert "3번째 셀" in report.reason.ko
    assert [cell.status for cell in report.cells] == ["ok", "killed", "not_run"]
    assert {row.verdict for row in report.checks} == {verdict, Verdict.SKIPPED}
    assert graded.executed is not None


def test_a_notebook_that_ends_python_is_told_how(grade: Grade) -> None:
    report = grade(RIGHT, "import os\nos._exit(0)").report
    assert report.score == 0
    assert report.reason is not None
    assert "ended while cell 3 ran (exit 0)" in report.reason.en


# faults of ours


def test_a_broken_check_makes_the_report_an_error_without_a_score(tmp_path: Path, sealed: Warm) -> None:
    broken = write(tmp_path, "broken", ["double"], HIDDEN.replace("checks.array(", "raise KeyError('secret 77')  # "))
    report = pipeline.grade(broken, made(RIGHT), sealed).report
    assert (report.status, report.score, report.exit_code) == (Status.ERROR, 0, 2)
    assert report.reason is not None
    assert "double.values (KeyError)" in report.reason.en
    assert "secret 77" not in report.to_json()


def test_a_suite_written_wrongly_is_an_error_and_not_a_zero(tmp_path: Path, sealed: Warm) -> None:
    wrong = write(tmp_path, "wrong", ["double"], HIDDEN.replace("points(50)", "points(49)"))
    report = pipeline.grade(wrong, made(RIGHT), sealed).report
    assert (report.status, report.exit_code) == (Status.ERROR, 2)
    assert report.reason is not None
    assert "the points sum to 99, not 100" in report.reason.en


def test_a_box_that_breaks_is_an_error_and_not_a_zero(assignment: Assignment, tmp_path: Path) -> None:
    with Warm((), tmp_path) as warm:
        os.kill(warm.pid, signal.SIGKILL)
        report = pipeline.grade(assignment, made(RIGHT), warm).report
    assert (report.status, report.exit_code, report.checks) == (Status.ERROR, 2, ())
    assert report.reason is not None


@pytest.mark.parametrize("moment", ["cell", "check"])
def test_a_box_that_we_lose_on_the_way_is_an_error_and_not_a_zero(
    assignment: Assignment, tmp_path: Path, moment: str
) -> None:
    """Whoever kills the process that boxes are forked from (the host, out of memory): the student is not blamed."""
    with Warm((), tmp_path) as warm:

        def kill(*_: object) -> None:
            for box in warm._boxes.values():
                os.kill(warm.pid, signal.SIGKILL)
                select.select([box._pidfd], [], [], 10)  # until it has taken its box along

        progress = pipeline.Progress(cell=kill) if moment == "cell" else pipeline.Progress(check=kill)
        report = pipeline.grade(assignment, made("x = 1", "y = 2", RIGHT), warm, progress=progress).report
    assert (report.status, report.score, report.exit_code) == (Status.ERROR, 0, 2)


def test_another_assignments_notebook_is_not_gradable_and_named(tmp_path: Path) -> None:
    here = write(tmp_path, "doubling", ["double", "triple"])
    other = write(tmp_path, "halving", ["half", "third", "quarter"])
    notebook = made("def half(x): return x / 2\ndef third(x): return x / 3\ndef quarter(x): return x / 4")
    warm: Any = None  # no box is needed to see this
    report = pipeline.grade(here, notebook, warm, others=[here, other]).report
    assert (report.status, report.exit_code, report.checks) == (Status.NOT_GRADABLE, 2, ())
    assert report.reason is not None
    assert "halving" in report.reason.en
    assert "halving" in report.reason.ko


def test_progress_tells_every_cell_and_every_check(assignment: Assignment, sealed: Warm) -> None:
    cells, rows = [], []
    progress = pipeline.Progress(lambda cell, count: cells.append((cell.index, count)), lambda row: rows.append(row.id))
    pipeline.grade(assignment, made("x = 1", RIGHT), sealed, progress=progress)
    assert cells == [(1, 2), (2, 2)]
    assert rows == ["public.double", "double.values", "double.huge"]


# the executed copy


def test_the_executed_copy_is_valid_and_has_every_kind_of_output(grade: Grade) -> None:
    rich = (
        "import sys\nfrom IPython.display import HTML, display\n%matplotlib inline\nimport matplotlib.pyplot as plt\n"
        "print('out'); print('err', file=sys.stderr)\ndisplay(HTML('<b>글</b>'))\nplt.plot([1, 2]); plt.show()\n1 / 0"
    )
    copy = grade(rich, "6 * 7", RIGHT).executed
    assert copy is not None
    nbformat.validate(copy)
    outputs = copy.cells[1].outputs
    assert [output.output_type for output in outputs] == ["stream", "stream", "display_data", "display_data", "error"]
    assert outputs[2].data["text/html"] == "<b>글</b>"
    assert outputs[3].data["image/png"].startswith("iVBOR")
    assert outputs[4].ename == "ZeroDivisionError"
    assert copy.cells[2].outputs[0].data["text/plain"] == "42"
    assert [cell.get("execution_count") for cell in copy.cells] == [None, 1, 2, 3]
    assert copy.cells[3].metadata["grader"]["status"] == "ok"


def test_the_sources_and_ids_of_the_copy_are_the_students(grade: Grade) -> None:
    copy = grade(RIGHT, "%%time\nx = 1").executed
    assert copy is not None
    assert [(cell.id, cell.source) for cell in copy.cells] == [
        ("text", "# 과제"),
        ("c0", RIGHT),
        ("c1", "%%time\nx = 1"),
    ]
