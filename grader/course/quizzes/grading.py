"""Grades of quizzes, as a pure function of attempts and rules; nothing stores one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

import grader.course.policy as policies
from grader.course.policy import Counts, Window
from grader.course.quizzes import seen
from grader.course.quizzes.rules import QuizRules
from grader.store.models import Course, Member
from grader.store.quizzes import Quiz, QuizAttempt, QuizExtension, QuizItem, QuizMark, QuizMode, QuizVersion


class AttemptSeen(NamedTuple):
    """One graded attempt. `marks` are (weight, share) of its questions; a share is None until it is marked.
    `handed_at` is when its last answer was kept, within its time: an attempt is as late as its last answer."""

    attempt_id: int
    number: int
    handed_at: datetime
    ended: bool
    marks: Sequence[tuple[float, float | None]]


class QuizGrade(NamedTuple):
    """What a person has in one quiz. `status` is "graded", or says why there is no grade: "none" (no attempt), "open"
    (one is running), "pending" (a cell is still being marked). Only "graded" has a score that means something; else
    it is 0. `raw` is before anything was deducted for lateness."""

    score: float
    max_score: float
    attempts: int
    late_days: int
    status: str
    raw: float = 0.0
    kept_share: float = 1.0
    attempt_id: int | None = None


def total(marks: Sequence[tuple[float, float | None]]) -> tuple[float | None, float]:
    """The points, None where something is not marked, and the most points."""
    most = round(math.fsum(weight for weight, _ in marks), 6)
    if any(share is None for _, share in marks):
        return None, most
    return round(math.fsum(weight * (share or 0.0) for weight, share in marks), 6), most


def grade(
    attempts: Sequence[AttemptSeen], rules: QuizRules, window: Window, max_score: float, zone: tzinfo = UTC
) -> QuizGrade:
    """The grade of one person in one quiz; the order of the attempts does not matter. `window` is the person's,
    `max_score` that of the quiz now, for where there is no attempt to say it."""
    best: tuple[tuple[float, int, int], QuizGrade] | None = None
    pending = running = False
    for one in attempts:
        points, most = total(one.marks)
        if not one.ended or points is None:
            running, pending = running or not one.ended, pending or one.ended
            continue
        late = policies.lateness(one.handed_at, window, rules.policy, zone)
        kept = round(points * late.share, 6)
        found = QuizGrade(kept, most, len(attempts), late.days, "graded", points, late.share, one.attempt_id)
        share = round(kept / most, 9) if most and rules.counts is Counts.BEST else 0.0
        rank = (share, one.number, one.attempt_id) if rules.counts is Counts.LAST else (share, -one.number, 0)
        if best is None or rank > best[0]:
            best = (rank, found)
    if best is not None:
        return best[1]
    status = "pending" if pending else "open" if running else "none"
    return QuizGrade(0.0, max_score, len(attempts), 0, status)


# ------------------------------------------------------------------------------------------- out of the database


def of_course(
    session: Session,
    course: Course,
    people: Collection[int] | None = None,
    *,
    quiz: Quiz | None = None,
    batch: str | None = None,
) -> list[tuple[Member, dict[str, QuizGrade]]]:
    """For each member, by name, the grades of the graded quizzes by key, in the course's order; of some people (their
    ids) or one quiz alone where they are named. With `batch` as if that key correction counted."""
    members = _members(session, course, people)
    chosen = [quiz] if quiz is not None else _in_order(session, course)
    rules = {one.id: one for one in chosen if QuizRules.from_json(one.policy).graded}
    most = _most(session, rules)
    attempts = _attempts(session, rules, people, batch)
    extensions = _extensions(session, rules, members)
    found = []
    for member in members:
        row = {}
        for id, one in rules.items():
            held = seen.with_extensions(one, course, extensions.get((id, member.person_id), ()))
            seats = attempts.get((id, member.person_id), ())
            row[one.key] = grade(seats, held.rules, held.window, most[id], held.zone)
        found.append((member, row))
    return found


def of_person(session: Session, quiz: Quiz, person: int) -> Sequence[AttemptSeen]:
    """The graded attempts of one person at one quiz, in order."""
    return _attempts(session, {quiz.id: quiz}, [person], None).get((quiz.id, person), [])


def _in_order(session: Session, course: Course) -> Sequence[Quiz]:
    return session.scalars(select(Quiz).filter_by(course_id=course.id).order_by(Quiz.position, Quiz.id)).all()


def _members(session: Session, course: Course, people: Collection[int] | None) -> Sequence[Member]:
    query = select(Member).where(Member.course_id == course.id)
    if people is not None:
        query = query.where(Member.person_id.in_(people))
    return sorted(session.scalars(query), key=lambda member: (member.person.name, member.person_id))


def _most(session: Session, rules: Collection[int]) -> dict[int, float]:
    """The most points of each quiz now."""
    query = select(Quiz.id, QuizVersion.max_points).outerjoin(QuizVersion, QuizVersion.id == Quiz.version_id)
    return {id: most or 0.0 for id, most in session.execute(query.where(Quiz.id.in_(rules)))}


def _attempts(
    session: Session, rules: Collection[int], people: Collection[int] | None, batch: str | None
) -> dict[tuple[int, int], list[AttemptSeen]]:
    """By quiz and person."""
    theirs = [QuizAttempt.quiz_id.in_(rules), QuizAttempt.mode == QuizMode.GRADED]
    if people is not None:
        theirs.append(QuizAttempt.person_id.in_(people))
    marks: dict[int, list[tuple[float, float | None]]] = defaultdict(list)
    handed: dict[int, datetime] = {}
    shadows = _shadows(session, batch)
    query = select(QuizItem.attempt_id, QuizItem.position, QuizItem.weight, QuizItem.share, QuizItem.answered_at)
    for id, position, weight, share, at in session.execute(query.join(QuizAttempt).where(*theirs)):
        marks[id].append((weight, shadows.get((id, position), share)))
        if at is not None:
            handed[id] = max(at, handed.get(id, at))
    found: dict[tuple[int, int], list[AttemptSeen]] = defaultdict(list)
    for one in session.scalars(select(QuizAttempt).where(*theirs).order_by(QuizAttempt.number)):
        last = handed.get(one.id, one.started_at)
        last = last if one.deadline is None else min(last, one.deadline)  # the network's grace makes nobody late
        seat = AttemptSeen(one.id, one.number, last, one.submitted_at is not None, marks[one.id])
        found[one.quiz_id or 0, one.person_id].append(seat)
    return found


def _shadows(session: Session, batch: str | None) -> Mapping[tuple[int, int], float]:
    """What a key correction would have the answers earn."""
    if batch is None:
        return {}
    query = select(QuizMark.attempt_id, QuizMark.position, QuizMark.share)
    query = query.where(QuizMark.batch == batch, QuizMark.share.is_not(None))
    return {(attempt, position): share or 0.0 for attempt, position, share in session.execute(query)}


def _extensions(
    session: Session, rules: Collection[int], members: Sequence[Member]
) -> dict[tuple[int, int], list[QuizExtension]]:
    """By quiz and person, those of the person's group among them."""
    of_group: dict[int, list[int]] = defaultdict(list)
    for member in members:
        if member.group_id is not None:
            of_group[member.group_id].append(member.person_id)
    found: dict[tuple[int, int], list[QuizExtension]] = defaultdict(list)
    for row in session.scalars(select(QuizExtension).where(QuizExtension.quiz_id.in_(rules))):
        for person in [row.person_id] if row.person_id is not None else of_group[row.group_id or 0]:
            found[row.quiz_id, person].append(row)
    return found
