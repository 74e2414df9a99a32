"""A student's notebook as HTML that can do nothing.

Theory of operation. Two of the three walls of `grader.page` stand here. The notebook is built anew from a few typed
fields, one representation an output; metadata, JavaScript, widgets and frames are not copied, and pictures become
`<img>` with `data:` addresses, in which nothing runs. All markup of the student's passes through bleach, with a
short list of tags and attributes: no ids, and no classes but those of highlighted code, so that it cannot dress up
as the report. nbconvert's own list is no use here: it escapes headings and pictures.

Markup that is large or nested deeply is shown as plain text, and so is all that comes after three seconds of
drawing, since parsers of Markdown and HTML need quadratic time for some texts, made on purpose.
"""

from __future__ import annotations

import base64
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup
from nbformat import NotebookNode, from_dict


def body(executed: NotebookNode) -> Markup:
    """The cells as nbconvert's basic template draws them."""
    from nbconvert.exporters.html import HTMLExporter
    from nbconvert.filters.highlight import Highlight2HTML
    from traitlets.config import Config

    room = _Room()
    highlight = Highlight2HTML(pygments_lexer="ipython3")
    exporter = HTMLExporter(
        config=Config({"NbConvertBase": {"display_data_priority": _PRIORITY}}),
        template_name="basic",
        sanitize_html=True,
        exclude_anchor_links=True,
        filters={"highlight_code": _coloured(highlight, room)},
        log=_LOG,
    )
    exporter.register_filter("clean_html", _clean)
    exporter.register_filter("markdown2html", _markdown(exporter.markdown2html, room))
    exporter.register_filter("strip_files_prefix", lambda markup: markup)  # a custom of 2013
    body, _ = exporter.from_notebook_node(_rebuilt(executed, room))
    return Markup(body)


_PRIORITY = ["text/html", "text/markdown", "text/latex", "text/plain"]
_LOG = logging.getLogger("grader.page.nbconvert")  # its complaints about missing alt texts are nobody's
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = False


class _Room:
    """How much of a notebook is shown, so that drawing it stays quick whatever is in it."""

    def __init__(self, seconds: float = 3.0) -> None:
        self._deadline = time.monotonic() + seconds
        self._markup = 400_000
        self._code = 150_000
        self._text = 1_000_000

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self._deadline

    def for_markup(self, markup: str, most: int) -> bool:
        """Whether this much markup may still be parsed."""
        if self.is_late or len(markup) > min(most, self._markup):
            return False
        self._markup -= len(markup)
        return True

    def for_code(self, source: str) -> bool:
        """Whether this much code may still be coloured."""
        self._code -= len(source)
        return self._code >= 0 and not self.is_late

    def text(self, text: str, most: int = 50_000) -> str:
        """The text, or its beginning and end where it is long."""
        most = min(most, self._text)
        self._text -= min(len(text), most)
        if len(text) <= most:
            return text
        head, tail = most * 4 // 5, most // 5
        left_out = f"{len(text) - head - tail:,}"
        note = f"\n... {left_out}자 생략 / {left_out} characters left out ...\n"
        return text[:head] + note + (text[-tail:] if tail else "")


def _coloured(highlight: Callable[..., str], room: _Room) -> Callable[..., Markup]:
    """nbconvert's filter, whose markup is its own and needs no cleaning."""

    def highlight_code(source: str, **how: Any) -> Markup:
        return Markup(highlight(source, **how)) if room.for_code(source) else _plain(source)

    return highlight_code


def _markdown(render: Callable[[Any, str], str], room: _Room) -> Callable[[Any, str], str]:
    """nbconvert's filter, except for what it should not or cannot render."""
    from jinja2 import pass_context
    from nbconvert.filters.markdown_mistune import InvalidNotebook

    @pass_context
    def markdown2html(context: Any, source: str) -> str:
        if room.is_late or context["cell"]["metadata"].get("plain"):
            return _plain(source)
        try:
            return render(context, source)
        except (InvalidNotebook, RecursionError, ValueError):  # InvalidNotebook: a picture is not attached
            return _plain(source)

    return markdown2html


def _plain(text: str) -> Markup:
    return Markup("<pre>{}</pre>").format(text)


def _rebuilt(executed: NotebookNode, room: _Room) -> NotebookNode:
    """A notebook of plain strings that holds what the page shows."""
    cells = [_cell(cell, number, room) for number, cell in enumerate(executed["cells"], start=1)]
    metadata = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    return from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _cell(cell: Mapping[str, Any], number: int, room: _Room) -> dict[str, Any]:
    """One cell; every cell is drawn, so that their numbers are those of the report."""
    source = _string(cell.get("source"))
    new = {"id": str(number), "metadata": {}, "source": room.text(source, 20_000)}
    if cell.get("cell_type") == "code":
        count = cell.get("execution_count")
        outputs = [_output(output, number, room) for output in cell.get("outputs", ())]
        return {
            **new,
            "cell_type": "code",
            "execution_count": count if isinstance(count, int) else None,
            "outputs": outputs,
        }
    if cell.get("cell_type") != "markdown" or not room.for_markup(source, 10_000):
        new["metadata"] = {"plain": True}
    return {**new, "cell_type": "markdown", "attachments": _attachments(cell.get("attachments"))}


def _attachments(attachments: Any) -> dict[str, dict[str, str]]:
    if not isinstance(attachments, Mapping):
        return {}
    return {
        str(file): {mime: data for mime, data in bundle.items() if mime in _PICTURES and _is_base64(data)}
        for file, bundle in attachments.items()
        if isinstance(bundle, Mapping)
    }


def _output(output: Mapping[str, Any], number: int, room: _Room) -> dict[str, Any]:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": room.text(_string(output.get("text")))}
    if kind == "error":
        lines = [line for line in output.get("traceback") or () if isinstance(line, str)]
        text = "\n".join(lines) or f"{output.get('ename')}: {output.get('evalue')}"
        return {"output_type": "error", "ename": "", "evalue": "", "traceback": [room.text(text)]}
    data = output.get("data")
    shown = _best(data if isinstance(data, Mapping) else {}, number, room)
    return {"output_type": "display_data", "data": shown, "metadata": {}}


def _best(data: Mapping[str, Any], number: int, room: _Room) -> dict[str, str]:
    """The one representation of a rich output that the page shows."""
    markup = _string(data.get("text/html"))
    if markup.strip() and room.for_markup(markup, 60_000):
        cleaned = _clean(markup)
        if "<img" in cleaned or re.sub(r"<[^>]*>", "", cleaned).strip():
            return {"text/html": Markup(cleaned)}
    picture = _picture(data, number)
    if picture is not None:
        return {"text/html": picture}
    markdown = _string(data.get("text/markdown"))
    if markdown.strip() and room.for_markup(markdown, 10_000):
        return {"text/markdown": markdown}
    if latex := _string(data.get("text/latex")):
        return {"text/latex": room.text(latex)}
    plain = _string(data.get("text/plain")) or "(보일 수 없는 출력 / output that cannot be shown)"
    return {"text/plain": room.text(plain)}


_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_SVG = "image/svg+xml"


def _picture(data: Mapping[str, Any], number: int) -> Markup | None:
    """A picture as `<img>`: even an SVG with scripts in it is only drawn there."""
    for mime in (_SVG, *_PICTURES):
        content = _string(data.get(mime))
        if mime == _SVG and content:
            content = base64.b64encode(content.encode("utf-8", "replace")).decode()
        if content and _is_base64(content):
            return Markup('<img alt="{}번째 셀의 그림 / figure of cell {}" src="data:{};base64,{}">').format(
                number, number, mime, content
            )
    return None


def _is_base64(data: Any) -> bool:
    return isinstance(data, str) and re.fullmatch(r"[A-Za-z0-9+/=\s]*", data) is not None


def _string(value: Any) -> str:
    """Text as notebooks hold it: a string, or a list of them."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


# ------------------------------------------------------------------------------------------------- cleaning

_TAGS = frozenset(
    re.findall(
        r"\w+",
        """a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure
        h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup
        table tbody td tfoot th thead tr u ul var""",
    )
)
_STYLES = ("background-color", "color", "font-style", "font-weight", "text-align", "text-decoration")
_DATA_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_LINK = re.compile(r"(?:https?://|mailto:)[^\s\\]+", re.IGNORECASE)
_CODE_CLASS = re.compile(r"highlight|hl-ipython3|[a-z][a-z0-9]{0,2}|ansi-[a-z-]+")


def _clean(markup: str) -> str:
    """The markup with nothing in it that acts, loads, covers or pretends."""
    import bleach
    from bleach.css_sanitizer import CSSSanitizer

    if isinstance(markup, Markup):  # made here, or cleaned before
        return markup
    markup = _without_raw_text(markup)
    if _is_deep(markup):
        return _plain(markup)
    cleaned = bleach.clean(
        markup,
        tags=_TAGS,
        attributes=_allowed,
        protocols=("http", "https", "mailto", "data"),
        strip=True,
        css_sanitizer=CSSSanitizer(allowed_css_properties=_STYLES, allowed_svg_properties=()),
    )
    return str(cleaned)


def _allowed(tag: str, name: str, value: str) -> bool:
    """Whether bleach may keep an attribute; of a style it then keeps only what `_STYLES` names."""
    if name == "class":
        return all(_CODE_CLASS.fullmatch(word) for word in value.split())
    if name == "href":
        return tag == "a" and _LINK.fullmatch(value) is not None
    if name == "src":
        return tag == "img" and _DATA_PICTURE.fullmatch(value) is not None
    if name in ("colspan", "rowspan", "width", "height", "start"):
        return re.fullmatch(r"[0-9]{1,4}", value) is not None
    if name == "scope":
        return value in ("col", "row", "colgroup", "rowgroup")
    if name == "style":
        return re.search(r"url|image|expression|[\\@<&]", value, re.IGNORECASE) is None
    return name in ("alt", "title", "open", "lang")


_RAW_TEXT = re.compile(
    r"<(script|style|iframe|noscript|noembed|noframes|template|textarea|title|xmp|svg|math)\b", re.IGNORECASE
)


def _without_raw_text(markup: str) -> str:
    """Drops scripts and styles with what is in them, where bleach would leave their text to be read."""
    kept, at = [], 0
    while start := _RAW_TEXT.search(markup, at):
        kept.append(markup[at : start.start()])
        end = re.compile(rf"</{start[1]}\b[^>]*>?", re.IGNORECASE).search(markup, start.end())
        at = end.end() if end else len(markup)
    return "".join([*kept, markup[at:]])


def _is_deep(markup: str) -> bool:
    """Whether elements are nested so deeply that parsers grow slow."""
    depth = 0
    for tag in re.finditer(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)", markup):
        if tag[2].lower() not in ("br", "hr", "img", "col", "input", "p", "li", "td", "th", "tr"):
            depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > 200:
            return True
    return False
