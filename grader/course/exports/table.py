"""The gradebook as the formats want it: plain rows, columns and entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from grader.course.grades import Grade
from grader.text import Text


@dataclass(frozen=True)
class Check:
    """One check of an assignment. `current` is false where only an earlier version had it."""

    name: str
    title: Text
    max_points: float
    current: bool = True


@dataclass(frozen=True)
class Column:
    """One assignment or graded quiz; `max_score` in points, `policy` with what it takes from the course (of a quiz its
    rules). `key` is one that no other column has."""

    key: str
    title: Text
    max_score: float
    weight: float
    due: datetime | None
    policy: Mapping[str, Any]
    version: int | None
    checks: Sequence[Check] = ()
    quiz: bool = False


@dataclass(frozen=True)
class Entry:
    """What one person has in one assignment or quiz (where `received_at` is when the attempt ended). `checks` are the
    points as the run gave them, `by_hand` those that a person gave instead; `due` counts the person's extensions."""

    grade: Grade
    received_at: datetime | None = None
    due: datetime | None = None
    checks: Mapping[str, float] = field(default_factory=dict)
    by_hand: Mapping[str, float] = field(default_factory=dict)

    @property
    def score(self) -> float | None:
        """None while there is no grade: that is not zero."""
        return self.grade.score if self.grade.status == "graded" else None

    @property
    def late(self) -> timedelta:
        if self.received_at is None or self.due is None:
            return timedelta(0)
        return max(self.received_at - self.due, timedelta(0))

    @property
    def points(self) -> Mapping[str, float]:
        """By check, whoever gave them."""
        return {**self.checks, **self.by_hand}


@dataclass(frozen=True)
class Row:
    """One student; an entry for each column."""

    email: str
    name: str
    group: str
    entries: dict[str, Entry]


@dataclass(frozen=True)
class Table:
    """A course's gradebook at one moment. `left_out` says who is not in it."""

    course: str
    title: Text
    zone: str
    made_at: datetime
    columns: Sequence[Column]
    rows: Sequence[Row]
    left_out: Sequence[Text] = ()

    @property
    def assignments(self) -> Sequence[Column]:
        return [column for column in self.columns if not column.quiz]

    @property
    def quizzes(self) -> Sequence[Column]:
        return [column for column in self.columns if column.quiz]

    def total(self, row: Row) -> float:
        """Points times weights of what is graded; what is not adds nothing."""
        scores = ((column.weight, row.entries[column.key].score) for column in self.columns)
        return round(sum(weight * score for weight, score in scores if score is not None), 6)

    def percent(self, row: Row) -> float | None:
        """The total in percent of what is graded, as the gradebook shows it; None where nothing is."""
        graded = [(column, score) for column in self.columns if (score := row.entries[column.key].score) is not None]
        most = sum(column.weight * row.entries[column.key].grade.max_score for column, _ in graded)
        return round(100 * sum(column.weight * score for column, score in graded) / most, 2) if most else None

    @property
    def max_total(self) -> float:
        return round(sum(column.weight * column.max_score for column in self.columns), 6)
