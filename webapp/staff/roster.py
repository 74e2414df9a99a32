"""Who is in the course, what each has, and who may decide about whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course import book as books
from grader.course import grades, people, seen
from grader.course.grades import Grade
from grader.course.people import Imported
from grader.errors import BadInput
from grader.store.models import (
    Assignment,
    Course,
    Credential,
    Extension,
    Group,
    Invitation,
    Member,
    Override,
    Person,
    Role,
    Submission,
)
from grader.text import Text

PAGE = 100  # lines of a list
RANK = {Role.STUDENT: 0, Role.ASSISTANT: 1, Role.INSTRUCTOR: 2, Role.ADMIN: 3}


@dataclass(frozen=True)
class Somebody:
    """A member in the list. `signs_in`: a password is set."""

    person_id: int
    name: str
    email: str
    role: Role
    group: str
    active: bool
    signs_in: bool
    submissions: int


@dataclass(frozen=True)
class Attempt:
    """One submission of the person."""

    receipt: str
    received_at: datetime
    counts: bool


@dataclass(frozen=True)
class Work:
    """What a person has in one assignment. `due` and `closes` with all extensions."""

    key: str
    title: Text
    grade: Grade
    due: datetime | None
    closes: datetime | None
    extra_attempts: int
    extended: bool
    attempts: Sequence[Attempt]
    override: Override | None


@dataclass(frozen=True)
class Given:
    """An extension in a list; `whom` is a person's or a group's name."""

    assignment: Text
    whom: str
    group: bool
    due: datetime | None
    closes: datetime | None
    attempts: int
    reason: str
    author: str
    at: datetime


def roster(session: Session, course: Course, search: str = "", left: bool = False) -> list[Somebody]:
    """The members by role and name; `left` those who were deactivated."""
    book = books.book(session, course)
    counts = book.kept("submitted", book.version, lambda: _submitted(session, course))
    query = select(Credential.person_id).join(Member, Member.person_id == Credential.person_id)
    known = set(session.scalars(query.where(Member.course_id == course.id)))
    words = search.casefold().split()
    found = [
        Somebody(
            one.person_id,
            one.name,
            one.email,
            one.role,
            one.group,
            one.active,
            one.person_id in known,
            counts.get(one.person_id, 0),
        )
        for one in book.people.values()
        if one.active is not left
        and not one.forgotten
        and all(word in f"{one.name} {one.email}".casefold() for word in words)
    ]
    return sorted(found, key=lambda one: (-RANK[one.role], one.name, one.email))


def _submitted(session: Session, course: Course) -> dict[int, int]:
    """How many submissions there are, by person."""
    query = (
        select(Submission.person_id, func.count())
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Assignment.course_id == course.id)
        .group_by(Submission.person_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def works(session: Session, course: Course, person: Person) -> list[Work]:
    """Every assignment, with what the person has there."""
    ((_, found),) = grades.of_course(session, course, people=[person.id])
    rows = session.scalars(
        select(Assignment).where(Assignment.course_id == course.id).order_by(Assignment.position, Assignment.id)
    ).all()
    ids = [one.id for one in rows]
    rules = seen.rules_of_all(session, course, rows, person)
    mine = select(Submission).where(Submission.person_id == person.id, Submission.assignment_id.in_(ids))
    tried: defaultdict[int, list[Submission]] = defaultdict(list)
    for submission in session.scalars(mine.order_by(Submission.received_at.desc(), Submission.id.desc())):
        tried[submission.assignment_id].append(submission)
    whole = select(Override).where(
        Override.person_id == person.id, Override.assignment_id.in_(ids), Override.submission_id.is_(None)
    )
    last = {one.assignment_id: one for one in session.scalars(whole.order_by(Override.id))}
    return [_work(one, found[one.key], rules[one.id], tried[one.id], last.get(one.id)) for one in rows]


def _work(
    assignment: Assignment, grade: Grade, rules: seen.Rules, tried: Sequence[Submission], override: Override | None
) -> Work:
    return Work(
        key=assignment.key,
        title=Text.from_json(assignment.title),
        grade=grade,
        due=rules.window.due,
        closes=rules.window.closes,
        extra_attempts=rules.extra_attempts,
        extended=(rules.window.due, rules.window.closes) != (assignment.due, assignment.closes)
        or rules.extra_attempts > 0,
        attempts=[Attempt(one.receipt, one.received_at, one.id == grade.submission_id) for one in tried],
        override=override if override is not None and override.points is not None else None,
    )


def extensions_given(session: Session, course: Course) -> int:
    """How many were given in the course."""
    query = select(func.count(Extension.id)).join(Assignment, Assignment.id == Extension.assignment_id)
    return session.scalars(query.where(Assignment.course_id == course.id)).one()


def extensions(session: Session, course: Course, page: int = 1) -> list[Given]:
    """Those that were given in the course, the latest first; `PAGE` of them, from page 1 on."""
    author = Person.__table__.alias()
    query = (
        select(Extension, Assignment.title, Person.name, Person.email, Group.name, author.c.name)
        .join(Assignment, Assignment.id == Extension.assignment_id)
        .outerjoin(Person, Person.id == Extension.person_id)
        .outerjoin(Group, Group.id == Extension.group_id)
        .outerjoin(author, author.c.id == Extension.author_id)
        .where(Assignment.course_id == course.id)
        .order_by(Extension.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [
        Given(
            Text.from_json(title),
            group if group is not None else name or email,
            group is not None,
            one.due,
            one.closes,
            one.attempts,
            one.reason,
            by or "",
            one.created_at,
        )
        for one, title, name, email, group, by in session.execute(query)
    ]


# ------------------------------------------------------------------------------------------ who may decide what


def may_act_on(session: Session, actor: Person, person: Person) -> bool:
    """Whether the actor may let this person in or out, which holds in every course that the person is in: there the
    actor must stand above them. Else a teacher of one course could take over the account of one of another."""
    if actor.id == person.id:
        return False
    mine = {one.course_id: one.role for one in session.scalars(select(Member).filter_by(person_id=actor.id))}
    theirs = session.scalars(select(Member).filter_by(person_id=person.id)).all()
    return all(_above(mine.get(one.course_id), one.role) for one in theirs)


def _above(mine: Role | None, theirs: Role) -> bool:
    if mine is None:
        return False
    return mine is Role.ADMIN or (mine is Role.INSTRUCTOR and RANK[theirs] < RANK[Role.INSTRUCTOR])


def must_be_givable(mine: Role, before: Role | None, after: Role) -> None:
    """Only an administrator makes administrators; or takes that away, or the role of an instructor, for else one of
    them could lower another to where they may act on the account. Raises BadInput."""
    if mine is not Role.ADMIN and before is not after and (Role.ADMIN in (before, after) or before is Role.INSTRUCTOR):
        raise BadInput(
            Text(
                "관리자 역할을 주거나 거두고 강사 역할을 거두는 일은 관리자만 할 수 있습니다.",
                "Only an administrator can make somebody an administrator, or take that or an instructor's role away.",
            )
        )


def names_elsewhere(session: Session, course: Course) -> Mapping[int, str]:
    """What those are called who are in another course, by their ids."""
    query = select(Person.id, Person.name).join(Member, Member.person_id == Person.id)
    return {row.id: row.name for row in session.execute(query.where(Member.course_id != course.id).distinct())}


def keep_names(session: Session, actor: Person, names: Mapping[int, str]) -> None:
    """Nobody is called otherwise in another course by whom may not act on them there."""
    now_called = session.scalars(select(Person).where(Person.id.in_(names)))
    for person in [one for one in now_called if one.name != names[one.id]]:
        if not may_act_on(session, actor, person):
            person.name = names[person.id]


def import_people(session: Session, course: Course, data: bytes, actor: Person) -> Imported:
    """As `grader.course.people.import_people`, and no roles beyond the actor's power. Raises BadPeople or BadInput."""
    before, out, names = _roles(session, course), let_out(session), names_elsewhere(session, course)
    done = people.import_people(session, course, data, actor=actor)
    must_stay_out(session, actor, out)
    keep_names(session, actor, names)
    after = _roles(session, course)
    for person, role in after.items():
        if person == actor.id and role is not before.get(person):
            raise BadInput(OWN_ROLE)
        must_be_givable(before[actor.id], before.get(person), role)
    return done


@dataclass(frozen=True)
class Entry:
    """What the list of a course says of somebody."""

    name: str
    email: str
    role: Role
    group: str
    active: bool


@dataclass(frozen=True)
class Coming:
    """What a file would do: each that is new or would be another, as they are (None: not here yet) and would be."""

    entries: Sequence[tuple[Entry | None, Entry]]
    done: Imported


def coming(session: Session, course: Course, data: bytes, actor: Person) -> Coming:
    """Takes a file in this transaction, which the caller keeps or takes back. Raises as `import_people`."""
    before = _entries(session, course)
    done = import_people(session, course, data, actor)
    after = _entries(session, course)
    return Coming([(before.get(id), one) for id, one in after.items() if before.get(id) != one], done)


def _entries(session: Session, course: Course) -> dict[int, Entry]:
    return {
        one.person_id: Entry(
            one.person.name, one.person.email, one.role, one.group.name if one.group else "", one.person.active
        )
        for one in people.members(session, course, active=None)
    }


def signs_in(session: Session, person: Person) -> bool:
    """Whether a password is set."""
    return session.get(Credential, person.id) is not None


def invited_until(session: Session, person: Person, at: datetime) -> datetime | None:
    """How long the person's invitation can be used; None where there is none."""
    query = select(Invitation.expires_at).where(
        Invitation.person_id == person.id, Invitation.used_at.is_(None), Invitation.expires_at > at
    )
    return session.scalars(query.order_by(Invitation.id.desc()).limit(1)).first()


def let_out(session: Session) -> set[int]:
    """Who is deactivated, in any course."""
    return set(session.scalars(select(Person.id).where(Person.active.is_(False), Person.forgotten_at.is_(None))))


def must_stay_out(session: Session, actor: Person, out: set[int]) -> None:
    """Who is brought into a course is active again; that of the people who were out the actor must be free to decide.
    Raises BadInput."""
    for id in out - let_out(session):
        person = session.get_one(Person, id)
        if not may_act_on(session, actor, person):
            raise BadInput(
                Text(
                    f"{person.email}은(는) 비활성화되어 있습니다. 이 사람을 다시 들일 수 있는 관리자에게 부탁하세요.",
                    f"{person.email} is deactivated. Ask an administrator who may let this person in again.",
                )
            )


OWN_ROLE = Text(
    "자기 역할은 바꿀 수 없습니다. 다른 관리자나 강사에게 부탁하세요.",
    "You cannot change your own role. Ask another administrator or instructor.",
)


def _roles(session: Session, course: Course) -> dict[int, Role]:
    query = select(Member.person_id, Member.role).where(Member.course_id == course.id)
    return {row[0]: row[1] for row in session.execute(query)}


def by_role(found: Sequence[Somebody]) -> Counter[Role]:
    """How many of each."""
    return Counter(one.role for one in found)
