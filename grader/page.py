"""The report and the executed notebook as one HTML page that a reader can open without fear.

Theory of operation. The page shows what a student's code printed, so everything of the notebook is hostile.
Three walls stand one behind the other:

1. and 2. `grader.notebook_html` builds the notebook anew from typed fields and lets only harmless markup through.
3. The first thing in the head is a Content-Security-Policy that allows no script, no frame, no form and no
   address but `data:` pictures, and no style sheet but ours, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

from markupsafe import Markup, escape
from nbformat import NotebookNode

from grader import drawing, notebook_html
from grader.misconception import Misconception
from grader.picture import Picture
from grader.report import CellResult, CheckResult, Report, Status, Verdict, Visibility, misconceptions
from grader.text import Text
from grader.words import STATUS, VERDICTS

_CELLS: Mapping[str, Text] = {
    "error": Text("오류가 났습니다", "raised an error"),
    "killed": Text("실행이 중단되었습니다", "was stopped"),
    "not_run": Text("실행되지 않았습니다", "was not run"),
}

Say = Callable[[Text], Markup]


def html(executed: NotebookNode | None, report: Report, language: str | None) -> str:
    """One self-contained page in "ko", "en", or both where `language` is None.

    `executed` is None where there is no notebook to show, as when it could not be read.
    """

    def say(text: Text) -> Markup:
        return _say(text, language)

    shown = [check for check in report.checks if check.visibility is not Visibility.SECRET]
    name = Text(f"{report.assignment} 채점 결과", f"Report on {report.assignment}")
    page = str(
        Markup(_PAGE).format(
            csp=CSP,
            lang=language or "ko",
            name=name.into(language or "ko"),
            style=Markup(_STYLE),
            heading=say(name),
            skip=_skip(say) if executed else "",
            status=_status(report, say),
            misconceptions=_misconceptions(shown, say),
            checks=_checks(shown, say),
            pictures=_pictures(report.drawn, language, say),
            metrics=_metrics(report, say),
            cells=_cells(report.cells, say),
            about=_about(report, say),
            notebook=_notebook(executed, say) if executed else "",
        )
    )
    return page.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates: every file can hold it


def notebook_alone(executed: NotebookNode, language: str) -> str:
    """The notebook as a page of its own, to stand in a frame; `CSP` is the policy that it needs."""
    name = Text("실행된 노트북", "The executed notebook").into(language)
    page = Markup(_ALONE).format(
        csp=CSP, lang=language, name=name, style=Markup(_STYLE), notebook=notebook_html.body(executed)
    )
    return str(page).encode("utf-8", "replace").decode("utf-8")


def _say(text: Text, language: str | None) -> Markup:
    """The text escaped; both languages, each marked as such, where none was chosen."""
    if language is not None or text.ko == text.en:
        return escape(text.into(language))
    return Markup('<span lang="ko">{}</span><span lang="en">{}</span>').format(text.ko, text.en)


def _skip(say: Say) -> Markup:
    text = Text("실행된 노트북으로 건너뛰기", "Skip to the executed notebook")
    return Markup('<a class="skip" href="#notebook">{}</a>').format(say(text))


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(parts)


# ----------------------------------------------------------------------------------------------- the report


def _status(report: Report, say: Say) -> Markup:
    parts = []
    if report.status is Status.GRADED:
        parts.append(
            Markup('<p class="score"><strong>{}</strong> / {} <small>{}</small></p>').format(
                _number(report.score), _number(report.max_score), say(Text("점", "points"))
            )
        )
    else:
        parts.append(Markup('<p class="no-score">{}</p>').format(say(STATUS[report.status])))
    if report.reason:
        parts.append(Markup('<p class="reason">{}</p>').format(say(report.reason)))
    return _join(parts)


def _checks(checks: Sequence[CheckResult], say: Say) -> Markup:
    """A table with one body a group."""
    if not checks:
        return Markup("")
    groups = itertools.groupby(checks, key=lambda check: check.id.partition(".")[0])
    return Markup(
        '<h2 id="checks">{title}</h2>\n<div class="scroll"><table aria-labelledby="checks">\n'
        '<thead><tr><th scope="col">{check}</th><th scope="col">{verdict}</th>'
        '<th scope="col" class="points">{points}</th></tr></thead>\n{groups}\n</table></div>'
    ).format(
        title=say(Text("검사", "Checks")),
        check=say(Text("검사 항목", "Check")),
        verdict=say(Text("결과", "Verdict")),
        points=say(Text("점수", "Points")),
        groups=_join(_group(name, list(rows), say) for name, rows in groups),
    )


def _group(name: str, checks: Sequence[CheckResult], say: Say) -> Markup:
    earned = sum(min(check.points, check.max_points) for check in checks)
    most = sum(check.max_points for check in checks)
    return Markup(
        '<tbody><tr class="group"><th scope="rowgroup" colspan="2">{}</th>'
        '<td class="points">{} / {}</td></tr>\n{}</tbody>'
    ).format(name, _number(earned), _number(most), _join(_check(check, say) for check in checks))


def _check(check: CheckResult, say: Say) -> Markup:
    sign, word = VERDICTS[check.verdict]
    row = Markup(
        '<tr class="check"><th scope="row">{title}</th>'
        '<td><span class="badge {verdict}"><span aria-hidden="true">{sign}</span> {word}</span></td>'
        '<td class="points">{points} / {most}</td></tr>'
    ).format(
        title=say(check.title),
        verdict=check.verdict.value,
        sign=sign,
        word=say(word),
        points=_number(min(check.points, check.max_points)),
        most=_number(check.max_points),
    )
    return row + _advice(check, say)


def _advice(check: CheckResult, say: Say) -> Markup:
    """What was wrong, and the hint behind a click, in a row of its own."""
    parts = []
    if check.message:
        parts.append(Markup('<p class="message {}">{}</p>').format(check.verdict.value, say(check.message)))
    if check.hint and check.verdict is not Verdict.PASSED:
        parts.append(
            Markup("<details><summary>{}</summary><p>{}</p></details>").format(
                say(Text("힌트 보기", "Show the hint")), say(check.hint)
            )
        )
    if not parts:
        return Markup("")
    return Markup('\n<tr class="advice"><td colspan="3">{}</td></tr>').format(_join(parts))


def _misconceptions(checks: Sequence[CheckResult], say: Say) -> Markup:
    """What the wrong answers tell about what was understood, and the topic to go back to."""
    found = misconceptions(checks)
    if not found:
        return Markup("")
    items = _join(_misconception(one, [c for c in checks if c.misconception == one], say) for one in found)
    title = Text("무엇을 다시 볼까요", "What to go back to")
    return Markup('<h2 id="misconceptions">{}</h2>\n<dl class="misconceptions">{}</dl>').format(say(title), items)


def _misconception(one: Misconception, checks: Sequence[CheckResult], say: Say) -> Markup:
    where = Text(f"{one.topic.week}주차: {one.topic.title.ko}", f"Week {one.topic.week}: {one.topic.title.en}")
    return Markup(
        '<div><dt id="misconception-{id}">{title}</dt><dd><p>{text}</p><p class="topic">{where}</p>'
        '<p class="topic">{found} {checks}</p></dd></div>'
    ).format(
        id=one.id,
        title=say(one.title),
        text=say(one.text),
        where=say(where),
        found=say(Text("드러난 검사:", "Seen in:")),
        checks=Markup(", ").join(Markup("<code>{}</code>").format(check.id) for check in checks),
    )


def _pictures(pictures: Sequence[Picture], language: str | None, say: Say) -> Markup:
    """Each with its sentences for who cannot see it, and its numbers behind a click."""
    if not pictures:
        return Markup("")
    figures = _join(_figure(one, language, say) for one in pictures)
    title = Text("그림으로 보기", "In pictures")
    return Markup(
        '<h2 id="pictures">{}</h2>\n<section class="pictures" aria-labelledby="pictures">{}</section>'
    ).format(say(title), figures)


def _figure(picture: Picture, language: str | None, say: Say) -> Markup:
    words = picture.sentences().into(language)
    svg = drawing.svg(picture, language).replace("<svg ", Markup('<svg role="img" aria-label="{}" ').format(words), 1)
    head, *rows = picture.table()
    top = _join(Markup('<th scope="col">{}</th>').format(say(cell)) for cell in head)
    body = _join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            say(row[0]), _join(Markup("<td>{}</td>").format(say(cell)) for cell in row[1:])
        )
        for row in rows
    )
    return Markup(
        "<figure><figcaption>{caption}</figcaption>{svg}<details><summary>{show}</summary>"
        '<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div></details></figure>'
    ).format(caption=say(picture.title), svg=Markup(svg), show=say(Text("표로 보기", "As a table")), top=top, body=body)


def _metrics(report: Report, say: Say) -> Markup:
    if not report.metrics:
        return Markup("")
    rows = _join(
        Markup('<tr><th scope="row">{}</th><td>{}</td><td>{} ... {}</td><td>{}</td><td>{}</td></tr>').format(
            say(metric.title) if metric.title else name,
            _number(metric.value),
            _number(metric.low),
            _number(metric.high),
            metric.n,
            "" if metric.threshold is None else _number(metric.threshold),
        )
        for name, metric in report.metrics.items()
    )
    heads = _join(
        Markup('<th scope="col">{}</th>').format(say(head))
        for head in (
            Text("이름", "Name"),
            Text("값", "Value"),
            Text("구간", "Interval"),
            Text("개수", "n"),
            Text("기준", "Threshold"),
        )
    )
    return Markup(
        '<h2 id="metrics">{}</h2>\n<div class="scroll"><table aria-labelledby="metrics">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(say(Text("측정값", "Measurements")), heads, rows)


def _cells(cells: Sequence[CellResult], say: Say) -> Markup:
    """The cells that did not run to their end, with a link to each."""
    broken = [cell for cell in cells if cell.status in _CELLS]
    if not broken:
        return Markup("")
    items = _join(
        Markup('<li><a href="#cell-id={n}">{where}</a> {what}{error}</li>').format(
            n=cell.index + 1,
            where=say(Text(f"{cell.index + 1}번째 셀", f"Cell {cell.index + 1}")),
            what=say(_CELLS[cell.status]),
            error=Markup(": <code>{}</code>").format(cell.error[:500]) if cell.error else "",
        )
        for cell in broken
    )
    title = Text("끝까지 실행되지 않은 셀", "Cells that did not run to their end")
    return Markup('<h2>{}</h2>\n<ul class="cells">{}</ul>').format(say(title), items)


def _about(report: Report, say: Say) -> Markup:
    """How the grade came about, for questions and for reproducing it."""
    facts = {
        "assignment": report.assignment,
        "suite": report.suite_version,
        "notebook sha256": report.notebook_sha256[:16],
        **{str(key): str(value) for key, value in report.environment.items() if _is_scalar(value)},
        **{f"seconds, {key}": f"{value:.2f}" for key, value in report.seconds.items()},
    }
    rows = _join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(k, v) for k, v in facts.items() if v)
    title = Text("이 채점에 대하여", "About this grade")
    return Markup('<details class="about"><summary>{}</summary><dl>{}</dl></details>').format(say(title), rows)


def _is_scalar(value: object) -> bool:
    return isinstance(value, (str, int, float))


def _number(value: float) -> str:
    return f"{round(value, 4):.10g}"


# --------------------------------------------------------------------------------------------- the notebook


def _notebook(executed: NotebookNode, say: Say) -> Markup:
    # No element around this section may be a <div>: a stray </div> then cannot close anything of the report.
    return Markup(
        '<section class="notebook" id="notebook" aria-labelledby="executed">\n'
        '<h2 id="executed">{}</h2>\n<p class="note">{}</p>\n{}\n</section>'
    ).format(
        say(Text("실행된 노트북", "The executed notebook")),
        say(
            Text(
                "여기부터는 제출한 노트북의 내용입니다. 대화형 출력과 외부 그림은 보이지 않습니다.",
                "From here on this is the content of the notebook. Interactive output and pictures from "
                "other sites are left out.",
            )
        ),
        notebook_html.body(executed),
    )


# ------------------------------------------------------------------------------------------------- the page

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #566072; --paper: #ffffff; --tint: #f3f5f8;
  --line: #ccd3dd; --link: #0b57b8; --good: #12652f; --good-bg: #def3e4; --bad: #a11212; --bad-bg: #fde4e2;
  --warn: #7a4b00; --warn-bg: #fdf0cf; --mute: #4a5363; --mute-bg: #e6e9ee; --key: #7a1fa2; --str: #9c2a10;
  --num: #0b5d6b; --com: #56606e; --fn: #1747a6;
  --series-1: #1f6fb5; --series-2: #d1640f; --series-3: #2f8f4e; --series-4: #8e44ad; --series-5: #8d6e63;
  --series-6: #c2185b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaf0; --soft: #a9b3c3; --paper: #14181f;
  --tint: #1e242e;
  --line: #3b4554; --link: #8ab8ff; --good: #8fe3aa; --good-bg: #123d22; --bad: #ffb3ad; --bad-bg: #521513;
  --warn: #ffd98a; --warn-bg: #473305; --mute: #c3cad6; --mute-bg: #323a47; --key: #d6a3f0; --str: #ffb59a;
  --num: #86dcea; --com: #9aa5b5; --fn: #9fc3ff;
  --series-1: #6bb3f0; --series-2: #f5a05a; --series-3: #7fd39a; --series-4: #cf9be8; --series-5: #c9ada4;
  --series-6: #f48fb1; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.6; overflow-wrap: break-word;
  word-break: keep-all;
  font-family: system-ui, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.3; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; top: 0; }
.skip:focus { left: .5rem; top: .5rem; padding: .5rem 1rem; background: var(--paper); }
.report span[lang] + span[lang=en] { display: block; color: var(--soft); font-size: .9em; }
.report summary span[lang] + span[lang=en], .report small span[lang] + span[lang=en],
.report .badge span[lang] + span[lang=en], .report thead span[lang] + span[lang=en],
.report .cells span[lang] + span[lang=en] { display: inline; color: inherit; }
.report summary span[lang=en]::before, .report small span[lang=en]::before,
.report .badge span[lang=en]::before, .report thead span[lang=en]::before,
.report .cells span[lang=en]::before { content: " / "; }
h2 span[lang] + span[lang=en] { font-weight: normal; }
.score { font-size: 1.5rem; margin: .5rem 0; font-variant-numeric: tabular-nums; }
.score strong { font-size: 4rem; line-height: 1; }
.score small { font-size: 1rem; color: var(--soft); }
.no-score { font-size: 1.2rem; font-weight: 600; border-left: .4rem solid var(--warn); padding: .6rem 1rem;
  background: var(--warn-bg); }
.reason { white-space: pre-line; border-left: .4rem solid var(--line); padding: .3rem 1rem;
  background: var(--tint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
.report table { width: 100%; }
.report th, .report td { text-align: left; vertical-align: top; padding: .45rem .6rem; }
.report thead th { border-bottom: 2px solid var(--line); color: var(--soft); font-size: .9rem; }
.report tbody tr.group > * { background: var(--tint); font-family: ui-monospace, monospace;
  font-size: .95rem; }
.report tbody tr:not(.group, .advice) > * { border-top: 1px solid var(--line); font-weight: normal; }
.report tr.advice td { padding-top: 0; }
.report .points { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.message, details p { white-space: pre-line; margin: 0 0 .4rem; }
.message { color: var(--bad); }
.message:is(.passed, .skipped, .error) { color: inherit; }
.report .message span[lang] + span[lang=en] { color: inherit; }
summary { cursor: pointer; color: var(--link); }
details p { padding: .5rem .8rem; background: var(--tint); border-radius: .3rem; }
.badge { display: inline-block; padding: .1rem .55rem; border-radius: 1rem; font-size: .85rem;
  font-weight: 600;
  background: var(--mute-bg); color: var(--mute); }
.badge.passed { background: var(--good-bg); color: var(--good); }
.badge.failed, .badge.timeout, .badge.crashed, .badge.refused { background: var(--bad-bg);
  color: var(--bad); }
.badge.error { background: var(--warn-bg); color: var(--warn); }
.report .badge span[lang=en] { font-size: inherit; }
.misconceptions > div { border-left: .4rem solid var(--link); padding: .2rem 1rem; margin: .8rem 0;
  background: var(--tint); }
.misconceptions dt { font-weight: 600; } .misconceptions dd { margin: 0; } .misconceptions p { margin: .3rem 0; }
.misconceptions .topic { font-size: .9rem; color: var(--soft); }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: flex-start; }
figure { margin: 0; max-width: 100%; } figcaption { font-weight: 600; margin-bottom: .3rem; }
figure svg { max-width: 100%; height: auto; } figure svg text { font-family: inherit; }
figure .scroll { max-height: 20rem; overflow: auto; }
.cells li { margin: .3rem 0; }
.about { margin: 2rem 0 0; }
.about dl { display: grid; gap: .2rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr));
  font-size: .85rem; }
.about dt { color: var(--soft); }
.about dd { margin: 0; font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
.notebook { contain: paint; isolation: isolate; margin-top: 3rem; border-top: 4px double var(--line);
  counter-reset: cell; overflow-x: auto; }
.notebook > h2 span[lang] + span[lang=en], .note span[lang] + span[lang=en] { display: block;
  font-size: .9em; }
.note { color: var(--soft); }
.notebook.alone { margin-top: 0; border-top: 0; }
.notebook > .cell { counter-increment: cell; margin: 1.2rem 0; }
.notebook > .cell::before { content: "셀 " counter(cell); display: block; font-size: .75rem;
  color: var(--soft); }
html[lang=en] .notebook > .cell::before { content: "Cell " counter(cell); }
.notebook > .cell:target { outline: 3px solid var(--link); outline-offset: -3px; padding: .5rem .7rem; }
.notebook .prompt { font: .75rem ui-monospace, monospace; color: var(--soft); }
.notebook .input_area, .notebook .text_cell_render pre { background: var(--tint);
  border: 1px solid var(--line);
  border-radius: .3rem; padding: .5rem .7rem; overflow-x: auto; }
.notebook pre, .notebook code { font: .875rem/1.5 ui-monospace, "Noto Sans Mono CJK KR", monospace;
  margin: 0; }
.notebook .text_cell_render pre { white-space: pre-wrap; }
.notebook .output_area { padding: .3rem .7rem; overflow-x: auto; }
.notebook .output_area pre { white-space: pre-wrap; }
.notebook .output_stderr, .notebook .output_error { background: var(--bad-bg); border-radius: .3rem;
  padding: .3rem .7rem; }
.notebook .output_stderr { background: var(--warn-bg); }
.notebook img { max-width: 100%; height: auto; background: #fff; }
.notebook table { font-size: .875rem; margin: .5rem 0; }
.notebook td, .notebook th { border: 1px solid var(--line); padding: .2rem .5rem; text-align: right; }
.notebook .text_cell_render td, .notebook .text_cell_render th { text-align: left; }
.notebook blockquote { margin: .5rem 0; padding-left: 1rem; border-left: .3rem solid var(--line); }
.notebook h1 { font-size: 1.4rem; } .notebook .cell h2 { font-size: 1.2rem; margin: 1rem 0 .4rem; }
.notebook .highlight { background: none; }
.notebook :is(.k, .kn, .kd, .kc, .kr, .ow) { color: var(--key); }
.notebook :is(.s1, .s2, .sa, .sb, .sd, .sh, .si, .se, .s) { color: var(--str); }
.notebook :is(.m, .mi, .mf, .mh, .mo, .il) { color: var(--num); }
.notebook :is(.c, .c1, .ch, .cm) { color: var(--com); font-style: italic; }
.notebook :is(.nf, .nc, .fm, .nd, .nb, .bp) { color: var(--fn); }
.notebook .ansi-bold { font-weight: bold; }
.notebook :is(.ansi-red-fg, .ansi-red-intense-fg) { color: var(--bad); }
.notebook :is(.ansi-green-fg, .ansi-green-intense-fg) { color: var(--good); }
.notebook :is(.ansi-yellow-fg, .ansi-yellow-intense-fg) { color: var(--warn); }
.notebook :is(.ansi-blue-fg, .ansi-blue-intense-fg, .ansi-cyan-fg, .ansi-cyan-intense-fg) {
  color: var(--fn); }
.notebook :is(.ansi-magenta-fg, .ansi-magenta-intense-fg) { color: var(--key); }
@media (max-width: 34rem) { main { padding: 1rem .7rem 3rem; } .report th, .report td {
  padding: .4rem .35rem; }
  .score strong { font-size: 3rem; } .report .badge span[lang] + span[lang=en] { display: block; }
  .report .badge span[lang=en]::before, .report thead span[lang=en]::before { content: ""; }
  .report thead span[lang] + span[lang=en] { display: block; } }
@media print { main { max-width: none; padding: 0; } .skip { display: none; } .notebook { contain: none; }
  .notebook pre, .notebook .input_area { white-space: pre-wrap; overflow: visible; }
  tr, .notebook .output_area img { break-inside: avoid; } h2 { break-after: avoid; } }
"""


def _hash(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


CSP = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    f"style-src-elem 'sha256-{_hash(_STYLE)}'; style-src-attr 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)

_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta http-equiv="Content-Security-Policy" content="{csp}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{name}</title>
<style>{style}</style>
</head>
<body>
{skip}
<main>
<section class="report" aria-labelledby="title">
<h1 id="title">{heading}</h1>
{status}
{misconceptions}
{checks}
{pictures}
{metrics}
{cells}
{about}
</section>
{notebook}
</main>
</body>
</html>
"""

_ALONE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta http-equiv="Content-Security-Policy" content="{csp}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{name}</title>
<style>{style}</style>
</head>
<body>
<main><section class="notebook alone" aria-label="{name}">
{notebook}
</section></main>
</body>
</html>
"""
