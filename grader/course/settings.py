"""What a course is called, where its clock is, its rules for all assignments, and their order; and whose grade a
change would move, before it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from grader.course import grades, people
from grader.course.grades import Grade
from grader.course.policy import Policy
from grader.errors import BadInput
from grader.store import audit
from grader.store.models import Assignment, Course, Person
from grader.text import Text

LONGEST_TITLE = 200
LAST_PLACE = 10_000
Actor = Person | str
Grades = dict[int, dict[str, Grade]]


@dataclass(frozen=True)
class Move:
    """Somebody whose grade in an assignment would be another one."""

    person_id: int
    name: str
    assignment: str  # its key
    before: Grade
    after: Grade


def change_course(
    session: Session,
    course: Course,
    *,
    title: Text,
    timezone: str,
    policy: Mapping[str, Any],
    actor: Actor,
) -> None:
    """Gives a course another title, time zone or rules for all assignments that say nothing themselves. Raises
    BadInput."""
    people.must_be_zone(timezone)
    Policy.from_json(policy)
    kept = Text(_title(title.ko), _title(title.en)).as_json()
    before = (course.title, course.timezone, course.policy)
    course.title, course.timezone, course.policy = kept, timezone, dict(policy)
    session.flush()
    if before != (course.title, course.timezone, course.policy):
        audit.record(
            session, actor, "change.course", f"course:{course.id}", timezone=timezone, policy=course.policy
        )  # a title may hold a name, so it is not in the log


def place(session: Session, row: Assignment, position: int, *, actor: Actor) -> None:
    """Puts an assignment in another place among the others; the smallest number is first. Raises BadInput."""
    if not 0 <= position <= LAST_PLACE:
        raise BadInput(
            Text(
                f"순서는 0부터 {LAST_PLACE:,}까지의 정수입니다.",
                f"The place must be a whole number from 0 to {LAST_PLACE:,}.",
            )
        )
    if row.position != position:
        row.position = position
        session.flush()
        audit.record(session, actor, "place.assignment", f"assignment:{row.id}", position=position)


def moves(session: Session, course: Course, change: Callable[[], None]) -> list[Move]:
    """Makes a change in this transaction, which the caller keeps or takes back, and says whose grade it moves."""
    before = _grades(session, course)
    change()
    session.flush()
    names = {member.person_id: member.person.name or member.person.email for member in _members(session, course)}
    return [
        Move(person, names[person], key, before[person][key], after)
        for person, by_key in _grades(session, course).items()
        for key, after in by_key.items()
        if before[person][key].told != after.told
    ]


def _grades(session: Session, course: Course) -> Grades:
    return {member.person_id: by_key for member, by_key in grades.of_course(session, course)}


def _members(session: Session, course: Course) -> list[Any]:
    return people.members(session, course, active=None)


def _title(words: str) -> str:
    found = " ".join(words.encode("utf-8", "replace").decode().replace("\0", "").split())
    if not found or len(found) > LONGEST_TITLE:
        raise BadInput(
            Text(
                f"제목을 한국어와 영어로, {LONGEST_TITLE}자 안으로 적어 주세요.",
                f"Write the title in Korean and in English, in at most {LONGEST_TITLE} letters each.",
            )
        )
    return found
