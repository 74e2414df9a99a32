"""QTI packages: a zip with a manifest, an assessment and an item a question (1EdTech QTI 2.1, 2.2 and 3.0).

QTI 3.0 names things otherwise (`qti-choice-interaction` for `choiceInteraction`) and is else alike: it is written and
read by changing names. An item that holds both languages has one block a language, marked by `lang`.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.quiz import xml
from grader.quiz.exchange import markup, moodle
from grader.quiz.exchange.carried import (
    HINTS,
    NO_PLACE,
    UNEXPLAINED,
    WRONG,
    Asked,
    Found,
    Language,
    Loss,
    NotCarried,
    NotReadable,
    Paper,
    Reading,
    tolerance,
    words_of,
)
from grader.quiz.question import Key, Kind, Option, Question
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
    return _zip(files), losses


def _zip(files: Mapping[str, bytes]) -> bytes:
    """The same files give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(files, key=lambda name: (name != "imsmanifest.xml", name)):
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


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
    if question.kind in (Kind.CHOICE, Kind.MULTIPLE):
        SubElement(item, "outcomeDeclaration", identifier="FEEDBACK", cardinality="multiple", baseType="identifier")
    item.append(body)
    if processing is not None:
        item.append(processing)
    for id, text in [(None, key.explanation), *key.feedback.items()]:
        item.append(_modal(id, text, language))
    return item, losses


def _lost(asked: Asked) -> Iterator[Loss]:
    question, key = asked.posed.question, asked.posed.key
    if question.kind in (Kind.FORMULA, Kind.CELL) or (question.kind is Kind.OUTPUT and "\n" in str(key.answer)):
        yield moodle.by_hand(asked)
    elif question.kind in (Kind.TEXT, Kind.SHAPE, Kind.OUTPUT):
        yield from moodle.lost_of_words(asked)
    if question.kind is Kind.ORDER:
        yield moodle.part_marks(asked)
    if key.hints:
        yield Loss(asked.id, HINTS, NO_PLACE)
    if key.wrong:
        yield Loss(asked.id, WRONG, NO_PLACE)


def _choices(asked: Asked, language: Language | None, declarations: list[Element], body: Element, _: str) -> Element:
    question, key = asked.posed.question, asked.posed.key
    single = question.kind is Kind.CHOICE
    right = [key.answer] if single else list(key.answer)
    declared = _declare(declarations, "single" if single else "multiple", "identifier", map(_identifier, right))
    others = len(question.options) - len(right)
    mapping = SubElement(declared, "mapping", lowerBound="0", upperBound=f"{key.weight:g}", defaultValue="0")
    for option in question.options:
        share = 1 / len(right) if option.id in right else 0.0 if single or not others else -1 / others
        SubElement(mapping, "mapEntry", mapKey=_identifier(option.id), mappedValue=f"{share * key.weight:.6g}")
    settings = {"responseIdentifier": "RESPONSE", "shuffle": "true", "maxChoices": "1" if single else "0"}
    interaction = SubElement(body, "choiceInteraction", settings)
    for option in question.options:
        choice = SubElement(interaction, "simpleChoice", identifier=_identifier(option.id))
        _fill(choice, markup.spoken(option.text, language, "mathml", inline=True))
    processing = _map_response()
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
    words = moodle.spellings(asked)
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

MOST_FILES = 5_000
MOST_BYTES = 100_000_000  # unpacked
MOST_RATIO = 200


def read(content: bytes, reading: Reading) -> Found:
    """A package, or a single item as XML. Raises NotReadable."""
    if not content.startswith(b"PK"):
        _take(_parsed(content), {}, "", reading)
        return reading.done()
    files = unpacked(content)
    if "imsmanifest.xml" not in files:
        raise NotReadable("it has no imsmanifest.xml")
    manifest = _parsed(files["imsmanifest.xml"])
    items = [one for one in manifest.iter("resource") if re.match(r"imsqti_\w*item_xmlv[23]p\d", one.get("type", ""))]
    if not items:
        kinds = ", ".join(sorted({one.get("type", "")[:40] for one in manifest.iter("resource")}))
        raise NotReadable(f"it has no item of QTI 2 or 3 (its resources: {kinds or 'none'})")
    for one in items:
        name = posixpath.normpath(unquote(one.get("href", "")))
        if name not in files:
            what = Text(f"파일 {name[:80]}", f"the file {name[:80]}")
            reading.lost(one.get("identifier", name), what, Text("꾸러미에 없습니다.", "It is not in the package."))
            continue
        _take(_parsed(files[name]), files, posixpath.dirname(name), reading)
    return reading.done()


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a package. Raises NotReadable for one that is broken, or made to do harm."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            infos = [info for info in package.infolist() if not info.is_dir()]
            total = sum(info.file_size for info in infos)
            if len(infos) > MOST_FILES or total > MOST_BYTES or total > MOST_RATIO * max(len(content), 10_000):
                raise NotReadable("it would unpack to more than a package of questions has")
            files: dict[str, bytes] = {}
            for info in infos:
                parts = info.filename.replace("\\", "/").split("/")
                if info.filename.startswith("/") or ".." in parts or ":" in parts[0]:
                    raise NotReadable(f"a file in it would leave the package: {info.filename[:80]!r}")
                with package.open(info) as file:
                    data = file.read(info.file_size + 1)
                if len(data) > info.file_size:
                    raise NotReadable(f"a file in it is larger than it says: {info.filename[:80]!r}")
                files["/".join(parts)] = data
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        if isinstance(error, NotReadable):
            raise
        raise NotReadable(f"no package that can be opened: {error}") from error
    except Exception as error:
        raise NotReadable(f"no package that can be opened: {error}") from error
    return files


def _parsed(content: bytes) -> Element:
    """The root with the names of QTI 2 and without namespaces."""
    try:
        root = xml.parse(content)
    except xml.NotXml as error:
        raise NotReadable(str(error)) from error
    for element in root.iter():
        if isinstance(element.tag, str):
            name = xml.local(element.tag)
            is_new = name.startswith("qti-")
            element.tag = _camel(name.removeprefix("qti-")) if is_new else name
            found = {("lang" if "}lang" in key else xml.local(key)): value for key, value in element.attrib.items()}
            element.attrib = {_camel(key): value for key, value in found.items()} if is_new else found
    return root


def _camel(name: str) -> str:
    return re.sub("-([a-z])", lambda one: one[1].upper(), name)


def _take(item: Element, files: Mapping[str, bytes], folder: str, reading: Reading) -> None:
    if item.tag != "assessmentItem":
        raise NotReadable(f"<{item.tag}> is no item of QTI 2 or 3")
    id = reading.new_id(
        item.get("title", "") if item.get("label") else "", item.get("identifier", ""), item.get("title", "")
    )
    try:
        question, key = _read(item, id, files, folder, reading)
        reading.take(question, key)
    except NotCarried as error:
        reading.leave(id, error)


def _read(item: Element, id: str, files: Mapping[str, bytes], folder: str, reading: Reading) -> tuple[Question, Key]:
    body = item.find("itemBody")
    interactions = [one for one in body.iter() if str(one.tag).endswith("Interaction")] if body is not None else []
    if body is None or len(interactions) != 1:
        count = len(interactions)
        why = Text(f"답하는 곳이 {count}개입니다.", f"It has {count} places to answer; one is read.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    if item.find("templateDeclaration") is not None:
        why = Text("값이 틀에서 만들어집니다.", "Its values are made by a template.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    interaction = interactions[0]
    if interaction.tag not in _READERS:
        why = Text(f"{interaction.tag}을(를) 읽을 수 없습니다.", f"A {interaction.tag} is not read.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    tags = dict(word.split(":", 1) for word in item.get("label", "").split() if ":" in word)
    shown = markup.Shown()
    stem = markup.text(reading, _stem(body, interaction), shown)
    picture, alt = _picture(id, shown, files, folder, reading)
    question = replace(reading.begun(id, Kind.CHOICE, tags, stem), picture=picture, alt=alt)
    said = list(_said(item, reading))
    explanation = next((text for outcome, _, text in said if outcome == "EXPLANATION"), None)
    weight = _float(_default(item, "MAXSCORE"), 1.0)
    key = Key(None, explanation or UNEXPLAINED, weight if weight > 0 else 1.0)
    feedback = {name: text for outcome, name, text in said if outcome != "EXPLANATION"}
    question, key = _READERS[interaction.tag](item, interaction, question, key, feedback, reading)
    if interaction.tag != "choiceInteraction":
        for name in sorted(feedback):
            what = Text(f"피드백 '{name[:40]}'", f"the feedback '{name[:40]}'")
            reading.lost(id, what, Text("어느 답의 것인지 모릅니다.", "It belongs to no answer."))
    for name, count in Counter(one.tag for one in item.iter() if one.tag in _UNREAD).items():
        reading.lost(id, Text(f"{name} {count}개", f"{count} of {name}"), NO_PLACE)
    if tags.get("kind") == Kind.SHAPE and question.kind is Kind.TEXT:
        question, key = replace(question, kind=Kind.SHAPE), replace(key, answer=words_of(key.answer)[0])
    return question, key


def _stem(body: Element, interaction: Element) -> str:
    """What is read before answering: all but the interaction, and its prompt."""
    prompt = interaction.find("prompt")
    words = _inner(prompt) if prompt is not None else ""
    kept = interaction.tail
    parts = []
    for element in body:
        if element is interaction or element.tag in ("rubricBlock", "feedbackBlock"):
            continue
        parts.append(tostring(_without(element, interaction), encoding="unicode"))
    interaction.tail = kept
    return "".join(parts) + words


def _without(element: Element, interaction: Element) -> Element:
    """The element with a gap where one writes: `_____` if there are words around it, else nothing."""
    for parent in element.iter():
        for place, child in enumerate(list(parent)):
            if child is interaction:
                around = (parent.text or "").strip() if place == 0 else "x"
                gap = "_____" if around else ""
                text = gap + (child.tail or "" if gap else "")
                parent.remove(child)
                if place:
                    parent[place - 1].tail = (parent[place - 1].tail or "") + text
                else:
                    parent.text = (parent.text or "") + text
                return element
    return element


def _inner(element: Element) -> str:
    return _escaped(element.text or "") + "".join(tostring(one, encoding="unicode") for one in element)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _said(item: Element, reading: Reading) -> Iterator[tuple[str, str, Text]]:
    for modal in item.iter("modalFeedback"):
        inner = modal.find("contentBody")
        text = markup.text(reading, _inner(modal if inner is None else inner))
        yield modal.get("outcomeIdentifier", ""), modal.get("identifier", ""), text


def _choice(
    item: Element, interaction: Element, question: Question, key: Key, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    options = _options(interaction.iter("simpleChoice"), reading)
    declared = _declaration(item, interaction)
    single = declared.get("cardinality", "single") == "single"
    right = set(_correct(declared))
    mapped = {one.get("mapKey", ""): _float(one.get("mappedValue", ""), 0.0) for one in declared.iter("mapEntry")}
    names = {old: option.id for old, option in options.items()}
    shares = {new: 100.0 if old in right else 0.0 for old, new in names.items()}
    if single and len(right) != 1 and mapped:
        shares = {new: mapped.get(old, 0.0) for old, new in names.items()}
    elif any(0 < value < max(mapped.values()) for value in mapped.values()) and single:
        why = Text("보기마다 다른 배점은 없습니다.", "Options do not earn different shares here.")
        reading.lost(question.id, Text("부분 점수", "marks for a part"), why)
    for name in sorted(set(feedback) - set(names)):
        what = Text(f"피드백 '{name[:40]}'", f"the feedback '{name[:40]}'")
        reading.lost(question.id, what, Text("어느 보기의 것인지 모릅니다.", "It belongs to no choice."))
    told = {new: feedback[old] for old, new in names.items() if feedback.get(old)}
    question = replace(question, options=list(options.values()))
    return moodle.chosen(question, key, shares, told, single, reading)


def _entry(
    item: Element, interaction: Element, question: Question, key: Key, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    declared = _declaration(item, interaction)
    right = _correct(declared)
    if declared.get("baseType") in ("float", "integer"):
        equal = next(item.iter("equal"), None)
        off = equal.get("tolerance", "0").split()[0] if equal is not None and equal.get("tolerance") else "0"
        mode = equal.get("toleranceMode", "exact") if equal is not None else "exact"
        value = _float(right[0], 0.0) if right else 0.0
        wide = _float(off, 0.0) if mode == "absolute" else abs(value) * _float(off, 0.0) / 100
        whole = declared.get("baseType") == "integer" or (right and re.fullmatch(r"-?\d+", right[0]))
        exact = 0.0 if whole and wide < 1e-6 else wide
        return moodle.number(question, key, [(one, exact, 100.0, Text("", "")) for one in right], reading)
    best = max((_float(one.get("mappedValue", ""), 0.0) for one in declared.iter("mapEntry")), default=0.0)
    words = [(word, 100.0, Text("", "")) for word in right]
    for one in declared.iter("mapEntry"):
        share = _float(one.get("mappedValue", ""), 0.0) / best * 100 if best else 0.0
        if one.get("mapKey", "") not in right:
            words.append((one.get("mapKey", ""), share, Text("", "")))
    held = [(word.replace("*", "\\*"), share, said) for word, share, said in words]
    return moodle.short(question, key, held, reading)


def _ordered(
    item: Element, interaction: Element, question: Question, key: Key, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    options = _options(interaction.iter("simpleChoice"), reading)
    right = _correct(_declaration(item, interaction))
    if sorted(right) != sorted(options):
        why = Text("모두를 놓는 순서가 아닙니다.", "Its order is not of all of the items.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    question = replace(question, kind=Kind.ORDER, options=list(options.values()))
    return question, replace(key, answer=[options[old].id for old in right])


def _paired(
    item: Element, interaction: Element, question: Question, key: Key, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    sets = interaction.findall("simpleMatchSet")
    if len(sets) != 2:
        raise NotCarried(Text("문제 전체", "the whole question"), Text("양쪽이 없습니다.", "It has no two sides."))
    left, right = (_options(one.iter("simpleAssociableChoice"), reading) for one in sets)
    pairs = dict(pair.split()[:2] for pair in _correct(_declaration(item, interaction)) if len(pair.split()) == 2)
    if set(pairs) != set(left) or not set(pairs.values()) <= set(right):
        why = Text("왼쪽마다 짝이 하나가 아닙니다.", "Not every one on the left has one partner.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    question = replace(question, kind=Kind.MATCH, left=list(left.values()), options=list(right.values()))
    return question, replace(key, answer={left[one].id: right[other].id for one, other in pairs.items()})


_UNREAD = ("feedbackInline", "feedbackBlock", "rubricBlock", "infoControl", "catalogInfo", "companionMaterialsInfo")
_Reader = Callable[[Element, Element, Question, Key, Mapping[str, Text], Reading], tuple[Question, Key]]
_READERS: Mapping[str, _Reader] = {
    "choiceInteraction": _choice,
    "textEntryInteraction": _entry,
    "orderInteraction": _ordered,
    "matchInteraction": _paired,
}


def _options(choices: Iterator[Element], reading: Reading) -> dict[str, Option]:
    """Options by the identifier that the file gives them; ids are made of these."""
    found: dict[str, Option] = {}
    for place, choice in enumerate(choices):
        name = choice.get("identifier", str(place))
        id = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-") or f"o{place}"
        taken = {option.id for option in found.values()}
        for inner in choice.iter("feedbackInline"):
            inner.text, inner[:] = "", []
        found[name] = Option(
            id if id not in taken else f"{id}-{place}", markup.text(reading, _inner(choice), name=True)
        )
    return found


def _declaration(item: Element, interaction: Element) -> Element:
    name = interaction.get("responseIdentifier", "RESPONSE")
    found = next((one for one in item.iter("responseDeclaration") if one.get("identifier") == name), None)
    if found is None:
        why = Text("정답이 적혀 있지 않습니다.", "It does not say what is right.")
        raise NotCarried(Text("문제 전체", "the whole question"), why)
    return found


def _correct(declared: Element) -> list[str]:
    return [(value.text or "").strip() for value in declared.iterfind("correctResponse/value")]


def _default(item: Element, outcome: str) -> str:
    for one in item.iter("outcomeDeclaration"):
        if one.get("identifier") == outcome:
            return one.findtext("defaultValue/value", "").strip()
    return ""


def _picture(
    id: str, shown: markup.Shown, files: Mapping[str, bytes], folder: str, reading: Reading
) -> tuple[str, Text | None]:
    """The first picture of the stem, if it is in the package and may be shown."""
    taken: tuple[str, Text | None] = ("", None)
    for source, alt in shown.pictures:
        name = posixpath.normpath(posixpath.join(folder, unquote(source)))
        what = Text(f"그림 {source[:80]}", f"the picture {source[:80]}")
        if name not in files:
            reading.lost(id, what, Text("꾸러미에 없습니다.", "It is not in the package."))
        elif taken[0]:
            reading.lost(id, what, Text("한 문제에 그림은 하나입니다.", "A question shows one picture."))
        else:
            taken = moodle.picture(id, posixpath.basename(name), files[name], alt, reading)
    return taken


def _float(text: str, otherwise: float) -> float:
    value = moodle.value_of(text)
    return otherwise if value is None else float(value)
