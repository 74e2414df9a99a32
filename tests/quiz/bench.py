"""Quizzes made for a test: questions, keys, and a bank on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.quiz.bank import Bank
from grader.quiz.question import Key, Kind, Option, Posed, Question
from grader.text import Text

IDS = ("a1", "b1", "c1", "d1")
SAID = Text("가", "a")


def question(kind: Kind, **more: Any) -> Question:
    options = tuple(Option(id, Text(f"보기 {id}", f"option {id}")) for id in more.pop("ids", IDS))
    chosen = kind in (Kind.CHOICE, Kind.MULTIPLE, Kind.ORDER, Kind.MATCH)
    return Question("q", kind, "xor", 1, SAID, options=options if chosen else (), **more)


def posed(kind: Kind, key: Any, *, wrong: Any = (), rtol: float = 1e-3, feedback: Any = None, **more: Any) -> Posed:
    return Posed(question(kind, **more), Key(key, SAID, wrong=wrong, rtol=rtol, feedback=feedback or {}))


PUBLIC = """
id = "demo"
week = 4
title = { ko = "데모", en = "Demo" }

[[question]]
id = "why-not"
kind = "choice"
topic = "xor"
difficulty = 2
stem.ko = "$x_1$을 고르면 무엇입니까?"
stem.en = "What is $x_1$?"
choices = [
  { id = "line", ko = "직선", en = "A line" },
  { id = "curve", ko = "곡선", en = "A curve" },
  { id = "point", ko = "점", en = "A point" },
]

[[question]]
id = "sum-up"
kind = "number"
topic = "xor"
difficulty = 1
stem.ko = "@{a} + @{b}는 얼마입니까?"
stem.en = "What is @{a} + @{b}?"
"""
SECRET = """
[why-not]
key = "line"
explanation = { ko = "직선입니다.", en = "It is a line." }
hints = [{ ko = "자를 생각하세요.", en = "Think of a ruler." }]
feedback.curve = { ko = "곡선이 아닙니다.", en = "It is not curved." }
feedback.point = { ko = "점이 아닙니다.", en = "It has a length." }

[sum-up]
key = "@{answer}"
generator = "sum_up"
explanation = { ko = "합은 @{answer}입니다.", en = "The sum is @{answer}." }
hints = [{ ko = "더하세요.", en = "Add them." }]
wrong = [{ value = "@{product}", ko = "곱했습니다.", en = "This is the product." }]
"""
GENERATORS = """
def sum_up(rng):
    a, b = rng.sample(range(3, 60), 2)
    return {"a": a, "b": b, "answer": a + b, "product": a * b}
"""
TOPICS = '[xor]\nweek = 4\nko = "엑스오아"\nen = "XOR"\n'


def write(root: Path, public: str = PUBLIC, secret: str = SECRET, generators: str = GENERATORS) -> Bank:
    files = {
        "assignments/topics.toml": TOPICS,
        "assignments/quizzes/demo.toml": public,
        "reference/quizzes/demo.toml": secret,
        "reference/quizzes/demo.py": generators,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Bank(root / "assignments/quizzes", root / "reference/quizzes")
