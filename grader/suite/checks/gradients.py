"""A claimed gradient against central differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.failed import Failed
from grader.suite.checks.arrays import first_fault
from grader.suite.checks.calls import Own, ask
from grader.suite.checks.kinds import FloatArray
from grader.suite.checks.mistakes import Case, Mistake, cause, detail, own_loss
from grader.suite.checks.parts import split
from grader.suite.checks.reading import Reading, check_finite, read
from grader.suite.checks.shapes import check_shape
from grader.suite.checks.slopes import Point, Slopes, Space, directions, measure, surface

_SEED = 20231


def gradient(
    claimed: object,
    at: Mapping[str, Any] | Sequence[Any],
    loss: Callable[[list[Point]], list[float]],
    reference_loss: Callable[[Point], float],
    *,
    name: str,
    n: int,
    mistakes: Sequence[Mistake] = (),
    rtol: float = 1e-5,
    atol: float = 1e-8,
    parts: Sequence[str] = (),
) -> dict[str, FloatArray]:
    """`claimed` is the gradient at `at`: both a dict name -> array, or both a tuple of arrays and floats.

    A part passes when it is within atol + rtol * (the largest number of that part's gradient). `loss` takes a
    list of points like `at` and asks the student; it is believed where it agrees with `reference_loss`.
    `n` is the number of examples, `parts` the names of a tuple's parts. Returns the gradient by part name:
    measured for up to 64 numbers, as claimed (and found right) for more.
    """
    space = Space.of(at, parts)
    readings = _read(claimed, at, space, name, parts)
    claim = {label: reading.values for label, reading in readings.items()}
    height = surface(space, reference_loss)
    rng = np.random.default_rng(_SEED)
    reference = {label: measure(space, label, directions(space, label, rng), height) for label in space.shapes}
    own = ask(loss, space, reference, height, rng)
    truth = _truth(reference, own, rtol, atol)
    wrong = tuple(label for label in space.shapes if not truth[label].fits(claim[label], rtol, atol))
    if wrong:
        coarse = next((readings[label].coarse for label in wrong if readings[label].coarse), None)
        case = Case(space, claim, truth, wrong, n, rtol, atol, coarse)
        found = cause(case, name, mistakes, parts)
        said = found.text + own_loss(claim, own, rtol, atol)
        raise Failed(said, detail(case, height, rng), misconception=found.misconception)
    return {label: _gradient(truth[label], claim[label]) for label in space.shapes}


def _read(
    claimed: object, at: Mapping[str, Any] | Sequence[Any], space: Space, name: str, parts: Sequence[str]
) -> dict[str, Reading]:
    """The claimed parts as finite float64 arrays of the parameters' shapes."""
    claim: dict[str, Reading] = {}
    faults: dict[str, Failed] = {}
    for label, part in split(claimed, at, name=name, parts=parts).items():
        try:
            claim[label] = read(part.value, name=part.name)
            check_shape(claim[label].values.shape, space.shapes[label], name=part.name)
            check_finite(claim[label].values, name=part.name)
        except Failed as fault:
            faults[label] = fault
    if faults:
        raise first_fault(faults, total=1)
    return claim


def _truth(reference: Mapping[str, Slopes], own: Own | None, rtol: float, atol: float) -> Mapping[str, Slopes]:
    """The slopes through calls where the student's loss is believed and is no noisier than the reference."""
    if own is None or not own.believed or not own.slopes:
        return reference
    close = all(
        (np.abs(own.slopes[label].values - measured.values) <= 0.1 * measured.tolerance(rtol, atol)).all()
        for label, measured in reference.items()
    )
    return own.slopes if close else reference


def _gradient(measured: Slopes, part: FloatArray) -> FloatArray:
    return measured.values.reshape(part.shape) if measured.exact else part
