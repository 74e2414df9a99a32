"""Lessons: every topic of the course is taught in a few words of both languages, and in cells that exist."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader import misconception
from grader.assignment import Catalog
from grader.errors import BadAssignment
from grader.quiz import lesson
from webapp import released

ASSIGNMENTS = Catalog.find().assignments
TOPICS = misconception.topics(ASSIGNMENTS)


def test_every_topic_has_a_good_lesson_in_both_languages() -> None:
    assert lesson.faults(ASSIGNMENTS, TOPICS) == []


def test_the_cells_that_teach_a_topic_are_in_the_released_notebooks() -> None:
    for topic in TOPICS.values():
        for cell in topic.cells:
            headings = released.headings(ASSIGNMENTS / cell.assignment / "notebook.ipynb")
            assert cell.id in headings, f"{topic.id}: {cell}"


@pytest.mark.parametrize(
    ("language", "more", "fault"),
    [
        ("en", "\n\nBroken: $\\frac{1}$", "frac"),
        ("ko", "\n\n열린 식: $$x + 1", "not closed"),
        ("en", " word" * 200, "good to read"),
        ("ko", "\n\n$$x$$", "formulas and pieces of code"),
        ("en", " 한글", "Korean in the English"),
    ],
)
def test_what_is_wrong_with_a_lesson_is_found(tmp_path: Path, language: str, more: str, fault: str) -> None:
    shutil.copytree(ASSIGNMENTS / lesson.FOLDER, tmp_path / lesson.FOLDER)
    with (tmp_path / lesson.FOLDER / f"dropout.{language}.md").open("a", encoding="utf-8") as file:
        file.write(more)
    assert [one for one in lesson.faults(tmp_path, TOPICS) if fault in one.text.en and one.topic == "dropout"]


def test_a_lesson_in_one_language_is_none_and_a_name_leads_to_no_other_file(tmp_path: Path) -> None:
    (tmp_path / lesson.FOLDER).mkdir()
    (tmp_path / lesson.FOLDER / "xor.ko.md").write_text("글", encoding="utf-8")
    for language in lesson.LANGUAGES:
        (tmp_path / f"secret.{language}.md").write_text("secret", encoding="utf-8")
    assert lesson.lesson(tmp_path, "xor") is None
    assert lesson.lesson(tmp_path, "../secret") is None
    (fault,) = lesson.faults(tmp_path, ["xor"])
    assert fault.text.en == "It has no lesson in both languages."


def test_a_cell_is_named_with_its_assignment(tmp_path: Path) -> None:
    (tmp_path / misconception.TOPICS).write_text('a = { week = 1, ko = "가", en = "a", cells = ["one"] }\n')
    with pytest.raises(BadAssignment, match="no cell"):
        misconception.topics(tmp_path)
