"""`grader quiz import` and `grader quiz export`: quizzes from and to Moodle XML, GIFT and QTI."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands.common import catalog_quizzes, emit, json_option, lang_option, one_line, say, show, table
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from grader.assignment import Catalog
    from grader.misconception import Topic
    from grader.quiz.bank import Bank
    from grader.quiz.exchange.carried import Asked, Found, Language, Loss, Part
    from grader.quiz.lint import Fault
    from grader.quiz.question import Quiz

SUFFIX = {"moodle": ".xml", "gift": ".gift", "qti12": ".zip", "qti": ".zip", "qti3": ".zip"}
MOST_BYTES = 50_000_000
formats = click.Choice(list(SUFFIX))


@click.command("export")
@click.argument("name", shell_complete=catalog_quizzes)
@click.option("--format", "kind", type=formats, default="moodle", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="쓸 파일 / Default: NAME.xml, .gift or .zip here."
)
@click.option(
    "--variants",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="문제마다 변형 수 / How many of each generator.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="같은 seed는 같은 변형 / The same seed gives the same variants.",
)
@click.option("--force", is_flag=True, help="있는 파일을 덮어씁니다. / Replace a file that is there.")
@json_option
@lang_option
@click.pass_obj
def export(
    catalog: Catalog,
    name: str,
    kind: str,
    out: Path | None,
    variants: int,
    seed: int,
    force: bool,
    as_json: bool,
    lang: Language | None,
) -> None:
    """퀴즈를 다른 시스템의 파일로 씁니다. / Write a quiz, with its keys, for another system.

    qti12는 QTI 1.2(Canvas 클래식 퀴즈), qti는 2.1, qti3은 3.0입니다. 정답도 들어갑니다. --lang이 없으면 두 언어로
    씁니다. 그 형식에 담지 못한 것은 알려 주고, 그때 종료 코드는 1입니다.

    qti12 is QTI 1.2 (classic quizzes of Canvas), qti is 2.1, qti3 is 3.0. Without --lang both languages go out: Moodle
    shows one of them where its multi-language filter is on. What the format cannot hold is listed, and the exit code
    is then 1.

    \b
    예 / Examples:
      grader quiz export week4-perceptron --format moodle --variants 5
      grader quiz export week4-perceptron --format qti --lang en --out perceptron.zip
    """
    from grader.quiz.exchange.carried import Paper

    bank = _bank(catalog)
    quiz = bank.load(name)
    if not quiz.keys:
        raise BadInput(
            Text(
                "정답 파일이 없습니다. reference/quizzes가 있는 곳에서 실행하세요.",
                "There are no keys here. Run this where reference/quizzes is.",
            )
        )
    file = out or Path(name + SUFFIX[kind])
    _free([file], force)
    asked, fewer = _asked(bank, quiz, variants, seed)
    content, lost = _write(Paper(quiz.id, quiz.title, asked, _pictures(bank, quiz)), kind, lang)
    file.touch(mode=0o600)  # it holds the keys
    file.write_bytes(content)
    losses = [*fewer, *lost]
    if as_json:
        emit({"file": str(file), "questions": len(asked), "losses": [loss.as_json() for loss in losses]})
    else:
        _show(losses, lang)
        say(
            Text(
                f"{file}에 문제 {len(asked)}개를 썼습니다. 정답이 들어 있으니 학생에게 보내지 마세요.",
                f"Wrote {len(asked)} questions to {file}. It holds the keys: keep it from students.",
            ),
            lang,
        )
    sys.exit(1 if losses else 0)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--id",
    "id_",
    help="퀴즈의 이름(여럿이면 앞머리) / Name of the quiz; of several, how each begins. Default: the name of the file; "
    "of several, their titles.",
)
@click.option("--format", "kind", type=formats, help="형식 / Default: what the file looks like.")
@click.option(
    "--split/--together",
    default=None,
    help="퀴즈를 나눌지 하나로 모을지 / A quiz of each part, or one of all. Default: each assessment of QTI is a quiz, "
    "a category of Moodle or GIFT is none.",
)
@click.option("--only", multiple=True, metavar="NAME", help="그 가운데 이것만 / Only this one of several; repeatable.")
@click.option(
    "--from", "source", type=click.Choice(["ko", "en"]), help="파일의 언어 / What the file is in. Default: as it looks."
)
@click.option("--title", nargs=2, metavar="KO EN", help="제목 / Title. Default: that of the file, else TODO.")
@click.option("--week", type=int, default=1, show_default=True)
@click.option("--topic", default="todo", help="주제(topics.toml) / Topic of questions that name none.")
@click.option("--force", is_flag=True, help="있는 퀴즈를 바꿉니다. / Replace the quiz that is there.")
@json_option
@lang_option
@click.pass_obj
def import_(
    catalog: Catalog,
    file: Path,
    id_: str | None,
    kind: str | None,
    split: bool | None,
    only: tuple[str, ...],
    source: Language | None,
    title: tuple[str, str] | None,
    week: int,
    topic: str,
    force: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """다른 시스템의 퀴즈를 들여옵니다. / Bring the quizzes of another system into the bank.

    Moodle XML, GIFT, QTI 1.2·2·3(꾸러미나 XML)을 읽습니다. 꾸러미에 퀴즈가 여럿이면 하나씩 들여오고, 이름은 제목에서
    짓습니다. 문제와 정답을 bank에 쓰고 grader quiz lint처럼 증명합니다. 한 언어만 있는 글은 다른 언어에 TODO를 적어
    둡니다. 옮기지 못한 것은 알려 줍니다. 남은 일이 없을 때만 종료 코드 0입니다.

    Reads Moodle XML, GIFT and QTI 1.2, 2 and 3 (packages of Canvas, Blackboard and others, or XML). Each assessment of
    a package becomes a quiz, called by its title. Writes both halves of each quiz and proves them as `grader quiz lint`
    does. A text that is there in one language has TODO in the other. What could not be carried over is listed. Exit
    code 0 only if nothing is lost and nothing is left to do.

    \b
    예 / Examples:
      grader quiz import from-moodle.xml --id week6-attention --topic attention --week 6
      grader quiz import items.zip --from ko --title 어텐션 Attention --json
      grader quiz import course-export.imscc --only xor-quiz --id week4-xor
      grader quiz import question-bank.xml --split --id week6
    """
    from grader import misconception
    from grader.quiz.exchange import several
    from grader.quiz.exchange.carried import NotReadable, slugged

    if id_ and slugged(id_) != id_:
        raise _not_named()
    bank = _bank(catalog)
    topics = misconception.topics(catalog.assignments)
    if file.stat().st_size > MOST_BYTES:
        raise _not_read(file, f"larger than {MOST_BYTES // 1_000_000} MB; of a whole course, export the quizzes alone")
    content = file.read_bytes()
    try:
        there = several.parts(content, kind or _looks_like(file, content), split)
        parts = _called(there, file, id_, only)
        if title and len(parts) > 1:
            raise _one_title(parts)
        others = [name for name in bank.ids() if name not in parts]
        _free([file for name in parts for file in _halves(catalog, name)], force)
        terms = several.Terms(
            title=Text(*title) if title else Text("TODO(ko): 제목", "TODO(en): title"),
            language=source,
            topic=topic,
            week=week,
            taken=frozenset(one.id for other in others for one in bank.load(other).questions),
            topics=_names(topics),
        )
        found = several.read(parts, terms)
    except NotReadable as error:
        raise _not_read(file, str(error)) from error
    kept = [one for one in found if one.quiz.questions]
    if not kept:
        for one in found if not as_json else ():
            _show(one.losses, lang)
        raise _not_read(file, "no question in it could be read")
    _free([bank.public / "pictures" / picture for one in kept for picture in one.pictures], force)
    faults = _save(catalog, kept)
    if len(there) == 1:
        _tell(catalog, found[0], faults, as_json, lang)
    else:
        _tell_each(catalog, found, faults, as_json, lang)
    sys.exit(1 if any(one.losses for one in found) or any(not fault.warning for fault in faults) else 0)


def _called(parts: Sequence[Part], file: Path, id: str | None, only: Sequence[str]) -> dict[str, Part]:
    """The parts that are wanted, by the names of the quizzes they become. Raises BadInput."""
    from grader.quiz.exchange import several
    from grader.quiz.exchange.carried import slugged

    name = slugged(file.stem)
    named = several.named(parts, name) if len(parts) > 1 else {id or name: parts[0]}
    if "" in named:
        raise _not_named()
    if unknown := [one for one in only if one not in named]:
        known = ", ".join(named)
        raise BadInput(
            Text(
                f"{file}에 '{unknown[0]}'이라는 퀴즈는 없습니다. 있는 퀴즈: {known}",
                f"There is no quiz '{unknown[0]}' in {file}. There are: {known}",
            )
        )
    wanted = {one: named[one] for one in named if one in only} if only else named
    if not id or len(parts) == 1:
        return wanted
    return {f"{id}-{one}" if len(wanted) > 1 else id: part for one, part in wanted.items()}


def _bank(catalog: Catalog) -> Bank:
    from grader.quiz.bank import Bank

    secret = catalog.reference / "quizzes"
    return Bank(catalog.assignments / "quizzes", secret if secret.is_dir() else None)


def _free(files: Sequence[Path], force: bool) -> None:
    """Raises BadInput for a file that is there."""
    there = [file for file in files if file.exists()]
    if there and not force:
        raise BadInput(
            Text(
                f"{there[0]}이(가) 이미 있습니다. 바꾸려면 --force를 쓰고, 아니면 다른 이름을 주세요.",
                f"{there[0]} is there already. Replace it with --force, or give another name.",
            )
        )


def _asked(bank: Bank, quiz: Quiz, variants: int, seed: int) -> tuple[list[Asked], list[Loss]]:
    """Each question once, and as many variants as asked for of one with a generator, all different."""
    from grader.quiz.exchange.carried import Asked, Loss

    asked: list[Asked] = []
    losses: list[Loss] = []
    for question in quiz.questions:
        key = quiz.keys[question.id]
        if not key.generator:
            asked += [Asked(posed) for posed in _drawn(bank, quiz, question.id, 1, seed)]
            continue
        drawn = list(_drawn(bank, quiz, question.id, variants, seed))
        asked += [Asked(posed, number if variants > 1 else 0) for number, posed in enumerate(drawn, start=1)]
        what = Text("생성기", "the generator")
        why = Text(f"변형 {len(drawn)}개로 보냈습니다.", f"It went as {len(drawn)} of its variants.")
        losses.append(Loss(question.id, what, why))
    return asked, losses


def _drawn(bank: Bank, quiz: Quiz, id: str, count: int, seed: int) -> Iterator[Any]:
    from grader.quiz import variant

    question = next(one for one in quiz.questions if one.id == id)
    seen = set()
    for number in range(50 * count):
        drawn = random.Random(f"{seed}:{id}:{number}").getrandbits(64)
        posed = variant.pose(question, quiz.keys[id], bank.generators(quiz.id), drawn)
        values = repr(sorted(posed.values.items()))
        if values not in seen:
            seen.add(values)
            yield posed
        if len(seen) == count:
            return


def _pictures(bank: Bank, quiz: Quiz) -> dict[str, bytes]:
    files = {one.picture: bank.public / "pictures" / one.picture for one in quiz.questions if one.picture}
    return {name: file.read_bytes() for name, file in files.items() if file.is_file()}


def _write(paper: Any, kind: str, lang: Language | None) -> tuple[bytes, list[Loss]]:
    from grader.quiz.exchange import canvas, gift, moodle, qti

    if kind == "moodle":
        return moodle.write(paper, lang)
    if kind == "gift":
        return gift.write(paper, lang)
    if kind == "qti12":
        return canvas.write(paper, lang)
    return qti.write(paper, lang, "3.0" if kind == "qti3" else "2.1")


def _looks_like(file: Path, content: bytes) -> str:
    if content.startswith(b"PK"):
        return "qti"
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and file.suffix.lower() not in (".gift", ".txt"):
        return "moodle" if b"<quiz" in content[:10_000] else "qti"
    return "gift"


def _names(topics: Mapping[str, Topic]) -> dict[str, str]:
    """The ids of topics by all that a person may call them."""
    called = {name.casefold(): id for id, topic in topics.items() for name in (topic.title.ko, topic.title.en)}
    return called | {id: id for id in topics}


def _halves(catalog: Catalog, name: str) -> tuple[Path, Path]:
    """The public file of a quiz and the secret one."""
    return catalog.assignments / "quizzes" / f"{name}.toml", catalog.reference / "quizzes" / f"{name}.toml"


def _save(catalog: Catalog, found: Sequence[Found]) -> list[Fault]:
    """Writes both halves of each quiz and the pictures. Gives what lint says of them."""
    from grader import misconception
    from grader.quiz import lint
    from grader.quiz.exchange import toml

    made = [(one, toml.halves(one.quiz)) for one in found]  # all of them before a file is written
    for one, texts in made:
        for file, text in zip(_halves(catalog, one.quiz.id), texts, strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        for name, content in one.pictures.items():
            folder = catalog.assignments / "quizzes" / "pictures"
            folder.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
    return lint.lint(_bank(catalog), misconception.topics(catalog.assignments), [one.quiz.id for one in found])


def _tell(catalog: Catalog, found: Found, faults: Sequence[Fault], as_json: bool, lang: str | None) -> None:
    """What came of a file with one quiz."""
    if as_json:
        emit(_as_json(found, faults))
        return
    _show(found.losses, lang)
    count, errors = len(found.quiz.questions), sum(not fault.warning for fault in faults)
    name, (public, _) = found.quiz.id, _halves(catalog, found.quiz.id)
    say(
        Text(
            f"문제 {count}개를 들여왔습니다: {public}. 할 일 {errors}개는 `grader quiz lint {name}`로 보세요.",
            f"{count} questions are in {public}. `grader quiz lint {name}` names the {errors} things to do.",
        ),
        lang,
    )


def _tell_each(
    catalog: Catalog, found: Sequence[Found], faults: Sequence[Fault], as_json: bool, lang: str | None
) -> None:
    """What came of a file with several quizzes: what is lost of each, then a row for each."""
    if as_json:
        emit({"quizzes": [_as_json(one, faults) | {"title": one.quiz.title.as_json()} for one in found]})
        return
    for one in found:
        if one.losses:
            say(Text(f"[{one.quiz.id}]", f"[{one.quiz.id}]"), lang)
            _show(one.losses, lang)
            say(Text("", ""), lang)
    heads = Text("퀴즈", "quiz"), Text("제목", "title"), Text("문제", "questions")
    rows = table(lang, *heads, Text("못 옮긴 것", "lost"), Text("할 일", "to do"), right=(2, 3, 4))
    for one in found:
        errors = sum(not fault.warning for fault in faults if fault.quiz == one.quiz.id)
        counts = len(one.quiz.questions), len(one.losses), errors
        rows.add_row(one.quiz.id, _title(one.quiz.title, lang), *map(str, counts))
    show(rows)
    kept = sum(bool(one.quiz.questions) for one in found)
    place, what = catalog.assignments / "quizzes", "1 quiz is" if kept == 1 else f"{kept} quizzes are"
    say(
        Text(
            f"퀴즈 {kept}개를 들여왔습니다: {place}. 할 일은 `grader quiz lint 이름`으로 보세요.",
            f"{what} in {place}. `grader quiz lint NAME` names what is left to do in one.",
        ),
        lang,
    )


def _as_json(found: Found, faults: Sequence[Fault]) -> dict[str, Any]:
    return {
        "quiz": found.quiz.id,
        "questions": [question.id for question in found.quiz.questions],
        "losses": [loss.as_json() for loss in found.losses],
        "faults": [fault.as_json() for fault in faults if fault.quiz == found.quiz.id],
    }


def _title(title: Text, lang: str | None) -> str:
    """The title in the language that it has."""
    from grader.quiz.exchange.carried import TODO

    ko, en = (None if text.startswith(TODO) else text for text in (title.ko, title.en))
    return one_line(Text(ko or en or title.ko, en or ko or title.en), lang)


def _show(losses: Sequence[Loss], lang: str | None) -> None:
    if not losses:
        return
    listed = table(lang, Text("문제", "question"), Text("옮기지 못한 것", "not carried over"), Text("이유", "why"))
    for loss in losses:
        listed.add_row(loss.question, one_line(loss.what, lang), one_line(loss.why, lang))
    show(listed)


def _not_named() -> BadInput:
    return BadInput(
        Text(
            "퀴즈 이름은 소문자, 숫자와 '-'로 짓습니다. --id로 이름을 주세요. 예: --id week6-attention",
            "A quiz is named with a-z, 0-9 and '-'. Give it with --id, as in --id week6-attention",
        )
    )


def _one_title(parts: Iterable[str]) -> BadInput:
    names = ", ".join(parts)
    return BadInput(
        Text(
            f"--title은 퀴즈 하나의 제목인데 퀴즈가 여럿입니다. --only로 고르거나 --together로 모으세요: {names}",
            f"--title is of one quiz, and the file has several. Choose with --only, or use --together: {names}",
        )
    )


def _not_read(file: Path, why: str) -> BadInput:
    return BadInput(
        Text(
            f"{file}을(를) 읽을 수 없습니다: {why}. Moodle XML, GIFT, QTI 1.2·2·3을 읽습니다 (--format).",
            f"{file} cannot be read: {why}. Moodle XML, GIFT and QTI 1.2, 2 and 3 are read (--format).",
        )
    )
