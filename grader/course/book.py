"""The gradebook of a course as it stands now, kept in this process and never old.

A grade is computed from rows (`grader.course.grades`; of quizzes `grader.course.quizzes.grading`), and 20,000 of them
take a quarter of a second. So they are kept here, each beside what it was computed from: the feed of
`grader.store.changes` says exactly whose rows changed since, and these grades are computed anew before anybody sees
the book. Nothing here is stored; a book that is thrown away comes back the same.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, NamedTuple, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from grader.course import grades
from grader.course.grades import Grade
from grader.course.quizzes import grading
from grader.course.quizzes.grading import QuizGrade
from grader.store import changes
from grader.store.changes import Line, Place
from grader.store.database import writes
from grader.store.models import Course, Group, Member, Person, Role
from grader.text import Text

Value = TypeVar("Value")
G = TypeVar("G")  # a grade
G_co = TypeVar("G_co", covariant=True)
R = TypeVar("R")  # the rules of a column


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
    """An assignment or a quiz. `version` is another one whenever anything of its grades or its people may have
    changed."""

    id: int
    key: str
    title: Text
    max_score: float
    weight: float
    version: int


@dataclass(frozen=True)
class Half(Generic[G]):
    """The assignments, or the graded quizzes, in their order: `grades[column's id][person's id]`, and
    `stamps[column's id][person's id]`, which is another one whenever anything of that person there may have changed."""

    columns: Sequence[Column]
    grades: Mapping[int, Mapping[int, G]]
    stamps: Mapping[int, Mapping[int, int]]

    def column(self, id: int) -> Column:
        return next(one for one in self.columns if one.id == id)

    def of(self, person: int) -> dict[str, G]:
        """A person's grades by the columns' keys."""
        return {one.key: self.grades[one.id][person] for one in self.columns}


@dataclass(frozen=True)
class Book:
    """All grades of a course at one moment. `people` are all members by name. `version` is another one whenever
    anything may have changed, and `latest[person's id]` whenever anything of that person may have."""

    people: Mapping[int, Somebody]
    assignments: Half[Grade]
    quizzes: Half[QuizGrade]
    latest: Mapping[int, int]
    version: int
    _notes: _Notes = field(repr=False, compare=False)

    @property
    def columns(self) -> Sequence[Column]:
        """The assignments."""
        return self.assignments.columns

    @property
    def grades(self) -> Mapping[int, Mapping[int, Grade]]:
        """Of the assignments, by their ids."""
        return self.assignments.grades

    @property
    def stamps(self) -> Mapping[int, Mapping[int, int]]:
        """Of the assignments, by their ids."""
        return self.assignments.stamps

    def column(self, assignment: int) -> Column:
        """That of an assignment's id."""
        return self.assignments.column(assignment)

    def of(self, person: int) -> dict[str, Grade]:
        """A person's grades by the assignments' keys."""
        return self.assignments.of(person)

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


class _Source(Protocol[G_co, R]):
    """Where the grades of a half come from."""

    def listed(self, session: Session, course: Course) -> Sequence[grades.Listed]: ...

    def rules(self, session: Session, course: Course, ids: Collection[int] | None = None) -> Mapping[int, R]: ...

    def of_members(
        self,
        session: Session,
        rules: Mapping[int, R],
        members: Sequence[grades.Placed],
        people: Collection[int] | None = None,
    ) -> Mapping[int, Mapping[int, G_co]]: ...


class _Assignments:
    def listed(self, session: Session, course: Course) -> Sequence[grades.Listed]:
        return grades.assignments(session, course)

    def rules(
        self, session: Session, course: Course, ids: Collection[int] | None = None
    ) -> Mapping[int, grades.CourseRules]:
        return grades.rules_of(session, course, ids)

    def of_members(
        self,
        session: Session,
        rules: Mapping[int, grades.CourseRules],
        members: Sequence[grades.Placed],
        people: Collection[int] | None = None,
    ) -> Mapping[int, Mapping[int, Grade]]:
        return grades.of_members(session, rules, members, people)


class _Quizzes:
    def listed(self, session: Session, course: Course) -> Sequence[grades.Listed]:
        return grading.quizzes(session, course)

    def rules(
        self, session: Session, course: Course, ids: Collection[int] | None = None
    ) -> Mapping[int, grading.HeldForAll]:
        return grading.rules_of(session, course, ids)

    def of_members(
        self,
        session: Session,
        rules: Mapping[int, grading.HeldForAll],
        members: Sequence[grades.Placed],
        people: Collection[int] | None = None,
    ) -> Mapping[int, Mapping[int, QuizGrade]]:
        return grading.of_members(session, rules, members, people)


_ASSIGNMENTS, _QUIZZES = _Assignments(), _Quizzes()


@dataclass
class _Touched:
    """Whose grades may be others than before, in one half: of these people in these columns, and of everybody in the
    `whole` ones."""

    pairs: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    whole: set[int] = field(default_factory=set)

    @property
    def columns(self) -> set[int]:
        return self.whole | self.pairs.keys()

    def add(self, column: int, person: int | None) -> None:
        if person is None:
            self.whole.add(column)
        else:
            self.pairs[column].add(person)

    def among(self, known: set[int]) -> _Touched:
        return _Touched({id: people for id, people in self.pairs.items() if id in known}, self.whole & known)


@dataclass
class _Sorted:
    """Lines of the feed: what they touch in either half, people themselves, and whether it is everything."""

    assignments: _Touched = field(default_factory=_Touched)
    quizzes: _Touched = field(default_factory=_Touched)
    persons: set[int] = field(default_factory=set)
    everything: bool = False

    @classmethod
    def of(cls, lines: Iterable[Line]) -> _Sorted:
        found = cls()
        for one in lines:
            if one.assignment_id is not None:
                found.assignments.add(one.assignment_id, one.person_id)
            elif one.quiz_id is not None:
                found.quizzes.add(one.quiz_id, one.person_id)
            elif one.person_id is not None:
                found.persons.add(one.person_id)
            else:
                found.everything = True
        return found


def _made(session: Session, course: Course, version: int, notes: _Notes) -> Book:
    """From nothing."""
    people = _people(session, course)
    assignments = _half(session, course, _ASSIGNMENTS, people, version)
    quizzes = _half(session, course, _QUIZZES, people, version)
    return Book(people, assignments, quizzes, dict.fromkeys(people, version), version, notes)


def _half(
    session: Session, course: Course, source: _Source[G, R], people: Mapping[int, Somebody], version: int
) -> Half[G]:
    """From nothing."""
    found = source.of_members(session, source.rules(session, course), list(people.values()))
    stamps = {id: dict.fromkeys(people, version) for id in found}
    return Half(_columns(session, course, source, {}, version), found, stamps)


def _renewed(session: Session, course: Course, old: Book, lines: Iterable[Line], version: int) -> Book:
    """The book with what these lines are about computed anew."""
    news = _Sorted.of(lines)
    if (
        news.everything
        or _other_columns(session, course, _ASSIGNMENTS, old.assignments, news.assignments)
        or _other_columns(session, course, _QUIZZES, old.quizzes, news.quizzes)
    ):
        return _made(session, course, version, old._notes)
    people, moved = old.people, set[int]()
    if news.persons:
        now = _people(session, course)
        if news.persons & (now.keys() | old.people.keys()):
            people, moved = now, news.persons
    of_assignments = news.assignments.among({one.id for one in old.assignments.columns})
    of_quizzes = news.quizzes.among({one.id for one in old.quizzes.columns})
    if not moved and not of_assignments.columns and not of_quizzes.columns:
        return old
    whole = of_assignments.whole or of_quizzes.whole
    some = moved.union(*of_assignments.pairs.values(), *of_quizzes.pairs.values())
    return Book(
        people,
        _anew(session, course, _ASSIGNMENTS, old.assignments, of_assignments, people, moved, version),
        _anew(session, course, _QUIZZES, old.quizzes, of_quizzes, people, moved, version),
        _stamped(people, old.latest, None if whole else some, version),
        version,
        old._notes,
    )


def _other_columns(session: Session, course: Course, source: _Source[G, R], old: Half[G], touched: _Touched) -> bool:
    """Whether one came or went."""
    return bool(touched.whole) and {one.id for one in old.columns} != {one.id for one in source.listed(session, course)}


def _anew(
    session: Session,
    course: Course,
    source: _Source[G, R],
    old: Half[G],
    touched: _Touched,
    people: Mapping[int, Somebody],
    moved: set[int],
    version: int,
) -> Half[G]:
    """A half with what was touched computed anew; of the people that `moved`, in every column."""
    ids = {one.id for one in old.columns} if moved else touched.columns
    if not ids:
        return old
    rules = source.rules(session, course, ids)
    found, stamps = dict(old.grades), dict(old.stamps)
    for id in ids:
        some = None if id in touched.whole else touched.pairs.get(id, set()) | moved
        found[id] = _column_anew(session, source, {id: rules[id]}, people, old.grades[id], some)
        stamps[id] = _stamped(people, old.stamps[id], some, version)
    versions = {one.id: one.version for one in old.columns if one.id not in ids}
    return Half(_columns(session, course, source, versions, version), found, stamps)


def _stamped(people: Iterable[int], old: Mapping[int, int], some: set[int] | None, version: int) -> dict[int, int]:
    return {id: version if some is None or id in some else old.get(id, version) for id in people}


def _column_anew(
    session: Session,
    source: _Source[G, R],
    rules: Mapping[int, R],
    people: Mapping[int, Somebody],
    old: Mapping[int, G],
    some: set[int] | None,
) -> Mapping[int, G]:
    """One column's grades; only those of `some` are computed."""
    (id,) = rules
    if some is None or len(some) > grades.FEW:
        return source.of_members(session, rules, list(people.values()))[id]
    members = [people[person] for person in some if person in people]
    kept = {person: grade for person, grade in old.items() if person in people and person not in some}
    return {**kept, **source.of_members(session, rules, members, [member.person_id for member in members])[id]}


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


def _columns(
    session: Session, course: Course, source: _Source[G, R], versions: Mapping[int, int], version: int
) -> list[Column]:
    return [
        Column(one.id, one.key, _title(one), one.max_score, one.weight, versions.get(one.id, version))
        for one in source.listed(session, course)
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
