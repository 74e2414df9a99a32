"""A file as quizzes: one of all of it, or one of each of its parts, under names and ids of questions that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.quiz.exchange import assessments, gift, moodle
from grader.quiz.exchange.carried import (
    MOST_QUESTIONS,
    Found,
    Language,
    Part,
    Reading,
    in_both,
    slugged,
    unlike,
    written,
)
from grader.text import Text


@dataclass(frozen=True)
class Terms:
    """How questions come into the bank: what holds where the file says nothing, and the ids that are used already.
    Without a `language` it is as the texts look."""

    title: Text
    language: Language | None
    topic: str
    week: int
    taken: frozenset[str] = frozenset()
    topics: Mapping[str, str] = field(default_factory=dict)


def parts(content: bytes, kind: str, divided: bool | None = None) -> list[Part]:
    """What of a file becomes a quiz, in its order. Assessments of QTI are quizzes unless told otherwise, categories of
    Moodle and GIFT only if told so. Raises NotReadable."""
    if kind == "moodle":
        return moodle.parts(content, bool(divided))
    if kind == "gift":
        return gift.parts(content, bool(divided))
    return assessments.parts(content, divided is not False)


def named(parts: Sequence[Part], file: str) -> dict[str, Part]:
    """The parts by the names of their quizzes: of their titles, else of their identifiers, else of the file's name."""
    found: dict[str, Part] = {}
    for number, part in enumerate(parts, start=1):
        called = [both.en if (both := in_both(one)) else one for one in part.names]
        name = written(*called) or f"{slugged(file) or 'quiz'}-{number}"
        found[unlike(name, found)] = part
    return found


def read(parts: Mapping[str, Part], terms: Terms) -> list[Found]:
    """Each part as a quiz; one of which no question could be read has none, and says so if it is not the only one.
    Raises NotReadable."""
    taken, room = terms.taken, MOST_QUESTIONS
    found: list[Found] = []
    for name, part in parts.items():
        reading = Reading(name, terms.title, terms.language or part.language, terms.topic, terms.week, taken)
        reading.topics, reading.most = terms.topics, room
        part.take(reading)
        taken, room = taken | reading.keys.keys(), room - len(reading.questions)
        if not reading.questions and len(parts) > 1:
            why = Text("읽을 수 있는 문제가 없습니다.", "No question of it could be read.")
            reading.lost("-", Text("퀴즈 전체", "the whole quiz"), why)
        found.append(reading.done())
    return found
