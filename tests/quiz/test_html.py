"""Stems as HTML: what a reader sees, and what nobody can smuggle in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread

import pytest
from markupsafe import Markup

from grader.errors import BadQuiz
from grader.quiz import html, media, variant
from grader.quiz.bank import Bank

ROOT = Path(__file__).resolve().parents[2]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


class Seen(HTMLParser):
    """The tags and attributes of a page as a browser reads them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def test_a_stem_has_paragraphs_lists_tables_and_code() -> None:
    seen = Seen(html.stem("One\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```python\ndef f(): pass\n```\n"))
    assert {"p", "ul", "li", "table", "th", "td", "pre", "code"} <= set(seen.tags)
    assert ("span", "class", "k") in seen.attributes  # the word `def`, coloured
    assert ("pre", "tabindex", "0") in seen.attributes  # the keyboard can scroll it


def test_formulas_are_mathml_with_a_reading() -> None:
    made = html.stem(r"The slope $\frac{\partial L}{\partial w}$ and $$\sum_{i=1}^n x_i$$")
    assert '<math alttext="(∂ L)/(∂ w)"><mfrac>' in made
    assert 'display="block"><munderover>' in made
    assert "$" not in made
    assert "\\" not in made


@pytest.mark.parametrize("text", ["$x$는 $y$의", "값은 $0.1$입니다", "**$x$**", "($x$)"])
def test_a_formula_may_touch_korean_words_and_signs(text: str) -> None:
    assert "$" not in html.inline(text)


def test_what_is_no_formula_stays_as_it_was_written() -> None:
    assert "<code>$\\frac{1}$</code>" in html.stem(r"Look: $\frac{1}$")
    assert html.faults(r"Look: $\frac{1}$ and $x$ and `$\s$`")[0].startswith(r"$\frac{1}$: ")
    assert len(html.faults(r"Look: $\frac{1}$ and $x$ and `$\s$`")) == 1
    with pytest.raises(ValueError, match="Unknown command"):
        html.formula(r"\newthing x")


def test_code_keeps_dollars_and_brackets() -> None:
    assert html.inline("Use `a < $b$`") == "Use <code>a &lt; $b$</code>"


def test_an_option_is_one_line_without_a_paragraph() -> None:
    assert html.inline("one\n\n# two") == "one # two"
    assert isinstance(html.inline("x"), Markup)


def test_a_heading_does_not_mix_with_those_of_the_page() -> None:
    assert not {"h1", "h2"} & set(Seen(html.stem("# One\n\nTwo\n===\n")).tags)


def test_a_picture_is_shown_where_it_has_an_address() -> None:
    def address(name: str) -> str | None:
        return f"/pictures/{name}" if name == "net.svg" else None

    assert html.stem("![A net](net.svg)", picture=address) == '<p><img src="/pictures/net.svg" alt="A net"></p>'
    assert "<em>[A net]</em>" in html.stem("![A net](other.svg)", picture=address)
    assert "<img" not in html.stem("![A net](https://evil.example/x.png)")


ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<math><mtext><img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))", "[x](JaVaScRiPt&colon;alert(1))", "[x](data:text/html,<script>alert(1)</script>)", "<javascript:alert(1)>",
    "![x](javascript:alert(1))", '[x](https://a.example "><script>alert(1)</script>")', "$\\text{<script>alert(1)</script>}$",
    "$\\text{</mtext></math><img src=x onerror=alert(1)>}$", "$\\href{javascript:alert(1)}{x}$", "$\\class{evil}{x}$", "$\\style{position:fixed}{x}$",
    '```"><script>alert(1)</script>\nx\n```', "```html\n<script>alert(1)</script>\n```", "`<script>alert(1)</script>`", "<style>*{display:none}</style>",
    "<iframe src=//evil.example>", "<form action=//evil.example><input name=password>", "&lt;script&gt;alert(1)&lt;/script&gt;", "<base href=//evil.example>",
    "![\"><script>alert(1)</script>](net.svg)", "<p id=main class=flash>You passed</p>", "$<img src=x onerror=alert(1)>$", "$$</math><script>alert(1)</script>$$",
    "<!--><script>alert(1)</script>-->", "$\\newcommand{\\x}{<script>}\\x$", "<math href=javascript:alert(1)>x</math>", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "make", [html.stem, html.inline, lambda text: html.stem(text, picture=lambda name: name), html.code]
)
def test_nothing_smuggled_in_acts(make: object, attack: str) -> None:
    seen = Seen(make(attack))  # type: ignore[operator]
    assert not {"script", "style", "iframe", "form", "input", "base", "svg", "object", "noscript", "template"} & set(
        seen.tags
    )
    for tag, name, value in seen.attributes:
        assert not name.startswith("on")
        assert name not in ("style", "id", "name", "srcdoc", "action")
        if name in ("href", "src"):
            assert re.match(r"https://a\.example|/", value), (tag, value)
        if name == "class":
            assert value != "flash"


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_second_wall_holds_alone(attack: str) -> None:
    seen = Seen(html._clean(attack))
    assert not {"script", "style", "iframe", "form", "input", "base", "svg", "noscript"} & set(seen.tags)
    assert not [name for _, name, _ in seen.attributes if name.startswith("on") or name in ("style", "id")]
    assert not [
        value for _, name, value in seen.attributes if name in ("href", "src") and not value.startswith("https://")
    ]


@pytest.mark.parametrize(
    "piece", ["{", r"\frac{", r"\left(", "x^{", r"\sqrt{", r"\hat ", r"\begin{matrix}", "_", r"\begin{bmatrix}&"]
)
def test_a_formula_nested_as_deep_as_may_be_harms_nothing(piece: str) -> None:
    """The reader of formulas recurses in native code: a text that overflows its stack would take the server along."""
    done = []
    thread = Thread(
        target=lambda: done.extend([html.stem(f"${piece * (n // len(piece))}$") for n in (990, 5_000, 19_000)])
    )
    thread.start()
    thread.join()
    assert len(done) == 3


@pytest.mark.parametrize("piece", ["> ", "- ", "[", "*a_ ", "![", "`", "|a", "$", "<", "&", "**", "~~~\n", "1. "])
def test_a_stem_made_to_be_slow_is_drawn(piece: str) -> None:
    assert html.stem(piece * (html.LONGEST // len(piece)))


@pytest.mark.parametrize("piece", ["\t\n", "\n", " ", "\r ", " \n"])
def test_code_that_is_nearly_all_blank_is_drawn_at_once(piece: str) -> None:
    began = time.thread_time()
    html.code("x" + piece * 9_000 + "x")
    assert time.thread_time() - began < 1


def test_a_text_beyond_all_measure_is_shown_as_it_is() -> None:
    assert html.stem("<b>" * 10_000).startswith("<pre>&lt;b&gt;")


def texts(seeds: int) -> Iterator[str]:
    bank = Bank(ROOT / "assignments" / "quizzes", ROOT / "reference" / "quizzes")
    for quiz in bank.all():
        for question in quiz.questions:
            key = quiz.keys[question.id]
            for seed in range(seeds if key.generator else 1):
                posed = variant.pose(question, key, bank.generators(quiz.id), seed)
                shown = [posed.question.stem, posed.key.explanation, *posed.key.hints, *posed.key.feedback.values()]
                shown += [option.text for option in (*posed.question.options, *posed.question.left)]
                shown += [wrong.text for wrong in posed.key.wrong]
                yield from (text for both in shown for text in (both.ko, both.en))


def left_over(text: str) -> bool:
    made = re.sub(r"<code>.*?</code>|<[^>]*>", "", html.stem(text), flags=re.DOTALL)
    return bool(html.faults(text)) or re.search(r"\\[a-zA-Z]|\$", made) is not None


def test_every_formula_of_the_bank_is_drawn() -> None:
    assert [text for text in set(texts(1)) if left_over(text)] == []


@pytest.mark.slow
def test_every_formula_of_fifty_variants_is_drawn() -> None:
    assert [text for text in set(texts(50)) if left_over(text)] == []


# ------------------------------------------------------------------------------------------------- pictures


def test_a_picture_that_can_do_nothing_is_taken() -> None:
    inner = (
        '<style>.a{fill:red}</style><defs><linearGradient id="g"/></defs><rect fill="url(#g)"/><use xlink:href="#g"/>'
    )
    assert media.check("net.svg", SVG.format(inner).encode()) == "image/svg+xml"
    assert media.check("net.png", b"\x89PNG\r\n\x1a\n....") == "image/png"
    assert "sandbox" in media.HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>", '<rect onclick="alert(1)"/>', '<a href="javascript:alert(1)"><text>x</text></a>', '<image href="https://evil.example/x.png"/>',
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>", '<use xlink:href="https://evil.example/x.svg#a"/>', "<style>@import 'https://evil.example'</style>",
        '<rect fill="url(https://evil.example/#a)"/>', '<rect style="fill:url( \'//evil.example/a\' )"/>', "<style>*{background:u\\72l(//evil.example)}</style>",
        '<animate attributeName="href" values="javascript:alert(1)"/>', '<set attributeName="onclick" to="alert(1)"/>', '<image href="data:image/svg+xml;base64,AAAA"/>',
        '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>', '<SCRIPT>alert(1)</SCRIPT>',
    ],
)  # fmt: skip
def test_a_picture_that_could_act_is_refused(inner: str) -> None:
    with pytest.raises(BadQuiz):
        media.check("net.svg", SVG.format(inner).encode())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("net.svg", b"<html><body/></html>"), ("net.svg", b"no markup"), ("net.svg", b""), ("net.png", b"<svg/>"), ("net.html", b"<p>"), ("../net.png", b"\x89PNG\r\n\x1a\n"),
        ("net.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'), (".svg", b"<svg/>"), ("a b.svg", b"<svg/>"),
        ("net.svg", b"<?xml-stylesheet href='https://evil.example/x.css'?><svg/>"), ("net.svg", b"<svg>" + b"<g>" * 100_000), ("net.svg", b"<svg/>" + b" " * 3_000_000), ("net.svg", b'<?xml version="1.0" encoding="nonsense"?><svg/>'),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(BadQuiz):
        media.check(name, content)


def test_many_threads_draw_at_once() -> None:
    """The server draws stems in several threads, with one reader of Markdown and one of formulas."""
    wanted = [html.stem(f"Item {n}: $x_{{{n}}} = \\frac{{{n}}}{{2}}$ and `code {n}`") for n in range(40)]
    html._stem.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(
                lambda n: html.stem(f"Item {n % 40}: $x_{{{n % 40}}} = \\frac{{{n % 40}}}{{2}}$ and `code {n % 40}`"),
                range(400),
            )
        )
    assert made == [wanted[n % 40] for n in range(400)]
