"""What the notebooks of a course teach: by function, the topics that its checks are about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from grader import misconception
from grader.assignment import Catalog
from grader.course import publishing

ID = re.compile(r"""["']([a-z0-9]+(?:-[a-z0-9]+)+)["']""")


class Taught(NamedTuple):
    """The week of an assignment, and by function the topics that its checks are about: those that its assignment.toml
    declares, else those of the misconceptions that its hidden tests name."""

    week: int
    topics: Mapping[str, frozenset[str]]


@lru_cache(maxsize=64)
def taught(root: Path, key: str) -> Taught:
    """Of the assignment in an unpacked archive, which never changes."""
    public, secret = (root / name for name in publishing.ROOTS)
    known = misconception.known(public, secret)
    found = {}
    for file in sorted((secret / key / "hidden_tests").glob("test_*.py")):
        words = set(ID.findall(file.read_text(encoding="utf-8")))
        found[file.stem.removeprefix("test_")] = frozenset(known[one].topic.id for one in words & known.keys())
    loaded = Catalog(public, secret).load(key)
    return Taught(loaded.week, found | {group: frozenset(ids) for group, ids in loaded.topics.items()})
