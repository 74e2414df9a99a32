"""Variants: stable for a person, not to be guessed, shown as a reader wants them and exact in the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from quiz.bench import question, write

from grader.errors import BadQuiz
from grader.quiz import variant
from grader.quiz.question import Key, Kind, Wrong
from grader.text import Text

WHO = {"person": "p1", "quiz": "w", "question": "q", "version": "v"}


def generators(tmp_path: Path, source: str) -> Path:
    file = tmp_path / "demo.py"
    file.write_text(source, encoding="utf-8")
    return file


def test_a_seed_depends_on_all_that_it_is_made_of() -> None:
    seeds = {variant.seed(b"secret", **{**WHO, name: "other"}) for name in WHO}
    seeds |= {variant.seed(b"secret", **WHO), variant.seed(b"other", **WHO)}
    assert len(seeds) == 6
    assert variant.seed(b"secret", **WHO) == variant.seed(b"secret", **WHO)
    moved = {**WHO, "person": "p", "quiz": "1w"}
    assert variant.seed(b"secret", **moved) != variant.seed(b"secret", **WHO)


def test_a_seed_takes_a_secret() -> None:
    with pytest.raises(ValueError, match="secret"):
        variant.seed(b"", **WHO)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (3.0, "3"),
        (1 / 3, "0.333333"),
        (-0.0, "0"),
        (1e20, "1e+20"),
        ("[1]", "[1]"),
        (0.1 + 0.2, "0.3"),
        (True, "True"),
    ],
)
def test_values_are_shown_for_a_reader(value: float | str, text: str) -> None:
    assert variant.shown(value) == text


def test_the_key_keeps_all_digits_of_what_the_stem_shows(tmp_path: Path) -> None:
    file = generators(tmp_path, "def third(rng):\n    return {'x': 1 / 3, 'twice': 2 / 3, 'n': rng.randint(1, 9**9)}")
    asked = question(Kind.NUMBER, unit=Text("@{n}개", "of @{n}"), code="print(@{x})")
    text = Text("값 @{x}", "value @{x}")
    key = Key("@{x}", text, hints=[text], feedback={"a": text}, wrong=[Wrong("@{twice}", text)], generator="third")
    posed = variant.pose(asked, key, file, 1)
    assert posed.key.answer == 1 / 3
    assert posed.key.wrong[0].value == 2 / 3
    assert posed.question.code == "print(0.333333)"
    assert posed.question.unit == Text(f"{posed.values['n']}개", f"of {posed.values['n']}")
    said = (posed.key.explanation, posed.key.hints[0], posed.key.feedback["a"], posed.key.wrong[0].text)
    assert {text.en for text in said} == {"value 0.333333"}
    assert variant.pose(asked, key, file, 1) == posed
    assert variant.pose(asked, key, file, 2) != posed


def test_ids_and_pairs_may_come_from_a_generator(tmp_path: Path) -> None:
    file = generators(tmp_path, "def f(rng):\n    return {'one': 'a1', 'two': 'b1'}")
    for answer, wanted in (
        (["@{two}", "@{one}"], ["b1", "a1"]),
        ({"l": "@{one}"}, {"l": "a1"}),
        ("(@{one}, 2)", "(a1, 2)"),
    ):
        key = Key(answer, Text("가", "a"), generator="f")
        assert variant.pose(question(Kind.ORDER), key, file, 0).key.answer == wanted


@pytest.mark.parametrize(
    "source",
    [
        "def f(rng): return {'x': [1]}", "def f(rng): return 3", "def f(rng): return {'x': float('nan')}", "def g(rng): return {}",
        "def f(rng): return {'x': 1e999}", "def f(rng): 1 / 0", "def f(rng", "import nothing_of_that_name", "f = 3", "def f(): return {}",
    ],
)  # fmt: skip
def test_a_generator_written_wrongly_is_our_fault(tmp_path: Path, source: str) -> None:
    with pytest.raises(BadQuiz):
        variant.generate(generators(tmp_path, source), "f", 0)


def test_a_value_that_is_not_made_is_our_fault(tmp_path: Path) -> None:
    file = generators(tmp_path, "def f(rng): return {'x': 1}")
    key = Key("@{y}", Text("가", "a"), generator="f")
    with pytest.raises(BadQuiz, match="'y'"):
        variant.pose(question(Kind.NUMBER), key, file, 0)
    with pytest.raises(BadQuiz):
        variant.pose(question(Kind.NUMBER), key, None, 0)


def test_two_banks_with_files_of_one_name_do_not_mix(tmp_path: Path) -> None:
    files = []
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        files.append(generators(tmp_path / str(number), f"def f(rng): return {{'x': {number}}}"))
    assert [variant.generate(file, "f", 0)["x"] for file in files] == [1, 2]


def test_people_get_variants_of_their_own(tmp_path: Path) -> None:
    bank = write(tmp_path)
    quiz = bank.load("demo")
    asked = quiz.questions[1]
    stems = set()
    for person in range(20):
        seed = variant.seed(b"s", person=str(person), quiz="demo", question=asked.id, version=quiz.version)
        stems.add(variant.pose(asked, quiz.keys[asked.id], bank.generators("demo"), seed).question.stem.en)
    assert len(stems) > 10
