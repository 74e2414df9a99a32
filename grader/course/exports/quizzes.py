"""The graded quizzes as the formats want them: columns and entries like those of assignments, without checks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import policy
from grader.course.exports.table import Column, Entry
from grader.course.grades import Grade
from grader.course.policy import Window
from grader.course.quizzes import QuizGrade, QuizRules, seen, shelf
from grader.course.quizzes import grades as grades_of
from grader.store.models import Course
from grader.store.quizzes import Quiz, QuizAttempt, QuizExtension, QuizMode, QuizVersion
from grader.text import Text


def asked(session: Session, course: Course) -> dict[str, Quiz]:
    """The graded quizzes by key, in their order."""
    query = select(Quiz).where(Quiz.course_id == course.id, Quiz.version_id.is_not(None))
    rows = session.scalars(query.order_by(Quiz.position, Quiz.id))
    return {one.key: one for one in rows if QuizRules.from_json(one.policy).graded}


def names(chosen: Sequence[Quiz], taken: Collection[str]) -> Mapping[int, str]:
    """By id, what a quiz's column is called: its key, unless an assignment has that one."""
    return {one.id: one.key if one.key not in taken else f"{one.key}-quiz" for one in chosen}


def column(session: Session, quiz: Quiz, name: str) -> Column:
    """The column of a quiz."""
    version = session.get_one(QuizVersion, quiz.version_id)
    return Column(
        key=name,
        title=Text.from_json(quiz.title),
        max_score=shelf.points(session, version, QuizRules.from_json(quiz.policy).questions),
        weight=quiz.weight,
        due=quiz.due,
        policy=dict(quiz.policy),
        version=version.number,
        quiz=True,
    )


def entries(session: Session, course: Course, chosen: Sequence[Quiz]) -> Mapping[tuple[int, int], Entry]:
    """By quiz and person. The time is when the attempt that counts ended, or else the latest one."""
    if not chosen:
        return {}
    ids = [one.id for one in chosen]
    ended: dict[int, datetime] = {}
    latest: dict[tuple[int, int], datetime] = {}
    query = select(QuizAttempt.id, QuizAttempt.quiz_id, QuizAttempt.person_id, QuizAttempt.submitted_at).where(
        QuizAttempt.quiz_id.in_(ids), QuizAttempt.mode == QuizMode.GRADED, QuizAttempt.submitted_at.is_not(None)
    )
    for id, quiz, person, at in session.execute(query.order_by(QuizAttempt.submitted_at)):
        if quiz is not None and at is not None:
            ended[id] = latest[quiz, person] = at
    extensions = session.scalars(select(QuizExtension).where(QuizExtension.quiz_id.in_(ids))).all()
    found = {}
    for member, by_key in grades_of(session, course):
        for one in chosen:
            grade, where = by_key[one.key], (one.id, member.person_id)
            theirs = [
                seen.given(each)
                for each in extensions
                if each.quiz_id == one.id
                and (
                    each.person_id == member.person_id
                    or (each.group_id is not None and each.group_id == member.group_id)
                )
            ]
            due = policy.window(Window(one.opens, one.due, one.closes), theirs).due
            found[where] = Entry(_grade(grade), ended.get(grade.attempt_id or 0, latest.get(where)), due)
    return found


def _grade(one: QuizGrade) -> Grade:
    """In the words of assignments, of which "open" is none."""
    return Grade(
        score=one.score,
        max_score=one.max_score,
        raw=one.raw,
        submission_id=None,
        late_days=one.late_days,
        kept_share=one.kept_share,
        attempts=one.attempts,
        status=one.status,
        overridden=one.overridden,
    )
