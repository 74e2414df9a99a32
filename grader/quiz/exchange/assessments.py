"""What a file of QTI holds: the assessments of a package, each with its questions, or XML by itself.

Theory of operation. A package has documents: files of QTI 1.2 with assessments, banks or bare items; items of QTI 2 and
3; and tests that name those. Where there are several assessments, banks and tests, each is a `Part`, and what belongs
to none of them is one more. Else all of the file is one. Its documents together hold no more than one may.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from grader.quiz.exchange import package, qti2, qti12
from grader.quiz.exchange.carried import NO_PLACE, Language, NotReadable, Part, Reading, check_count, looks
from grader.text import Text

MOST_ELEMENTS = 1_000_000  # of all documents, each as often as it is read
# the last is what Blackboard calls its QTI 1.2
_QUESTIONS = re.compile(r"imsqti_\w*item_xmlv[23]p\d|imsqti_\w*xmlv1p\d|assessment/x-bb-qti-(pool|test|survey)")
_CANVAS = "non_cc_assessments/"  # where a course of Canvas has all of its quizzes, and its banks


def parts(content: bytes, divided: bool = True) -> list[Part]:
    """The assessments of a package or of XML by itself, or one part of all. Raises NotReadable."""
    box = _opened(content)
    tests = list(box.tests())
    qti12.without_copies([one.root for one in box.sources])
    sources = [(one, holder) for one in box.sources for holder in _holders(one.root)]
    if not divided or len(sources) + len(tests) < 2:
        return [_all(box, [root for _, root in tests])]
    check_count(len(sources) + len(tests))
    found = [_of_holder(box, source, holder) for source, holder in sources]
    found += [_of_test(box, name, root) for name, root in tests]
    first, *others = [*found, *_loose(box, tests)]
    return [_with_the_rest(box, first), *others]


# ------------------------------------------------------------------------------------------------- documents


@dataclass(frozen=True)
class _Source:
    """A document with questions. `name` is its file, `identifier` what the manifest calls it."""

    name: str
    root: Element
    identifier: str = ""

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.name)


@dataclass
class _Box:
    """The files of a package, or none of XML by itself."""

    files: Mapping[str, bytes]
    sources: list[_Source] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)  # what the manifest names and where it should be
    settings: dict[str, Element] = field(default_factory=dict)  # Canvas's, by their file; until an assessment has them
    banks: dict[str, str] = field(default_factory=dict)  # titles, by what those who draw from them call them
    read: int = 0

    def document(self, name: str) -> Element:
        root = package.parsed(self.files[name])
        self.charge(root)
        return root

    def charge(self, root: Element) -> None:
        """Counts what is read, as often as it is. Raises NotReadable for too much."""
        self.read += sum(1 for _ in root.iter())
        if self.read > MOST_ELEMENTS:
            raise NotReadable("its files together have too many elements")

    def add(self, name: str, identifier: str = "", root: Element | None = None) -> None:
        """A document of questions, once."""
        if any(one.name == name for one in self.sources):
            return
        root = self.document(name) if root is None else root
        if root.tag not in ("questestinterop", "assessmentItem"):
            raise NotReadable(f"<{root.tag}> is no item of QTI 1.2, 2 or 3")
        self.sources.append(_Source(name, root, identifier))
        for holder in _holders(root):
            self.banks |= dict.fromkeys((holder.get("ident", ""), identifier), qti12.title(holder))

    def tests(self) -> Iterator[tuple[str, Element]]:
        for name, content in self.files.items():
            if name.endswith(".xml") and (b"<assessmentTest" in content or b"<qti-assessment-test" in content):
                root = self.document(name)
                if root.tag == "assessmentTest":
                    yield name, root


def _opened(content: bytes) -> _Box:
    if not content.startswith(b"PK"):
        box = _Box({})
        box.add("", root=package.parsed(content))
        return box
    box = _Box(package.unpacked(content))
    if package.MANIFEST in box.files:
        _take_listed(box)
    else:
        _take_unlisted(box)
    for name in box.files:
        if posixpath.basename(name) == "assessment_meta.xml" and (root := box.document(name)).tag != "assessmentTest":
            box.settings[name] = root
    return box


def _take_listed(box: _Box) -> None:
    resources = list(box.document(package.MANIFEST).iter("resource"))
    for one in resources:
        if _QUESTIONS.match(one.get("type", "")):
            name = posixpath.normpath(unquote(_file_of(one, box.files)))
            if name in box.files:
                box.add(name, one.get("identifier", ""))
            else:
                box.missing.append((one.get("identifier", name), name))
    for name in box.files:
        if name.startswith(_CANVAS) and name.endswith(".xml.qti"):  # the manifest does not say that it is a bank
            box.add(name, posixpath.basename(name).removesuffix(".xml.qti"))
    if not box.sources and not box.missing:
        kinds = ", ".join(sorted({one.get("type", "")[:40] for one in resources}))
        raise NotReadable(f"it has no questions of QTI 1.2, 2 or 3 (its resources: {kinds or 'none'})")


def _take_unlisted(box: _Box) -> None:
    """A zip of files, as some programs write and Canvas takes: what of it is XML with questions."""
    for name in box.files:
        if name.lower().endswith(".xml"):
            root = box.document(name)
            if root.tag in ("questestinterop", "assessmentItem"):
                box.add(name, root=root)
    if not box.sources:
        raise NotReadable(f"it has no {package.MANIFEST}, and no file of questions")


def _file_of(resource: Element, files: Mapping[str, bytes]) -> str:
    """The name of its file, which systems write in three places; `file` is Blackboard's. Canvas has all of a quiz in
    a second file, where the first may hold only what every Common Cartridge can."""
    more = f"{_CANVAS}{resource.get('identifier')}.xml.qti"
    if more in files:
        return more
    first = resource.find("file")
    return resource.get("href") or resource.get("file") or (first.get("href") if first is not None else None) or ""


def _holders(root: Element) -> list[Element]:
    """The assessments and banks of a document of QTI 1.2."""
    return [one for one in root if one.tag in qti12.HOLDERS]


# ------------------------------------------------------------------------------------------------- parts


def _all(box: _Box, tests: Sequence[Element]) -> Part:
    """All that a file has, as one part."""

    def take(reading: Reading) -> None:
        for test in tests:
            _say_test(test, reading)
        _say(box.settings.values(), box.missing, reading)
        for one in box.sources:
            _take(one.root, box, one.folder, reading)

    return Part(take, _language(*(one.root for one in box.sources)))


def _of_holder(box: _Box, source: _Source, holder: Element) -> Part:
    places = (f"{source.identifier}/assessment_meta.xml", posixpath.join(source.folder, "assessment_meta.xml"))
    settings = next((box.settings.pop(one) for one in places if one in box.settings), None)
    title = qti12.title(holder) or (settings.findtext("title", "").strip() if settings is not None else "")

    def take(reading: Reading) -> None:
        reading.name(title)
        _say([settings] if settings is not None else [], [], reading)
        _take(holder, box, source.folder, reading)

    return Part(take, _language(holder), (title, holder.get("ident", ""), source.identifier))


def _of_test(box: _Box, name: str, test: Element) -> Part:
    """A test, and the items that it names, in its order. One that two tests name is in both."""
    items = {one.name: one for one in box.sources if one.root.tag == "assessmentItem"}
    asked: list[_Source] = []
    missing: list[tuple[str, str]] = []
    for place in _named(test, name):
        if place in items:
            asked.append(items[place])
            box.charge(items[place].root)
        else:
            missing.append((posixpath.basename(place), place))

    def take(reading: Reading) -> None:
        _say_test(test, reading)
        _say([], missing, reading)
        for one in asked:
            _take(one.root, box, one.folder, reading)

    return Part(take, _language(*(one.root for one in asked)), (test.get("title", ""), test.get("identifier", "")))


def _loose(box: _Box, tests: Sequence[tuple[str, Element]]) -> Iterator[Part]:
    """What belongs to no assessment and to no test, if there is any."""
    asked = {place for name, test in tests for place in _named(test, name)}
    found: list[tuple[Element, str]] = []
    for source in box.sources:
        rest = [one for one in source.root if one.tag not in qti12.HOLDERS]
        if source.root.tag == "assessmentItem" and source.name not in asked:
            found.append((source.root, source.folder))
        elif source.root.tag == "questestinterop" and any(one.tag in ("section", "item") for one in rest):
            bare = Element("questestinterop")
            bare.extend(rest)
            found.append((bare, source.folder))

    def take(reading: Reading) -> None:
        for root, folder in found:
            _take(root, box, folder, reading)

    if found:
        yield Part(take, _language(*(root for root, _ in found)))


def _named(test: Element, name: str) -> list[str]:
    """The files of the items that a test names, each once."""
    folder = posixpath.dirname(name)
    places = (posixpath.join(folder, unquote(one.get("href", ""))) for one in test.iter("assessmentItemRef"))
    return list(dict.fromkeys(map(posixpath.normpath, places)))


def _with_the_rest(box: _Box, part: Part) -> Part:
    """The part, which also lists what is said of no assessment that there is."""

    def take(reading: Reading) -> None:
        _say(box.settings.values(), box.missing, reading)
        part.take(reading)

    return replace(part, take=take)


def _take(root: Element, box: _Box, folder: str, reading: Reading) -> None:
    if root.tag == "assessmentItem":
        qti2.take(root, box.files, folder, reading)
    else:
        qti12.take(root, box.files, folder, reading, box.banks)


def _say_test(test: Element, reading: Reading) -> None:
    """What a test of QTI 2 and 3 says of the whole."""
    reading.name(test.get("title", ""))
    for section in test.iter("assessmentSection"):
        if (drawn := section.find("selection")) is not None:
            reading.draws(drawn.get("select", ""), section.get("title", ""))


def _say(settings: Iterable[Element], missing: Iterable[tuple[str, str]], reading: Reading) -> None:
    """Lists what Canvas says of a quiz in its file of settings, and what the package lacks."""
    for one in settings:
        words = re.sub("<[^>]*>", "", one.findtext("description", "")).strip()
        if words:
            reading.lost("-", Text(f"설명 {words[:60]}", f"the description {words[:60]}"), NO_PLACE)
    for identifier, name in missing:
        what = Text(f"파일 {name[:80]}", f"the file {name[:80]}")
        reading.lost(identifier, what, Text("꾸러미에 없습니다.", "It is not in the package."))


def _language(*roots: Element) -> Language:
    return looks(*(text for root in roots for text in root.itertext()))
