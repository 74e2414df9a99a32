"""The gradebook of a course as it stands now, kept in this process and never old.

A grade is computed from rows (`grader.course.grades`), and 20,000 of them take a quarter of a second. So they are kept
here, each beside what it was computed from: the feed of `grader.store.changes` says exactly whose rows changed since,
and these grades are computed anew before anybody sees the book. Nothing here is stored; a book that is thrown away
comes back the same.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from grader.course import grades
from grader.course.grades import Grade
from grader.store import changes
from grader.store.changes import Line, Place
from grader.store.database import writes
from grader.store.models import Course, Group, Member, Person, Role
from grader.text import Text

Value = TypeVar("Value")


class Somebody(NamedTuple):
    """A member of the course."""

    person_id: int
    name: str
    email: str
    role: Role
    group_id: int | None
    group: str  # its name, "" without one
    active: bool
    forgotten: bool


class Column(NamedTuple):
    """An assignment. `version` is another one whenever anything of its grades or its people may have changed."""

    id: int
    key: str
    title: Text
    max_score: float
    weight: float
    version: int


@dataclass(frozen=True)
class Book:
    """All grades of a course at one moment: `grades[assignment's id][person's id]`. `people` are all members by name,
    `columns` the assignments in their order. `version` is another one whenever anything may have changed, and
    `stamps[assignment's id][person's id]` whenever anything of that person there may have; `latest[person's id]` is the
    latest of these."""

    people: Mapping[int, Somebody]
    columns: Sequence[Column]
    grades: Mapping[int, Mapping[int, Grade]]
    stamps: Mapping[int, Mapping[int, int]]
    latest: Mapping[int, int]
    version: int
    _notes: _Notes = field(repr=False, compare=False)

    def column(self, assignment: int) -> Column:
        """That of an assignment's id."""
        return next(one for one in self.columns if one.id == assignment)

    def of(self, person: int) -> dict[str, Grade]:
        """A person's grades by the assignments' keys."""
        return {one.key: self.grades[one.id][person] for one in self.columns}

    def kept(self, name: Hashable, version: int, make: Callable[[], Value]) -> Value:
        """What `make` gives: at once where it was made already at that version (the book's or a column's). It must
        depend on nothing but this book and rows that the feed watches, read in the session that gave the book; and
        nobody may change it."""
        return self._notes.get(name, version, make)

    def each(
        self, name: Hashable, stamps: Mapping[int, int], make: Callable[[Sequence[int]], Mapping[int, Value]]
    ) -> Mapping[int, Value]:
        """What `make` gives for each person (it may leave some out): asked are those whose stamp is another than it
        was when they were asked last. The same holds of `make` as in `kept`."""
        before, known = self._notes.each(name)
        changed = [person for person, stamp in stamps.items() if before.get(person) != stamp]
        if not changed and len(before) == len(stamps):
            return cast(Mapping[int, Value], known)
        made = {person: value for person, value in known.items() if before[person] == stamps.get(person)}
        found = {**made, **make(changed)}
        self._notes.keep(name, (stamps, found))
        return cast(Mapping[int, Value], found)


def book(session: Session, course: Course) -> Book:
    """The gradebook as this session sees the store, or newer. In a session that writes it is computed from nothing,
    since what it writes may be taken back."""
    if writes(session):
        return _made(session, course, next(_shelf(session).numbers), _Notes())
    shelf = _shelf(session)
    with shelf.lock(course.id):
        old = shelf.books.pop(course.id, None)  # a failure on the way leaves nothing behind
        news = changes.since(session, None if old is None else old.place)
        if old is None or news.lines is None:
            new = _made(session, course, next(shelf.numbers), _Notes())
        elif news.lines:
            new = _renewed(session, course, old.book, news.lines, next(shelf.numbers))
        else:
            new = old.book
        if news.place is not None:
            shelf.books[course.id] = _Kept(news.place, new)
        return replace(new, _notes=_Borrowed(new._notes)) if news.older else new


# --------------------------------------------------------------------------------------------------- computing


def _made(session: Session, course: Course, version: int, notes: _Notes) -> Book:
    """From nothing."""
    people = _people(session, course)
    columns = _columns(session, course, {}, version)
    found = grades.of_members(session, grades.rules_of(session, course), list(people.values()))
    stamps = {id: dict.fromkeys(people, version) for id in found}
    return Book(people, columns, found, stamps, dict.fromkeys(people, version), version, notes)


def _renewed(session: Session, course: Course, old: Book, lines: Iterable[Line], version: int) -> Book:
    """The book with what these lines are about computed anew."""
    pairs, whole, persons, all_of_it = _sorted(lines)
    mine = {one.id for one in old.columns}
    if all_of_it or (whole and mine != {one.id for one in grades.assignments(session, course)}):  # one came or went
        return _made(session, course, version, old._notes)
    if persons:
        people = _people(session, course)
        if persons & (people.keys() | old.people.keys()):
            return _of_people(session, course, old, people, pairs, whole, persons, version)
    if not whole and not pairs.keys() & mine:
        return old
    return _of_assignments(session, course, old, pairs, whole, (whole | pairs.keys()) & mine, version)


def _of_assignments(
    session: Session,
    course: Course,
    old: Book,
    pairs: Mapping[int, set[int]],
    whole: set[int],
    touched: set[int],
    version: int,
) -> Book:
    """Some assignments are computed anew, the `whole` ones for everybody."""
    rules = grades.rules_of(session, course, touched)
    found, stamps = dict(old.grades), dict(old.stamps)
    for id in touched:
        some = None if id in whole else pairs[id]
        found[id] = _column_anew(session, rules, id, old.people, old.grades[id], some)
        stamps[id] = _stamped(old.people, old.stamps[id], some, version)
    columns = _columns(session, course, {one.id: one.version for one in old.columns if one.id not in touched}, version)
    some = None if whole & touched else {person for id in touched for person in pairs[id]}
    latest = _stamped(old.people, old.latest, some, version)
    return Book(old.people, columns, found, stamps, latest, version, old._notes)


def _of_people(
    session: Session,
    course: Course,
    old: Book,
    people: Mapping[int, Somebody],
    pairs: Mapping[int, set[int]],
    whole: set[int],
    persons: set[int],
    version: int,
) -> Book:
    """Members changed: theirs are computed anew in every assignment."""
    rules = grades.rules_of(session, course)
    found, stamps = {}, {}
    for id in rules:
        some = None if id in whole else pairs.get(id, set()) | persons
        found[id] = _column_anew(session, rules, id, people, old.grades.get(id, {}), some)
        stamps[id] = _stamped(people, old.stamps.get(id, {}), some, version)
    all_of_them = None if whole else persons.union(*pairs.values())
    latest = _stamped(people, old.latest, all_of_them, version)
    return Book(people, _columns(session, course, {}, version), found, stamps, latest, version, old._notes)


def _stamped(people: Iterable[int], old: Mapping[int, int], some: set[int] | None, version: int) -> dict[int, int]:
    return {id: version if some is None or id in some else old.get(id, version) for id in people}


def _column_anew(
    session: Session,
    rules: Mapping[int, grades.CourseRules],
    id: int,
    people: Mapping[int, Somebody],
    old: Mapping[int, Grade],
    some: set[int] | None,
) -> Mapping[int, Grade]:
    """One assignment's grades; only those of `some` are computed."""
    one = {id: rules[id]}
    if some is None or len(some) > grades.FEW:
        return grades.of_members(session, one, list(people.values()))[id]
    members = [people[person] for person in some if person in people]
    kept = {person: grade for person, grade in old.items() if person in people and person not in some}
    return kept | grades.of_members(session, one, members, [member.person_id for member in members])[id]


def _sorted(lines: Iterable[Line]) -> tuple[dict[int, set[int]], set[int], set[int], bool]:
    """People by assignment, whole assignments, people, and whether it is everything."""
    pairs: defaultdict[int, set[int]] = defaultdict(set)
    whole, persons, everything = set(), set(), False
    for one in lines:
        if one.assignment_id is not None and one.person_id is not None:
            pairs[one.assignment_id].add(one.person_id)
        elif one.assignment_id is not None:
            whole.add(one.assignment_id)
        elif one.person_id is not None:
            persons.add(one.person_id)
        else:
            everything = True
    return pairs, whole, persons, everything


def _people(session: Session, course: Course) -> dict[int, Somebody]:
    """By name, as `grades.of_course`."""
    query = (
        select(
            Member.person_id,
            Person.name,
            Person.email,
            Member.role,
            Member.group_id,
            Group.name,
            Person.active,
            Person.forgotten_at.is_not(None),
        )
        .join(Person, Person.id == Member.person_id)
        .outerjoin(Group, Group.id == Member.group_id)
        .where(Member.course_id == course.id)
    )
    rows = [
        Somebody(id, name, email, role, group_id, group or "", active, bool(forgotten))
        for id, name, email, role, group_id, group, active, forgotten in session.execute(query)
    ]
    return {one.person_id: one for one in sorted(rows, key=lambda one: (one.name, one.person_id))}


def _columns(session: Session, course: Course, versions: Mapping[int, int], version: int) -> list[Column]:
    return [
        Column(one.id, one.key, _title(one), one.max_score, one.weight, versions.get(one.id, version))
        for one in grades.assignments(session, course)
    ]


def _title(one: grades.Listed) -> Text:
    return Text.from_json(one.title) if one.title else Text(one.key, one.key)


# ----------------------------------------------------------------------------------------------------- keeping


class _Kept(NamedTuple):
    place: Place
    book: Book


class _Notes:
    """What was made from a book, each at the version that it was made of."""

    def __init__(self) -> None:
        self._found: dict[Hashable, tuple[int, object]] = {}
        self._each: dict[Hashable, tuple[Mapping[int, int], Mapping[int, object]]] = {}

    def get(self, name: Hashable, version: int, make: Callable[[], Value]) -> Value:
        found = self._found.get(name)
        if found is not None and found[0] == version:
            return cast(Value, found[1])
        made = make()
        self._found[name] = version, made
        return made

    def each(self, name: Hashable) -> tuple[Mapping[int, int], Mapping[int, object]]:
        return self._each.get(name, ({}, {}))

    def keep(self, name: Hashable, found: tuple[Mapping[int, int], Mapping[int, object]]) -> None:
        self._each[name] = found


class _Borrowed(_Notes):
    """For a session that looks at an older commit than the book: it may read what was noted, but what it makes is
    nobody else's."""

    def __init__(self, notes: _Notes) -> None:
        self._notes = notes

    def get(self, name: Hashable, version: int, make: Callable[[], Value]) -> Value:
        found = self._notes._found.get(name)
        return cast(Value, found[1]) if found is not None and found[0] == version else make()

    def each(self, name: Hashable) -> tuple[Mapping[int, int], Mapping[int, object]]:
        return self._notes.each(name)

    def keep(self, name: Hashable, found: tuple[Mapping[int, int], Mapping[int, object]]) -> None:
        pass


class _Numbers:
    """1, 2, 3, ... for threads."""

    def __init__(self) -> None:
        self._last, self._lock = 0, threading.Lock()

    def __next__(self) -> int:
        with self._lock:
            self._last += 1
            return self._last


class _Shelf:
    """The books of one database."""

    def __init__(self) -> None:
        self.books: dict[int, _Kept] = {}
        self.numbers = _Numbers()
        self._locks: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)

    def lock(self, course: int) -> threading.Lock:
        with _lock:
            return self._locks[course]


_lock = threading.Lock()
_shelves: WeakKeyDictionary[Engine, _Shelf] = WeakKeyDictionary()


def _shelf(session: Session) -> _Shelf:
    bind = session.get_bind()
    engine = bind if isinstance(bind, Engine) else bind.engine
    with _lock:
        return _shelves.setdefault(engine, _Shelf())
