"""Questions as one attempt poses them: drawn, with numbers of their own, their options in an order of their own and
under names of their own."""

from __future__ import annotations

import hashlib
import random
import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.course.quizzes.shelf import Book
from grader.errors import BadQuiz
from grader.quiz import variant
from grader.quiz.answer import Answer
from grader.quiz.question import Key, Kind, Option, Posed, Question
from grader.store.quizzes import QuizItem
from grader.text import Text

LEFT = string.ascii_lowercase
RIGHT = tuple(str(number) for number in range(1, 27))
TRIES = 5  # seeds, where a generator fails at one


def drawn(questions: Sequence[Question], count: int | None, shuffle: bool, rng: random.Random) -> list[Question]:
    """As many as are asked for, one topic after the other in an order of its own so that all are there; in the bank's
    order unless shuffled."""
    chosen = list(questions)
    if count is not None and count < len(chosen):
        taken = _spread(rng.sample(chosen, len(chosen)), count)
        chosen = [question for question in chosen if question.id in taken]
    if shuffle:
        rng.shuffle(chosen)
    return chosen


def _spread(questions: Sequence[Question], count: int) -> set[str]:
    """The ids of so many: one of each topic, then another of each, and so on."""
    topics: dict[str, list[str]] = {}
    for question in questions:
        topics.setdefault(question.topic, []).append(question.id)
    longest = max(map(len, topics.values()))
    rounds = [ids[place] for place in range(longest) for ids in topics.values() if place < len(ids)]
    return set(rounds[:count])


def posed(
    book: Book, version_id: int, question: Question, position: int, words: Sequence[str], secret: bytes
) -> QuizItem:
    """One question of an attempt, whose variant depends on the secret and these words alone. Raises BadQuiz where its
    generator fails."""
    person, *rest = words
    for attempt in range(TRIES):
        seed = variant.seed(
            secret, person=person, quiz=book.quiz.id, question=question.id, version="\0".join([*rest, str(attempt)])
        )
        try:
            found = variant.pose(question, book.key(question.id), book.generators, seed)
        except BadQuiz:
            if attempt == TRIES - 1:
                raise
            continue
        return frozen(found, version_id, position, seed)
    raise AssertionError


def frozen(found: Posed, version_id: int, position: int, seed: int) -> QuizItem:
    """A posed question as a row: all of it that an attempt will ever show."""
    shown, aliases = aliased(found, random.Random(hashlib.sha256(f"order:{seed:x}".encode()).digest()))
    return QuizItem(
        position=position,
        version_id=version_id,
        question=found.question.id,
        topic=found.question.topic,
        kind=found.question.kind.value,
        weight=found.key.weight,
        seed=f"{seed:064x}",
        values=dict(found.values),
        posed=_as_json(shown, len(found.key.hints)),
        aliases=aliases,
        answer=None,
        revision=0,
        answered_at=None,
        seconds=0.0,
        hints=0,
        flagged=False,
        share=None,
        said=None,
        marked_at=None,
        marked_by=None,
    )


def aliased(found: Posed, rng: random.Random) -> tuple[Question, dict[str, str]]:
    """The question with its options in a drawn order under other names, and what these stand for."""
    question = found.question
    options = list(question.options)
    rng.shuffle(options)
    if question.kind is Kind.ORDER and len(options) > 2 and [one.id for one in options] == list(found.key.answer):
        options = [*options[1:], options[0]]  # or the order shown is the answer; of two, the other one would be
    names = RIGHT if question.kind is Kind.MATCH else LEFT
    aliases = dict(zip(names, (option.id for option in options), strict=False))
    left = dict(zip(LEFT, (option.id for option in question.left), strict=False))
    shown = replace(question, id="", options=_named(names, options), left=_named(LEFT, question.left))
    return shown, {**aliases, **left}


def asked(item: QuizItem) -> Question:
    """The question as it was shown, its options under their aliases."""
    data = item.posed
    return Question(
        id="",
        kind=Kind(item.kind),
        topic=item.topic,
        difficulty=data["difficulty"],
        stem=Text.from_json(data["stem"]),
        options=_options(data["options"]),
        left=_options(data["left"]),
        unit=_text(data["unit"]),
        variables=tuple(data["variables"]),
        code=data["code"],
        defines=data["defines"],
        signature=data["signature"],
        starter=data["starter"],
        picture=data["picture"],
        alt=_text(data["alt"]),
    )


def meant(item: QuizItem, given: Answer) -> Answer:
    """An answer that was read in the attempt's words, in the bank's."""
    ids: Mapping[str, str] = item.aliases
    kind = Kind(item.kind)
    if kind is Kind.CHOICE:
        return replace(given, value=ids[given.value])
    if kind is Kind.MULTIPLE:
        return replace(given, value=frozenset(ids[one] for one in given.value))
    if kind is Kind.ORDER:
        return replace(given, value=tuple(ids[one] for one in given.value))
    if kind is Kind.MATCH:
        return replace(given, value={ids[left]: ids[right] for left, right in given.value.items()})
    return given


def right(found: Posed) -> Text | None:
    """The right answer in words (Markdown)."""
    question, answer = found.question, found.key.answer
    names = {option.id: option.text for option in question.options}
    if question.kind is Kind.CHOICE:
        return _joined([names[one] for one in accepted(found.key)], " / ")
    if question.kind is Kind.MULTIPLE:
        return _joined([option.text for option in question.options if option.id in answer], ", ")
    if question.kind is Kind.ORDER:
        return _joined([names[one] for one in answer], " → ")
    if question.kind is Kind.MATCH:
        pairs = [_joined([option.text, names[answer[option.id]]], " → ") for option in question.left]
        return _joined(pairs, "; ")
    if question.kind is Kind.NUMBER:
        shown = variant.shown(answer)
        unit = question.unit or Text("", "")
        return Text(f"{shown} {unit.ko}".strip(), f"{shown} {unit.en}".strip())
    if question.kind is Kind.TEXT:
        words = [answer] if isinstance(answer, str) else list(answer["accepted"])
        return _same(", ".join(words[:3]))
    if question.kind is Kind.CELL:
        return _same(f"```python\n{found.key.solution.strip()}\n```") if found.key.solution else None
    if question.kind is Kind.OUTPUT:
        return _same(f"```\n{str(answer).strip()}\n```")
    return _same(f"`{answer}`")


def accepted(key: Key) -> list[str]:
    """The ids of a choice that are right: one, or several where a key says so."""
    return list(key.answer) if isinstance(key.answer, list) else [key.answer]


def _named(names: Sequence[str], options: Sequence[Option]) -> tuple[Option, ...]:
    return tuple(Option(name, option.text) for name, option in zip(names, options, strict=False))


def _as_json(shown: Question, hints: int) -> dict[str, Any]:
    """What may be sent; the question's own id is not in it."""
    return {
        "difficulty": shown.difficulty,
        "stem": shown.stem.as_json(),
        "options": [{"alias": option.id, **option.text.as_json()} for option in shown.options],
        "left": [{"alias": option.id, **option.text.as_json()} for option in shown.left],
        "unit": shown.unit.as_json() if shown.unit else None,
        "variables": list(shown.variables),
        "code": shown.code,
        "defines": shown.defines,
        "signature": shown.signature,
        "starter": shown.starter,
        "picture": shown.picture,
        "alt": shown.alt.as_json() if shown.alt else None,
        "hints": hints,
    }


def _options(data: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    return tuple(Option(one["alias"], Text.from_json(one)) for one in data)


def _text(data: Mapping[str, Any] | None) -> Text | None:
    return None if data is None else Text.from_json(data)


def _joined(texts: Sequence[Text], sign: str) -> Text:
    return Text(sign.join(text.ko for text in texts), sign.join(text.en for text in texts))


def _same(words: str) -> Text:
    return Text(words, words)
