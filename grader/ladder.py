"""The Ladder (Blum and Hardt 2015): a leaderboard that many submissions cannot learn the held-out labels from.

A submission's public score is told only where it beats the best one so far by more than chance would: by more than
the standard error of the difference. Otherwise the score stays, and says nothing about the submission. This is the
version without a parameter (figure 2 of the paper): of the losses of both, match by match, the sample standard
deviation of the difference s, and a step of s / sqrt(n).

Which matches were answered rightly is kept as the bits of a whole number, so that all of it is counting bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

LEAST, MOST = 100, 100_000  # matches in a part


@dataclass(frozen=True)
class Answers:
    """Which held-out matches a submission got right: bit i of `public` and of `private` is match i of that part. Only
    answers of one `draw` can be compared: the same matches, in the same parts and order. Never for a student's eyes,
    and not in its own repr. Raises ValueError for parts too small or too large."""

    draw: str
    public: int = field(repr=False)
    n_public: int
    private: int = field(repr=False)
    n_private: int

    def __post_init__(self) -> None:
        for bits, n in ((self.public, self.n_public), (self.private, self.n_private)):
            if not LEAST <= n <= MOST or bits < 0 or bits.bit_length() > n:
                raise ValueError(f"a part of a board has {LEAST} to {MOST} matches, not {n}")

    @property
    def right_in_public(self) -> int:
        return self.public.bit_count()

    @property
    def right_in_private(self) -> int:
        return self.private.bit_count()

    @classmethod
    def of(cls, trainings: Sequence[Sequence[bool]], public: Sequence[bool], draw: str) -> Answers:
        """Of several trainings the one in the middle, by what is right in the public part (the first of equals), so
        that the private part has no say in it. Each is (n,) of what is right; `public` (n,) tells the parts apart."""
        if not trainings or any(len(one) != len(public) for one in trainings):
            raise ValueError("every training answers every match of the board")
        parts = [[bool(one) is part for one in public] for part in (True, False)]
        counts = [sum(bool(a) for a, here in zip(one, parts[0], strict=True) if here) for one in trainings]
        order = sorted(range(len(counts)), key=lambda place: counts[place])
        middle = trainings[order[(len(order) - 1) // 2]]
        bits, sizes = zip(*(_packed(middle, part) for part in parts), strict=True)
        return cls(draw, bits[0], sizes[0], bits[1], sizes[1])


def better(new: Answers, best: Answers | None) -> bool:
    """Whether `new` beats `best` in the public part by more than chance. Anything beats None."""
    if best is None:
        return True
    if (new.draw, new.n_public) != (best.draw, best.n_public):
        raise ValueError("these answers are to other matches")
    n = new.n_public
    gained = (new.public & ~best.public).bit_count()
    lost = (best.public & ~new.public).bit_count()
    mean = (gained - lost) / n  # of differences that are -1, 0 or 1
    variance = max(0.0, (gained + lost - n * mean**2) / (n - 1))
    return mean > math.sqrt(variance / n)


def climb(answers: Iterable[Answers]) -> list[bool]:
    """Of one person's answers, in order of receipt, which of them moved the score."""
    best: Answers | None = None
    moved = []
    for one in answers:
        moved.append(better(one, best))
        best = one if moved[-1] else best
    return moved


def _packed(right: Sequence[bool], part: Sequence[bool]) -> tuple[int, int]:
    """The bits of a part, its first match the lowest bit, and how many there are."""
    digits = ["1" if one else "0" for one, here in zip(right, part, strict=True) if here]
    return int("".join(reversed(digits)) or "0", 2), len(digits)
