"""Questions of QTI 1.2, which Canvas, Blackboard, ILIAS and many others write (1EdTech QTI 1.2.1).

Theory of operation. An item has places to answer (`response_lid` to choose, `response_str` and `response_num` to
write) and names no key: it has conditions on what was answered, and each may set a score and show feedback. A `_Rule`
is one condition. What earns most is right; feedback belongs to the answers that its condition asks for, and where it
asks for none, to every answer or, after a condition that scores, to every wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from xml.etree.ElementTree import Element

from grader.quiz.exchange import keys, markup
from grader.quiz.exchange.carried import (
    NO_PLACE,
    RIGHT_SAID,
    UNEXPLAINED,
    WRONG_SAID,
    NotCarried,
    Reading,
    lettered,
    whole,
)
from grader.quiz.exchange.package import first_picture, inner
from grader.quiz.question import Key, Kind, Option, Question
from grader.text import Text

NOTHING = Text("", "")
HOLDERS = ("assessment", "objectbank")  # the latter is a bank of Canvas, and of Common Cartridges
_PLACES = ("response_lid", "response_str", "response_num", "response_xy", "response_grp")
_BESIDE = ("rubric", "itemrubric", "objectives", "presentation_material")
_OURS = re.compile("[a-z][a-z0-9-]{0,30}")  # an id that a person wrote; what programs make is replaced by letters
_NOT_READ = {  # what Canvas and Blackboard call the kinds that there are none of here
    "essay_question": Text("서술형 문제를 읽을 수 없습니다.", "Essays are not read."),
    "essay": Text("서술형 문제를 읽을 수 없습니다.", "Essays are not read."),
    "short response": Text("서술형 문제를 읽을 수 없습니다.", "Essays are not read."),
    "file_upload_question": Text("파일을 내는 문제는 없습니다.", "No question asks for a file here."),
    "file upload": Text("파일을 내는 문제는 없습니다.", "No question asks for a file here."),
    "text_only_question": Text("설명글은 문제가 아닙니다.", "A description is no question."),
    "calculated_question": Text("값이 틀에서 만들어집니다.", "Its values are made by a template."),
    "calculated": Text("값이 틀에서 만들어집니다.", "Its values are made by a template."),
}


@dataclass(frozen=True)
class _Rule:
    """One condition. `asked` are its tests (varequal, vargte, ...) and `refused` those of what must not be answered."""

    asked: Sequence[Element]
    refused: Sequence[Element]
    share: float  # percent of what the best condition earns
    shows: Sequence[str]  # names of feedback

    def equal(self) -> list[tuple[str, str]]:
        """The answers that it is for, as (place, value). Blackboard may write the value as the place."""
        tests = [one for one in self.asked if one.tag == "varequal"]
        return [(one.get("respident", ""), _value(one) or one.get("respident", "")) for one in tests]


@dataclass
class _Said:
    """What an item says: of every answer, of the right one, of all wrong ones, of single ones by their value, and of a
    place where something else was answered than what is right there."""

    always: list[Text] = field(default_factory=list)
    right: list[Text] = field(default_factory=list)
    wrong: list[Text] = field(default_factory=list)
    of: dict[str, list[Text]] = field(default_factory=dict)
    missed: dict[str, list[Text]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Item:
    """An item while it is read."""

    presentation: Element
    places: Sequence[Element]
    rules: Sequence[_Rule]
    said: _Said
    reading: Reading

    def feedback(self, value: str) -> Text:
        return keys.joined(self.said.of.pop(value, []))


# ------------------------------------------------------------------------------------------------- an item


def take(
    root: Element, files: Mapping[str, bytes], folder: str, reading: Reading, banks: Mapping[str, str] | None = None
) -> None:
    """Adds what the items of a file ask, or lists it. `folder` is where the file lies among `files`; `banks` are the
    titles of the banks that come with it, by their names."""
    for holder in root.iter():
        if holder.tag in HOLDERS:
            reading.name(title(holder))
    for holder in (*root.iter("assessment"), *root.iter("section")):
        _around(holder, "-", reading)
    for section in root.iter("section"):
        if drawn := section.findtext("selection_ordering/selection/selection_number", "").strip():
            group = section.get("title") or section.get("ident") or ""
            bank = section.findtext("selection_ordering/selection/sourcebank_ref", "").strip()
            reading.draws(drawn, group) if not bank else _drawn(reading, drawn, group, (banks or {}).get(bank))
    for item in root.iter("item"):
        id = reading.new_id(_name(item.get("title", "")), item.get("ident", ""))
        try:
            reading.take(*_read(item, id, files, folder, reading))
        except NotCarried as error:
            reading.leave(id, error)


def title(holder: Element) -> str:
    """What an assessment is called, or a bank of Canvas."""
    said = (one.findtext("fieldentry", "") for one in holder.iterfind("qtimetadata/*") if _label(one) == "bank_title")
    return (holder.get("title") or next(said, "")).strip()


def _label(field: Element) -> str:
    return field.findtext("fieldlabel", "").strip().lower()


def without_copies(roots: Sequence[Element]) -> None:
    """Takes out of banks what a quiz asks in the same words, and banks with nothing else: in a course of Canvas a
    question of a quiz is in a bank as well, and says in which place."""
    asked = {(name, _words_of(item)) for root in roots for item in root.iter("item") if (name := _place_in_bank(item))}
    for root in roots:
        for holder in list(root.iterfind("objectbank")) + list(root.iterfind("objectbank//section")):
            holder[:] = [one for one in holder if (one.get("ident", ""), _words_of(one)) not in asked]
        root[:] = [one for one in root if one.tag != "objectbank" or one.find(".//item") is not None]


def _place_in_bank(item: Element) -> str:
    fields = item.iterfind("itemmetadata/qtimetadata/qtimetadatafield")
    named = (one.findtext("fieldentry", "") for one in fields if _label(one) == "assessment_question_identifierref")
    return next(named, "").strip()


def _words_of(item: Element) -> str:
    shown = item.find("presentation")
    return " ".join("".join(shown.itertext()).split()) if shown is not None else ""


def _drawn(reading: Reading, count: str, group: str, bank: str | None) -> None:
    """Lists that questions of a bank are asked, of one that came with the file or not."""
    if bank is None:
        why = Text("그 문제은행은 이 파일에 없습니다.", "That bank is not in this file.")
    else:
        ko = f"여기 퀴즈는 문제은행에서 뽑지 않습니다. '{bank[:60]}'은(는) 이 파일에 함께 있습니다."
        why = Text(ko, f"No quiz draws from a bank here. '{bank[:60]}' is in this file, too.")
    what = Text(f"'{group[:60]}': 문제은행에서 {count}개 뽑기", f"drawing {count} of a bank for '{group[:60]}'")
    reading.lost("-", what, why)


def _around(holder: Element, id: str, reading: Reading) -> None:
    """Lists what is written beside the questions, for those who take them or who mark them."""
    for one in holder:
        words = " ".join(re.sub("<[^>]*>", " ", _markup(one)).split()) if one.tag in _BESIDE else ""
        if words:
            reading.lost(id, Text(f"{one.tag}: {words[:60]}", f"{one.tag}: {words[:60]}"), NO_PLACE)


def _name(title: str) -> str:
    """A title, unless it is one that programs give."""
    made = re.fullmatch(r"(question|item|[0-9a-f]{4}_[0-9a-f]{4})?\W*\d*", title.strip(), re.IGNORECASE)
    return "" if made else title


def _read(item: Element, id: str, files: Mapping[str, bytes], folder: str, reading: Reading) -> tuple[Question, Key]:
    fields = _fields(item)
    kind = (fields.get("question_type") or fields.get("bbmd_questiontype") or "").lower()
    if (why := _NOT_READ.get(kind)) is not None:
        raise whole(why.ko, why.en)
    presentation = item.find("presentation")
    places = [one for one in presentation.iter() if one.tag in _PLACES] if presentation is not None else []
    if presentation is None or not places:
        raise whole("답하는 곳이 없습니다.", "It has no place to answer.")
    shown = markup.Shown()
    stem = markup.text(reading, _stem(presentation, places), shown)
    picture, alt = first_picture(id, shown, files, folder, reading)
    tags = dict(one.split(":", 1) for one in fields.get("grader", "").split() if ":" in one)
    question = replace(reading.begun(id, Kind.CHOICE, tags, stem), picture=picture, alt=alt)
    rules = list(_rules(item))
    said, unheard = _heard(item, rules, reading)
    hints = [_text(reading, one) for one in item.iterfind("itemfeedback/hint/hintmaterial")]
    key = Key(None, keys.joined(said.always) or UNEXPLAINED, _weight(item, fields), hints)
    fill = _reader(places, kind)
    question, key = fill(_Item(presentation, places, rules, said, reading), question, key)
    for name in (*said.of, *said.missed, *unheard):
        what = Text(f"피드백 '{name[:40]}'", f"the feedback '{name[:40]}'")
        reading.lost(id, what, Text("어느 답의 것인지 모릅니다.", "It belongs to no answer."))
    _around(item, id, reading)
    for what in [RIGHT_SAID] * bool(said.right) + [WRONG_SAID] * bool(said.wrong):
        reading.lost(id, what, NO_PLACE)
    return keys.as_tagged(question, key, tags)


def _fields(item: Element) -> dict[str, str]:
    """What the metadata says, by label; Blackboard and older files have elements in place of labels."""
    found = {str(one.tag): (one.text or "").strip() for one in item.iterfind("itemmetadata/*")}
    labelled = {
        one.findtext("fieldlabel", "").strip().lower(): one.findtext("fieldentry", "").strip()
        for one in item.iter("qtimetadatafield")
    }
    return found | labelled


def _weight(item: Element, fields: Mapping[str, str]) -> float:
    """The points: as the metadata says, else the highest score, unless that is a percentage."""
    most = next((one.get("maxvalue", "") for one in item.iter("decvar") if one.get("maxvalue")), "")
    texts = [fields.get(name, "") for name in ("points_possible", "cc_weighting", "qmd_weighting")]
    weights = [keys.number_of(text, 0.0) for text in texts]
    highest = keys.number_of(most, 100.0)
    return next((weight for weight in weights if weight > 0), highest if 0 < highest != 100 else 1.0)


def _reader(places: Sequence[Element], kind: str) -> _Reader:
    """As what is answered tells them apart. Raises NotCarried."""
    tags = {one.tag for one in places}
    blanks = ("fill_in_multiple_blanks_question", "multiple_dropdowns_question", "fill in the blank plus")
    if len(places) > 1 and (tags != {"response_lid"} or kind in blanks):
        raise whole(f"답하는 곳이 {len(places)}개입니다.", f"It has {len(places)} places to answer; one is read.")
    if len(places) > 1:
        return _paired
    (place,) = places
    if place.tag == "response_lid":
        return _ordered if place.get("rcardinality", "").lower() == "ordered" else _choice
    if tags <= {"response_str", "response_num"}:
        forms = {one.get("fibtype", "").lower() for one in place.iter("render_fib")}
        numbers = place.tag == "response_num" or kind == "numerical_question" or forms & {"decimal", "integer"}
        return _number if numbers else _short
    raise whole(f"{place.tag}을(를) 읽을 수 없습니다.", f"A {place.tag} is not read.")


# ------------------------------------------------------------------------------------------------- its rules


def _rules(item: Element) -> Iterator[_Rule]:
    conditions = list(item.iter("respcondition"))
    full = next((keys.number_of(one.get("maxvalue", ""), 0.0) for one in item.iter("decvar")), 0.0) or 100.0
    scores = [_score(one, full) for one in conditions]
    best = max(scores, default=0.0)
    for condition, score in zip(conditions, scores, strict=True):
        tests = [one for where in condition.iterfind("conditionvar") for one in _tests(where, False)]
        shows = [one.get("linkrefid", "") for one in condition.iterfind("displayfeedback")]
        share = 100 * score / best if best > 0 else 0.0
        asked, refused = ([one for one, is_not in tests if is_not is wanted] for wanted in (False, True))
        yield _Rule(asked, refused, share, shows)


def _tests(where: Element, refused: bool) -> Iterator[tuple[Element, bool]]:
    """Each test of a condition, and whether it is on what must not be answered."""
    for one in where:
        if one.tag in ("and", "or", "not"):
            yield from _tests(one, refused != (one.tag == "not"))
        elif str(one.tag).startswith("var"):
            yield one, refused


def _score(condition: Element, full: float) -> float:
    """What it earns. Blackboard may write SCORE.max, or no score but that what is said of a right answer is shown."""
    changes = condition.findall("setvar")
    if not changes:
        links = {one.get("linkrefid", "").lower() for one in condition.iterfind("displayfeedback")}
        return full if "correct" in links and condition.find("conditionvar/other") is None else 0.0
    signs = {"set": 1, "add": 1, "subtract": -1}
    values = (
        signs.get(one.get("action", "Set").lower(), 0) * (full if "max" in (one.text or "") else _float(one))
        for one in changes
    )
    return sum(values)


def _heard(item: Element, rules: Sequence[_Rule], reading: Reading) -> tuple[_Said, list[str]]:
    """What is said of which answers, and the names of feedback that no condition shows."""
    texts: dict[str, Text] = {}
    for one in item.iterfind("itemfeedback"):
        if words := _text(reading, *(part for part in one if part.tag != "hint")):
            texts[one.get("ident", "")] = words
    said, has_scored = _Said(), False
    for rule in rules:
        shown = [texts[name] for name in rule.shows if name in texts]
        if rule.share > 0:
            said.right += shown
        elif shown and rule.asked:
            for _, value in rule.equal():
                said.of.setdefault(value, []).extend(shown)
        elif shown and rule.refused:
            said.missed.setdefault(rule.refused[0].get("respident", ""), []).extend(shown)
        else:
            (said.wrong if has_scored else said.always).extend(shown)
        has_scored = has_scored or rule.share > 0
    linked = {name for rule in rules for name in rule.shows}
    if "general_fb" not in linked and "general_fb" in texts:  # Canvas names it so, and may link it nowhere
        said.always.append(texts.pop("general_fb"))
    return said, [name for name in texts if name not in linked]


# ------------------------------------------------------------------------------------------------- kinds of answers


def _choice(item: _Item, question: Question, key: Key) -> tuple[Question, Key]:
    (place,) = item.places
    options = _options(item.reading, place)
    single = place.get("rcardinality", "single").lower() == "single"
    shares = {option.id: 0.0 for option in options.values()}
    at_once = [rule for rule in item.rules if rule.share > 0 and (rule.refused or len(rule.equal()) > 1)]
    for rule in [max(at_once, key=lambda one: one.share)] if at_once and not single else item.rules:
        for _, value in rule.equal():
            if value in options:
                shares[options[value].id] = max(shares[options[value].id], rule.share)
    right = {id for id, share in shares.items() if share >= 100}
    told = {option.id: [item.feedback(value)] for value, option in options.items()}
    if single:
        for id in told:
            told[id] += item.said.right if id in right else item.said.wrong
        item.said.right, item.said.wrong = [], []
    feedback = {id: text for id, texts in told.items() if (text := keys.joined(texts))}
    question = replace(question, options=list(options.values()))
    return keys.chosen(question, key, shares, feedback, single, item.reading)


def _short(item: _Item, question: Question, key: Key) -> tuple[Question, Key]:
    shares: dict[str, float] = {}
    for rule in item.rules:
        for test in rule.asked:
            if (word := _value(test)) and test.tag in ("varequal", "varsubstring", "varsubset"):
                held = word.replace("*", "\\*")
                open = f"*{held}*" if test.tag != "varequal" else held
                shares[open] = max(shares.get(open, 0.0), rule.share)
    cases = {one.get("case", "No").lower() for rule in item.rules for one in rule.asked if rule.share > 0}
    if "yes" in cases:
        keys.lost_case(question.id, item.reading)
    answers = [(word, share, item.feedback(word.replace("\\*", "*"))) for word, share in shares.items()]
    return keys.short(question, key, answers, item.reading)


def _number(item: _Item, question: Question, key: Key) -> tuple[Question, Key]:
    found: dict[str, tuple[float, float]] = {}
    for rule in item.rules:
        for value, off in _numbers(rule, question.id, item.reading):
            known = found.get(value, (off, 0.0))
            found[value] = (known[0], max(known[1], rule.share))
    answers = [(value, off, share, item.feedback(value)) for value, (off, share) in found.items()]
    return keys.number(question, key, answers, item.reading)


def _numbers(rule: _Rule, id: str, reading: Reading) -> Iterator[tuple[str, float]]:
    """The numbers that a condition accepts, each with how far off an answer may be: written as a value with a margin,
    as a value and the limits around it, or as limits alone."""
    lows = [_float(one) for one in rule.asked if one.tag in ("vargte", "vargt")]
    highs = [_float(one) for one in rule.asked if one.tag in ("varlte", "varlt")]
    exact = [one for one in rule.asked if one.tag == "varequal"]
    if not exact and len(lows) == len(highs) == 1:
        yield f"{(lows[0] + highs[0]) / 2:.12g}", (highs[0] - lows[0]) / 2
    elif not exact and lows + highs:
        words = ", ".join(f"{one.tag} {_value(one)}" for one in rule.asked)[:60]
        why = Text("숫자 하나가 아닙니다.", "It is not one number.")
        reading.lost(id, Text(f"답 '{words}'", f"the answer '{words}'"), why)
    for one in exact:
        value = _float(one)
        margin = keys.number_of(one.get("margin", ""), 0.0)
        off = abs(value) * margin / 100 if one.get("margintype") == "percent" else margin
        if len(lows) == len(highs) == 1:
            below, above = value - lows[0], highs[0] - value
            off = max(below, above)
            if abs(below - above) > 1e-6 * max(off, 1e-9) + 1e-9:
                what = Text(f"범위 {lows[0]:g}~{highs[0]:g}", f"the range from {lows[0]:g} to {highs[0]:g}")
                why = Text("오차는 위아래로 같습니다.", "A number may be off by as much below as above here.")
                reading.lost(id, what, why)
        yield f"{value:.12g}", off


def _ordered(item: _Item, question: Question, key: Key) -> tuple[Question, Key]:
    (place,) = item.places
    options = _options(item.reading, place)
    right = next(([value for _, value in rule.equal()] for rule in item.rules if rule.share >= 100), [])
    if sorted(right) != sorted(options):
        raise whole("모두를 놓는 순서가 아닙니다.", "Its order is not of all of the items.")
    question = replace(question, kind=Kind.ORDER, options=list(options.values()))
    return question, replace(key, answer=[options[value].id for value in right])


def _paired(item: _Item, question: Question, key: Key) -> tuple[Question, Key]:
    """A place for each on the left; all have the same on the right."""
    rights = [_rights(item, place) for place in item.places]
    if len(set.intersection(*(set(one.values()) for one in rights))) < 2:
        count = len(rights)
        raise whole(f"답하는 곳이 {count}개입니다.", f"It has {count} places to answer; one is read.")
    asked = {place: value for rule in item.rules if rule.share > 0 for place, value in rule.equal()}
    pairs: list[tuple[Text, Text]] = []
    told: dict[str, Text] = {}
    for place, right in zip(item.places, rights, strict=True):
        name = place.get("ident", "")
        if asked.get(name) not in right:
            raise whole("왼쪽마다 짝이 하나가 아닙니다.", "Not every one on the left has one partner.")
        left = markup.text(item.reading, _left(item, place), name=True)
        pairs.append((left, markup.text(item.reading, right[asked[name]], name=True)))
        if not left:
            why = Text("왼쪽에 글이 없습니다.", "There is no text on its left.")
            item.reading.lost(question.id, Text("짝 하나", "one of the pairs"), why)
        elif words := keys.joined(item.said.missed.pop(name, [])):
            told[str(sum(1 for one, _ in pairs if one))] = words
    used = {answer for _, answer in pairs}
    others = dict.fromkeys(markup.text(item.reading, words, name=True) for one in rights for words in one.values())
    pairs += [(NOTHING, text) for text in others if text and text not in used]
    question, key = keys.matched(question, key, pairs)
    return question, replace(key, feedback=told)


_Reader = Callable[[_Item, Question, Key], tuple[Question, Key]]


def _rights(item: _Item, place: Element) -> dict[str, str]:
    """The right side by the name that this place has for each; Blackboard has the texts once, in their order."""
    labels = [(one.get("ident", ""), _markup(one)) for one in place.iter("response_label")]
    if not any(words for _, words in labels):
        block = next((one for one in item.presentation.iter("flow") if one.get("class") == "RIGHT_MATCH_BLOCK"), ())
        labels = [(name, _markup(one)) for (name, _), one in zip(labels, block, strict=False)]
    return dict(labels)


def _left(item: _Item, place: Element) -> str:
    """The text of a place: in it, or beside it in its flow."""
    if own := _own(place):
        return own
    flow = next((one for one in item.presentation.iter("flow") if place in list(one)), None)
    alone = flow is not None and sum(one in item.places for one in flow) == 1
    return "".join(_markup(one) for one in flow if one is not place) if flow is not None and alone else ""


def _options(reading: Reading, place: Element) -> dict[str, Option]:
    """The options by the name that the file gives them, which stays their id if a person may have written it."""
    labels = {one.get("ident", ""): one for one in place.iter("response_label")}
    options = lettered([markup.text(reading, _markup(one), name=True) for one in labels.values()])
    if all(_OURS.fullmatch(name) for name in labels):
        options = tuple(replace(option, id=name) for name, option in zip(labels, options, strict=True))
    return dict(zip(labels, options, strict=True))


# ------------------------------------------------------------------------------------------------- texts


def _stem(presentation: Element, places: Sequence[Element]) -> str:
    """What is read before answering, with a gap where one writes among words."""
    before: list[str] = []
    after: list[str] = []
    into = before
    for one in _outer(presentation):
        if one.tag == "material":
            into.append(_markup(one))
        elif len(places) == 1:
            into = after
            into.append(_own(one))
    gap = " _____ " if places[0].tag != "response_lid" and any(after) else ""
    return "".join(before) + gap + "".join(after)


def _own(place: Element) -> str:
    """What is read at a place, besides its options."""
    parts = (one for one in place if one.tag != "response_label")
    return "".join(f"<p>{_markup(one)}</p>" if one.tag == "material" else _own(one) for one in parts)


def _outer(element: Element) -> Iterator[Element]:
    """Materials and places to answer, in order, without what Blackboard writes beside its places."""
    for one in element:
        if one.tag == "material" or one.tag in _PLACES:
            yield one
        elif one.get("class") not in ("RESPONSE_BLOCK", "RIGHT_MATCH_BLOCK"):
            yield from _outer(one)


def _text(reading: Reading, *elements: Element) -> Text:
    return markup.text(reading, "".join(map(_markup, elements)))


def _markup(element: Element) -> str:
    """The materials in an element as HTML."""
    return "".join(_SHOWN[str(one.tag)](one) for one in element.iter() if one.tag in _SHOWN)


def _words(text: Element) -> str:
    """Text is HTML if it says so, or if it says nothing and looks like it."""
    kind = (text.get("texttype") or text.get("type") or "").lower()
    words = inner(text) if len(text) else text.text or ""
    if kind != "text/plain" and ("html" in kind or len(text) or re.search(r"</\w+\s*>|<(br|img|p)\b", words)):
        return words
    return escape(words.strip("\n"), quote=False).replace("\n", "<br />")


def _image(image: Element) -> str:
    source = image.get("uri", "")
    if not source and image.get("embedded") == "base64":
        source = f"data:{image.get('imagtype', 'image/png')};base64,{''.join((image.text or '').split())}"
    return f'<img src="{escape(source)}" alt="{escape(image.get("label", ""))}" />'


_SHOWN: Mapping[str, Callable[[Element], str]] = {
    "mattext": _words,
    "matemtext": lambda one: f"<em>{_words(one)}</em>",
    "mat_formattedtext": _words,
    "matbreak": lambda _: "<br />",
    "matimage": _image,
    "mataudio": lambda _: "<audio></audio>",
    "matvideo": lambda _: "<video></video>",
    "matapplet": lambda _: "<object></object>",
    "matapplication": lambda _: "<object></object>",
    "matref": lambda _: "<object></object>",
}


def _value(test: Element) -> str:
    return (test.text or "").strip()


def _float(element: Element) -> float:
    return keys.number_of(_value(element), 0.0)
