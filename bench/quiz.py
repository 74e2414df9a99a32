"""`python -m bench.quiz`: a class with known abilities answers a quiz with known faults; what do the statistics find?

The answers follow the two-parameter logistic model with guessing (Birnbaum 1968): somebody of ability t, drawn from a
normal distribution, knows item i with the chance 1 / (1 + exp(-a(t - b))), and else takes each option alike. Six items
have a fault, made on purpose. What theory says of each number is worked out by Gauss-Hermite quadrature, so that it can
be compared with what is found. Exit code 1 if a fault is missed or a sound item blamed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from grader.quiz.statistics import Item, Row, Statistics, statistics

Floats = NDArray[np.float64]
OPTIONS = ("a", "b", "c", "d")  # "a" is right
PEOPLE, SEED = 500, 20261121
SLOPES = (0.9, 1.3, 1.7, 2.1)
PLACES = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0)
# each fault, and words of the advice that it should get, one of these
FAULTS: Mapping[str, Sequence[str]] = {
    "wrong-key": ["The key may be wrong"],
    "guessed": ["no better than guessing"],
    "dead-option": ["Nobody takes d"],
    "second-answer": ["of the strongest third take b"],
    "too-easy": ["Too easy"],
    "off-topic": ["hardly tells people apart", "may still be chance"],  # its discrimination is 0, on either side of it
}


@dataclass(frozen=True)
class Made:
    """An item: slope a and place b of the model, and its fault, if it has one."""

    id: str
    slope: float
    place: float
    fault: str = ""

    def taken(self, ability: Floats) -> Floats:
        """The chance of each option: a row a person, a column an option."""
        if self.fault in ("guessed", "off-topic"):  # nobody knows, or what one knows has nothing to do with the rest
            right = np.full(ability.shape, 0.25 if self.fault == "guessed" else 0.55)
            return np.column_stack([right, *[(1 - right) / 3] * 3])
        knows = 1 / (1 + np.exp(-self.slope * (ability - self.place)))
        left = len(OPTIONS) - (self.fault == "dead-option")
        chance = np.column_stack([knows + (1 - knows) / left, *[(1 - knows) / left] * 3])
        if self.fault == "dead-option":
            chance[:, 3] = 0.0
        if self.fault == "second-answer":  # those who know more see that b is right as well
            moved = chance[:, 0] * 0.6 / (1 + np.exp(-2.0 * (ability - 0.3)))
            chance[:, 0] -= moved
            chance[:, 1] += moved
        return chance

    @property
    def key(self) -> int:
        """The column that the key calls right."""
        return 1 if self.fault == "wrong-key" else 0


def items() -> list[Made]:
    """24 sound items, and one with each fault."""
    sound = [Made(f"q{i:02}", SLOPES[i % 4], PLACES[i // 4]) for i in range(len(SLOPES) * len(PLACES))]
    faulty = [Made(fault, 1.6, {"too-easy": -3.2, "dead-option": -0.2}.get(fault, 0.0), fault) for fault in FAULTS]
    return [*sound, *faulty]


def answers(made: Sequence[Made], people: int, seed: int) -> list[Row]:
    """What a class answers."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=people)
    rows = []
    for item in made:
        ends = item.taken(ability).cumsum(axis=1)
        drawn = (rng.random(people)[:, None] > ends / ends[:, -1:]).sum(axis=1)
        rows += [
            Row(f"p{person:04}", item.id, float(option == item.key), 40.0, OPTIONS[option])
            for person, option in enumerate(drawn)
        ]
    return rows


@dataclass(frozen=True)
class Theory:
    """What an endless class would show: difficulty and discrimination of each item, and Cronbach's alpha."""

    difficulty: Mapping[str, float]
    discrimination: Mapping[str, float]
    alpha: float


def theory(made: Sequence[Made]) -> Theory:
    """Worked out from the model: answers are independent given the ability."""
    points, weights = np.polynomial.hermite_e.hermegauss(81)
    weights = weights / weights.sum()
    right = np.column_stack([item.taken(points)[:, item.key] for item in made])
    mean = weights @ right
    cov = (right * weights[:, None]).T @ right - np.outer(mean, mean)
    np.fill_diagonal(cov, mean * (1 - mean))
    own, rest = np.diag(cov), cov.sum(axis=1) - np.diag(cov)
    spread = cov.sum() - 2 * cov.sum(axis=1) + own  # of the others
    k = len(made)
    alpha = k / (k - 1) * (1 - own.sum() / cov.sum())
    ids = [item.id for item in made]
    slopes = rest / np.sqrt(own * spread)
    return Theory(
        dict(zip(ids, mean.tolist(), strict=True)), dict(zip(ids, slopes.tolist(), strict=True)), float(alpha)
    )


def found(made: Sequence[Made], people: int = PEOPLE, seed: int = SEED) -> Statistics:
    """What the statistics say of a class of so many."""
    return statistics(answers(made, people, seed), {item.id: OPTIONS for item in made})


def agreement(made: Sequence[Made], seen: Statistics, expected: Theory) -> float:
    """The rank correlation of the difficulties found with those made."""
    value = spearmanr([expected.difficulty[item.id] for item in made], [item.difficulty for item in seen.items])
    return float(value.statistic)


def misses(made: Sequence[Made], seen: Statistics) -> list[str]:
    """Faults without their advice, and sound items with any."""
    said = {item.question: " ".join(text.en for text in item.advice) for item in seen.items}
    missed = [
        f"{item.id} is not found"
        for item in made
        if item.fault and not any(words in said[item.id] for words in FAULTS[item.fault])
    ]
    return missed + [f"{item.id} is blamed: {said[item.id]}" for item in made if not item.fault and said[item.id]]


def table(made: Sequence[Made], seen: Statistics, expected: Theory) -> str:
    """Each item as it was made and as it was found."""
    lines = [
        "| item | fault | difficulty made | found | discrimination made | found (95 %) | advice |",
        "|---" * 7 + "|",
    ]
    for item, one in zip(made, seen.items, strict=True):
        lines.append(_line(item, one, expected))
    alpha = seen.alpha
    assert alpha is not None
    lines += ["", f"People: {seen.people}. Rank correlation of difficulty: {agreement(made, seen, expected):.3f}."]
    lines.append(f"Alpha made {expected.alpha:.3f}, found {alpha.value:.3f} ({alpha.low:.3f} .. {alpha.high:.3f}).")
    return "\n".join(lines)


def _line(item: Made, one: Item, expected: Theory) -> str:
    slope = f"{one.discrimination:.2f} ({one.low:.2f} .. {one.high:.2f})" if one.discrimination is not None else "-"
    made = f"{expected.difficulty[item.id]:.3f} | {one.difficulty:.3f} | {expected.discrimination[item.id]:.2f}"
    return f"| {item.id} | {item.fault or '-'} | {made} | {slope} | {' '.join(text.en for text in one.advice) or '-'} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.quiz", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    made = items()
    seen = found(made, asked.people, asked.seed)
    print(table(made, seen, theory(made)))
    wrong = misses(made, seen)
    print("\n".join(wrong) or f"All {len(FAULTS)} faults are found, and no sound item is blamed.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
