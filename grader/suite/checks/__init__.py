"""What a check can say about an answer: each function looks at one property and raises `Failed`.

An answer is data that came out of the box (numbers, strings, lists, dicts, numpy arrays, tensors), or a
`Handle` for what stayed inside. A handle forwards every attribute into the box, so nothing here ever touches
an object whose type it does not know.
"""

from grader.suite.checks.arrays import array, arrays, finite, number, shape
from grader.suite.checks.claims import misconception, that
from grader.suite.checks.gradients import gradient
from grader.suite.checks.losses import falls, losses
from grader.suite.checks.metrics import Curve, accuracy, measured, wilson
from grader.suite.checks.mistakes import Mistake
from grader.suite.checks.parts import mapping, unpack
from grader.suite.checks.purity import different, same, unchanged

__all__ = [
    "Curve",
    "Mistake",
    "accuracy",
    "array",
    "arrays",
    "different",
    "falls",
    "finite",
    "gradient",
    "losses",
    "mapping",
    "measured",
    "misconception",
    "number",
    "same",
    "shape",
    "that",
    "unchanged",
    "unpack",
    "wilson",
]
