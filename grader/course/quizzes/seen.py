"""What the rules of a quiz look at, read from the tables for one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import grader.course.policy as policies
from grader.course.policy import ExtensionGiven, Window
from grader.course.quizzes.rules import Practice, QuizRules, Review
from grader.store.models import Course, Member, Person
from grader.store.quizzes import Quiz, QuizExtension

CLOCKS = timedelta(hours=1)  # by which a day may be longer where the clocks change


@dataclass(frozen=True)
class Held:
    """What holds for one person and one quiz: extensions are in it."""

    rules: QuizRules
    window: Window
    extra_attempts: int
    minutes: int | None
    zone: ZoneInfo

    def deadline(self, started: datetime) -> datetime | None:
        """Until when an attempt that starts then may be answered: its minutes, but no longer than anything is
        taken."""
        ends = [policies.ends(self.window, self.rules.policy, self.zone)]
        ends.append(None if self.minutes is None else started + timedelta(minutes=self.minutes))
        return min((end for end in ends if end is not None), default=None)

    @property
    def attempts(self) -> int | None:
        return None if self.rules.attempts is None else self.rules.attempts + self.extra_attempts


def held(session: Session, quiz: Quiz, person: Person) -> Held:
    """The rules for this person."""
    course = session.get_one(Course, quiz.course_id)
    group = select(Member.group_id).where(Member.person_id == person.id, Member.course_id == course.id)
    query = select(QuizExtension).where(
        QuizExtension.quiz_id == quiz.id,
        or_(QuizExtension.person_id == person.id, QuizExtension.group_id == group.scalar_subquery()),
    )
    return with_extensions(quiz, course, list(session.scalars(query)))


def with_extensions(quiz: Quiz, course: Course, rows: Sequence[QuizExtension]) -> Held:
    """The rules for somebody who was given these."""
    rules = QuizRules.from_json(quiz.policy)
    window = policies.window(Window(quiz.opens, quiz.due, quiz.closes), [given(one) for one in rows])
    more = max((one.minutes for one in latest(rows)), default=0)
    minutes = None if rules.minutes is None else rules.minutes + more
    extra = policies.extra_attempts([given(one) for one in rows])
    return Held(rules, window, extra, minutes, ZoneInfo(course.timezone))


def given(row: QuizExtension) -> ExtensionGiven:
    """An extension as the rules of the course read it."""
    return ExtensionGiven(row.created_at, row.id, row.due, row.closes, row.attempts, row.group_id is not None)


def latest(rows: Sequence[QuizExtension]) -> list[QuizExtension]:
    """The last one for each person and each group."""
    ordered = sorted(rows, key=lambda one: (one.created_at, one.id))
    return list({(one.person_id, one.group_id): one for one in ordered}.values())


def extended(session: Session, quiz: Quiz) -> Sequence[QuizExtension]:
    """All that anybody was given."""
    return session.scalars(select(QuizExtension).where(QuizExtension.quiz_id == quiz.id)).all()


def over_for_all(quiz: Quiz, extensions: Sequence[QuizExtension]) -> datetime | None:
    """When the quiz is due for the last person, the days of grace included: who has more time must not be told the
    answers by who has not. None where it never is due. `extensions` are all of the quiz, as for what follows."""
    grace = timedelta(days=QuizRules.from_json(quiz.policy).grace_days)
    if grace:
        grace += CLOCKS
    base = quiz.due or quiz.closes
    if base is None:
        return None
    shared = base + grace if quiz.closes is None else min(base + grace, quiz.closes)  # after `closes` grace is none
    others = [one.due + grace if one.due else one.closes or base for one in latest(extensions)]
    return max([shared, *others])


def review_from(session: Session, quiz: Quiz, rules: QuizRules) -> datetime | None:
    """From when graded attempts may be looked behind, once they have ended; None where that is at once or never
    (`Review.SCORE_ONLY`)."""
    return reviewed_from(quiz, rules, extended(session, quiz))


def reviewed_from(quiz: Quiz, rules: QuizRules, extensions: Sequence[QuizExtension]) -> datetime | None:
    """The same, of what is known already."""
    return over_for_all(quiz, extensions) if rules.review is Review.AFTER_DUE else None


def practice_from(quiz: Quiz, rules: QuizRules, extensions: Sequence[QuizExtension]) -> datetime | None:
    """From when it can be practised, where that depends on the time."""
    if rules.practice is not Practice.AFTER_DUE or not rules.graded:
        return None
    return over_for_all(quiz, extensions)


def may_practise(quiz: Quiz, rules: QuizRules, extensions: Sequence[QuizExtension], at: datetime) -> bool:
    """Whether the questions may be practised now. What is graded and never due is never practised after it."""
    if rules.practice is Practice.NEVER:
        return False
    if rules.practice is Practice.ALWAYS or not rules.graded:
        return True
    start = over_for_all(quiz, extensions)
    return start is not None and at > start
