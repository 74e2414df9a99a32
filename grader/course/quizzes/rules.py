"""The rules of a quiz: what counts, how long, how often, and when somebody may look behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

import grader.course.policy as policies
from grader.course.policy import Counts, Late, Policy, must_be_rules
from grader.text import Text

LONGEST_MINUTES = 7 * 24 * 60
MOST_QUESTIONS = 500


class Practice(StrEnum):
    """When somebody may practise with the questions."""

    ALWAYS = "always"
    AFTER_DUE = "after_due"
    NEVER = "never"


class Review(StrEnum):
    """When somebody sees what was right in a graded attempt."""

    AT_ONCE = "at_once"
    AFTER_DUE = "after_due"
    SCORE_ONLY = "score_only"


@dataclass(frozen=True)
class QuizRules:
    """The rules of one quiz. What is not graded is practice alone. `questions` are drawn, spread over the topics; None
    poses all. `hints` says whether a graded attempt may open hints; practice always may. `late`, `percent_a_day`,
    `floor_percent` and `grace_days` are those of `grader.course.policy.Policy`."""

    graded: bool = False
    practice: Practice = Practice.ALWAYS
    minutes: int | None = None
    attempts: int | None = 1
    counts: Counts = Counts.BEST
    late: Late = Late.REFUSE
    percent_a_day: float = 10.0
    floor_percent: float = 0.0
    grace_days: float = 0.0
    shuffle: bool = True
    questions: int | None = None
    review: Review = Review.AFTER_DUE
    hints: bool = False

    def as_json(self) -> dict[str, Any]:
        return {key: value.value if isinstance(value, StrEnum) else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> QuizRules:
        """The rules that are named; the others are as above, but what is graded is practised only after it is due.
        Raises BadInput, which names the key."""
        must_be_rules(data, {field.name for field in fields(cls)})
        read = {key: READERS[key](key, value) for key, value in data.items()}
        usual = {"practice": Practice.AFTER_DUE} if read.get("graded") else {}
        return cls(**{**usual, **read})

    @property
    def policy(self) -> Policy:
        """What the pure functions of assignments' rules need."""
        return Policy(
            late=self.late,
            percent_a_day=self.percent_a_day,
            floor_percent=self.floor_percent,
            grace_days=self.grace_days,
            attempts=self.attempts,
            counts=self.counts,
        )


def _flag(key: str, value: Any) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    found = value if isinstance(value, bool) else words.get(str(value).strip().lower())
    if found is None:
        raise policies.bad(key, value, Text("true나 false", "true or false"))
    return found


def _whole(most: int) -> Callable[[str, Any], int | None]:
    def read(key: str, value: Any) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            kind = Text(
                f"1~{most} 사이의 정수(제한이 없으면 none)", f"a whole number from 1 to {most}, or none for no limit"
            )
            raise policies.bad(key, value, kind)
        return value

    return read


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    **{key: policies.READERS[key] for key in ("late", "percent_a_day", "floor_percent", "grace_days", "counts")},
    **dict.fromkeys(("graded", "shuffle", "hints"), _flag),
    "attempts": policies.READERS["attempts"],
    "minutes": _whole(LONGEST_MINUTES),
    "questions": _whole(MOST_QUESTIONS),
    "practice": policies.word(Practice),
    "review": policies.word(Review),
}
