"""The pictures of a quiz for those who teach it: scores, questions, choices, time; each in words and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from grader.drawing import INK, SOFT, TARGET
from grader.quiz.statistics import GROUPS, WEAK, Item, Statistics
from grader.text import Text
from webapp.staff.charts import BAR, GOOD, HEIGHT, LATE, ROOM, WIDTH, Cell, Chart, Say, Spec, count_axis

BINS = 10
GROUP_WORDS: Mapping[str, Text] = {
    "lower": Text("하위 1/3", "lower third"),
    "middle": Text("가운데 1/3", "middle third"),
    "upper": Text("상위 1/3", "upper third"),
}
LONGEST = 40  # letters of a label
Link = Callable[[str], str]  # the page of a question


def scores(shares: Sequence[float]) -> Chart:
    """How many have how much of the points; `shares` are 0 to 1."""
    counts = Counter(BINS if share >= 1 - 1e-9 else max(0, int(share * BINS + 1e-9)) for share in shares)
    labels = [_same(f"{100 * n // BINS}–{100 * (n + 1) // BINS}%") for n in range(BINS)] + [Text("만점", "all")]
    rows = [[Cell(label), Cell(_same(str(counts[n])))] for n, label in enumerate(labels)] if shares else []

    def draw(say: Say) -> Spec:
        values = [{"label": say(label), "count": counts[n], "full": n == BINS} for n, label in enumerate(labels)]
        x = {
            "field": "label",
            "type": "nominal",
            "sort": None,
            "title": say(Text("점수의 비율", "share of the points")),
        }
        y = count_axis(say(Text("학생", "students")), max(counts.values(), default=0))
        return {
            **{"width": WIDTH, "height": HEIGHT, "data": {"values": values}, "mark": {"type": "bar"}},
            "encoding": {
                "x": x | {"axis": {"labelAngle": -40}},
                "y": y,
                "color": {"condition": {"test": "datum.full", "value": GOOD}, "value": BAR},
            },
        }

    middle = sorted(shares)[len(shares) // 2] if shares else 0.0
    return Chart(
        "scores",
        Text("점수 분포", "Distribution of scores"),
        Text(
            f"{len(shares)}명이 점수를 받았습니다. 가운데 사람은 {middle:.0%}.",
            f"{len(shares)} with a score; the one in the middle has {middle:.0%}.",
        ),
        [Text("점수의 비율", "Share of the points"), Text("학생", "Students")],
        rows,
        draw,
    )


def scatter(found: Statistics, link: Link) -> Chart:
    """Each question by how easy it is and how well it tells people apart."""
    known = [item for item in found.items if item.discrimination is not None]
    links = [link(item.question) for item in known]
    rows = [
        [
            Cell(_same(f"{n}. {item.question}"), url),
            *map(Cell, (_same(f"{item.difficulty:.2f}"), between(item), _same(str(item.n)))),
        ]
        for n, (item, url) in enumerate(zip(known, links, strict=True), 1)
    ]

    def draw(say: Say) -> Spec:
        values = [
            {
                **{"easy": item.difficulty, "apart": item.discrimination, "url": f"#{n}", "bad": bool(item.advice)},
                **{"name": str(n + 1), "said": f"{item.question}: {item.difficulty:.2f}, {item.discrimination:.2f}"},
            }
            for n, item in enumerate(known)
        ]
        least = min([-0.2, *(item.discrimination or 0.0 for item in known)])
        x = {"type": "quantitative", "title": say(Text("쉬움 (평균 점수 비율)", "easiness (mean share)"))}
        y = {"type": "quantitative", "title": say(Text("변별도", "discrimination"))}
        place = {
            "x": {**x, "field": "easy", "scale": {"domain": [0, 1]}},
            "y": {**y, "field": "apart", "scale": {"domain": [least, 1]}},
        }
        colour = {"condition": {"test": "datum.bad", "value": TARGET}, "value": BAR}
        shape = {"condition": {"test": "datum.bad", "value": "triangle-up"}, "value": "circle"}
        lines = {
            "data": {"values": [{"apart": 0.0}, {"apart": WEAK}]},
            "mark": {"type": "rule", "stroke": SOFT, "strokeDash": [4, 4]},
            "encoding": {"y": {**y, "field": "apart"}},
        }
        dots = {
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
            "encoding": {
                **place,
                **{"color": colour, "shape": shape, "href": {"field": "url"}, "description": {"field": "said"}},
            },
        }
        names = {
            "mark": {"type": "text", "fill": INK, "fontSize": 11, "dy": -12},
            "encoding": {**place, "text": {"field": "name"}},
        }
        return {
            **{"width": WIDTH * 1.3, "height": HEIGHT * 1.5, "data": {"values": values}},
            "layer": [lines, dots, names],
        }

    doubtful = sum(bool(item.advice) for item in known)
    return Chart(
        "questions",
        Text("문제의 난이도와 변별도", "Difficulty and discrimination"),
        Text(
            f"문제 {len(known)}개. 오른쪽일수록 쉽고, 위일수록 아는 사람과 모르는 사람을 잘 가릅니다. "
            f"번호는 표의 번호이고, 살펴볼 것은 {doubtful}개(▲)입니다.",
            f"{len(known)} questions: easier to the right, and the higher the better they tell people apart. "
            f"The numbers are those of the table; {doubtful} to look at (▲).",
        ),
        [
            Text("문제", "Question"),
            Text("쉬움", "Easiness"),
            Text("변별도 (95%)", "Discrimination (95%)"),
            Text("답", "Answers"),
        ],
        rows,
        draw,
        links,
        wide=True,
    )


def times(found: Statistics, link: Link) -> Chart:
    """How long a question takes, the middle of all."""
    known = [item for item in found.items if item.median_seconds is not None]
    links = [link(item.question) for item in known]
    rows = [
        [Cell(_same(item.question), url), Cell(_minutes(item.median_seconds or 0.0))]
        for item, url in zip(known, links, strict=True)
    ]

    def draw(say: Say) -> Spec:
        values = [
            {
                **{"name": item.question, "minutes": (item.median_seconds or 0.0) / 60, "url": f"#{n}"},
                "said": f"{item.question}: {say(_minutes(item.median_seconds or 0.0))}",
            }
            for n, item in enumerate(known)
        ]
        y = {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"labelLimit": 0, "domain": False},
        }
        x = {"field": "minutes", "type": "quantitative", "title": say(Text("분 (중앙값)", "minutes (median)"))}
        return {
            **{
                "padding": ROOM,
                "width": WIDTH,
                "height": {"step": 20},
                "data": {"values": values},
                "mark": {"type": "bar", "color": BAR},
            },
            "encoding": {"x": x, "y": y, "href": {"field": "url"}, "description": {"field": "said"}},
        }

    total = sum(item.median_seconds or 0.0 for item in known)
    return Chart(
        "times",
        Text("걸린 시간", "Time taken"),
        Text(
            f"문제마다 걸린 시간의 중앙값. 모두 더하면 {_minutes(total).ko}.",
            f"The median for each question; together {_minutes(total).en}.",
        ),
        [Text("문제", "Question"), Text("중앙값", "Median")],
        rows,
        draw,
        links,
    )


def choices(item: Item, names: Mapping[str, Text], right: Sequence[str]) -> Chart:
    """Who took which option, by how well they did elsewhere. `names` are the options in words, by id."""
    taken = item.choices
    rows = [
        [
            Cell(Text(*(f"{'✓ ' if id in right else ''}{word}" for word in _both(names.get(id, _same(id)))))),
            *(Cell(_same(str(counts[group]))) for group in GROUPS),
        ]
        for id, counts in taken.items()
    ]

    def draw(say: Say) -> Spec:
        words = {group: say(GROUP_WORDS[group]) for group in GROUPS}
        values = [
            {
                "name": _short(f"{'✓ ' if id in right else ''}{say(names.get(id, _same(id)))}"),
                "group": words[group],
                "count": counts[group],
            }
            for id, counts in taken.items()
            for group in GROUPS
        ]
        y = {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"labelLimit": 0, "domain": False},
        }
        colour = {"domain": list(words.values()), "range": [LATE, SOFT, BAR]}
        return {
            **{
                "padding": ROOM,
                "width": WIDTH,
                "height": {"step": 12},
                "data": {"values": values},
                "mark": {"type": "bar"},
            },
            "encoding": {
                "y": y,
                "yOffset": {"field": "group", "sort": list(words.values())},
                "x": count_axis(
                    say(Text("학생", "students")),
                    max((one[group] for one in taken.values() for group in GROUPS), default=0),
                ),
                "color": {"field": "group", "type": "nominal", "title": None, "scale": colour},
            },
        }

    return Chart(
        "choices",
        Text("누가 무엇을 골랐나요", "Who chose what"),
        Text(
            "다른 문제를 잘 푼 순서로 셋으로 나누어 셉니다. ✓는 정답입니다.",
            "By how well people did in the other questions, in thirds. ✓ is right.",
        ),
        [Text("보기", "Option"), *(GROUP_WORDS[group] for group in GROUPS)],
        rows,
        draw,
        wide=True,
    )


def between(item: Item) -> Text:
    """A discrimination with its interval."""
    if item.discrimination is None:
        return _same("–")
    if item.low is None or item.high is None:
        return _same(f"{item.discrimination:.2f}")
    return _same(f"{item.discrimination:.2f} [{item.low:.2f}, {item.high:.2f}]")


def _minutes(seconds: float) -> Text:
    whole = round(seconds)
    if whole < 60:
        return Text(f"{whole}초", f"{whole} s")
    return Text(f"{whole // 60}분 {whole % 60}초", f"{whole // 60} min {whole % 60} s")


def _both(text: Text) -> tuple[str, str]:
    return text.ko, text.en


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _same(words: str) -> Text:
    return Text(words, words)
