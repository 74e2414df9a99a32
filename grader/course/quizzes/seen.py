"""What the rules of a quiz look at, read from the tables for one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import grader.course.policy as policies
from grader.course.policy import ExtensionGiven, Late, Window
from grader.course.quizzes.rules import Practice, QuizRules, Review
from grader.store.models import Course, Member, Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizExtension, QuizMode

GRACE = timedelta(seconds=5)  # that an answer may be on its way


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
        ends = [self.end, None if self.minutes is None else started + timedelta(minutes=self.minutes)]
        return min((end for end in ends if end is not None), default=None)

    @property
    def end(self) -> datetime | None:
        """The last moment at which anything is taken."""
        return policies.ends(self.window, self.rules.policy, self.zone)

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


@dataclass(frozen=True)
class Others:
    """What decides until when anybody at all may answer a quiz: every extension of it, and until when each graded
    attempt that has not ended may be answered (None: there is no end)."""

    zone: ZoneInfo
    extensions: Sequence[QuizExtension] = ()
    running: Sequence[datetime | None] = ()

    def last(self, quiz: Quiz) -> datetime | None:
        """The last moment at which anybody may answer: nobody is told a key before it has passed, whether by a review
        or by practice. None where none is known: the quiz is never due, or somebody sits without an end. What is taken
        late without an end is over when it is due, unless somebody sits."""
        rules, base = QuizRules.from_json(quiz.policy), Window(quiz.opens, quiz.due, quiz.closes)
        moments = [_over(base, rules, self.zone)]
        for one in latest(self.extensions):
            moments.append(_over(policies.window(base, [given(one)]), rules, self.zone))
        moments += [None if end is None else end + GRACE for end in self.running]
        known = [moment for moment in moments if moment is not None]
        return max(known) if len(known) == len(moments) else None

    def sits(self, at: datetime) -> bool:
        """Whether anybody sits then."""
        return any(end is None or at <= end + GRACE for end in self.running)


def others(session: Session, course: Course, quiz: Quiz | None = None) -> defaultdict[int, Others]:
    """Of each quiz of a course, by its id; of one alone where it is named."""
    zone = ZoneInfo(course.timezone)
    ids = select(Quiz.id).where(Quiz.course_id == course.id) if quiz is None else [quiz.id]
    extensions: dict[int, list[QuizExtension]] = defaultdict(list)
    for one in session.scalars(select(QuizExtension).where(QuizExtension.quiz_id.in_(ids))):
        extensions[one.quiz_id].append(one)
    running: dict[int, list[datetime | None]] = defaultdict(list)
    query = (
        select(QuizAttempt.quiz_id, QuizAttempt.deadline)
        .join(Person, Person.id == QuizAttempt.person_id)
        .where(QuizAttempt.quiz_id.in_(ids), QuizAttempt.mode == QuizMode.GRADED, QuizAttempt.submitted_at.is_(None))
        .where(Person.active)  # nobody else can answer
    )
    for id, deadline in session.execute(query):
        running[id or 0].append(deadline)
    found = defaultdict(lambda: Others(zone))
    for id in {*extensions, *running}:
        found[id] = Others(zone, extensions[id], running[id])
    return found


def others_of(session: Session, quiz: Quiz) -> Others:
    """The same of one quiz."""
    return others(session, session.get_one(Course, quiz.course_id), quiz)[quiz.id]


def is_over(attempt: QuizAttempt, at: datetime) -> bool:
    """Whether nothing is taken any more at that time, its grace included."""
    return attempt.submitted_at is not None or (attempt.deadline is not None and at > attempt.deadline + GRACE)


def reviewed_from(quiz: Quiz, rules: QuizRules, others: Others) -> datetime | None:
    """From when graded attempts may be looked behind, once they have ended; None where that is at once, never
    (`Review.SCORE_ONLY`), or not known yet."""
    return others.last(quiz) if rules.review is Review.AFTER_DUE else None


def may_review(quiz: Quiz, rules: QuizRules, others: Others, at: datetime) -> bool:
    """Whether attempts that have ended may be looked behind now. After a due date that nobody has set is not yet."""
    start = reviewed_from(quiz, rules, others)
    return rules.review is Review.AT_ONCE or (start is not None and at > start)


def practice_from(quiz: Quiz, rules: QuizRules, others: Others) -> datetime | None:
    """From when it can be practised, where that depends on the time."""
    return others.last(quiz) if rules.practice is Practice.AFTER_DUE and rules.graded else None


def may_practise(quiz: Quiz, rules: QuizRules, others: Others, at: datetime) -> bool:
    """Whether the questions may be practised now. What is graded and never due is never practised after it; what was
    graded and is practice alone now, as soon as nobody sits any more."""
    if rules.practice is Practice.NEVER:
        return False
    if not rules.graded:
        return not others.sits(at)
    if rules.practice is Practice.ALWAYS:
        return True
    start = others.last(quiz)
    return start is not None and at > start


def _over(window: Window, rules: QuizRules, zone: ZoneInfo) -> datetime | None:
    """When it is over for who has this window: nothing is taken any more, or nothing that is not late."""
    end = policies.ends(window, rules.policy, zone)
    return policies.ends(window, replace(rules.policy, late=Late.REFUSE), zone) if end is None else end
