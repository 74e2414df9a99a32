"""Names of assignments for tables that have one line for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from grader.course.exports.table import Column


def titles(columns: Sequence[Column]) -> Mapping[str, str]:
    """By key, in Korean; the key is added where two assignments have the same title."""
    named = {column.key: " ".join((column.title.ko or column.title.en or column.key).split()) for column in columns}
    often = Counter(named.values())
    return {key: name if often[name] == 1 else f"{name} ({key})" for key, name in named.items()}
