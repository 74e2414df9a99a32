"""QTI packages: a zip with a manifest, an assessment and an item a question (1EdTech QTI 2.1, 2.2 and 3.0).

QTI 3.0 names things otherwise (`qti-choice-interaction` for `choiceInteraction`) and is else alike: it is written and
read by changing names. An item that holds both languages has one block a language, marked by `lang`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.quiz.exchange import assessments, markup, package, sending
from grader.quiz.exchange.carried import (
    FEEDBACK,
    HINTS,
    NO_PLACE,
    WRONG,
    Asked,
    Found,
    Language,
    Loss,
    Paper,
    Reading,
    right_of,
    tolerance,
)
from grader.quiz.question import Kind
from grader.text import Text

MATHML = "http://www.w3.org/1998/Math/MathML"
_SPACE = {"2.1": "http://www.imsglobal.org/xsd/imsqti_v2p1", "3.0": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"}
_PACKAGE = {
    "2.1": "http://www.imsglobal.org/xsd/imscp_v1p1",
    "3.0": "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
}
_RESOURCE = {
    "2.1": ("imsqti_item_xmlv2p1", "imsqti_test_xmlv2p1"),
    "3.0": ("imsqti_item_xmlv3p0", "imsqti_test_xmlv3p0"),
}
# ------------------------------------------------------------------------------------------------- writing


def write(paper: Paper, language: Language | None, version: str = "2.1") -> tuple[bytes, list[Loss]]:
    """The package, with texts in one language or with both in each item, and what it could not hold."""
    losses: list[Loss] = []
    files: dict[str, bytes] = {}
    used: dict[str, list[str]] = {}
    for asked in paper.asked:
        item, lost = _item(asked, paper, language, version)
        losses += lost
        name = f"items/{asked.id}.xml"
        files[name] = _file(item, version)
        picture = asked.posed.question.picture
        used[asked.id] = [f"pictures/{picture}"] if picture in paper.pictures else []
        if picture in paper.pictures:
            files[f"pictures/{picture}"] = paper.pictures[picture]
    files["test.xml"] = _file(_test(paper, language), version)
    files["imsmanifest.xml"] = _manifest(paper, used, version)
    return package.packed(files), losses


def _item(asked: Asked, paper: Paper, language: Language | None, version: str) -> tuple[Element, list[Loss]]:
    question, key = asked.posed.question, asked.posed.key
    losses = list(_lost(asked))
    item = Element("assessmentItem", identifier=_identifier(asked.id), title=asked.id)
    item.attrib |= {"adaptive": "false", "timeDependent": "false"}
    if language:
        item.set("xml:lang", language)
    item.set("label", f"topic:{question.topic} difficulty:{question.difficulty} kind:{question.kind}")
    write = {
        Kind.CHOICE: _choices,
        Kind.MULTIPLE: _choices,
        Kind.NUMBER: _number,
        Kind.TEXT: _short,
        Kind.SHAPE: _short,
        Kind.ORDER: _order,
        Kind.MATCH: _match,
        Kind.OUTPUT: _essay if "\n" in str(key.answer) else _short,
    }.get(question.kind, _essay)
    declarations: list[Element] = []
    body = Element("itemBody")
    picture = f"../pictures/{question.picture}" if question.picture in paper.pictures else ""
    for block in _blocks(markup.stem(question, language, "mathml", picture, tag="div")):
        body.append(block)
    processing = write(asked, language, declarations, body, version)
    item.extend(declarations)
    item.append(_outcome("SCORE", "float", "0"))
    item.append(_outcome("MAXSCORE", "float", f"{key.weight:g}"))
    item.append(_outcome("EXPLANATION", "identifier", "shown"))
    feedback = dict(key.feedback) if question.kind in (Kind.CHOICE, Kind.MULTIPLE) else {}
    if feedback:
        SubElement(item, "outcomeDeclaration", identifier="FEEDBACK", cardinality="multiple", baseType="identifier")
    item.append(body)
    if processing is not None:
        item.append(processing)
    for id, text in [(None, key.explanation), *feedback.items()]:
        item.append(_modal(id, text, language))
    return item, losses


def _lost(asked: Asked) -> Iterator[Loss]:
    question, key = asked.posed.question, asked.posed.key
    yield from sending.lost_of_answer(asked, essay_answer=True)
    if question.kind is Kind.ORDER:
        yield sending.part_marks(asked)
    if key.hints:
        yield Loss(asked.id, HINTS, NO_PLACE)
    if key.wrong:
        yield Loss(asked.id, WRONG, NO_PLACE)
    if key.feedback and question.kind not in (Kind.CHOICE, Kind.MULTIPLE):
        yield Loss(asked.id, FEEDBACK, NO_PLACE)


def _choices(asked: Asked, language: Language | None, declarations: list[Element], body: Element, _: str) -> Element:
    question, key = asked.posed.question, asked.posed.key
    single = question.kind is Kind.CHOICE
    right = right_of(key)
    stated = right[:1] if single else right  # one answer can be correct; the mapping has all that are
    declared = _declare(declarations, "single" if single else "multiple", "identifier", map(_identifier, stated))
    others = len(question.options) - len(right)
    mapping = SubElement(declared, "mapping", lowerBound="0", upperBound=f"{key.weight:g}", defaultValue="0")
    for option in question.options:
        share = (
            (1 if single else 1 / len(right)) if option.id in right else 0.0 if single or not others else -1 / others
        )
        SubElement(mapping, "mapEntry", mapKey=_identifier(option.id), mappedValue=f"{share * key.weight:.6g}")
    settings = {"responseIdentifier": "RESPONSE", "shuffle": "true", "maxChoices": "1" if single else "0"}
    interaction = SubElement(body, "choiceInteraction", settings)
    for option in question.options:
        choice = SubElement(interaction, "simpleChoice", identifier=_identifier(option.id))
        _fill(choice, markup.spoken(option.text, language, "mathml", inline=True))
    processing = _map_response()
    if key.feedback:
        told = SubElement(processing, "setOutcomeValue", identifier="FEEDBACK")
        inner = told if not single else SubElement(told, "multiple")
        SubElement(inner, "variable", identifier="RESPONSE")
    return processing


def _number(asked: Asked, language: Language | None, declarations: list[Element], body: Element, _: str) -> Element:
    key = asked.posed.key
    _declare(declarations, "single", "float", [f"{float(key.answer):.12g}"])
    line = SubElement(body, "p")
    SubElement(line, "textEntryInteraction", responseIdentifier="RESPONSE", expectedLength="20")
    if asked.posed.question.unit:
        unit = asked.posed.question.unit
        line[-1].tail = f" {unit.into(language)}" if language else f" {unit.ko} / {unit.en}"
    processing = Element("responseProcessing")
    condition = SubElement(SubElement(processing, "responseCondition"), "responseIf")
    off = f"{max(tolerance(asked.posed), 1e-9):.6g}"
    equal = SubElement(condition, "equal", toleranceMode="absolute", tolerance=f"{off} {off}")
    SubElement(equal, "variable", identifier="RESPONSE")
    SubElement(equal, "correct", identifier="RESPONSE")
    SubElement(SubElement(condition, "setOutcomeValue", identifier="SCORE"), "variable", identifier="MAXSCORE")
    return processing


def _short(asked: Asked, language: Language | None, declarations: list[Element], body: Element, _: str) -> Element:
    words = sending.spellings(asked)
    declared = _declare(declarations, "single", "string", words[:1])
    mapping = SubElement(declared, "mapping", defaultValue="0")
    for word in words:
        value = f"{asked.posed.key.weight:g}"
        SubElement(mapping, "mapEntry", mapKey=word, mappedValue=value, caseSensitive="false")
    SubElement(SubElement(body, "p"), "textEntryInteraction", responseIdentifier="RESPONSE", expectedLength="40")
    return _map_response()


def _order(
    asked: Asked, language: Language | None, declarations: list[Element], body: Element, version: str
) -> Element:
    question, key = asked.posed.question, asked.posed.key
    _declare(declarations, "ordered", "identifier", map(_identifier, key.answer))
    interaction = SubElement(body, "orderInteraction", responseIdentifier="RESPONSE", shuffle="true")
    for option in question.options:
        choice = SubElement(interaction, "simpleChoice", identifier=_identifier(option.id))
        _fill(choice, markup.spoken(option.text, language, "mathml", inline=True))
    processing = Element("responseProcessing")
    condition = SubElement(SubElement(processing, "responseCondition"), "responseIf")
    match = SubElement(condition, "match")
    SubElement(match, "variable", identifier="RESPONSE")
    SubElement(match, "correct", identifier="RESPONSE")
    SubElement(SubElement(condition, "setOutcomeValue", identifier="SCORE"), "variable", identifier="MAXSCORE")
    return processing


def _match(asked: Asked, language: Language | None, declarations: list[Element], body: Element, _: str) -> Element:
    question, key = asked.posed.question, asked.posed.key
    pairs = [f"L{one.id} R{key.answer[one.id]}" for one in question.left]
    declared = _declare(declarations, "multiple", "directedPair", pairs)
    mapping = SubElement(declared, "mapping", defaultValue="0")
    for pair in pairs:
        SubElement(mapping, "mapEntry", mapKey=pair, mappedValue=f"{key.weight / len(pairs):.6g}")
    settings = {"responseIdentifier": "RESPONSE", "shuffle": "true", "maxAssociations": str(len(pairs))}
    interaction = SubElement(body, "matchInteraction", settings)
    for sign, options, most in (("L", question.left, "1"), ("R", question.options, str(len(pairs)))):
        matches = SubElement(interaction, "simpleMatchSet")
        for option in options:
            choice = SubElement(matches, "simpleAssociableChoice", identifier=sign + option.id, matchMax=most)
            _fill(choice, markup.spoken(option.text, language, "mathml", inline=True))
    return _map_response()


def _essay(asked: Asked, language: Language | None, declarations: list[Element], body: Element, _: str) -> None:
    key = asked.posed.key
    _declare(declarations, "single", "string", [])
    rubric = SubElement(body, "rubricBlock", view="scorer")
    SubElement(rubric, "pre").text = (key.solution or str(key.answer)).strip()
    settings = {"responseIdentifier": "RESPONSE", "expectedLines": "10", "format": "preFormatted"}
    SubElement(body, "extendedTextInteraction", settings)


def _declare(
    to: list[Element], cardinality: str, base: str, right: Iterator[str] | Sequence[str] | map[str]
) -> Element:
    declared = Element("responseDeclaration", identifier="RESPONSE", cardinality=cardinality, baseType=base)
    if values := list(right):
        correct = SubElement(declared, "correctResponse")
        for value in values:
            SubElement(correct, "value").text = value
    to.append(declared)
    return declared


def _outcome(name: str, base: str, value: str) -> Element:
    declared = Element("outcomeDeclaration", identifier=name, cardinality="single", baseType=base)
    SubElement(SubElement(declared, "defaultValue"), "value").text = value
    return declared


def _map_response() -> Element:
    processing = Element("responseProcessing")
    score = SubElement(processing, "setOutcomeValue", identifier="SCORE")
    SubElement(score, "mapResponse", identifier="RESPONSE")
    return processing


def _modal(id: str | None, text: Text, language: Language | None) -> Element:
    """What is said of a choice; with no id, the explanation, which is shown after any answer."""
    outcome, name = ("FEEDBACK", _identifier(id)) if id is not None else ("EXPLANATION", "shown")
    modal = Element("modalFeedback", outcomeIdentifier=outcome, identifier=name, showHide="show")
    for block in _blocks(markup.spoken(text, language, "mathml", tag="div")):
        modal.append(block)
    return modal


def _blocks(made: str) -> list[Element]:
    """HTML as elements, each with its namespace where it has another than QTI's."""
    root = ElementTree.fromstring(f"<div>{made}</div>")
    _own(root, False)
    blocks = []
    for one in root:
        if one.tag.startswith(f"{{{MATHML}}}"):
            line = Element("p")
            line.append(one)
            one = line
        one.tail = None
        blocks.append(one)
    return blocks


def _own(element: Element, math: bool) -> None:
    math = math or element.tag == "math"
    if math:
        element.tag = f"{{{MATHML}}}{element.tag}"
    if "lang" in element.attrib:
        element.set("xml:lang", element.attrib.pop("lang"))
    if element.tag not in ("code", "img", "ol", "td", "th"):
        element.attrib.pop("class", None)
    for child in element:
        _own(child, math)


def _fill(choice: Element, made: str) -> None:
    root = ElementTree.fromstring(f"<div>{made}</div>")
    _own(root, False)
    choice.text = root.text
    choice.extend(list(root))


def _test(paper: Paper, language: Language | None) -> Element:
    title = paper.title.into(language) if language else f"{paper.title.ko} / {paper.title.en}"
    test = Element("assessmentTest", identifier=_identifier(paper.id), title=title)
    part = SubElement(test, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    section = SubElement(part, "assessmentSection", identifier="section", title=title, visible="true")
    groups: dict[str, list[Asked]] = {}
    for asked in paper.asked:
        groups.setdefault(asked.posed.question.id, []).append(asked)
    for id, group in groups.items():
        place = section
        if len(group) > 1:  # one variant is drawn for each person
            place = SubElement(section, "assessmentSection", identifier=f"{_identifier(id)}-variants", title=id)
            place.set("visible", "false")
            SubElement(place, "selection", select="1")
        for asked in group:
            SubElement(place, "assessmentItemRef", identifier=_identifier(asked.id), href=f"items/{asked.id}.xml")
    return test


def _manifest(paper: Paper, used: Mapping[str, Sequence[str]], version: str) -> bytes:
    item, test = _RESOURCE[version]
    manifest = Element("manifest", identifier=f"package-{paper.id}", xmlns=_PACKAGE[version])
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "QTI Package" if version == "3.0" else "QTIv2.1 Package"
    SubElement(metadata, "schemaversion").text = "3.0.0" if version == "3.0" else "1.0.0"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    whole = SubElement(resources, "resource", identifier="test", type=test, href="test.xml")
    SubElement(whole, "file", href="test.xml")
    for id, pictures in used.items():
        name = f"items/{id}.xml"
        one = SubElement(resources, "resource", identifier=f"item-{id}", type=item, href=name)
        for file in (name, *pictures):
            SubElement(one, "file", href=file)
        SubElement(whole, "dependency", identifierref=f"item-{id}")
    indent(manifest)
    return _bytes(manifest)


def _file(root: Element, version: str) -> bytes:
    if version == "3.0":
        _renamed(root)
    root.set("xmlns", _SPACE[version])
    ElementTree.register_namespace("m", MATHML)
    return _bytes(root)


def _bytes(root: Element) -> bytes:
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made


_HTML = set(
    re.findall(r"\w+", "a blockquote br code div em hr img li ol p pre span strong table tbody td th thead tr ul")
)


def _renamed(element: Element) -> None:
    """Names of QTI 2.1 as QTI 3.0 has them."""
    if element.tag.startswith("{"):
        return
    inner = list(element)
    if element.tag not in _HTML:
        if element.tag == "modalFeedback":
            body = Element("qti-content-body")
            body.extend(inner)
            for one in inner:
                element.remove(one)
            element.append(body)
        element.tag = "qti-" + _kebab(element.tag)
        element.attrib = {name if ":" in name else _kebab(name): value for name, value in element.attrib.items()}
    for child in inner:
        _renamed(child)


def _kebab(name: str) -> str:
    return re.sub("([A-Z])", lambda one: "-" + one[1].lower(), name)


def _identifier(id: str) -> str:
    """Ids of QTI begin with a letter."""
    return id if id[:1].isalpha() else f"q-{id}"


# ------------------------------------------------------------------------------------------------- reading


def read(content: bytes, reading: Reading) -> Found:
    """A package, or XML by itself: one item of QTI 2 or 3, any number of QTI 1.2. Raises NotReadable."""
    (whole,) = assessments.parts(content, divided=False)
    whole.take(reading)
    return reading.done()
