"""What a person sees, at any width and in either language."""

from __future__ import annotations

import dataclasses
import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader import terminal, words
from grader.misconception import Misconception, Topic
from grader.mutants import Proof, Verification
from grader.report import CellResult, CheckResult, Report, Status, Verdict, Visibility
from grader.text import Text


def row(name: str, verdict: Verdict, visibility: Visibility = Visibility.HIDDEN, points: float = 0) -> CheckResult:
    title, why, hint = (
        Text(f"{name} {ko}", f"{name} {en}") for ko, en in (("제목", "title"), ("까닭", "why"), ("힌트", "hint"))
    )
    return CheckResult(f"a.{name}", title, points, 10, verdict, visibility, why, hint)


REPORT = Report(
    "xor-mlp",
    "abc",
    "0" * 64,
    Status.GRADED,
    checks=(
        row("good", Verdict.PASSED, points=10),
        row("bad", Verdict.FAILED),
        row("later", Verdict.SKIPPED),
        row("staff", Verdict.FAILED, Visibility.SECRET),
    ),
    cells=(CellResult(0, "ok", 0.1), CellResult(4, "error", 0.1, "NameError, line 2: [b]x[/nope]")),
    environment={"sandbox": "bubblewrap"},
    seconds={"total": 1.0},
)


def shown(report: Report, language: str | None = "en", width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width)
    terminal.show_report(report, language, console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_score_verdicts_reasons_and_hints_are_shown() -> None:
    text = shown(REPORT)
    for part in ("10 / 40", "graded", "good title", "✗ bad title", "bad why", "Hint: bad hint", "skipped"):
        assert part in text


def test_what_was_lost_is_explained_and_a_tip_shown_with_no_hint() -> None:
    text = shown(REPORT)
    assert "good why" in text
    assert "good hint" not in text
    assert "later hint" not in text


def test_misconceptions_are_named_with_the_topic_to_go_back_to() -> None:
    one = Misconception(
        "double-sigmoid",
        Topic("output-heads", 5, Text("출력층", "Output layers")),
        Text("두 번", "A sigmoid twice"),
        Text("왜", "It squeezes twice."),
    )
    lost = row("bad", Verdict.FAILED)
    checks = [dataclasses.replace(lost, misconception=one), dataclasses.replace(lost, id="worse", misconception=one)]
    text = shown(dataclasses.replace(REPORT, checks=checks))
    for part in ("A sigmoid twice", "double-sigmoid; a.bad, worse", "It squeezes twice.", "week 5, Output layers"):
        assert part in text
    staff = dataclasses.replace(row("staff", Verdict.FAILED, Visibility.SECRET), misconception=one)
    assert "sigmoid" not in shown(dataclasses.replace(REPORT, checks=[staff]))


def test_secret_checks_are_left_out() -> None:
    assert "staff" not in shown(REPORT)


def test_cells_with_errors_are_told_by_number_and_markup_is_text() -> None:
    text = shown(REPORT)
    assert "NameError, line 2: [b]x[/nope]" in text
    assert "5" in text.split("Cells with errors")[1].split("NameError")[0]


@pytest.mark.parametrize(
    ("language", "korean", "english"), [("ko", True, False), ("en", False, True), (None, True, True)]
)
def test_the_language_is_the_one_asked_for(language: str | None, korean: bool, english: bool) -> None:
    text = shown(REPORT, language)
    assert ("bad 까닭" in text) is korean
    assert ("bad why" in text) is english


def test_a_title_that_the_frame_would_cut_off_goes_on_inside_with_the_points_kept() -> None:
    long = dataclasses.replace(row("bad", Verdict.FAILED), title=Text("제목 " * 8, "a rather long title " * 2))
    text = shown(dataclasses.replace(REPORT, checks=[long]), None, 60)
    frame = next(line for line in text.splitlines() if line.startswith("╭─ ✗"))
    assert "(0/10)" in frame
    assert "a rather long title a rather long title" in text.split(frame)[1]


@pytest.mark.parametrize("width", [20, 40, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert all(cell_len(line.rstrip()) <= width for line in shown(REPORT, None, width).splitlines())


@pytest.mark.parametrize(
    ("status", "word"), [(Status.NOT_GRADABLE, "no attempt is spent"), (Status.ERROR, "no score is changed")]
)
def test_without_a_grade_the_reason_stands_in_place_of_a_score(status: Status, word: str) -> None:
    text = shown(Report("xor-mlp", "abc", "", status, Text("까닭", "the reason")))
    assert word in text
    assert "the reason" in text
    assert "/ 0" not in text


def test_every_verdict_has_a_mark_and_a_word() -> None:
    assert set(words.VERDICTS) == set(Verdict)
    assert set(words.STATUS) == set(Status)


def test_the_kill_matrix_names_survivors_and_unproved_checks() -> None:
    def proof(name: str, trips: str, **verdicts: Verdict) -> Proof:
        found = {f"a.{check}": verdict for check, verdict in verdicts.items()}
        return Proof("mutant", name, (trips,), None, Status.GRADED, None, 50, 100, found, 1.0)

    dead = proof("killed", "a.x", x=Verdict.FAILED, y=Verdict.PASSED)
    alive = proof("survivor", "a.y", x=Verdict.FAILED, y=Verdict.PASSED)
    console = Console(file=io.StringIO(), width=100)
    terminal.show_verification(Verification("demo", ["a.x", "a.y"], [dead, alive]), "en", console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "mutant survivor: graded, 50/100; lost: a.x; must lose: a.y" in text
    assert "unproved a.y" in text
    assert "1/2 mutants killed; does not hold" in text
    matrix = {line.split()[0]: line.split()[1] for line in text.splitlines() if line.startswith(("killed", "survivor"))}
    assert matrix == {"killed": "◉·", "survivor": "●○"}
