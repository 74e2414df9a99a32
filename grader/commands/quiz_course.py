"""`grader quiz publish`, `extend`, `grades`, `override`, `results`, `remark`: the quizzes of a course."""

from __future__ import annotations

import csv
import io
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands import common
from grader.errors import BadInput, GraderError
from grader.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from grader.assignment import Catalog
    from grader.course.quizzes import Change, Progress, QuizGrade
    from grader.quiz.bank import Bank
    from grader.quiz.statistics import Row
    from grader.store.database import Database, Home
    from grader.store.quizzes import Quiz

POLL_S = 0.5
GRADES = ("quiz", "email", "score", "max_score", "attempts", "late_days", "status")
RESULTS = ("person", "question", "share", "seconds", "choice")
STATUS = {
    "graded": Text("채점됨", "graded"),
    "pending": Text("채점 중", "being marked"),
    "open": Text("응시 중", "running"),
    "none": Text("응시 없음", "none"),
}
SIGNS = {"none": "–", "pending": "…", "open": "✎"}  # where there is no number


def _bank(catalog: Catalog) -> Bank:
    from grader.quiz.bank import Bank

    secret = catalog.reference / "quizzes"
    return Bank(catalog.assignments / "quizzes", secret if secret.is_dir() else None)


def quiz_keys(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Tab completion of the course's quizzes."""
    return common.completed(context, "SELECT DISTINCT key FROM quiz ORDER BY key", incomplete)


# ------------------------------------------------------------------------------------------------ publish


@click.command()
@click.argument("name", shell_complete=common.catalog_quizzes)
@click.option("--opens", metavar="TIME", help="언제부터 / From when a graded attempt can be started.")
@click.option("--due", metavar="TIME", help="마감 / Until when without being late.")
@click.option("--closes", metavar="TIME", help="언제까지 / Until when it can be answered at all.")
@click.option("--rule", "words", multiple=True, metavar="KEY=VALUE", help="규칙 / Rule; others stay as they are.")
@click.option("--weight", type=float, help="전체 성적에서의 비중 / Weight among the quizzes.")
@click.option(
    "--force", "reason", metavar="REASON", help="오류가 있어도 내는 이유 / Publish with errors, for this reason."
)
@click.option(
    "--cells/--no-cells", default=True, help="코드 문제의 모범 답도 / Prove the solutions of cells in the box."
)
@common.by_option
@common.common
@click.pass_obj
def publish(
    catalog: Catalog,
    name: str,
    opens: str | None,
    due: str | None,
    closes: str | None,
    words: tuple[str, ...],
    weight: float | None,
    reason: str | None,
    cells: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """퀴즈를 강좌에 내거나, 시각과 규칙을 바꿉니다. / Publish a quiz in a course, or change its times and rules.

    먼저 grader quiz lint로 증명합니다. 내용이 같으면 버전도 같습니다. 말하지 않은 시각과 규칙은 그대로입니다. 응시 중인
    사람에게는 아무것도 바뀌지 않습니다. 규칙의 뜻은 docs/quizzes.md에 있습니다.

    First proves it as grader quiz lint does. The same content is the same version. Times and rules that are not said
    stay. For who is in the middle of an attempt nothing changes. docs/quizzes.md has what the rules mean.

    \b
    규칙 / Rules: graded, practice, minutes, attempts, counts, late, percent_a_day,
                  floor_percent, grace_days, shuffle, questions, review, hints
    TIME: "2026-03-02 18:00", 2026-03-02, +7d, none
    예 / Examples:
      grader quiz publish week2-linear-regression
      grader quiz publish week4-perceptron --rule graded=true --rule minutes=30 --opens +1d --due +2d --closes +2d
      grader quiz publish week4-perceptron --rule review=at_once --closes +5d
    """
    from grader.course import people, quizzes

    bank = _bank(catalog)
    faults = quizzes.prove(bank, name)
    if cells and reason is None:
        from grader.quiz import cell

        faults += cell.prove(bank, [name])
    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        times = common.window_given(opens, due, closes, one.timezone)
        quiz = quizzes.publish(
            session,
            one,
            bank,
            name,
            actor=common.actor(session, one, by),
            rules=common.rules(words) or None,
            weight=weight,
            forced=reason,
            faults=faults,
            opens=times["opens"],
            due=times["due"],
            closes=times["closes"],
        )
        told = _published(session, quiz, one.timezone)
    if as_json:
        common.emit({key: value for key, value in told.items() if not key.startswith("local")})
        return
    said = Text(
        f"{name} 버전 {told['version']}을(를) 냈습니다({told['max_score']:g}점). 시작 {told['local_opens']}, "
        f"마감 {told['local_due']}, 종료 {told['local_closes']}.",
        f"{name} is published, version {told['version']} ({told['max_score']:g} points). Opens {told['local_opens']}, "
        f"due {told['local_due']}, closes {told['local_closes']}.",
    )
    if not told["policy"].get("graded"):
        said += Text("연습만 할 수 있습니다.", "It is for practice alone.")
    common.say(said, lang)


def _published(session: Session, quiz: Quiz, zone: str) -> dict[str, Any]:
    from grader.store.quizzes import QuizVersion

    version = session.get_one(QuizVersion, quiz.version_id)
    return {
        "quiz": quiz.key,
        "version": version.number,
        "bank_version": version.bank_version,
        "forced": version.forced,
        "max_score": version.max_points,
        "policy": quiz.policy,
        "weight": quiz.weight,
        **common.window_of(quiz, zone),
    }


# ------------------------------------------------------------------------------------------------- extend


@click.command()
@click.argument("name", shell_complete=quiz_keys)
@click.argument("email", required=False, shell_complete=common.emails)
@click.option("--group", help="그룹 모두 / Everybody in a group.")
@click.option("--due", metavar="TIME", help="새 마감 / New due date.")
@click.option("--closes", metavar="TIME", help="새 종료 / Until when it can be answered at all.")
@click.option("--attempts", type=click.IntRange(0, 1000), help="더 줄 횟수 / More attempts than the rules give.")
@click.option("--minutes", type=click.IntRange(0, 1000), help="더 줄 시간(분) / More minutes in each attempt.")
@click.option("--reason", required=True, help="이유 / Why.")
@common.by_option
@common.common
def extend(
    name: str,
    email: str | None,
    group: str | None,
    due: str | None,
    closes: str | None,
    attempts: int | None,
    minutes: int | None,
    reason: str,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """퀴즈의 시간이나 횟수를 더 줍니다. / Give more time or more attempts at a quiz.

    응시 중이면 그 응시의 시간도 늘어납니다. 말하지 않은 것은 앞의 연장 그대로이고, none은 거둡니다.

    An attempt that runs gets the time, too. What is not said stays as it was extended before; none takes it back.

    \b
    예 / Examples:
      grader quiz extend week4-perceptron minji@example.com --minutes 15 --reason "시험 편의 / accommodation"
      grader quiz extend week4-perceptron --group A --due +1d --closes +1d --reason "정전 / power cut"
    """
    if (email is None) is (group is None):
        raise BadInput(Text("이메일이나 --group 중 하나를 주세요.", "Give either an e-mail address or --group."))
    from grader.course import people, quizzes
    from grader.course.publishing import KEEP

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        row = quizzes.extend(
            session,
            quizzes.the_quiz(session, one, name),
            people.member(session, one, email).person if email else people.the_group(session, one, group or ""),
            due=KEEP if due is None else common.moment(due, one.timezone, end=True),
            closes=KEEP if closes is None else common.moment(closes, one.timezone, end=True),
            attempts=attempts,
            minutes=minutes,
            reason=reason,
            actor=common.actor(session, one, by),
        )
        told = {"extension": row.id, "due": common.iso(row.due), "closes": common.iso(row.closes)}
        told |= {"attempts": row.attempts, "minutes": row.minutes}
        shown = (common.local(row.due, one.timezone), common.local(row.closes, one.timezone))
    if as_json:
        common.emit(told)
        return
    common.say(
        Text(
            f"연장했습니다: 마감 {shown[0]}, 종료 {shown[1]}, 추가 횟수 {told['attempts']}, "
            f"추가 시간 {told['minutes']}분.",
            f"Extended: due {shown[0]}, closes {shown[1]}, {told['attempts']} more attempts, {told['minutes']} more "
            "minutes.",
        ),
        lang,
    )


# ------------------------------------------------------------------------------------------------- grades


@click.command("grades")
@click.argument("name", required=False, shell_complete=quiz_keys)
@click.option("--csv", "as_csv", is_flag=True, help="CSV로 / As CSV.")
@common.common
def grades_(
    name: str | None, as_csv: bool, home: Path | None, course: str | None, as_json: bool, lang: str | None
) -> None:
    """퀴즈 성적을 보여 줍니다. / Show the grades of quizzes.

    점수가 없으면 0점이 아니라 기호입니다: – 응시 없음, ✎ 응시 중, … 채점 중.

    Who has no grade has a sign, not a zero: – no attempt, ✎ one is running, … it is being marked.

    \b
    예 / Examples:
      grader quiz grades
      grader quiz grades week4-perceptron --csv > week4.csv
    """
    if as_csv and as_json:
        raise BadInput(Text("--csv와 --json 중 하나만 쓰세요.", "Use --csv or --json, not both."))
    from grader.course import people, quizzes
    from grader.store.models import Role

    with common.opened(home) as (_, database), database.read() as session:
        one = people.the_course(session, course)
        quiz = None if name is None else quizzes.the_quiz(session, one, name)
        rows = [
            _grade(key, member.person.email, grade)
            for member, by_key in quizzes.grades(session, one, quiz=quiz)
            if member.role is Role.STUDENT and member.person.forgotten_at is None
            for key, grade in by_key.items()
        ]
    if as_json:
        common.emit(rows)
    elif as_csv:
        click.echo(_csv(GRADES, rows), nl=False)
    else:
        common.show(_of_one(rows, lang) if name else _of_all(rows, lang))


def _grade(key: str, email: str, grade: QuizGrade) -> dict[str, Any]:
    score = grade.score if grade.status == "graded" else None
    words = ("max_score", "attempts", "late_days", "status")
    return {"quiz": key, "email": email, "score": score, **{word: getattr(grade, word) for word in words}}


def _of_one(rows: Sequence[Mapping[str, Any]], lang: str | None) -> Any:
    from rich.markup import escape

    columns = (Text("이메일", "email"), Text("점수", "score"), Text("횟수", "tries"), Text("늦음", "late"))
    made = common.table(lang, *columns, Text("상태", "status"), right=(1, 2, 3))
    for row in rows:
        late, status = str(row["late_days"] or ""), common.one_line(STATUS[row["status"]], lang)
        made.add_row(escape(row["email"]), _score(row), str(row["attempts"]), late, status)
    return made


def _of_all(rows: Sequence[Mapping[str, Any]], lang: str | None) -> Any:
    """A row a person, a column a quiz."""
    from rich.markup import escape

    keys = list(dict.fromkeys(row["quiz"] for row in rows))
    people: dict[str, dict[str, str]] = {}
    for row in rows:
        people.setdefault(row["email"], {})[row["quiz"]] = _score(row)
    made = common.table(lang, Text("이메일", "email"), *keys, right=range(1, len(keys) + 1))
    for email, scores in people.items():
        made.add_row(escape(email), *(scores.get(key, "") for key in keys))
    return made


def _score(row: Mapping[str, Any]) -> str:
    return SIGNS[row["status"]] if row["score"] is None else f"{row['score']:.4g}/{row['max_score']:g}"


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """A spreadsheet would run what begins like a formula."""
    target = io.StringIO()
    writer = csv.DictWriter(target, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: f"'{word}" if str(word)[:1] in "=+-@" else word for key, word in row.items()})
    return target.getvalue()


# ----------------------------------------------------------------------------------------------- override


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", shell_complete=quiz_keys)
@click.argument("email", shell_complete=common.emails)
@click.argument("points")
@click.option("--reason", required=True, help="이유 / Why.")
@click.option(
    "--question", type=click.IntRange(1), help="문제 하나의 점수 / The points of one question; needs --receipt."
)
@click.option("--receipt", help="어느 응시의 문제인지 / Of which attempt.")
@common.by_option
@common.common
def override(
    name: str,
    email: str,
    points: str,
    reason: str,
    question: int | None,
    receipt: str | None,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """퀴즈 점수를 직접 정합니다. / Decide on points of a quiz yourself.

    POINTS는 점수, 또는 앞의 결정을 거두는 none입니다. 퀴즈 전체의 점수를 정하거나, --question과 --receipt로 응시 하나의
    문제 하나를 정합니다. 정답이 고쳐져도 이 점수가 남습니다. 기록에 남습니다.

    POINTS is a number, or none to take the earlier decision back: of the whole quiz, or with --question (its number)
    and --receipt of one question of one attempt. It stays whatever key is corrected later. It goes into the audit log.

    \b
    예 / Examples:
      grader quiz override week4-perceptron minji@example.com 9 --reason "구두 시험 / oral exam"
      grader quiz override week4-perceptron minji@example.com 1 --question 3 --receipt ABC... --reason "..."
      grader quiz override week4-perceptron minji@example.com none --reason "실수 / a mistake"
    """
    from grader.course import people, quizzes

    given = common.points(points)
    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        row = quizzes.override(
            session,
            quizzes.the_quiz(session, one, name),
            people.member(session, one, email).person,
            given,
            reason,
            attempt=None if receipt is None else quizzes.by_receipt(session, receipt),
            position=question,
            actor=common.actor(session, one, by),
        )
        told = {"override": row.id, "points": row.points, "question": row.position}
    common.say_points(given, told, as_json, lang)


# ------------------------------------------------------------------------------------------------ results


@click.command()
@click.argument("name", shell_complete=quiz_keys)
@click.option("--csv", "as_csv", is_flag=True, help="CSV로(기본) / As CSV, which is the default.")
@common.common
def results(name: str, as_csv: bool, home: Path | None, course: str | None, as_json: bool, lang: str | None) -> None:
    """모든 답을 한 줄씩 씁니다. / Write every answer, a row each, as grader quiz stats reads them.

    person은 이름이 아니라 번호입니다. 사람마다 처음 끝낸 응시만 씁니다.

    A person is a number, not a name; of each the first attempt that has ended.

    \b
    예 / Examples:
      grader quiz results week4-perceptron > answers.csv
      grader quiz results week4-perceptron --json
    """
    if as_csv and as_json:
        raise BadInput(Text("--csv와 --json 중 하나만 쓰세요.", "Use --csv or --json, not both."))
    with common.opened(home) as (_, database):
        found, _ = answers(database, course, name)
    rows = [{column: getattr(row, column) for column in RESULTS} for row in found]
    if as_json:
        common.emit(rows)
    else:
        click.echo(_csv(RESULTS, rows), nl=False)


def answers(database: Database, course: str | None, name: str) -> tuple[list[Row], Mapping[str, Sequence[str]]]:
    """Every answer of a quiz of the course, and what could be chosen. Raises BadInput where nobody has answered."""
    from grader.course import people, quizzes

    with database.read() as session:
        quiz = quizzes.the_quiz(session, people.the_course(session, course), name)
        rows = quizzes.results(session, quiz)
        if not rows:
            raise BadInput(Text(f"{name}에 채점된 응시가 아직 없습니다.", f"Nobody's attempt at {name} is marked yet."))
        return rows, quizzes.options(session, quiz)


# ------------------------------------------------------------------------------------------------- remark


@click.command()
@click.argument("name", shell_complete=quiz_keys)
@click.option("--dry-run", is_flag=True, help="다시 채점해 보기만 합니다. / Mark and show, change no grade.")
@click.option("--commit", metavar="BATCH", help="해 본 것을 반영합니다. / Let one that was tried count.")
@click.option("--show", metavar="BATCH", help="해 본 것을 다시 봅니다. / Show one again.")
@click.option("--discard", metavar="BATCH", help="버립니다. / Drop one.")
@common.yes_option
@common.by_option
@common.common
def remark(
    name: str,
    dry_run: bool,
    commit: str | None,
    show: str | None,
    discard: str | None,
    yes: bool,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """고친 정답으로 다시 채점합니다. / Mark attempts again, by the key that was published last.

    누구의 점수가 어느 문제에서 얼마나 바뀌는지 먼저 보여 주고, 반영할지 묻습니다(터미널이 아니면 바로 반영). 문제의
    숫자나 보기가 달라진 답은 그대로 둡니다.

    First shows whose grade changes, by how much and in which question, then asks whether it shall count (not at a
    terminal: it does). Answers to a question that now asks for other numbers or has other options keep their mark.

    \b
    예 / Examples:
      grader quiz publish week4-perceptron
      grader quiz remark week4-perceptron --dry-run
      grader quiz remark week4-perceptron --commit 3f2a91c0
    """
    from grader.course import quizzes

    chosen = common.one_way(dry_run, commit, show, discard)
    with common.opened(home) as (found, database):
        if discard is not None:
            _discard(database, course, name, discard, by, as_json, lang)
            return
        batch = _batch(database, course, name, chosen[0]) if chosen else _marked(found, database, course, name, by)
        counts, named = not (dry_run or show is not None), commit is not None
        if named:
            _catch_up(found, database, batch)  # so that all are shown who are there by now
        while True:
            changes, progress = _compare(database, batch)
            if not as_json:
                _tell(changes, progress, lang)
            if not counts:
                break
            common.shall_count(named, yes, lang)
            try:
                changes = _commit(database, course, batch, by, changes) or changes
                break
            except quizzes.NotShown as error:
                click.echo(error.text.into(lang), err=True)
                _catch_up(found, database, batch)
                named = False
    if as_json:
        common.emit(_document(batch, changes, progress, counts))
    elif counts:
        common.say(Text(f"반영했습니다({batch[:8]}).", f"It counts now ({batch[:8]})."), lang)
    else:
        how = f"grader quiz remark {name} --commit {batch[:8]}"
        said = Text(f"아직 반영하지 않았습니다. 반영하려면: {how}", f"It does not count yet. To let it: {how}")
        common.say(said, lang)


def _marked(home: Home, database: Database, course: str | None, name: str, by: str | None) -> str:
    """A new correction, with its cells marked, too."""
    from grader.course import people, quizzes

    with common.queue(database) as jobs, database.write() as session:
        one = people.the_course(session, course)
        quiz = quizzes.the_quiz(session, one, name)
        actor = common.actor(session, one, by)
        batch = quizzes.remark(session, quiz, actor=actor, enqueue=jobs.enqueue)
    _wait(home, database, batch)
    return batch


def _catch_up(home: Home, database: Database, batch: str) -> None:
    """Marks who has handed in since."""
    from grader.course import quizzes

    with common.queue(database) as jobs, database.write() as session:
        quizzes.catch_up(session, batch, enqueue=jobs.enqueue)
    _wait(home, database, batch)


def _wait(home: Home, database: Database, batch: str) -> None:
    """Until its cells are marked, by a worker that is started where there is none."""
    from grader import worker
    from grader.course import quizzes

    with database.read() as session:
        waiting = not quizzes.progress(session, batch).complete
    with ExitStack() as stack:
        alive = stack.enter_context(worker.ensure_worker(home, "cpu")) if waiting else None
        while alive is not None:
            with database.read() as session:
                if quizzes.progress(session, batch).complete:
                    break
            if not alive():
                raise GraderError(
                    Text(
                        f"채점할 워커가 없습니다. grader worker를 실행한 뒤 --commit {batch[:8]}로 반영하세요.",
                        f"No worker is there to mark cells. Run grader worker, then --commit {batch[:8]}.",
                    )
                )
            time.sleep(POLL_S)


def _batch(database: Database, course: str | None, name: str, words: str) -> str:
    """The correction of this quiz whose name begins like this. Raises BadInput."""
    from grader.course import people, quizzes

    with database.read() as session:
        quiz = quizzes.the_quiz(session, people.the_course(session, course), name)
        return quizzes.the_batch(session, quiz, words)


def _compare(database: Database, batch: str) -> tuple[list[Change], Progress]:
    from grader.course import quizzes

    with database.read() as session:
        return quizzes.compare(session, batch), quizzes.progress(session, batch)


def _commit(
    database: Database, course: str | None, batch: str, by: str | None, changes: Sequence[Change]
) -> list[Change]:
    from grader.course import people, quizzes

    with common.queue(database) as jobs, database.write() as session:
        actor = common.actor(session, people.the_course(session, course), by)
        return quizzes.commit(session, batch, actor=actor, shown=quizzes.word_for(changes), enqueue=jobs.enqueue)


def _discard(
    database: Database, course: str | None, name: str, words: str, by: str | None, as_json: bool, lang: str | None
) -> None:
    from grader.course import people, quizzes

    batch = _batch(database, course, name, words)
    with database.write() as session:
        quizzes.discard(session, batch, actor=common.actor(session, people.the_course(session, course), by))
    if as_json:
        common.emit({"batch": batch, "discarded": True})
    else:
        common.say(Text(f"버렸습니다({batch[:8]}).", f"Dropped ({batch[:8]})."), lang)


def _tell(changes: Sequence[Change], progress: Progress, lang: str | None) -> None:
    from rich.markup import escape

    if progress.skipped:
        named = ", ".join(f"{question} ({count})" for question, count in sorted(progress.skipped.items()))
        common.say(
            Text(
                f"문제가 달라져 그대로 둔 답: {named}.",
                f"Answers left as they are, since the question changed: {named}.",
            ),
            lang,
        )
    if not changes:
        common.say(Text("바뀌는 점수가 없습니다.", "Nobody's grade changes."), lang)
        return
    columns = (Text("이메일", "email"), Text("전", "before"), Text("후", "after"), "±", Text("문제", "questions"))
    made = common.table(lang, *columns, right=(1, 2, 3))
    for one in changes:
        gain = one.after.score - one.before.score
        items = ", ".join(f"{item.question} {_share(item.before)}→{_share(item.after)}" for item in one.items)
        sign = f"[{'green' if gain > 0 else 'red'}]{gain:+g}[/]"
        made.add_row(escape(one.person.email), f"{one.before.score:g}", f"{one.after.score:g}", sign, escape(items))
    common.show(made)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _document(batch: str, changes: Sequence[Change], progress: Progress, counts: bool) -> dict[str, Any]:
    return {
        "batch": batch,
        "committed": counts,
        "marked": progress.marked,
        "waiting": progress.waiting,
        "skipped": dict(progress.skipped),
        "changes": [
            {
                "email": one.person.email,
                "before": one.before.score,
                "after": one.after.score,
                "questions": [
                    {"question": item.question, "before": item.before, "after": item.after} for item in one.items
                ],
            }
            for one in changes
        ],
    }
