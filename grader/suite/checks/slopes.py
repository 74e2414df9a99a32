"""Slopes of a loss, measured by central differences in float64.

Theory of operation. The parameters are one vector, cut into named parts. A part's gradient is compared
through its slopes along directions that lie in that part: the unit vectors where there are few parameters,
random directions of length one otherwise. A slope comes from the five-point stencil (two central differences,
of step h and 2h, extrapolated), with an error of order h**4. Steps are tried from the largest, which has the
least rounding error, to the smallest, until one is confirmed by the next: a kink or a strong curvature within
reach speaks against a step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from grader.suite.checks.kinds import FloatArray, Shape
from grader.suite.checks.parts import label_parts
from grader.suite.checks.reading import known

Point = Any  # dict name -> array, or tuple of arrays and floats: whatever the student's function takes
Surface = Callable[[FloatArray], float]  # parameters (size,) -> loss

ONE_BY_ONE = 64
_PROJECTIONS = 8
_STEPS = (1e-4, 1e-5, 1e-6, 1e-7)
_STENCIL = np.array([-2.0, -1.0, 1.0, 2.0])
_WEIGHTS = np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
_ROUNDING = 8 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Space:
    """The parameters as one vector, and how to cut it into the parts that the student knows."""

    base: FloatArray  # (size,)
    shapes: dict[str, Shape]
    scalars: frozenset[str]  # parts that are plain floats
    keyed: bool  # a dict rather than a tuple

    @classmethod
    def of(cls, at: Mapping[str, Any] | Sequence[Any], parts: Sequence[str] = ()) -> Space:
        whole = label_parts(at, parts)
        arrays = {label: known(part) for label, part in whole.items()}
        base = np.concatenate([part.ravel() for part in arrays.values()])
        plain = (int, float, np.generic)
        scalars = frozenset(label for label, part in whole.items() if isinstance(part, plain))
        shapes = {label: part.shape for label, part in arrays.items()}
        return cls(base, shapes, scalars, isinstance(at, Mapping))

    def where(self, label: str) -> slice:
        """The place of a part in the vector."""
        start = 0
        for other, shape in self.shapes.items():
            stop = start + int(np.prod(shape))
            if other == label:
                return slice(start, stop)
            start = stop
        raise KeyError(label)

    def part(self, vector: FloatArray, label: str) -> FloatArray:
        return vector[self.where(label)].reshape(self.shapes[label])

    def point(self, vector: FloatArray) -> Point:
        """The vector as the argument that the student's functions take; every array is fresh."""
        parts = {label: self.part(vector, label).copy() for label in self.shapes}
        named = {label: float(part) if label in self.scalars else part for label, part in parts.items()}
        return named if self.keyed else tuple(named.values())

    def moved(self, label: str, change: FloatArray) -> FloatArray:
        """The base with `change` (size of the part,) added to one part."""
        vector = self.base.copy()
        vector[self.where(label)] += change
        return vector


@dataclass(frozen=True)
class Slopes:
    """The slopes of one part."""

    directions: FloatArray  # (m, size of the part)
    values: FloatArray  # (m,)
    steps: FloatArray  # (m,)
    noise: float  # what rounding may add to a slope

    @property
    def exact(self) -> bool:
        """Along the unit vectors: the slopes are the gradient."""
        count, size = self.directions.shape
        return count == size and bool((self.directions == np.eye(size)).all())

    def tolerance(self, rtol: float, atol: float) -> float:
        """atol + rtol * scale; the scale is the largest slope, or the root mean square of random ones."""
        if not self.values.size:
            return atol
        squares = self.values**2
        scale = float(np.sqrt(squares.max() if self.exact else squares.mean()))
        return atol + rtol * scale + self.noise

    def misfit(self, part: FloatArray) -> FloatArray:
        """(m,): how far a claimed gradient of this part is from each slope."""
        with np.errstate(all="ignore"):
            return np.abs(self.directions @ part.ravel() - self.values)

    def fits(self, part: FloatArray, rtol: float, atol: float) -> bool:
        return bool((self.misfit(part) <= self.tolerance(rtol, atol)).all())


def surface(space: Space, reference_loss: Callable[[Point], float]) -> Surface:
    """The reference loss over vectors. Raises `ValueError` (ours) where it is not finite."""

    def height(vector: FloatArray) -> float:
        value = float(reference_loss(space.point(vector)))
        if not np.isfinite(value):
            raise ValueError("the reference loss is not finite near the point where its gradient is asked")
        return value

    return height


def directions(space: Space, label: str, rng: np.random.Generator) -> FloatArray:
    """(m, size): unit vectors where the space, or the part, is small; else random ones of length one."""
    size = int(np.prod(space.shapes[label]))
    if len(space.base) <= ONE_BY_ONE or size <= _PROJECTIONS:
        return np.eye(size)
    return random_directions(_PROJECTIONS, size, rng)


def random_directions(count: int, size: int, rng: np.random.Generator) -> FloatArray:
    """(count, size): random signs, so that no single coordinate can hide, scaled to length one."""
    return np.asarray(rng.choice((-1.0, 1.0), size=(count, size)) / np.sqrt(size))


def measure(space: Space, label: str, lines: FloatArray, height: Surface) -> Slopes:
    """The slopes of one part along `lines` (m, size), from 8 to 16 values of the loss for each."""
    rounding = _ROUNDING * abs(height(space.base))
    found = np.array([_slope(space, label, line, height, rounding) for line in lines]).reshape(-1, 2)
    values, steps = found[:, 0], found[:, 1]
    return Slopes(lines, values, steps, noise=rounding / float(steps.min(initial=1.0)))


def stencil(space: Space, label: str, line: FloatArray, step: float) -> list[FloatArray]:
    """The four points of which `slope` needs the loss."""
    return [space.moved(label, line * (offset * step)) for offset in _STENCIL]


def slope(heights: Sequence[float], step: float) -> float:
    """From the loss at the four points of `stencil`."""
    with np.errstate(all="ignore"):
        return float(np.dot(_WEIGHTS, np.asarray(heights, dtype=np.float64)) / step)


def _slope(space: Space, label: str, line: FloatArray, height: Surface, rounding: float) -> tuple[float, float]:
    """The slope and the step that gave it: the first that the next one confirms, or else comes closest to."""
    reach = _reach(space, label, line)
    found: list[tuple[float, float, float]] = []  # distance to the next slope, slope, step
    coarse = _central(space, label, line, height, _STEPS[0] * reach)
    for step, finer in pairwise(np.multiply(_STEPS, reach).tolist()):
        fine = _central(space, label, line, height, finer)
        if abs(coarse - fine) <= 2 * rounding / finer:
            return coarse, step
        found.append((abs(coarse - fine), coarse, step))
        coarse = fine
    return min(found)[1:]


def _central(space: Space, label: str, line: FloatArray, height: Surface, step: float) -> float:
    return slope([height(point) for point in stencil(space, label, line, step)], step)


def _reach(space: Space, label: str, line: FloatArray) -> float:
    """max(1, |x|) for a unit vector; the root mean square of the x that move otherwise."""
    moving = space.base[space.where(label)][line != 0]
    return max(1.0, float(np.sqrt(np.mean(moving**2)))) if moving.size else 1.0
