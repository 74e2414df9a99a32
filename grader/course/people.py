"""Courses, and who is in them. Nobody is two people: an address, in lower case, is one."""

from __future__ import annotations

import csv
import difflib
import io
import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from grader.course import invitations
from grader.course.policy import Policy
from grader.errors import BadInput
from grader.store import audit, blobs, boards, likeness, surveys, watchlist
from grader.store.database import lock, now
from grader.store.identities import Identity
from grader.store.models import (
    Assignment,
    CheckRow,
    Comment,
    Course,
    Credential,
    Extension,
    Group,
    Invitation,
    Member,
    Override,
    Person,
    RegradeRequest,
    Role,
    Run,
    RunProgress,
    State,
    Submission,
    WebSession,
)
from grader.store.quizzes import (
    EndedBy,
    QuizAttempt,
    QuizCell,
    QuizExtension,
    QuizItem,
    QuizMark,
    QuizOverride,
    QuizReport,
)
from grader.store.tokens import ApiToken
from grader.text import Text

Actor = Person | str
MAX_CSV = 10 * 2**20  # bytes; a course of 50,000 people has 3 MB
SHOWN_FAULTS = 20
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_HEADERS = {
    "name": "name",
    "이름": "name",
    "성명": "name",
    "email": "email",
    "e-mail": "email",
    "mail": "email",
    "이메일": "email",
    "메일": "email",
    "role": "role",
    "역할": "role",
    "group": "group",
    "section": "group",
    "그룹": "group",
    "조": "group",
    "분반": "group",
}
_ROLES = {role.value: role for role in Role} | {
    "관리자": Role.ADMIN,
    "강사": Role.INSTRUCTOR,
    "교수": Role.INSTRUCTOR,
    "조교": Role.ASSISTANT,
    "학생": Role.STUDENT,
    "수강생": Role.STUDENT,
}


# ------------------------------------------------------------------------------------------------ courses


def create_course(
    session: Session,
    key: str,
    title: Text,
    *,
    timezone: str = "Asia/Seoul",
    policy: Mapping[str, Any] | None = None,
    actor: Actor,
    at: datetime | None = None,
) -> Course:
    """A new course. `key` is what addresses and commands call it. Raises BadInput."""
    lock(session, "courses")
    _must_be_key(key)
    must_be_zone(timezone)
    Policy.from_json(policy or {})
    if session.scalar(select(Course.id).where(Course.key == key)) is not None:
        raise BadInput(
            Text(
                f"'{key}' 강좌가 이미 있습니다. 다른 이름을 고르세요.",
                f"The course '{key}' exists already. Choose another name.",
            )
        )
    course = Course(
        key=key,
        title=title.as_json(),
        timezone=timezone,
        policy=dict(policy or {}),
        created_at=at or now(session),
    )
    session.add(course)
    session.flush()
    audit.record(session, actor, "create.course", f"course:{course.id}")
    return course


def the_course(session: Session, key: str | None = None) -> Course:
    """The course of that key; without one the only course there is. Raises BadInput, with the known ones."""
    courses = session.scalars(select(Course).order_by(Course.key)).all()
    if not courses:
        raise BadInput(
            Text(
                "아직 강좌가 없습니다. 먼저 만드세요: grader course create KEY --title '제목'",
                "There is no course yet. Make one first: grader course create KEY --title 'Title'",
            )
        )
    found = [course for course in courses if key in (None, course.key)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(course.key for course in courses)
    if key is None:
        raise BadInput(
            Text(
                f"강좌가 여럿입니다. --course나 GRADER_COURSE로 하나를 고르세요: {known}.",
                f"There are several courses. Choose one with --course or GRADER_COURSE: {known}.",
            )
        )
    raise BadInput(
        Text(f"'{key}' 강좌가 없습니다. 있는 강좌: {known}.", f"There is no course '{key}'. Known: {known}.")
    )


def _must_be_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise BadInput(
            Text(
                f"'{key}'은(는) 강좌 이름이 될 수 없습니다. 영어 소문자, 숫자, -, _로 64자까지 쓰세요. 예: dl-2026",
                f"'{key}' cannot name a course. Use up to 64 of a-z, 0-9, - and _. Example: dl-2026",
            )
        )


def must_be_zone(name: str) -> None:
    """Raises BadInput for what is no time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise BadInput(
            Text(
                f"'{_shown(name)}'이라는 시간대는 없습니다. 예: Asia/Seoul, Europe/Berlin, UTC",
                f"There is no time zone '{_shown(name)}'. Examples: Asia/Seoul, Europe/Berlin, UTC",
            )
        ) from error


# ------------------------------------------------------------------------------------------------- people


def address(words: str) -> str:
    """An e-mail address as it is kept: trimmed, in lower case. Raises BadInput."""
    email = unicodedata.normalize("NFC", words).strip().lower()
    if len(email) > 320 or ".." in email or not _EMAIL.fullmatch(email):
        raise BadInput(
            Text(
                f"'{_shown(words)}'은(는) 이메일 주소가 아닙니다. 예: minji@example.com",
                f"'{_shown(words)}' is no e-mail address. Example: minji@example.com",
            )
        )
    return email


def name_of(words: str) -> str:
    """A person's name as it is kept: one line, composed letters, at most 200. Raises BadInput."""
    name = " ".join(unicodedata.normalize("NFC", words).split())
    if not name or len(name) > 200 or not all(letter.isprintable() for letter in name):
        raise BadInput(
            Text(
                f"'{_shown(words)}'은(는) 이름이 될 수 없습니다. 200자까지 한 줄로 쓰세요.",
                f"'{_shown(words)}' cannot be a name. Write one line of at most 200 letters.",
            )
        )
    return name


def role_of(words: str) -> Role:
    """The role of that name, in English or Korean. Raises BadInput."""
    role = _ROLES.get(words.strip().lower())
    if role is None:
        known = ", ".join(one.value for one in Role)
        raise BadInput(
            Text(
                f"'{_shown(words)}'이라는 역할은 없습니다. 있는 역할: {known}.",
                f"There is no role '{_shown(words)}'. Known: {known}.",
            )
        )
    return role


def add_person(
    session: Session,
    course: Course,
    email: str,
    name: str,
    role: Role | None = None,
    group: str | None = None,
    *,
    actor: Actor,
    at: datetime | None = None,
) -> Member:
    """The person of that address in the course, with that name; who is there already is brought up to date. `role`
    None keeps the one there is (a new member is a student), `group` None the group. Raises BadInput."""
    row = _Row(0, name_of(name), address(email), role, None if group is None else _group_name(group))
    done = _bring_in(session, course, [row], at or now(session))
    member = done.members[row.email]
    if done.added or done.changed:
        verb = "add.member" if done.added else "change.member"
        audit.record(session, actor, verb, f"person:{member.person_id}", course=course.id, role=member.role.value)
    return member


def member(session: Session, course: Course, email: str) -> Member:
    """Who has that address in the course. Raises BadInput, with the nearest address."""
    wanted = address(email)
    found = session.scalars(
        select(Member).join(Member.person).where(Member.course_id == course.id, Person.email == wanted)
    ).first()
    if found is None:
        near = _near(wanted, _addresses(session, course))
        meant = Text(f" '{near[0]}'을(를) 뜻하셨나요?", f" Did you mean '{near[0]}'?") if near else Text("", "")
        raise BadInput(
            Text(
                f"{course.key} 강좌에 '{wanted}'이(가) 없습니다.{meant.ko}",
                f"There is no '{wanted}' in the course {course.key}.{meant.en}",
            )
        )
    return found


def _near(wanted: str, known: Sequence[str]) -> list[str]:
    """The nearest address, if it is near before the "@", too: all of a course may end alike."""
    mine = wanted.partition("@")[0]
    return [
        one
        for one in difflib.get_close_matches(wanted, known, n=1, cutoff=0.7)
        if difflib.get_close_matches(mine, [one.partition("@")[0]], cutoff=0.6)
    ]


def members(session: Session, course: Course, *, role: Role | None = None, active: bool | None = True) -> list[Member]:
    """Who is in the course, by name and address; `active` None for those who left, too."""
    query = select(Member).join(Member.person).where(Member.course_id == course.id)
    if role is not None:
        query = query.where(Member.role == role)
    if active is not None:
        query = query.where(Person.active == active)
    return list(session.scalars(query.order_by(Person.name, Person.email)))


def groups(session: Session, course: Course) -> dict[str, list[Member]]:
    """The groups by name, each with its active members; empty ones too."""
    names = session.scalars(select(Group.name).where(Group.course_id == course.id).order_by(Group.name))
    found: dict[str, list[Member]] = {name: [] for name in names}
    for one in members(session, course):
        if one.group is not None:
            found[one.group.name].append(one)
    return found


def the_group(session: Session, course: Course, name: str) -> Group:
    """The group of that name. Raises BadInput, with the known ones."""
    known = session.scalars(select(Group).where(Group.course_id == course.id).order_by(Group.name)).all()
    for group in known:
        if group.name == name:
            return group
    names = ", ".join(group.name for group in known) or "-"
    raise BadInput(
        Text(
            f"'{_shown(name)}' 그룹이 없습니다. 있는 그룹: {names}.",
            f"There is no group '{_shown(name)}'. Known: {names}.",
        )
    )


def set_role(session: Session, course: Course, person: Person, role: Role, *, actor: Actor) -> Member:
    """Gives a member another role. Raises BadInput for who is no member."""
    found = membership(session, course, person)
    if found is None:
        raise BadInput(
            Text(
                f"{course.key} 강좌의 사람이 아닙니다. 먼저 추가하세요: grader user add",
                f"This person is not in the course {course.key}. Add them first: grader user add",
            )
        )
    if found.role is not role:
        before, found.role = found.role, role
        audit.record(
            session,
            actor,
            "change.role",
            f"person:{person.id}",
            course=course.id,
            before=before.value,
            after=role.value,
        )
    return found


def membership(session: Session, course: Course, person: Person) -> Member | None:
    """The person's place in the course, if they have one."""
    return session.scalars(select(Member).filter_by(course_id=course.id, person_id=person.id)).first()


def deactivate(session: Session, person: Person, *, actor: Actor) -> None:
    """From now on the person can neither log in nor submit; everything they did stays. Where they are signed in and
    what invitation they have ends, so that neither comes back with them."""
    _set_active(session, person, False, actor)
    at = now(session)
    invitations.end(session, person, at)
    theirs = (WebSession.person_id == person.id, WebSession.revoked_at.is_(None))
    session.execute(update(WebSession).where(*theirs).values(revoked_at=at))


def activate(session: Session, person: Person, *, actor: Actor) -> None:
    """Takes `deactivate` back. Raises BadInput for a forgotten person."""
    if person.forgotten_at is not None:
        raise BadInput(
            Text(
                "잊힌 사람은 되돌릴 수 없습니다. 새로 추가하세요.",
                "A forgotten person cannot come back. Add them anew.",
            )
        )
    _set_active(session, person, True, actor)


def _set_active(session: Session, person: Person, active: bool, actor: Actor) -> None:
    if person.active is not active:
        person.active = active
        audit.record(session, actor, "activate.person" if active else "deactivate.person", f"person:{person.id}")


def _addresses(session: Session, course: Course) -> Sequence[str]:
    query = select(Person.email).join(Member).where(Member.course_id == course.id, Person.forgotten_at.is_(None))
    return session.scalars(query).all()


# -------------------------------------------------------------------------------------------------- import


@dataclass(frozen=True)
class Fault:
    """What is wrong in one line of a file; lines count from 1."""

    line: int
    text: Text


class BadPeople(BadInput):
    """A list of people that cannot be used; `faults` has every one of its faults, `text` the first of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        ko = [f"{fault.line}번째 줄: {fault.text.ko}" for fault in self.faults[:SHOWN_FAULTS]]
        en = [f"line {fault.line}: {fault.text.en}" for fault in self.faults[:SHOWN_FAULTS]]
        if more := len(self.faults) - SHOWN_FAULTS:
            ko += [f"그 밖에 {more}개"] * (more > 0)
            en += [f"and {more} more"] * (more > 0)
        first = Text("아무도 추가하지 않았습니다. 고쳐서 다시 해 주세요.", "Nobody was added. Mend it and try again.")
        super().__init__(Text("\n".join([first.ko, *ko]), "\n".join([first.en, *en])))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.faults,)


@dataclass(frozen=True)
class Imported:
    """What an import did. `ignored` are columns that mean nothing to us."""

    added: int
    changed: int
    unchanged: int
    ignored: Sequence[str] = ()


def import_people(
    session: Session, course: Course, data: bytes | str, *, actor: Actor, at: datetime | None = None
) -> Imported:
    """Everybody in a CSV file with the columns name, email and, where there are any, role and group (Korean titles
    too; a byte order mark, UTF-8, UTF-16 and CP949 as Excel writes them; comma, semicolon or tab). Who is in the
    course already is brought up to date; an empty role or group keeps the one there is. Nobody is removed. Raises
    BadPeople, and then nobody is added at all."""
    rows, ignored = _read_csv(_decoded(data))
    done = _bring_in(session, course, rows, at or now(session))
    audit.record(
        session,
        actor,
        "import.members",
        f"course:{course.id}",
        added=sorted(done.members[email].person_id for email in done.added),
        changed=sorted(done.members[email].person_id for email in done.changed),
        roles={str(done.members[email].person_id): done.members[email].role.value for email in done.roles},
    )
    untouched = len(rows) - len(done.added) - len(done.changed)
    return Imported(len(done.added), len(done.changed), untouched, tuple(ignored))


@dataclass(frozen=True)
class _Row:
    line: int
    name: str
    email: str
    role: Role | None
    group: str | None


def _decoded(data: bytes | str) -> str:
    if len(data) > MAX_CSV:
        limit = MAX_CSV // 2**20
        raise BadPeople([Fault(1, Text(f"파일이 {limit} MB보다 큽니다.", f"the file is larger than {limit} MB."))])
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp949")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
    raise BadPeople(
        [
            Fault(
                line,
                Text("UTF-8도 CP949도 아닙니다. UTF-8로 저장하세요.", "neither UTF-8 nor CP949. Save it as UTF-8."),
            )
        ]
    )


def _read_csv(content: str) -> tuple[list[_Row], list[str]]:
    """The rows, and the columns that were not used."""
    lines = _lines(content)
    if not lines:
        raise BadPeople([Fault(1, Text("파일이 비어 있습니다.", "the file is empty."))])
    head, *body = lines
    places, ignored = _columns(head)
    faults: list[Fault] = []
    rows: dict[str, _Row] = {}
    for line, cells in body:
        row = _row(line, {name: cells[place] if place < len(cells) else "" for name, place in places.items()}, faults)
        if row is not None and row.email in rows:
            first = rows[row.email].line
            faults.append(
                Fault(
                    line,
                    Text(f"{row.email}이(가) {first}번째 줄에도 있습니다.", f"{row.email} is in line {first} too."),
                )
            )
        elif row is not None:
            rows[row.email] = row
    if faults:
        raise BadPeople(faults)
    return list(rows.values()), ignored


def _lines(content: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with the line in which it begins."""
    start = content.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=start.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    found = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        why = Text(f"CSV로 읽을 수 없습니다({error}).", f"it cannot be read as CSV ({error}).")
        raise BadPeople([Fault(begins, why)]) from error
    return found


def _columns(head: tuple[int, list[str]]) -> tuple[dict[str, int], list[str]]:
    line, titles = head
    places: dict[str, int] = {}
    faults, ignored = [], []
    for place, title in enumerate(titles):
        name = _HEADERS.get(unicodedata.normalize("NFC", title).strip().lower())
        if name is None:
            ignored.append(_shown(title.strip()))
        elif name in places:
            faults.append(Fault(line, Text(f"{name} 열이 두 번 있습니다.", f"the column {name} is there twice.")))
        else:
            places[name] = place
    for name in ("name", "email"):
        if name not in places:
            have = ", ".join(_shown(title.strip()) for title in titles[:10])
            why = Text(f"{name} 열이 없습니다. 있는 열: {have}", f"there is no column {name}. Columns: {have}")
            faults.append(Fault(line, why))
    if faults:
        raise BadPeople(faults)
    return places, [title for title in ignored if title]


def _row(line: int, cells: Mapping[str, str], faults: list[Fault]) -> _Row | None:
    """One person; None, and its faults told, where the line cannot be used."""
    before = len(faults)
    found: dict[str, Any] = {"role": None, "group": None}
    readers = {"name": name_of, "email": address, "role": role_of, "group": _group_name}
    for column, words in cells.items():
        if column in ("role", "group") and not words.strip():
            continue
        try:
            found[column] = readers[column](words)
        except BadInput as error:
            faults.append(Fault(line, error.text))
    return _Row(line, **found) if len(faults) == before else None


def _group_name(words: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", words).split())
    if not name or len(name) > 100 or not all(letter.isprintable() for letter in name):
        raise BadInput(
            Text(
                f"'{_shown(words)}'은(는) 그룹 이름이 될 수 없습니다. 100자까지 한 줄로 쓰세요.",
                f"'{_shown(words)}' cannot name a group. Write one line of at most 100 letters.",
            )
        )
    return name


@dataclass
class _Brought:
    members: dict[str, Member] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)  # who has another role now, new members included


def _bring_in(session: Session, course: Course, rows: Sequence[_Row], at: datetime) -> _Brought:
    """Makes persons, groups and members of the rows, or brings them up to date, in few queries."""
    lock(session, "people")
    emails = [row.email for row in rows]
    persons = {one.email: one for one in _among(session, emails)}
    for row in rows:
        if row.email not in persons:
            persons[row.email] = Person(email=row.email, name=row.name, active=True, created_at=at)
            session.add(persons[row.email])
    teams = _teams(session, course, {row.group for row in rows if row.group is not None})
    session.flush()
    here = {one.person_id: one for one in session.scalars(select(Member).where(Member.course_id == course.id))}
    done = _Brought()
    for row in rows:
        person = persons[row.email]
        found = here.get(person.id)
        if found is None:
            found = Member(course_id=course.id, person=person, role=row.role or Role.STUDENT, joined_at=at)
            found.group = None if row.group is None else teams[row.group]
            session.add(found)
            done.added.append(row.email)
            done.roles.append(row.email)
            person.name, person.active = row.name, True
        elif _update(found, row, teams):
            done.changed.append(row.email)
            if row.role is not None and row.role is not found.role:
                found.role = row.role
                done.roles.append(row.email)
        done.members[row.email] = found
    session.flush()
    return done


def _update(found: Member, row: _Row, teams: Mapping[str, Group]) -> bool:
    """Brings name, activity and group up to date; whether anything, the role included, is to change."""
    group = found.group if row.group is None else teams[row.group]
    before = (found.person.name, found.person.active, found.group, found.role)
    found.person.name, found.person.active, found.group = row.name, True, group
    return before != (row.name, True, group, row.role or found.role)


def _among(session: Session, emails: Sequence[str]) -> Iterable[Person]:
    for start in range(0, len(emails), 500):
        yield from session.scalars(select(Person).where(Person.email.in_(emails[start : start + 500])))


def _teams(session: Session, course: Course, names: set[str]) -> dict[str, Group]:
    found = {one.name: one for one in session.scalars(select(Group).where(Group.course_id == course.id))}
    for name in sorted(names - found.keys()):
        found[name] = Group(course_id=course.id, name=name)
        session.add(found[name])
    return found


# -------------------------------------------------------------------------------------------------- forget


def forget(session: Session, person: Person, *, actor: Actor, at: datetime | None = None) -> None:
    """Removes who the person is and what they wrote: name, address, group, notebooks, executed copies, whatever quotes
    them, and what others wrote about them. Their points stay, nobody's, for statistics. It cannot be taken back,
    except from a backup made before. Forgetting twice does nothing."""
    if person.forgotten_at is not None:
        return
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete = ON"))  # else the bytes stay readable in the file's free pages
    submissions = list(session.scalars(select(Submission).where(Submission.person_id == person.id)))
    ids = [one.id for one in submissions]
    contents = {one.notebook for one in submissions}
    contents |= set(session.scalars(select(Run.executed).where(Run.submission_id.in_(ids), Run.executed.is_not(None))))
    nothing = blobs.put(session, b"", at)
    for one in submissions:
        one.notebook, one.filename = nothing, "notebook.ipynb"
    _forget_runs(session, ids)
    _forget_words(session, person, ids)
    _forget_quizzes(session, person, at or now(session))
    likeness.forget(session, person)
    watchlist.forget(session, person)
    boards.forget(session, person)
    surveys.forget(session, person)
    for table in (ApiToken, Credential, Identity, Invitation, WebSession):
        session.execute(delete(table).where(table.person_id == person.id))
    person.name, person.email = "", f"{secrets.token_hex(16)}@forgotten.invalid"
    person.active, person.forgotten_at = False, at or now(session)
    session.execute(update(Member).where(Member.person_id == person.id).values(group_id=None))
    session.flush()
    blobs.sweep(session, contents - {nothing})
    audit.record(session, actor, "forget.person", f"person:{person.id}", submissions=len(ids))


def _forget_runs(session: Session, submissions: Sequence[int]) -> None:
    """Runs lose what quotes a notebook; those that have not ended never will."""
    theirs = Run.submission_id.in_(submissions)
    waiting = Run.state.in_((State.QUEUED, State.RUNNING, State.SET_ASIDE))
    session.execute(update(Run).where(theirs, waiting).values(state=State.CANCELLED, fence=Run.fence + 1))
    session.execute(update(Run).where(theirs).values(executed=None, rest=None, reason=None))
    runs = select(Run.id).where(theirs)
    session.execute(delete(RunProgress).where(RunProgress.run_id.in_(runs)))
    session.execute(update(CheckRow).where(CheckRow.run_id.in_(runs)).values(message=None))


def _forget_words(session: Session, person: Person, submissions: Sequence[int]) -> None:
    """What they asked, and what was said of them and decided about them, without the words."""
    session.execute(delete(Comment).where(Comment.submission_id.in_(submissions)))
    for table in (Override, Extension, QuizExtension, QuizOverride):
        session.execute(update(table).where(table.person_id == person.id).values(reason=""))
    session.execute(update(RegradeRequest).where(RegradeRequest.person_id == person.id).values(reason="", answer=None))


def _forget_quizzes(session: Session, person: Person, at: datetime) -> None:
    """What they answered, and what was said of it, which may quote it; what it earned stays."""
    theirs = select(QuizAttempt.id).where(QuizAttempt.person_id == person.id)
    session.execute(update(QuizItem).where(QuizItem.attempt_id.in_(theirs)).values(answer=None, said=None))
    session.execute(update(QuizMark).where(QuizMark.attempt_id.in_(theirs)).values(said=None))
    session.execute(update(QuizReport).where(QuizReport.attempt_id.in_(theirs)).values(reason="", answer=None))
    running = (QuizAttempt.person_id == person.id, QuizAttempt.submitted_at.is_(None))
    session.execute(update(QuizAttempt).where(*running).values(submitted_at=at, ended=EndedBy.SUBMITTED))
    cells = Run.id.in_(select(QuizCell.run_id).where(QuizCell.person_id == person.id))
    waiting = Run.state.in_((State.QUEUED, State.RUNNING, State.SET_ASIDE))
    session.execute(update(Run).where(cells, waiting).values(state=State.CANCELLED, fence=Run.fence + 1))


# --------------------------------------------------------------------------------------------------- pieces


def is_assignment(session: Session, course: Course, key: str) -> bool:
    """Whether the course has one of that key."""
    return session.scalars(select(Assignment.id).filter_by(course_id=course.id, key=key)).first() is not None


def assignment(session: Session, course: Course, key: str) -> Assignment:
    """The published assignment of that key. Raises BadInput, with the nearest one."""
    known = {one.key: one for one in session.scalars(select(Assignment).where(Assignment.course_id == course.id))}
    if key in known:
        return known[key]
    near = difflib.get_close_matches(key.lower().replace("_", "-"), known, n=1, cutoff=0.4)
    names = ", ".join(sorted(known)) or "-"
    meant = Text(f" '{near[0]}'을(를) 뜻하셨나요?", f" Did you mean '{near[0]}'?") if near else Text("", "")
    raise BadInput(
        Text(
            f"{course.key} 강좌에 '{_shown(key)}' 과제가 없습니다.{meant.ko} 있는 과제: {names}. "
            "새로 내려면: grader publish",
            f"There is no assignment '{_shown(key)}' in the course {course.key}.{meant.en} Known: {names}. "
            "To add one: grader publish",
        )
    )


def _shown(words: str) -> str:
    """Words of a file as a message may quote them."""
    short = words if len(words) <= 80 else f"{words[:77]}..."
    return "".join(letter if letter.isprintable() else "?" for letter in short)
