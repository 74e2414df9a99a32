"""GIFT, the text format of Moodle: https://docs.moodle.org/en/GIFT_format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from grader.quiz.exchange import categories, keys, markup, sending
from grader.quiz.exchange.carried import (
    HINTS,
    LONGEST,
    NO_PLACE,
    UNEXPLAINED,
    Asked,
    Found,
    Language,
    Loss,
    NotCarried,
    NotReadable,
    Paper,
    Part,
    Reading,
    decimal,
    lettered,
    looks,
    right_of,
    tolerance,
    whole,
    words_of,
)
from grader.quiz.question import Key, Kind, Question
from grader.text import Text

# ------------------------------------------------------------------------------------------------- writing


def write(paper: Paper, language: Language | None) -> tuple[bytes, list[Loss]]:
    """The file, with texts in one language or in both by the multilang filter, and what it could not hold."""
    losses: list[Loss] = []
    parts = [f"$CATEGORY: $course$/top/{paper.id}"]
    place = ""
    for asked in paper.asked:
        question = asked.posed.question
        if asked.variant and question.id != place:
            parts.append(f"$CATEGORY: $course$/top/{paper.id}/{question.id}")
        elif not asked.variant and place:
            parts.append(f"$CATEGORY: $course$/top/{paper.id}")
        place = question.id if asked.variant else ""
        parts.append(_question(asked, language, losses))
    return ("\n\n".join(parts) + "\n").encode(), losses


def _question(asked: Asked, language: Language | None, losses: list[Loss]) -> str:
    question, key = asked.posed.question, asked.posed.key
    by_hand = sending.is_by_hand(asked)
    stem = _escaped(markup.stem(question, language, "tex", ""))
    lines = [] if by_hand else _answers(asked, language)
    if key.explanation:
        lines.append(f"####{_said(key.explanation, language)}")
    tags = f"[tag:topic\\:{question.topic}] [tag:difficulty\\:{question.difficulty}] [tag:kind\\:{question.kind}]"
    losses += _lost(asked, by_hand)
    inner = "\n".join(f"\t{line}" for line in lines)
    hash = "#" if question.kind is Kind.NUMBER else ""
    return f"// [id:{asked.id}] {tags}\n::{_escaped(asked.id)}::[html]{stem}{{{hash}\n{inner}\n}}"


def _lost(asked: Asked, by_hand: bool) -> Iterator[Loss]:
    question, key = asked.posed.question, asked.posed.key
    yield from sending.lost_of_answer(asked, essay_answer=False)
    if question.kind is Kind.MATCH:
        yield from sending.lost_of_match(asked)
    if by_hand or question.kind in (Kind.MATCH, Kind.ORDER):
        yield from sending.lost_feedback(asked)
    if key.hints:
        yield Loss(asked.id, HINTS, NO_PLACE)
    if key.weight != 1:
        yield Loss(asked.id, Text("배점", "its weight"), NO_PLACE)
    if question.picture:
        yield Loss(asked.id, Text("그림", "its picture"), NO_PLACE)
    if question.unit:
        yield sending.lost_unit(asked)
    if question.kind is Kind.ORDER:
        yield sending.numbered(asked)


def _answers(asked: Asked, language: Language | None) -> list[str]:
    question, key = asked.posed.question, asked.posed.key

    def option(text: Text) -> str:
        return "[html]" + _escaped(markup.spoken(text, language, "tex", inline=True))

    def said(text: Text | None) -> str:
        return f"#{_said(text, language)}" if text else ""

    if question.kind in (Kind.CHOICE, Kind.MULTIPLE):
        return [
            _share(one.id, question, key) + option(one.text) + said(key.feedback.get(one.id))
            for one in question.options
        ]
    if question.kind is Kind.NUMBER:
        numbers = [(key.answer, "", None), *((wrong.value, "%0%", wrong.text) for wrong in key.wrong)]
        off = decimal(tolerance(asked.posed), 6)
        return [f"={share}{decimal(float(value))}:{off}{said(text)}" for value, share, text in numbers]
    if question.kind is Kind.MATCH:
        right = {one.id: _escaped(sending.unformed(one.text, language)) for one in question.options}
        pairs = [f"={option(left.text)} -> {right[key.answer[left.id]]}" for left in question.left]
        return pairs + [f"= -> {text}" for id, text in right.items() if id not in key.answer.values()]
    if question.kind is Kind.ORDER:
        texts = {one.id: one.text for one in question.options}
        return [f"={option(texts[id])} -> {place}" for place, id in enumerate(key.answer, start=1)]
    words = [f"={_escaped(word)}" for word in sending.spellings(asked)]
    return words + [f"=%0%{_escaped(word)}{said(one.text)}" for one in key.wrong for word in words_of(one.value)]


def _share(id: str, question: Question, key: Key) -> str:
    if question.kind is Kind.CHOICE:
        return "=" if id in right_of(key) else "~"
    others = len(question.options) - len(key.answer)
    share = 100 / len(key.answer) if id in key.answer else -100 / others
    return f"~%{share:.5f}".rstrip("0").rstrip(".") + "%"


def _said(text: Text, language: Language | None) -> str:
    return "[html]" + _escaped(markup.spoken(text, language, "tex"))


def _escaped(text: str) -> str:
    """Every sign of the format with a backslash; the end of a line as \\n, since an empty line ends a question."""
    return re.sub(r"([\\~=#{}:])", r"\\\1", text).replace("\n", "\\n")


# ------------------------------------------------------------------------------------------------- reading

_NO_FILES = Text("GIFT에는 파일이 없습니다.", "There are no files in GIFT.")
_SIGNS = "\\~=#{}:n"
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)


@dataclass(frozen=True)
class _Piece:
    """A question as it stands in the file."""

    id: str
    tags: Mapping[str, str]
    text: str
    category: str


@dataclass(frozen=True)
class _Answer:
    sign: str  # "=" or "~"
    share: float
    text: str
    feedback: str


def read(content: bytes, reading: Reading) -> Found:
    """Raises NotReadable."""
    (whole,) = parts(content, divided=False)
    whole.take(reading)
    return reading.done()


def parts(content: bytes, divided: bool = True) -> list[Part]:
    """The categories of the file that have questions, or one part of all. Raises NotReadable."""
    if len(content) > 20_000_000:
        raise NotReadable("larger than 20 MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotReadable(f"it is not in UTF-8: {error}") from error
    if "\x00" in text or not text.strip():
        raise NotReadable("it is no text")
    pieces = list(_pieces(text))
    filled = {piece.category for piece in pieces}
    paths = dict.fromkeys(re.findall(r"^\$CATEGORY:\s*(.*?)\s*$", text, re.MULTILINE))
    groups = [_group(path, []) for path in paths if path not in filled]
    groups += [_group(path, list(held)) for path, held in groupby(pieces, key=lambda piece: piece.category)]
    return categories.parts(groups, divided)


def _group(path: str, pieces: Sequence[_Piece]) -> categories.Group:
    def take(reading: Reading) -> None:
        for piece in pieces:
            _take(piece, reading)

    return categories.Group(path, len(pieces), take, looks(*(piece.text for piece in pieces)))


def _pieces(text: str) -> Iterator[_Piece]:
    """Questions end at an empty line; of comments only ids and tags matter."""
    lines: list[str] = []
    id = category = place = ""
    tags: dict[str, str] = {}
    for line in [*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]:
        if line.lstrip().startswith("//"):
            found = re.search(r"\[id:((?:\\.|[^\]\\])+)\]", line)
            id = _back(_held(found[1])) if found else id
            words = [_back(_held(word)) for word in re.findall(r"\[tag:((?:\\.|[^\]\\])+)\]", line)]
            tags |= {word.partition(":")[0]: word.partition(":")[2] for word in words}
        elif line.startswith("$CATEGORY:"):
            category = line.removeprefix("$CATEGORY:").strip()
        elif line.strip():
            place = place if lines else category
            lines.append(line)
        elif lines:
            yield _Piece(id, tags, _held("\n".join(lines)), place)
            lines, id, tags = [], "", {}


def _held(text: str) -> str:
    """Signs after a backslash, as characters that mean nothing."""
    text = re.sub("[\ue100-\ue1ff]", "", text)
    return re.sub(r"\\([\\~=#{}:n])", lambda one: chr(0xE100 + _SIGNS.index(one[1])), text)


def _back(text: str) -> str:
    return re.sub("[\ue100-\ue1ff]", lambda one: ("\\~=#{}:\n")[ord(one[0]) - 0xE100], text)


def _take(piece: _Piece, reading: Reading) -> None:
    name, text = "", piece.text.strip()
    if found := re.match(r"::(.*?)::", text, re.DOTALL):
        name, text = _back(found[1]).strip(), text[found.end() :]
    start, end = text.find("{"), text.find("}")
    id = reading.new_id(piece.id, name)
    try:
        if len(text) > LONGEST:
            raise NotReadable(f"a question of it is longer than {LONGEST} characters")
        if start < 0:
            raise whole("설명글은 문제가 아닙니다.", "A description is no question.")
        if end < start:
            raise NotReadable(f"the answers of '{name or text[:40]}' have no closing brace")
        inner, after = text[start + 1 : end].strip(), text[end + 1 :].strip(" \"';\n")
        space = "" if after[:1] in tuple(".,;:?!") else " "
        stem = f"{text[:start].rstrip()} _____{space}{after}" if after else text[:start]
        question, key = _read(id, stem, inner, piece.tags, reading)
        for name in sorted(set(piece.tags) - {"topic", "difficulty", "kind"}):
            reading.lost(id, Text(f"꼬리표 {name}", f"the tag {name}"), NO_PLACE)
        reading.take(question, key)
    except NotCarried as error:
        reading.leave(id, error)


def _read(id: str, stem: str, inner: str, tags: Mapping[str, str], reading: Reading) -> tuple[Question, Key]:
    inner, _, general = inner.partition("####")
    kind, fill = _kind(inner.strip())
    shown = markup.Shown()
    found = _FORMAT.match(stem)
    format = found[1].lower() if found else "moodle"
    text = _words(stem, reading, format, shown)
    picture, alt = keys.first_picture(id, shown, lambda _: None, _NO_FILES, reading)
    question = replace(reading.begun(id, kind, tags, text), picture=picture, alt=alt)
    key = Key(None, _words(general, reading, format) or UNEXPLAINED)
    question, key = fill(inner.strip(), question, key, reading, format)
    return keys.as_tagged(question, key, tags)


_Reader = Callable[[str, Question, Key, Reading, str], tuple[Question, Key]]


def _kind(inner: str) -> tuple[Kind, _Reader]:
    """As Moodle tells them apart."""
    if not inner:
        raise whole("서술형 문제를 읽을 수 없습니다.", "Essays are not read.")
    if inner.startswith("#"):
        return Kind.NUMBER, _numbers
    if re.match(r"(TRUE|T|FALSE|F)\s*(#|$)", inner, re.IGNORECASE):
        return Kind.CHOICE, _true_false
    if "~" in inner:
        return Kind.CHOICE, _options
    if "->" in inner:
        return Kind.MATCH, _pairs
    if "=" in inner:
        return Kind.TEXT, _typed
    raise whole("답을 읽을 수 없습니다.", "Its answers cannot be read.")


def _options(inner: str, question: Question, key: Key, reading: Reading, format: str) -> tuple[Question, Key]:
    answers = list(_split(inner))
    single = any(answer.sign == "=" for answer in answers)
    options = lettered([_words(answer.text, reading, format, name=True) for answer in answers])
    shares = {option.id: answer.share for option, answer in zip(options, answers, strict=True)}
    feedback = {
        option.id: text
        for option, answer in zip(options, answers, strict=True)
        if (text := _words(answer.feedback, reading, format))
    }
    return keys.chosen(replace(question, options=options), key, shares, feedback, single, reading)


def _true_false(inner: str, question: Question, key: Key, reading: Reading, format: str) -> tuple[Question, Key]:
    word, *said = [part.strip() for part in inner.split("#")]
    right = word.upper().startswith("T")
    texts = [_words(part, reading, format) for part in said[:2]]
    names = ("false", "true") if right else ("true", "false")  # first of the wrong answer, then of the right one
    return keys.true_or_false(question, key, right, dict(zip(names, texts, strict=False)), reading)


def _typed(inner: str, question: Question, key: Key, reading: Reading, format: str) -> tuple[Question, Key]:
    answers = [(_bare(one.text), one.share, _words(one.feedback, reading, format)) for one in _split(inner)]
    return keys.short(question, key, answers, reading)


def _pairs(inner: str, question: Question, key: Key, reading: Reading, format: str) -> tuple[Question, Key]:
    pairs = []
    for answer in _split(inner):
        left, arrow, right = answer.text.partition("->")
        if not arrow:
            raise whole("짝이 없는 답이 있습니다.", "One of its answers has no pair.")
        pairs.append((_words(left, reading, format, name=True), _words(right, reading, format, name=True)))
    return keys.matched(question, key, pairs)


def _numbers(inner: str, question: Question, key: Key, reading: Reading, format: str) -> tuple[Question, Key]:
    inner = inner[1:].strip()
    found = []
    for answer in _split(inner if inner.startswith("=") else f"={inner}"):
        value, _, off = answer.text.partition(":")
        if between := re.fullmatch(r"\s*(\S+?)\s*\.\.\s*(\S+?)\s*", answer.text):
            try:
                low, high = float(between[1]), float(between[2])
                value, off = f"{(low + high) / 2:.12g}", f"{(high - low) / 2:.12g}"
            except ValueError:
                value, off = answer.text, ""
        try:
            tolerated = abs(float(off or 0))
        except ValueError:
            tolerated = 0.0
        found.append((_back(value).strip(), tolerated, answer.share, _words(answer.feedback, reading, format)))
    return keys.number(question, key, found, reading)


def _split(inner: str) -> Iterator[_Answer]:
    for sign, body in re.findall(r"([=~])([^=~]*)", inner):
        yield _answer(sign, body)


def _answer(sign: str, body: str) -> _Answer:
    share = 100.0 if sign == "=" else 0.0
    if found := re.match(r"\s*%\s*(-?\d{1,3}(?:\.\d{1,10})?)\s*%", body):
        share, body = float(found[1]), body[found.end() :]
    text, _, feedback = body.partition("#")
    return _Answer(sign, share, text.strip(), feedback.strip())


def _bare(text: str) -> str:
    """Words without a format and without markup."""
    return _back(_FORMAT.sub("", text, count=1)).strip()


def _words(text: str, reading: Reading, format: str, shown: markup.Shown | None = None, *, name: bool = False) -> Text:
    """A text in the format that stands before it, else in its question's: "moodle" is HTML whose lines are kept."""
    found = _FORMAT.match(text)
    format = found[1].lower() if found else format
    words = _back(text[found.end() :] if found else text).strip()
    if not words:
        return Text("", "")
    if format == "markdown":
        return reading.text(words, name=name)
    if format == "plain":
        return markup.text(reading, markup.plain(words), shown, name=name)
    return markup.text(reading, words if format == "html" else words.replace("\n", "<br />"), shown, name=name)
