"""What the verbs of the store share: options, an open store, times, tables, completion."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from rich.table import Table
    from sqlalchemy.orm import Session

    from grader.course.publishing import When
    from grader.jobs import Jobs
    from grader.store.database import Database, Home
    from grader.store.models import Course, Person

OURS = 2
F = TypeVar("F", bound=Callable[..., Any])
# a date as Koreans write it: 2026.3.2, 2026. 3. 2., 2026/03/02, 2026년 3월 2일
DATE = re.compile(r"(\d{4})\s*[./년]\s*(\d{1,2})\s*[./월]\s*(\d{1,2})\s*[.일]?(?=\s|$)")


# ------------------------------------------------------------------------------------------------- options


home_option = click.option(
    "--home",
    type=click.Path(path_type=Path),
    help="강좌의 폴더 / Folder of the course. Default: GRADER_HOME, or ~/.local/share/grader.",
)


def courses(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of the courses in the folder."""
    return completed(context, "SELECT key FROM course ORDER BY key", incomplete)


course_option = click.option(
    "--course",
    envvar="GRADER_COURSE",
    shell_complete=courses,
    help="강좌 / Course. Default: GRADER_COURSE, or the only one.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON만 씁니다. / Print JSON and nothing else.")
lang_option = click.option(
    "--lang", type=click.Choice(["ko", "en"]), default=None, help="한국어만 / English only. Default: both."
)
yes_option = click.option("--yes", is_flag=True, help="묻지 않습니다. / Ask nothing.")


def common(function: F) -> F:
    """The options of every verb: --home, --course, --json, --lang."""
    for option in (lang_option, json_option, course_option, home_option):
        function = option(function)
    return function


def by_option(function: F) -> F:
    """Who decides, for the audit log."""
    return click.option(
        "--by",
        envvar="GRADER_EMAIL",
        shell_complete=emails,
        help="누가 정했는지(이메일) / Who decides, for the audit log. Default: GRADER_EMAIL, or 'cli'.",
    )(function)


# ----------------------------------------------------------------------------------------------- the store


@contextmanager
def opened(home: Path | None, *, makes: bool = False) -> Iterator[tuple[Home, Database]]:
    """The store, brought up to date. One that is not there is made where it `makes` one, and refused elsewhere: a
    mistyped folder must not become an empty course. Raises BadInput or GraderError."""
    from grader.store.database import Database, Home
    from grader.store.schema import prepare

    found = Home.find(home, makes=makes)
    database = Database(found.url)
    try:
        prepare(database, makes=makes)
        yield found, database
    finally:
        database.close()


@contextmanager
def queue(database: Database) -> Iterator[Jobs]:
    """The queue of the store, ready to take jobs."""
    from grader import jobs

    jobs.prepare(database)
    found = jobs.Jobs(database)
    try:
        yield found
    finally:
        found.close()


def actor(session: Session, course: Course, by: str | None) -> Person | str:
    """Who decides: the member named, else the command line."""
    from grader.course import people

    return "cli" if by is None else people.member(session, course, by).person


# ------------------------------------------------------------------------------------------------- what is said


def say(text: Text, lang: str | None) -> None:
    """One paragraph."""
    click.echo(text.into(lang))


def emit(document: Any) -> None:
    """One JSON document, on one line."""
    click.echo(json.dumps(document, ensure_ascii=False))


def one_line(text: Text, lang: str | None) -> str:
    """Both languages beside each other, for a table."""
    from rich.markup import escape

    return escape(text.into(lang).replace("\n", " / "))


def table(lang: str | None, *columns: Text | str, right: Sequence[int] = ()) -> Table:
    """An empty table with these columns; `right` are the places of those with numbers."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False)
    for place, column in enumerate(columns):
        title = column if isinstance(column, str) else one_line(column, lang)
        if place in right:
            made.add_column(title, justify="right", no_wrap=True)
        else:
            made.add_column(title, overflow="fold")
    return made


def show(*things: Any) -> None:
    """Prints tables and the like."""
    from rich.console import Console

    console = Console()
    for thing in things:
        console.print(thing)


def sure(question: Text, yes: bool, lang: str | None) -> None:
    """Asks at a terminal; elsewhere only --yes will do. Raises BadInput or click.Abort."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput(
            question
            + Text(
                "터미널이 아니므로 묻지 않습니다. 정말이면 --yes를 붙이세요.",
                "This is no terminal, so add --yes to do it.",
            )
        )
    click.confirm(question.into(lang), abort=True, err=True)


# --------------------------------------------------------------------------------------------------- times


def moment(words: str | None, zone: str, *, end: bool = False) -> datetime | None:
    """A time as a person writes it: "2026-03-02 18:00", "2026-03-02" (its beginning; its last second where `end`),
    "2026.3.2", "+3d" or "+12h" from now, "none"; in the course's time zone unless it says another. Raises BadInput."""
    if words is None or words.strip().lower() in ("none", "없음"):
        return None
    text = DATE.sub(lambda date: f"{date[1]}-{int(date[2]):02}-{int(date[3]):02}", words.strip())
    if found := re.fullmatch(r"\+(\d{1,4})([dhm])", text):
        unit = {"d": "days", "h": "hours", "m": "minutes"}[found[2]]
        return datetime.now(UTC).replace(microsecond=0) + timedelta(**{unit: int(found[1])})
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            Text(
                f"'{words}' 시각을 읽을 수 없습니다. 예: '2026-03-02 18:00', 2026-03-02, +3d, none",
                f"The time '{words}' cannot be read. Examples: '2026-03-02 18:00', 2026-03-02, +3d, none",
            )
        ) from error
    if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text) and end:
        given = datetime.combine(given.date(), time(23, 59, 59))
    if given.tzinfo is None:
        given = given.replace(tzinfo=ZoneInfo(zone))
    return given.astimezone(UTC)


def local(at: datetime | None, zone: str) -> str:
    """A time as a person reads it, in the course's time zone."""
    return "-" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def iso(at: datetime | None) -> str | None:
    """A time for a program, in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat()


def rules(words: Sequence[str]) -> dict[str, Any]:
    """`key=value` as rules of a policy: numbers, "none" for no limit, else words. Raises BadInput."""
    return dict(_rule(one) for one in words)


def _rule(words: str) -> tuple[str, Any]:
    key, equals, value = words.partition("=")
    if not equals or not key.strip():
        raise BadInput(
            Text(
                f"'{words}'은(는) 규칙이 아닙니다. key=value로 쓰세요. 예: attempts=5, percent_a_day=10, late=none",
                f"'{words}' is no rule. Write key=value. Examples: attempts=5, percent_a_day=10, late=none",
            )
        )
    key, value = key.strip(), value.strip()
    if value.lower() in ("null", "unlimited") or (value.lower() == "none" and key != "late"):
        return key, None
    for kind in (int, float):
        try:
            return key, kind(value)
        except ValueError:
            pass
    return key, value


def window_of(row: Any, zone: str) -> dict[str, Any]:
    """For JSON when something opens, is due and closes; and the same in the course's zone, as `local_...`, to be
    said."""
    times = {name: getattr(row, name) for name in ("opens", "due", "closes")}
    return {name: iso(at) for name, at in times.items()} | {
        f"local_{name}": local(at, zone) for name, at in times.items()
    }


def window_given(opens: str | None, due: str | None, closes: str | None, zone: str) -> dict[str, When]:
    """The times that were named; the others stay as they are. Raises BadInput."""
    from grader.course import publishing

    given = {"opens": opens, "due": due, "closes": closes}
    return {
        name: publishing.KEEP if words is None else moment(words, zone, end=name != "opens")
        for name, words in given.items()
    }


# ---------------------------------------------------------------------------------------------- decisions


def say_points(points: float | None, told: Mapping[str, Any], as_json: bool, lang: str | None) -> None:
    """What was decided on points: None took an earlier decision back."""
    if as_json:
        emit(told)
    elif points is None:
        say(Text("앞의 결정을 거두었습니다.", "The earlier decision is taken back."), lang)
    else:
        say(Text(f"{points:g}점으로 정했습니다.", f"It is {points:g} points now."), lang)


def one_way(dry_run: bool, *batches: str | None) -> list[str]:
    """The batch that one of --commit, --show and --discard named, if any. Raises BadInput for more than one of them
    and --dry-run."""
    chosen = [words for words in batches if words is not None]
    if len(chosen) + dry_run > 1:
        raise BadInput(
            Text(
                "--dry-run, --commit, --show, --discard 중 하나만 쓰세요.",
                "Use one of --dry-run, --commit, --show and --discard.",
            )
        )
    return chosen


def shall_count(named: bool, yes: bool, lang: str | None) -> None:
    """Asks at a terminal whether a regrade shall count, unless it was named or --yes was given. Raises Abort."""
    if not named and not yes and sys.stdin.isatty():
        sure(Text("반영할까요?", "Shall it count?"), False, lang)


# --------------------------------------------------------------------------------------------- completion


def assignments(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of the course's assignments."""
    return completed(context, "SELECT DISTINCT key FROM assignment ORDER BY key", incomplete)


def emails(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of people's addresses."""
    query = "SELECT email FROM person WHERE forgotten_at IS NULL ORDER BY email"
    return completed(context, query, incomplete)


def catalog_assignments(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of the assignments in the folder."""
    from grader.assignment import Catalog

    return [name for name in Catalog.find().ids() if name.startswith(incomplete)]


def catalog_quizzes(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of the quizzes in the folder."""
    from grader.assignment import Catalog
    from grader.quiz.bank import Bank

    return [name for name in Bank(Catalog.find().assignments / "quizzes").ids() if name.startswith(incomplete)]


def receipts(context: click.Context, query: str, incomplete: str) -> list[str]:
    """Tab completion of receipts, which are capital letters."""
    return completed(context, query, incomplete.upper(), lower=False)


def completed(context: click.Context, query: str, incomplete: str, *, lower: bool = True) -> list[str]:
    """What begins like this; nothing where there is no store or it cannot be read: a shell is no place for errors."""
    home = store_file(context.params.get("home"))
    try:
        if home is None:
            return []
        with closing(sqlite3.connect(f"{home.as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            found = [str(row[0]) for row in connection.execute(query)]
    except sqlite3.Error:
        return []
    return [word for word in found if word.startswith(incomplete.lower() if lower else incomplete)]


def store_file(home: Path | None) -> Path | None:
    """The SQLite file of the store, if there is one; loads no SQLAlchemy."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    folder = Path(home or os.environ.get("GRADER_HOME") or data / "grader")
    file = (folder / "grader.sqlite3").absolute()
    return file if not os.environ.get("GRADER_DATABASE") and file.is_file() else None


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for JSON: times as text."""
    return {key: iso(value) if isinstance(value, datetime) else value for key, value in row.items()}


def points(words: str) -> float | None:
    """A number of points, or None for the word that takes a decision back. Raises BadInput."""
    if words.strip().lower() in ("none", "없음"):
        return None
    try:
        return float(words)
    except ValueError as error:
        raise BadInput(
            Text(
                f"'{words}'은(는) 점수가 아닙니다. 수나 none을 쓰세요.",
                f"'{words}' is no number of points. Write one, or none.",
            )
        ) from error
