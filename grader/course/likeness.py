"""Similar submissions of an assignment: who looks, what was found, and what staff said about it.

What is found is a starting point for a talk. It decides nothing, changes no score, and no page of a student knows of
it. The work is done in small steps, so that it never keeps a grading waiting for long.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from grader import likeness
from grader.course import publishing
from grader.course.decisions import as_kept
from grader.likeness import Alike, Passage, Prints, Token
from grader.store import audit, blobs
from grader.store.database import Database, lock, now
from grader.store.likeness import LikenessLook, LikenessPair, LikenessPrint
from grader.store.models import Assignment, Person, Submission, Version

ERRAND = "likeness"  # what the queue calls it: "likeness:12" looks at the assignment 12
AT_ONCE = 20  # notebooks of one transaction
LONGEST_NOTE = 2_000
Actor = Person | str
Given = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Look:
    """When the submissions were last compared; `waiting`: somebody has asked for it since. `left` were not read yet."""

    asked_at: datetime | None
    done_at: datetime | None
    seen: int
    left: int

    @property
    def waiting(self) -> bool:
        return self.asked_at is not None and self.done_at is None


@dataclass(frozen=True)
class Found:
    """A pair, and who it is."""

    pair: LikenessPair
    left: Person
    right: Person
    left_receipt: str
    right_receipt: str
    settled_by: str


@dataclass(frozen=True)
class Basis:
    """What everybody was given, and its name."""

    name: str
    given: Given


# ------------------------------------------------------------------------------------------------ looking


def ask(session: Session, assignment: Assignment, enqueue: Callable[[Session, str], None], *, actor: Actor) -> None:
    """Has the submissions compared in the background, behind everything else. `enqueue` is `Jobs.ask`."""
    row = _look(session, assignment.id)
    row.asked_at, row.done_at = now(session), None
    session.flush()
    enqueue(session, f"{ERRAND}:{assignment.id}")
    audit.record(session, actor, "ask.likeness", f"assignment:{assignment.id}")


def work(database: Database, assignment_id: int, seconds: float = float("inf")) -> bool:
    """Looks, for about that long; True where something is left to do. It may be ended at any moment, and done twice:
    what is found is written a few notebooks at a time."""
    deadline = time.monotonic() + seconds
    with database.read() as session:
        if session.get(Assignment, assignment_id) is None:
            return False
        basis = basis_of(session, assignment_id)
        missing = _missing(session, assignment_id, basis)
        known = not missing and _is_known(session, assignment_id)
    if known:
        with database.write() as session:
            _look(session, assignment_id).done_at = now(session)
        return False
    for start in range(0, len(missing), AT_ONCE):
        if start and time.monotonic() > deadline:
            return True
        _read(database, assignment_id, missing[start : start + AT_ONCE], basis)
    with database.read() as session:
        rows = _prints(session, assignment_id, basis)
    found = likeness.pairs([prints for _, prints in rows])
    with database.write() as session:
        lock(session, f"likeness:{assignment_id}")
        _keep(session, assignment_id, basis, rows, found)
    return False


def basis_of(session: Session, assignment_id: int) -> Basis:
    """The released notebooks of all versions of the assignment."""
    query = select(Version.archive).where(Version.assignment_id == assignment_id).order_by(Version.id)
    archives = list(session.scalars(query))
    name = hashlib.sha256("\n".join([str(likeness.EDITION), *archives]).encode()).hexdigest()
    key = session.get_one(Assignment, assignment_id).key
    return Basis(name, likeness.given_by(_released(blobs.get(session, one), key) for one in archives))


def _released(archive: bytes, key: str) -> bytes:
    """The notebook that students get, out of a published archive; nothing where there is none."""
    try:
        return publishing.file_in(archive, f"assignments/{key}/notebook.ipynb")
    except KeyError:
        return b""


def _missing(session: Session, assignment_id: int, basis: Basis) -> Sequence[int]:
    """Submissions that were not read yet, or on another basis."""
    query = (
        select(Submission.id)
        .join(Person, Person.id == Submission.person_id)
        .outerjoin(LikenessPrint, LikenessPrint.submission_id == Submission.id)
        .where(
            Submission.assignment_id == assignment_id,
            Person.forgotten_at.is_(None),
            LikenessPrint.basis.is_distinct_from(basis.name),
        )
    )
    return session.scalars(query.order_by(Submission.id)).all()


def _read(database: Database, assignment_id: int, ids: Sequence[int], basis: Basis) -> None:
    """Takes the marks of some submissions."""
    with database.read() as session:
        names = session.execute(select(Submission.id, Submission.notebook).where(Submission.id.in_(ids))).all()
        taken = {row.id: marks_of(blobs.get(session, row.notebook), basis.given) for row in names}
    with database.write() as session:
        still = select(Submission.id).join(Person, Person.id == Submission.person_id)
        for id in session.scalars(still.where(Submission.id.in_(taken), Person.forgotten_at.is_(None))).all():
            session.merge(LikenessPrint(submission_id=id, basis=basis.name, marks=taken[id]))
        _look(session, assignment_id).seen = 0  # until all are compared again


def _is_known(session: Session, assignment_id: int) -> bool:
    """Whether the same notebooks were compared before."""
    prints = select(func.count(LikenessPrint.submission_id)).join(
        Submission, Submission.id == LikenessPrint.submission_id
    )
    count = session.scalar(prints.where(Submission.assignment_id == assignment_id))
    look = session.get(LikenessLook, assignment_id)
    return look is not None and bool(count) and look.seen == count


def marks_of(notebook: bytes, given: Given) -> list[int]:
    """Of a notebook's own code."""
    return likeness.marks(likeness.own_code(notebook, given))


def _prints(session: Session, assignment_id: int, basis: Basis) -> list[tuple[int, Prints[int]]]:
    """Each submission's marks, by its id; those of the same person belong together."""
    query = (
        select(Submission.id, Submission.person_id, LikenessPrint.marks)
        .join(LikenessPrint, LikenessPrint.submission_id == Submission.id)
        .where(Submission.assignment_id == assignment_id, LikenessPrint.basis == basis.name)
        .order_by(Submission.id)
    )
    return [(row.id, Prints(row.person_id, row.marks)) for row in session.execute(query)]


def _keep(
    session: Session,
    assignment_id: int,
    basis: Basis,
    rows: Sequence[tuple[int, Prints[int]]],
    found: Sequence[Alike],
) -> None:
    """Writes the pairs; those that are none any more go, unless somebody has settled them."""
    moment = now(session)
    known = {(one.left_person_id, one.right_person_id): one for one in _rows(session, assignment_id)}
    forgotten = set(session.scalars(select(Person.id).where(Person.forgotten_at.is_not(None))))
    for one in found:
        sides = [(rows[one.left][1].who, rows[one.left][0], 0), (rows[one.right][1].who, rows[one.right][0], 1)]
        (left_person, left, swapped), (right_person, right, _) = sorted(sides)
        if forgotten & {left_person, right_person}:
            continue
        pair = known.pop((left_person, right_person), None)
        if pair is None:
            pair = LikenessPair(assignment_id=assignment_id, left_person_id=left_person, right_person_id=right_person)
            session.add(pair)
        if (pair.left_id, pair.right_id) != (left, right):
            pair.left_id, pair.right_id, pair.found_at = left, right, moment
            pair.settled_at = pair.settled_by = pair.note = None
        pair.share, pair.tokens, pair.basis = one.share, one.tokens, basis.name
        pair.passages = [[p.right, p.left, p.tokens] if swapped else [*p] for p in one.passages]
    for gone in known.values():
        if gone.settled_at is None:
            session.delete(gone)
    look = _look(session, assignment_id)
    look.done_at, look.seen = moment, len(rows)


def _look(session: Session, assignment_id: int) -> LikenessLook:
    found = session.get(LikenessLook, assignment_id)
    if found is None:
        found = LikenessLook(assignment_id=assignment_id, asked_at=now(session), seen=0)
        session.add(found)
    return found


def _rows(session: Session, assignment_id: int) -> Sequence[LikenessPair]:
    return session.scalars(select(LikenessPair).where(LikenessPair.assignment_id == assignment_id)).all()


# ------------------------------------------------------------------------------------------------ reading


def state(session: Session, assignment: Assignment) -> Look:
    """How far it is."""
    row = session.get(LikenessLook, assignment.id)
    read = select(LikenessPrint.submission_id)
    left = select(func.count(Submission.id)).join(Person, Person.id == Submission.person_id)
    left = left.where(
        Submission.assignment_id == assignment.id, Person.forgotten_at.is_(None), Submission.id.not_in(read)
    )
    count = int(session.scalar(left) or 0)
    return Look(None, None, 0, count) if row is None else Look(row.asked_at, row.done_at, row.seen, count)


def pairs(session: Session, assignment: Assignment) -> list[Found]:
    """What was found: the largest share first, and what is settled last."""
    found = _found(session, LikenessPair.assignment_id == assignment.id)
    return sorted(found, key=lambda one: (one.pair.settled_at is not None, -one.pair.share, -one.pair.tokens))


def pair(session: Session, assignment: Assignment, id: int) -> Found | None:
    """One of them."""
    found = _found(session, (LikenessPair.assignment_id == assignment.id) & (LikenessPair.id == id))
    return found[0] if found else None


def _found(session: Session, which: ColumnElement[bool]) -> list[Found]:
    left, right, by = aliased(Person), aliased(Person), aliased(Person)
    one, other = aliased(Submission), aliased(Submission)
    query = (
        select(LikenessPair, left, right, one.receipt, other.receipt, by.name)
        .join(left, left.id == LikenessPair.left_person_id)
        .join(right, right.id == LikenessPair.right_person_id)
        .join(one, one.id == LikenessPair.left_id)
        .join(other, other.id == LikenessPair.right_id)
        .outerjoin(by, by.id == LikenessPair.settled_by)
        .where(which)
    )
    return [Found(*row[:5], row[5] or "") for row in session.execute(query)]


def both_sides(session: Session, found: Found) -> tuple[Sequence[Token], Sequence[Token], Sequence[Passage]]:
    """The own code of both, and the passages that they share. Without passages where a newer version was published
    since: then it has to be looked at anew."""
    basis = basis_of(session, found.pair.assignment_id)
    if basis.name != found.pair.basis:
        return (), (), ()
    sides = [session.get_one(Submission, id).notebook for id in (found.pair.left_id, found.pair.right_id)]
    left, right = (likeness.own_code(blobs.get(session, one), basis.given) for one in sides)
    return left, right, [Passage(*one) for one in found.pair.passages]


# ------------------------------------------------------------------------------------------------ deciding


def settle(session: Session, found: LikenessPair, note: str, *, actor: Actor) -> None:
    """Somebody looked at it, talked or not, and says so. Raises BadInput without a word."""
    words = as_kept(note, LONGEST_NOTE)
    found.settled_at, found.note = now(session), words
    found.settled_by = audit.id_of(actor)
    session.flush()
    audit.record(session, actor, "settle.likeness", f"likeness_pair:{found.id}", assignment=found.assignment_id)


def reopen(session: Session, found: LikenessPair, *, actor: Actor) -> None:
    """Takes `settle` back."""
    found.settled_at = found.settled_by = found.note = None
    session.flush()
    audit.record(session, actor, "reopen.likeness", f"likeness_pair:{found.id}", assignment=found.assignment_id)
