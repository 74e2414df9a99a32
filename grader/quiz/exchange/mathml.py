"""Formulas in MathML as TeX, where the file does not say the TeX itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from xml.etree.ElementTree import Element

from grader.quiz import xml

_SIGNS = {"⁢": "", "⁡": "", "−": "-", "×": r"\times ", "·": r"\cdot ", "…": r"\dots ", "≤": r"\le ", "≥": r"\ge "}
_SIGNS |= {"∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ", "∂": r"\partial ", "∞": r"\infty ", "→": r"\to ", "≠": r"\ne "}
_SPECIAL = {"{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "_": r"\_", "\\": r"\backslash "}


_NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)\w+;")  # &times; and the like, which XML does not know


def tex(markup: str) -> str | None:
    """The formula of `<math>...</math>`; None for one with something in it that is not known here."""
    try:
        return " ".join(_tex(xml.parse(_NAMED.sub(_character, markup).encode())).split())
    except (xml.NotXml, LookupError, TypeError):
        return None


def _character(found: re.Match[str]) -> str:
    return escape(unescape(found[0]))


def _tex(element: Element) -> str:
    name = xml.local(element.tag)
    if name in _LAYOUT:
        return _LAYOUT[name](*map(_tex, element))
    if name in _ROWS:
        return "".join(map(_tex, element))
    if name in ("mi", "mn", "mo", "mtext"):
        return _WORDS[name]("".join(element.itertext()).strip())
    raise LookupError(name)


def _signs(words: str) -> str:
    return "".join(_SIGNS.get(one, _SPECIAL.get(one, one)) for one in words)


_ROWS = ("math", "mrow", "mstyle", "mpadded", "mphantom")
_WORDS: Mapping[str, Callable[[str], str]] = {
    "mi": lambda words: _signs(words) if len(words) == 1 else rf"\mathrm{{{_signs(words)}}}",
    "mn": _signs,
    "mo": _signs,
    "mtext": lambda words: rf"\text{{{words}}}",
}
_LAYOUT: Mapping[str, Callable[..., str]] = {
    "mfrac": lambda over, under: rf"\frac{{{over}}}{{{under}}}",
    "msup": lambda base, up: f"{{{base}}}^{{{up}}}",
    "msub": lambda base, down: f"{{{base}}}_{{{down}}}",
    "msubsup": lambda base, down, up: f"{{{base}}}_{{{down}}}^{{{up}}}",
    "munder": lambda base, down: f"{base}_{{{down}}}",
    "mover": lambda base, up: f"{base}^{{{up}}}",
    "munderover": lambda base, down, up: f"{base}_{{{down}}}^{{{up}}}",
    "msqrt": lambda *inner: rf"\sqrt{{{''.join(inner)}}}",
    "mroot": lambda inner, root: rf"\sqrt[{root}]{{{inner}}}",
    "mfenced": lambda *inner: f"({', '.join(inner)})",
    "mspace": lambda *_: " ",
}
