"""The quizzes that are shipped."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from grader import misconception
from grader.quiz import lint, variant
from grader.quiz.bank import PUBLIC, SECRET, Bank
from grader.quiz.question import Kind, Posed, Quiz

ROOT = Path(__file__).resolve().parent.parent.parent
BANK = Bank(ROOT / "assignments/quizzes", ROOT / "reference/quizzes")
# a quiz is written in three files: until all are there it is in the making
WHOLE = [name for name in BANK.ids() if BANK.secret and (BANK.secret / f"{name}.toml").is_file()]
TOP = {"id", "week", "title", "question"}


@pytest.mark.parametrize("name", WHOLE)
def test_a_quiz_has_no_errors(name: str) -> None:
    faults = lint.lint(BANK, misconception.topics(ROOT / "assignments"), [name])
    assert [f"{fault.question}: {fault.text.en}" for fault in faults if not fault.warning] == []


@pytest.mark.parametrize("name", BANK.ids())
def test_public_files_hold_nothing_that_decides(name: str) -> None:
    data = tomllib.loads((BANK.public / f"{name}.toml").read_text(encoding="utf-8"))
    assert set(data) <= TOP
    assert not PUBLIC & SECRET
    for question in data["question"]:
        assert set(question) <= PUBLIC
        options = (option for field in ("choices", "items", "left", "right") for option in question.get(field, []))
        assert all(set(option) == {"id", "ko", "en"} for option in options)


def posed(quiz: Quiz, person: str) -> list[Posed]:
    found = []
    for question in quiz.questions:
        seed = variant.seed(b"a secret", person=person, quiz=quiz.id, question=question.id, version=quiz.version)
        found.append(variant.pose(question, quiz.keys[question.id], BANK.generators(quiz.id), seed))
    return found


@pytest.mark.parametrize("name", WHOLE)
def test_three_people_get_stable_variants_of_their_own(name: str) -> None:
    quiz = BANK.load(name)
    people = [posed(quiz, person) for person in ("ann", "bo", "cho")]
    assert [posed(quiz, person) for person in ("ann", "bo", "cho")] == people
    for places in zip(*people, strict=True):
        made = places[0].key.generator
        assert bool(places[0].values) == bool(made)
        assert len({repr(one) for one in places}) > 1 or not made or places[0].question.kind is Kind.CELL


def test_no_question_is_in_two_quizzes() -> None:
    ids = [question.id for name in WHOLE for question in BANK.load(name).questions]
    assert len(ids) == len(set(ids))
