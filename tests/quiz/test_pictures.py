"""The pictures of the quizzes that are shipped: drawn by a script, language-free, readable, and with words for who does
not see them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from grader.quiz import media, variant
from grader.quiz.bank import Bank
from grader.quiz.exchange import canvas, moodle, qti
from grader.quiz.exchange.carried import Asked, Paper, Reading
from grader.quiz.question import Posed
from grader.text import Text

ROOT = Path(__file__).resolve().parent.parent.parent
BANK = Bank(ROOT / "assignments/quizzes", ROOT / "reference/quizzes")
QUIZZES = BANK.all()
SHOWN = {question.picture: (quiz, question) for quiz in QUIZZES for question in quiz.questions if question.picture}
FOLDER = BANK.public / "pictures"
FEW_BYTES = 10_000
SYSTEMS = {
    "moodle": (moodle.write, moodle.read),
    "qti12": (canvas.write, qti.read),
    "qti3": (lambda paper, language: qti.write(paper, language, "3.0"), qti.read),
}


def _load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem.replace("-", "_"), file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DRAWN = _load(ROOT / "reference/quizzes/pictures.py")


def test_every_picture_is_what_the_script_draws_and_is_shown_by_a_question() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(DRAWN.PICTURES) == set(SHOWN)
    for name, draw in DRAWN.PICTURES.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == draw().svg(), f"{name}: draw it again"


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_picture_is_small_has_no_words_and_follows_the_theme(name: str) -> None:
    content = (FOLDER / name).read_bytes()
    assert media.check(name, content) == "image/svg+xml"
    assert len(content) < FEW_BYTES
    words = [word for text in re.findall(r"<text[^>]*>([^<]*)<", content.decode()) for word in re.findall(r"\w+", text)]
    assert all(len(word) == 1 or word.isdigit() or word in ("x₁", "x₂") for word in words)
    assert b"prefers-color-scheme:dark" in content
    assert b'class="f-paper"' in content  # its own paper: the page's may be dark


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_who_does_not_see_a_picture_is_told_each_of_its_letters(name: str) -> None:
    _, question = SHOWN[name]
    letters = set(re.findall(r"<text[^>]*>([A-E])<", (FOLDER / name).read_text(encoding="utf-8")))
    assert question.alt is not None
    for text in (question.alt.ko, question.alt.en):
        assert letters <= set(re.findall(r"(?<![A-Za-z])[A-E](?![A-Za-z])", text))


def _posed(id: str, seed: int) -> Posed:
    quiz, question = next((quiz, one) for quiz, one in SHOWN.values() if one.id == id)
    return variant.pose(question, quiz.keys[id], BANK.generators(quiz.id), seed)


def test_questions_ask_about_the_numbers_that_are_drawn() -> None:
    names = (
        "week1-mathematics",
        "week2-linear-regression",
        "week4-perceptron",
        "week5-practice",
        "week5-regularization",
    )
    vectors, lines, network, filters, stops = (_load(BANK.secret / f"{name}.py") for name in names if BANK.secret)
    assert vectors.ARROWS == DRAWN.ARROWS
    assert (lines.POINTS, lines.LINES) == (DRAWN.POINTS, DRAWN.LINES)
    assert network.LAYERS == DRAWN.LAYERS
    assert (filters.IMAGE, filters.FILTER) == (DRAWN.IMAGE, DRAWN.FILTER)
    assert stops.DRAWN == DRAWN.VALIDATION


def test_the_drawn_values_give_the_keys() -> None:
    """Worked out here once more, by hand or from the data of the picture."""
    gradients = {"x": 15, "w": 10, "y": 20, "v": -5, "p": 5, "q": 5}
    for seed in range(20):
        posed = _posed("gradient-at-a-node", seed)
        assert posed.key.answer == gradients[posed.values["node"]]
        posed = _posed("stopping-on-a-drawn-curve", seed)
        assert posed.key.answer == {1: 6, 2: 7, 3: 12, 4: 13, 5: 14}[posed.values["patience"]]
    below = {corner: -corner[0] - corner[1] + 1.5 > 0 for corner in DRAWN.CORNERS}
    assert [corner for corner, one in below.items() if not one] == [(1, 1)]  # the empty dot
    assert sorted(DRAWN.FOLDS.values()) == [1, 2, 3, 3, 5]


@pytest.mark.parametrize("system", ["moodle", "qti12", "qti3"])
def test_the_pictures_go_out_to_another_system_and_come_back(system: str) -> None:
    shown = [(name, _posed(question.id, 0)) for name, (_, question) in sorted(SHOWN.items())]
    paper = Paper(
        "shown",
        Text("그림", "Pictures"),
        [Asked(posed) for _, posed in shown],
        pictures={name: (FOLDER / name).read_bytes() for name, _ in shown},
    )
    write, read = SYSTEMS[system]
    found = read(write(paper, "ko")[0], Reading("back", Text("그림", "Pictures"), "ko"))
    assert sorted(found.pictures.values()) == sorted(paper.pictures.values())
    assert all(media.check(name, content) for name, content in found.pictures.items())


def test_the_example_of_the_course_occurs() -> None:
    quiz = next(quiz for quiz in QUIZZES if quiz.id == "week2-linear-regression")
    made = [variant.generate(BANK.generators(quiz.id), "converted_score", seed) for seed in range(200)]
    course = [one for one in made if [one[f"s{i}"] for i in range(4)] == [80, 90, 80, 45]]
    assert {one["answer"] for one in course} == {290}
    assert len(course) < len(made) / 4
