"""`grader`: the verbs of the command line.

Exit codes are a contract: 0 all earned (or all is well), 1 the student lost points (or a proof failed), 2 no
grade was given, by a fault of the input or of ours. Heavy imports happen inside the verbs.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

import grader
from grader import files, layout
from grader.commands import LazyGroup
from grader.errors import BadInput, BadNotebook, GraderError
from grader.text import Text

if TYPE_CHECKING:
    from grader.assignment import Assignment, Catalog
    from grader.pipeline import Graded

OURS = 2
click.Context.formatter_class = layout.Formatter

language_option = click.option(
    "--lang", type=click.Choice(["ko", "en"]), default=None, help="한국어만 / English only. Default: both."
)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON만 씁니다. / Print JSON and nothing else.")
workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=lambda: len(os.sched_getaffinity(0)),
    help="동시에 몇 개 / Notebooks at a time. Default: one a core.",
)
device_option = click.option(
    "--device",
    type=click.Choice(["cpu", "simulated", "cuda"]),
    help="GPU 과제를 돌릴 곳 / Where an assignment about GPUs runs. Default: cuda, or simulated without a GPU.",
)
data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="진짜 경기의 폴더(grader data check) / Folder of real matches to grade on, instead of those shipped.",
)


def _assignments(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of the assignments in the folder."""
    from grader.commands import common

    return common.catalog_assignments(context, parameter, incomplete)


assignment_argument = click.argument("assignment", shell_complete=_assignments)
any_assignment_argument = click.argument("assignment", required=False, shell_complete=_assignments)
unsafe_option = click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    help="상자 없이, 내 권한으로 / Run the notebook with your own rights, without a box. Only for what you trust.",
)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(grader.__version__, prog_name="grader")
@click.option("--assignments", type=click.Path(path_type=Path), help="과제의 폴더 / Folder of assignments.")
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    help="풀이와 숨긴 테스트의 폴더 / Folder of solutions and hidden tests.",
)
@click.pass_context
def cli(context: click.Context, assignments: Path | None, reference: Path | None) -> None:
    """노트북을 봉인된 상자에서 실행하고 채점합니다.

    Grades deep-learning notebooks in a sealed box.
    """
    from grader.assignment import Catalog

    context.obj = Catalog.find(assignments, reference)


@cli.command()
@assignment_argument
@click.argument("notebook", type=click.Path(path_type=Path))
@json_option
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    help="보고서와 노트북을 한 페이지로 / Write the report and the notebook as a page.",
)
@click.option(
    "--executed", type=click.Path(path_type=Path), help="실행한 노트북을 씁니다. / Write the executed notebook."
)
@data_option
@device_option
@language_option
@unsafe_option
@click.pass_obj
def run(
    catalog: Catalog,
    assignment: str,
    notebook: Path,
    as_json: bool,
    html: Path | None,
    executed: Path | None,
    data: Path | None,
    device: str | None,
    lang: str | None,
    unsafe: bool,
) -> None:
    """노트북 하나를 채점합니다. / Grade one notebook.

    종료 코드: 0 만점, 1 잃은 점수가 있음, 2 채점하지 못함. 강좌의 성적에는 남지 않습니다(grader submit).

    Exit code: 0 all points, 1 some were lost, 2 no grade was given. No course learns of it (grader submit).

    \b
    예 / Examples:
      grader run xor-mlp my.ipynb
      grader run xor-mlp my.ipynb --lang ko --html report.html
    """
    for file in (html, executed):
        _must_be_writable(file, notebook)
    chosen = _chosen(catalog, assignment, data)
    graded = _grade(catalog, chosen, notebook, unsafe, device, quiet=as_json, language=lang)
    if html is not None:
        from grader.page import html as page

        files.write(html, page(graded.executed, graded.report, lang))
    if executed is not None and graded.executed is not None:
        import nbformat

        files.write(executed, nbformat.writes(graded.executed))
    if as_json:
        click.echo(graded.report.to_json())
    else:
        from grader.terminal import show_report

        show_report(graded.report, lang)
    sys.exit(graded.report.exit_code)


@cli.command()
@assignment_argument
@click.argument("folder", type=click.Path(path_type=Path))
@workers_option
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    help="보고서를 둘 곳 / Where reports are kept. Default: FOLDER/reports-ASSIGNMENT.",
)
@click.option(
    "--resume", is_flag=True, help="이미 채점한 것은 건너뜁니다. / Skip notebooks that have a report of this suite."
)
@data_option
@device_option
@json_option
@language_option
@unsafe_option
@click.pass_obj
def batch(
    catalog: Catalog,
    assignment: str,
    folder: Path,
    workers: int,
    reports: Path | None,
    resume: bool,
    data: Path | None,
    device: str | None,
    as_json: bool,
    lang: str | None,
    unsafe: bool,
) -> None:
    """폴더의 모든 노트북을 채점합니다. / Grade every notebook of a folder, in parallel.

    끝나는 대로 노트북마다 한 줄입니다(--json이면 보고서와 파일 이름). 깨졌거나 공격하거나 너무 큰 노트북이 있어도 다른
    것은 그대로 채점합니다. 종료 코드: 0 모두 만점, 1 잃은 점수가 있음, 2 채점하지 못한 것이 있음.

    A line a notebook as it is done (with --json: its report and its file). A bad, hostile or huge notebook costs
    only itself. Exit code: 0 all earned all points, 1 some lost points, 2 some got no grade.

    \b
    예 / Examples:
      grader batch xor-mlp submissions/
      grader batch xor-mlp submissions/ --resume --json > reports.jsonl
    """
    from grader import batch as batches
    from grader import pipeline, pool, terminal

    chosen = pipeline.held_to(_chosen(catalog, assignment, data), _device(device))
    names = batches.find(folder)
    kept = batches.Reports(reports or folder / f"reports-{assignment}")
    files.make_folder(kept.folder)
    todo = batches.left(chosen, folder, names, kept, resume)
    jobs = [pool.Job(name, folder / name) for name in todo]
    setting = pool.Setting(chosen, _backend(unsafe), catalog.all())
    worst = 0
    with terminal.batch_progress(len(names), len(names) - len(todo), as_json=as_json, language=lang) as progress:
        try:
            for name, graded in pool.grade_all(setting, jobs, min(workers, max(1, len(jobs)))):
                kept.save(name, graded.report)
                progress(name, graded.report)
                worst = max(worst, graded.report.exit_code)
        except KeyboardInterrupt:
            on = "" if data is None else f" --data {data}"
            progress.stopped(f"grader batch {assignment} {folder} --reports {kept.folder}{on} --resume")
            sys.exit(130)
    progress.finished(kept.folder)
    sys.exit(worst)


@cli.command()
@any_assignment_argument
@workers_option
@click.option(
    "--calibrate",
    "runs",
    type=click.IntRange(2),
    help="지표를 여러 번 재기만 합니다. / Measure the metrics in so many runs instead.",
)
@click.option(
    "--false-fails",
    "singles",
    type=click.IntRange(3),
    help="풀이가 놓치는 횟수만 셉니다. / Count the solution's misses in so many runs.",
)
@device_option
@json_option
@language_option
@unsafe_option
@click.pass_obj
def verify(
    catalog: Catalog,
    assignment: str | None,
    workers: int,
    runs: int | None,
    singles: int | None,
    device: str | None,
    as_json: bool,
    lang: str | None,
    unsafe: bool,
) -> None:
    """채점 항목이 옳은지 증명합니다. / Prove a suite.

    풀이와 다른 맞은 답은 만점, 나눠 줄 노트북은 바닥 점수를 얻고, 틀린 답(mutant)은 저마다 적힌 항목을 잃어야 합니다.
    어느 틀린 답도 잃지 않는 항목이 있으면 안 됩니다. 아니면 종료 코드 1입니다. --calibrate는 지표의 점수를 정하고,
    --false-fails는 맞은 답이 운으로 점수를 잃을 확률을 셉니다.

    The solution and every alternative earn all points, the released notebook its floor, every mutant loses the
    check that it names, and every check is lost by a mutant. Exit code 1 if not.

    --calibrate RUNS trains the solution and the weak baseline that often, with other seeds each time, proposes what
    each metric earns, and keeps that in calibration.json of the assignment's reference folder.

    --false-fails RUNS trains the solution that often, with one seed each time, counts how often a metric misses what
    is kept there, and bounds the chance that a grading does. Exit code 1 if that may be above 1 in 1,000.

    \b
    예 / Examples:
      grader verify xor-mlp
      grader verify regularized-dnn --calibrate 30
    """
    from grader import mutants, pipeline, terminal

    if runs is not None and singles is not None:
        raise BadInput(ONE_AT_A_TIME)
    if singles is not None:
        _false_fails(catalog, assignment, singles, _device(device), _backend(unsafe), as_json, lang)
    if runs is not None:
        _calibrate(catalog, assignment, runs, _device(device), _backend(unsafe), as_json, lang)
    chosen = [catalog.load(assignment)] if assignment else catalog.all()
    if not chosen:
        catalog.load("")
    holds = True
    for one in chosen:
        if assignment or one.device == "gpu":
            one = pipeline.held_to(one, _device(device))
        with terminal.proof_progress(one.id, quiet=as_json) as progress:
            result = mutants.verify(one, backend=_backend(unsafe), workers=workers, progress=progress)
        holds = holds and result.holds
        if as_json:
            click.echo(json.dumps(result.as_json(), ensure_ascii=False))
        else:
            terminal.show_verification(result, lang)
    sys.exit(0 if holds else 1)


@cli.command()
@any_assignment_argument
@click.option(
    "--check", is_flag=True, help="쓰지 않고, 오래되었으면 종료 코드 1 / Write nothing; exit 1 if one is out of date."
)
@json_option
@language_option
@click.pass_obj
def release(catalog: Catalog, assignment: str | None, check: bool, as_json: bool, lang: str | None) -> None:
    """풀이 노트북에서 학생용 노트북을 만듭니다. / Make the student notebook from the solution.

    과제를 주지 않으면 모두입니다. / Of all assignments where none is named.

    \b
    예 / Examples:
      grader release xor-mlp
      grader release --check
    """
    from grader import release as releases

    chosen = [catalog.load(assignment)] if assignment else [a for a in catalog.all() if a.reference]
    stale = False
    for one in chosen:
        changed = not releases.check(one) if check else releases.write(one)
        stale = stale or (check and changed)
        if as_json:
            click.echo(json.dumps({"assignment": one.id, "notebook": str(one.notebook), "changed": changed}))
        else:
            click.echo(_release_word(str(one.notebook), check, changed).into(lang))
    sys.exit(1 if stale else 0)


def _release_word(file: str, check: bool, changed: bool) -> Text:
    if not changed:
        return Text(f"{file}: 최신입니다", f"{file}: up to date")
    if check:
        return Text(f"{file}: 오래되었습니다. grader release를 실행하세요.", f"{file}: out of date; run grader release")
    return Text(f"{file}: 새로 만들었습니다", f"{file}: written")


@cli.command()
@click.option(
    "--home", type=click.Path(path_type=Path), help="강좌의 폴더 / Folder of the course. Default: GRADER_HOME."
)
@json_option
@language_option
def doctor(home: Path | None, as_json: bool, lang: str | None) -> None:
    """이 컴퓨터에 무엇이 있고 없는지 알려 줍니다. / Say what this machine has and lacks.

    빠진 것마다 고치는 명령을 알려 줍니다. 채점에 필요한 것이 없으면 종료 코드 2입니다.

    With the command that mends what is missing. Exit code 2 if grading needs it.

    \b
    예 / Example:
      grader doctor --lang en
    """
    from grader.commands import finding
    from grader.sandbox.doctor import examine

    findings = [*examine(), *finding.examine(home)]
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False))
    else:
        from grader.terminal import show_findings

        show_findings(findings, lang)
    sys.exit(0 if all(finding.ok or not finding.required for finding in findings) else OURS)


def _calibrate(
    catalog: Catalog, name: str | None, runs: int, device: Any, backend: Any, as_json: bool, language: str | None
) -> NoReturn:
    from grader import calibrate, pipeline, terminal
    from grader.suite import calibration

    assignment = pipeline.held_to(catalog.load(name or ""), device)
    with terminal.calibration_progress({"solution": runs, "baseline": runs}, quiet=as_json) as progress:
        found = calibrate.calibrate(assignment, runs, backend=backend, progress=progress)
    text = calibration.save(found)
    if assignment.calibration is not None:
        files.write(assignment.calibration, text)
    if as_json:
        click.echo(text, nl=False)
    else:
        terminal.show_calibration(found, language)
    sys.exit(0)


def _false_fails(
    catalog: Catalog, name: str | None, runs: int, device: Any, backend: Any, as_json: bool, language: str | None
) -> NoReturn:
    from grader import calibrate, pipeline, terminal
    from grader.suite import calibration

    assignment = pipeline.held_to(catalog.load(name or ""), device)
    with terminal.calibration_progress(calibrate.trainings(runs), quiet=as_json) as progress:
        found = calibrate.false_fails(assignment, runs, backend=backend, progress=progress)
    if assignment.calibration is not None:
        files.write(assignment.calibration, calibration.keep(assignment, found))
    together = calibration.FalseFails.any_of(list(found.values()))
    holds = all(one.holds for one in (*found.values(), together) if one is not None)
    if as_json:
        metrics = {metric: {"target": one.target, **one.as_json()} for metric, one in found.items()}
        whole = {"assignment": assignment.id, "holds": holds, "metrics": metrics}
        click.echo(json.dumps(whole | {"any_metric": together and together.as_json()}))
    else:
        terminal.show_false_fails(found, language)
    sys.exit(0 if holds else 1)


ONE_AT_A_TIME = Text(
    "--calibrate와 --false-fails는 한 번에 하나만 쓸 수 있습니다. 먼저 기준을 재고, 그다음에 세세요.",
    "Use --calibrate or --false-fails, one at a time: first calibrate, then count.",
)


@cli.group(cls=layout.Group)
def data() -> None:
    """과제의 자료를 만들고 살핍니다. / Make and check an assignment's data."""


@data.command("lol")
@click.option(
    "--games", type=click.IntRange(1, 10_000_000), required=True, help="훈련 경기 수 / Matches of the training part."
)
@click.option(
    "--test-games",
    type=click.IntRange(1, 10_000_000),
    help="시험 경기 수 / Matches of the test part. Default: a quarter.",
)
@click.option(
    "--seed", type=click.IntRange(0), required=True, help="같은 seed는 같은 파일 / The same seed gives the same files."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="쓸 폴더 / The folder to write into.")
@click.option("--force", is_flag=True, help="있는 파일을 덮어씁니다. / Overwrite files that are there already.")
@json_option
@language_option
def data_lol(
    games: int, test_games: int | None, seed: int, out: Path, force: bool, as_json: bool, lang: str | None
) -> None:
    """지어낸 리그 오브 레전드 경기를 씁니다. / Write made-up matches of League of Legends.

    x_train.csv, y_train.csv, x_test.csv, y_test.csv를 모두 쓰거나 하나도 쓰지 않습니다. 자세한 것은 docs/lol-data.md.

    Writes x_train.csv, y_train.csv, x_test.csv and y_test.csv, all or none. See docs/lol-data.md.

    \b
    예 / Example:
      grader data lol --games 12000 --seed 1 --out matches/
    """
    from grader import lol

    tests = max(1, games // 4) if test_games is None else test_games
    lol.write(out, games, seed, tests, force=force)
    if as_json:
        click.echo(json.dumps({"folder": str(out), "games": games, "test_games": tests, "seed": seed}))
        return
    written = Text(
        f"{out}: 훈련 경기 {games:,}개와 시험 경기 {tests:,}개를 썼습니다(seed {seed}).",
        f"{out}: {games:,} training and {tests:,} test matches written (seed {seed}).",
    )
    click.echo(written.into(lang))


@data.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@language_option
def data_check(folder: Path, as_json: bool, lang: str | None) -> None:
    """폴더의 경기 자료가 올바른지 살핍니다. / Check a folder of the study group's match CSVs.

    잘못마다 한 문장입니다. 하나라도 있으면 종료 코드 1입니다. / A sentence for each fault. Exit code 1 if there is one.

    \b
    예 / Example:
      grader data check matches/
    """
    from grader import lol

    faults = lol.check(folder)
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "faults": [one.as_json() for one in faults]}, ensure_ascii=False))
    else:
        fine = Text(f"{folder}: 자료가 올바릅니다.", f"{folder}: the data are as they should be.")
        for one in faults or [fine]:
            click.echo(one.into(lang))
    sys.exit(1 if faults else 0)


def _chosen(catalog: Catalog, name: str, data: Path | None) -> Assignment:
    """The assignment, to be graded on the data of this folder, if one is named, until the verb ends."""
    assignment = catalog.load(name)
    if data is None:
        return assignment
    from grader import own_data

    return click.get_current_context().with_resource(own_data.graded_on(assignment, data))


def _grade(
    catalog: Catalog,
    assignment: Assignment,
    file: Path,
    unsafe: bool,
    device: str | None,
    *,
    quiet: bool,
    language: str | None,
) -> Graded:
    """The notebook is read before a box is made, so that bad input costs nothing."""
    from grader import pipeline, terminal

    try:
        notebook = pipeline.read(file)
    except BadNotebook as error:
        return pipeline.Graded(pipeline.not_gradable(assignment, error))
    with terminal.run_progress(quiet=quiet, language=language) as progress:
        return pipeline.grade_alone(
            assignment,
            notebook,
            _backend(unsafe),
            device=_device(device),
            others=catalog.all(),
            progress=progress,
        )


def _device(name: str | None) -> Any:
    from grader.sandbox import Device

    return Device(name) if name else None


def _backend(unsafe: bool) -> Any:
    from grader.sandbox import Backend

    return Backend.NONE if unsafe else Backend.BUBBLEWRAP


def _must_be_writable(file: Path | None, notebook: Path) -> None:
    """Before minutes of work: can the result be written, and would it overwrite the submission?"""
    if file is None:
        return
    folder = file.parent
    if file.exists() and notebook.exists() and file.samefile(notebook):
        raise BadInput(
            Text(
                f"{file}은(는) 제출한 노트북입니다. 덮어쓰지 않도록 다른 파일 이름을 주세요.",
                f"{file} is the submitted notebook itself. Give another file name, so that it is not overwritten.",
            )
        )
    if file.is_dir() or not folder.is_dir() or not _writable(file, folder):
        raise BadInput(
            Text(
                f"{file}에 쓸 수 없습니다. 쓸 수 있는 폴더에 있는 파일 이름을 주세요.",
                f"{file} cannot be written. Name a file in a folder that exists and that you may write to.",
            )
        )


def _writable(file: Path, folder: Path) -> bool:
    return os.access(file if file.exists() else folder, os.W_OK) and os.access(folder, os.W_OK | os.X_OK)


def main() -> NoReturn:
    """Every fault of ours or of the input ends in one paragraph and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Korean gets question marks, not a traceback
    try:
        cli(standalone_mode=False, prog_name="grader")
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        click.echo("\n중단했습니다. / Stopped.", err=True)
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(OURS)
    except click.UsageError as error:
        if error.ctx is not None and "--json" not in sys.argv:
            click.echo(error.ctx.get_usage() + "\n", err=True)
        _fail(layout.misuse(error))
    except click.ClickException as error:
        _fail(Text(error.format_message(), error.format_message()))
    except GraderError as error:
        _fail(error.text)
    except KeyboardInterrupt:
        click.echo("\n중단했습니다. / Stopped.", err=True)
        sys.exit(130)
    except Exception as error:
        if not _is_of_the_database(error):
            raise
        _fail(_database_fault(error))
    sys.exit(0)


def _is_of_the_database(error: Exception) -> bool:
    """Without loading what only the store needs."""
    loaded = sys.modules.get("sqlalchemy.exc")
    return loaded is not None and isinstance(error, loaded.SQLAlchemyError)


def _database_fault(error: Any) -> Text:
    from grader.store.database import fault

    return fault(error)


def _fail(text: Text) -> NoReturn:
    """One paragraph; as JSON where JSON was asked for."""
    if "--json" in sys.argv:
        click.echo(json.dumps({"error": text.as_json()}, ensure_ascii=False))
    else:
        click.echo(text.into(_language(sys.argv)), err=True)
    sys.exit(OURS)


def _language(words: Sequence[str]) -> str | None:
    """What --lang says, also where the rest of the line could not be understood."""
    given = " ".join(words).replace("--lang=", "--lang ").split()
    after = given[given.index("--lang") + 1 :][:1] if "--lang" in given else []
    return next((word for word in after if word in ("ko", "en")), None)
