"""What a question is: the part that is shown, and the part that decides."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.text import Text


class Kind(enum.StrEnum):
    """How a question is answered."""

    CHOICE = "choice"  # one of several
    MULTIPLE = "multiple"  # some of several
    NUMBER = "number"
    TEXT = "text"  # a word or two
    ORDER = "order"  # all of several, in order
    MATCH = "match"  # to each on the left, one on the right
    SHAPE = "shape"  # of a tensor: "(n, 16)"
    FORMULA = "formula"
    OUTPUT = "output"  # what a piece of code prints
    CELL = "cell"  # a small function, graded in the box


USUAL_RTOL = 1e-3


@dataclass(frozen=True)
class Option:
    """Something to choose, to put in order or to match."""

    id: str
    text: Text


@dataclass(frozen=True)
class Question:
    """What a person sees. `options` are the choices, the items to order, or the right side of a match."""

    id: str
    kind: Kind
    topic: str
    difficulty: int  # 1 recall, 2 understand, 3 apply, 4 analyse
    stem: Text
    options: Sequence[Option] = ()
    left: Sequence[Option] = ()
    unit: Text | None = None
    variables: Sequence[str] = ()
    code: str = ""
    defines: str = ""
    signature: str = ""
    starter: str = ""
    picture: str = ""
    alt: Text | None = None


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that is expected, and what to say about it."""

    value: Any
    text: Text


@dataclass(frozen=True)
class Key:
    """What decides. `answer` is an id, or several that are all right (choice), ids (multiple, order), a mapping left to
    right (match), a number, a shape, a formula, a printed text, accepted texts and patterns (text), or a suite
    (cell)."""

    answer: Any
    explanation: Text
    weight: float = 1.0
    hints: Sequence[Text] = ()
    feedback: Mapping[str, Text] = field(default_factory=dict)  # by the id of an option; of a match, of one on the left
    wrong: Sequence[Wrong] = ()
    rtol: float = USUAL_RTOL
    atol: float = 0.0
    generator: str = ""
    solution: str = ""  # of a cell: what earns everything, for `grader quiz lint`


@dataclass(frozen=True)
class Posed:
    """A question as one person gets it, with its key: every value of the variant filled in."""

    question: Question
    key: Key
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Quiz:
    """Questions that belong together, in order; `keys` by question id, empty where the reference is not at hand."""

    id: str
    week: int
    title: Text
    questions: Sequence[Question]
    keys: Mapping[str, Key] = field(default_factory=dict)
    version: str = ""  # changes with anything that decides
