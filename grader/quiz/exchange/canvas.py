"""QTI 1.2 as the classic quizzes of Canvas take it, and others that read its packages (`qti12` reads it)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.quiz.exchange import keys, markup, package, sending
from grader.quiz.exchange.carried import (
    FEEDBACK,
    HINTS,
    NO_PLACE,
    WRONG,
    Asked,
    Language,
    Loss,
    Paper,
    decimal,
    right_of,
    tolerance,
)
from grader.quiz.question import Kind, Option, Posed
from grader.text import Text

_SPACE = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_PACKAGE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
_CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
_SETTINGS = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
_PLACE = "response1"
_TYPES = {
    Kind.CHOICE: "multiple_choice_question",
    Kind.MULTIPLE: "multiple_answers_question",
    Kind.NUMBER: "numerical_question",
    Kind.TEXT: "short_answer_question",
    Kind.SHAPE: "short_answer_question",
    Kind.OUTPUT: "short_answer_question",
    Kind.MATCH: "matching_question",
    Kind.ORDER: "matching_question",
}


@dataclass(frozen=True)
class _Parts:
    """An item with its two parts that are filled bit by bit."""

    item: Element
    presentation: Element
    rules: Element


def write(paper: Paper, language: Language | None) -> tuple[bytes, list[Loss]]:
    """The package, with texts in one language or with both one after the other, and what it could not hold."""
    return _Writer(paper, language).package()


class _Writer:
    def __init__(self, paper: Paper, language: Language | None) -> None:
        self.paper, self.language = paper, language
        self.losses: list[Loss] = []

    def package(self) -> tuple[bytes, list[Loss]]:
        root = Element("questestinterop", xmlns=_SPACE)
        title = self.paper.title
        whole = title.into(self.language) if self.language else f"{title.ko} / {title.en}"
        assessment = SubElement(root, "assessment", ident=self.paper.id, title=whole)
        section = SubElement(assessment, "section", ident="root_section")
        for id, group in groupby(self.paper.asked, key=lambda asked: asked.posed.question.id):
            asked = list(group)
            place = _drawn(section, id, asked[0].posed.key.weight) if len(asked) > 1 else section
            for one in asked:
                self._item(place, one)
        pictures = {f"pictures/{name}": content for name, content in self.paper.pictures.items()}
        files = {
            package.MANIFEST: _manifest(self.paper.id, sorted(pictures)),
            f"{self.paper.id}/{self.paper.id}.xml": _bytes(root),
            f"{self.paper.id}/assessment_meta.xml": _settings(self.paper.id, whole),
        }
        return package.packed(files | pictures), self.losses

    def _item(self, section: Element, asked: Asked) -> None:
        question, key = asked.posed.question, asked.posed.key
        by_hand = sending.is_by_hand(asked)
        self.losses += _lost(asked)
        item = SubElement(section, "item", ident=asked.id, title=asked.id)
        fields = SubElement(SubElement(item, "itemmetadata"), "qtimetadata")
        tags = f"topic:{question.topic} difficulty:{question.difficulty} kind:{question.kind}"
        kind = "essay_question" if by_hand else _TYPES[question.kind]
        for label, entry in (("question_type", kind), ("points_possible", f"{key.weight:g}"), ("grader", tags)):
            one = SubElement(fields, "qtimetadatafield")
            SubElement(one, "fieldlabel").text = label
            SubElement(one, "fieldentry").text = entry
        presentation = SubElement(item, "presentation")
        address = f"$IMS-CC-FILEBASE$/pictures/{question.picture}" if question.picture in self.paper.pictures else ""
        _material(presentation, markup.stem(question, self.language, "tex", address, tag="div"))
        parts = _Parts(item, presentation, SubElement(item, "resprocessing"))
        SubElement(SubElement(parts.rules, "outcomes"), "decvar", maxvalue="100", minvalue="0", varname="SCORE")
        SubElement(_rule(parts, shows="general_fb"), "other")
        self._said(parts, "general_fb", key.explanation)
        if by_hand:
            _written(parts, "String")
        elif question.kind is Kind.MATCH:
            self._match(asked.posed, parts)
        elif question.kind is Kind.ORDER:
            self._match(keys.as_match(asked.posed), parts)
        elif question.kind in (Kind.CHOICE, Kind.MULTIPLE):
            self._choices(asked.posed, parts)
        elif question.kind is Kind.NUMBER:
            _number(asked.posed, parts)
        else:
            _written(parts, "String")
            accepted = _rule(parts, score=100)
            for word in sending.spellings(asked):
                _equal(accepted, _PLACE, word)

    def _choices(self, posed: Posed, parts: _Parts) -> None:
        """Each option says its own; of several, all the right ones and none of the others are to be chosen."""
        question, right = posed.question, right_of(posed.key)
        single = question.kind is Kind.CHOICE
        self._place(parts, _PLACE, question.options, "Single" if single else "Multiple")
        for id, text in posed.key.feedback.items():
            _equal(_rule(parts, shows=f"a_{id}_fb"), _PLACE, id)
            self._said(parts, f"a_{id}_fb", text)
        if single:
            for id in right:
                _equal(_rule(parts, score=100), _PLACE, id)
        else:
            all_of = SubElement(_rule(parts, score=100), "and")
            for option in question.options:
                _equal(all_of if option.id in right else SubElement(all_of, "not"), _PLACE, option.id)

    def _match(self, posed: Posed, parts: _Parts) -> None:
        """A place for each on the left. What is said of it is shown if another is chosen than its partner."""
        question, key = posed.question, posed.key
        rights = [replace(one, text=markup.unformed(one.text)) for one in question.options]
        for left in question.left:
            place = f"response_{left.id}"
            self._place(parts, place, rights, "Single", left.text)
            _equal(_rule(parts, score=100 / len(question.left), action="Add"), place, key.answer[left.id])
            if text := key.feedback.get(left.id):
                _equal(SubElement(_rule(parts, shows=f"a_{left.id}_fb"), "not"), place, key.answer[left.id])
                self._said(parts, f"a_{left.id}_fb", text)

    def _place(
        self, parts: _Parts, name: str, options: Sequence[Option], cardinality: str, left: Text | None = None
    ) -> None:
        place = SubElement(parts.presentation, "response_lid", ident=name, rcardinality=cardinality)
        if left is not None:
            _material(place, markup.spoken(left, self.language, "tex", inline=True))
        labels = SubElement(place, "render_choice")
        for option in options:
            label = SubElement(labels, "response_label", ident=option.id)
            _material(label, markup.spoken(option.text, self.language, "tex", inline=True))

    def _said(self, parts: _Parts, name: str, text: Text) -> None:
        flow = SubElement(SubElement(parts.item, "itemfeedback", ident=name), "flow_mat")
        _material(flow, markup.spoken(text, self.language, "tex", tag="div"))


def _drawn(section: Element, id: str, points: float) -> Element:
    """A group, of which each person gets one question."""
    group = SubElement(section, "section", ident=f"{id}-variants", title=id)
    selection = SubElement(SubElement(group, "selection_ordering"), "selection")
    SubElement(selection, "selection_number").text = "1"
    SubElement(SubElement(selection, "selection_extension"), "points_per_item").text = f"{points:g}"
    return group


def _number(posed: Posed, parts: _Parts) -> None:
    value, off = float(posed.key.answer), tolerance(posed)
    _written(parts, "Decimal")
    either = SubElement(_rule(parts, score=100), "or")
    _equal(either, _PLACE, decimal(value))
    within = SubElement(either, "and")
    SubElement(within, "vargte", respident=_PLACE).text = decimal(value - off)
    SubElement(within, "varlte", respident=_PLACE).text = decimal(value + off)


def _lost(asked: Asked) -> Iterator[Loss]:
    question, key = asked.posed.question, asked.posed.key
    yield from sending.lost_of_answer(asked, essay_answer=False)
    if question.kind is Kind.MATCH:
        yield from sending.lost_of_match(asked)
    if question.kind is Kind.ORDER:
        yield sending.numbered(asked)
        if key.feedback:
            yield Loss(asked.id, FEEDBACK, NO_PLACE)
    if key.hints:
        yield Loss(asked.id, HINTS, NO_PLACE)
    if key.wrong:
        yield Loss(asked.id, WRONG, NO_PLACE)
    if question.unit:
        yield sending.lost_unit(asked)


def _rule(parts: _Parts, *, score: float = 0, action: str = "Set", shows: str = "") -> Element:
    """A condition to fill, with what it earns and shows."""
    rule = SubElement(parts.rules, "respcondition")
    rule.set("continue", "No" if score and action == "Set" else "Yes")
    condition = SubElement(rule, "conditionvar")
    if score:
        SubElement(rule, "setvar", action=action, varname="SCORE").text = f"{score:.6g}"
    if shows:
        SubElement(rule, "displayfeedback", feedbacktype="Response", linkrefid=shows)
    return condition


def _equal(condition: Element, place: str, value: str) -> None:
    SubElement(condition, "varequal", respident=place).text = value


def _written(parts: _Parts, form: str) -> None:
    place = SubElement(parts.presentation, "response_str", ident=_PLACE, rcardinality="Single")
    SubElement(SubElement(place, "render_fib", fibtype=form), "response_label", ident="answer1")


def _material(parent: Element, html: str) -> None:
    SubElement(SubElement(parent, "material"), "mattext", texttype="text/html").text = html


def _settings(id: str, title: str) -> bytes:
    """What Canvas keeps of a quiz besides its questions: no more than its name and its kind."""
    quiz = Element("quiz", identifier=id, xmlns=_CANVAS)
    SubElement(quiz, "title").text = title
    SubElement(quiz, "quiz_type").text = "assignment"
    return _bytes(quiz)


def _manifest(id: str, pictures: Sequence[str]) -> bytes:
    manifest = Element("manifest", identifier=f"package-{id}", xmlns=_PACKAGE)
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "IMS Content"
    SubElement(metadata, "schemaversion").text = "1.1.3"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    quiz = SubElement(resources, "resource", identifier=id, type="imsqti_xmlv1p2")
    SubElement(quiz, "file", href=f"{id}/{id}.xml")
    SubElement(quiz, "dependency", identifierref=f"{id}-settings")
    files = [(f"{id}-settings", _SETTINGS, f"{id}/assessment_meta.xml")]
    files += [(f"picture-{number}", "webcontent", name) for number, name in enumerate(pictures, start=1)]
    for identifier, kind, name in files:
        one = SubElement(resources, "resource", identifier=identifier, type=kind, href=name)
        SubElement(one, "file", href=name)
    return _bytes(manifest)


def _bytes(root: Element) -> bytes:
    indent(root)
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made
