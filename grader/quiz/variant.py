"""The same question with other numbers for each person."""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import math
import random
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.errors import BadQuiz
from grader.quiz.question import Key, Option, Posed, Question, Wrong
from grader.text import Text

PLACE = re.compile(r"@\{([a-z_][a-z0-9_]*)\}")


def seed(secret: bytes, *, person: str, quiz: str, question: str, version: str) -> int:
    """Stable for one person, and not to be guessed without the secret. Raises ValueError for an empty secret."""
    if not secret:
        raise ValueError("a secret is needed")
    message = "\0".join((person, quiz, question, version)).encode()
    return int.from_bytes(hmac.new(secret, message, hashlib.sha256).digest(), "big")


def pose(question: Question, key: Key, generators: Path | None, seed: int) -> Posed:
    """The question with the values of one seed. Raises BadQuiz."""
    if not key.generator:
        return Posed(question, key)
    values = generate(generators, key.generator, seed)
    try:
        return filled(question, key, values)
    except KeyError as error:
        raise _bad(question.id, f"the generator {key.generator} gives no {error}") from error


def filled(question: Question, key: Key, values: Mapping[str, Any]) -> Posed:
    """The question with these values in their places. Raises KeyError for one that is not given."""
    return Posed(_fill_question(question, values), _fill_key(key, values), values)


def generate(generators: Path | None, name: str, seed: int) -> Mapping[str, Any]:
    """The values that a generator makes of a seed. Raises BadQuiz."""
    if generators is None:
        raise _bad(name, "its file of generators is not there")
    function = getattr(_module(generators, generators.stat().st_mtime_ns), name, None)
    if not callable(function):
        raise _bad(name, f"{generators.name} has no such generator")
    try:
        values = function(random.Random(seed))
    except Exception as error:
        raise _bad(name, f"the generator raises {error!r}") from error
    if not isinstance(values, dict) or not all(isinstance(value, (int, float, str)) for value in values.values()):
        raise _bad(name, "a generator gives a dict of numbers and strings")
    if endless := [key for key, value in values.items() if isinstance(value, float) and not math.isfinite(value)]:
        raise _bad(name, f"the generator gives no finite {endless[0]}")
    return values


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with each @{name} replaced. Raises KeyError."""
    return PLACE.sub(lambda found: shown(values[found[1]]), text)


def places(question: Question) -> set[str]:
    """The names of the values that the question shows."""
    texts = [question.stem, *(option.text for option in (*question.options, *question.left))]
    texts += [text for text in (question.unit, question.alt) if text is not None]
    words = [word for text in texts for word in (text.ko, text.en)]
    return {name for word in (*words, question.code, question.starter) for name in PLACE.findall(word)}


def shown(value: float | str) -> str:
    """A number as a reader wants it: integers plain, others to six significant digits."""
    if isinstance(value, (str, bool)):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return str(int(value))
    return f"{value:.6g}"


def _fill_question(question: Question, values: Mapping[str, Any]) -> Question:
    return replace(
        question,
        stem=_text(question.stem, values),
        options=_options(question.options, values),
        left=_options(question.left, values),
        unit=_text(question.unit, values) if question.unit else None,
        code=fill(question.code, values),
        starter=fill(question.starter, values),
        alt=_text(question.alt, values) if question.alt else None,
    )


def _fill_key(key: Key, values: Mapping[str, Any]) -> Key:
    return replace(
        key,
        answer=_value(key.answer, values),
        explanation=_text(key.explanation, values),
        hints=[_text(hint, values) for hint in key.hints],
        feedback={name: _text(text, values) for name, text in key.feedback.items()},
        wrong=[Wrong(_value(one.value, values), _text(one.text, values)) for one in key.wrong],
        solution=fill(key.solution, values),
    )


def _options(options: Any, values: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(Option(option.id, _text(option.text, values)) for option in options)


def _text(text: Text, values: Mapping[str, Any]) -> Text:
    return Text(fill(text.ko, values), fill(text.en, values))


def _value(value: Any, values: Mapping[str, Any]) -> Any:
    """A value that is nothing but @{name} keeps its type and all its digits."""
    if isinstance(value, str):
        whole = PLACE.fullmatch(value)
        return values[whole[1]] if whole else fill(value, values)
    if isinstance(value, list):
        return [_value(part, values) for part in value]
    if isinstance(value, dict):
        return {name: _value(part, values) for name, part in value.items()}
    return value


@lru_cache(maxsize=64)
def _module(file: Path, version: int) -> ModuleType:
    name = f"_grader_quiz_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}_{version}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise _bad(file.name, f"it cannot be run: {error!r}") from error
    return module


def _bad(name: str, why: str) -> BadQuiz:
    return BadQuiz(Text(f"{name}: {why}.", f"{name}: {why}."))
