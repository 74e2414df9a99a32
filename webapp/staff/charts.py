"""The pictures of an assignment page, drawn on the server as SVG, each with its sentences and its table.

A picture works without a script: what can be followed is a plain link in the SVG, and the same links stand in the
table. vl-convert makes every relative address one of another site, so a mark carries a number instead, and the address
is put in afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from json import dumps, loads
from typing import Any

from markupsafe import Markup, escape

from grader.drawing import INK, SOFT, TARGET, THEME, drawn
from grader.report import Verdict
from grader.text import Text
from grader.words import VERDICTS
from webapp.staff.insight import BINS, GRID, CheckStat, Insight, Standing

Spec = dict[str, Any]
Say = Callable[[Text], str]
Link = Callable[..., str]
GOOD, BAR, LATE = "var(--series-3)", "var(--series-1)", "var(--series-2)"
WIDTH, HEIGHT = 460, 220
LONGEST = 48  # letters of a label
ROOM = {"left": 44, "top": 16, "right": 44, "bottom": 4}  # a browser's letters are wider than those that were measured
PEOPLE = Text("명", "people")
SHARE = Text("점수의 비율", "share of the points")


@dataclass(frozen=True)
class Cell:
    """One field of the table behind a picture."""

    text: Text
    link: str | None = None


@dataclass(frozen=True)
class Chart:
    """A picture, what it says in words, and its numbers. `links` are the addresses of its marks, by number."""

    id: str
    title: Text
    words: Text
    head: Sequence[Text]
    rows: Sequence[Sequence[Cell]]
    draw: Callable[[Say], Spec]
    links: Sequence[str] = field(default=())
    wide: bool = False

    def svg(self, language: str) -> Markup:
        """The picture as an element of the page, its words in "ko" or "en"."""
        spec = {"background": None, "padding": 4, "config": THEME, **self.draw(lambda text: text.into(language))}
        picture = _linked(_drawn(dumps(spec, ensure_ascii=False), bool(self.links)), self.links)
        label = escape(self.words.into(language))
        role = Markup('role="group"') if self.links else Markup('role="img"')
        return Markup(picture.replace("<svg ", f'<svg {role} aria-label="{label}" ', 1))


@lru_cache(maxsize=64)  # a page is read more often than its numbers change
def _drawn(spec: str, parts: bool) -> str:
    return drawn(loads(spec), parts=parts)


_MARK = re.compile(r'<a xlink:href="[^"]*#(\d+)">')


def _linked(svg: str, links: Sequence[str]) -> str:
    return _MARK.sub(lambda found: f'<a href="{escape(links[int(found[1])])}">', svg)


def charts(found: Insight, zone_time: Callable[[datetime], str], link: Link) -> list[Chart]:
    """All pictures that have something to show. `link(bin=..., day=..., check=..., misconception=...)` is the address
    of the people behind a mark."""
    made = [scores(found, link), arrivals(found, zone_time, link), failures(found, link), misunderstood(found, link)]
    return [one for one in made if one.rows]


# ------------------------------------------------------------------------------------------------- the pictures


def scores(found: Insight, link: Link) -> Chart:
    """How many have how much."""
    bins = found.bins if found.shares else []
    labels = [_same(f"{100 * n // BINS}–{100 * (n + 1) // BINS}%") for n in range(BINS)] + [Text("만점", "all")]
    links = [link(bin=place) for place in range(len(bins))]
    rows = [[Cell(label, url), Cell(_same(str(count)))] for label, count, url in zip(labels, bins, links, strict=False)]

    def draw(say: Say) -> Spec:
        values = [
            {"label": say(label), "count": count, "url": f"#{n}", "full": n == BINS, "said": _count(say, label, count)}
            for n, (label, count) in enumerate(zip(labels, bins, strict=False))
        ]
        x = {"field": "label", "type": "nominal", "sort": None, "title": say(SHARE)}
        return {
            "width": WIDTH,
            "height": HEIGHT,
            "data": {"values": values},
            "mark": {"type": "bar"},
            "encoding": {
                "x": x | {"axis": {"labelAngle": -40}},
                "y": count_axis(say(Text("학생", "students")), max(bins, default=0)),
                "color": {"condition": {"test": "datum.full", "value": GOOD}, "value": BAR},
                "href": {"field": "url"},
                "description": {"field": "said"},
            },
        }

    return Chart(
        "scores",
        Text("점수 분포", "Distribution of scores"),
        _score_words(found),
        [Text("점수의 비율", "Share of the points"), Text("학생", "Students")],
        rows,
        draw,
        links,
    )


def _score_words(found: Insight) -> Text:
    if found.median is None or found.mean is None:
        return Text("아직 점수가 없습니다.", "No grades yet.")
    number, full = len(found.shares), found.bins[BINS]
    return Text(
        f"{number}명이 점수를 받았습니다. 중앙값 {found.median:.0%}, 평균 {found.mean:.0%}, 만점 {full}명.",
        f"{number} with a grade: median {found.median:.0%}, mean {found.mean:.0%}, {full} with all points.",
    )


def arrivals(found: Insight, zone_time: Callable[[datetime], str], link: Link) -> Chart:
    """When the notebooks came in, and the due date between them."""
    days = found.days
    links = [link(day=one.day.isoformat()) for one in days]
    in_time, late = Text("마감 전", "in time"), Text("마감 뒤", "after the due date")
    rows = [
        [Cell(_same(f"{one.day:%Y-%m-%d}"), url), Cell(_same(str(one.in_time))), Cell(_same(str(one.late)))]
        for one, url in zip(days, links, strict=True)
    ]
    due = zone_time(found.due) if found.due else None
    most = max((one.in_time + one.late for one in days), default=0)

    def draw(say: Say) -> Spec:
        values = [
            {
                **{"day": f"{one.day:%Y-%m-%d}", "count": count, "kind": say(kind), "url": f"#{n}"},
                "said": f"{one.day:%Y-%m-%d}, {say(kind)}: {count}",
            }
            for n, one in enumerate(days)
            for kind, count in ((in_time, one.in_time), (late, one.late))
        ]
        step = max(1, -(-len(days) // 12))
        shown = [f"{one.day:%Y-%m-%d}" for one in days[::step]]
        x = {
            **{"field": "day", "type": "ordinal", "title": None},
            "axis": {"labelAngle": -40, "values": shown, "labelExpr": "slice(datum.label, 5)"},
        }
        names = [say(in_time), say(late)]
        colour = {"field": "kind", "type": "nominal", "title": None, "scale": {"domain": names, "range": [BAR, LATE]}}
        bars = {
            "mark": {"type": "bar"},
            "encoding": {
                **{"x": x, "color": colour, "href": {"field": "url"}, "description": {"field": "said"}},
                "y": count_axis(say(Text("제출", "submissions")), most),
            },
        }
        layers = [bars]
        if due is not None and any(f"{one.day:%Y-%m-%d}" == due[:10] for one in days):
            at = {"values": [{"day": due[:10], "said": say(Text(f"마감 {due[11:]}", f"due {due[11:]}"))}]}
            layers += [
                {
                    "data": at,
                    "mark": {"type": "rule", "stroke": TARGET, "strokeWidth": 2, "strokeDash": [5, 3]},
                    "encoding": {"x": x},
                },
                {
                    "data": at,
                    "mark": {"type": "text", "fill": TARGET, "align": "right", "dx": -5, "baseline": "top"},
                    "encoding": {"x": x, "y": {"value": 2}, "text": {"field": "said"}},
                },
            ]
        return {"width": WIDTH, "height": HEIGHT, "data": {"values": values}, "layer": layers}

    return Chart(
        "arrivals",
        Text("제출 시각", "When it came in"),
        Text(
            f"제출 {found.attempts}건, 그 가운데 마감 뒤 {found.late}건." + (f" 마감 {due}." if due else ""),
            f"{found.attempts} submissions, {found.late} of them after the due date." + (f" Due {due}." if due else ""),
        ),
        [Text("날", "Day"), Text("마감 전", "In time"), Text("마감 뒤", "After the due date")],
        rows,
        draw,
        links,
    )


def failures(found: Insight, link: Link) -> Chart:
    """How many lost points in each check, the most first. All are in the table, and only those that somebody failed in
    the picture."""
    worst = sorted(found.checks, key=lambda one: -one.rate)
    failed = [one for one in worst if one.wrong]
    links = [link(check=one.name) for one in worst]
    rows = [
        [
            Cell(_check_name(one), url),
            Cell(_same(f"{one.wrong} / {one.total}")),
            Cell(_same(f"{one.rate:.0%}")),
            Cell(_same(f"{one.max_points:g}")),
        ]
        for one, url in zip(worst, links, strict=True)
    ]

    def draw(say: Say) -> Spec:
        drawn = failed or worst[:1]
        names = _distinct(_short(say(_check_name(one))) for one in drawn)
        values = [
            {
                **{"name": names[n], "rate": one.rate, "url": f"#{n}", "said": f"{one.wrong} / {one.total}"},
                "about": f"{say(one.title)}: {one.wrong} / {one.total}",
            }
            for n, one in enumerate(drawn)
        ]
        return _sideways(values, "rate", say(Text("틀린 학생의 비율", "share of students who failed")), ".0%", [0, 1])

    words = Text("아직 검사 결과가 없습니다.", "No checks yet.")
    if failed:
        first = worst[0]
        words = Text(
            f"검사 {len(worst)}개 가운데 {len(failed)}개에서 틀린 학생이 있습니다. "
            f"가장 많이 틀린 검사는 '{first.title.ko}': {first.rate:.0%}.",
            f"Somebody failed in {len(failed)} of {len(worst)} checks. Failed most often: '{first.title.en}', "
            f"{first.rate:.0%}.",
        )
    elif worst:
        words = Text(f"검사 {len(worst)}개에서 틀린 학생이 없습니다.", f"Nobody failed in any of {len(worst)} checks.")
    return Chart(
        "failures",
        Text("검사별 실패율", "Where points were lost"),
        words,
        [Text("검사", "Check"), Text("틀림", "Failed"), Text("비율", "Share"), Text("점수", "Points")],
        rows,
        draw,
        links,
        wide=True,
    )


def misunderstood(found: Insight, link: Link) -> Chart:
    """Which misconceptions the answers showed."""
    links = [link(misconception=one.id) for one in found.misconceptions]
    rows = [
        [Cell(one.title, url), Cell(one.text), Cell(_same(str(one.people)))]
        for one, url in zip(found.misconceptions, links, strict=True)
    ]

    def draw(say: Say) -> Spec:
        values = [
            {
                **{"name": _short(say(one.title)), "rate": one.people, "url": f"#{n}", "said": str(one.people)},
                "about": f"{say(one.title)}: {one.people}",
            }
            for n, one in enumerate(found.misconceptions)
        ]
        return _sideways(values, "rate", say(PEOPLE), "d", None)

    words = Text("발견된 오개념이 없습니다.", "No misconception was recognised.")
    if found.misconceptions:
        first = found.misconceptions[0]
        words = Text(
            f"오개념 {len(rows)}가지. 가장 흔한 것: {first.title.ko} ({first.people}명).",
            f"{len(rows)} misconceptions. The most frequent: {first.title.en} ({first.people}).",
        )
    return Chart(
        "misconceptions",
        Text("오개념", "Misconceptions"),
        words,
        [Text("오개념", "Misconception"), Text("설명", "What it is"), Text("학생", "Students")],
        rows,
        draw,
        links,
        wide=True,
    )


def grid(people: Sequence[Standing], checks: Sequence[CheckStat], person: Callable[[Standing], str]) -> Chart:
    """Every check of every one of these students, at most `GRID` of them, as a square: the redder, the more was
    lost."""
    shown = [one for one in people if one.checks][:GRID]
    links = [person(one) for one in shown]
    rows = [
        [Cell(_same(_who(one)), url), *(_grid_cell(one, check) for check in checks)]
        for one, url in zip(shown, links, strict=True)
    ]

    def draw(say: Say) -> Spec:
        names = _distinct(_short(_who(one), 24) for one in shown)
        values = [
            {
                **{"who": names[n], "check": check.name, "lost": 1 - seen.share, "url": f"#{n}"},
                "shade": 0.18 if seen.share >= 1 else 0.15 + 0.45 * (1 - seen.share),
                "said": f"{names[n]}, {say(check.title)}: {say(VERDICTS[seen.verdict][1])} {seen.points:g}",
                "sign": "" if seen.verdict is Verdict.PASSED else VERDICTS[seen.verdict][0],
            }
            for n, one in enumerate(shown)
            for check in checks
            if (seen := one.checks.get(check.name)) is not None
        ]
        x = {"field": "check", "type": "nominal", "sort": None, "title": None}
        y = {"field": "who", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 0, "domain": False}}
        squares = {
            "mark": {"type": "rect", "stroke": "var(--paper)", "strokeWidth": 1},
            "encoding": {
                "color": {"condition": {"test": "datum.lost > 0", "value": TARGET}, "value": GOOD},
                "opacity": {"field": "shade", "type": "quantitative", "scale": None},
                "href": {"field": "url"},
                "description": {"field": "said"},
            },
        }
        signs = {
            "mark": {"type": "text", "fill": INK, "fontSize": 11},
            "encoding": {"text": {"field": "sign"}},
        }
        top = {"orient": "top", "labelAngle": -40, "labelLimit": 0, "labelFontSize": 11}
        return {
            "width": {"step": 26},
            "padding": ROOM,
            "height": {"step": 18},
            "data": {"values": values},
            "encoding": {"x": x | {"axis": top}, "y": y},
            "layer": [squares, signs],
        }

    return Chart(
        "grid",
        Text("학생별 검사 결과", "Students and checks"),
        Text(
            f"학생 {len(shown)}명의 검사 {len(checks)}개. 붉을수록 점수를 많이 잃었습니다.",
            f"{len(checks)} checks of {len(shown)} students. The redder, the more points were lost.",
        ),
        [Text("학생", "Student"), *(_check_name(check) for check in checks)],
        rows,
        draw,
        links,
        wide=True,
    )


# ------------------------------------------------------------------------------------------------------- pieces


def _sideways(values: Sequence[Mapping[str, Any]], what: str, title: str, form: str, domain: list[int] | None) -> Spec:
    """A bar a row, with its number at its end."""
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 0, "domain": False}}
    x: Spec = {"field": what, "type": "quantitative", "title": title, "axis": {"format": form, "tickCount": 5}}
    if domain:
        x["scale"] = {"domain": domain}
    else:
        x["axis"] = count_axis(title, max((int(one[what]) for one in values), default=0))["axis"]
    bars = {
        "mark": {"type": "bar", "color": TARGET, "opacity": 0.75},
        "encoding": {"x": x, "href": {"field": "url"}, "description": {"field": "about"}},
    }
    ends = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fill": SOFT, "fontSize": 11},
        "encoding": {"x": x, "text": {"field": "said"}},
    }
    return {
        "width": WIDTH,
        "padding": ROOM,
        "height": {"step": 22},
        "data": {"values": list(values)},
        "encoding": {"y": y},
        "layer": [bars, ends],
    }


def count_axis(title: str, most: int) -> Spec:
    """Whole numbers alone, at most about five: left to itself Vega writes 1, 1, 2, 2."""
    ticks = list(range(0, most + 1, -(-most // 5) or 1))
    return {"field": "count", "type": "quantitative", "title": title, "axis": {"values": ticks, "format": "d"}}


def _grid_cell(one: Standing, check: CheckStat) -> Cell:
    seen = one.checks.get(check.name)
    if seen is None:
        return Cell(_same("–"))
    sign, word = VERDICTS[seen.verdict]
    return Cell(Text(f"{sign} {word.ko} {seen.points:g}", f"{sign} {word.en} {seen.points:g}"))


def _check_name(one: CheckStat) -> Text:
    return Text(f"{one.title.ko} (비공개)", f"{one.title.en} (staff only)") if one.secret else one.title


def _count(say: Say, label: Text, count: int) -> str:
    return f"{say(label)}: {count} {say(PEOPLE)}"


def _who(one: Standing) -> str:
    return one.name or one.email


def _short(words: str, most: int = LONGEST) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _distinct(names: Iterable[str]) -> list[str]:
    """Two people of one name are two rows."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _same(words: str) -> Text:
    return Text(words, words)
