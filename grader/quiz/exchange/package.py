"""Packages of other systems: a zip with a manifest, the XML in it, and the pictures that its questions show.

Both the archive and the XML are a stranger's: what would unpack to much more than it is, leave its folder or bring a
document type with something in it is refused.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import unquote
from xml.etree.ElementTree import Element, tostring

from grader.quiz import xml
from grader.quiz.exchange import keys, markup
from grader.quiz.exchange.carried import NotReadable, Reading
from grader.text import Text

MANIFEST = "imsmanifest.xml"
MOST_FILES = 5_000
MOST_BYTES = 100_000_000  # unpacked
MOST_RATIO = 200
# QTI 1.2 came with a DTD, and files still name it. It is never fetched; one with declarations of its own is refused.
_NAMED_TYPE = re.compile(rb"""<!DOCTYPE\s+questestinterop\s+(SYSTEM|PUBLIC\s+"[^"<>]*")\s+"[^"<>]*"\s*>""")
_CANVAS = ("$IMS-CC-FILEBASE$/", "$IMS_CC_FILEBASE$/")  # what Canvas calls the folder of the files in a package


def packed(files: Mapping[str, bytes]) -> bytes:
    """The same files give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(files, key=lambda name: (name != MANIFEST, name)):
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a package. Raises NotReadable for one that is broken, or made to do harm."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            infos = [info for info in package.infolist() if not info.is_dir()]
            total = sum(info.file_size for info in infos)
            if len(infos) > MOST_FILES or total > MOST_BYTES or total > MOST_RATIO * max(len(content), 10_000):
                raise NotReadable("it would unpack to more than a package of questions has")
            return dict(_unpacked(package, info) for info in infos)
    except NotReadable:
        raise
    except Exception as error:  # zipfile raises what it likes for a broken archive
        raise NotReadable(f"no package that can be opened: {error}") from error


def _unpacked(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[str, bytes]:
    parts = info.filename.replace("\\", "/").split("/")
    if info.filename.startswith("/") or ".." in parts or ":" in parts[0]:
        raise NotReadable(f"a file in it would leave the package: {info.filename[:80]!r}")
    with package.open(info) as file:
        data = file.read(info.file_size + 1)
    if len(data) > info.file_size:
        raise NotReadable(f"a file in it is larger than it says: {info.filename[:80]!r}")
    return "/".join(parts), data


def parsed(content: bytes) -> Element:
    """The root of XML without namespaces; what is QTI 3 has the names of QTI 2. Raises NotReadable."""
    try:
        root = xml.parse(_NAMED_TYPE.sub(b"", content, count=1))
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


def inner(element: Element) -> str:
    """What is in an element, as markup."""
    return escape(element.text or "", quote=False) + "".join(tostring(one, encoding="unicode") for one in element)


def first_picture(
    id: str, shown: markup.Shown, files: Mapping[str, bytes], folder: str, reading: Reading
) -> tuple[str, Text | None]:
    """The name and the text alternative of the first picture of a stem, if it is in the package and may be shown.

    `folder` is where the question lies in the package.
    """

    def find(source: str) -> tuple[str, bytes] | None:
        return next(((name, files[name]) for name in _places(source, folder) if name in files), None)

    missing = Text("꾸러미에 없습니다.", "It is not in the package.")
    return keys.first_picture(id, shown, find, missing, reading)


def _places(source: str, folder: str) -> Iterator[str]:
    """Where in a package the file of an address may lie."""
    name = unquote(source)
    yield posixpath.normpath(posixpath.join(folder, name))
    bare = name.partition("?")[0]
    for start in _CANVAS:
        if bare.startswith(start):
            rest = posixpath.normpath(bare.removeprefix(start))
            yield from (rest, f"web_resources/{rest}")
