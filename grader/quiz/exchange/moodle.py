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

from grader.errors import BadQuiz
from grader.quiz import media, xml
from grader.quiz.exchange import markup
from grader.quiz.exchange.carried import (
    BY_HAND,
    NO_PLACE,
    PATTERNS,
    RIGHT_SAID,
    UNEXPLAINED,
    Asked,
    Found,
    Language,
    Loss,
    NotCarried,
    NotReadable,
    Paper,
    Reading,
    kind_of,
    lettered,
    slugged,
    tolerance,
    words_of,
)
from grader.quiz.question import Key, Kind, Option, Question, Wrong
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
        right = {key.answer} if single else set(key.answer)
        others = len(question.options) - len(right)
        for option in question.options:
            share = 100 / len(right) if option.id in right else 0.0 if single or not others else -100 / others
            answer = self._answer(element, share, markup.spoken(option.text, self.language, "tex", inline=True))
            self._feedback(answer, key.feedback.get(option.id))

    def _number(self, element: Element, asked: Asked) -> None:
        question, key = asked.posed.question, asked.posed.key
        off = f"{tolerance(asked.posed):.6g}"
        for value, text in ((key.answer, None), *((wrong.value, wrong.text) for wrong in key.wrong)):
            answer = self._answer(element, 100 if text is None else 0, f"{float(value):.12g}", "moodle_auto_format")
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
        for word in spellings(asked):
            self._answer(element, 100, _no_stars(word), "moodle_auto_format")
        for wrong in key.wrong:
            for word in words_of(wrong.value):
                answer = self._answer(element, 0, _no_stars(word), "moodle_auto_format")
                self._feedback(answer, wrong.text)
        self.losses += lost_of_words(asked)

    def _order(self, element: Element, asked: Asked) -> None:
        options = {option.id: option for option in asked.posed.question.options}
        settings = {"layouttype": "VERTICAL", "selecttype": "ALL", "selectcount": "0"}
        settings |= {"gradingtype": "RELATIVE_ALL_PREVIOUS_AND_NEXT", "showgrading": "SHOW", "numberingstyle": "none"}
        for name, value in settings.items():
            SubElement(element, name).text = value
        for place, id in enumerate(asked.posed.key.answer, start=1):
            self._answer(element, place, markup.spoken(options[id].text, self.language, "tex", inline=True))
        self.losses.append(part_marks(asked))

    def _match(self, element: Element, asked: Asked) -> None:
        question, key = asked.posed.question, asked.posed.key
        SubElement(element, "shuffleanswers").text = "true"
        right = {option.id: option.text for option in question.options}
        pairs: list[tuple[Text | None, Text]] = [(left.text, right[key.answer[left.id]]) for left in question.left]
        pairs += [(None, text) for id, text in right.items() if id not in key.answer.values()]
        for left, text in pairs:
            sub = SubElement(element, "subquestion", format="html")
            _words(sub, markup.spoken(left, self.language, "tex", inline=True) if left else "")
            _words(SubElement(sub, "answer"), unformed(text, self.language))
        self.losses += lost_of_match(asked)

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
        self.losses.append(by_hand(asked))

    def _answer(self, element: Element, share: float, text: str, format: str = "html") -> Element:
        answer = SubElement(element, "answer", fraction=f"{share:.5f}".rstrip("0").rstrip("."), format=format)
        _words(answer, text)
        return answer

    def _feedback(self, answer: Element, text: Text | None) -> None:
        self._html(answer, "feedback", text or Text("", ""))

    def _html(self, element: Element, name: str, text: Text) -> None:
        _words(SubElement(element, name, format="html"), markup.spoken(text, self.language, "tex"))


def unformed(text: Text, language: Language | None) -> str:
    """A text where Moodle takes no HTML and draws no formula, in one language or in both."""
    words = markup.unformed(text)
    if language is not None or words.ko == words.en:
        return words.into(language or "ko")
    return f'<span lang="ko" class="multilang">{words.ko}</span><span lang="en" class="multilang">{words.en}</span>'


def spellings(asked: Asked) -> list[str]:
    """The ways to write a short answer that are accepted elsewhere; of a shape the usual ones."""
    answer = asked.posed.key.answer
    if asked.posed.question.kind is not Kind.SHAPE:
        return words_of(answer)
    sizes = [size.strip() for size in str(answer).strip("()[] ").rstrip(",").split(",")]
    inner, tight = ", ".join(sizes), ",".join(sizes)
    one = "," if len(sizes) == 1 else ""
    return list(dict.fromkeys((str(answer), f"({inner}{one})", f"({tight}{one})", f"[{inner}]", inner, tight)))


def lost_of_words(asked: Asked) -> Iterator[Loss]:
    """What of a short answer is not carried."""
    kind, answer = asked.posed.question.kind, asked.posed.key.answer
    if isinstance(answer, dict) and answer.get("patterns"):
        yield Loss(asked.id, PATTERNS, Text("같은 글자만 정답이 됩니다.", "Only the accepted words themselves count."))
    if kind in (Kind.SHAPE, Kind.OUTPUT):
        why = Text("적어 둔 꼴만 정답이 됩니다.", "Only the spellings written down count as right.")
        yield Loss(asked.id, Text("띄어쓰기와 괄호가 다른 답", "answers with other spaces and brackets"), why)


def lost_of_match(asked: Asked) -> Iterator[Loss]:
    """Of the right side of a match, which is plain text there."""
    if any(markup.unformed(option.text) != option.text for option in asked.posed.question.options):
        why = Text("오른쪽은 서식 없는 글이 됩니다.", "The right side is text without any form there.")
        yield Loss(asked.id, Text("오른쪽의 수식", "formulas on the right side"), why)


def by_hand(asked: Asked) -> Loss:
    """A question that a person marks elsewhere."""
    why = Text(
        f"{asked.posed.question.kind} 문제가 없어 서술형으로 보냈습니다. 사람이 채점해야 합니다.",
        f"There is no kind '{asked.posed.question.kind}': it went as an essay, for a person to mark.",
    )
    return Loss(asked.id, BY_HAND, why)


def part_marks(asked: Asked) -> Loss:
    """Marks for a part of the order are counted otherwise."""
    why = Text(
        "짝마다의 점수에서 틀린 짝을 빼지 않거나, 모두 맞아야 합니다.",
        "Pairs out of order are not taken off there, or all must be right.",
    )
    return Loss(asked.id, Text("부분 점수", "marks for a part"), why)


def _no_stars(word: str) -> str:
    return word.replace("*", "\\*")  # a star matches anything


def _words(element: Element, text: str) -> None:
    SubElement(element, "text").text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


# ------------------------------------------------------------------------------------------------- reading


def read(content: bytes, reading: Reading) -> Found:
    """Raises NotReadable."""
    try:
        root = xml.parse(content)
    except xml.NotXml as error:
        raise NotReadable(str(error)) from error
    if root.tag != "quiz":
        raise NotReadable(f"its root is <{xml.local(root.tag)}>, not <quiz>")
    for element in root.iterfind("question"):
        kind = element.get("type", "")
        if kind != "category":
            _take(element, kind, reading)
        elif path := _text(element, "category"):
            lost_category(path, reading)
    return reading.done()


def lost_category(path: str, reading: Reading) -> None:
    """Lists a category, unless it is one of ours: these say no more than the ids do."""
    start, *names = path.removeprefix("$course$/").split("/")
    if start != "top" or any(slugged(name) != name for name in names):
        what = Text(f"분류 {path[:80]}", f"the category {path[:80]}")
        reading.lost("-", what, Text("퀴즈는 분류로 나뉘지 않습니다.", "A quiz has no categories."))


def _take(element: Element, kind: str, reading: Reading) -> None:
    id = reading.new_id(_text(element, "idnumber") or element.findtext("idnumber", ""), _text(element, "name"))
    try:
        if kind not in _READERS:
            why = Text(f"'{kind}' 문제를 읽을 수 없습니다.", f"Questions of the type '{kind}' are not read.")
            raise NotCarried(Text("문제 전체", "the whole question"), why)
        question, key = _common(element, id, reading)
        question, key = _READERS[kind](element, question, key, reading)
        tags = _tags(element)
        if kind_of(tags.get("kind", "")) is Kind.SHAPE and question.kind is Kind.TEXT:
            wrong = tuple(Wrong(words_of(one.value)[0], one.text) for one in key.wrong)
            question, key = (
                replace(question, kind=Kind.SHAPE),
                replace(key, answer=words_of(key.answer)[0], wrong=wrong),
            )
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
    weight = _number_of(element.findtext("defaultgrade", "1"), 1.0)
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
    return chosen(replace(question, options=options), key, shares, feedback, single, reading)


def chosen(
    question: Question, key: Key, shares: Mapping[str, float], feedback: Mapping[str, Text], single: bool, to: Reading
) -> tuple[Question, Key]:
    """A choice of one or of several, from the share in percent that each option earns. Raises NotCarried."""
    best = max(shares.values(), default=0.0)
    right = [id for id, share in shares.items() if (share == best if single else share > 0)]
    if best <= 0 or (single and len(right) != 1) or (not single and len(right) == len(shares)):
        why = Text("정답이 하나로 정해지지 않습니다.", "It has no option that is right, or none that is wrong.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    uneven = any(0 < share < best for share in shares.values()) if single else len({shares[id] for id in right}) > 1
    if uneven:
        why = Text("보기마다 다른 배점은 없습니다.", "Options do not earn different shares here.")
        to.lost(question.id, Text("부분 점수", "marks for a part"), why)
    kept = {id: text for id, text in feedback.items() if not (single and id in right)}
    if len(kept) < len(feedback):
        to.lost(question.id, RIGHT_SAID, NO_PLACE)
    kind = Kind.CHOICE if single else Kind.MULTIPLE
    return replace(question, kind=kind), replace(key, answer=right[0] if single else right, feedback=kept)


def _true_false(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    right = next((_text(answer).lower() for answer in element.iterfind("answer") if _share(answer) > 0), "")
    feedback = {_text(answer).lower(): _html(answer.find("feedback"), reading) for answer in element.iterfind("answer")}
    return true_or_false(question, key, right == "true", feedback, reading)


def true_or_false(
    question: Question, key: Key, right: bool, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    """A choice of two; `feedback` by "true" and "false"."""
    options = (Option("true", Text("참", "True")), Option("false", Text("거짓", "False")))
    answer, wrong = ("true", "false") if right else ("false", "true")
    said = {wrong: feedback[wrong]} if feedback.get(wrong) else {}
    if feedback.get(answer):
        reading.lost(question.id, RIGHT_SAID, NO_PLACE)
    return replace(question, kind=Kind.CHOICE, options=options), replace(key, answer=answer, feedback=said)


def _short(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    answers = [(_text(one), _share(one), _html(one.find("feedback"), reading)) for one in element.iterfind("answer")]
    if element.findtext("usecase", "0").strip() == "1":
        why = Text("대소문자는 언제나 가리지 않습니다.", "Upper and lower case always count alike here.")
        reading.lost(question.id, Text("대소문자 구별", "the difference of cases"), why)
    return short(question, key, answers, reading)


def short(
    question: Question, key: Key, answers: Sequence[tuple[str, float, Text]], reading: Reading
) -> tuple[Question, Key]:
    """A short text, from answers with the share in percent that each earns; a star stands for anything."""
    right = [text for text, share, _ in answers if share >= 100]
    words = [text.replace("\\*", "*") for text in right if not _is_open(text)]
    patterns = [_pattern(text) for text in right if _is_open(text)]
    if not words:
        why = Text("정답이 되는 낱말이 없습니다.", "No word is accepted as it stands.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    wrong = []
    if any(said for _, share, said in answers if share >= 100):
        reading.lost(question.id, RIGHT_SAID, NO_PLACE)
    for text, share, said in answers:
        if 0 < share < 100:
            what = Text(f"{share:g} % 정답 '{text[:40]}'", f"'{text[:40]}' for {share:g} %")
            reading.lost(question.id, what, Text("부분 점수가 없습니다.", "A short text earns all or nothing here."))
        elif share <= 0 and _is_open(text):
            what = Text(f"'{text[:40]}'의 피드백", f"the feedback for '{text[:40]}'")
            reading.lost(question.id, what, Text("꼴로 적은 오답은 없습니다.", "Wrong answers are words here."))
        elif share <= 0 and said:
            wrong.append(Wrong({"accepted": [text.replace("\\*", "*")]}, said))
    answer = {"accepted": words, "patterns": patterns} if patterns else {"accepted": words}
    return replace(question, kind=Kind.TEXT), replace(key, answer=answer, wrong=tuple(wrong))


def _is_open(text: str) -> bool:
    return re.search(r"(?<!\\)\*", text) is not None


def _pattern(text: str) -> str:
    """Each star but the last takes as little as it can and never gives it back: many stars would take for ever else."""
    parts = [re.escape(part.replace("\\*", "*")) for part in re.split(r"(?<!\\)\*", text.lower())]
    first, *middle, last = parts
    return first + "".join(f"(?>.*?{part})" for part in middle if part) + ".*" + last


def _number(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    answers = [
        (_text(one), _number_of(one.findtext("tolerance", "0"), 0.0), _share(one), _html(one.find("feedback"), reading))
        for one in element.iterfind("answer")
    ]
    units = [unit.findtext("unit_name", "").strip() for unit in element.iterfind("units/unit")]
    if any(_number_of(unit.findtext("multiplier", "1"), 1.0) != 1.0 for unit in element.iterfind("units/unit")):
        why = Text("한 단위만 받습니다.", "A number has one unit here.")
        reading.lost(question.id, Text("다른 단위로의 환산", "conversion to other units"), why)
    if units and units[0]:
        ko, en = (units[0], units[-1]) if len(units) > 1 else (units[0], units[0])
        question = replace(question, unit=Text(ko, en))
    return number(question, key, answers, reading)


def number(
    question: Question, key: Key, answers: Sequence[tuple[str, float, float, Text]], reading: Reading
) -> tuple[Question, Key]:
    """A number, from answers (value, tolerance, share in percent, feedback). Raises NotCarried."""
    found: tuple[float | int, float] | None = None
    wrong: list[Wrong] = []
    for value, off, share, said in answers:
        known = value_of(value)
        what = Text(f"답 '{value[:40]}'", f"the answer '{value[:40]}'")
        if known is None:
            reading.lost(question.id, what, Text("숫자 하나가 아닙니다.", "It is not one number."))
        elif share >= 100 and found is None:
            found = known, off
            if said:
                reading.lost(question.id, RIGHT_SAID, NO_PLACE)
        elif share <= 0 and said:
            wrong.append(Wrong(known, said))
        elif share > 0:
            why = Text(
                "정답은 하나이고 부분 점수가 없습니다.", "There is one right number here, for all of the points."
            )
            reading.lost(question.id, what, why)
    if found is None:
        why = Text("정답인 수가 없습니다.", "No number is right.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    answer, off = found
    exact = isinstance(answer, int) and off == 0
    key = replace(key, answer=answer, wrong=tuple(wrong))
    return replace(question, kind=Kind.NUMBER), key if exact else replace(key, rtol=0.0, atol=off)


def _match(element: Element, question: Question, key: Key, reading: Reading) -> tuple[Question, Key]:
    pairs = [
        (_html(sub, reading, name=True), _html(sub.find("answer"), reading, name=True))
        for sub in element.iterfind("subquestion")
    ]
    return matched(question, key, pairs)


def matched(question: Question, key: Key, pairs: Sequence[tuple[Text, Text]]) -> tuple[Question, Key]:
    """A match, from pairs; one without a left side is a right side too many. Raises NotCarried."""
    right = {option.text: option for option in lettered(list(dict.fromkeys(answer for _, answer in pairs)))}
    known = [(text, answer) for text, answer in pairs if text]
    left = [Option(str(place), text) for place, (text, _) in enumerate(known, start=1)]
    if len(right) < 2 or len(left) < 2:
        why = Text("짝이 둘 이상이어야 합니다.", "It takes two pairs or more.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    answer = {one.id: right[text].id for one, (_, text) in zip(left, known, strict=True)}
    question = replace(question, kind=Kind.MATCH, left=left, options=list(right.values()))
    return question, replace(key, answer=answer)


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
    taken: tuple[str, Text | None] = ("", None)
    for source, alt in shown.pictures:
        name = unquote(source).removeprefix(PLUGIN)
        what = Text(f"그림 {name[:80]}", f"the picture {name[:80]}")
        if name not in files:
            reading.lost(id, what, Text("파일 안에 없습니다.", "It is not in the file."))
        elif taken[0]:
            reading.lost(id, what, Text("한 문제에 그림은 하나입니다.", "A question shows one picture."))
        else:
            taken = picture(id, name, _decoded(files[name]), alt, reading)
    for name in sorted(set(files) - {unquote(source).removeprefix(PLUGIN) for source, _ in shown.pictures}):
        why = Text("문제가 그림으로 보여 주지 않습니다.", "The question does not show it as a picture.")
        reading.lost(id, Text(f"파일 {name[:80]}", f"the file {name[:80]}"), why)
    return taken


def picture(id: str, name: str, content: bytes, alt: str, reading: Reading) -> tuple[str, Text | None]:
    """Keeps a picture under a name of its question, if it may be shown. Gives the name and its text alternative."""
    kept = f"{id}.{name.rpartition('.')[2].lower()}"
    try:
        media.check(kept, content)
    except BadQuiz as error:
        reading.lost(id, Text(f"그림 {name[:80]}", f"the picture {name[:80]}"), error.text)
        return "", None
    reading.pictures[kept] = content
    return kept, reading.text(alt) if alt.strip() else Text("TODO(ko): 그림을 설명하세요.", "TODO(en): describe it.")


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
    return _number_of(answer.get("fraction", "0"), 0.0)


def _number_of(text: str, otherwise: float) -> float:
    value = value_of(text)
    return otherwise if value is None else float(value)


def value_of(text: str) -> float | int | None:
    """A number as the formats write it; None for what is none."""
    text = text.strip()
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", text):
        return float(text)
    return None
