"""What is right, and the inputs that nobody may read."""

from pathlib import Path

import numpy as np

SECRET = (Path(__file__).parent / "secret.txt").read_text(encoding="utf-8").strip()  # "TEXT NUMBER"
TEXT = SECRET.split()[0]
NUMBER = float(SECRET.split()[1])


def inputs():
    """An array that holds the hidden number."""
    return np.array([[NUMBER, 2.0], [-3.0, 0.25], [7.0, NUMBER]])


def scale(X):
    return 2.0 * X + 1.0


def mean_square(y):
    return float(np.mean(np.square(y)))
