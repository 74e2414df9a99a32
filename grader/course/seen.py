"""What the rules of `grader.course.policy` look at, read from the tables for one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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
    return rules_of_all(session, course, [assignment], person)[assignment.id]


def rules_of_all(
    session: Session, course: Course, assignments: Sequence[Assignment], person: Person
) -> dict[int, Rules]:
    """The rules for this person in several assignments of the course, by their ids."""
    given = _extensions(session, assignments, person)
    return {
        one.id: Rules(
            policy.merged(course.policy, one.policy),
            policy.window(Window(one.opens, one.due, one.closes), given[one.id]),
            policy.extra_attempts(given[one.id]),
        )
        for one in assignments
    }


def extensions_of(session: Session, assignment: Assignment, person: Person) -> list[ExtensionGiven]:
    """All that the person, and the group that they are in now, were ever given."""
    return _extensions(session, [assignment], person)[assignment.id]


def _extensions(
    session: Session, assignments: Sequence[Assignment], person: Person
) -> defaultdict[int, list[ExtensionGiven]]:
    """By assignment; these are of one course."""
    courses = {one.course_id for one in assignments}
    group = (
        select(Member.group_id)
        .where(Member.person_id == person.id, Member.course_id.in_(courses))
        .limit(1)
        .scalar_subquery()
    )
    query = select(Extension).where(
        Extension.assignment_id.in_([one.id for one in assignments]),
        or_(Extension.person_id == person.id, Extension.group_id == group),
    )
    found: defaultdict[int, list[ExtensionGiven]] = defaultdict(list)
    for one in session.scalars(query.order_by(Extension.id)):
        given = ExtensionGiven(one.created_at, one.id, one.due, one.closes, one.attempts, one.group_id is not None)
        found[one.assignment_id].append(given)
    return found


def attempts_used(session: Session, assignment: Assignment, person: Person) -> list[AttemptSeen]:
    """The person's submissions, the earliest first, each with whether it was an attempt: it has a grade that counts,
    or is still on its way to one."""
    return attempts_used_in_all(session, [assignment], person)[assignment.id]


def attempts_used_in_all(
    session: Session, assignments: Sequence[Assignment], person: Person
) -> defaultdict[int, list[AttemptSeen]]:
    """The same in several assignments, by their ids."""
    query = (
        select(
            Submission.assignment_id,
            Submission.id,
            Submission.received_at,
            Run.state,
            Run.status,
            Run.committed_at,
            Run.purpose,
        )
        .outerjoin(Run, Run.submission_id == Submission.id)
        .where(Submission.assignment_id.in_([one.id for one in assignments]), Submission.person_id == person.id)
    )
    received = {}
    counts: defaultdict[int, bool] = defaultdict(bool)
    for where, number, at, state, status, committed_at, purpose in session.execute(
        query.order_by(Submission.received_at, Submission.id)
    ):
        received[number] = where, at
        counts[number] |= _counts(state, status, committed_at, purpose)
    found: defaultdict[int, list[AttemptSeen]] = defaultdict(list)
    for number, (where, at) in received.items():
        found[where].append(AttemptSeen(at, counts[number]))
    return found


def _counts(state: State | None, status: str | None, committed_at: object, purpose: Purpose | None) -> bool:
    """Whether this run makes a submission an attempt, as `grades.is_attempt` says; a shadow never does."""
    if state in (None, State.QUEUED, State.RUNNING):
        return purpose in (None, Purpose.SUBMISSION, Purpose.CELL)
    return state is State.DONE and status == Status.GRADED.value and committed_at is not None
