"""Reads XML that strangers wrote: no document type, so no entities of its own, and no more than one can hold.

What expands (entities) or fetches (external ones) needs a document type, and none of the formats here does.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

MOST_BYTES = 20_000_000
MOST_ELEMENTS = 200_000
DEEPEST = 100


class NotXml(ValueError):
    """It cannot be read as XML, or has what no file of ours needs."""


def parse(content: bytes) -> Element:
    """The root of a document. Raises NotXml."""
    if len(content) > MOST_BYTES:
        raise NotXml(f"larger than {MOST_BYTES // 1_000_000} MB")
    parser = XMLParser(target=_Careful())
    try:
        parser.feed(content)
        root = parser.close()
    except (ParseError, LookupError, ValueError) as error:
        raise NotXml(str(error)) from error
    if not isinstance(root, Element):
        raise NotXml("no element in it")
    return root


def local(tag: object) -> str:
    """The name of an element or attribute without its namespace; "" for a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


class _Careful(TreeBuilder):
    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise NotXml("it has a document type (<!DOCTYPE>)")

    def pi(self, target: str, text: str | None = None, /) -> Element:
        if target == "xml-stylesheet":  # a browser would fetch it
            raise NotXml("it asks for a style sheet")
        return super().pi(target, text)

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        self._depth, self._count = self._depth + 1, self._count + 1
        if self._depth > DEEPEST or self._count > MOST_ELEMENTS:
            raise NotXml("nested too deeply, or too many elements")
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)
