"""What the rules of `grader.course.policy` look at, read from the tables for one person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from grader.course import policy
from grader.course.policy import AttemptSeen, ExtensionGiven, Policy, Window
from grader.report import Status
from grader.store.models import Assignment, Course, Extension, Member, Person, Purpose, Run, State, Submission


@dataclass(frozen=True)
class Rules:
    """What holds for one person and one assignment: extensions are in it."""

    policy: Policy
    window: Window
    extra_attempts: int


def rules_of(session: Session, course: Course, assignment: Assignment, person: Person) -> Rules:
    """The rules for this person."""
    given = extensions_of(session, assignment, person)
    base = Window(assignment.opens, assignment.due, assignment.closes)
    return Rules(
        policy.merged(course.policy, assignment.policy), policy.window(base, given), policy.extra_attempts(given)
    )


def extensions_of(session: Session, assignment: Assignment, person: Person) -> list[ExtensionGiven]:
    """All that the person, and the group that they are in now, were ever given."""
    group = (
        select(Member.group_id)
        .where(Member.person_id == person.id, Member.course_id == assignment.course_id)
        .scalar_subquery()
    )
    query = select(Extension).where(
        Extension.assignment_id == assignment.id, or_(Extension.person_id == person.id, Extension.group_id == group)
    )
    return [
        ExtensionGiven(one.created_at, one.id, one.due, one.closes, one.attempts, one.group_id is not None)
        for one in session.scalars(query.order_by(Extension.id))
    ]


def attempts_used(session: Session, assignment: Assignment, person: Person) -> list[AttemptSeen]:
    """The person's submissions, the earliest first, each with whether it was an attempt: it has a grade that counts,
    or is still on its way to one."""
    query = (
        select(Submission.id, Submission.received_at, Run.state, Run.status, Run.committed_at, Run.purpose)
        .outerjoin(Run, Run.submission_id == Submission.id)
        .where(Submission.assignment_id == assignment.id, Submission.person_id == person.id)
    )
    received = {}
    counts: defaultdict[int, bool] = defaultdict(bool)
    for number, at, state, status, committed_at, purpose in session.execute(
        query.order_by(Submission.received_at, Submission.id)
    ):
        received[number] = at
        counts[number] |= _counts(state, status, committed_at, purpose)
    return [AttemptSeen(at, counts[number]) for number, at in received.items()]


def _counts(state: State | None, status: str | None, committed_at: object, purpose: Purpose | None) -> bool:
    """Whether this run makes a submission an attempt, as `grades.is_attempt` says; a shadow never does."""
    if state in (None, State.QUEUED, State.RUNNING):
        return purpose in (None, Purpose.SUBMISSION, Purpose.CELL)
    return state is State.DONE and status == Status.GRADED.value and committed_at is not None
