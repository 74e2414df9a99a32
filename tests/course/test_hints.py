"""Which hints are open, as a pure function of what was missed."""

from __future__ import annotations

import pytest

from grader.course.hints import Opened
from grader.report import Verdict
from grader.text import Text

THREE = Text("하나\n둘\n셋", "one\ntwo\nthree")


@pytest.mark.parametrize(
    ("missed", "over", "open_", "told"),
    [
        (0, False, [], "0 of 3"),
        (1, False, ["one"], "1 of 3"),
        (2, False, ["one", "two"], "2 of 3"),
        (3, False, ["one", "two", "three"], None),
        (9, False, ["one", "two", "three"], None),
        (1, True, ["one", "two", "three"], None),
    ],
)
def test_each_missed_attempt_opens_one_and_the_end_all(
    missed: int, over: bool, open_: list[str], told: str | None
) -> None:
    steps = Opened({"f.values": missed}, over).steps("f.values", THREE, Verdict.FAILED)
    assert [one.en for one in steps.open] == open_
    assert (steps.next is None) == (told is None)
    assert told is None or (steps.next is not None and told in steps.next.en)


def test_another_check_opens_nothing_and_what_passed_has_none() -> None:
    opened = Opened({"f.values": 3})
    assert opened.steps("f.shape", THREE, Verdict.FAILED).open == ()
    assert opened.steps("f.values", THREE, Verdict.PASSED).all == 0


def test_a_hint_that_cannot_be_split_is_one_step() -> None:
    assert Opened({"f": 1}).steps("f", Text("하나\n둘", "both at once"), Verdict.FAILED).all == 1
