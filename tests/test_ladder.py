"""The Ladder holds against people who try again and again, where a naive board does not."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from grader.ladder import MOST, Answers, better, climb

PUBLIC, PRIVATE = 3000, 3000
MATCHES = PUBLIC + PRIVATE
TRIES = 500
SEEDS = range(20)
Bits = npt.NDArray[np.bool_]
Attack = Callable[[np.random.Generator, "Naive | Ladder"], Bits]


def packed(bits: Bits) -> int:
    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")


def answers(right: Bits, n_public: int = PUBLIC, draw: str = "one") -> Answers:
    return Answers(draw, packed(right[:n_public]), n_public, packed(right[n_public:]), len(right) - n_public)


class Naive:
    """Tells the accuracy in the public part of whatever is handed in."""

    def __init__(self, labels: Bits) -> None:
        self.labels, self.shown = labels, 0.0

    def tell(self, said: Bits) -> float:
        score = float(np.mean((said == self.labels)[:PUBLIC]))
        self.shown = max(self.shown, score)
        return score


class Ladder:
    """Tells what this product tells: the score where it moves, else the one before."""

    def __init__(self, labels: Bits) -> None:
        self.labels, self.shown = labels, 0.0
        self.best: Answers | None = None

    def tell(self, said: Bits) -> float:
        new = answers(said == self.labels)
        if better(new, self.best):
            self.best, self.shown = new, new.right_in_public / PUBLIC
        return self.shown


def votes(start: Bits, unsure: Bits) -> Attack:
    """The attack of the paper, on the matches that a model is unsure of: random answers, added up by majority, each
    counted the more (or turned round) the more the board liked it. On the Ladder, where most tries show nothing, what
    counts is which of them moved the score."""

    def attack(rng: np.random.Generator, board: Naive | Ladder) -> Bits:
        board.tell(start)
        guesses = rng.random((TRIES - 2, MATCHES)) < 0.5
        told = np.array([board.tell(np.where(unsure, guess, start)) for guess in guesses])
        liked = told - told.mean() if isinstance(board, Naive) else np.diff(told, prepend=told[0]) > 0
        sums = liked @ (2.0 * guesses - 1)
        final = np.where(unsure & (sums != 0), sums > 0, start)
        board.tell(final)
        return final

    return attack


def private(labels: Bits, said: Bits) -> float:
    return float(np.mean((said == labels)[PUBLIC:]))


def outcome(attack_of: Callable[[np.random.Generator, Bits], tuple[Attack, float]], kind: type) -> tuple[float, float]:
    """Means over several boards: what the board shows more than the start is worth, and what the private part gives."""
    shown, gained = [], []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        labels = rng.random(MATCHES) < 0.5
        attack, honest = attack_of(rng, labels)
        board = kind(labels)
        said = attack(rng, board)
        shown.append(board.shown - honest)
        gained.append(private(labels, said) - honest)
    return statistics.fmean(shown), statistics.fmean(gained)


def start(known: float) -> Callable[[np.random.Generator, Bits], tuple[Attack, float]]:
    """A model that knows this share of the matches for certain and guesses the others."""

    def make(rng: np.random.Generator, labels: Bits) -> tuple[Attack, float]:
        unsure = rng.random(MATCHES) >= known
        model = np.where(unsure, rng.random(MATCHES) < 0.5, labels)
        return votes(model, unsure), private(labels, model)

    return make


@pytest.mark.parametrize(("known", "naive_shows", "ladder_shows"), [(0.0, 0.12, 0.03), (0.9, 0.03, 0.01)])
def test_500_adaptive_submissions_gain_nothing(known: float, naive_shows: float, ladder_shows: float) -> None:
    """From a coin, and from a model of 95 %: what the boards show more than the start is worth, and what the attack
    gains on the private part."""
    shown, gained = outcome(start(known), Naive)
    assert shown > naive_shows
    assert abs(gained) < 0.01
    shown, gained = outcome(start(known), Ladder)
    assert shown < ladder_shows
    assert gained < 0.01


def test_a_model_that_is_really_better_moves_the_score() -> None:
    rng = np.random.default_rng(1)
    labels = rng.random(MATCHES) < 0.5
    board, shown = Ladder(labels), []
    for wrong in (0.06, 0.03, 0.014):
        board.tell(labels ^ (rng.random(MATCHES) < wrong))
        shown.append(board.shown)
    assert shown == sorted(set(shown))
    assert board.shown > 0.98


def right(count: int, n: int = 400) -> Answers:
    """The first `count` of n public matches right."""
    bits = np.arange(n + 100) < count
    return answers(bits, n)


def test_the_step_is_the_standard_error_of_the_difference() -> None:
    """By an independent formula: numpy's sample standard deviation of the losses' difference."""
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(300):
        old, new = rng.random((2, 500)) < rng.uniform(0.4, 0.6, (2, 1))
        difference = new[:400] * 1.0 - old[:400] * 1.0
        expected = difference.mean() > difference.std(ddof=1) / np.sqrt(400)
        assert better(answers(new, 400), answers(old, 400)) == expected
        seen.add(bool(expected))
    assert seen == {True, False}


def test_one_more_right_match_is_chance_and_four_are_not() -> None:
    assert not better(right(301), right(300))
    assert better(right(304), right(300))
    assert not better(right(300), right(300))
    assert not better(right(299), right(300))


def test_the_first_moves_and_what_follows_is_compared_with_the_best() -> None:
    assert climb([right(300), right(301), right(200), right(310), right(305)]) == [True, False, False, True, False]
    assert climb([]) == []


def test_the_private_part_has_no_say() -> None:
    rng = np.random.default_rng(5)
    public = rng.random((20, 400)) < 0.8
    one, other = (
        [answers(np.concatenate([part, rng.random(300) < share]), 400) for part in public] for share in (0.1, 0.9)
    )
    assert climb(one) == climb(other)
    parts = np.arange(700) < 400
    trainings = [rng.random(700) < share for share in (0.9, 0.5, 0.7)]
    turned = [np.concatenate([one[:400], ~one[400:]]) for one in trainings]
    assert Answers.of(trainings, parts, "a").public == Answers.of(turned, parts, "a").public


def test_of_three_trainings_the_one_in_the_middle() -> None:
    parts = np.arange(300) % 3 > 0
    trainings = [np.arange(300) < count for count in (250, 100, 180)]
    found = Answers.of(trainings, parts, "a")
    assert (found.n_public, found.n_private) == (200, 100)
    assert (found.right_in_public, found.right_in_private) == (120, 60)
    assert found.public == packed(trainings[2][parts])


def test_what_is_kept_is_bounded_and_never_printed() -> None:
    big = (1 << 400) - 1
    assert str(big) not in repr(Answers("a", big, 400, big, 400))
    for bits, n in ((1, 99), (0, MOST + 1), (1 << 400, 400), (-1, 400)):
        with pytest.raises(ValueError, match="matches"):
            Answers("a", bits, n, 0, 400)
    with pytest.raises(ValueError, match="every training"):
        Answers.of([[True] * 5], [True] * 6, "a")
    with pytest.raises(ValueError, match="other matches"):
        better(right(300), Answers("two", 0, 400, 0, 100))


def test_scores_never_fall() -> None:
    def scores(many: Sequence[Answers]) -> list[int]:
        best, found = 0, []
        for one, moved in zip(many, climb(many), strict=True):
            best = one.right_in_public if moved else best
            found.append(best)
        return found

    rng = np.random.default_rng(9)
    found = scores([answers(rng.random(700) < rng.uniform(0.4, 0.9), 400) for _ in range(60)])
    assert found == sorted(found)
