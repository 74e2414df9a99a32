"""Where a person stands with the quizzes of a course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.quizzes import attempts, grading, refusals, seen, shelf
from grader.course.quizzes.grading import QuizGrade
from grader.course.quizzes.views import Sitting, Standing
from grader.store.database import now, writes
from grader.store.models import Course, Member, Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizVersion
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
    known = _Known.read(session, course, person, at)
    return [_standing(session, quiz, version, known, sittings[quiz.id], at) for quiz, version in found]


@dataclass(frozen=True)
class _Known:
    """What is read at once for all quizzes, by their ids: what decides until when anybody may answer, the person's
    grades, and what the person is being graded in."""

    course: Course
    person: Person
    group: int | None
    others: Mapping[int, seen.Others]
    grades: Mapping[int, QuizGrade]
    under_way: refusals.UnderWay

    @classmethod
    def read(cls, session: Session, course: Course, person: Person, at: datetime) -> _Known:
        member = session.scalars(select(Member).filter_by(course_id=course.id, person_id=person.id)).first()
        rules = grading.rules_of(session, course)
        found = grading.of_members(session, rules, [member] if member else [], [person.id])
        grades = {id: by_person[person.id] for id, by_person in found.items() if person.id in by_person}
        group, under_way = member.group_id if member else None, refusals.under_way(session, person.id, at)
        return cls(course, person, group, seen.others(session, course), grades, under_way)

    def held(self, quiz: Quiz) -> seen.Held:
        mine = [
            one
            for one in self.others[quiz.id].extensions
            if one.person_id == self.person.id or (one.group_id is not None and one.group_id == self.group)
        ]
        return seen.with_extensions(quiz, self.course, mine)


def _standing(
    session: Session, quiz: Quiz, version: QuizVersion, known: _Known, sittings: Sequence[Sitting], at: datetime
) -> Standing:
    held, others, sits = known.held(quiz), known.others[quiz.id], quiz.version_id in known.under_way.versions
    graded = [one for one in sittings if one.mode is QuizMode.GRADED]
    running = [one for one in sittings if one.submitted_at is None]
    refusal = refusals.graded_refusal(held, len(graded), at) if held.rules.graded else None
    may = []
    if held.rules.graded and (refusal is None or any(one.mode is QuizMode.GRADED for one in running)):
        may.append(QuizMode.GRADED)
    barred = refusals.practice_barred(quiz, held.rules, others, sits, at)
    if barred is None:
        may.append(QuizMode.PRACTICE)
    count = len(shelf.book(session, version).quiz.questions)
    start = seen.practice_from(quiz, held.rules, others)
    most = shelf.points(session, version, held.rules.questions)
    nothing = QuizGrade(0.0, most, 0, 0, "none")
    return Standing(
        quiz=quiz.key,
        title=Text.from_json(quiz.title),
        week=quiz.week,
        rules=held.rules,
        window=held.window,
        minutes=held.minutes,
        questions=min(count, held.rules.questions or count),
        max_score=most,
        weight=quiz.weight,
        attempts_left=None if held.attempts is None else max(0, held.attempts - len(graded)),
        open=sorted(running, key=lambda one: one.mode is not QuizMode.GRADED),
        sittings=[_told(one, bool(barred or known.under_way)) for one in sittings],
        grade=known.grades.get(quiz.id, nothing),
        may_start=may,
        refusal=refusal.text if refusal else None,
        practice_from=start if start is not None and at <= start else None,
        review_from=seen.reviewed_from(quiz, held.rules, others),
    )


def _told(one: Sitting, hidden: bool) -> Sitting:
    """What a practice earned would tell which of its answers were right."""
    return replace(one, score=None) if hidden and one.mode is not QuizMode.GRADED else one


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
    over = seen.is_over(row, at)
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
