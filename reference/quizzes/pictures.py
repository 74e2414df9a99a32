"""Draws the pictures that questions show, as SVG: `python reference/quizzes/pictures.py`.

A picture stands in `<img>`, where the colours of a page do not reach: it has its own paper, and a light and a dark
palette. It is 360 wide, so that its letters can be read on a phone, and has no words: letters and numbers alone, since
both languages show the same file. Curves differ by letters and dashes, too, and not by colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "assignments" / "quizzes" / "pictures"
WIDTH = 360
LIGHT = {"paper": "#fff", "ink": "#1d2430", "soft": "#566072", "line": "#ccd3dd", "tint": "#e3eaf3"}
LIGHT |= {"s1": "#1f6fb5", "s2": "#c2570a", "s3": "#2f8f4e", "s4": "#8e44ad"}
DARK = {"paper": "#14181f", "ink": "#e7eaf0", "soft": "#a9b3c3", "line": "#3b4554", "tint": "#2a3545"}
DARK |= {"s1": "#6bb3f0", "s2": "#f5a05a", "s3": "#7fd39a", "s4": "#cf9be8"}
DASHES = {1: "", 2: "7 4", 3: "2 4", 4: "10 3 2 3"}
Point = tuple[float, float]


def _colours(palette: dict[str, str]) -> str:
    lines = "".join(f".{name}{{stroke:{colour}}}.f-{name}{{fill:{colour}}}" for name, colour in palette.items())
    return f"text{{fill:{palette['ink']}}}{lines}"


STYLE = (
    "text{font:15px sans-serif;text-anchor:middle;dominant-baseline:central}"
    ".b{font-weight:bold}.n{fill:none}.w{stroke-width:2.5}"
    f"{_colours(LIGHT)}@media (prefers-color-scheme:dark){{{_colours(DARK)}}}"
)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


class Paper:
    """What is drawn, from the first to the last; y goes down."""

    def __init__(self, height: int) -> None:
        self.height = height
        self.parts = [f'<rect width="{WIDTH}" height="{height}" class="f-paper"/>']

    def svg(self) -> str:
        size = f'viewBox="0 0 {WIDTH} {self.height}" width="{1.25 * WIDTH:.0f}" height="{1.25 * self.height:.0f}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{STYLE}</style>{"".join(self.parts)}</svg>\n'

    def path(self, points: Iterable[Point], kind: str, *, dash: str = "", more: str = "") -> None:
        d = "M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<path d="{d}{more}" class="{kind}"{dashed}/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str = "soft", *, dash: str = "") -> None:
        self.path([(x1, y1), (x2, y2)], f"{kind} n", dash=dash)

    def arrow(self, x1: float, y1: float, x2: float, y2: float, kind: str = "soft") -> None:
        """A line with a head at its second end."""
        turn = math.atan2(y2 - y1, x2 - x1)
        left, right = ((x2 - 9 * math.cos(turn + by), y2 - 9 * math.sin(turn + by)) for by in (0.45, -0.45))
        self.path([(x1, y1), (x2, y2)], f"{kind} n w")
        self.path([left, (x2, y2), right], f"{kind} n w")

    def rect(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        size = f'width="{_number(width)}" height="{_number(height)}"'
        self.parts.append(f'<rect x="{_number(x)}" y="{_number(y)}" {size} class="{kind}"/>')

    def circle(self, x: float, y: float, radius: float, kind: str) -> None:
        self.parts.append(f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}" class="{kind}"/>')

    def text(self, x: float, y: float, words: object, *, bold: bool = False) -> None:
        kind = ' class="b"' if bold else ""
        self.parts.append(f'<text x="{_number(x)}" y="{_number(y)}"{kind}>{words}</text>')


class Plot:
    """A part of the paper with axes of its own; y goes up."""

    def __init__(self, paper: Paper, box: tuple[float, float, float, float], x: Point, y: Point) -> None:
        self.paper, self.x, self.y = paper, x, y
        self.left, self.top, self.width, self.height = box

    def at(self, x: float, y: float) -> Point:
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + (1 - up) * self.height

    def grid(self, xs: Iterable[float], ys: Iterable[float]) -> None:
        for x in xs:
            self.paper.line(*self.at(x, self.y[0]), *self.at(x, self.y[1]), "line")
        for y in ys:
            self.paper.line(*self.at(self.x[0], y), *self.at(self.x[1], y), "line")

    def axes(self, x: float = 0, y: float = 0, *, xs: Sequence[float] = (), ys: Sequence[float] = ()) -> None:
        """The axes through a point, with numbers at some places."""
        self.paper.line(*self.at(self.x[0], y), *self.at(self.x[1], y), "ink")
        self.paper.line(*self.at(x, self.y[0]), *self.at(x, self.y[1]), "ink")
        for one in xs:
            px, py = self.at(one, y)
            self.paper.line(px, py - 3, px, py + 3, "ink")
            self.paper.text(px, py + 14, f"{one:g}".replace("-", "−"))
        for one in ys:
            px, py = self.at(x, one)
            self.paper.line(px - 3, py, px + 3, py, "ink")
            self.paper.text(px - 18, py, f"{one:g}".replace("-", "−"))

    def curve(self, series: int, points: Iterable[Point]) -> None:
        self.paper.path([self.at(x, y) for x, y in points], f"s{series} n w", dash=DASHES[series])

    def graph(self, series: int, function: Callable[[float], float], ends: Point | None = None, n: int = 48) -> None:
        low, high = ends or self.x
        self.curve(series, [(x, function(x)) for x in (low + (high - low) * i / n for i in range(n + 1))])

    def dot(self, x: float, y: float, kind: str = "f-ink", radius: float = 5) -> None:
        self.paper.circle(*self.at(x, y), radius, kind)

    def label(self, x: float, y: float, words: object, *, bold: bool = True) -> None:
        self.paper.text(*self.at(x, y), words, bold=bold)

    def bars(self, shares: Sequence[float], kind: str = "f-s1", *, gap: float = 2) -> None:
        """Side by side over the whole width, from y = 0 up."""
        wide = self.width / len(shares)
        for i, share in enumerate(shares):
            tall = share / self.y[1] * self.height
            self.paper.rect(self.left + i * wide + gap / 2, self.top + self.height - tall, wide - gap, tall, kind)


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


# Week 1

HOPES = [(1950, 1.0), (1956, 2.5), (1959, 4.4), (1963, 5.0), (1968, 4.6), (1972, 3.0), (1976, 1.2), (1979, 1.6)]
HOPES += [(1983, 4.4), (1986, 5.2), (1988, 4.4), (1991, 1.8), (1994, 1.6), (2000, 2.4), (2007, 3.0), (2012, 4.2)]
HOPES += [(2016, 7.2), (2020, 9.0)]
ERAS = {"A": (1958, 3.9), "B": (1976, 1.2), "C": (1992, 1.6), "D": (2012, 4.2)}


def timeline() -> Paper:
    paper = Paper(230)
    plot = Plot(paper, (14, 14, 332, 180), (1946, 2024), (0, 10))
    plot.axes(1946, 0, xs=(1950, 1970, 1990, 2010))
    plot.curve(1, HOPES)
    for letter, (year, hope) in ERAS.items():
        plot.dot(year, hope)
        plot.label(year + {"A": -1.6, "C": 2, "D": -1.6}.get(letter, 0), hope + 1.1, letter)
    return paper


ARROWS = {"A": (3, 1), "B": (-1, 2), "C": (2, -2), "D": (-3, -1)}


def vectors() -> Paper:
    paper = Paper(300)
    plot = Plot(paper, (20, 20, 320, 260), (-4, 4), (-3.25, 3.25))
    plot.grid(range(-4, 5), range(-3, 4))
    plot.axes()
    for n, (letter, (x, y)) in enumerate(ARROWS.items(), 1):
        paper.arrow(*plot.at(0, 0), *plot.at(x, y), f"s{n}")
        plot.label(x + (0.35 if x > 0 else -0.35), y + (0.1 if y > 0 else -0.1), letter)
    plot.label(1, -0.35, "1", bold=False)
    plot.label(-0.25, 1, "1", bold=False)
    return paper


# Week 2

POINTS = [(1, 3), (2, 2), (3, 5), (4, 3)]
LINES = {"A": (1, 0), "B": (0, 3), "C": (1, 1)}  # slope and intercept


def three_lines() -> Paper:
    paper = Paper(300)
    plot = Plot(paper, (34, 14, 280, 250), (0, 5), (0, 6))
    plot.grid(range(1, 6), range(1, 7))
    plot.axes(xs=range(1, 6), ys=range(1, 7))
    for n, (letter, (slope, intercept)) in enumerate(LINES.items(), 1):
        plot.curve(n, [(0, intercept), (5, 5 * slope + intercept)])
        plot.label(5.3, 5 * slope + intercept, letter)
    for x, y in POINTS:
        plot.dot(x, y)
    return paper


def rates() -> Paper:
    paper = Paper(230)
    plot = Plot(paper, (14, 14, 318, 196), (0, 30), (0, 10))
    plot.axes()
    bounces = [0.55, -0.5, 0.6, -0.6]
    plot.curve(1, [(t, 0.5 + 5.5 * math.exp(-t / 5)) for t in range(31)])
    plot.curve(2, [(t, 6 - 0.05 * t) for t in range(0, 31, 2)])
    plot.curve(3, [(t, 2.6 + 3.4 * math.exp(-t / 0.9) + (bounces[t % 4] if t > 2 else 0)) for t in range(31)])
    plot.curve(4, list(enumerate((6, 6.4, 6.2, 7, 6.7, 8.2, 7.8, 10))))
    for letter, x, y in (("A", 31, 0.6), ("B", 31, 4.5), ("C", 31, 2.9), ("D", 8, 9.5)):
        plot.label(x, y, letter)
    return paper


def contours() -> Paper:
    """Ellipses of x^2/4 + y^2; at the point the gradient is upright to them and does not lead to the centre."""
    paper = Paper(260)
    plot = Plot(paper, (10, 10, 340, 240), (-4.25, 4.25), (-3, 3))
    for level in (0.5, 1, 1.45, 1.8, 2.1):
        x, y = plot.at(0, 0)
        rx, ry = 2 * level * 40, level * 40
        size = f'rx="{_number(rx)}" ry="{_number(ry)}"'
        shade = "ink" if level == 1.8 else "soft"
        paper.parts.append(f'<ellipse cx="{_number(x)}" cy="{_number(y)}" {size} class="{shade} n"/>')
    plot.label(0, 0, "×")
    px, py = 1.8 * 2 * math.cos(0.6), 1.8 * math.sin(0.6)
    gx, gy = px / 2, 2 * py
    size = math.hypot(gx, gy)
    gx, gy = gx / size, gy / size
    towards = math.hypot(px, py)
    ways = {"A": (gx, gy), "B": (-gy, gx), "C": (-px / towards, -py / towards), "D": (-gx, -gy)}
    for n, (letter, (dx, dy)) in enumerate(ways.items(), 1):
        paper.arrow(*plot.at(px, py), *plot.at(px + dx, py + dy), f"s{n}")
        plot.label(px + 1.28 * dx, py + 1.28 * dy, letter)
    plot.dot(px, py)
    return paper


# Week 3


def softmax_bars() -> Paper:
    paper = Paper(230)
    plot = Plot(paper, (44, 22, 290, 176), (0, 3), (0, 0.8))
    plot.grid((), (0.2, 0.4, 0.6, 0.8))
    plot.axes(ys=(0.2, 0.4, 0.6, 0.8))
    powers = [math.exp(z) for z in (2, 1, 0)]
    shares = [power / sum(powers) for power in powers]
    plot.bars(shares, gap=40)
    for i, share in enumerate(shares):
        plot.label(i + 0.5, share + 0.045, f"{share:.2f}", bold=False)
        plot.label(i + 0.5, -0.07, i + 1)
    return paper


def losses() -> Paper:
    paper = Paper(270)
    plot = Plot(paper, (40, 16, 280, 220), (0, 1), (0, 3))
    plot.grid((0.25, 0.5, 0.75, 1), (1, 2, 3))
    plot.axes(xs=(0.5, 1), ys=(1, 2, 3))
    plot.graph(1, lambda p: -math.log(p), (0.05, 1))
    plot.graph(2, lambda p: 1 - p)
    plot.graph(3, lambda p: (1 - p) ** 2)
    plot.graph(4, lambda p: -math.log(1 - p), (0, 0.95))
    for letter, x, y in (("A", 0.13, 2.6), ("B", 0.33, 0.84), ("C", 0.15, 0.42), ("D", 0.87, 2.6)):
        plot.label(x, y, letter)
    return paper


# Week 4


def activations() -> Paper:
    paper = Paper(330)
    shapes: list[tuple[str, Callable[[float], float], Point]] = [
        ("A", lambda z: max(z, 0.0), (-4, 4)),
        ("B", sigmoid, (-5, 5)),
        ("C", lambda z: z if z > 0 else 0.15 * z, (-4, 4)),
        ("D", math.tanh, (-5, 5)),
    ]
    for i, (letter, function, x) in enumerate(shapes):
        flat = letter in "BD"
        y = (-1.4, 1.4) if flat else (-1.8, 4.2)
        plot = Plot(paper, (16 + 174 * (i % 2), 12 + 162 * (i // 2), 154, 142), x, y)
        plot.axes(ys=(1,) if flat else (2,))
        plot.graph(1, function)
        plot.label(x[0] + 0.4, y[1] * 0.9, letter)
        if letter == "D":
            paper.line(*plot.at(-0.2, -1), *plot.at(0.2, -1), "ink")
            plot.label(1.1, -1, "−1", bold=False)  # on the right: the curve runs on the left
    return paper


GRAPH = {"x": 2, "w": 3, "y": -1, "v": 4, "p": 6, "q": -4, "s": 2, "t": 5, "L": 10}
PLACES = {"x": (36, 34), "w": (36, 98), "y": (36, 168), "v": (36, 232), "p": (142, 66), "q": (142, 200)}
PLACES |= {"s": (232, 133), "t": (232, 226), "L": (322, 180)}
FLOWS = {"p": ("x", "w", "×"), "q": ("y", "v", "×"), "s": ("p", "q", "+"), "L": ("s", "t", "×")}


def computation_graph() -> Paper:
    paper = Paper(266)
    for after, (*befores, operation) in FLOWS.items():
        for before in befores:
            (x1, y1), (x2, y2) = PLACES[before], PLACES[after]
            far = math.hypot(x2 - x1, y2 - y1)
            by_x, by_y = 29 * (x2 - x1) / far, 29 * (y2 - y1) / far
            paper.arrow(x1 + by_x, y1 + by_y, x2 - by_x, y2 - by_y)
        x, y = PLACES[after]
        paper.text(x, y - 41, operation, bold=True)
    for name, (x, y) in PLACES.items():
        paper.circle(x, y, 27, "f-tint soft")
        paper.text(x, y, f"{name} = {GRAPH[name]}".replace("-", "−") if name != "L" else "L = 10")
    return paper


def boundary() -> Paper:
    """Of NAND: the shaded side answers 1."""
    paper = Paper(290)
    plot = Plot(paper, (46, 14, 250, 240), (-0.5, 2), (-0.5, 2))
    paper.path([plot.at(*one) for one in ((-0.5, -0.5), (-0.5, 2), (2, -0.5))], "f-tint", more="Z")
    plot.axes(xs=(1,), ys=(1,))
    plot.paper.path([plot.at(-0.5, 2), plot.at(2, -0.5)], "s1 n w")
    for x, y in ((0, 0), (0, 1), (1, 0)):
        plot.dot(x, y, "f-ink", 7)
    plot.dot(1, 1, "f-paper ink w", 7)
    paper.text(*plot.at(1.85, -0.15), "x₁")
    paper.text(*plot.at(-0.15, 1.9), "x₂")
    for where in (1.5,):
        px, py = plot.at(where, 0)
        paper.line(px, py - 3, px, py + 3, "ink")
        paper.text(px + 2, py - 16, "1.5")
        px, py = plot.at(0, where)
        paper.line(px - 3, py, px + 3, py, "ink")
        paper.text(px + 20, py - 3, "1.5")
    return paper


CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
FILLED = {
    "A": {(0, 1), (1, 0), (1, 1)},  # OR
    "B": {(0, 1), (1, 0)},  # XOR
    "C": {(0, 0), (0, 1)},  # not x1
    "D": {(0, 0), (1, 1)},  # XNOR
    "E": {(1, 0)},
}


def corners() -> Paper:
    paper = Paper(250)
    for i, (letter, filled) in enumerate(FILLED.items()):
        left = 24 + 118 * i if i < 3 else 83 + 118 * (i - 3)
        plot = Plot(paper, (left, 34 + 122 * (i // 3), 70, 70), (0, 1), (0, 1))
        plot.grid((0, 1), (0, 1))
        for corner in CORNERS:
            plot.dot(*corner, "f-s1 s1 w" if corner in filled else "f-paper s1 w", 8)
        paper.text(left + 35, 12 + 122 * (i // 3), letter, bold=True)
    return paper


LAYERS = (3, 5, 4, 2)


def network() -> Paper:
    paper = Paper(270)

    def place(layer: int, unit: int) -> Point:
        return 40 + 93 * layer, 118 + 44 * (unit - (LAYERS[layer] - 1) / 2)

    for layer in range(3):
        for one in range(LAYERS[layer]):
            for other in range(LAYERS[layer + 1]):
                paper.line(*place(layer, one), *place(layer + 1, other))
    for layer, size in enumerate(LAYERS):
        for unit in range(size):
            paper.circle(*place(layer, unit), 13, "f-tint ink")
        paper.text(40 + 93 * layer, 252, "ABCD"[layer], bold=True)
    return paper


# Week 5

VALIDATION = [0.90, 0.74, 0.62, 0.54, 0.48, 0.53, 0.51, 0.44, 0.38, 0.41, 0.44, 0.46, 0.50, 0.54, 0.58]


def stopping() -> Paper:
    paper = Paper(260)
    plot = Plot(paper, (42, 14, 294, 214), (0, 15.5), (0, 1))
    plot.grid(range(1, 16), (0.2, 0.4, 0.6, 0.8, 1))
    plot.axes(xs=(1, 3, 5, 7, 9, 11, 13, 15), ys=(0.2, 0.4, 0.6, 0.8, 1))
    plot.curve(1, [(n, 0.08 + 0.74 * math.exp(-(n - 1) / 4)) for n in range(1, 16)])
    plot.curve(2, [(n, loss) for n, loss in enumerate(VALIDATION, 1)])
    for n, loss in enumerate(VALIDATION, 1):
        plot.dot(n, loss, "f-s2", 3.5)
    plot.label(14.6, 0.2, "A")
    plot.label(14.6, 0.66, "B")
    return paper


FOLDS = {"A": 1, "B": 2, "C": 3, "D": 3, "E": 5}  # the part that validates


def folds() -> Paper:
    paper = Paper(226)
    for part in range(1, 6):
        paper.text(14 + 60 * part, 16, part)
    for row, (letter, validates) in enumerate(FOLDS.items()):
        top = 32 + 38 * row
        paper.text(20, top + 15, letter, bold=True)
        for part in range(1, 6):
            mark = part == validates
            paper.rect(46 + 60 * (part - 1), top, 56, 30, "f-s2 ink" if mark else "f-tint soft")
            if mark:
                paper.line(46 + 60 * (part - 1), top + 30, 102 + 60 * (part - 1), top, "paper")
    return paper


HEIGHTS = [1, 2, 4, 7, 8, 6, 4, 3, 2, 1]  # 38 values


def scaled() -> Paper:
    paper = Paper(330)
    panels = (("A", (0, 1), (0, 0.5, 1)), ("B", (20, 80), (20, 50, 80)), ("C", (-2.2, 2.5), (-2, 0, 2)))
    panels += (("D", (-1, 1), (-1, 0, 1)),)
    for i, (letter, x, xs) in enumerate(panels):
        plot = Plot(paper, (26 + 176 * (i % 2), 26 + 160 * (i // 2), 132, 100), x, (0, 9))
        plot.bars(HEIGHTS, "f-s1", gap=1.5)
        plot.axes(x[0] - (x[1] - x[0]) / 40, 0, xs=xs)
        plot.label(x[0] + (x[1] - x[0]) / 12, 8.4, letter)
    return paper


WEIGHTS = {
    "A": [0, 0, 1, 2, 4, 9, 13, 9, 4, 2, 1, 0, 0],
    "B": [1, 3, 3, 4, 4, 5, 5, 5, 4, 4, 3, 3, 1],
    "C": [0, 1, 0, 1, 1, 1, 37, 1, 1, 1, 0, 1, 0],
}


def weights() -> Paper:
    paper = Paper(190)
    for i, (letter, heights) in enumerate(WEIGHTS.items()):
        plot = Plot(paper, (14 + 117 * i, 30, 98, 126), (-1.08, 1.08), (0, 37))
        plot.bars(heights, "f-s1", gap=1)
        paper.line(*plot.at(-1.08, 0), *plot.at(1.08, 0), "ink")
        for x in (-1, 0, 1):
            paper.text(plot.at(x, 0)[0], 172, f"{x}".replace("-", "−"))
        plot.label(-0.85, 37.5, letter)
    return paper


MASKS = {  # the units that are off: in steps 1, 2, 3, and when predicting
    "A": ({2, 5}, {2, 5}, {2, 5}, set()),
    "B": ({1, 4}, {3, 4}, {2, 6}, {1, 5}),
    "C": ({1, 5}, {2, 3}, {4, 6}, set()),
    "D": (set(), set(), set(), {3, 5}),
}


def masks() -> Paper:
    paper = Paper(322)
    for i, (letter, steps) in enumerate(MASKS.items()):
        left, top = 12 + 176 * (i % 2), 12 + 158 * (i // 2)
        paper.text(left + 8, top + 6, letter, bold=True)
        for row, off in enumerate(steps):
            y = top + 28 + 32 * row + (6 if row == 3 else 0)
            paper.text(left + 10, y, "T" if row == 3 else row + 1)
            if row == 3:
                paper.line(left, y - 19, left + 160, y - 19)
            for unit in range(1, 7):
                x = left + 12 + 24 * unit
                paper.circle(x, y, 9, "f-paper soft" if unit in off else "f-s1 s1")
                if unit in off:
                    paper.line(x - 5, y - 5, x + 5, y + 5, "ink")
                    paper.line(x - 5, y + 5, x + 5, y - 5, "ink")
    return paper


IMAGE = [[0, 3, 0, 2, 1], [1, 4, 2, 3, 1], [3, 2, 0, 1, 4], [0, 2, 1, 4, 1], [2, 1, 1, 2, 2]]
FILTER = [[1, 0, -1], [2, 1, 0], [0, -1, 1]]


def _cells(paper: Paper, rows: Sequence[Sequence[int]], left: float, top: float, kind: str) -> None:
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            paper.rect(left + 36 * j, top + 36 * i, 36, 36, kind)
            paper.text(left + 36 * j + 18, top + 36 * i + 18, f"{value}".replace("-", "−"))


def convolution() -> Paper:
    paper = Paper(232)
    _cells(paper, IMAGE, 22, 36, "f-tint soft")
    _cells(paper, FILTER, 232, 72, "f-paper s2 w")
    paper.text(112, 18, "A", bold=True)
    paper.text(286, 54, "B", bold=True)
    return paper


PICTURES: dict[str, Callable[[], Paper]] = {
    "hopes-over-time.svg": timeline,
    "four-vectors.svg": vectors,
    "points-and-lines.svg": three_lines,
    "four-loss-curves.svg": rates,
    "arrows-on-contours.svg": contours,
    "three-bars.svg": softmax_bars,
    "loss-by-probability.svg": losses,
    "four-graphs.svg": activations,
    "computation-graph.svg": computation_graph,
    "half-plane.svg": boundary,
    "five-squares.svg": corners,
    "layers.svg": network,
    "two-losses-by-epoch.svg": stopping,
    "five-rounds.svg": folds,
    "four-histograms.svg": scaled,
    "three-histograms.svg": weights,
    "units-on-and-off.svg": masks,
    "picture-and-filter.svg": convolution,
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(draw().svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
