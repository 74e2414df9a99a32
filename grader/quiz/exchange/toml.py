"""A quiz as the two files of the bank: what everybody may see, and what decides."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.quiz.bank import OPTIONS
from grader.quiz.question import USUAL_RTOL, Key, Question, Quiz
from grader.text import Text


def halves(quiz: Quiz) -> tuple[str, str]:
    """The public file and the secret one. Raises ValueError for what TOML cannot hold."""
    head = [f"id = {_string(quiz.id)}", f"week = {quiz.week}", f"title = {_text(quiz.title)}"]
    public = "\n\n".join(["\n".join(head), *("\n".join(_question(one)) for one in quiz.questions)]) + "\n"
    secret = "\n\n".join("\n".join(_key(one.id, quiz.keys[one.id])) for one in quiz.questions) + "\n"
    for made in (public, secret):
        tomllib.loads(made)
    return public, secret


def _question(question: Question) -> Iterator[str]:
    yield "[[question]]"
    yield f"id = {_string(question.id)}"
    yield f"kind = {_string(question.kind)}"
    yield f"topic = {_string(question.topic)}"
    yield f"difficulty = {question.difficulty}"
    yield f"stem.ko = {_long(question.stem.ko)}"
    yield f"stem.en = {_long(question.stem.en)}"
    for name, options in (("left", question.left), (OPTIONS.get(question.kind, ""), question.options)):
        if options:
            entries = "".join(f"  {_text(option.text, id=option.id)},\n" for option in options)
            yield f"{name} = [\n{entries}]"
    if question.unit:
        yield f"unit = {_text(question.unit)}"
    if question.variables:
        yield f"variables = {_value(list(question.variables))}"
    for name in ("code", "defines", "signature", "starter", "picture"):
        if value := getattr(question, name):
            yield f"{name} = {_long(value)}"
    if question.alt:
        yield f"alt = {_text(question.alt)}"


def _key(id: str, key: Key) -> Iterator[str]:
    yield f"[{id}]"
    yield f"key = {_long(key.answer) if isinstance(key.answer, str) else _value(key.answer)}"
    if key.weight != 1:
        yield f"weight = {key.weight!r}"
    if key.rtol != USUAL_RTOL:
        yield f"rtol = {key.rtol!r}"
    if key.atol:
        yield f"atol = {key.atol!r}"
    if key.generator:
        yield f"generator = {_string(key.generator)}"
    if key.solution:
        yield f"solution = {_long(key.solution)}"
    yield f"explanation = {_text(key.explanation)}"
    if key.hints:
        yield "hints = [\n" + "".join(f"  {_text(hint)},\n" for hint in key.hints) + "]"
    for name, text in key.feedback.items():
        yield f"feedback.{_name(name)} = {_text(text)}"
    if key.wrong:
        entries = "".join(f"  {_text(one.text, value=one.value)},\n" for one in key.wrong)
        yield f"wrong = [\n{entries}]"


def _text(text: Text, **more: object) -> str:
    return _table({**more, "ko": text.ko, "en": text.en})


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return _table(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    raise ValueError(f"{value!r} is no value of a quiz")


def _table(value: Mapping[Any, object]) -> str:
    return "{ " + ", ".join(f"{_name(str(name))} = {_value(one)}" for name, one in value.items()) + " }"


def _name(name: str) -> str:
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else _string(name)


def _string(value: str) -> str:
    """On one line. What JSON escapes TOML reads, except for DEL."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _long(value: str) -> str:
    """With backslashes and lines as they are, where that can be."""
    plain = all(one.isprintable() or one == "\n" for one in value)
    if ("\n" in value or "\\" in value) and plain and "'''" not in value and not value.endswith("'"):
        return f"'''\n{value}'''" if "\n" in value else f"'''{value}'''"
    return _string(value)
