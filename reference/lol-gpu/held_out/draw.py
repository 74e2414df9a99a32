"""Draws the matches of the leaderboard anew, and parts them: `python reference/lol-gpu/held_out/draw.py`.

The seed is the operating system's randomness and is written nowhere, so that nobody who has the generator of matches
(`grader data lol`) can make these again and read the labels off. 3,000 matches are the public part, 3,000 the
private one, with as many wins of blue in each. To be run before a version is published, never while a board is open:
answers to other matches cannot be compared, and a board shows those of the newest draw alone.
"""

import secrets
from pathlib import Path

import numpy as np

from grader import lol

FILE = Path(__file__).parent / "board.npz"
GAMES = 6000


def draw():
    X, y = lol.make(GAMES, secrets.randbits(128))
    rng = np.random.default_rng(secrets.randbits(128))
    public = np.zeros(GAMES, dtype=bool)
    for label in (0, 1):
        places = rng.permutation(np.flatnonzero(y == label))
        public[places[: len(places) // 2]] = True
    np.savez_compressed(FILE, X=X.astype(np.float32), y=y.astype(np.int8), public=public)


if __name__ == "__main__":
    draw()
