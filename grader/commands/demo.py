"""`grader demo`: a course with made-up people and submissions of all kinds, graded through the queue."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.assignment import Assignment, Catalog
    from grader.jobs import Jobs
    from grader.store.database import Database, Home
    from grader.store.models import Course

POLL_S = 0.3
TITLE = Text("딥러닝 스터디 (예시)", "Deep learning study (demo)")
GROUPS = {"A": ("minji", "junho", "seoyeon"), "B": ("doyun", "haeun", "jiwoo", "siwoo")}
NAMES = {
    **{"minji": "김민지", "junho": "이준호", "seoyeon": "박서연", "doyun": "최도윤"},
    **{"haeun": "정하은", "jiwoo": "강지우", "siwoo": "조시우"},
}
UNPROVED = "demo"
PASSWORD = "demo-demo-demo"  # of made-up people, on a course that holds nothing else
SIGN_INS = (
    ("teacher@example.com", Text("강사", "instructor")),
    ("assistant@example.com", Text("조교", "assistant")),
    ("junho@example.com", Text("학생: 틀린 뒤 고쳤음", "student: a mistake, then mended")),
    ("seoyeon@example.com", Text("학생: 흔한 실수", "student: classic mistakes")),
    ("siwoo@example.com", Text("학생: 아직 낸 것이 없음", "student: nothing submitted yet")),
)


@dataclass(frozen=True)
class Upload:
    """Who hands in what: a mutant by its name, an alternative, "solution", "notebook" (as released), a sample, or
    "broken" (so many bytes of the notebook); so many days after the due date (before it where below 0)."""

    who: str
    assignment: str
    what: str
    days: float


UPLOADS = (
    Upload("minji", "perceptron", "alternatives/plain_lists", -3),
    Upload("junho", "perceptron", "mse_grad_sum", -2),
    Upload("junho", "perceptron", "solution", -1),
    Upload("seoyeon", "perceptron", "xor_one_unit", -2),
    Upload("doyun", "perceptron", "step_strict", 1.5),
    Upload("minji", "xor-mlp", "samples/right", -1),
    Upload("junho", "xor-mlp", "train_model_no_zero_grad", -1),
    Upload("seoyeon", "xor-mlp", "samples/mistake", -2),
    Upload("doyun", "xor-mlp", "samples/hostile", 0.5),
    Upload("haeun", "xor-mlp", "notebook", -2),
    Upload("jiwoo", "xor-mlp", "broken 400", -1),
    Upload("jiwoo", "xor-mlp", "broken 500", -0.5),
    Upload("minji", "lol-gpu", "solution", -3),
    Upload("junho", "lol-gpu", "fit_too_few_steps", -4),
    Upload("doyun", "lol-gpu", "fit_forgets_scaler", -3.5),
)
DUE = {"perceptron": -3, "xor-mlp": -3, "lol-gpu": 2}  # days from now


@click.command(name="demo")
@click.option(
    "--slots", type=click.IntRange(1, 64), default=2, show_default=True, help="동시 채점 수 / Gradings at a time."
)
@click.option("--home", type=click.Path(path_type=Path), help="새 폴더 / A new folder. Default: a temporary one.")
@click.option("--serve", is_flag=True, help="채점한 뒤 웹으로 엽니다. / Open it in the browser afterwards.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="그 포트 / Its port.")
@click.option("--lang", type=click.Choice(["ko", "en"]), default=None, help="한국어만 / English only. Default: both.")
@click.pass_obj
def command(catalog: Catalog, slots: int, home: Path | None, serve: bool, port: int, lang: str | None) -> None:
    """예시 강좌를 만들고 제출을 채점합니다. / Make a course of made-up people and grade what they hand in.

    맞은 노트북, 흔한 실수, 공격하는 노트북, 깨진 파일, 늦은 제출이 있고 퀴즈, 순위표, 관심 목록, 설문도 채워져
    있습니다. 1~2분 걸립니다. 강좌는 그 폴더에 남아 다른 명령으로 볼 수 있습니다.

    --serve: 이어서 웹으로 열고, 로그인할 사람을 알려 줍니다.

    There are right notebooks, classic mistakes, one that attacks, a broken file, a late one; quizzes, a leaderboard,
    the watchlist and a survey are filled, too. It takes a minute or two. The course stays in its folder for the other
    verbs. --serve opens it in the browser and says who can sign in.

    \b
    예 / Examples:
      grader demo
      grader demo --serve --port 8080
    """
    folder = home or Path(tempfile.mkdtemp(prefix="grader-demo-"))
    if folder.is_dir() and any(folder.iterdir()):
        raise BadInput(
            Text(
                f"{folder}은(는) 비어 있지 않습니다. --home으로 새 폴더를 주세요.",
                f"{folder} is not empty. Name a new folder with --home.",
            )
        )
    with common.opened(folder, makes=True) as (found, database), common.queue(database) as jobs:
        with database.write() as session:
            course = _course(session, catalog)
            runs = _uploads(session, catalog, course, jobs)
            _more(session, catalog, course, found)
        _survey(database, catalog)
        common.say(_made(found, len(runs)), lang)
        _wait(found, database, runs, slots, lang)
        _likeness(database)
        _show(database, lang)
        _passwords(database)
    if serve:
        _serve(found, port, lang)
    else:
        _tell_next(found, lang)


def _course(session: Session, catalog: Catalog) -> Course:
    """The course, its people and its assignments, due in a moment that lies between the uploads."""
    from grader.course import people, publishing
    from grader.store.database import now
    from grader.store.models import Role

    course = people.create_course(session, "demo", TITLE, actor="cli")
    people.add_person(session, course, "teacher@example.com", "한선생", Role.INSTRUCTOR, actor="cli")
    people.add_person(session, course, "assistant@example.com", "오조교", Role.ASSISTANT, actor="cli")
    for group, names in GROUPS.items():
        for name in names:
            people.add_person(session, course, _email(name), NAMES[name], Role.STUDENT, group, actor="cli")
    for key, days in DUE.items():
        due = now(session) + timedelta(days=days)
        publishing.publish(
            session,
            course,
            catalog.load(key),
            None,
            actor="cli",
            forced=UNPROVED,
            opens=due - timedelta(days=14),
            due=due,
            closes=due + timedelta(days=30),
        )
    return course


def _more(session: Session, catalog: Catalog, course: Course, home: Home) -> None:
    """Quizzes, daily quests, a leaderboard."""
    from grader.commands import demo_daily, demo_quizzes, demo_signs
    from grader.course import people

    known = {name: people.member(session, course, _email(name)).person for name in NAMES}
    demo_quizzes.fill(session, catalog, course, known)
    demo_daily.quests(session, home.folder / "published", course, known)
    demo_signs.board(session, course, known)


def _survey(database: Database, catalog: Catalog) -> None:
    from grader.commands import demo_daily

    demo_daily.survey(database, catalog, list(NAMES)[:-1])


def _likeness(database: Database) -> None:
    from grader.commands import demo_signs

    demo_signs.likeness(database)


def _email(name: str) -> str:
    return f"{name}@example.com"


def _uploads(session: Session, catalog: Catalog, course: Course, jobs: Jobs) -> Mapping[str, Upload]:
    """Hands everything in. Returns the uploads by the keys of their runs."""
    from grader.course import people, submissions
    from grader.store.models import Source

    runs = {}
    for upload in sorted(UPLOADS, key=lambda one: one.days):
        row = people.assignment(session, course, upload.assignment)
        received = submissions.submit(
            session,
            row,
            people.member(session, course, _email(upload.who)).person,
            _notebook(catalog.load(upload.assignment), upload.what),
            f"{upload.assignment}.ipynb",
            Source.CLI,
            at=_at(row.due, upload.days),
            enqueue=jobs.enqueue,
        )
        runs[received.run.key] = upload
    return runs


def _at(due: datetime | None, days: float) -> datetime:
    assert due is not None
    return due + timedelta(days=days)


def _notebook(assignment: Assignment, what: str) -> bytes:
    import nbformat

    from grader import mutants, notebook

    if what.startswith("broken "):
        return assignment.notebook.read_bytes()[: int(what.split()[1])]
    if what == "notebook":
        return assignment.notebook.read_bytes()
    if what == "solution":
        return assignment.solution.read_bytes()
    folder = assignment.solution.parent
    if what.startswith("samples/"):
        return (folder / f"{what}.ipynb").read_bytes()
    if what.startswith("alternatives/"):
        made = mutants.alternative(folder / f"{what}.py")
    else:
        made = mutants.mutant(folder / "mutants" / f"{what}.py", notebook.read(assignment.solution)).notebook
    text: str = nbformat.writes(made.node)
    return text.encode()


def _wait(home: Home, database: Database, runs: Mapping[str, Upload], slots: int, lang: str | None) -> None:
    """Grades all, a line each as it is done."""
    from rich.console import Console

    from grader import worker

    console, left = Console(), dict(runs)
    with worker.ensure_worker(home, "cpu", "gpu", slots=slots) as alive:
        while left:
            for run in _done(database, list(left)):
                console.print(_line(left.pop(run.key), run, lang), soft_wrap=True)
            if left and not alive():
                raise BadInput(
                    Text(
                        f"워커가 끝났습니다. {home.folder / 'worker.log'}를 보거나 grader doctor를 실행하세요.",
                        f"The worker ended. See {home.folder / 'worker.log'}, or run grader doctor.",
                    )
                )
            time.sleep(POLL_S)


def _done(database: Database, keys: Sequence[str]) -> list[Any]:
    from sqlalchemy import select

    from grader.store.models import Run, State

    ended = (State.DONE, State.SET_ASIDE, State.CANCELLED)
    with database.read() as session:
        query = select(Run).where(Run.key.in_(keys), Run.state.in_(ended)).order_by(Run.finished_at)
        return list(session.scalars(query))


def _line(upload: Upload, run: Any, lang: str | None) -> str:
    from rich.markup import escape

    from grader.report import Status
    from grader.words import STATUS

    if run.status == Status.GRADED.value:
        colour = "green" if run.score >= run.max_score else "yellow"
        said = f"[bold {colour}]{run.score:g} / {run.max_score:g}[/]"
    else:
        said = f"[magenta]{common.one_line(STATUS[Status(run.status)], lang)}[/]" if run.status else run.state.value
    return f"  {NAMES[upload.who]}  {upload.assignment:<12}{escape(upload.what):<28}{said}"


def _show(database: Database, lang: str | None) -> None:
    from grader.commands.grades import legend, of_all
    from grader.course import grades, people
    from grader.store.models import Role

    with database.read() as session:
        rows = grades.of_course(session, people.the_course(session))
    found = [(member.person.email, by_key) for member, by_key in rows if member.role is Role.STUDENT]
    common.show("", of_all(found, lang), *legend(found, lang), "")


def _passwords(database: Database) -> None:
    """One for all, as all are made up."""
    from sqlalchemy import select

    from grader.commands.serve import web
    from grader.store.models import Person

    with database.write() as session:
        for person in session.scalars(select(Person).order_by(Person.id)):
            web().set_password(session, person, PASSWORD)


def _serve(home: Home, port: int, lang: str | None) -> None:
    """The pages, until Ctrl-C."""
    from grader.commands.serve import opened, web

    def ready(address: str) -> None:
        _tell_sign_ins(lang)
        opened(address, lang)

    web().serve(home, port=port, ready=ready)


def _tell_sign_ins(lang: str | None) -> None:
    common.say(Text("로그인할 사람 (모두 지어낸 사람입니다):", "Who you can sign in as (all are made up):"), lang)
    for email, role in SIGN_INS:
        click.echo(f"  {email:<24} {PASSWORD}   {common.one_line(role, lang)}")


def _made(home: Home, count: int) -> Text:
    return Text(
        f"예시 강좌를 {home.folder}에 만들었습니다. 제출 {count}개를 채점합니다.",
        f"A demo course is in {home.folder}. Grading {count} submissions.",
    )


def _tell_next(home: Home, lang: str | None) -> None:
    common.say(Text("이어서 해 볼 만한 명령:", "What to try next:"), lang)
    for verb in (
        "grades perceptron",
        "policy perceptron percent_a_day=20 --dry-run",
        "likeness perceptron --no-look",
        "board lol-gpu",
        "quiz grades",
        "quiz stats week2-linear-regression --course",
        "export --format xlsx --out grades.xlsx",
        "serve",
    ):
        click.echo(f"  grader {verb} --home {home.folder}")
    _tell_sign_ins(lang)
