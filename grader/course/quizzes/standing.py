"""Where a person stands with the quizzes of a course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.quizzes import attempts, grading, seen, shelf
from grader.course.quizzes.grading import QuizGrade
from grader.course.quizzes.views import Sitting, Standing
from grader.store.database import now, writes
from grader.store.models import Course, Member, Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizExtension, QuizItem, QuizMode, QuizVersion
from grader.text import Text


def mine(session: Session, course: Course, person: Person, *, at: datetime | None = None) -> list[Standing]:
    """A line for each published quiz, in the course's order. Attempts whose time is over are ended on the way, where
    this transaction writes."""
    at = at or now(session)
    rows = session.scalars(
        select(QuizAttempt)
        .where(QuizAttempt.person_id == person.id, QuizAttempt.course_id == course.id, QuizAttempt.quiz_id.is_not(None))
        .order_by(QuizAttempt.started_at.desc(), QuizAttempt.id.desc())
    ).all()
    if writes(session):
        for row in rows:
            attempts.settle(session, row, at)
    marks = _marks(session, rows)
    sittings: dict[int, list[Sitting]] = defaultdict(list)
    for row in rows:
        sittings[row.quiz_id or 0].append(_sitting(row, marks[row.id], at))
    query = select(Quiz, QuizVersion).join(QuizVersion, QuizVersion.id == Quiz.version_id)
    query = query.where(Quiz.course_id == course.id).order_by(Quiz.position, Quiz.id)
    found = [(quiz, version) for quiz, version in session.execute(query)]
    known = _Known.read(session, course, person, [quiz for quiz, _ in found])
    return [_standing(session, quiz, version, known, sittings[quiz.id], at) for quiz, version in found]


@dataclass(frozen=True)
class _Known:
    """What is read at once for all quizzes, by their ids: all extensions, whatever they are of, and the person's
    grades."""

    course: Course
    person: Person
    group: int | None
    extensions: Mapping[int, Sequence[QuizExtension]]
    grades: Mapping[int, QuizGrade]

    @classmethod
    def read(cls, session: Session, course: Course, person: Person, quizzes: Sequence[Quiz]) -> _Known:
        member = session.scalars(select(Member).filter_by(course_id=course.id, person_id=person.id)).first()
        extensions: dict[int, list[QuizExtension]] = defaultdict(list)
        ids = [quiz.id for quiz in quizzes]
        for one in session.scalars(select(QuizExtension).where(QuizExtension.quiz_id.in_(ids))):
            extensions[one.quiz_id].append(one)
        rules = grading.rules_of(session, course)
        found = grading.of_members(session, rules, [member] if member else [], [person.id])
        grades = {id: by_person[person.id] for id, by_person in found.items() if person.id in by_person}
        return cls(course, person, member.group_id if member else None, extensions, grades)

    def held(self, quiz: Quiz) -> seen.Held:
        mine = [
            one
            for one in self.extensions.get(quiz.id, ())
            if one.person_id == self.person.id or (one.group_id is not None and one.group_id == self.group)
        ]
        return seen.with_extensions(quiz, self.course, mine)


def _standing(
    session: Session, quiz: Quiz, version: QuizVersion, known: _Known, sittings: Sequence[Sitting], at: datetime
) -> Standing:
    held, extensions = known.held(quiz), known.extensions.get(quiz.id, ())
    graded = [one for one in sittings if one.mode is QuizMode.GRADED]
    running = [one for one in sittings if one.submitted_at is None]
    sits = any(one.mode is QuizMode.GRADED for one in running)
    refusal = attempts.graded_refusal(held, len(graded), at) if held.rules.graded else None
    may = []
    if held.rules.graded and (refusal is None or sits):
        may.append(QuizMode.GRADED)
    if attempts.practice_barred(quiz, held.rules, extensions, held.zone, sits, at) is None:
        may.append(QuizMode.PRACTICE)
    count = len(shelf.book(session, version).quiz.questions)
    start = seen.practice_from(quiz, held.rules, extensions)
    nothing = QuizGrade(0.0, version.max_points, 0, 0, "none")
    return Standing(
        quiz=quiz.key,
        title=Text.from_json(quiz.title),
        week=quiz.week,
        rules=held.rules,
        window=held.window,
        minutes=held.minutes,
        questions=min(count, held.rules.questions or count),
        max_score=version.max_points,
        weight=quiz.weight,
        attempts_left=None if held.attempts is None else max(0, held.attempts - len(graded)),
        open=sorted(running, key=lambda one: one.mode is not QuizMode.GRADED),
        sittings=sittings,
        grade=known.grades.get(quiz.id, nothing),
        may_start=may,
        refusal=refusal.text if refusal else None,
        practice_from=start if start is not None and at <= start else None,
        review_from=seen.reviewed_from(quiz, held.rules, extensions),
    )


def _marks(session: Session, rows: Sequence[QuizAttempt]) -> dict[int, list[tuple[float, float | None]]]:
    """By attempt."""
    ids = [row.id for row in rows]
    hands = grading.by_hand(session, ids)
    found: dict[int, list[tuple[float, float | None]]] = defaultdict(list)
    query = select(QuizItem.attempt_id, QuizItem.position, QuizItem.weight, QuizItem.share)
    for id, position, weight, share in session.execute(query.where(QuizItem.attempt_id.in_(ids))):
        found[id].append((weight, hands.get((id, position), share)))
    return found


def _sitting(row: QuizAttempt, marks: Sequence[tuple[float, float | None]], at: datetime) -> Sitting:
    points, most = grading.total(marks)
    over = attempts.is_over(row, at)
    return Sitting(
        receipt=row.receipt,
        mode=row.mode,
        number=row.number,
        started_at=row.started_at,
        deadline=row.deadline,
        submitted_at=row.submitted_at or (row.deadline if over else None),
        ended=row.ended,
        score=points if row.submitted_at is not None else None,
        max_score=most,
    )
