"""The student's own loss, asked through calls: whether it is the reference's, and its slopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from grader.failed import Failed
from grader.suite.checks.kinds import FloatArray, is_sequence
from grader.suite.checks.reading import read
from grader.suite.checks.slopes import Point, Slopes, Space, Surface, slope, stencil

AGREES = 1e-9
_NUMBERS_SENT = 2_000_000  # more, and only the probes are sent


@dataclass(frozen=True)
class Own:
    """What the calls told: the slopes, and whether every value was the reference's."""

    slopes: dict[str, Slopes]
    believed: bool


def ask(
    loss: Callable[[list[Point]], list[float]],
    space: Space,
    reference: Mapping[str, Slopes],
    height: Surface,
    rng: np.random.Generator,
) -> Own | None:
    """One call with all points: three probes, and the stencils of the slopes that the reference has.

    None where the loss raises or gives anything but finite numbers: that is for the loss's own check to say.
    """
    probes = _probes(space, rng)
    vectors = probes + _stencils(space, reference)
    if len(vectors) * len(space.base) > _NUMBERS_SENT:
        vectors = probes
    heights = _heights(loss, [space.point(vector) for vector in vectors])
    if heights is None:
        return None
    truth = np.array([height(vector) for vector in vectors])
    believed = bool((np.abs(heights - truth) <= AGREES * np.abs(truth)).all())
    rest = heights[len(probes) :]
    return Own(_slopes(rest, reference) if rest.size else {}, believed)


def _probes(space: Space, rng: np.random.Generator) -> list[FloatArray]:
    size = 0.1 * np.maximum(1.0, np.abs(space.base))
    return [space.base, *(space.base + size * rng.standard_normal(len(space.base)) for _ in range(2))]


def _stencils(space: Space, reference: Mapping[str, Slopes]) -> list[FloatArray]:
    return [
        vector
        for label, measured in reference.items()
        for line, step in zip(measured.directions, measured.steps, strict=True)
        for vector in stencil(space, label, line, step)
    ]


def _heights(loss: Callable[[list[Point]], list[float]], points: list[Point]) -> FloatArray | None:
    """(len(points),), or None where one is not a finite number."""
    try:
        answers = loss(points)
        if not is_sequence(answers) or len(answers) != len(points):
            return None
        values = [read(answer, name="loss").values for answer in answers]
    except Failed:
        return None
    if any(value.size != 1 or not np.isfinite(value).all() for value in values):
        return None
    return np.array([value.item() for value in values])


def _slopes(heights: FloatArray, reference: Mapping[str, Slopes]) -> dict[str, Slopes]:
    """`heights` in the order of `_stencils`, as slopes."""
    quads = iter(heights.reshape(-1, 4))
    return {
        label: replace(measured, values=np.array([slope(next(quads).tolist(), step) for step in measured.steps]))
        for label, measured in reference.items()
    }
