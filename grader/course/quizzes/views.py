"""What may be seen of an attempt: nothing in here holds a key, an id of the bank or a seed before its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grader.course.policy import Window
from grader.course.quizzes.grading import QuizGrade
from grader.course.quizzes.rules import QuizRules
from grader.store.models import Person
from grader.store.quizzes import EndedBy, QuizMode
from grader.text import Text


@dataclass(frozen=True)
class Option:
    """Something to choose, to put in order or to match, by what this attempt calls it ("a", or "1" on the right of a
    match)."""

    alias: str
    text: Text


@dataclass(frozen=True)
class Feedback:
    """What an answer earned (0 to 1) and what is said about it. `right` is the right answer in words. While a cell is
    being marked `pending` is true and `share` None; `share` is None, too, for what was no answer, and `said` says
    why."""

    share: float | None
    said: Sequence[Text]
    explanation: Text | None
    right: Text | None
    topic: str
    pending: bool = False


@dataclass(frozen=True)
class Item:
    """One question as the taker may see it now. `question` is the bank's id, for staff alone; `answer` is as it was
    given (a text, aliases, or a mapping of aliases); `said` says why it is no answer."""

    position: int  # from 1
    question: str
    topic: str
    kind: str  # of grader.quiz.question.Kind
    weight: float
    difficulty: int
    stem: Text  # Markdown with formulas
    code: str
    unit: Text | None
    variables: Sequence[str]
    signature: str
    starter: str
    picture: str  # the name of a file; `picture()` gives its bytes
    alt: Text | None
    options: Sequence[Option]
    left: Sequence[Option]
    answer: Any | None
    revision: int
    flagged: bool
    hints: Sequence[Text]
    hints_left: int
    said: Text | None
    feedback: Feedback | None
    defines: str = ""  # the name that a cell is to define

    @property
    def answered(self) -> bool:
        return self.answer is not None


@dataclass(frozen=True)
class Sheet:
    """An attempt as it may be seen now. `score` is None until everything is marked, and while the attempt runs."""

    receipt: str
    quiz: str  # the key; "" of a quest
    title: Text
    mode: QuizMode
    started_at: datetime
    deadline: datetime | None
    submitted_at: datetime | None
    now: datetime  # by the store's clock
    items: Sequence[Item]
    score: float | None
    max_score: float
    may_review: bool
    review_from: datetime | None
    ended: EndedBy | None = None
    pending: int = 0  # cells that are being marked
    number: int = 1
    untold: Text | None = None  # why nothing is told about some question for now

    @property
    def open(self) -> bool:
        """Whether answers are still taken."""
        return self.submitted_at is None

    @property
    def seconds_left(self) -> float | None:
        """By the store's clock; None where there is no limit."""
        return None if self.deadline is None else max(0.0, (self.deadline - self.now).total_seconds())


@dataclass(frozen=True)
class Saved:
    """What became of an answer: its new revision, when it was kept, and why it is no answer where it is none."""

    revision: int
    at: datetime
    said: Text | None


@dataclass(frozen=True)
class Sitting:
    """One line of a person's attempts at a quiz; `score` is None until everything is marked."""

    receipt: str
    mode: QuizMode
    number: int
    started_at: datetime
    deadline: datetime | None
    submitted_at: datetime | None
    ended: EndedBy | None
    score: float | None
    max_score: float


@dataclass(frozen=True)
class Standing:
    """Where a person stands with a quiz. `window` is the person's own; `refusal` says why no graded attempt can be
    started now (None where one can, or where the quiz is practice alone)."""

    quiz: str
    title: Text
    week: int
    rules: QuizRules
    window: Window
    minutes: int | None  # the person's own; of one attempt
    questions: int  # of one attempt
    max_score: float
    weight: float
    attempts_left: int | None  # None: no limit
    open: Sequence[Sitting]  # that still run, graded before practice
    sittings: Sequence[Sitting]  # all, the latest first
    grade: QuizGrade
    may_start: Sequence[QuizMode]
    refusal: Text | None
    practice_from: datetime | None  # from when it can be practised, where that is not yet
    review_from: datetime | None


@dataclass(frozen=True)
class ItemChange:
    """One question that a key correction marks otherwise, in one attempt."""

    receipt: str
    position: int
    question: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Change:
    """A person whose grade a key correction changes, and by which questions."""

    person: Person
    before: QuizGrade
    after: QuizGrade
    items: Sequence[ItemChange]


@dataclass(frozen=True)
class Progress:
    """How far a key correction is. `skipped` answers cannot be marked by the new version (their question is gone, or
    asks for other numbers now) and keep their mark; the counts are by question."""

    batch: str
    quiz_id: int
    version_id: int
    marked: int
    waiting: int
    skipped: Mapping[str, int]
    committed_at: datetime | None
    discarded_at: datetime | None

    @property
    def complete(self) -> bool:
        return self.waiting == 0
