"""What no other function says."""

from __future__ import annotations

import numpy as np

from grader.failed import Failed
from grader.text import Text


def that(condition: bool | np.bool_, *, ko: str, en: str, detail: Text | None = None) -> None:
    """The condition is true; else the sentence `ko`, `en` is what the student reads.

    Only a real bool will do (`TypeError`, ours): the truth of a handle would be asked for inside the box.
    """
    if not issubclass(type(condition), (bool, np.bool_)):
        raise TypeError(f"a condition must be a bool, not {type(condition).__name__}")
    if not condition:
        raise Failed(Text(ko, en), detail)
