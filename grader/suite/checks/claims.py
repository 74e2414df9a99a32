"""What no other function says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from grader.failed import Failed
from grader.report import Verdict
from grader.text import Text


def that(
    condition: bool | np.bool_, *, ko: str, en: str, detail: Text | None = None, misconception: str | None = None
) -> None:
    """The condition is true; else the sentence `ko`, `en` is what the student reads, and `misconception` the id of
    what was misunderstood.

    Only a real bool will do (`TypeError`, ours): the truth of a handle would be asked for inside the box.
    """
    if not issubclass(type(condition), (bool, np.bool_)):
        raise TypeError(f"a condition must be a bool, not {type(condition).__name__}")
    if not condition:
        raise Failed(Text(ko, en), detail, misconception=misconception)


@contextmanager
def misconception(id: str) -> Iterator[None]:
    """A wrong answer that is found inside is a sign of this misconception, unless it has a name already. A crash or
    a time-out is a sign of nothing."""
    try:
        yield
    except Failed as failed:
        if failed.verdict is Verdict.FAILED and failed.misconception is None:
            failed.misconception = id
        raise
