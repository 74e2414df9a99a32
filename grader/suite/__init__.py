"""What a suite imports: checks, `Failed`, bilingual `Text`, and torch tensors as data."""

from grader.failed import Failed
from grader.inside.codec import Tensor
from grader.text import Text

__all__ = ["Failed", "Tensor", "Text"]
