"""How times and rules are read from what a person types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from grader.commands import common
from grader.errors import BadInput


@pytest.mark.parametrize(
    ("words", "end", "expected"),
    [
        ("2026-03-02 18:00", False, "2026-03-02T09:00:00+00:00"),
        ("2026-03-02T18:00:30", True, "2026-03-02T09:00:30+00:00"),
        ("2026-03-02", False, "2026-03-01T15:00:00+00:00"),
        ("2026-03-02", True, "2026-03-02T14:59:59+00:00"),
        ("2026-03-02T18:00Z", True, "2026-03-02T18:00:00+00:00"),
        ("2026-03-02 18:00+02:00", True, "2026-03-02T16:00:00+00:00"),
        ("2026.3.2", True, "2026-03-02T14:59:59+00:00"),
        ("2026. 3. 2. 18:00", True, "2026-03-02T09:00:00+00:00"),
        ("2026/03/02 18:00", False, "2026-03-02T09:00:00+00:00"),
        ("2026년 3월 2일", True, "2026-03-02T14:59:59+00:00"),
    ],
)
def test_a_time_is_the_courses_unless_it_says_another_zone(words: str, end: bool, expected: str) -> None:
    assert common.iso(common.moment(words, "Asia/Seoul", end=end)) == expected


@pytest.mark.parametrize(
    ("words", "more"), [("+3d", timedelta(days=3)), ("+12h", timedelta(hours=12)), ("+5m", timedelta(minutes=5))]
)
def test_a_time_from_now(words: str, more: timedelta) -> None:
    found = common.moment(words, "UTC")
    assert found is not None
    assert abs(found - datetime.now(UTC) - more) < timedelta(seconds=5)


def test_none_is_no_time_and_nonsense_is_told() -> None:
    assert common.moment("none", "UTC") is None
    for words in ("tomorrow", "", "2.3.2026", "03/02/2026", "3d", "+3w", "2026-13-01", "+99999d"):
        with pytest.raises(BadInput):
            common.moment(words, "UTC")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("attempts=5", {"attempts": 5}),
        ("attempts=none", {"attempts": None}),
        ("late=none", {"late": "none"}),
        ("percent_a_day = 12.5", {"percent_a_day": 12.5}),
        ("counts=last", {"counts": "last"}),
    ],
)
def test_a_rule_is_a_key_and_a_value(words: str, expected: dict[str, Any]) -> None:
    assert common.rules([words]) == expected


@pytest.mark.parametrize("words", ["attempts", "=5", ""])
def test_what_is_no_rule_is_told(words: str) -> None:
    with pytest.raises(BadInput):
        common.rules([words])
