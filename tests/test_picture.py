"""Pictures: what is kept of the numbers, what is said of them, and what a reader of the page gets."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET

import pytest

from grader import drawing, picture
from grader.picture import MOST, Bars, Confusion, Curves, Interval, Intervals, Picture, Regions, Series
from grader.text import Text

TITLE, X, Y = Text("제목", "Title"), Text("에폭", "epoch"), Text("손실", "loss")
TRAINING, VALIDATION = Text("훈련", "training"), Text("검증", "validation")
CURVES = Curves.of("loss", TITLE, X, Y, {TRAINING: [1.0, 0.5, 0.25], VALIDATION: [1.0, math.nan, 0.5]})
BARS = Bars("norms", TITLE, X, Y, ["1", "2"], [Series.of(Text("시그모이드", "sigmoid"), [1e-7, 0.1])], log=True)
REGIONS = Regions(
    "xor", TITLE, (0.0, 1.0), (0.0, 1.0), [[0.1, 0.9], [0.9, 0.2]], [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1)]
)
CONFUSION = Confusion("digits", TITLE, ["0", "1", "2"], [[8, 1, 0], [0, 9, 0], [3, 0, 6]])
INTERVALS = Intervals(
    "accuracy", TITLE, [Interval(TRAINING, 0.9, 0.85, 0.94, 0.95), Interval(VALIDATION, 0.8, 0.7, 0.9)]
)
ALL = [CURVES, BARS, REGIONS, CONFUSION, INTERVALS]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.kind)
def test_a_picture_survives_json(one: Picture) -> None:
    data = picture.as_json(one)
    assert json.loads(json.dumps(data, allow_nan=False)) == picture.as_json(picture.from_json(data))


@pytest.mark.parametrize("language", ["ko", "en", None])
@pytest.mark.parametrize("one", ALL, ids=lambda one: one.kind)
def test_a_picture_is_drawn_without_script_style_or_address(one: Picture, language: str | None) -> None:
    svg = drawing.svg(one, language)
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg")
    assert not re.search(r"<script|<style|style=|onload|javascript|<image|<foreignObject", svg)
    assert all("href" not in name for element in root.iter() for name in element.attrib)
    assert svg == drawing.svg(picture.from_json(picture.as_json(one)), language)


def test_words_of_a_picture_are_escaped() -> None:
    text = Text("<script>가</script>", "<script>a</script>")
    svg = drawing.svg(Curves.of("x", text, text, text, {text: [1.0, 2.0], TRAINING: [1.0]}), "en")
    assert "<script" not in svg


def test_numbers_that_are_not_finite_are_left_out() -> None:
    assert list(CURVES.series[1].values) == [1.0, None, 0.5]
    assert CURVES.table()[2][2] == Text("", "")


def test_a_long_line_keeps_its_first_and_last_number_and_says_at_which_step() -> None:
    line = Curves.of("loss", TITLE, X, Y, {TRAINING: range(10_000)})
    values = line.series[0].values
    assert (len(values), values[0], values[-1]) == (MOST, 0, 9_999)
    assert (line.at[0], line.at[-1]) == (1, 10_000)
    assert len(json.dumps(picture.as_json(line))) < 10_000


def test_a_line_says_where_it_begins_and_ends() -> None:
    assert CURVES.sentences().en.startswith("Title. training: from 1 to 0.25, lowest 0.25.")
    assert "1에서 시작해 0.25에서 끝나" in CURVES.sentences().ko


def test_the_map_says_how_many_examples_lie_on_the_wrong_side() -> None:
    assert "On the wrong side: 1 of the 4 examples drawn." in REGIONS.sentences().en
    assert [REGIONS.said(x, y) for x, y, _ in REGIONS.points] == [0, 1, 1, 0]


def test_the_pairs_mixed_up_most_come_first() -> None:
    assert CONFUSION.mixed_up() == [("2", "0", 3), ("0", "1", 1)]
    assert "23 of 27 right. 2 taken for 0: 3 times." in CONFUSION.sentences().en


def test_an_interval_is_told_with_its_target() -> None:
    assert "training: 90.0% (95% interval 85.0% – 94.0%). Target 95.0%." in INTERVALS.sentences().en


def test_a_line_that_holds_no_number_is_drawn_all_the_same() -> None:
    empty = Curves.of("loss", TITLE, X, Y, {TRAINING: [math.nan, math.inf], VALIDATION: []})
    assert drawing.svg(empty, "en")
    assert "no value that can be drawn" in empty.sentences().en


@pytest.mark.parametrize("values", [[0.0, 0.0], [-1.0, 5.0]])
def test_a_logarithmic_picture_leaves_out_what_has_no_logarithm(values: list[float]) -> None:
    bars = Bars("norms", TITLE, X, Y, ["1", "2"], [Series.of(TRAINING, values)], log=True)
    assert "NaN" not in drawing.svg(bars, "en")
