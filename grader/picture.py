"""What a report draws: the numbers of a picture, its words, and the same as sentences and as a table.

A picture is data, kept with the report and drawn when somebody looks (`grader.drawing`). It is made by a check from
numbers that the check has looked at: a value that is not finite is left out, a long line is thinned.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from grader.text import Text

MOST = 200  # points of a line
Row = Sequence[Text]


@dataclass(frozen=True)
class Series:
    """Numbers with a name. What is not finite is None."""

    name: Text
    values: Sequence[float | None]

    @classmethod
    def of(cls, name: Text, values: Iterable[float]) -> Series:
        return cls(name, [_finite(value) for value in values])

    @property
    def known(self) -> list[float]:
        return [value for value in self.values if value is not None]


@dataclass(frozen=True)
class Curves:
    """One line a series over the steps `at`, such as the loss of each epoch. `log` draws the heights in decades."""

    kind: ClassVar[str] = "curves"
    id: str
    title: Text
    x: Text
    y: Text
    at: Sequence[int]
    series: Sequence[Series]
    log: bool = False

    @classmethod
    def of(
        cls, id: str, title: Text, x: Text, y: Text, lines: Mapping[Text, Iterable[float]], log: bool = False
    ) -> Curves:
        """Lines of one number a step, the first step being 1. Of long ones evenly many points, the last among them."""
        values = {name: list(numbers) for name, numbers in lines.items()}
        kept = _thinned(max(map(len, values.values()), default=0))
        series = [Series.of(name, [line[i] for i in kept if i < len(line)]) for name, line in values.items()]
        return cls(id, title, x, y, [place + 1 for place in kept], series, log)

    def sentences(self) -> Text:
        text = _heading(self.title)
        for one in self.series:
            text += _run(one)
        return text

    def table(self) -> list[Row]:
        rows: list[Row] = [[self.x, *(one.name for one in self.series)]]
        for place, step in enumerate(self.at):
            rows.append([_same(str(step)), *(_cell(one, place) for one in self.series)])
        return rows


@dataclass(frozen=True)
class Bars:
    """One bar a label and series, such as the size of the gradient of each layer."""

    kind: ClassVar[str] = "bars"
    id: str
    title: Text
    x: Text
    y: Text
    labels: Sequence[str]
    series: Sequence[Series]
    log: bool = False

    def sentences(self) -> Text:
        text = _heading(self.title)
        for one in self.series:
            if one.known and one.values[0] is not None and one.values[-1] is not None:
                first, last = _number(one.values[0]), _number(one.values[-1])
                text += Text(
                    f"{one.name.ko}: {self.labels[0]}에서 {first}, {self.labels[-1]}에서 {last}.",
                    f"{one.name.en}: {first} at {self.labels[0]}, {last} at {self.labels[-1]}.",
                )
        return text

    def table(self) -> list[Row]:
        rows: list[Row] = [[self.x, *(one.name for one in self.series)]]
        for place, label in enumerate(self.labels):
            rows.append([_same(label), *(_cell(one, place) for one in self.series)])
        return rows


@dataclass(frozen=True)
class Regions:
    """What a model says over the plane: `chance[row][column]` of class 1, rows from low y to high y, columns from
    low x to high x, and the examples (x, y, class) on top."""

    kind: ClassVar[str] = "regions"
    id: str
    title: Text
    x: tuple[float, float]
    y: tuple[float, float]
    chance: Sequence[Sequence[float | None]]
    points: Sequence[tuple[float, float, int]]

    def sentences(self) -> Text:
        cells = [value for row in self.chance for value in row if value is not None]
        ones = sum(value >= 0.5 for value in cells) / max(len(cells), 1)
        text = _heading(self.title)
        text += Text(
            f"그린 넓이의 {ones:.0%}에서 모델이 1이라고 답합니다.", f"The model says 1 on {ones:.0%} of the area drawn."
        )
        wrong = [point for point in self.points if self.said(point[0], point[1]) not in (point[2], None)]
        text += Text(
            f"그린 점 {len(self.points)}개 가운데 {len(wrong)}개가 다른 쪽에 있습니다.",
            f"On the wrong side: {len(wrong)} of the {len(self.points)} examples drawn.",
        )
        return text

    def said(self, x: float, y: float) -> int | None:
        """The class at the point of the map that is nearest to (x, y)."""
        row, column = _nearest(y, self.y, len(self.chance)), _nearest(x, self.x, len(self.chance[0]))
        value = self.chance[row][column]
        return None if value is None else int(value >= 0.5)

    def table(self) -> list[Row]:
        rows: list[Row] = [[_same("x"), _same("y"), Text("정답", "class"), Text("모델의 답", "the model says")]]
        for x, y, label in self.points[:MOST]:
            said = self.said(x, y)
            rows.append(
                [_same(_number(x)), _same(_number(y)), _same(str(label)), _same("" if said is None else str(said))]
            )
        return rows


@dataclass(frozen=True)
class Confusion:
    """How often each class was taken for each: `counts[truth][said]`."""

    kind: ClassVar[str] = "confusion"
    id: str
    title: Text
    labels: Sequence[str]
    counts: Sequence[Sequence[int]]

    def mixed_up(self, most: int = 3) -> list[tuple[str, str, int]]:
        """The pairs (truth, said, how often) that were confused most."""
        pairs = [
            (self.labels[i], self.labels[j], count)
            for i, row in enumerate(self.counts)
            for j, count in enumerate(row)
            if i != j and count
        ]
        return sorted(pairs, key=lambda pair: -pair[2])[:most]

    def sentences(self) -> Text:
        right = sum(self.counts[i][i] for i in range(len(self.labels)))
        total = sum(map(sum, self.counts))
        text = _heading(self.title) + Text(f"{total}개 가운데 {right}개가 맞습니다.", f"{right} of {total} right.")
        for truth, said, count in self.mixed_up():
            text += Text(
                f"정답 {truth}에 {said}(이)라고 답한 것 {count}번.", f"{truth} taken for {said}: {count} times."
            )
        return text

    def table(self) -> list[Row]:
        head: Row = [Text("정답", "truth"), *(_same(label) for label in self.labels)]
        rows = [
            [_same(label), *(_same(str(count)) for count in row)]
            for label, row in zip(self.labels, self.counts, strict=True)
        ]
        return [head, *rows]


@dataclass(frozen=True)
class Interval:
    """A measured number between its bounds, and what it should reach."""

    name: Text
    value: float
    low: float
    high: float
    target: float | None = None


@dataclass(frozen=True)
class Intervals:
    """Measured shares with how sure they are, each against its target."""

    kind: ClassVar[str] = "intervals"
    id: str
    title: Text
    rows: Sequence[Interval]

    def sentences(self) -> Text:
        text = _heading(self.title)
        for row in self.rows:
            text += Text(
                f"{row.name.ko}: {row.value:.1%} (95% 신뢰구간 {row.low:.1%} – {row.high:.1%}).",
                f"{row.name.en}: {row.value:.1%} (95% interval {row.low:.1%} – {row.high:.1%}).",
            )
            if row.target is not None:
                text += Text(f"목표 {row.target:.1%}.", f"Target {row.target:.1%}.")
        return text

    def table(self) -> list[Row]:
        head: Row = [
            Text("이름", "name"),
            Text("값", "value"),
            Text("95% 신뢰구간", "95% interval"),
            Text("목표", "target"),
        ]
        return [
            head,
            *(
                [
                    row.name,
                    _same(f"{row.value:.1%}"),
                    _same(f"{row.low:.1%} – {row.high:.1%}"),
                    _same("" if row.target is None else f"{row.target:.1%}"),
                ]
                for row in self.rows
            ),
        ]


@dataclass(frozen=True)
class Point:
    """Something with a name at (x, y), and the interval of its y. A marked one stands out."""

    name: str
    x: float
    y: float
    low: float | None = None
    high: float | None = None
    marked: bool = False


@dataclass(frozen=True)
class Scatter:
    """Points over a plane, with level `rules` across it. `name` is what a point is, `marked` what a marked one is, and
    `words` what there is to say of them."""

    kind: ClassVar[str] = "scatter"
    id: str
    title: Text
    x: Text
    y: Text
    name: Text
    marked: Text
    points: Sequence[Point]
    x_ends: tuple[float, float]
    y_ends: tuple[float, float]
    rules: Sequence[float]
    words: Text

    def sentences(self) -> Text:
        return _heading(self.title) + self.words

    def table(self) -> list[Row]:
        rows: list[Row] = [[self.name, self.x, self.y, Text("95% 신뢰구간", "95% interval"), self.marked]]
        for point in self.points:
            known = point.low is not None and point.high is not None
            span = f"{point.low:.2f} – {point.high:.2f}" if known else ""
            mark = Text("예", "yes") if point.marked else _same("")
            rows.append([_same(point.name), _same(f"{point.x:.2f}"), _same(f"{point.y:.2f}"), _same(span), mark])
        return rows


Picture = Curves | Bars | Regions | Confusion | Intervals | Scatter


def as_json(picture: Picture) -> dict[str, Any]:
    """The picture as plain data, with its kind."""
    return {"kind": picture.kind, **{name: _plain(value) for name, value in vars(picture).items()}}


def from_json(data: Mapping[str, Any]) -> Picture:
    """The picture of such data. Raises KeyError, TypeError or ValueError."""
    fields = {name: value for name, value in data.items() if name != "kind"}
    for name in ("title", "x", "y"):
        if isinstance(fields.get(name), Mapping):
            fields[name] = Text.from_json(fields[name])
    return _KINDS[data["kind"]](fields)


def _drawn_series(fields: dict[str, Any]) -> dict[str, Any]:
    series = [Series(Text.from_json(one["name"]), list(one["values"])) for one in fields["series"]]
    return fields | {"series": series}


def _regions(fields: dict[str, Any]) -> Regions:
    low_x, high_x = fields["x"]
    low_y, high_y = fields["y"]
    points = [(x, y, label) for x, y, label in fields["points"]]
    return Regions(**fields | {"x": (low_x, high_x), "y": (low_y, high_y), "points": points})


def _intervals(fields: dict[str, Any]) -> Intervals:
    rows = [Interval(**row | {"name": Text.from_json(row["name"])}) for row in fields["rows"]]
    return Intervals(**fields | {"rows": rows})


def _scatter(fields: dict[str, Any]) -> Scatter:
    low_x, high_x = fields["x_ends"]
    low_y, high_y = fields["y_ends"]
    texts = {name: Text.from_json(fields[name]) for name in ("name", "marked", "words")}
    points = [Point(**point) for point in fields["points"]]
    return Scatter(**fields | texts | {"points": points, "x_ends": (low_x, high_x), "y_ends": (low_y, high_y)})


_KINDS: Mapping[str, Callable[[dict[str, Any]], Picture]] = {
    "curves": lambda fields: Curves(**_drawn_series(fields)),
    "bars": lambda fields: Bars(**_drawn_series(fields)),
    "regions": _regions,
    "confusion": lambda fields: Confusion(**fields),
    "intervals": _intervals,
    "scatter": _scatter,
}


def _plain(value: Any) -> Any:
    """Dataclasses as dicts, sequences as lists, numbers short."""
    if isinstance(value, Text):
        return value.as_json()
    if isinstance(value, (Series, Interval, Point)):
        return {name: _plain(part) for name, part in vars(value).items()}
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value


def _thinned(count: int) -> list[int]:
    if count <= MOST:
        return list(range(count))
    return [round(i * (count - 1) / (MOST - 1)) for i in range(MOST)]


def _finite(value: float) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _nearest(value: float, ends: tuple[float, float], count: int) -> int:
    low, high = ends
    return min(max(round((value - low) / (high - low) * (count - 1)), 0), count - 1)


def _run(series: Series) -> Text:
    known = series.known
    if not known:
        return Text(f"{series.name.ko}: 그릴 수 있는 값이 없습니다.", f"{series.name.en}: no value that can be drawn.")
    first, last, low = _number(known[0]), _number(known[-1]), _number(min(known))
    return Text(
        f"{series.name.ko}: {first}에서 시작해 {last}에서 끝나고, 가장 낮은 값은 {low}입니다.",
        f"{series.name.en}: from {first} to {last}, lowest {low}.",
    )


def _cell(series: Series, place: int) -> Text:
    value = series.values[place] if place < len(series.values) else None
    return _same("" if value is None else _number(value))


def _number(value: float) -> str:
    return f"{value:.3g}"


def _same(word: str) -> Text:
    return Text(word, word)


def _heading(title: Text) -> Text:
    return Text(f"{title.ko}.", f"{title.en}.")
