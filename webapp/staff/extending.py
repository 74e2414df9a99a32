"""Whom an extension reaches: what holds for each of them, and their grade, before it and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import grades, seen
from grader.course.grades import Grade
from grader.course.policy import Window
from grader.store.models import Assignment, Course, Group, Member, Person


@dataclass(frozen=True)
class Terms:
    """What holds for somebody in an assignment, with all their extensions."""

    window: Window
    attempts: int  # beyond those of the rules


@dataclass(frozen=True)
class Reached:
    """Somebody whom an extension is for; where another one of theirs is better already, nothing changes."""

    person_id: int
    name: str
    terms_before: Terms
    terms_after: Terms
    before: Grade
    after: Grade

    @property
    def moved(self) -> bool:
        """Whether they see another grade than before."""
        return self.before.told != self.after.told

    def told(self) -> list[Any]:
        """What is shown of it, as JSON."""
        return [self.person_id, _told(self.terms_before), _told(self.terms_after), self.before, self.after]


def reached(
    session: Session, course: Course, assignment: Assignment, whom: Person | Group, extend: Callable[[], object]
) -> list[Reached]:
    """Extends in this transaction, which the caller keeps or takes back, and says what that does to the person, or to
    each who is in the group now, by name."""
    people = _people(session, course, whom)
    before = _held(session, course, assignment, people)
    extend()
    session.flush()
    after = _held(session, course, assignment, people)
    return [
        Reached(one.id, one.name or one.email, before[one.id][0], after[one.id][0], before[one.id][1], after[one.id][1])
        for one in people
    ]


def _people(session: Session, course: Course, whom: Person | Group) -> Sequence[Person]:
    query = select(Person).join(Member, Member.person_id == Person.id).where(Member.course_id == course.id)
    query = query.where(Person.id == whom.id if isinstance(whom, Person) else Member.group_id == whom.id)
    return session.scalars(query.where(Person.forgotten_at.is_(None)).order_by(Person.name, Person.email)).all()


def _held(
    session: Session, course: Course, assignment: Assignment, people: Sequence[Person]
) -> Mapping[int, tuple[Terms, Grade]]:
    rows = grades.of_course(session, course, assignment=assignment, people=[one.id for one in people])
    found = {member.person_id: by_key[assignment.key] for member, by_key in rows}
    terms = {one.id: seen.rules_of(session, course, assignment, one) for one in people}
    return {id: (Terms(rules.window, rules.extra_attempts), found[id]) for id, rules in terms.items()}


def _told(terms: Terms) -> list[Any]:
    window = terms.window
    return [
        *(None if at is None else at.isoformat() for at in (window.opens, window.due, window.closes)),
        terms.attempts,
    ]
