"""Markdown as HTML that other systems take, and their HTML as Markdown.

Formulas go out as `\\(...\\)` for MathJax or as MathML with their TeX in an annotation, and come back as `$...$` from
either. HTML that came from elsewhere is never kept: it becomes Markdown, which `grader.quiz.html` draws safely.
"""

from __future__ import annotations

import base64
import binascii
import html as escapes
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal

from grader.quiz import html as ours
from grader.quiz.exchange import mathml
from grader.quiz.exchange.carried import LONGEST, Language, NotReadable, Reading
from grader.quiz.question import Question
from grader.quiz.render import FORMULA, unicode
from grader.text import Text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Formulas = Literal["tex", "mathml"]
_LANG = re.compile(
    r"""<(?P<tag>span|div)\b[^>]*?\b(?:xml:)?lang=["']?(?P<lang>ko|en)\b[^>]*>(?P<inner>.*?)</(?P=tag)>"""
    r"|\{mlang (?P<mlang>ko|en)\b[^}]*\}(?P<minner>.*?)\{mlang\}",
    re.DOTALL | re.IGNORECASE,
)
_MATH = re.compile(
    r"<math\b.*?</math>|\\\((?P<inline>.*?)\\\)|\\\[(?P<block>.*?)\\\]|\$\$(?P<dollars>.+?)\$\$",
    re.DOTALL,
)
_ANNOTATION = re.compile(r"<annotation\b[^>]*x-tex[^>]*>(.*?)</annotation>", re.DOTALL)
_ALTTEXT = re.compile(r'<math\b[^>]*\balttext="([^"]*)"')
_HELD = re.compile("\ue000(\\d+)\ue001")
_DATA = re.compile(r"""\bdata:image/(?P<kind>[\w.+-]+);base64,(?P<content>[A-Za-z0-9+/=\s]*)""")
_SHOWN = ["iframe", "object", "embed", "svg", "audio", "video"]
_NOT_READ = [*_SHOWN, "script", "style", "noscript", "template", "form", "head", "title"]


def html(markdown: str, formulas: Formulas, *, inline: bool = False) -> str:
    """Well-formed HTML without a style or a class of ours."""
    render = _writer(formulas).renderInline if inline else _writer(formulas).render
    return re.sub(' style="[^"]*"', "", render(markdown.strip()).strip())


def spoken(
    text: Text, language: Language | None, formulas: Formulas, *, inline: bool = False, tag: str = "span"
) -> str:
    """A text as HTML in one language, or in both, each marked as what it is."""
    if language is not None or text.ko == text.en:
        return html(text.into(language or "ko"), formulas, inline=inline)
    kind = ' class="multilang"' if tag == "span" else ""
    parts = [
        f'<{tag} lang="{one}"{kind}>{html(text.into(one), formulas, inline=inline)}</{tag}>' for one in ("ko", "en")
    ]
    return "".join(parts)


def stem(question: Question, language: Language | None, formulas: Formulas, picture: str, *, tag: str = "span") -> str:
    """The stem with its code and its picture, which `picture` is the address of ("" for none)."""
    made = spoken(question.stem, language, formulas, tag=tag)
    if question.code:
        made += f'<pre><code class="language-python">{escapes.escape(question.code.strip(chr(10)))}</code></pre>'
    if question.picture and picture:
        alt = question.alt.into(language or "ko") if question.alt else question.picture
        made += f'<p><img src="{escapes.escape(picture)}" alt="{escapes.escape(alt)}" /></p>'
    return made


@dataclass
class Shown:
    """What a text from elsewhere showed besides words: the pictures' addresses with their alt texts."""

    pictures: list[tuple[str, str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # what is neither text nor picture, by its tag
    embedded: dict[str, bytes] = field(default_factory=dict)  # pictures that stood in the text itself, by their address

    def hold(self, kind: str, content: bytes) -> str:
        """Keeps a picture that stood in the text. Gives its address."""
        address = f"embedded-{len(self.embedded) + 1}.{kind}"
        self.embedded[address] = content
        return address


def text(reading: Reading, markup: str, shown: Shown | None = None, *, name: bool = False) -> Text:
    """A text of another system, in both languages where it has both. Raises NotReadable for what is beyond measure."""
    found = Shown()
    bare = _without_pictures(markup, found)
    if len(bare) > LONGEST:
        raise NotReadable(f"a text of it is longer than {LONGEST} characters")
    made = _text(reading, bare, found, name)
    if shown is None:
        reading.loose += [source for source, _ in dict.fromkeys(found.pictures)]
    else:
        shown.pictures += dict.fromkeys(found.pictures)
        shown.embedded |= found.embedded
    reading.loose += [f"<{tag}>" for tag in dict.fromkeys(found.others)]
    return made


def _without_pictures(markup: str, shown: Shown) -> str:
    """The markup with an address for each picture that is written out in it, as data: or as SVG."""

    def data(found: re.Match[str]) -> str:
        try:
            return shown.hold(found["kind"].partition("+")[0], base64.b64decode(found["content"]))
        except binascii.Error:
            return "data:"

    parts, done = [], 0
    bare = _DATA.sub(data, markup)
    while (start := bare.find("<svg", done)) >= 0 and (end := bare.find("</svg>", start)) >= 0:
        drawn = bare[start : end + len("</svg>")]
        if "xmlns=" not in drawn.partition(">")[0]:
            drawn = drawn.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        parts.append(f'{bare[done:start]}<img src="{shown.hold("svg", drawn.encode())}" alt="" />')
        done = end + len("</svg>")
    return "".join(parts) + bare[done:]


def _text(reading: Reading, markup: str, shown: Shown, name: bool) -> Text:
    parts: dict[str, str] = {}
    spoken_parts = list(_LANG.finditer(markup))
    if {(one["lang"] or one["mlang"]).lower() for one in spoken_parts} == {"ko", "en"}:
        for language in ("ko", "en"):
            parts[language] = markdown(_only(markup, language), shown)
        return Text(parts["ko"], parts["en"])
    return reading.text(markdown(_LANG.sub(lambda one: one["inner"] or one["minner"] or "", markup), shown), name=name)


def _only(markup: str, language: str) -> str:
    def kept(found: re.Match[str]) -> str:
        mine = (found["lang"] or found["mlang"]).lower() == language
        return (found["inner"] or found["minner"] or "") if mine else ""

    return _LANG.sub(kept, markup)


def unformed(text: Text) -> Text:
    """A text whose formulas can be read as they stand, without any form."""

    def words(markdown: str) -> str:
        return FORMULA.sub(lambda one: unicode(one[1] or one[2]), markdown).replace("`", "")

    return Text(words(text.ko), words(text.en))


def plain(words: str) -> str:
    """Plain text as HTML: lines and empty lines stay."""
    return "".join(f"<p>{'<br />'.join(escapes.escape(part).splitlines())}</p>" for part in words.split("\n\n"))


def markdown(markup: str, shown: Shown | None = None) -> str:
    """HTML as Markdown with formulas in dollars. Raises NotReadable."""
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup
    from markdownify import MarkdownConverter

    held: list[str] = []
    bare = re.sub("[\ue000\ue001]", "", markup)
    bare = "".join(_around_code(bare, lambda part: _MATH.sub(lambda one: _hold(held, _tex(one, shown)), part)))
    try:
        soup = BeautifulSoup(bare, "html.parser")
        for one in soup(_NOT_READ):
            if shown is not None and one.name in _SHOWN:
                shown.others.append(one.name)
            one.extract()
        for image in soup("img"):
            if latex := _drawn(image.get("class"), str(image.get("data-equation-content") or image.get("alt") or "")):
                image.replace_with(_hold(held, latex))
                continue
            if shown is not None:
                shown.pictures.append((str(image.get("src", "")), str(image.get("alt", ""))))
            image.decompose()
        for link in soup("a"):
            if not re.match(r"https?://", str(link.get("href", ""))):
                link.unwrap()
        for string in soup.find_all(string=re.compile(r"\$")):
            if string.find_parent(["pre", "code"]) is None:
                string.replace_with(str(string).replace("$", "\\$"))
        converter = MarkdownConverter(heading_style="ATX", bullets="-", code_language_callback=_language)
        made = str(converter.convert_soup(soup))
    except RecursionError as error:
        raise NotReadable("a text of it is nested too deeply") from error
    except ParserRejectedMarkup as error:
        raise NotReadable(f"a text of it is no HTML: {markup[:60]}") from error
    made = _HELD.sub(lambda one: held[int(one[1])], made)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in made.splitlines())).strip()


def _around_code(markup: str, change: Callable[[str], str]) -> Iterator[str]:
    """The markup with what is not code changed: a dollar in code is a dollar."""
    for place, part in enumerate(re.split(r"(<(pre|code)\b.*?</\2>)", markup, flags=re.DOTALL)):
        if place % 3 == 0:
            yield change(part)
        elif place % 3 == 1:
            yield part


def _hold(held: list[str], latex: str) -> str:
    held.append(latex)
    return f"\ue000{len(held) - 1}\ue001"


def _tex(found: re.Match[str], shown: Shown | None) -> str:
    if found[0].startswith("<math"):
        known = _ANNOTATION.search(found[0]) or _ALTTEXT.search(found[0])
        block = re.match(r'<math\b[^>]*\bdisplay="block"', found[0]) is not None
        latex = escapes.unescape(known[1]) if known else mathml.tex(found[0])
        if latex is None:
            latex = escapes.unescape(re.sub(r"<[^>]*>", " ", found[0]))
            if shown is not None:
                shown.others.append("math")
    else:
        block = found["inline"] is None
        words = found["inline"] or found["block"] or found["dollars"] or ""
        latex = escapes.unescape(re.sub(r"<br\s*/?>", " ", words))
    latex = " ".join(latex.replace("$", "").split())
    if not latex:
        return ""
    return f"$${latex}$$" if block else f"${latex}$"


def _language(pre: object) -> str:
    """The language of a block of code, from the class of `code` in it."""
    code = pre.find("code")  # type: ignore[attr-defined]
    classes = code.get("class", []) if code is not None else []
    return next((str(one).removeprefix("language-") for one in classes if str(one).startswith("language-")), "")


def _drawn(kinds: object, words: str) -> str:
    """The formula that Canvas shows as a picture; "" for any other picture."""
    latex = " ".join(words.removeprefix("LaTeX:").replace("$", "").split())
    return f"${latex}$" if latex and "equation_image" in str(kinds) else ""


@cache
def _writer(formulas: Formulas) -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    markdown = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True})
    markdown.enable("table").disable(["heading", "lheading", "html_block", "html_inline"])
    dollarmath_plugin(markdown, allow_labels=False, allow_blank_lines=False, double_inline=True)
    for kind in ("math_inline", "math_inline_double", "math_block"):
        markdown.add_render_rule(kind, _tex_rule if formulas == "tex" else _mathml_rule)
    return markdown


def _tex_rule(_: object, tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    latex = escapes.escape(tokens[at].content.strip(), quote=False)
    return f"\\({latex}\\)" if tokens[at].type == "math_inline" else f"\\[{latex}\\]"


def _mathml_rule(_: object, tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    latex = tokens[at].content.strip()
    try:
        made = str(ours.formula(latex, block=tokens[at].type != "math_inline"))
    except ValueError:
        return f"<code>{escapes.escape(latex)}</code>"
    head, _, inner = made.partition(">")
    note = f'<annotation encoding="application/x-tex">{escapes.escape(latex)}</annotation>'
    return f"{head}><semantics><mrow>{inner.removesuffix('</math>')}</mrow>{note}</semantics></math>"
