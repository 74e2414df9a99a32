"""What a wrong answer tells about what was understood: a misconception, by a name that stays the same."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from grader.errors import BadAssignment
from grader.text import Text

BUILT_IN = Path(__file__).with_name("misconceptions.toml")
FILE, TOPICS = "misconceptions.toml", "topics.toml"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Cell:
    """A cell of an assignment's notebook, by the id that it has there."""

    assignment: str
    id: str


@dataclass(frozen=True)
class Topic:
    """What one part of the course is about; `id` is the same in notebooks' reports and in quizzes. `cells` are where it
    is taught, the best place first."""

    id: str
    week: int
    title: Text
    cells: tuple[Cell, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Misconception:
    """One misunderstanding that a check can recognise: two sentences, and the topic to go back to."""

    id: str
    topic: Topic
    title: Text
    text: Text

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "topic": {"id": self.topic.id, "week": self.topic.week, "title": self.topic.title.as_json()},
            "title": self.title.as_json(),
            "text": self.text.as_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Misconception:
        topic = data["topic"]
        return cls(
            str(data["id"]),
            Topic(str(topic["id"]), int(topic["week"]), Text.from_json(topic["title"])),
            Text.from_json(data["title"]),
            Text.from_json(data["text"]),
        )


def topics(folder: Path) -> Mapping[str, Topic]:
    """The course's topics by id, from `topics.toml` beside its assignments. Raises BadAssignment."""
    return _topics(folder / TOPICS)


def known(assignments: Path, reference: Path | None) -> Mapping[str, Misconception]:
    """All that checks may name, by id: ours, and those of `misconceptions.toml` beside the course's references.
    Raises BadAssignment."""
    course = topics(assignments)
    found = dict(_misconceptions(BUILT_IN, course))
    if reference is not None:
        more = _misconceptions(reference / FILE, course)
        if twice := sorted(found.keys() & more.keys()):
            raise _bad(reference / FILE, f"{twice[0]} exists already")
        found.update(more)
    return found


def _topics(file: Path) -> dict[str, Topic]:
    try:
        return {name: _topic(name, entry) for name, entry in _entries(file).items()}
    except (KeyError, TypeError, ValueError) as error:
        raise _bad(file, error) from error


def _topic(name: str, entry: Mapping[str, Any]) -> Topic:
    return Topic(name, int(entry["week"]), Text.from_json(entry), tuple(map(_cell, entry.get("cells", ()))))


def _cell(words: object) -> Cell:
    assignment, sign, id = str(words).partition("#")
    if not (assignment and sign and id):
        raise ValueError(f"{words!r} is no cell: name it as in 'assignment#id'")
    return Cell(assignment, id)


def _misconceptions(file: Path, course: Mapping[str, Topic]) -> dict[str, Misconception]:
    try:
        return {name: _misconception(name, entry, course) for name, entry in _entries(file).items()}
    except (KeyError, TypeError, ValueError) as error:
        raise _bad(file, error) from error


def _misconception(name: str, entry: Mapping[str, Any], course: Mapping[str, Topic]) -> Misconception:
    """A course without topics of its own still gets the name of the topic."""
    topic = course.get(str(entry["topic"]))
    if topic is None:
        if course:
            raise ValueError(f"{name}: there is no topic {entry['topic']!r}")
        topic = Topic(str(entry["topic"]), 0, Text(str(entry["topic"]), str(entry["topic"])))
    return Misconception(name, topic, Text.from_json(entry["title"]), Text.from_json(entry["text"]))


def _entries(file: Path) -> dict[str, dict[str, Any]]:
    """The tables of a file, none where it is not there."""
    if not file.is_file():
        return {}
    found = _parsed(file, file.stat().st_mtime_ns)
    for name in found:
        if not ID.fullmatch(name):
            raise ValueError(f"{name!r} is no id: words of a-z and 0-9, joined by '-'")
    return found


@lru_cache(maxsize=16)
def _parsed(file: Path, version: int) -> dict[str, dict[str, Any]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _bad(file: Path, why: object) -> BadAssignment:
    return BadAssignment(Text(f"{file}을(를) 읽을 수 없습니다: {why}.", f"{file} cannot be read: {why}."))
