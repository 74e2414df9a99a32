"""Grades of quizzes, as a pure function of attempts and rules; nothing stores one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, or_, select, type_coerce
from sqlalchemy.orm import Session

import grader.course.policy as policies
from grader.course.grades import FEW, Listed, Placed, moment
from grader.course.policy import Counts, ExtensionGiven, Window
from grader.course.quizzes import shelf
from grader.course.quizzes.rules import QuizRules
from grader.store.models import Course, Member
from grader.store.quizzes import (
    Quiz,
    QuizAttempt,
    QuizExtension,
    QuizItem,
    QuizMark,
    QuizMode,
    QuizOverride,
    QuizVersion,
)

Place = tuple[int, int]  # an attempt and a position in it


class AttemptSeen(NamedTuple):
    """One graded attempt. `marks` are (weight, share) of its questions; a share is None until it is marked.
    `handed_at` is when its last answer was kept, within its time: an attempt is as late as its last answer. `by_hand`:
    a person gave the points of some question."""

    attempt_id: int
    number: int
    handed_at: datetime
    ended: bool
    marks: Sequence[tuple[float, float | None]]
    by_hand: bool = False


class QuizGrade(NamedTuple):
    """What a person has in one quiz. `status` is "graded", or says why there is no grade: "none" (no attempt), "open"
    (one is running), "pending" (a cell is still being marked). Only "graded" has a score that means something; else
    it is 0. `raw` is before anything was deducted for lateness, and before a person gave other points for the whole."""

    score: float
    max_score: float
    attempts: int
    late_days: int
    status: str
    raw: float = 0.0
    kept_share: float = 1.0
    attempt_id: int | None = None
    overridden: bool = False


def total(marks: Sequence[tuple[float, float | None]]) -> tuple[float | None, float]:
    """The points, None where something is not marked, and the most points."""
    most = round(math.fsum(weight for weight, _ in marks), 6)
    if any(share is None for _, share in marks):
        return None, most
    return round(math.fsum(weight * (share or 0.0) for weight, share in marks), 6), most


def grade(
    attempts: Sequence[AttemptSeen],
    rules: QuizRules,
    window: Window,
    max_score: float,
    zone: tzinfo = UTC,
    whole: float | None = None,
) -> QuizGrade:
    """The grade of one person in one quiz; the order of the attempts does not matter. `window` is the person's,
    `max_score` that of the quiz now, for where there is no attempt to say it, and `whole` the points that a person
    gave for all of it."""
    best: tuple[tuple[float, int, int], QuizGrade] | None = None
    pending = running = False
    for one in attempts:
        points, most = total(one.marks)
        if not one.ended or points is None:
            running, pending = running or not one.ended, pending or one.ended
            continue
        late = policies.lateness(one.handed_at, window, rules.policy, zone)
        kept = round(points * late.share, 6)
        found = QuizGrade(
            kept, most, len(attempts), late.days, "graded", points, late.share, one.attempt_id, one.by_hand
        )
        share = round(kept / most, 9) if most and rules.counts is Counts.BEST else 0.0
        rank = (share, one.number, one.attempt_id) if rules.counts is Counts.LAST else (share, -one.number, 0)
        if best is None or rank > best[0]:
            best = (rank, found)
    if best is not None:
        return best[1] if whole is None else best[1]._replace(score=whole, overridden=True)
    if whole is not None:
        return QuizGrade(whole, max_score, len(attempts), 0, "graded", overridden=True)
    status = "pending" if pending else "open" if running else "none"
    return QuizGrade(0.0, max_score, len(attempts), 0, status)


# ------------------------------------------------------------------------------------------- out of the database


class Facts(NamedTuple):
    """All that decides the grade of one person in one quiz."""

    attempts: Sequence[AttemptSeen] = ()
    whole: float | None = None
    extensions: Sequence[ExtensionGiven] = ()


@dataclass(frozen=True)
class HeldForAll:
    """What holds for everybody in one quiz."""

    key: str
    window: Window
    rules: QuizRules
    max_score: float
    zone: tzinfo

    def grade(self, facts: Facts) -> QuizGrade:
        window = policies.window(self.window, facts.extensions) if facts.extensions else self.window
        return grade(facts.attempts, self.rules, window, self.max_score, self.zone, facts.whole)


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
    rules = rules_of(session, course, None if quiz is None else [quiz.id])
    found = of_members(session, rules, members, people, batch=batch)
    columns = [(rule.key, found[id]) for id, rule in rules.items()]
    return [(member, {key: some[member.person_id] for key, some in columns}) for member in members]


def of_members(
    session: Session,
    rules: Mapping[int, HeldForAll],
    members: Sequence[Placed],
    people: Collection[int] | None = None,
    *,
    batch: str | None = None,
) -> dict[int, dict[int, QuizGrade]]:
    """By quiz and person, the grades of these members: by these rules and by all that is in the store now. `people`
    are the members' ids where they are few, which reads less."""
    attempts = _attempts(session, rules, people, batch)
    wholes = _wholes(session, rules, people)
    extensions = _extensions(session, rules, members)
    found = {}
    for id, rule in rules.items():
        none = rule.grade(Facts())
        found[id] = {one.person_id: none for one in members}
        for person in found[id]:
            where = (id, person)
            facts = Facts(attempts.get(where, ()), wholes.get(where), extensions.get(where, ()))
            if facts.attempts or facts.whole is not None:
                found[id][person] = rule.grade(facts)
    return found


def of_person(session: Session, quiz: Quiz, person: int) -> QuizGrade | None:
    """What somebody has in one quiz, wherever they are a member; None of what is practice alone."""
    course = session.get_one(Course, quiz.course_id)
    rows = of_course(session, course, [person], quiz=quiz)
    return rows[0][1].get(quiz.key) if rows else None


def quizzes(session: Session, course: Course) -> list[Listed]:
    """The graded quizzes of the course, in their order."""
    query = (
        select(Quiz.id, Quiz.key, Quiz.title, Quiz.weight, Quiz.policy, QuizVersion)
        .outerjoin(QuizVersion, QuizVersion.id == Quiz.version_id)
        .where(Quiz.course_id == course.id)
        .order_by(Quiz.position, Quiz.id)
    )
    found = []
    for id, key, title, weight, policy, version in session.execute(query):
        rules = QuizRules.from_json(policy)
        if rules.graded:
            found.append(Listed(id, key, title, weight, shelf.points(session, version, rules.questions)))
    return found


def rules_of(session: Session, course: Course, quizzes: Collection[int] | None = None) -> dict[int, HeldForAll]:
    """By the quiz's id, in order; of all that are graded, or of those of them that are named. (Columns, and no objects
    that change: those that a session has got already stay as they were.)"""
    query = (
        select(
            *(Quiz.id, Quiz.key, Quiz.opens, Quiz.due, Quiz.closes, Quiz.policy),
            *(Course.timezone, QuizVersion),
        )
        .join(Course, Course.id == Quiz.course_id)
        .outerjoin(QuizVersion, QuizVersion.id == Quiz.version_id)
        .where(Quiz.course_id == course.id, *_among(Quiz.id, quizzes))
        .order_by(Quiz.position, Quiz.id)
    )
    found = {}
    for id, key, opens, due, closes, policy, zone, version in session.execute(query):
        rules = QuizRules.from_json(policy)
        if rules.graded:
            most = shelf.points(session, version, rules.questions)
            found[id] = HeldForAll(key, Window(opens, due, closes), rules, most, ZoneInfo(zone))
    return found


def by_hand(session: Session, attempts: Any) -> dict[Place, float]:
    """The shares of questions that a person decided on, in these attempts (their ids, or a query for them); without
    what was taken back."""
    query = (
        select(QuizOverride.attempt_id, QuizOverride.position, QuizOverride.points, QuizItem.weight)
        .join(
            QuizItem,
            (QuizItem.attempt_id == QuizOverride.attempt_id) & (QuizItem.position == QuizOverride.position),
        )
        .where(QuizOverride.attempt_id.in_(attempts))
        .order_by(QuizOverride.created_at, QuizOverride.id)
    )
    last = {(row[0] or 0, row[1] or 0): (row[2], row[3]) for row in session.execute(query)}
    return {place: points / weight if weight else 0.0 for place, (points, weight) in last.items() if points is not None}


def _members(session: Session, course: Course, people: Collection[int] | None) -> Sequence[Member]:
    query = select(Member).where(Member.course_id == course.id, *_among(Member.person_id, people))
    return sorted(session.scalars(query), key=lambda member: (member.person.name, member.person_id))


def _attempts(
    session: Session, quizzes: Collection[int], people: Collection[int] | None, batch: str | None
) -> dict[Place, list[AttemptSeen]]:
    """By quiz and person. Columns without their types, as there may be 100,000 of these rows."""
    theirs = (
        QuizAttempt.quiz_id.in_(quizzes),
        QuizAttempt.mode == QuizMode.GRADED,
        *_among(QuizAttempt.person_id, people),
    )
    decided = by_hand(session, select(QuizAttempt.id).where(*theirs))
    hands = {attempt for attempt, _ in decided}
    instead: Mapping[Place, float] = {**_shadows(session, batch), **decided}
    marks: defaultdict[int, list[tuple[float, float | None]]] = defaultdict(list)
    handed: dict[int, Any] = {}
    items = (
        select(
            *(QuizItem.attempt_id, QuizItem.position, QuizItem.weight, QuizItem.share),
            type_coerce(QuizItem.answered_at, String),
        )
        .join(QuizAttempt, QuizAttempt.id == QuizItem.attempt_id)
        .where(*theirs, QuizAttempt.submitted_at.is_not(None))
    )
    # the session would look at each row for objects, and there are none
    for id, position, weight, share, at in session.connection().execute(items):
        marks[id].append((weight, instead.get((id, position), share) if instead else share))
        if at is not None and (id not in handed or at > handed[id]):
            handed[id] = at
    found: defaultdict[Place, list[AttemptSeen]] = defaultdict(list)
    rows = select(
        *(QuizAttempt.id, QuizAttempt.quiz_id, QuizAttempt.person_id, QuizAttempt.number),
        *(QuizAttempt.started_at, QuizAttempt.deadline, QuizAttempt.submitted_at),
    ).where(*theirs)
    for id, quiz, person, number, started, deadline, submitted in session.execute(rows.order_by(QuizAttempt.number)):
        last = moment(handed[id]) if id in handed else started
        last = last if deadline is None else min(last, deadline)  # the network's grace makes nobody late
        seat = AttemptSeen(id, number, last, submitted is not None, marks.get(id, ()), id in hands)
        found[quiz or 0, person].append(seat)
    return found


def _shadows(session: Session, batch: str | None) -> Mapping[Place, float]:
    """What a key correction would have the answers earn."""
    if batch is None:
        return {}
    query = select(QuizMark.attempt_id, QuizMark.position, QuizMark.share)
    query = query.where(QuizMark.batch == batch, QuizMark.share.is_not(None))
    return {(attempt, position): share or 0.0 for attempt, position, share in session.execute(query)}


def _wholes(session: Session, quizzes: Collection[int], people: Collection[int] | None) -> dict[Place, float]:
    """The points of whole quizzes that a person decided on, by quiz and person."""
    query = (
        select(QuizOverride.quiz_id, QuizOverride.person_id, QuizOverride.points)
        .where(
            QuizOverride.quiz_id.in_(quizzes),
            QuizOverride.attempt_id.is_(None),
            *_among(QuizOverride.person_id, people),
        )
        .order_by(QuizOverride.created_at, QuizOverride.id)
    )
    last = {(quiz, person): points for quiz, person, points in session.execute(query)}
    return {place: points for place, points in last.items() if points is not None}


def _extensions(
    session: Session, quizzes: Collection[int], members: Sequence[Placed]
) -> dict[Place, list[ExtensionGiven]]:
    """By quiz and person, those of the person's group among them."""
    of_group: dict[int, list[int]] = defaultdict(list)
    for member in members:
        if member.group_id is not None:
            of_group[member.group_id].append(member.person_id)
    query = select(
        *(QuizExtension.quiz_id, QuizExtension.person_id, QuizExtension.group_id, QuizExtension.created_at),
        *(QuizExtension.id, QuizExtension.due, QuizExtension.closes, QuizExtension.attempts),
    ).where(QuizExtension.quiz_id.in_(quizzes))
    if len(members) <= FEW:  # else it is faster to read all
        theirs = QuizExtension.person_id.in_([member.person_id for member in members])
        query = query.where(or_(theirs, QuizExtension.group_id.in_(list(of_group))))
    found: dict[Place, list[ExtensionGiven]] = defaultdict(list)
    for quiz, person, group, at, number, due, closes, attempts in session.execute(query):
        given = ExtensionGiven(at, number, due, closes, attempts, group is not None)
        for each in [person] if person is not None else of_group.get(group or 0, []):
            found[quiz, each].append(given)
    return found


def _among(column: Any, some: Collection[int] | None) -> list[ColumnElement[bool]]:
    return [] if some is None else [column.in_(some)]
