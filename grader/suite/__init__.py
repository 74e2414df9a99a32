"""What a suite imports: checks, `Failed`, bilingual `Text`, torch tensors as data, and what a report measures and
draws."""

from grader.failed import Failed
from grader.inside.codec import Tensor
from grader.picture import Bars, Confusion, Curves, Interval, Intervals, Regions, Series
from grader.report import Metric
from grader.text import Text

__all__ = [
    "Bars",
    "Confusion",
    "Curves",
    "Failed",
    "Interval",
    "Intervals",
    "Metric",
    "Regions",
    "Series",
    "Tensor",
    "Text",
]
