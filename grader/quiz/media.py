"""Pictures that questions show: which may be, and how the web serves them.

An SVG is a document: in `<img>` nothing in it acts, but somebody may open its address. So an SVG that could act is
refused where it comes in, and whatever is served goes out with `HEADERS`, in a sandbox where nothing runs or loads.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from grader.errors import BadQuiz
from grader.quiz import xml
from grader.text import Text

MOST_BYTES = 2_000_000
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SVG = "image/svg+xml"
_TYPES = {".svg": _SVG, ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
_TYPES |= {".webp": "image/webp"}
_BEGINS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_ACTIVE = {"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler", "listener", "set"}
_ACTIVE |= {"animate", "animatetransform", "animatemotion", "a"}
_HERE = re.compile(r"#[\w.:-]+|data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")


def media_type(name: str) -> str:
    """What a picture is served as. Raises BadQuiz for a name that is no picture's."""
    kind = _TYPES.get(PurePosixPath(name).suffix.lower())
    if kind is None or NAME.fullmatch(name) is None:
        raise _bad(name, "그림의 이름이 아닙니다", f"a picture is named like plot.svg and ends in {', '.join(_TYPES)}")
    return kind


def check(name: str, content: bytes) -> str:
    """The type of a picture that may be shown. Raises BadQuiz for what is none, is too large or could act."""
    kind = media_type(name)
    if len(content) > MOST_BYTES:
        raise _bad(name, f"{MOST_BYTES // 1_000_000} MB보다 큽니다", f"it is larger than {MOST_BYTES // 1_000_000} MB")
    if kind != _SVG:
        if not content.startswith(_BEGINS[kind]):
            raise _bad(name, "내용이 이름과 다릅니다", "it is not what its name says")
        return kind
    if why := _acts(content):
        raise _bad(name, f"SVG 안에 쓸 수 없는 것이 있습니다({why})", f"an SVG may not have {why} in it")
    return kind


def _acts(content: bytes) -> str:
    """What in an SVG could act or load, "" for nothing."""
    try:
        root = xml.parse(content)
    except xml.NotXml as error:
        return str(error)
    if xml.local(root.tag).lower() != "svg":
        return "another root than <svg>"
    for element in root.iter():
        tag = xml.local(element.tag).lower()
        if tag in _ACTIVE:
            return f"<{tag}>"
        for name, value in element.attrib.items():
            name = xml.local(name).lower()
            if name.startswith("on"):
                return name
            if name in ("href", "src") and _HERE.fullmatch(value.strip()) is None:
                return f'{name}="{value[:40]}"'
            if _loads(value):
                return f"a url() in {name}"
        if tag == "style" and _loads("".join(element.itertext())):
            return "a style that loads"
    return ""


def _loads(style: str) -> bool:
    """Whether a style takes anything from elsewhere; `url(#id)` is from here."""
    style = re.sub(r"""url\(\s*["']?#[\w.:-]+["']?\s*\)""", "", style)
    return re.search(r"url\s*\(|@import|expression\s*\(|javascript:|\\", style, re.IGNORECASE) is not None


def _bad(name: str, ko: str, en: str) -> BadQuiz:
    return BadQuiz(Text(f"그림 {name[:80]!r}: {ko}.", f"The picture {name[:80]!r}: {en}."))
