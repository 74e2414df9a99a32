"""Arrays and numbers: type first, then shape, then NaN and infinity, then values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.failed import Failed
from grader.suite.checks.kinds import FloatArray, Shape
from grader.suite.checks.parts import label_parts, split
from grader.suite.checks.reading import check_finite, known, read
from grader.suite.checks.shapes import check_shape
from grader.suite.checks.values import check_values
from grader.suite.checks.words import quoted
from grader.text import Text


def finite(got: object, *, name: str) -> FloatArray:
    """Numeric, with no NaN or infinity; returned as float64 of the shape that it has."""
    return check_finite(read(got, name=name).values, name=name)


def shape(got: object, shape: Shape, *, name: str) -> FloatArray:
    """A finite numeric array of that shape; returned as float64."""
    values = read(got, name=name).values
    check_shape(values.shape, tuple(shape), name=name)
    return check_finite(values, name=name)


def array(got: object, expected: object, *, name: str, rtol: float = 1e-6, atol: float = 1e-8) -> FloatArray:
    """`got` has the shape and the values of `expected`: |got - expected| <= atol + rtol * |expected|.

    Any of array, tensor, nested list and number will do, of any numeric dtype. Returned as float64.
    """
    truth = known(expected)
    reading = read(got, name=name)
    check_shape(reading.values.shape, truth.shape, name=name)
    check_finite(reading.values, name=name)
    check_values(reading, truth, name=name, rtol=rtol, atol=atol)
    return reading.values


def number(got: object, expected: object, *, name: str, rtol: float = 1e-6, atol: float = 1e-8) -> float:
    """A float, int, numpy scalar or 0-d array with that value; an array of shape (1,) is a fault."""
    return float(array(got, known(expected).item(), name=name, rtol=rtol, atol=atol))


def arrays(
    got: object,
    expected: Mapping[str, Any] | Sequence[Any],
    *,
    name: str,
    rtol: float = 1e-6,
    atol: float = 1e-8,
    parts: Sequence[str] = (),
) -> dict[str, FloatArray]:
    """A dict of arrays with the keys of `expected`, or a tuple with its length, each as in `array`.

    Every part is looked at, so that the message can say which ones are right. Returned by the parts' names:
    the keys; for a tuple `parts`, or "0", "1", ... without them.
    """
    truths = label_parts(expected, parts)
    found: dict[str, FloatArray] = {}
    faults: dict[str, Failed] = {}
    for label, part in split(got, expected, name=name, parts=parts).items():
        try:
            found[label] = array(part.value, truths[label], name=part.name, rtol=rtol, atol=atol)
        except Failed as fault:
            faults[label] = fault
    if faults:
        raise first_fault(faults, total=len(truths))
    return found


def first_fault(faults: Mapping[str, Failed], *, total: int) -> Failed:
    """The first fault, with a word about the other parts."""
    first, *others = faults
    message = faults[first].message
    if others:
        message += Text(f"함께 틀린 부분: {quoted(others)}.", f"Also wrong: {quoted(others)}.")
    elif total > 1:
        message += Text("나머지 부분은 맞습니다.", "The other parts are right.")
    return Failed(message, faults[first].detail)
