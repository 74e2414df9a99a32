"""What the statistics of a quiz look like: each question by difficulty and discrimination."""

from __future__ import annotations

from collections.abc import Sequence

from grader.picture import Point, Scatter
from grader.quiz.statistics import EASY, HARD, WEAK, Item, Statistics
from grader.text import Text


def scatter(found: Statistics) -> Scatter:
    """Every question of which a discrimination is known; those with advice stand out."""
    known = [item for item in found.items if item.discrimination is not None]
    points = [
        Point(item.question, item.difficulty, item.discrimination or 0.0, item.low, item.high, bool(item.advice))
        for item in known
    ]
    return Scatter(
        id="questions",
        title=Text("문제의 난이도와 변별도", "Difficulty and discrimination of each question"),
        x=Text("난이도 (평균 점수, 오른쪽이 쉬움)", "difficulty (mean share: easy on the right)"),
        y=Text("변별도", "discrimination"),
        name=Text("문제", "question"),
        marked=Text("살펴볼 문제", "to look at"),
        points=points,
        x_ends=(0.0, 1.0),
        y_ends=(min([-0.2, *(point.y for point in points)]) - 0.05, max([0.6, *(point.y for point in points)]) + 0.05),
        rules=(WEAK,),
        words=_words(found, known),
    )


def _words(found: Statistics, known: Sequence[Item]) -> Text:
    unknown = len(found.items) - len(known)
    text = Text(
        f"{found.people}명이 문제 {len(found.items)}개에 답했습니다.",
        f"{found.people} people, {len(found.items)} questions.",
    )
    if unknown:
        text += Text(
            f"{unknown}개는 변별도를 알 수 없어 그림에 없습니다.",
            f"{unknown} are not drawn, since their discrimination is not known.",
        )
    easy = [item for item in known if item.difficulty > EASY]
    hard = [item for item in known if item.difficulty < HARD]
    weak = [item for item in known if (item.discrimination or 0.0) < WEAK]
    named = {item.question for item in (*easy, *hard, *weak)}
    groups = (
        (Text("너무 쉬움", "Too easy"), easy),
        (Text("너무 어려움", "Too hard"), hard),
        (Text("변별도가 낮음", "Hardly tells people apart"), weak),
        (
            Text("보기를 살펴볼 것", "Look at the choices of"),
            [one for one in known if one.advice and one.question not in named],
        ),
    )
    for what, items in groups:
        if items:
            names = ", ".join(item.question for item in items)
            text += Text(f"{what.ko}: {names}.", f"{what.en}: {names}.")
    if not any(items for _, items in groups):
        text += Text(
            "난이도와 변별도가 모두 알맞습니다.",
            "All of them are neither too easy nor too hard, and tell people apart.",
        )
    return text
