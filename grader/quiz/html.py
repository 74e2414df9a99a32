"""Stems, options and feedback as safe HTML: Markdown, coloured code, and formulas in MathML.

Theory of operation. Two walls. Markdown is read without raw HTML, so that markup in a stem is text to be read; then
all that was made passes through bleach with a short list of tags, attributes and values. Formulas become MathML Core,
which browsers draw and screen readers read without a script; what is no formula stays as it was written. Code is
coloured by the classes of Pygments, inside `.highlight`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from grader.quiz.render import unicode

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 20_000  # characters of a text; what is longer is shown as it was written
BLANK = re.compile(r"\s{200}")  # the lexers of Pygments take quadratic time for these
LONGEST_FORMULA = 1_000  # so that braces cannot nest deeply: the reader of formulas recurses
Address = Callable[[str], str | None]  # from the name of a picture to its address, None where there is none


def stem(text: str, *, picture: Address | None = None) -> Markup:
    """Paragraphs, lists, tables, code and formulas. `picture` gives the address of a picture that the text shows by
    its name; one without an address is shown as its description."""
    return _stem(text) if picture is None else _made(_markdown().render, text, picture)


def inline(text: str) -> Markup:
    """One line of text, with formulas and `code`: an option, a hint, a sentence of feedback."""
    return _inline(text)


def code(source: str, language: str = "python") -> Markup:
    """A block of code, coloured; the keyboard can scroll it."""
    return Markup('<pre class="highlight" tabindex="0"><code>{}</code></pre>').format(
        Markup(_coloured(source.strip("\n"), language, ""))
    )


def formula(latex: str, *, block: bool = False) -> Markup:
    """A formula as MathML, with a reading of it in plain text. Raises ValueError for what is none, saying why."""
    return Markup(_clean(_mathml(latex, block)))


def faults(text: str) -> list[str]:
    """What of a text cannot be drawn as it was meant: each formula that is none, with why."""
    found: list[str] = []

    def look(tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token.type.startswith("math_"):
                try:
                    _mathml(token.content, False)
                except ValueError as error:
                    found.append(f"${token.content.strip()}$: {error}")
            look(token.children or ())

    look(_markdown().parse(text))
    return found


@lru_cache(maxsize=4096)
def _stem(text: str) -> Markup:
    return _made(_markdown().render, text, None)


@lru_cache(maxsize=4096)
def _inline(text: str) -> Markup:
    return _made(_markdown().renderInline, " ".join(text.split()), None)


def _made(render: Callable[[str, dict[str, Any]], str], text: str, picture: Address | None) -> Markup:
    if len(text) > LONGEST:
        return Markup("<pre>{}</pre>").format(text)
    return Markup(_clean(render(text, {"picture": picture}).strip()))


@cache
def _markdown() -> MarkdownIt:
    """Markdown as it is written in a quiz: a stem has no headings, which would mix with those of the page."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    markdown = MarkdownIt("commonmark", {"html": False, "highlight": _coloured})
    markdown.enable("table").disable(["heading", "lheading", "html_block", "html_inline"])
    dollarmath_plugin(markdown, allow_labels=False, allow_blank_lines=False, double_inline=True)
    for kind in ("math_inline", "math_inline_double", "math_block"):
        markdown.add_render_rule(kind, _math_rule)
    for kind, rule in (("fence", _fence_rule), ("code_block", _fence_rule), ("image", _image_rule)):
        markdown.add_render_rule(kind, rule)
    return markdown


def _math_rule(_: object, tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    latex = tokens[at].content.strip()
    block = tokens[at].type != "math_inline"
    try:
        return _mathml(latex, block)
    except ValueError:
        sign = "$$" if block else "$"
        return str(Markup("<code>{}{}{}</code>").format(sign, latex, sign))


def _fence_rule(_: object, tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    language = tokens[at].info.split()
    return str(code(tokens[at].content, language[0] if language else ""))


def _image_rule(_: object, tokens: Sequence[Token], at: int, options: object, env: Mapping[str, Any]) -> str:
    name, alt = str(tokens[at].attrs.get("src", "")), tokens[at].content
    picture: Address | None = env.get("picture")
    address = picture(name) if picture else None
    if address is None:
        return str(Markup("<em>[{}]</em>").format(alt or name))
    return str(Markup('<img src="{}" alt="{}">').format(address, alt))


def _coloured(source: str, language: str, _: str) -> str:
    """Code in spans of Pygments' classes; what is in no language that it knows, escaped."""
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        plain = len(source) > LONGEST or BLANK.search(source)
        lexer = None if plain else get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        lexer = None
    return str(Markup.escape(source)) if lexer is None else str(highlight(source, lexer, HtmlFormatter(nowrap=True)))


@cache
def _reader() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False)


def _mathml(latex: str, block: bool) -> str:
    """Raises ValueError."""
    from math_core import LatexError

    if len(latex) > LONGEST_FORMULA:
        raise ValueError(f"longer than {LONGEST_FORMULA} characters")
    try:
        made: str = _reader().convert_with_local_state(latex, displaystyle=block)
    except LatexError as error:
        raise ValueError(" ".join(str(error).split())) from error
    made = made.replace("&ApplyFunction;", "\u2061")
    scrolls = Markup(' tabindex="0"') if block else ""  # on a narrow screen it scrolls, by the keyboard too
    head = Markup('<math alttext="{}"{}>').format(unicode(latex), scrolls)
    return made.replace("<math", head.removesuffix(">"), 1)


# ------------------------------------------------------------------------------------------------- the second wall

_TAGS = frozenset(
    re.findall(
        r"\w+",
        """a blockquote br code em hr img li ol p pre s span strong table tbody td th thead tr ul
        math maction menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow
        ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none""",
    )
)
_LENGTH = r"-?[0-9.]{1,12}(em|ex|px|pt|%)?"
_VALUES = {
    "accent": "true|false",
    "accentunder": "true|false",
    "columnalign": "[a-z ]{1,100}",
    "columnspan": "[0-9]{1,2}",
    "display": "block|inline",
    "displaystyle": "true|false",
    "fence": "true|false",
    "form": "prefix|infix|postfix",
    "largeop": "true|false",
    "linethickness": _LENGTH,
    "mathvariant": "[a-z-]{1,30}",
    "movablelimits": "true|false",
    "notation": "[a-z ]{1,60}",
    "rowspan": "[0-9]{1,2}",
    "scriptlevel": "[+-]?[0-9]{1,2}",
    "separator": "true|false",
    "stretchy": "true|false",
    "symmetric": "true|false",
}
_VALUES |= dict.fromkeys(("depth", "height", "lspace", "maxsize", "minsize", "rspace", "voffset", "width"), _LENGTH)
_CLASS = re.compile(r"highlight|[a-z][a-z0-9]{0,2}")
_LINK = re.compile(r"https?://[^\s\\]+", re.IGNORECASE)
_ADDRESS = re.compile(r"/(?![/\\])[^\s\\]*|data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]*")


def _clean(markup: str) -> str:
    """The markup with nothing in it that acts, loads from elsewhere or pretends to be the page's own."""
    import bleach

    return str(bleach.clean(markup, tags=_TAGS, attributes=_allowed, protocols=("http", "https", "data"), strip=True))


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "class":
        return tag in ("pre", "span") and all(_CLASS.fullmatch(word) for word in value.split())
    if name == "href":
        return tag == "a" and _LINK.fullmatch(value) is not None
    if name == "src":
        return tag == "img" and _ADDRESS.fullmatch(value) is not None
    if name == "tabindex":
        return tag in ("pre", "math") and value == "0"
    if name == "start":
        return tag == "ol" and re.fullmatch("[0-9]{1,4}", value) is not None
    if name in ("alt", "alttext", "title"):
        return tag == {"alt": "img", "alttext": "math", "title": "a"}[name]
    return tag.startswith("m") and re.fullmatch(_VALUES.get(name, "(?!)"), value) is not None
