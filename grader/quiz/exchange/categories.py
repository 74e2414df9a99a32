"""Categories of Moodle, in its XML and in GIFT: how a bank of questions is kept, and no quizzes.

So a file of several is one quiz, unless somebody asks for one of each. A category that is called by a topic of the
course gives its questions that topic; any other name is listed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from grader.quiz.exchange.carried import Language, Part, Reading, check_count, folders


@dataclass(frozen=True)
class Group:
    """Questions that stand together in a file under a category; "" is the path of none. `take` adds them."""

    path: str
    count: int
    take: Callable[[Reading], None]
    language: Language


def parts(groups: Sequence[Group], divided: bool) -> list[Part]:
    """A part of each category with questions if these are to be quizzes, and there are several; else one of all.
    Raises NotReadable."""
    filled = dict.fromkeys(group.path for group in groups if group.count)
    if not divided or len(filled) < 2:
        language: Language = "ko" if any(group.language == "ko" for group in groups) else "en"
        return [Part(partial(_take, groups), language)]
    check_count(len(filled))
    held: dict[str, list[Group]] = {path: [] for path in filled}
    waiting: list[Group] = []
    for group in groups:  # what is said of an empty category goes to the next one
        waiting.append(group)
        if group.count:
            held[group.path] += waiting
            waiting = []
    held[next(reversed(filled))] += waiting
    titles = _titles(list(filled))
    return [_part(path, titles[path], held[path]) for path in filled]


def _take(groups: Sequence[Group], reading: Reading) -> None:
    seen = {""}
    for group in groups:
        if group.path in seen:
            reading.enter(group.path)
        else:
            reading.category(group.path)
        seen.add(group.path)
        group.take(reading)


def _part(path: str, title: str, groups: Sequence[Group]) -> Part:
    def take(reading: Reading) -> None:
        reading.name(title)
        reading.enter(path)
        for group in groups:
            group.take(reading)

    language: Language = "ko" if any(group.language == "ko" for group in groups) else "en"
    return Part(take, language, (title,))


def _titles(paths: Sequence[str]) -> dict[str, str]:
    """Each by its last name, and by as many of those before it as tell it from the others."""
    names = {path: folders(path) for path in paths}
    titles = {}
    for path, own in names.items():
        deep = 1
        while deep < len(own) and sum(other[-deep:] == own[-deep:] for other in names.values()) > 1:
            deep += 1
        titles[path] = ": ".join(own[-deep:])
    return titles
