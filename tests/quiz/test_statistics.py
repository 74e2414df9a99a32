"""What the answers of a class say: found as they were made."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.quiz.statistics import Row, Statistics, statistics, thirds

PEOPLE = 500
SLOPES = np.tile([0.8, 1.2, 1.6, 2.0], 6)
PLACES = np.repeat([-2.0, -1.2, -0.4, 0.4, 1.2, 2.0], 4)  # difficulty


def chances(ability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of a right answer: a row a person, a column an item (two-parameter logistic model)."""
    return 1 / (1 + np.exp(-SLOPES * (ability[:, None] - PLACES)))


def rows(right: NDArray[np.float64]) -> list[Row]:
    return [Row(f"p{i}", f"q{j}", float(share)) for i, person in enumerate(right) for j, share in enumerate(person)]


@pytest.fixture(scope="module")
def drawn() -> tuple[NDArray[np.float64], Statistics]:
    rng = np.random.default_rng(20260301)
    chance = chances(rng.normal(size=PEOPLE))
    right = (rng.random(chance.shape) < chance).astype(float)
    return right, statistics(rows(right))


@pytest.fixture(scope="module")
def truth() -> NDArray[np.float64]:
    """A class so large that chance is out of it."""
    rng = np.random.default_rng(1)
    chance = chances(rng.normal(size=200_000))
    return (rng.random(chance.shape) < chance).astype(float)


def test_difficulty_comes_out_as_made(
    drawn: tuple[NDArray[np.float64], Statistics], truth: NDArray[np.float64]
) -> None:
    found = np.array([item.difficulty for item in drawn[1].items])
    wanted = truth.mean(axis=0)
    assert np.abs(found - wanted).max() < 4 * np.sqrt(0.25 / PEOPLE)
    assert np.abs(found - drawn[0].mean(axis=0)).max() < 1e-4


def test_discrimination_comes_out_as_made(
    drawn: tuple[NDArray[np.float64], Statistics], truth: NDArray[np.float64]
) -> None:
    total = truth.sum(axis=1)
    wanted = np.array([np.corrcoef(truth[:, j], total - truth[:, j])[0, 1] for j in range(len(SLOPES))])
    items = drawn[1].items
    inside = [
        item.low <= w <= item.high
        for item, w in zip(items, wanted, strict=True)
        if item.low is not None and item.high is not None
    ]
    assert len(inside) == len(SLOPES)
    assert sum(inside) >= 21  # 95 % of 24, less what chance takes
    steep = np.mean([item.discrimination for item, slope in zip(items, SLOPES, strict=True) if slope == 2.0])
    flat = np.mean([item.discrimination for item, slope in zip(items, SLOPES, strict=True) if slope == 0.8])
    assert steep > flat + 0.1


def alpha(shares: NDArray[np.float64]) -> float:
    k = shares.shape[1]
    return float(k / (k - 1) * (1 - shares.var(axis=0, ddof=1).sum() / shares.sum(axis=1).var(ddof=1)))


def test_alpha_comes_out_as_made(drawn: tuple[NDArray[np.float64], Statistics], truth: NDArray[np.float64]) -> None:
    found = drawn[1].alpha
    assert found is not None
    assert found.value == pytest.approx(alpha(drawn[0]), abs=1e-4)
    assert found.low < alpha(truth) < found.high
    assert found.high - found.low < 0.08
    assert (found.n, found.k) == (PEOPLE, len(SLOPES))


def test_the_interval_of_alpha_holds_as_often_as_it_says() -> None:
    """Feldt's model: items in parallel; alpha is 5r/(1 + 4r) where any two correlate by r."""
    rng, r, k, hits = np.random.default_rng(5), 0.3, 5, 0
    for _ in range(300):
        shares = np.sqrt(r) * rng.normal(size=(40, 1)) + np.sqrt(1 - r) * rng.normal(size=(40, k))
        found = statistics(rows(np.clip(shares / 20 + 0.5, 0, 1))).alpha
        assert found is not None
        hits += found.low <= k * r / (1 + (k - 1) * r) <= found.high
    assert 0.92 <= hits / 300 <= 0.98


def test_a_good_question_needs_no_advice(drawn: tuple[NDArray[np.float64], Statistics]) -> None:
    for item in drawn[1].items:
        assert not item.warnings
        assert bool(item.advice) == (item.difficulty > 0.95 or item.difficulty < 0.2)


def test_a_wrong_key_shows() -> None:
    rng = np.random.default_rng(3)
    chance = chances(rng.normal(size=PEOPLE))
    right = (rng.random(chance.shape) < chance).astype(float)
    right[:, 9] = 1 - right[:, 9]
    flagged = [
        item for item in statistics(rows(right)).items if any("key may be wrong" in text.en for text in item.advice)
    ]
    assert [item.question for item in flagged] == ["q9"]
    assert "hardly chance" in flagged[0].advice[0].en


CHOICES = ("right", "tempting", "strong", "nobody")


@pytest.fixture(scope="module")
def chosen() -> Statistics:
    rng = np.random.default_rng(11)
    ability = rng.normal(size=PEOPLE)
    chance = chances(ability)
    made = rows((rng.random(chance.shape) < chance).astype(float))
    for i, a in enumerate(ability):
        weights = np.exp([1.2 + 0.8 * a, 0.8 - 1.5 * a, 0.3 + 1.0 * a])
        choice = CHOICES[rng.choice(3, p=weights / weights.sum())]
        made.append(Row(f"p{i}", "asked", float(choice == "right"), float(10 + i % 21), choice))
    return statistics(made, {"asked": CHOICES})


def test_choices_are_told_by_ability(chosen: Statistics) -> None:
    asked = chosen.items[-1]
    assert list(asked.choices) == list(CHOICES)
    assert sum(sum(groups.values()) for groups in asked.choices.values()) == PEOPLE
    assert asked.choices["tempting"]["lower"] > 3 * asked.choices["tempting"]["upper"]
    assert sum(groups["lower"] for groups in asked.choices.values()) == pytest.approx(PEOPLE / 3, abs=25)
    assert asked.median_seconds == 20
    advice = " ".join(text.en for text in asked.advice)
    assert "Nobody takes nobody" in advice
    assert "strongest third take strong" in advice
    assert "take tempting" not in advice


def test_too_easy_and_too_hard() -> None:
    made = [Row(f"p{i}", "easy", 1.0 if i else 0.0) for i in range(100)]
    made += [Row(f"p{i}", "hard", float(i < 5)) for i in range(100)]
    made += [Row(f"p{i}", "guessed", float(i % 4 == 0)) for i in range(100)]
    easy, hard, guessed = statistics(made, {"guessed": CHOICES}).items
    assert "Too easy" in easy.advice[0].en
    assert "Too hard" in hard.advice[0].en
    assert "guessing" in guessed.advice[0].en


def test_few_answers_are_said_to_be_few() -> None:
    rng = np.random.default_rng(2)
    found = statistics(rows((rng.random((12, 4)) < 0.6).astype(float)))
    for item in found.items:
        assert "Only 12 answers" in item.warnings[0].en
        assert "12 people" in item.warnings[1].en
    assert any("12 people" in text.en for text in found.warnings)


@pytest.mark.parametrize("people", [1, 2, 3])
def test_very_few_answers_break_nothing(people: int) -> None:
    found = statistics([Row(f"p{i}", q, 1.0) for i in range(people) for q in ("a", "b")])
    assert found.alpha is None
    assert found.items[0].discrimination is None
    assert found.items[0].warnings
    assert found.warnings
    json.dumps(found.as_json(), allow_nan=False)


def test_no_answers() -> None:
    assert statistics([]).people == 0


def test_the_first_answer_counts() -> None:
    (item,) = statistics([Row("p", "a", 0.0), Row("p", "a", 1.0), Row("r", "a", 1.0)]).items
    assert (item.n, item.difficulty) == (2, 0.5)


def test_who_left_something_out_counts_for_what_is_there() -> None:
    made = [
        Row(f"p{i}", q, float(i % 3 > 0 or j == 1)) for i in range(9) for j, q in enumerate("abc") if (i, q) != (0, "c")
    ]
    found = statistics(made)
    assert [item.n for item in found.items] == [9, 9, 8]
    assert found.alpha is not None
    assert found.alpha.n == 8
    assert "8 of 9" in found.warnings[0].en


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_share_is_a_share(share: float) -> None:
    with pytest.raises(ValueError, match="not within 0 to 1"):
        statistics([Row("p", "q", share)])


@pytest.mark.parametrize(
    ("ability", "groups"),
    [
        ([1, 2, 3], "lmu"),
        ([5, 5, 5], "mmm"),
        ([1, 1, 2, 2, 3, 3], "llmmuu"),
        ([0, 0, 0, 1], "mmmu"),
        ([0, 0, 0, 0, 1, 2, 3], "llllmuu"),
        ([], ""),
    ],
)
def test_equal_people_are_in_one_group(ability: Sequence[float], groups: str) -> None:
    found = thirds({f"p{i}": float(a) for i, a in enumerate(ability)})
    assert "".join(group[0] for group in found.values()) == groups
