"""Quizzes as files: read and joined, or refused with the file and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from quiz.bench import PUBLIC, SECRET, write

from grader.errors import BadQuiz
from grader.quiz.bank import Bank
from grader.quiz.question import Kind


def test_the_two_halves_are_joined(tmp_path: Path) -> None:
    bank = write(tmp_path)
    quiz = bank.load("demo")
    assert (quiz.id, quiz.week, quiz.title.en, len(quiz.version)) == ("demo", 4, "Demo", 12)
    first, second = quiz.questions
    assert (first.kind, first.difficulty, [option.id for option in first.options]) == (
        Kind.CHOICE,
        2,
        ["line", "curve", "point"],
    )
    assert quiz.keys[first.id].answer == "line"
    assert quiz.keys[second.id].generator == "sum_up"
    assert bank.generators("demo") == tmp_path / "reference/quizzes/demo.py"


def test_without_the_keys_there_are_only_questions(tmp_path: Path) -> None:
    public = write(tmp_path).public
    for bank in (Bank(public), Bank(public, tmp_path / "nowhere")):
        assert not bank.load("demo").keys
        assert bank.generators("demo") is None
        assert len(bank.all()) == 1


@pytest.mark.parametrize(
    "name", ["assignments/quizzes/demo.toml", "reference/quizzes/demo.toml", "reference/quizzes/demo.py"]
)
def test_the_version_changes_with_each_file(tmp_path: Path, name: str) -> None:
    before = write(tmp_path).load("demo").version
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("\n# more\n")
    assert Bank(tmp_path / "assignments/quizzes", tmp_path / "reference/quizzes").load("demo").version != before


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('id = "demo"', 'id = "other"', "its id is 'other'"),
        ("week = 4", "week = 'four'", "invalid literal"),
        ("week = 4", "week = 4\nkey = 1", "nothing reads 'key'"),
        ('id = "why-not"', 'id = "Why Not"', "its id is not"),
        ('id = "why-not"', 'id = "sum-up"', "two questions have one id"),
        ('kind = "number"', 'kind = "guess"', "'guess' is not a valid Kind"),
        ('kind = "number"', 'kind = "number"\nanswer = 3', "nothing reads 'answer'"),
        ('kind = "number"', "", "kind"),
        ('stem.en = "What is @{a} + @{b}?"', "", "en"),
        ('{ id = "curve"', '{ id = "line"', "two of its options have one id"),
        ('{ id = "curve"', '{ right = true, id = "curve"', "nothing reads 'right' of an option"),
        ("difficulty = 2", 'difficulty = "easy"', "invalid literal"),
        ("title =", "titel =", "nothing reads 'titel'"),
        ("[[question]]", "[question]", "cannot be read"),
    ],
)
def test_a_public_file_written_wrongly(tmp_path: Path, old: str, new: str, why: str) -> None:
    bank = write(tmp_path, public=PUBLIC.replace(old, new))
    with pytest.raises(BadQuiz, match=r"demo\.toml") as error:
        bank.load("demo")
    assert why in error.value.text.en


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("[sum-up]", "[sum]", "sum-up has no key"),
        ("[sum-up]", "[more]\nkey = 1\n[sum-up]", "more is no question"),
        ('key = "line"', "", "key"),
        ('key = "line"', 'key = "line"\nwait = 1', "nothing reads 'wait'"),
        ('key = "line"', 'key = "line"\nweight = "heavy"', "heavy"),
        ("hints = [{ ko", "hints = [{ kr", "ko"),
        ('feedback.curve = { ko = "곡선이 아닙니다.", en = "It is not curved." }', 'feedback = "no"', "cannot be read"),
        ("[why-not]", "why-not = 3\n[other]", "cannot be read"),
    ],
)
def test_a_secret_file_written_wrongly(tmp_path: Path, old: str, new: str, why: str) -> None:
    bank = write(tmp_path, secret=SECRET.replace(old, new))
    with pytest.raises(BadQuiz, match=r"demo\.toml") as error:
        bank.load("demo")
    assert why in error.value.text.en


@pytest.mark.parametrize("name", ["none", "../demo", "demo/../demo", "", "demo.toml"])
def test_only_what_is_listed_can_be_loaded(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadQuiz, match="Known: demo"):
        write(tmp_path).load(name)


def test_an_id_belongs_to_one_quiz(tmp_path: Path) -> None:
    bank = write(tmp_path)
    (tmp_path / "assignments/quizzes/more.toml").write_text(PUBLIC.replace('"demo"', '"more"'), encoding="utf-8")
    (tmp_path / "reference/quizzes/more.toml").write_text(SECRET, encoding="utf-8")
    with pytest.raises(BadQuiz, match="in demo and in more"):
        bank.all()
