"""Two languages, side by side."""

from __future__ import annotations

import pytest

from grader.text import Text

BOTH = Text("안녕", "hello")


@pytest.mark.parametrize(("language", "shown"), [("ko", "안녕"), ("en", "hello"), (None, "안녕\nhello")])
def test_a_text_is_shown_in_one_language_or_in_both(language: str | None, shown: str) -> None:
    assert BOTH.into(language) == shown


def test_what_is_the_same_in_both_is_shown_once() -> None:
    assert str(Text("torch 2.4", "torch 2.4")) == "torch 2.4"


def test_two_texts_are_joined_in_each_language() -> None:
    assert BOTH + Text("친구", "friend") == Text("안녕 친구", "hello friend")
    assert BOTH + Text("", "") == Text("", "") + BOTH == BOTH


def test_an_empty_text_is_false() -> None:
    assert not Text("", "")
    assert Text("", "a")


def test_it_comes_back_from_json() -> None:
    assert Text.from_json(BOTH.as_json()) == BOTH
