"""`grader quiz import` and `grader quiz export`: quizzes from and to Moodle XML, GIFT and QTI."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.commands.common import catalog_quizzes, emit, json_option, lang_option, one_line, say, show, table
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from grader.assignment import Catalog
    from grader.quiz.bank import Bank
    from grader.quiz.exchange.carried import Asked, Found, Language, Loss, Reading
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
@click.option("--id", "id_", help="퀴즈의 이름 / Name of the quiz. Default: the name of the file.")
@click.option("--format", "kind", type=formats, help="형식 / Default: what the file looks like.")
@click.option(
    "--from", "source", type=click.Choice(["ko", "en"]), help="파일의 언어 / What the file is in. Default: as it looks."
)
@click.option("--title", nargs=2, metavar="KO EN", help="제목 / Title. Default: TODO.")
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
    source: Language | None,
    title: tuple[str, str] | None,
    week: int,
    topic: str,
    force: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """다른 시스템의 퀴즈를 들여옵니다. / Bring a quiz of another system into the bank.

    Moodle XML, GIFT, QTI 1.2·2·3(꾸러미나 XML)을 읽습니다. 문제와 정답을 bank에 쓰고 grader quiz lint처럼
    증명합니다. 한 언어만 있는 글은 다른 언어에 TODO를 적어 둡니다. 옮기지 못한 것은 알려 줍니다. 남은 일이 없을 때만
    종료 코드 0입니다.

    Reads Moodle XML, GIFT and QTI 1.2, 2 and 3 (packages of Canvas, Blackboard and others, or XML). Writes both halves
    of the quiz and proves them as `grader quiz lint` does. A text that is there in one language has TODO in the other.
    What could not be carried over is listed. Exit code 0 only if nothing is lost and nothing is left to do.

    \b
    예 / Examples:
      grader quiz import from-moodle.xml --id week6-attention --topic attention --week 6
      grader quiz import items.zip --from ko --title 어텐션 Attention --json
    """
    from grader.quiz.exchange.carried import NotReadable, Reading, slugged

    name = id_ or slugged(file.stem)
    if not name or slugged(name) != name:
        raise BadInput(
            Text(
                "퀴즈 이름은 소문자, 숫자와 '-'로 짓습니다. --id로 이름을 주세요. 예: --id week6-attention",
                "A quiz is named with a-z, 0-9 and '-'. Give it with --id, as in --id week6-attention",
            )
        )
    bank = _bank(catalog)
    secret = catalog.reference / "quizzes"
    public = bank.public / f"{name}.toml"
    _free([public, secret / f"{name}.toml"], force)
    if file.stat().st_size > MOST_BYTES:
        raise _not_read(file, f"larger than {MOST_BYTES // 1_000_000} MB")
    content = file.read_bytes()
    taken = frozenset(one.id for other in bank.ids() if other != name for one in bank.load(other).questions)
    titled = Text(*title) if title else Text("TODO(ko): 제목", "TODO(en): title")
    reading = Reading(name, titled, _language(content, source), topic, week, taken)
    try:
        found = _read(content, kind or _looks_like(file, content), reading)
    except NotReadable as error:
        raise _not_read(file, str(error)) from error
    if not found.quiz.questions:
        _show(found.losses, lang) if not as_json else None
        raise _not_read(file, "no question in it could be read")
    _free([bank.public / "pictures" / picture for picture in found.pictures], force)
    faults = _save(catalog, found, public, secret / f"{name}.toml")
    errors = [fault for fault in faults if not fault.warning]
    if as_json:
        emit(
            {
                "quiz": name,
                "questions": [question.id for question in found.quiz.questions],
                "losses": [loss.as_json() for loss in found.losses],
                "faults": [fault.as_json() for fault in faults],
            }
        )
    else:
        _show(found.losses, lang)
        count = len(found.quiz.questions)
        say(
            Text(
                f"문제 {count}개를 들여왔습니다: {public}. 할 일 {len(errors)}개는 `grader quiz lint {name}`로 보세요.",
                f"{count} questions are in {public}. `grader quiz lint {name}` names the {len(errors)} things to do.",
            ),
            lang,
        )
    sys.exit(1 if found.losses or errors else 0)


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
                f"{there[0]}이(가) 이미 있습니다. 바꾸려면 --force를 쓰세요.",
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


def _read(content: bytes, kind: str, reading: Reading) -> Found:
    from grader.quiz.exchange import gift, moodle, qti

    if kind == "moodle":
        return moodle.read(content, reading)
    return gift.read(content, reading) if kind == "gift" else qti.read(content, reading)


def _looks_like(file: Path, content: bytes) -> str:
    if content.startswith(b"PK"):
        return "qti"
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and file.suffix.lower() not in (".gift", ".txt"):
        return "moodle" if b"<quiz" in content[:10_000] else "qti"
    return "gift"


def _language(content: bytes, source: Language | None) -> Language:
    """What the file is in, where it does not say: Korean if there are Korean letters in it."""
    from grader.quiz.exchange.carried import HANGUL

    return source or ("ko" if HANGUL.search(content.decode("utf-8", "ignore")) else "en")


def _save(catalog: Catalog, found: Found, public: Path, secret: Path) -> list[Fault]:
    """Writes both halves and the pictures. Gives what lint says of them."""
    from grader import misconception
    from grader.quiz import lint
    from grader.quiz.exchange import toml

    shown, decides = toml.halves(found.quiz)
    for file, text in ((public, shown), (secret, decides)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for name, content in found.pictures.items():
        (public.parent / "pictures").mkdir(exist_ok=True)
        (public.parent / "pictures" / name).write_bytes(content)
    return lint.lint(_bank(catalog), misconception.topics(catalog.assignments), (found.quiz.id,))


def _show(losses: Sequence[Loss], lang: str | None) -> None:
    if not losses:
        return
    listed = table(lang, Text("문제", "question"), Text("옮기지 못한 것", "not carried over"), Text("이유", "why"))
    for loss in losses:
        listed.add_row(loss.question, one_line(loss.what, lang), one_line(loss.why, lang))
    show(listed)


def _not_read(file: Path, why: str) -> BadInput:
    return BadInput(
        Text(
            f"{file}을(를) 읽을 수 없습니다: {why}. Moodle XML, GIFT, QTI 1.2·2·3을 읽습니다 (--format).",
            f"{file} cannot be read: {why}. Moodle XML, GIFT and QTI 1.2, 2 and 3 are read (--format).",
        )
    )
