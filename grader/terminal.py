"""What a person sees in the terminal: reports, proofs, findings, progress."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from grader import pipeline
from grader.misconception import Misconception
from grader.mutants import Proof, Verification
from grader.report import CellResult, CheckResult, Report, Status, Verdict, Visibility, misconceptions
from grader.rpc import Cell
from grader.sandbox.doctor import Finding
from grader.suite.calibration import FALSE_FAIL_LIMIT, Calibrated, FalseFails
from grader.text import Text
from grader.words import STATUS, VERDICTS

COLOUR = defaultdict(lambda: "red", {Verdict.PASSED: "green", Verdict.SKIPPED: "yellow", Verdict.ERROR: "magenta"})


def _said(text: Text, language: str | None) -> str:
    return escape(text.into(language))


def show_report(report: Report, language: str | None = None, console: Console | None = None) -> None:
    """The whole report of one notebook: score, cells with errors, checks, and the reason of each lost point."""
    console = console or Console()
    console.print(_headline(report, language))
    if cells := [cell for cell in report.cells if cell.status != "ok"]:
        console.print(_cells(cells, language))
    shown = [check for check in report.checks if check.visibility is not Visibility.SECRET]
    if shown:
        console.print(_checks(shown, language))
    for check in shown:
        if check.verdict is Verdict.SKIPPED or (check.verdict is Verdict.PASSED and not check.message):
            continue
        if check.message != report.reason:  # said once, at the top
            console.print(_reason(check, language, console.width))
    if found := misconceptions(shown):
        console.print(_misconceptions(found, language))
    if report.seconds:
        console.print(_footer(report), style="dim")


def _headline(report: Report, language: str | None) -> Panel:
    lines = [f"[bold]{escape(report.assignment)}[/]  {_one_line(STATUS[report.status], language)}"]
    if report.status is Status.GRADED:
        colour = "green" if report.score >= report.max_score else "yellow"
        lines.append(f"[bold {colour}]{report.score:g} / {report.max_score:g}[/]")
    if report.reason:
        lines.append(_said(report.reason, language))
    return Panel("\n".join(lines), expand=False)


def _one_line(text: Text, language: str | None) -> str:
    return escape(text.into(language).replace("\n", " / "))


def _cells(cells: Sequence[CellResult], language: str | None) -> Table:
    table = Table(title=_one_line(Text("오류가 난 셀", "Cells with errors"), language), title_justify="left")
    table.add_column("#", justify="right")
    table.add_column(_one_line(Text("상태", "status"), language))
    table.add_column(_one_line(Text("오류", "error"), language), overflow="fold")
    for cell in cells:
        table.add_row(str(cell.index + 1), cell.status, escape(cell.error or ""))
    return table


def _checks(checks: Sequence[CheckResult], language: str | None) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column(_one_line(Text("채점 항목", "check"), language), overflow="fold")
    table.add_column(_one_line(Text("점수", "points"), language), justify="right", no_wrap=True)
    table.add_column(_one_line(Text("판정", "verdict"), language), no_wrap=True)
    for _, group in groupby(checks, key=lambda check: check.id.partition(".")[0]):
        for check in group:
            mark, word = VERDICTS[check.verdict]
            colour = COLOUR[check.verdict]
            points = f"{check.points:g}/{check.max_points:g}"
            table.add_row(f"[{colour}]{mark}[/]", _one_line(check.title, language), points, _one_line(word, language))
    return table


def _reason(check: CheckResult, language: str | None, width: int) -> Panel:
    mark, colour = VERDICTS[check.verdict][0], COLOUR[check.verdict]
    parts = [_said(check.message, language)] if check.message else []
    if check.hint and check.verdict is not Verdict.PASSED:
        parts.append(f"[cyan]{_one_line(Text('힌트', 'Hint'), language)}[/]: {_said(check.hint, language)}")
    points = f"({check.points:g}/{check.max_points:g})"
    title = f"{mark} {_one_line(check.title, language)} {points}"
    if language is None and cell_len(title) > width - 6:  # the frame would cut it off: the English half goes inside
        title = f"{mark} {escape(check.title.ko)} {points}"
        parts.insert(0, f"[{colour}]{escape(check.title.en)}[/]")
    return Panel(Group(*parts), title=title, title_align="left", border_style=colour)


def _misconceptions(found: Mapping[Misconception, Sequence[str]], language: str | None) -> Panel:
    """What the wrong answers tell about what was understood, and the topic to go back to."""
    parts = []
    for one, checks in found.items():
        where = Text(f"{one.topic.week}주차 {one.topic.title.ko}", f"week {one.topic.week}, {one.topic.title.en}")
        parts.append(f"[bold]{_one_line(one.title, language)}[/] [dim]({escape(one.id)}; {', '.join(checks)})[/]")
        parts.append(_said(one.text, language))
        parts.append(f"[cyan]→ {_one_line(where, language)}[/]")
    title = _one_line(Text("무엇을 다시 볼까요", "What to go back to"), language)
    return Panel(Group(*parts), title=title, title_align="left", border_style="cyan")


def _footer(report: Report) -> str:
    phases = ", ".join(f"{name} {value:.2f} s" for name, value in report.seconds.items())
    sandbox = report.environment.get("sandbox")
    box = f"sandbox: {sandbox}; " if sandbox else ""  # a student's report from a server does not say
    return f"{phases}; {box}suite {report.suite_version}"


@contextmanager
def run_progress(*, quiet: bool, language: str | None) -> Iterator[pipeline.Progress]:
    """A line that says what is going on, on stderr and only for a person."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield pipeline.Progress()
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task(_one_line(Text("상자를 준비합니다", "preparing the box"), language), total=None)

        def cell(done: Cell, count: int) -> None:
            text = Text(
                f"셀 {done.index + 1} 실행 완료 (코드 셀 {count}개)",
                f"ran cell {done.index + 1} of {count} code cells",
            )
            bar.update(task, description=_one_line(text, language))

        def check(row: CheckResult) -> None:
            bar.update(task, description=f"{VERDICTS[row.verdict][0]} {_one_line(row.title, language)}")

        yield pipeline.Progress(cell, check)


@contextmanager
def proof_progress(name: str, *, quiet: bool) -> Iterator[Callable[[Proof, int], None]]:
    """A bar over all trials of one suite."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda proof, count: None
        return
    with Progress(
        TextColumn(name),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task(name, total=None)

        def advance(proof: Proof, count: int) -> None:
            bar.update(task, total=count, advance=1)

        yield advance


class BatchProgress:
    """A line a notebook as it is done, a bar with the time left, and a summary."""

    def __init__(self, count: int, skipped: int, as_json: bool, language: str | None, bar: Progress | None) -> None:
        self._bar, self._json, self._language = bar, as_json, language
        self._task = None if bar is None else bar.add_task("", total=count, completed=skipped)
        self._skipped = skipped
        self._scores: list[float] = []
        self._ungraded = 0
        self._console = bar.console if bar is not None else Console(stderr=True)

    def __call__(self, name: Path, report: Report) -> None:
        if report.status is Status.GRADED:
            self._scores.append(report.score)
        else:
            self._ungraded += 1
        if self._json:
            print(json.dumps({"file": str(name), **report.as_json()}, ensure_ascii=False), flush=True)
        else:
            print(batch_line(name, report, self._language), flush=True)
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task)

    def stopped(self, command: str) -> None:
        text = Text(f"중단했습니다. 이어서 하려면: {command}", f"Stopped. To go on: {command}")
        self._console.print(_said(text, self._language), soft_wrap=True)

    def finished(self, reports: Path) -> None:
        if self._json:
            return
        mean = Text("", "")
        if self._scores:
            points = f"{sum(self._scores) / len(self._scores):.1f}"
            mean = Text(f"(평균 {points}점)", f" (mean {points})")
        text = Text(
            f"{len(self._scores)}개 채점{mean.ko}, {self._ungraded}개 채점 못 함, {self._skipped}개 건너뜀. "
            f"보고서: {reports}",
            f"{len(self._scores)} graded{mean.en}, {self._ungraded} not graded, {self._skipped} skipped. "
            f"Reports: {reports}",
        )
        self._console.print(_said(text, self._language), soft_wrap=True)


def batch_line(name: Path, report: Report, language: str | None) -> str:
    """One notebook's fate: mark, score, file, seconds, and what it lost or why it has no grade."""
    if report.status is not Status.GRADED:
        reason = report.reason.into(language or "en") if report.reason else ""
        return f"!   -/-     {_plain(name)}  {report.status.value}: {reason}"
    mark = "✓" if report.score >= report.max_score else "✗"
    lost = [check.id for check in report.checks if check.verdict not in (Verdict.PASSED, Verdict.SKIPPED)]
    shown = ", ".join(lost[:4]) + (f", +{len(lost) - 4}" if len(lost) > 4 else "")
    score = f"{report.score:g}/{report.max_score:g}"
    return f"{mark} {score:>8}  {_plain(name)}  {report.seconds.get('total', 0.0):.1f} s  {shown}".rstrip()


def _plain(name: Path) -> str:
    """A file's name may hold anything, also what would steer a terminal."""
    return "".join(c if c.isprintable() else "?" for c in str(name))


@contextmanager
def batch_progress(count: int, skipped: int, *, as_json: bool, language: str | None) -> Iterator[BatchProgress]:
    """The bar is for a person at a terminal; lines and JSON go to stdout in any case."""
    console = Console(stderr=True)
    if as_json or not console.is_terminal:
        yield BatchProgress(count, skipped, as_json, language, None)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("ETA"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield BatchProgress(count, skipped, as_json, language, bar)


def show_verification(result: Verification, language: str | None = None, console: Console | None = None) -> None:
    """The kill matrix and what does not hold."""
    console = console or Console()
    console.print(_fates(result, language))
    console.print(f"[italic]{MATRIX_TITLE}[/]")  # not the table's title, which wraps where the suite is small
    console.print(_matrix(result, language))
    console.print(_legend(result))
    for proof in result.proofs:
        if not proof.holds:
            console.print(_broken(proof, language))
    for check in result.unproved:
        console.print(f"[red]unproved[/] {check}: " + _one_line(NO_MUTANT, language))
    word = "[green]holds[/]" if result.holds else "[red]does not hold[/]"
    killed = sum(proof.holds for proof in result.of("mutant"))
    console.print(f"[bold]{result.assignment}[/]: {killed}/{len(result.of('mutant'))} mutants killed; {word}")


MATRIX_TITLE = "kill matrix  ◉ named and lost  ● lost  ○ survived  - skipped"
NO_MUTANT = Text("이 항목을 틀리는 변이가 없습니다.", "no mutant loses this check.")


def _fates(result: Verification, language: str | None) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("", "trial", "score", "seconds"):
        table.add_column(name, justify="right" if name in ("score", "seconds") else "left")
    for proof in result.proofs:
        if proof.kind != "mutant":
            mark = "[green]✓[/]" if proof.holds else "[red]✗[/]"
            score = f"{proof.score:g}/{proof.max_score:g}"
            table.add_row(mark, f"{proof.kind}: {escape(proof.name)}", score, f"{proof.seconds:.1f}")
    return table


def _matrix(result: Verification, language: str | None) -> Table:
    """A row a mutant, a column a check: ● lost, ◉ lost as it was named, ○ named and not lost, - skipped."""
    table = Table(box=None, pad_edge=False)
    numbers = range(1, len(result.checks) + 1)
    tens = "".join(str(i // 10 or " ") for i in numbers)
    table.add_column("mutant", no_wrap=True)
    table.add_column(tens + "\n" + "".join(str(i % 10) for i in numbers), no_wrap=True)
    for proof in result.of("mutant"):
        name = escape(proof.name) if proof.holds else f"[red]{escape(proof.name)}[/]"
        table.add_row(name, "".join(_spot(proof, check) for check in result.checks))
    return table


def _spot(proof: Proof, check: str) -> str:
    if check in proof.lost:
        return "◉" if check in proof.trips else "●"
    if check in proof.trips:
        return "[red]○[/]"
    return "-" if proof.verdicts.get(check) is Verdict.SKIPPED else "·"


def _legend(result: Verification) -> str:
    return "\n".join(f"{i:3} {check}" for i, check in enumerate(result.checks, 1))


def _broken(proof: Proof, language: str | None) -> str:
    lost = ", ".join(proof.lost) or "-"
    wanted = f"; must lose: {', '.join(proof.trips)}" if proof.trips else ""
    if set(proof.named) != set(proof.recognised):
        wanted += f"; must be called: {', '.join(proof.named) or '-'}; called: {', '.join(proof.recognised) or '-'}"
    reason = f"; {_one_line(proof.reason, language)}" if proof.reason else ""
    score = f"{proof.status.value}, {proof.score:g}/{proof.max_score:g}"
    return f"[red]{proof.kind} {escape(proof.name)}[/]: {score}; lost: {lost}{wanted}{reason}"


@contextmanager
def calibration_progress(runs: Mapping[str, int], *, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """A bar for each kind of runs, such as the solution's and the baseline's."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda who, run: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        tasks = {who: bar.add_task(who, total=total) for who, total in runs.items()}
        yield lambda who, run: bar.update(tasks[who], completed=run + 1)


def show_calibration(found: Mapping[str, Calibrated], language: str | None = None) -> None:
    """Each metric: what the solution and the baseline reach, and what follows for the points."""
    table = Table(box=None, pad_edge=False)
    for name in ("metric", "solution (sd, worst)", "baseline (sd)", "no points at", "all points at", "false fails"):
        table.add_column(name)
    for name, one in found.items():
        ours = f"{one.reference.mean:.4f} ({one.reference.sd:.4f}, {one.reference.worst:.4f})"
        theirs = f"{one.weak.mean:.4f} ({one.weak.sd:.4f})"
        chance = f"{one.false_fail:.1e}"
        table.add_row(name, ours, theirs, f"{one.baseline:.4f}", f"{one.target:.4f}", chance)
    console = Console()
    console.print(table)
    runs = next(iter(found.values())).reference.runs
    text = Text(f"각각 {runs}번 실행해서 쟀습니다.", f"Measured in {runs} runs each.")
    console.print(_one_line(text, language))


def show_false_fails(found: Mapping[str, FalseFails], language: str | None = None) -> None:
    """Each metric: how often single runs missed its target, and how often a grading will at most."""
    rows = dict(found)
    if len(found) > 1 and (together := FalseFails.any_of(list(found.values()))):
        rows["any of them"] = together
    table = Table(box=None, pad_edge=False)
    for name in (
        "",
        "metric",
        "target",
        "runs missed",
        "one run, at most",
        "grading, at most",
        "estimate",
        "threes missed",
    ):
        table.add_column(name)
    for name, one in rows.items():
        mark = "[green]✓[/]" if one.holds else "[red]✗[/]"
        target = "" if math.isnan(one.target) else f"{one.target:.4f}"
        threes = f"{one.triples[0]} / {one.triples[1]}" if one.is_median else "–"
        missed = f"{sum(one.missed)} / {one.runs}"
        chances = (f"{chance:.2g}" for chance in (one.one_run, one.bound, one.estimate))
        table.add_row(mark, escape(name), target, missed, *chances, threes)
    console = Console()
    console.print(table)
    for name, one in rows.items():
        if not one.is_median:
            console.print(f"[yellow]{escape(name)}[/]: " + _one_line(NO_MEDIAN, language))
    holds = all(one.holds for one in rows.values())
    console.print(_one_line(FALSE_FAILS_HOLD if holds else FALSE_FAILS_BROKEN, language))


NO_MEDIAN = Text(
    "시드 세 개의 중앙값이 아니어서, 실행 한 번이 못 미칠 확률을 그대로 씁니다.",
    "This is not the median over three seeds, so the chance of one run stands for a grading's.",
)
FALSE_FAILS_HOLD = Text(
    f"정답을 채점할 때 목표에 못 미칠 확률은 95% 신뢰로 {FALSE_FAIL_LIMIT:g} 이하입니다.",
    f"The reference misses a target in a grading with a chance of at most {FALSE_FAIL_LIMIT:g}, with 95% confidence.",
)
FALSE_FAILS_BROKEN = Text(
    f"정답을 채점할 때 목표에 못 미칠 확률이 {FALSE_FAIL_LIMIT:g}을(를) 넘을 수 있습니다. 더 많이 실행하거나 "
    "--calibrate로 기준을 다시 재세요.",
    f"The chance that the reference misses a target in a grading may be above {FALSE_FAIL_LIMIT:g}. Count more runs, "
    "or measure the curves anew with --calibrate.",
)


def show_findings(findings: Sequence[Finding], language: str | None = None) -> None:
    """What the doctor found, a line each."""
    table = Table(box=None, pad_edge=False)
    for name in ("", "", "", ""):
        table.add_column(name, overflow="fold")
    for finding in findings:
        mark = "[green]✓[/]" if finding.ok else "[red]✗[/]" if finding.required else "[yellow]–[/]"
        mend = f"[bold]{escape(finding.mend)}[/]" if finding.mend else ""
        table.add_row(mark, finding.name, _one_line(finding.text, language), mend)
    Console().print(table)
