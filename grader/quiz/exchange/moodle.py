"""Moodle XML, as Moodle 4 and 5 write and read it: https://docs.moodle.org/en/Moodle_XML_format."""

from __future__ import annotations

import base64
import binascii
import html as escapes
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.quiz import xml
from grader.quiz.exchange import categories, keys, markup, sending
from grader.quiz.exchange.carried import (
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

# what Moodle says by itself after an answer
USUAL = {"Your answer is correct.", "Your answer is partially correct.", "Your answer is incorrect."}
USUAL |= {"답이 맞았습니다.", "답이 부분적으로 맞았습니다.", "답이 틀립니다."}
PLUGIN = "@@PLUGINFILE@@/"
# ------------------------------------------------------------------------------------------------- writing


def write(paper: Paper, language: Language | None) -> tuple[bytes, list[Loss]]:
    """The file, with texts in one language or in both by the multilang filter, and what it could not hold."""
    return _Writer(paper, language).file()


class _Writer:
    def __init__(self, paper: Paper, language: Language | None) -> None:
        self.paper, self.language = paper, language
        self.losses: list[Loss] = []

    def file(self) -> tuple[bytes, list[Loss]]:
        quiz = Element("quiz")
        top = f"$course$/top/{self.paper.id}"
        place = ""
        for asked in self.paper.asked:
            category = f"{top}/{asked.posed.question.id}" if asked.variant else top
            if category != place:
                _words(SubElement(SubElement(quiz, "question", type="category"), "category"), category)
                place = category
            self._question(quiz, asked)
        indent(quiz)
        return tostring(quiz, encoding="utf-8", xml_declaration=True), self.losses

    def _question(self, quiz: Element, asked: Asked) -> None:
        question, key = asked.posed.question, asked.posed.key
        kind, fill = {
            Kind.CHOICE: ("multichoice", self._choices),
            Kind.MULTIPLE: ("multichoice", self._choices),
            Kind.NUMBER: ("numerical", self._number),
            Kind.TEXT: ("shortanswer", self._short),
            Kind.SHAPE: ("shortanswer", self._short),
            Kind.OUTPUT: ("essay" if "\n" in str(key.answer) else "shortanswer", self._short),
            Kind.ORDER: ("ordering", self._order),
            Kind.MATCH: ("matching", self._match),
        }.get(question.kind, ("essay", self._essay))
        element = SubElement(quiz, "question", type=kind)
        _words(SubElement(element, "name"), asked.id)
        stem = SubElement(element, "questiontext", format="html")
        content = self.paper.pictures.get(question.picture)
        address = PLUGIN + question.picture if content is not None else ""
        _words(stem, markup.stem(question, self.language, "tex", address))
        if content is not None:
            file = SubElement(stem, "file", name=question.picture, path="/", encoding="base64")
            file.text = base64.b64encode(content).decode()
        self._html(element, "generalfeedback", key.explanation)
        SubElement(element, "defaultgrade").text = f"{key.weight:g}"
        SubElement(element, "penalty").text = "0"
        SubElement(element, "hidden").text = "0"
        SubElement(element, "idnumber").text = asked.id
        (self._essay if kind == "essay" else fill)(element, asked)
        for hint in key.hints:
            self._html(element, "hint", hint)
        tags = SubElement(element, "tags")
        for tag in (f"topic:{question.topic}", f"difficulty:{question.difficulty}", f"kind:{question.kind}"):
            _words(SubElement(tags, "tag"), tag)

    def _choices(self, element: Element, asked: Asked) -> None:
        question, key = asked.posed.question, asked.posed.key
        single = question.kind is Kind.CHOICE
        SubElement(element, "single").text = "true" if single else "false"
        SubElement(element, "shuffleanswers").text = "true"
        SubElement(element, "answernumbering").text = "abc"
        right = right_of(key)
        full = 100 if single else 100 / len(right)
        others = len(question.options) - len(right)
        for option in question.options:
            share = full if option.id in right else 0.0 if single or not others else -100 / others
            answer = self._answer(element, share, markup.spoken(option.text, self.language, "tex", inline=True))
            self._feedback(answer, key.feedback.get(option.id))

    def _number(self, element: Element, asked: Asked) -> None:
        question, key = asked.posed.question, asked.posed.key
        off = decimal(tolerance(asked.posed), 6)
        for value, text in ((key.answer, None), *((wrong.value, wrong.text) for wrong in key.wrong)):
            answer = self._answer(element, 100 if text is None else 0, decimal(float(value)), "moodle_auto_format")
            self._feedback(answer, text)
            SubElement(answer, "tolerance").text = off
        if question.unit:
            units = SubElement(element, "units")
            for unit in dict.fromkeys((question.unit.ko, question.unit.en)):
                one = SubElement(units, "unit")
                SubElement(one, "multiplier").text = "1"
                SubElement(one, "unit_name").text = unit
        SubElement(element, "unitgradingtype").text = "0"  # a unit may be written, and earns nothing
        SubElement(element, "showunits").text = "0" if question.unit else "3"
        SubElement(element, "unitsleft").text = "0"

    def _short(self, element: Element, asked: Asked) -> None:
        key = asked.posed.key
        SubElement(element, "usecase").text = "0"
        for word in sending.spellings(asked):
            self._answer(element, 100, _no_stars(word), "moodle_auto_format")
        for wrong in key.wrong:
            for word in words_of(wrong.value):
                answer = self._answer(element, 0, _no_stars(word), "moodle_auto_format")
                self._feedback(answer, wrong.text)
        self.losses += sending.lost_of_words(asked)

    def _order(self, element: Element, asked: Asked) -> None:
        options = {option.id: option for option in asked.posed.question.options}
        settings = {"layouttype": "VERTICAL", "selecttype": "ALL", "selectcount": "0"}
        settings |= {"gradingtype": "RELATIVE_ALL_PREVIOUS_AND_NEXT", "showgrading": "SHOW", "numberingstyle": "none"}
        for name, value in settings.items():
            SubElement(element, name).text = value
        for place, id in enumerate(asked.posed.key.answer, start=1):
            self._answer(element, place, markup.spoken(options[id].text, self.language, "tex", inline=True))
        self.losses.append(sending.part_marks(asked))
        self.losses += sending.lost_feedback(asked)

    def _match(self, element: Element, asked: Asked) -> None:
        question, key = asked.posed.question, asked.posed.key
        SubElement(element, "shuffleanswers").text = "true"
        right = {option.id: option.text for option in question.options}
        pairs: list[tuple[Text | None, Text]] = [(left.text, right[key.answer[left.id]]) for left in question.left]
        pairs += [(None, text) for id, text in right.items() if id not in key.answer.values()]
        for left, text in pairs:
            sub = SubElement(element, "subquestion", format="html")
            _words(sub, markup.spoken(left, self.language, "tex", inline=True) if left else "")
            _words(SubElement(sub, "answer"), sending.unformed(text, self.language))
        self.losses += [*sending.lost_of_match(asked), *sending.lost_feedback(asked)]

    def _essay(self, element: Element, asked: Asked) -> None:
        question, key = asked.posed.question, asked.posed.key
        SubElement(element, "responseformat").text = "monospaced"
        SubElement(element, "responserequired").text = "1"
        SubElement(element, "responsefieldlines").text = "10"
        SubElement(element, "attachments").text = "0"
        answer = key.solution or str(key.answer)
        info = f"<pre>{escapes.escape(answer.strip())}</pre>"
        _words(SubElement(element, "graderinfo", format="html"), info)
        template = SubElement(element, "responsetemplate", format="plain")
        _words(template, question.starter.strip("\n"))
        self.losses += [sending.by_hand(asked), *sending.lost_feedback(asked)]

    def _answer(self, element: Element, share: float, text: str, format: str = "html") -> Element:
        answer = SubElement(element, "answer", fraction=f"{share:.5f}".rstrip("0").rstrip("."), format=format)
        _words(answer, text)
        return answer

    def _feedback(self, answer: Element, text: Text | None) -> None:
        self._html(answer, "feedback", text or Text("", ""))

    def _html(self, element: Element, name: str, text: Text) -> None:
        _words(SubElement(element, name, format="html"), markup.spoken(text, self.language, "tex"))


def _no_stars(word: str) -> str:
    return word.replace("*", "\\*")  # a star matches anything


def _words(element: Element, text: str) -> None:
    SubElement(element, "text").text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


# ------------------------------------------------------------------------------------------------- reading


def read(content: bytes, reading: Reading) -> Found:
    """Raises NotReadable."""
    (whole,) = parts(content, divided=False)
    whole.take(reading)
    return reading.done()


def parts(content: bytes, divided: bool = True) -> list[Part]:
    """The categories of the file that have questions, or one part of all. Raises NotReadable."""
    try:
        root = xml.parse(content)
    except xml.NotXml as error:
        raise NotReadable(str(error)) from error
    if root.tag != "quiz":
        raise NotReadable(f"its root is <{xml.local(root.tag)}>, not <quiz>")
    return categories.parts(list(_groups(root)), divided)


def _groups(root: Element) -> Iterator[categories.Group]:
    path, info = "", ""
    questions: list[Element] = []
    for element in root.iterfind("question"):
        if element.get("type", "") != "category":
            questions.append(element)
        elif next_path := _text(element, "category"):
            yield _group(path, info, questions)
            path, info, questions = next_path, re.sub("<[^>]*>", "", _text(element, "info")).strip(), []
    yield _group(path, info, questions)


def _group(path: str, info: str, questions: Sequence[Element]) -> categories.Group:
    def take(reading: Reading) -> None:
        if info and not info.startswith("The default category for questions"):
            reading.lost("-", Text(f"분류의 설명 {info[:60]}", f"the description {info[:60]}"), NO_PLACE)
        for element in questions:
            _take(element, element.get("type", ""), reading)

    language = looks(*(text for element in questions for text in element.itertext()))
    return categories.Group(path, len(questions), take, language)


def _take(element: Element, kind: str, reading: Reading) -> None:
    id = reading.new_id(_text(element, "idnumber") or element.findtext("idnumber", ""), _text(element, "name"))
    try:
        if kind not in _READERS:
            raise whole(f"'{kind}' 문제를 읽을 수 없습니다.", f"Questions of the type '{kind}' are not read.")
        question, key = _common(element, id, reading)
        question, key = _READERS[kind](element, question, key, reading)
        question, key = keys.as_tagged(question, key, _tags(element))
        _around(element, id, reading)
        reading.take(question, key)
    except NotCarried as error:
        reading.leave(id, error)


def _around(element: Element, id: str, reading: Reading) -> None:
    """Lists what stands around a question and has no place here."""
    for word in (_text(tag) for tag in element.iterfind("tags/tag")):
        if word.partition(":")[0] not in ("topic", "difficulty", "kind"):
            reading.lost(id, Text(f"꼬리표 {word[:60]}", f"the tag {word[:60]}"), NO_PLACE)
    for name in ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback"):
        words = re.sub("<[^>]*>", "", _text(element, name)).strip()
        if words and words not in USUAL:
            reading.lost(id, Text(f"{name}: {words[:60]}", f"{name}: {words[:60]}"), NO_PLACE)


def _common(element: Element, id: str, reading: Reading) -> tuple[Question, Key]:
    """What every question has; its kind, options and key come after."""
    tags = _tags(element)
    shown = markup.Shown()
    stem = _html(element.find("questiontext"), reading, shown)
    picture, alt = _pictures(element, id, shown, reading)
    general = _html(element.find("generalfeedback"), reading)
    weight = keys.number_of(element.findtext("defaultgrade", "1"), 1.0)
    question = replace(reading.begun(id, Kind.CHOICE, tags, stem), picture=picture, alt=alt)
    hints = [text for hint in element.iterfind("hint") if (text := _html(hint, reading))]
    return question, Key(None, general or UNEXPLAINED, weight if weight > 0 else 1.0, hints)


def _choice(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    answers = element.findall("answer")
    options = lettered([_html(answer, reading, name=True) for answer in answers])
    shares = {option.id: _share(answer) for option, answer in zip(options, answers, strict=True)}
    feedback = {
        option.id: text
        for option, answer in zip(options, answers, strict=True)
        if (text := _html(answer.find("feedback"), reading))
    }
    single = element.findtext("single", "true").strip().lower() in ("true", "1")
    return keys.chosen(replace(question, options=options), key, shares, feedback, single, reading)


def _true_false(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    right = next((_text(answer).lower() for answer in element.iterfind("answer") if _share(answer) > 0), "")
    feedback = {_text(answer).lower(): _html(answer.find("feedback"), reading) for answer in element.iterfind("answer")}
    return keys.true_or_false(question, key, right == "true", feedback, reading)


def _short(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    answers = [(_text(one), _share(one), _html(one.find("feedback"), reading)) for one in element.iterfind("answer")]
    if element.findtext("usecase", "0").strip() == "1":
        keys.lost_case(question.id, reading)
    return keys.short(question, key, answers, reading)


def _number(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    answers = [
        (
            _text(one),
            keys.number_of(one.findtext("tolerance", "0"), 0.0),
            _share(one),
            _html(one.find("feedback"), reading),
        )
        for one in element.iterfind("answer")
    ]
    units = [unit.findtext("unit_name", "").strip() for unit in element.iterfind("units/unit")]
    if any(keys.number_of(unit.findtext("multiplier", "1"), 1.0) != 1.0 for unit in element.iterfind("units/unit")):
        why = Text("한 단위만 받습니다.", "A number has one unit here.")
        reading.lost(question.id, Text("다른 단위로의 환산", "conversion to other units"), why)
    if units and units[0]:
        ko, en = (units[0], units[-1]) if len(units) > 1 else (units[0], units[0])
        question = replace(question, unit=Text(ko, en))
    return keys.number(question, key, answers, reading)


def _match(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    pairs = [
        (_html(sub, reading, name=True), _html(sub.find("answer"), reading, name=True))
        for sub in element.iterfind("subquestion")
    ]
    return keys.matched(question, key, pairs)


def _order(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    answers = sorted(element.iterfind("answer"), key=_share)
    options = lettered([_html(answer, reading, name=True) for answer in answers])
    return replace(question, kind=Kind.ORDER, options=options), replace(key, answer=[one.id for one in options])


_Reader = Callable[[Element, Question, Key, Reading], tuple[Question, Key]]
_READERS: Mapping[str, _Reader] = {
    "multichoice": _choice,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _number,
    "matching": _match,
    "ordering": _order,
}


def _html(element: Element | None, reading: Reading, shown: markup.Shown | None = None, *, name: bool = False) -> Text:
    """A text in the format that its attribute names; empty where there is none."""
    if element is None or not (words := _text(element)):
        return Text("", "")
    format = element.get("format", "html")
    if format == "markdown":
        return reading.text(re.sub(r"\\\((.+?)\\\)", r"$\1$", words), name=name)
    return markup.text(reading, markup.plain(words) if format == "plain_text" else words, shown, name=name)


def _pictures(element: Element, id: str, shown: markup.Shown, reading: Reading) -> tuple[str, Text | None]:
    """The first picture of the stem, if it may be shown; the others are losses."""
    files = {file.get("name", ""): file for file in element.iterfind("questiontext/file")}
    old = element.find("image_base64")  # as Moodle 1.9 wrote the picture of a question
    if old is not None and (name := element.findtext("image", "").strip()):
        files[name] = old
        shown.pictures.append((name, ""))

    def find(source: str) -> tuple[str, bytes] | None:
        name = unquote(source).removeprefix(PLUGIN)
        return (name, _decoded(files[name])) if name in files else None

    taken = keys.first_picture(id, shown, find, Text("파일 안에 없습니다.", "It is not in the file."), reading)
    for name in sorted(set(files) - {unquote(source).removeprefix(PLUGIN) for source, _ in shown.pictures}):
        why = Text("문제가 그림으로 보여 주지 않습니다.", "The question does not show it as a picture.")
        reading.lost(id, Text(f"파일 {name[:80]}", f"the file {name[:80]}"), why)
    return taken


def _decoded(file: Element) -> bytes:
    try:
        return base64.b64decode(file.text or "", validate=False)
    except (binascii.Error, ValueError):
        return b""


def _tags(element: Element) -> dict[str, str]:
    """Tags such as topic:xor, which a file of ours has."""
    words = [_text(tag) for tag in element.iterfind("tags/tag")]
    return dict(word.split(":", 1) for word in words if ":" in word)


def _text(element: Element, name: str = "") -> str:
    return (element.findtext(f"{name}/text" if name else "text") or "").strip()


def _share(answer: Element) -> float:
    return keys.number_of(answer.get("fraction", "0"), 0.0)
