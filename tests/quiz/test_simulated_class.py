"""A class made of a model: the statistics find what was put into it (`python -m bench.quiz` prints the same)."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from grader import drawing
from grader import picture as pictures
from grader.cli import cli
from grader.quiz import picture
from grader.quiz.statistics import statistics

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("bench_quiz", ROOT / "bench" / "quiz.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["bench_quiz"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bench_quiz"]


def test_the_order_of_difficulty_comes_out_as_made(bench: ModuleType) -> None:
    made = bench.items()
    assert bench.agreement(made, bench.found(made), bench.theory(made)) > 0.95


def test_difficulty_and_discrimination_are_what_theory_says(bench: ModuleType) -> None:
    made = bench.items()
    seen, expected = bench.found(made), bench.theory(made)
    for item in seen.items:
        made_of = expected.difficulty[item.question]
        assert abs(item.difficulty - made_of) < 4 * (made_of * (1 - made_of) / bench.PEOPLE) ** 0.5, item.question
    covered = sum(item.low <= expected.discrimination[item.question] <= item.high for item in seen.items)
    assert covered >= 0.85 * len(made)  # of intervals that hold it 95 times in 100


def test_exactly_the_faults_that_were_made_are_found(bench: ModuleType) -> None:
    made = bench.items()
    assert bench.misses(made, bench.found(made)) == []
    blamed = [item.question for item in bench.found(made).items if item.advice]
    assert sorted(blamed) == sorted(bench.FAULTS)


def test_alpha_is_what_theory_says(bench: ModuleType) -> None:
    made = bench.items()
    alpha = bench.found(made).alpha
    assert alpha.low <= bench.theory(made).alpha <= alpha.high


def test_a_sound_quiz_is_not_blamed(bench: ModuleType) -> None:
    """A choice that the strong take no more than the weak is no second answer, whatever the share of those who guess."""
    sound = [item for item in bench.items() if not item.fault]
    for seed in range(5):
        assert bench.misses(sound, bench.found(sound, seed=seed)) == []


@pytest.mark.slow
def test_of_a_hundred_classes_few_are_judged_wrongly(bench: ModuleType) -> None:
    made = bench.items()
    expected = bench.theory(made)
    classes = [bench.found(made, seed=seed) for seed in range(100)]
    wrong = [miss for seen in classes for miss in bench.misses(made, seen)]
    assert sum("is blamed" in miss for miss in wrong) <= 5  # of 2400 sound items
    assert sum("is not found" in miss for miss in wrong) <= 30  # of 600 faults
    assert min(bench.agreement(made, seen, expected) for seen in classes) > 0.95
    assert sum(seen.alpha.low <= expected.alpha <= seen.alpha.high for seen in classes) >= 88


def test_the_picture_shows_what_is_to_be_looked_at(bench: ModuleType) -> None:
    seen = bench.found(bench.items())
    shown = picture.scatter(seen)
    assert {point.name for point in shown.points if point.marked} == set(bench.FAULTS)
    assert len(shown.table()) == len(seen.items) + 1
    assert "wrong-key" in shown.sentences().ko
    assert "너무 쉬움: too-easy." in shown.sentences().ko
    assert "Too hard: wrong-key." in shown.sentences().en
    again = pictures.from_json(json.loads(json.dumps(pictures.as_json(shown))))
    assert pictures.as_json(again) == pictures.as_json(shown)
    for language in ("ko", "en", None):
        drawn = drawing.svg(shown, language)
        assert drawn.count("wrong-key") >= 1
        assert "<script" not in drawn


def test_the_command_draws_it_into_a_file_that_stands_alone(bench: ModuleType, tmp_path: Path) -> None:
    rows = [f"{row.person},{row.question},{row.share},{row.choice}" for row in bench.answers(bench.items(), 100, 1)]
    (tmp_path / "answers.csv").write_text("\n".join(["person,question,share,choice", *rows]))
    file = tmp_path / "questions.svg"
    ran = CliRunner().invoke(
        cli, ["quiz", "stats", str(tmp_path / "answers.csv"), "--picture", str(file), "--lang", "ko"]
    )
    assert ran.exit_code == 0, ran.output
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    svg = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{svg}title") == "문제의 난이도와 변별도"
    assert "100명이 문제 30개에 답했습니다." in str(root.findtext(f"{svg}desc"))
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", file.read_text(encoding="utf-8")))
    assert all(f"{name}:" in str(root.findtext(f"{svg}style")) for name in used)


def test_a_class_too_small_for_a_discrimination_is_drawn_without_points(bench: ModuleType) -> None:
    few = statistics(bench.answers(bench.items()[:3], 2, 1))
    shown = picture.scatter(few)
    assert not shown.points
    assert "3 are not drawn" in shown.sentences().en
    assert drawing.svg(shown, "en").startswith("<svg")
