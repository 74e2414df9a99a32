"""Pictures of a report as SVG, drawn by Vega-Lite.

The colours are custom properties of the page (`--ink`, `--line`, `--one`, ...), so that a picture follows its light and
dark themes. Nothing in an SVG needs a script, a style sheet or another file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, singledispatch
from itertools import groupby
from typing import Any

import vl_convert

from grader.picture import Bars, Confusion, Curves, Interval, Intervals, Picture, Regions, Scatter, Series
from grader.text import Text

Spec = dict[str, Any]
Say = Callable[[Text], str]
VEGA_LITE = "5.21"
COLOURS = [f"var(--series-{n})" for n in range(1, 7)]
ZERO, ONE, INK, SOFT, LINE, TARGET = (
    f"var(--{name})" for name in ("series-1", "series-2", "ink", "soft", "line", "bad")
)
ARIA = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
WIDTH, HEIGHT = 440, 240
SHADE = {"domain": [0, 1], "range": [0, 0.65]}
FEW_TICKS = 12
LONG_LEGEND = 40  # letters; with more a line of it would overlap itself
SHADES = 8  # of certainty, on each side of a boundary
THEME: Spec = {
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        **{"labelColor": INK, "titleColor": INK, "domainColor": SOFT, "tickColor": SOFT, "gridColor": LINE},
        **{"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "gridOpacity": 0.6},
    },
    "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "orient": "top", "labelLimit": 0},
    "line": {"strokeWidth": 2},
    "range": {"category": COLOURS},
}


def svg(picture: Picture, language: str | None) -> str:
    """The picture as an SVG element, with its words in "ko", "en", or both where `language` is None."""
    body = _spec(picture, lambda text: _label(text, language))
    return drawn({"background": None, "padding": 4, "config": THEME, **body})


def drawn(spec: Spec, *, parts: bool = False) -> str:
    """A specification of Vega-Lite as an SVG element. It says nothing of its `parts` to a screen reader unless each
    is something to go to: whoever shows it says what it shows."""
    return _drawn(json.dumps(spec, ensure_ascii=False), parts)


@lru_cache(maxsize=128)  # a tenth of a second each, and whoever reloads a page asks for the same again
def _drawn(spec: str, parts: bool) -> str:
    found = str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))
    return found if parts else ARIA.sub("", found)


def _label(text: Text, language: str | None) -> str:
    return " / ".join(dict.fromkeys(text.into(language).split("\n")))


@singledispatch
def _spec(picture: object, say: Say) -> Spec:
    raise TypeError(f"{type(picture).__name__} is no picture")


@_spec.register
def _curves(picture: Curves, say: Say) -> Spec:
    rows = [
        {"at": at, "value": value, "name": say(one.name)}
        for one in picture.series
        for at, value in zip(picture.at, one.values, strict=False)
        if value is not None and (value > 0 or not picture.log)
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": rows},
        "mark": {"type": "line", "point": len(rows) <= 24 * len(picture.series)},
        "encoding": {
            "x": {
                "field": "at",
                "type": "quantitative",
                "title": say(picture.x),
                "axis": _whole(picture.at),
                "scale": {"nice": False},
            },
            "y": _height(picture, say),
            **_by_name(picture.series, say),
        },
    }


def _whole(at: Sequence[int]) -> Spec:
    """Whole numbers on the axis: of a few epochs each has its own, for Vega would write 1.2 and 1.4."""
    few = bool(at) and max(at) - min(at) <= FEW_TICKS
    return {"values": list(range(min(at), max(at) + 1)), "format": "d"} if few else {"tickMinStep": 1}


@_spec.register
def _bars(picture: Bars, say: Say) -> Spec:
    """Points in decades, for a bar has no foot there."""
    rows = [
        {"label": label, "value": value, "name": say(one.name)}
        for one in picture.series
        for label, value in zip(picture.labels, one.values, strict=True)
        if value is not None and (value > 0 or not picture.log)
    ]
    x = {"field": "label", "type": "nominal", "sort": None, "title": say(picture.x), "axis": {"labelAngle": 0}}
    encoding = {"x": x, "y": _height(picture, say), **_by_name(picture.series, say)}
    if not picture.log:
        encoding["xOffset"] = {"field": "name", "sort": None}
    mark: Spec = {"type": "line", "point": {"size": 50}} if picture.log else {"type": "bar"}
    return {"width": WIDTH, "height": HEIGHT, "data": {"values": rows}, "mark": mark, "encoding": encoding}


@_spec.register
def _regions(picture: Regions, say: Say) -> Spec:
    """Two colours, the paler the less certain; a point on the wrong side is ringed."""
    points = [
        {"x": x, "y": y, "class": str(label), "wrong": picture.said(x, y) not in (label, None)}
        for x, y, label in picture.points
    ]
    place = {"x": _axis("x", picture.x), "y": _axis("y", picture.y)}
    colour = {"type": "nominal", "scale": {"domain": ["0", "1"], "range": [ZERO, ONE]}}
    area = {
        "data": {"values": list(_areas(picture))},
        "mark": {"type": "rect", "strokeWidth": 0},
        "encoding": {
            **{"x": place["x"], "x2": {"field": "x2"}, "y": place["y"], "y2": {"field": "y2"}},
            "color": {"field": "said", **colour, "legend": None},
            "opacity": {"field": "shade", "type": "quantitative", "scale": None},
        },
    }
    dots = {
        "data": {"values": points},
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "stroke": INK, "strokeWidth": 1},
        "encoding": {
            **place,
            "color": {"field": "class", **colour, "title": say(Text("정답", "class"))},
            "shape": {"field": "class", "type": "nominal", "scale": {"range": ["circle", "square"]}, "legend": None},
        },
    }
    rings = {
        "data": {"values": [point for point in points if point["wrong"]]},
        "mark": {"type": "point", "size": 260, "stroke": TARGET, "strokeWidth": 2, "opacity": 1},
        "encoding": place,
    }
    return {"width": HEIGHT * 1.25, "height": HEIGHT * 1.25, "layer": [area, dots, rings]}


def _areas(picture: Regions) -> Iterable[Spec]:
    """Neighbours of a row that look the same, as one rectangle."""
    rows, columns = len(picture.chance), len(picture.chance[0])
    wide, high = (picture.x[1] - picture.x[0]) / (columns - 1), (picture.y[1] - picture.y[0]) / (rows - 1)
    for i, row in enumerate(picture.chance):
        bottom, top = picture.y[0] + (i - 0.5) * high, picture.y[0] + (i + 0.5) * high
        for shade, run in groupby(enumerate(row), key=lambda item: _shade(item[1])):
            places = [place for place, _ in run]
            if shade is None:
                continue
            yield {
                "x": max(picture.x[0] + (places[0] - 0.5) * wide, picture.x[0]),
                "x2": min(picture.x[0] + (places[-1] + 0.5) * wide, picture.x[1]),
                "y": max(bottom, picture.y[0]),
                "y2": min(top, picture.y[1]),
                "said": "1" if shade > 0 else "0",
                "shade": 0.12 + 0.5 * abs(shade) / SHADES,
            }


def _shade(chance: float | None) -> int | None:
    """-SHADES (surely 0) to SHADES (surely 1), never 0."""
    if chance is None:
        return None
    step = max(1, round(abs(min(max(chance, 0.0), 1.0) - 0.5) * 2 * SHADES))
    return step if chance >= 0.5 else -step


@_spec.register
def _confusion(picture: Confusion, say: Say) -> Spec:
    """A square a pair, as dark as its share of the truth's row; the diagonal is what is right."""
    rows = [
        {"truth": truth, "said": said, "count": count, "share": count / max(sum(counts), 1), "right": truth == said}
        for truth, counts in zip(picture.labels, picture.counts, strict=True)
        for said, count in zip(picture.labels, counts, strict=True)
    ]
    x = {"field": "said", "type": "nominal", "sort": None, "title": say(Text("모델의 답", "the model says"))}
    y = {"field": "truth", "type": "nominal", "sort": None, "title": say(Text("정답", "truth"))}
    squares = {
        "mark": {"type": "rect", "stroke": LINE, "strokeWidth": 0.5},
        "encoding": {
            "color": {"condition": {"test": "datum.right", "value": ZERO}, "value": TARGET},
            "opacity": {"field": "share", "type": "quantitative", "legend": None, "scale": SHADE},
        },
    }
    text = {
        "transform": [{"filter": "datum.count > 0"}],
        "mark": {"type": "text", "fill": INK, "fontSize": 12},
        "encoding": {"text": {"field": "count"}},
    }
    side = max(len(picture.labels) * 28, 120)
    axes = {"x": {**x, "axis": {"labelAngle": 0, "orient": "top"}}, "y": y}
    return {"width": side, "height": side, "data": {"values": rows}, "encoding": axes, "layer": [squares, text]}


@_spec.register
def _intervals(picture: Intervals, say: Say) -> Spec:
    """A dot with its interval a row, and a tick where it should be."""
    rows = [
        {"name": say(row.name), "value": row.value, "low": row.low, "high": row.high, "target": row.target}
        for row in picture.rows
    ]
    y = {"field": "name", "type": "nominal", "sort": None, "axis": None}
    name = {  # above its line: beside it a long one would leave little room, and fonts differ in width
        "mark": {"type": "text", "align": "left", "dy": -20, "fill": INK, "fontSize": 12, "limit": 0},
        "encoding": {"x": {"value": 0}, "text": {"field": "name"}},
    }
    scale: Spec = {"zero": False, "nice": False, "domain": _span(picture.rows)}
    x: Spec = {"type": "quantitative", "title": None, "axis": {"format": ".1%", "tickCount": 6}, "scale": scale}
    line = {
        "mark": {"type": "rule", "stroke": ZERO, "strokeWidth": 3},
        "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
    }
    dot = {
        "mark": {"type": "point", "filled": True, "size": 90, "color": ZERO, "opacity": 1},
        "encoding": {"x": {**x, "field": "value"}},
    }
    goal = {
        "transform": [{"filter": "datum.target !== null"}],
        "mark": {"type": "tick", "color": TARGET, "thickness": 3, "size": 22},
        "encoding": {"x": {**x, "field": "target"}},
    }
    layers = [line, dot, goal, name]
    data = {"values": rows}
    return {"width": WIDTH, "height": {"step": 58}, "data": data, "encoding": {"y": y}, "layer": layers}


@_spec.register
def _scatter(picture: Scatter, say: Say) -> Spec:
    """A dot a point with its interval; marked ones have another form and colour, and their names."""
    rows = [{**vars(point), "kind": say(picture.marked) if point.marked else ""} for point in picture.points]
    x_scale = {"domain": list(picture.x_ends), "nice": False, "zero": False}
    y_scale = {"domain": list(picture.y_ends), "nice": False, "zero": False}
    x: Spec = {"field": "x", "type": "quantitative", "title": say(picture.x), "scale": x_scale}
    y: Spec = {"field": "y", "type": "quantitative", "title": say(picture.y), "scale": y_scale}
    color = {"condition": {"test": "datum.marked", "value": TARGET}, "value": ZERO}
    shape = {"condition": {"test": "datum.marked", "value": "diamond"}, "value": "circle"}
    rules = {
        "data": {"values": [{"y": rule} for rule in picture.rules]},
        "mark": {"type": "rule", "stroke": SOFT, "strokeDash": [5, 4]},
        "encoding": {"y": y},
    }
    span = {
        "transform": [{"filter": "datum.low !== null && datum.high !== null"}],
        "mark": {"type": "rule", "opacity": 0.45, "clip": True},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": color},
    }
    dots = {
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {"x": x, "y": y, "color": color, "shape": shape},
    }
    turn = picture.x_ends[0] + 0.75 * (picture.x_ends[1] - picture.x_ends[0])
    names = [  # on the right, but at the right edge on the left
        {
            "transform": [{"filter": f"datum.marked && datum.x {side} {turn}"}],
            "mark": {"type": "text", "align": align, "dx": dx, "fill": INK, "fontSize": 11},
            "encoding": {"x": x, "y": y, "text": {"field": "name"}},
        }
        for side, align, dx in (("<=", "left", 8), (">", "right", -8))
    ]
    layers = [rules, span, dots, *names]
    return {"width": WIDTH, "height": 300, "data": {"values": rows}, "layer": layers}


def _span(rows: Sequence[Interval]) -> tuple[float, float]:
    ends = [end for row in rows for end in (row.low, row.high, row.target) if end is not None]
    room = max((max(ends) - min(ends)) * 0.1, 0.005)
    return max(0.0, min(ends) - room), min(1.0, max(ends) + room)


def _by_name(series: Sequence[Series], say: Say) -> Mapping[str, Any]:
    """A colour and a dash for each name; no legend where there is one series."""
    if len(series) < 2:
        return {"color": {"value": ZERO}}
    names = [say(one.name) for one in series]
    field: Spec = {"field": "name", "type": "nominal", "title": None, "scale": {"domain": names}}
    if sum(map(len, names)) > LONG_LEGEND:
        field["legend"] = {"columns": 1}
    return {"color": {**field, "scale": {"domain": names, "range": COLOURS[: len(names)]}}, "strokeDash": field}


def _axis(name: str, ends: tuple[float, float]) -> Spec:
    scale = {"domain": list(ends), "nice": False, "zero": False}
    return {"field": name, "type": "quantitative", "title": name, "scale": scale, "axis": {"grid": False}}


def _height(picture: Curves | Bars, say: Say) -> Spec:
    scale: Spec = {"type": "log"} if picture.log else {"zero": isinstance(picture, Bars)}
    if picture.log and not any(value > 0 for one in picture.series for value in one.known):
        scale["domain"] = [0.1, 1]  # nothing to draw, and no end of decades to find
    axis: Spec = {"format": "~e", "tickCount": 6} if picture.log else {}
    return {"field": "value", "type": "quantitative", "title": say(picture.y), "scale": scale, "axis": axis}
