"""Brings a course of nbgrader into a course of ours: people, assignments, submissions and their grades.

How a grade comes along, so that it stays a pure function of rows and keeps the points of each cell:

- the assignment gets a version whose archive holds its source/ and release/ and no suite. It is not published, so that
  nobody hands in what nothing could grade; publish a suite under the same key, and it is;
- a submission that was graded gets a run of that version with a row a cell: what nbgrader's tests gave;
- what a person gave (manual scores, extra credit) is an override of that cell;
- a late penalty is an override of the whole, for it is nbgrader's points and not our rule. So these assignments deduct
  nothing themselves (`late = none`), and the latest submission counts, as it does for nbgrader.

Facts are added, never changed, and every one has a mark by which the next import finds it. So an import of the same
folder adds nothing, and one of a folder that went on adds what is new.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import people, receipts
from grader.course.imports import nbgrader_folder as theirs
from grader.course.imports.nbgrader_folder import Cell, Found, HandedIn, Points, Student, read
from grader.course.policy import Counts, Late
from grader.course.submissions import file_name
from grader.errors import BadInput
from grader.report import Status, Verdict, Visibility
from grader.store import audit, blobs
from grader.store.database import lock, now
from grader.store.models import (
    Assignment,
    CheckRow,
    Comment,
    Course,
    Extension,
    Member,
    Override,
    Person,
    Purpose,
    Role,
    Run,
    Source,
    State,
    Submission,
    Version,
)
from grader.text import Text

MARK = "nbgrader:"  # begins the suite version of what was imported, and the tokens of submissions
REASON = "nbgrader: "  # begins the reason of what a person decided there
WHY = "nbgrader에서 가져옴 / imported from nbgrader"
NOWHERE = "nbgrader.invalid"  # for who has no address: a domain that nobody can have
POLICY = {"late": Late.NONE.value, "counts": Counts.LAST.value}
UNGRADED = Text(
    "nbgrader에서 채점되지 않은 채로 가져왔습니다. 과제를 낸 뒤 다시 채점하거나, nbgrader로 채점하고 다시 가져오세요.",
    "It was imported without a grade. Publish the assignment and regrade it, or grade it with nbgrader and import "
    "again.",
)
_LONGEST = 10_000  # letters of a comment
_ROOM = 1e-6


@dataclass(frozen=True)
class Imported:
    """What an import added, by kind; all zero where nothing was new. `made_up` people got an
    address that is none. `notes`: what could not be kept, or is kept otherwise."""

    course: str
    added: Mapping[str, int]
    made_up: int
    notes: Sequence[Text]

    def as_json(self) -> dict[str, Any]:
        return {
            "course": self.course,
            "added": dict(self.added),
            "made_up_addresses": self.made_up,
            "notes": [text.as_json() for text in self.notes],
        }


def bring_in(
    session: Session,
    course: Course,
    folder: Path,
    *,
    actor: Person | str,
    prefix: str = "",
    domain: str | None = None,
    at: datetime | None = None,
) -> Imported:
    """Everything of that folder that is not here yet. `prefix` goes before the keys of assignments; who has no address
    gets the id at `domain`. Raises BadInput, and then the caller's transaction is of no use."""
    found = read(folder, prefix)
    lock(session, f"import:{course.id}")
    work = _Work(session, course, found, actor, at or now(session))
    work.must_not_meet_others()
    persons = work.persons(domain or NOWHERE)
    for place, one in enumerate(found.assignments):
        work.assignment(one, place, persons)
    session.flush()
    if any(work.added.values()):
        audit.record(session, actor, "import.nbgrader", f"course:{course.id}", **work.added)
    return Imported(course.key, dict(work.added), work.made_up, [*found.notes, *work.notes()])


@dataclass(frozen=True)
class _Here:
    """What an assignment has already."""

    submissions: Mapping[str, Submission]  # by token
    runs: Mapping[int, Run]  # by submission: the last imported one
    rows: Mapping[int, Sequence[tuple[str, float, float]]]  # by run: name, points, most
    overrides: Mapping[tuple[int, int | None, str | None], Sequence[Override]]  # by person, submission, check
    extensions: Mapping[int, Sequence[Extension]]  # by person
    comments: frozenset[tuple[int, int | None, str]]


class _Work:
    """One import."""

    def __init__(self, session: Session, course: Course, found: Found, actor: Person | str, at: datetime) -> None:
        self._session, self._course, self._found, self._actor, self._at = session, course, found, actor, at
        kinds = ("people", "assignments", "versions", "submissions", "runs", "overrides", "extensions", "comments")
        self.added: Counter[str] = Counter(dict.fromkeys(kinds, 0))
        self.made_up = 0
        self._said: Counter[str] = Counter()

    # ------------------------------------------------------------------------------------------- before

    def must_not_meet_others(self) -> None:
        """Raises BadInput where an assignment of ours has the key already and is no import."""
        query = select(Assignment).where(Assignment.course_id == self._course.id)
        known = {one.key: one for one in self._session.scalars(query)}
        taken = [
            one.key
            for one in self._found.assignments
            if one.notebook is not None and one.key in known and not self._is_import(known[one.key], one.title)
        ]
        if taken:
            names = ", ".join(taken)
            raise BadInput(
                Text(
                    f"{self._course.key} 강좌에 같은 이름의 다른 과제가 있습니다: {names}. "
                    "--prefix로 가져올 과제의 이름 앞에 붙일 말을 주거나, 새 강좌에 가져오세요.",
                    f"The course {self._course.key} has other assignments of these names: {names}. Give the imported "
                    "ones a --prefix, or import into a new course.",
                )
            )

    def _is_import(self, row: Assignment, title: str) -> bool:
        """An import's version has our mark; one that had no notebook yet has no version, and its title."""
        versions = self._session.scalars(select(Version.suite_version).where(Version.assignment_id == row.id)).all()
        if versions:
            return any(one.startswith(MARK) for one in versions)
        return row.title == Text(title, title).as_json()

    def persons(self, domain: str) -> Mapping[str, Person]:
        """By nbgrader's id. Who is in the course already stays as they are."""
        query = select(Member).where(Member.course_id == self._course.id)
        here = {one.person.email: one.person for one in self._session.scalars(query)}
        found, taken, again = {}, set[str](), self._was_imported()
        for student in self._found.students:
            email = self._address(student, domain, taken)
            taken.add(email)
            person = here.get(email) or (self._met_before(student) if again else None)
            if person is None:
                person = self._new(student, email)
                self.added["people"] += 1
                self.made_up += email.endswith(f"@{NOWHERE}")
            found[student.id] = person
        return found

    def _new(self, student: Student, email: str) -> Person:
        """A new member. Who has an account already keeps its name, and stays without access if they were."""
        known = self._session.scalars(select(Person).where(Person.email == email)).first()
        active = known is None or known.active
        name = _name(student, email) if known is None else known.name
        member = people.add_person(
            self._session, self._course, email, name, Role.STUDENT, actor=self._actor, at=self._at
        )
        member.person.active = active
        return member.person

    def _address(self, student: Student, domain: str, taken: set[str]) -> str:
        """The address in the gradebook, or the id where it is one; else one is made of the id."""
        for words in (student.email, student.id, f"{student.id}@{domain}"):
            try:
                email = people.address(words)
            except BadInput:
                continue
            if email not in taken:
                return email
            self._said["shared"] += words == student.email
        return people.address(f"{hashlib.sha256(student.id.encode()).hexdigest()[:12]}@{domain}")

    def _was_imported(self) -> bool:
        query = (
            select(Submission.id)
            .join(Assignment)
            .where(Assignment.course_id == self._course.id, Submission.token.startswith(MARK))
        )
        return self._session.scalars(query.limit(1)).first() is not None

    def _met_before(self, student: Student) -> Person | None:
        """Whose address was changed here since the last import is found by what they handed in."""
        tokens = [
            _token(student.id, one, handed_in, _sha256(handed_in))
            for one in self._found.assignments
            for handed_in in self._found.handed_in[one.key]
            if handed_in.student == student.id
        ]
        query = (
            select(Person)
            .join(Submission, Submission.person_id == Person.id)
            .join(Assignment, Assignment.id == Submission.assignment_id)
            .where(Assignment.course_id == self._course.id, Submission.token.in_(tokens))
        )
        return self._session.scalars(query.limit(1)).first() if tokens else None

    # -------------------------------------------------------------------------------------- assignments

    def assignment(self, one: theirs.Assignment, place: int, persons: Mapping[str, Person]) -> None:
        """An assignment with all that was handed in."""
        row = self._row(one, place)
        version = self._version(row, one)
        if version is None:
            return
        here = _here(self._session, row)
        frozen = self._is_published(row)
        for handed_in in self._found.handed_in[one.key]:
            person = persons[handed_in.student]
            self._extension(row, person, handed_in, here)
            submission = self._submission(row, one, person, handed_in, here)
            self._comments(submission, handed_in, here)
            if frozen and submission.id in here.runs:
                self._said["published"] += not _says(here, here.runs[submission.id], one, handed_in)
                continue
            self._run(submission, version, one, handed_in, here)
            self._overrides(row, one, person, submission, handed_in, here)

    def _row(self, one: theirs.Assignment, place: int) -> Assignment:
        query = select(Assignment).where(Assignment.course_id == self._course.id, Assignment.key == one.key)
        row = self._session.scalars(query).first()
        if row is None:
            title = Text(one.title, one.title).as_json()
            row = Assignment(course_id=self._course.id, key=one.key, title=title, position=place, policy=dict(POLICY))
            row.weight, row.due = 1.0, one.due
            self._session.add(row)
            self._session.flush()
            self.added["assignments"] += 1
        elif row.due != one.due:
            self._said["due"] += 1
        return row

    def _is_published(self, row: Assignment) -> bool:
        """Whether a suite of ours grades it by now."""
        query = select(Version.suite_version).where(Version.assignment_id == row.id)
        return any(not one.startswith(MARK) for one in self._session.scalars(query))

    def _version(self, row: Assignment, one: theirs.Assignment) -> Version | None:
        """The version of these cells; None where there is no notebook, or none with cells that anybody knows."""
        if one.notebook is None:
            return None
        cells = [{"name": cell.name, "max_score": cell.max_score, "kind": cell.kind} for cell in one.cells]
        about = {"from": "nbgrader", "assignment": one.name, "notebook": one.notebook, "cells": cells}
        words = json.dumps(about, ensure_ascii=False, sort_keys=True).encode()
        mark = MARK + hashlib.sha256(words).hexdigest()[:40]
        versions = self._session.scalars(select(Version).where(Version.assignment_id == row.id)).all()
        for version in versions:
            if version.suite_version == mark:
                return version
        files, left = theirs.material(self._found.folder, one)
        self._said["material"] += left
        version = Version(
            assignment_id=row.id,
            number=max((version.number for version in versions), default=0) + 1,
            suite_version=mark,
            archive=blobs.put(self._session, _packed({"imported.json": words, **files}), self._at),
            max_score=one.max_score,
            queue="cpu",
            verified=False,
            verification={},
            forced=WHY,
            author_id=self._actor.id if isinstance(self._actor, Person) else None,
            created_at=self._at,
        )
        self._session.add(version)
        self._session.flush()
        self.added["versions"] += 1
        return version

    # -------------------------------------------------------------------------------------- submissions

    def _submission(
        self, row: Assignment, one: theirs.Assignment, person: Person, handed_in: HandedIn, here: _Here
    ) -> Submission:
        data = (theirs.data_of(handed_in.file) if handed_in.file else None) or b""
        token = _token(handed_in.student, one, handed_in, hashlib.sha256(data).hexdigest())
        if token in here.submissions:
            return here.submissions[token]
        submission = Submission(
            receipt=receipts.new(),
            assignment_id=row.id,
            person_id=person.id,
            notebook=blobs.put(self._session, data, self._at),
            filename=file_name(f"{one.notebook}.ipynb"),
            source=Source.IMPORT,
            token=token,
            received_at=handed_in.received_at or _in_time(handed_in.file, one.due) or self._at,
        )
        self._session.add(submission)
        self._session.flush()
        self.added["submissions"] += 1
        return submission

    def _run(
        self, submission: Submission, version: Version, one: theirs.Assignment, handed_in: HandedIn, here: _Here
    ) -> None:
        """A run with what nbgrader's tests gave, unless the last one says the same. Without a grade it says so, and
        somebody has to look."""
        last = here.runs.get(submission.id)
        if last is not None and last.version_id == version.id and _says(here, last, one, handed_in):
            return
        rows = _rows(one.cells, handed_in.points) if handed_in.graded else []
        executed = theirs.data_of(handed_in.executed) if handed_in.executed else None
        run = Run(
            key=uuid.uuid4().hex,
            submission_id=submission.id,
            version_id=version.id,
            purpose=Purpose.SUBMISSION,
            queue=version.queue,
            state=State.DONE,
            fence=0,
            tries=0,
            requested_at=self._at,
            finished_at=self._at,
            committed_at=self._at,
            status=Status.GRADED.value if handed_in.graded else Status.NOT_GRADABLE.value,
            score=round(sum(points for _, points, _ in rows), 6) if handed_in.graded else None,
            max_score=version.max_score if handed_in.graded else None,
            reason=None if handed_in.graded else UNGRADED.as_json(),
            environment={"imported_from": "nbgrader"},
            seconds={},
            executed=None if executed is None else blobs.put(self._session, executed, self._at),
        )
        self._session.add(run)
        self._session.flush()
        self._session.add_all(
            _check_row(run, place, cell, handed_in.points.get(cell.name), points)
            for place, (cell, (_, points, _)) in enumerate(zip(one.cells, rows, strict=False))
        )
        self.added["runs"] += 1

    def _overrides(
        self,
        row: Assignment,
        one: theirs.Assignment,
        person: Person,
        submission: Submission,
        handed_in: HandedIn,
        here: _Here,
    ) -> None:
        """What a person gave in place of the tests, and what was taken off for lateness."""
        gave = {name: points for name, points, _ in _rows(one.cells, handed_in.points)}
        for name, points in handed_in.points.items() if handed_in.graded else ():
            given = points.manual is not None or abs(points.earned - gave.get(name, 0.0)) > _ROOM
            parts = "extra credit" if points.manual is None else "manual score"
            said = f"{REASON}{parts if not points.extra or points.manual is None else f'{parts} and extra credit'}"
            self._override(row, person, submission, name, points.earned if given else None, said, here)
        penalty = f"{REASON}late penalty {handed_in.penalty:g}"
        late = handed_in.graded and handed_in.penalty > _ROOM
        self._override(row, person, None, None, handed_in.score if late else None, penalty, here)

    def _override(
        self,
        row: Assignment,
        person: Person,
        submission: Submission | None,
        check: str | None,
        points: float | None,
        reason: str,
        here: _Here,
    ) -> None:
        """Unless the last import said the same; what somebody decided here since is left alone."""
        number = None if submission is None else submission.id
        earlier = here.overrides.get((person.id, number, check), ())
        imported = [one.points for one in earlier if one.reason.startswith(REASON)]
        if (imported[-1] if imported else None) == points:
            return
        if earlier and not earlier[-1].reason.startswith(REASON):
            self._said["decided"] += 1
            return
        self._session.add(
            Override(
                assignment_id=row.id,
                person_id=person.id,
                submission_id=number,
                check=check,
                points=points,
                reason=reason,
                created_at=self._at,
            )
        )
        self.added["overrides"] += 1

    def _extension(self, row: Assignment, person: Person, handed_in: HandedIn, here: _Here) -> None:
        if not handed_in.extension or row.due is None:
            return
        due = row.due + handed_in.extension
        known = [one.due for one in here.extensions.get(person.id, ()) if one.reason.startswith(REASON)]
        if known[-1:] == [due]:
            return
        self._session.add(
            Extension(
                assignment_id=row.id,
                person_id=person.id,
                due=due,
                attempts=0,
                reason=f"{REASON}extension",
                created_at=self._at,
            )
        )
        self.added["extensions"] += 1

    def _comments(self, submission: Submission, handed_in: HandedIn, here: _Here) -> None:
        places: Mapping[str, int] | None = None
        for name, words in handed_in.comments.items():
            if places is None:
                places = theirs.cells_of((theirs.data_of(handed_in.file) if handed_in.file else None) or b"")
            self._said["cut"] += len(words) > _LONGEST
            text, cell = words[:_LONGEST], places.get(name)
            if (submission.id, cell, text) not in here.comments:
                self._session.add(Comment(submission_id=submission.id, cell=cell, text=text, created_at=self._at))
                self.added["comments"] += 1

    # -------------------------------------------------------------------------------------------- after

    def notes(self) -> list[Text]:
        """What this course made us do otherwise."""
        said = {
            "material": (
                "개 source/·release/ 파일은 링크이거나 너무 커서 담지 않았습니다.",
                "file(s) of source/ and release/ are links or too large and are not kept.",
            ),
            "shared": (
                "명은 다른 사람과 이메일이 같아 다른 주소를 받았습니다.",
                "person(s) share another one's address and got one of their own.",
            ),
            "due": (
                "개 과제의 마감은 여기에서 다르게 정해져 있어 그대로 두었습니다.",
                "assignment(s) have another due date here, which was left alone.",
            ),
            "published": (
                "개 점수는 nbgrader에서 바뀌었지만, 과제가 이제 여기에서 채점되므로 가져오지 않았습니다.",
                "score(s) changed in nbgrader and are not taken: the assignment is graded here by now.",
            ),
            "decided": (
                "개 점수는 여기에서 사람이 정하여 그대로 두었습니다.",
                "score(s) were decided here by a person and left alone.",
            ),
            "cut": (
                f"개 의견은 {_LONGEST}자에서 잘랐습니다.",
                f"comment(s) were cut after {_LONGEST} letters.",
            ),
        }
        found = [Text(f"{self._said[k]}{ko}", f"{self._said[k]} {en}") for k, (ko, en) in said.items() if self._said[k]]
        if self.made_up:
            found.append(
                Text(
                    f"{self.made_up}명은 이메일이 없어 주소를 만들어 주었습니다. 로그인하려면 진짜 주소가 필요합니다 "
                    "(--email-domain을 쓰면 ID@도메인이 됩니다).",
                    f"{self.made_up} person(s) have no address and got a made-up one. To log in they need a real one "
                    "(--email-domain makes it ID@DOMAIN).",
                )
            )
        return found


def _name(student: Student, email: str) -> str:
    try:
        return people.name_of(student.name or student.id)
    except BadInput:
        return people.name_of(email)


def _here(session: Session, row: Assignment) -> _Here:
    """In few queries."""
    mine = select(Submission).where(Submission.assignment_id == row.id, Submission.token.startswith(MARK))
    submissions = {one.token: one for one in session.scalars(mine)}
    runs: dict[int, Run] = {}
    imported = (Version.assignment_id == row.id, Version.suite_version.startswith(MARK))
    for run in session.scalars(select(Run).join(Version).where(*imported).order_by(Version.number, Run.id)):
        runs[run.submission_id or 0] = run  # no cell is of a version
    rows: dict[int, list[tuple[str, float, float]]] = defaultdict(list, {run.id: [] for run in runs.values()})
    checks = (
        select(CheckRow.run_id, CheckRow.name, CheckRow.points, CheckRow.max_points)
        .join(Run)
        .join(Version)
        .where(*imported)
    )
    for run_id, name, points, most in session.execute(checks.order_by(CheckRow.position)):
        rows[run_id].append((name, points, most))
    overrides: dict[tuple[int, int | None, str | None], list[Override]] = defaultdict(list)
    for one in session.scalars(select(Override).filter_by(assignment_id=row.id).order_by(Override.id)):
        overrides[one.person_id, one.submission_id, one.check].append(one)
    extensions: dict[int, list[Extension]] = defaultdict(list)
    for given in session.scalars(select(Extension).filter_by(assignment_id=row.id).order_by(Extension.id)):
        if given.person_id is not None:
            extensions[given.person_id].append(given)
    said = select(Comment).join(Submission).where(Submission.assignment_id == row.id)
    comments = frozenset((one.submission_id, one.cell, one.text) for one in session.scalars(said))
    return _Here(submissions, runs, rows, overrides, extensions, comments)


def _says(here: _Here, run: Run, one: theirs.Assignment, handed_in: HandedIn) -> bool:
    """Whether an earlier import's run says what nbgrader says now."""
    if not handed_in.graded:
        return run.status != Status.GRADED.value
    return run.status == Status.GRADED.value and here.rows[run.id] == _rows(one.cells, handed_in.points)


def _rows(cells: Iterable[Cell], points: Mapping[str, Points]) -> list[tuple[str, float, float]]:
    """Name, points and most points of each cell, as nbgrader's tests gave them."""
    rows = []
    for cell in cells:
        one = points.get(cell.name)
        auto = 0.0 if one is None or one.auto is None else one.auto
        rows.append((cell.name, min(auto, cell.max_score), cell.max_score))
    return rows


def _check_row(run: Run, place: int, cell: Cell, points: Points | None, earned: float) -> CheckRow:
    verdict, message = Verdict.PASSED if earned >= cell.max_score else Verdict.FAILED, None
    if points is None or points.auto is None:
        verdict = Verdict.SKIPPED
        message = Text("사람이 채점하는 셀입니다.", "A person grades this cell.")
        if points is None or points.waits:
            message += Text("아직 채점하지 않았습니다.", "Nobody has yet.")
    return CheckRow(
        run_id=run.id,
        name=cell.name,
        position=place,
        title=Text(cell.name, cell.name).as_json(),
        points=earned,
        max_points=cell.max_score,
        verdict=verdict.value,
        visibility=Visibility.VISIBLE.value,
        message=None if message is None else message.as_json(),
        hint=None,
        seconds=0.0,
        misconception=None,
    )


def _sha256(handed_in: HandedIn) -> str:
    data = (theirs.data_of(handed_in.file) if handed_in.file else None) or b""
    return hashlib.sha256(data).hexdigest()


def _token(student: str, one: theirs.Assignment, handed_in: HandedIn, sha256: str) -> str:
    """The same for the same file of the same person at the same time."""
    received = "" if handed_in.received_at is None else handed_in.received_at.isoformat()
    words = "\0".join((student, one.name, one.notebook or "", received, sha256))
    return MARK + hashlib.sha256(words.encode()).hexdigest()[:40]


def _in_time(file: Path | None, due: datetime | None) -> datetime | None:
    """The file's time, or the due date where that is earlier: without a time nbgrader takes nobody for late."""
    try:
        changed = None if file is None else datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except (OSError, OverflowError, ValueError):
        changed = None
    return min((one for one in (changed, due) if one is not None), default=None)


def _packed(files: Mapping[str, bytes]) -> bytes:
    """A tar, compressed, whose bytes depend on names and content alone."""
    plain, target = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    with gzip.GzipFile("", "wb", 6, target, mtime=0) as packed:
        packed.write(plain.getvalue())
    return target.getvalue()
