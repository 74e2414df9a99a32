"""What a class's answers say about the questions of a quiz: classical test theory, with its uncertainty.

A person's first answer to a question counts. The ability of a person, as one question sees it, is the mean of what the
others earned (the item left out, so that no question is compared with itself).

Intervals: of a discrimination by Fisher's z; of Cronbach's alpha by Feldt (1965), "The approximate sampling
distribution of Kuder-Richardson reliability coefficient twenty", Psychometrika 30, 357-370: the ratio of 1 - alpha to
1 - its estimate follows F with n - 1 and (n - 1)(k - 1) degrees of freedom.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

import numpy as np
from scipy import stats as distributions

from grader.text import Text

EASY, HARD = 0.95, 0.2
WEAK = 0.1  # a discrimination below this tells little
STRONG_TAKE = 0.15  # of the upper third
FEW = 30  # below: a mean share is known to about 0.18, and thirds hold fewer than ten people
FEW_PAIRS = 100  # below: a correlation is known to about 0.2
GROUPS = ("lower", "middle", "upper")


@dataclass(frozen=True)
class Row:
    """One person's answer to one question: its share of the points, 0 to 1."""

    person: str
    question: str
    share: float
    seconds: float | None = None
    choice: str | None = None


@dataclass(frozen=True)
class Item:
    """What the answers say about one question. None where too little is there to say anything."""

    question: str
    n: int
    difficulty: float  # mean share: high is easy
    discrimination: float | None  # correlation with the share of the other questions
    low: float | None  # its 95 % interval
    high: float | None
    choices: Mapping[str, Mapping[str, int]]  # how many of each ability group took each
    median_seconds: float | None
    warnings: Sequence[Text] = ()
    advice: Sequence[Text] = ()


@dataclass(frozen=True)
class Alpha:
    """Cronbach's alpha of the people who answered everything, with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int
    k: int


@dataclass(frozen=True)
class Statistics:
    """Of one quiz."""

    people: int
    items: Sequence[Item]
    alpha: Alpha | None
    warnings: Sequence[Text] = ()

    def as_json(self) -> dict[str, Any]:
        alpha = None if self.alpha is None else {**vars(self.alpha)}
        return {
            "people": self.people,
            "alpha": alpha,
            "warnings": [text.as_json() for text in self.warnings],
            "questions": [
                vars(item) | {name: [text.as_json() for text in getattr(item, name)] for name in ("warnings", "advice")}
                for item in self.items
            ],
        }


def statistics(rows: Sequence[Row], options: Mapping[str, Sequence[str]] | None = None) -> Statistics:
    """Of the rows of one quiz. `options` are the choices of its questions, so that one that nobody takes is seen.
    Raises ValueError for a share outside 0 to 1."""
    if wrong := [row for row in rows if not 0 <= row.share <= 1]:
        raise ValueError(f"the share of {wrong[0].person}, {wrong[0].question} is {wrong[0].share}, not within 0 to 1")
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        first.setdefault((row.question, row.person), row)
    answers: dict[str, dict[str, Row]] = {}
    for (question, person), row in first.items():
        answers.setdefault(question, {})[person] = row
    totals: dict[str, list[float]] = {}
    for row in first.values():
        totals.setdefault(row.person, []).append(row.share)
    sums = {person: (sum(shares), len(shares)) for person, shares in totals.items()}
    items = [_item(question, found, sums, (options or {}).get(question, ())) for question, found in answers.items()]
    alpha, warnings = _alpha(answers, list(sums))
    return Statistics(len(sums), items, alpha, warnings)


def _item(
    question: str, found: Mapping[str, Row], sums: Mapping[str, tuple[float, int]], options: Sequence[str]
) -> Item:
    rows = list(found.values())
    rest = {  # of those who answered another question, too
        person: (sums[person][0] - row.share) / (sums[person][1] - 1)
        for person, row in found.items()
        if sums[person][1] > 1
    }
    r = _correlation([found[person].share for person in rest], list(rest.values()))
    low, high = _around(r, len(rest))
    groups = thirds(rest)
    choices = _choices(found, groups, options)
    seconds = [row.seconds for row in rows if row.seconds is not None]
    difficulty = fmean(row.share for row in rows)
    right = {row.choice for row in rows if row.choice and row.share == 1}
    return Item(
        question=question,
        n=len(rows),
        difficulty=round(difficulty, 4),
        discrimination=None if r is None else round(r, 4),
        low=low,
        high=high,
        choices=choices,
        median_seconds=median(seconds) if seconds else None,
        warnings=_item_warnings(len(rows), r, len(rest)),
        advice=[
            *_difficulty_advice(difficulty, len(options), len(rows)),
            *_discrimination_advice(r, high, difficulty),
            *_choice_advice(choices, right, len(rows)),
        ],
    )


def thirds(ability: Mapping[str, float]) -> Mapping[str, str]:
    """The group of each person, by rank; equal abilities are in one group."""
    if not ability:
        return {}
    ranks = distributions.rankdata(list(ability.values())) - 0.5
    return {person: GROUPS[min(int(3 * rank / len(ability)), 2)] for person, rank in zip(ability, ranks, strict=True)}


def _correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    if len(first) < 3 or np.ptp(first) < 1e-12 or np.ptp(second) < 1e-12:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _around(r: float | None, n: int) -> tuple[float | None, float | None]:
    if r is None or n < 4:
        return None, None
    z, width = math.atanh(max(min(r, 0.999999), -0.999999)), 1.959964 / math.sqrt(n - 3)
    return round(math.tanh(z - width), 4), round(math.tanh(z + width), 4)


def _choices(
    found: Mapping[str, Row], groups: Mapping[str, str], options: Sequence[str]
) -> Mapping[str, Mapping[str, int]]:
    taken = Counter((row.choice, groups.get(person)) for person, row in found.items() if row.choice is not None)
    names = [*options, *sorted({row.choice for row in found.values() if row.choice} - set(options))]
    if not any(row.choice for row in found.values()):
        return {}
    return {name: {group: taken[name, group] for group in GROUPS} for name in names}


def _alpha(answers: Mapping[str, Mapping[str, Row]], people: Sequence[str]) -> tuple[Alpha | None, list[Text]]:
    complete = [person for person in people if all(person in found for found in answers.values())]
    n, k = len(complete), len(answers)
    warnings: list[Text] = []
    if n < len(people):
        warnings.append(
            Text(
                f"모든 문제에 답한 사람은 {len(people)}명 가운데 {n}명이며, 신뢰도는 이들로만 계산했습니다.",
                f"{n} of {len(people)} people answered every question; alpha is of these alone.",
            )
        )
    shares = np.array([[found[person].share for person in complete] for found in answers.values()])
    if n < 3 or k < 2 or np.ptp(shares.sum(axis=0)) < 1e-12:
        why_ko, why_en = (
            "세 사람, 두 문제, 서로 다른 점수가 있어야",
            "It takes 3 people, 2 questions and unequal scores",
        )
        return None, [*warnings, Text(f"신뢰도를 구하려면 {why_ko} 합니다.", f"{why_en} to estimate alpha.")]
    value = k / (k - 1) * (1 - shares.var(axis=1, ddof=1).sum() / shares.sum(axis=0).var(ddof=1))
    low, high = (1 - (1 - value) * distributions.f.ppf(at, n - 1, (n - 1) * (k - 1)) for at in (0.975, 0.025))
    if n < FEW:
        warnings.append(
            Text(
                f"{n}명의 답으로 구한 신뢰도라 구간이 넓습니다. {FEW}명은 되어야 합니다.",
                f"Alpha rests on {n} people, so its interval is wide; take it seriously from {FEW} on.",
            )
        )
    return Alpha(round(float(value), 4), round(float(low), 4), round(float(high), 4), n, k), warnings


def _item_warnings(n: int, r: float | None, pairs: int) -> list[Text]:
    found = []
    if n < FEW:
        width = 1.96 * 0.5 / math.sqrt(n)
        found.append(
            Text(
                f"답이 {n}개뿐이라 난이도의 오차가 ±{width:.2f}까지 됩니다 ({FEW}개부터 ±0.18).",
                f"Only {n} answers: the difficulty may be off by ±{width:.2f} (±0.18 from {FEW} on).",
            )
        )
    if r is None:
        found.append(
            Text(
                "변별도를 구할 수 없습니다. 세 사람 이상의 서로 다른 점수가 필요합니다.",
                "No discrimination: it takes 3 people or more, with unequal shares here and elsewhere.",
            )
        )
    elif pairs < FEW_PAIRS:
        width = math.tanh(1.96 / math.sqrt(max(pairs - 3, 1)))
        found.append(
            Text(
                f"변별도는 {pairs}명의 답으로 구해 오차가 ±{width:.2f}까지 됩니다 ({FEW_PAIRS}명부터 ±0.2).",
                f"The discrimination rests on {pairs} people: off by up to ±{width:.2f} (±0.2 from {FEW_PAIRS} on).",
            )
        )
    return found


def _difficulty_advice(difficulty: float, options: int, n: int) -> list[Text]:
    if difficulty > EASY:
        return [
            Text(
                f"너무 쉽습니다 (평균 {difficulty:.0%}). 몸풀기가 아니라면 오답을 더 그럴듯하게 바꾸세요.",
                f"Too easy ({difficulty:.0%} on average). Unless it is a warm-up, make wrong answers more tempting.",
            )
        ]
    chance = 1 / options if options else 0.0
    margin = 1.96 * math.sqrt(chance * (1 - chance) / n)
    if difficulty < max(HARD, chance + min(margin, 0.1)):
        return [
            Text(
                f"너무 어렵습니다 (평균 {difficulty:.0%}). 찍은 것과 다름없습니다. 분명하고 배운 것을 묻는지 보세요.",
                f"Too hard ({difficulty:.0%} on average), no better than guessing. See that the question is clear "
                "and was taught.",
            )
        ]
    return []


def _discrimination_advice(r: float | None, high: float | None, difficulty: float) -> list[Text]:
    if r is None:
        return []
    if r < 0:
        sure = high is not None and high < 0
        ko = "우연으로 보기 어렵습니다." if sure else "아직 우연일 수 있습니다."
        en = "This is hardly chance." if sure else "This may still be chance."
        return [
            Text(
                f"정답이 잘못되었을 수 있습니다. 잘하는 사람이 오히려 더 틀립니다 (변별도 {r:.2f}). {ko}",
                f"The key may be wrong: those who know more do worse (discrimination {r:.2f}). {en}",
            )
        ]
    if r < WEAK and HARD <= difficulty <= EASY:
        return [
            Text(
                f"변별도가 낮습니다 ({r:.2f}). 문장이 모호하거나 다른 것을 묻고 있을 수 있습니다.",
                f"It hardly tells people apart ({r:.2f}). It may be ambiguous, or about something else.",
            )
        ]
    return []


def _by_chance(counts: Mapping[str, int], size: Mapping[str, int]) -> float:
    """How much more the upper third may take a choice than the lower, 1 time in 20, if they are alike in this."""
    taken, of = counts["lower"] + counts["upper"], size["lower"] + size["upper"]
    if not size["lower"] or not size["upper"]:
        return 0.0
    share = taken / of
    return 1.645 * math.sqrt(share * (1 - share) * (1 / size["lower"] + 1 / size["upper"]))


def _choice_advice(choices: Mapping[str, Mapping[str, int]], right: Collection[str], n: int) -> list[Text]:
    """Of wrong choices; silent where no right one was seen, or few answers."""
    if not right or n < FEW:
        return []
    size = {group: sum(counts[group] for counts in choices.values()) for group in GROUPS}
    found = []
    for name, counts in choices.items():
        if name in right:
            continue
        if not sum(counts.values()):
            found.append(
                Text(
                    f"보기 {name}은(는) 아무도 고르지 않았습니다. 실제로 하는 오해로 바꾸세요.",
                    f"Nobody takes {name}. Replace it by a mistake that people make.",
                )
            )
            continue
        lower, upper = (counts[group] / size[group] if size[group] else 0.0 for group in ("lower", "upper"))
        if upper >= STRONG_TAKE and upper - lower > _by_chance(counts, size):
            found.append(
                Text(
                    f"잘하는 사람의 {upper:.0%}가 보기 {name}을(를) 고릅니다. 이것도 맞는 답이 아닌지 보세요.",
                    f"{upper:.0%} of the strongest third take {name}. See whether it is right, too.",
                )
            )
    return found
