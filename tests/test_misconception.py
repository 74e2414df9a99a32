"""Misconceptions: every one explained in both languages, with a topic of the course."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader import misconception
from grader.assignment import Catalog
from grader.errors import BadAssignment
from grader.misconception import Misconception
from grader.text import Text

CATALOG = Catalog.find()
KNOWN = misconception.known(CATALOG.assignments, CATALOG.reference)
TOPICS = """[gradient-descent]
week = 2
ko = "경사 하강법"
en = "Gradient descent"
[backpropagation]
week = 4
ko = "역전파"
en = "Backpropagation"
"""
ONE = """[{id}]
topic = "{topic}"
title = {{ ko = "제목", en = "Title" }}
text = {{ ko = "하나. 둘.", en = "One. Two." }}
"""


def course(folder: Path, **entry: str) -> tuple[Path, Path]:
    folder.joinpath(misconception.TOPICS).write_text(TOPICS, encoding="utf-8")
    text = ONE.format(**{"id": "odd-belief", "topic": "gradient-descent", **entry})
    folder.joinpath(misconception.FILE).write_text(text, encoding="utf-8")
    return folder, folder


@pytest.mark.parametrize("one", KNOWN.values(), ids=list(KNOWN))
def test_each_is_told_in_two_sentences_of_both_languages(one: Misconception) -> None:
    assert re.search("[가-힣]", one.title.ko)
    assert not re.search("[가-힣]", one.title.en + one.text.en)
    for text in (one.text.ko, one.text.en):
        assert len(re.findall(r"[.?!](?=\s|$)", text)) == 2, text


def test_a_course_adds_its_own(tmp_path: Path) -> None:
    found = misconception.known(*course(tmp_path))
    assert found["odd-belief"].topic == misconception.Topic(
        "gradient-descent", 2, Text("경사 하강법", "Gradient descent")
    )
    assert "missing-one-over-n" in found


def test_one_survives_json() -> None:
    one = next(iter(KNOWN.values()))
    assert Misconception.from_json(one.as_json()) == one


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"topic": "cooking"}, "no topic 'cooking'"),
        ({"id": "missing-one-over-n"}, "exists already"),
        ({"id": "Not_an_id"}, "is no id"),
    ],
)
def test_a_file_that_is_written_wrongly_is_refused(tmp_path: Path, entry: dict[str, str], said: str) -> None:
    with pytest.raises(BadAssignment, match=said):
        misconception.known(*course(tmp_path, **entry))


def test_without_topics_a_course_still_has_ours(tmp_path: Path) -> None:
    assert misconception.known(tmp_path, None)["missing-one-over-n"].topic.id == "gradient-descent"
