"""Marks a question of kind `cell`: a person's few lines of code, in the box, by the engine of the notebooks.

The code becomes a notebook of one cell and the key a hidden suite of a temporary assignment. So what holds for
notebooks holds here: nothing of the key is in the box, an endless or hostile answer earns nothing, and a fault of ours
gives no mark at all. This is the only module of the quizzes that knows the box.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from grader import notebook as notebooks
from grader import pipeline
from grader.assignment import Assignment, Limits
from grader.errors import BadNotebook, GraderError, SandboxUnavailable
from grader.quiz import variant
from grader.quiz.answer import parse
from grader.quiz.bank import Bank
from grader.quiz.lint import Fault
from grader.quiz.marking import Mark
from grader.quiz.question import Kind, Posed, Quiz
from grader.report import Report, Status, Verdict
from grader.sandbox import Backend, Warm
from grader.text import Text

LIMITS = Limits(notebook_seconds=10, call_seconds=3, suite_seconds=20, memory_mb=2048, disk_mb=16, output_mb=1)
PUBLIC = "cell-public"  # the folder that all of them share
NEEDS = ("torch",)
MOST = 100.0  # the points of a suite
SAID = 3  # sentences


@dataclass(frozen=True)
class Marked:
    """What an answer earned, and the report that says why; no mark where the fault is ours or there is no code."""

    mark: Mark | None
    report: Report


class Judge:
    """Marks one answer after the other with one warm process, started when the first comes. A context manager."""

    def __init__(self, backend: Backend = Backend.BUBBLEWRAP) -> None:
        self._backend = backend
        self._warm: Warm | None = None

    def __enter__(self) -> Judge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._warm is not None:
            self._warm.close()
            self._warm = None

    def mark(self, posed: Posed, source: str) -> Marked:
        """Raises SandboxUnavailable or SandboxFault where no box can be had."""
        if self._warm is not None and self._warm.worn:
            self.close()
        with _assignment(posed) as assignment:
            if self._warm is None:
                self._warm = pipeline.warm_for(assignment, self._backend)
            return mark(posed, source, assignment, self._warm)


def mark(posed: Posed, source: str, assignment: Assignment, warm: Warm) -> Marked:
    """The mark of one answer. Never raises for what a person wrote."""
    try:
        node = notebooks.parse(notebook(source), posed.question.id)
    except BadNotebook as error:
        return Marked(None, pipeline.not_gradable(assignment, error))
    report = pipeline.grade(assignment, node, warm).report
    if report.status is Status.GRADED and report.max_score != MOST:
        return Marked(None, pipeline.our_fault(assignment, _points(report.max_score)))
    return Marked(judged(report) if report.status is Status.GRADED else None, report)


def notebook(source: str) -> bytes:
    """The code as a notebook of one cell."""
    node = new_notebook(cells=[new_code_cell(source, id="answer")])
    text: str = nbformat.writes(node)
    return text.encode("utf-8", "replace")


def judged(report: Report) -> Mark | None:
    """What a report says of an answer: code that cannot be graded earns nothing, and a fault of ours is no mark."""
    if report.status is Status.NOT_GRADABLE:
        return Mark(0.0, [report.reason] if report.reason else [])
    if report.status is not Status.GRADED or report.max_score != MOST:
        return None
    return Mark(min(max(round(report.score / MOST, 6), 0.0), 1.0), _said(report))


def prove(bank: Bank, names: Sequence[str] = (), backend: Backend = Backend.BUBBLEWRAP) -> Iterator[Fault]:
    """The faults of the questions that have a solution: it must earn everything, and the starter must not. Where there
    is no box, a warning that nothing was proved. Quizzes that cannot be read are left to the other lint."""
    with Judge(backend) as judge:
        for name in names or bank.ids():
            try:
                quiz = bank.load(name)
            except GraderError:
                continue
            for question in quiz.questions:
                key = quiz.keys.get(question.id)
                if question.kind is Kind.CELL and key is not None and key.solution:
                    yield from _proved(judge, bank, quiz, question.id)


def _proved(judge: Judge, bank: Bank, quiz: Quiz, id: str) -> Iterator[Fault]:
    def fault(text: Text, *, warning: bool = False) -> Fault:
        return Fault(quiz.id, id, text, warning)

    question = next(one for one in quiz.questions if one.id == id)
    try:
        posed = variant.pose(question, quiz.keys[id], bank.generators(quiz.id), 0)
        solution = judge.mark(posed, str(parse(posed.question, posed.key.solution).value))
        starter = judge.mark(posed, posed.question.starter)
    except SandboxUnavailable as error:
        why = Text("여기서는 채점할 수 없어 증명하지 못했습니다:", "There is no box here, so this is not proved:")
        yield fault(why + error.text, warning=True)
        return
    except (GraderError, ValueError) as error:
        text = error.text if isinstance(error, GraderError) else Text(str(error), str(error))
        yield fault(text)
        return
    for marked in (solution, starter):
        if marked.mark is None:
            yield fault(marked.report.reason or Text("채점하지 못했습니다.", "It could not be graded."))
            return
    if solution.mark is not None and not solution.mark.right:
        lost = Text("모범 답이 만점이 아닙니다.", "The solution does not earn everything.")
        yield fault(sum(solution.mark.said, lost))
    if starter.mark is not None and starter.mark.right:
        yield fault(Text("starter가 만점을 받습니다.", "The starter earns everything as it is."))


@contextmanager
def _assignment(posed: Posed) -> Iterator[Assignment]:
    """The question as an assignment, for as long as it is graded."""
    with tempfile.TemporaryDirectory(prefix="grader-quiz-") as name:
        yield unpacked(posed, Path(name))


def unpacked(posed: Posed, folder: Path) -> Assignment:
    """The question as an assignment below `folder`, where its suite stands under the hash of its content: however many
    ask for it at the same time, it is written once and whole. All of them share their (empty) public files."""
    question, suite = posed.question, str(posed.key.answer).encode()
    public = folder / PUBLIC
    (public / "data").mkdir(parents=True, exist_ok=True)
    (public / "assignment.toml").touch()
    reference = folder / f"cell-{hashlib.sha256(suite).hexdigest()}"
    if not reference.is_dir():
        new = Path(tempfile.mkdtemp(prefix=".cell-", dir=folder))
        (new / "hidden_tests").mkdir()
        (new / "hidden_tests" / "test_cell.py").write_bytes(suite)
        try:
            new.rename(reference)
        except OSError:  # somebody was faster
            shutil.rmtree(new, ignore_errors=True)
            if not reference.is_dir():
                raise
    os.utime(reference)  # when it was last needed, for `clean`
    defines = {question.defines: question.signature}
    return Assignment(question.id, Text("퀴즈", "Quiz"), 0, public, reference, defines, NEEDS, LIMITS)


def clean(folder: Path, before: datetime) -> int:
    """Removes the suites below `folder` that `unpacked` gave out last before that time, and what was left half made;
    how many. One that is needed again is unpacked again."""
    count = 0
    for one in [*folder.glob("cell-*"), *folder.glob(".cell-*")]:
        if one.name != PUBLIC and one.is_dir() and one.stat().st_mtime < before.timestamp():
            shutil.rmtree(one, ignore_errors=True)
            count += 1
    return count


def _said(report: Report) -> list[Text]:
    """What went wrong, the first first: why the cell did not run, and what the checks say of the answer."""
    cells = [Text(cell.error, cell.error) for cell in report.cells if cell.error]
    said = {text: text for text in (report.reason, *cells) if text}
    for check in report.checks:
        if check.verdict is not Verdict.PASSED:
            message = check.message or check.title
            said.setdefault(message, message + check.hint if check.hint else message)
    return list(said.values())[:SAID]


def _points(found: float) -> Text:
    return Text(f"점수의 합이 100이 아니라 {found:g}입니다.", f"The points sum to {found:g}, not to 100.")
