"""Versions of an assignment: proved, packed whole, and never changed afterwards."""

from __future__ import annotations

import gzip
import io
import json
import math
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader import words
from grader.assignment import Assignment, Catalog, parsed
from grader.course.policy import Policy
from grader.errors import BadAssignment, BadInput
from grader.misconception import FILE, TOPICS, known
from grader.mutants import Verification
from grader.store import audit, blobs, models
from grader.store.database import lock, now
from grader.store.models import Course, Person, Version
from grader.store.quizzes import Quiz
from grader.text import Text

MAX_FILES = 10_000
MAX_BYTES = 512 * 2**20  # of all files of a version, unpacked
ROOTS = ("assignments", "reference")
_IGNORED = {"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".DS_Store"}
_LONGEST_NAME, _LONGEST_ID = 128, 64  # of a check or a metric, and of a misconception; columns are as wide
CHECK = Text("채점 항목의 이름", "the name of a check")
METRIC = Text("지표의 이름", "the name of a metric")
MISCONCEPTION = Text("오개념의 이름", "the id of a misconception")


class Keep(Enum):
    """What is not said, so that "none" can be said."""

    KEEP = "keep"


KEEP = Keep.KEEP
When = datetime | None | Keep
YEARS = range(2000, 2200)  # of a time that somebody sets


def publish(
    session: Session,
    course: Course,
    assignment: Assignment,
    verification: Verification | None,
    *,
    actor: Person | str,
    forced: str | None = None,
    opens: When = KEEP,
    due: When = KEEP,
    closes: When = KEEP,
    policy: Mapping[str, Any] | None = None,
    weight: float | None = None,
    at: datetime | None = None,
) -> Version:
    """The version that new submissions are graded by from now on. `verification` None: the one that is kept of this
    suite, if there is one. The same content as now is the same version; times, `policy` and `weight` change where
    they are said. Raises BadInput where the suite is not proved and `forced` gives no reason, BadAssignment for what
    cannot be packed."""
    lock(session, f"publish:{course.id}:{assignment.id}")
    proof = verification.as_json() if verification is not None else verified(session, assignment)
    holds = bool(proof and proof["holds"])
    if proof is not None and proof["assignment"] != assignment.id:
        raise ValueError(f"a verification of {proof['assignment']} for {assignment.id}")
    if not holds and not (forced or "").strip():
        raise _unproved(assignment, proof)
    row = _assignment(session, course, assignment)
    schedule(session, row, actor=actor, opens=opens, due=due, closes=closes, policy=policy, weight=weight)
    version = _version(session, row, assignment, proof, None if holds else forced, actor, at)
    if row.version_id != version.id:
        row.version_id, row.title = version.id, assignment.title.as_json()
        audit.record(
            session,
            actor,
            "publish.assignment",
            f"assignment:{row.id}",
            version=version.id,
            number=version.number,
            suite=version.suite_version,
            archive=version.archive,
            verified=version.verified,
            forced=version.forced is not None,
        )
    return version


def verified(session: Session, assignment: Assignment) -> dict[str, Any] | None:
    """What `grader verify` said when it last proved this very suite for a version; None where it never did."""
    found = session.scalars(
        select(Version.verification)
        .join(models.Assignment, models.Assignment.id == Version.assignment_id)
        .where(
            models.Assignment.key == assignment.id,
            Version.suite_version == assignment.suite_version,
            Version.verified.is_(True),
        )
        .order_by(Version.id.desc())
        .limit(1)
    ).first()
    return None if found is None else dict(found)


def schedule(
    session: Session,
    row: models.Assignment,
    *,
    actor: Person | str,
    opens: When = KEEP,
    due: When = KEEP,
    closes: When = KEEP,
    policy: Mapping[str, Any] | None = None,
    weight: float | None = None,
) -> None:
    """Changes when an assignment is open and by which rules it counts. What is not said stays. Raises BadInput."""
    before = (row.opens, row.due, row.closes, row.policy, row.weight)
    zone = ZoneInfo(session.get_one(Course, row.course_id).timezone)
    row.opens = row.opens if isinstance(opens, Keep) else opens
    row.due = row.due if isinstance(due, Keep) else due
    row.closes = row.closes if isinstance(closes, Keep) else closes
    row.policy = row.policy if policy is None else dict(policy)
    row.weight = row.weight if weight is None else float(weight)
    Policy.from_json(row.policy)
    must_be_in_order(row, zone)
    if not 0 <= row.weight < math.inf:
        raise BadInput(
            Text(f"비중 {weight}은(는) 0 이상이어야 합니다.", f"The weight {weight} must be 0 or more."),
        )
    session.flush()
    if before != (row.opens, row.due, row.closes, row.policy, row.weight):
        audit.record(
            session,
            actor,
            "schedule.assignment",
            f"assignment:{row.id}",
            **{name: _iso(getattr(row, name)) for name in ("opens", "due", "closes")},
            policy=row.policy,
            weight=row.weight,
        )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def must_be_near(moment: datetime) -> None:
    """Raises BadInput for a time so far away that it has no counterpart in other zones, or some days later."""
    if moment.year not in YEARS:
        raise BadInput(
            Text(
                f"{moment.year}년은 쓸 수 없습니다. {YEARS[0]}년에서 {YEARS[-1]}년까지입니다.",
                f"The year {moment.year} cannot be used: {YEARS[0]} to {YEARS[-1]}.",
            )
        )


def must_be_in_order(row: models.Assignment | Quiz, zone: tzinfo) -> None:
    """Raises BadInput for times without a zone, or out of order, which it tells as clocks in the course's `zone` do."""
    times = [(name, getattr(row, name)) for name in ("opens", "due", "closes")]
    known = [(name, moment) for name, moment in times if moment is not None]
    for name, moment in known:
        if moment.tzinfo is None:
            raise BadInput(Text(f"{name} 시각에 시간대가 없습니다.", f"The time '{name}' has no time zone."))
        must_be_near(moment)
    for (first, early), (then, late) in pairwise(known):
        if early > late:
            one, other = words.moment(early, zone), words.moment(late, zone)
            raise BadInput(
                Text(
                    f"시각의 순서가 맞지 않습니다. {first}: {one.ko}, {then}: {other.ko}. opens, due, closes 순서여야 "
                    "합니다.",
                    f"The times are out of order. {first}: {one.en}, {then}: {other.en}. The order is opens, due, "
                    "closes.",
                )
            )


def _unproved(assignment: Assignment, proof: Mapping[str, Any] | None) -> BadInput:
    how = Text(
        '그래도 내려면 이유를 남기세요: --force "이유"',
        'To publish it all the same, leave the reason: --force "reason"',
    )
    if proof is None:
        said = Text(
            f"{assignment.id}은(는) 아직 증명되지 않았습니다. 먼저 실행하세요: grader verify {assignment.id}.",
            f"{assignment.id} is not proved yet. First run: grader verify {assignment.id}.",
        )
    else:
        broken = [one["name"] for one in proof["proofs"] if not one["holds"]] + list(proof["unproved"])
        names = ", ".join(broken[:5]) + (f", +{len(broken) - 5}" if len(broken) > 5 else "")
        said = Text(
            f"{assignment.id}은(는) grader verify를 통과하지 못해 내지 않았습니다: {names}.",
            f"{assignment.id} was not published, since grader verify fails: {names}.",
        )
    return BadInput(said + how)


def _assignment(session: Session, course: Course, assignment: Assignment) -> models.Assignment:
    """The course's row of it, made where there is none."""
    found = session.scalars(select(models.Assignment).filter_by(course_id=course.id, key=assignment.id)).first()
    if found is not None:
        return found
    row = models.Assignment(
        course_id=course.id, key=assignment.id, title=assignment.title.as_json(), position=assignment.week, policy={}
    )
    row.weight = 1.0
    session.add(row)
    session.flush()
    return row


def _version(
    session: Session,
    row: models.Assignment,
    assignment: Assignment,
    proof: Mapping[str, Any] | None,
    forced: str | None,
    actor: Person | str,
    at: datetime | None,
) -> Version:
    """The version of this content: the current one where nothing changed. Content that was current once and comes
    back is a new version, since a later number is what decides which run counts."""
    files = tar(assignment)
    _must_fit(assignment, proof)
    current = None if row.version_id is None else session.get_one(Version, row.version_id)
    if current is not None and _unzipped(blobs.get(session, current.archive)) == files:
        if proof is not None and proof["holds"] and not current.verified:
            current.verified, current.verification = True, dict(proof)
            audit.record(session, actor, "verify.version", f"version:{current.id}")
        return current
    last = session.scalar(select(func.max(Version.number)).where(Version.assignment_id == row.id)) or 0
    version = Version(
        assignment_id=row.id,
        number=last + 1,
        suite_version=assignment.suite_version,
        archive=blobs.put(session, _zipped(session, row, files, last + 1), at),
        max_score=_max_score(assignment, proof),
        queue="gpu" if assignment.device == "gpu" else "cpu",
        verified=bool(proof and proof["holds"]),
        verification=dict(proof or {}),
        forced=forced,
        author_id=actor.id if isinstance(actor, Person) else None,
        created_at=at or now(session),
    )
    session.add(version)
    session.flush()
    return version


def _max_score(assignment: Assignment, proof: Mapping[str, Any] | None) -> float:
    """What the solution was graded out of; without a proof the sum over the suite. Raises BadAssignment."""
    for one in proof["proofs"] if proof is not None else ():
        if one["kind"] == "reference" and one["max_score"] > 0:
            _must_be_short(assignment, CHECK, proof["checks"] if proof is not None else [])
            return float(one["max_score"])
    from grader.suite import runner

    checks = runner.outline(assignment)
    _must_be_short(assignment, CHECK, [check.id for check in checks])
    return round(sum(check.points for check in checks), 6)


def _must_fit(assignment: Assignment, proof: Mapping[str, Any] | None) -> None:
    """Every name that a report can bring along has room in the database, besides those of checks: a grading whose
    result cannot be kept would fail for good. Raises BadAssignment."""
    measured = {name for one in (proof or {}).get("proofs", ()) for name in one.get("metrics", ())}
    file = assignment.calibration
    if file is not None and file.is_file():
        measured |= set(json.loads(file.read_text(encoding="utf-8")))
    _must_be_short(assignment, METRIC, sorted(measured))
    reference = None if assignment.reference is None else assignment.reference.parent
    _must_be_short(assignment, MISCONCEPTION, known(assignment.folder.parent, reference), _LONGEST_ID)


def _must_be_short(assignment: Assignment, what: Text, names: Iterable[str], most: int = _LONGEST_NAME) -> None:
    for name in names:
        if len(name) > most:
            raise BadAssignment(
                Text(
                    f"{assignment.id}: {what.ko}이 {most}자보다 깁니다. 줄여 주세요: {name[:60]}...",
                    f"{assignment.id}: {what.en} has more than {most} letters. Shorten it: {name[:60]}...",
                )
            )


# ------------------------------------------------------------------------------------------------ archives


def tar(assignment: Assignment) -> bytes:
    """All files of an assignment, public and instructor's, as a tar whose bytes depend on their names and content
    alone. Raises BadAssignment."""
    target = io.BytesIO()
    count = size = 0
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, file in _files(assignment):
            data = file.read_bytes()
            count, size = count + 1, size + len(data)
            if count > MAX_FILES or size > MAX_BYTES:
                raise _too_large(assignment.id)
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


def _files(assignment: Assignment) -> Iterator[tuple[str, Path]]:
    """Each file with its name in the archive, in order of these names."""
    folders = {f"assignments/{assignment.id}": assignment.folder}
    shared = {f"assignments/{TOPICS}": assignment.folder.parent / TOPICS}
    if assignment.reference is not None:
        folders[f"reference/{assignment.id}"] = assignment.reference
        shared[f"reference/{FILE}"] = assignment.reference.parent / FILE
    found = {name: file for name, file in shared.items() if file.is_file()}
    for root, folder in folders.items():
        for file in folder.rglob("*"):
            parts = file.relative_to(folder).parts
            if _IGNORED & set(parts) or file.suffix == ".pyc":
                continue
            if file.is_symlink() or not (file.is_file() or file.is_dir()):
                raise BadAssignment(
                    Text(
                        f"{file}은(는) 보통 파일이 아니라서 담을 수 없습니다. 파일 자체를 그 자리에 두세요.",
                        f"{file} is no ordinary file and cannot be packed. Put the file itself in its place.",
                    )
                )
            if file.is_file():
                found["/".join((root, *parts))] = file
    yield from sorted(found.items())


def _zipped(session: Session, row: models.Assignment, files: bytes, number: int) -> bytes:
    """The tar, compressed. Bytes that another version of the assignment has already get its number as their time."""
    data = _gzip(files, 0)
    taken = select(Version.id).where(Version.assignment_id == row.id, Version.archive == blobs.name_of(data))
    return data if session.scalar(taken) is None else _gzip(files, number)


def _gzip(data: bytes, time: int) -> bytes:
    target = io.BytesIO()
    with gzip.GzipFile("", "wb", 6, target, mtime=time) as file:
        file.write(data)
    return target.getvalue()


def _unzipped(data: bytes) -> bytes:
    """Raises BadInput for what is no archive of ours, or larger than one can be."""
    limit = MAX_BYTES + 2048 * MAX_FILES
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _unsafe(str(error)) from error
    if len(found) > limit:
        raise _unsafe("it is too large")
    return found


def file_in(data: bytes, name: str) -> bytes:
    """One file of an archive. Raises KeyError where there is none, and BadInput for what is no archive of ours."""
    try:
        with tarfile.open(fileobj=io.BytesIO(_unzipped(data)), mode="r:") as archive:
            member = archive.getmember(name)
            _must_be_safe(member)
            content = archive.extractfile(member)
            return b"" if content is None else content.read()
    except tarfile.TarError as error:
        raise _unsafe(str(error)) from error


def described(session: Session, version: Version) -> Assignment:
    """What the assignment's own file said when the version was published; its folders are not at hand. Raises BadInput
    for an archive that does not tell."""
    key = session.get_one(models.Assignment, version.assignment_id).key
    name = f"{ROOTS[0]}/{key}/assignment.toml"
    try:
        return parsed(file_in(blobs.get(session, version.archive), name).decode(), Path(ROOTS[0], key))
    except (KeyError, TypeError, ValueError) as error:
        raise _unsafe(name) from error


def unpack(session: Session, version: Version, folder: Path) -> Assignment:
    """The assignment as it was published, in `folder`/<its archive>: unpacked once, whole or not at all, however many
    ask at the same time. Raises BadInput for an archive that tries to write elsewhere."""
    target = folder / version.archive
    key = session.get_one(models.Assignment, version.assignment_id).key
    if not target.is_dir():
        extract(blobs.get(session, version.archive), target)
    return _loaded(target, key)


@lru_cache(maxsize=256)  # an archive is called by its hash, and never changes
def _loaded(target: Path, key: str) -> Assignment:
    return Catalog(target / ROOTS[0], target / ROOTS[1]).load(key)


def extract(data: bytes, target: Path) -> None:
    """Writes the files of an archive into the new folder `target`. Raises BadInput for an unsafe one."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # solutions and hidden tests are in there
    files = _unzipped(data)
    new = Path(tempfile.mkdtemp(prefix=f".{target.name[:12]}.", dir=target.parent))
    try:
        new.chmod(0o755)
        with tarfile.open(fileobj=io.BytesIO(files), mode="r:") as archive:
            members = archive.getmembers()
            if len(members) > MAX_FILES:
                raise _unsafe("too many files")
            for member in members:
                _must_be_safe(member)
                _write(archive, member, new)
        _move(new, target)
    except (tarfile.TarError, UnicodeError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise _unsafe(str(error)) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """One plain file. `extractall` would want a filter, which Python 3.11.2 does not have."""
    content = archive.extractfile(member)
    assert content is not None
    file = folder / member.name
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as out:
        shutil.copyfileobj(content, out)
    os.utime(file, (member.mtime, member.mtime))


def _move(new: Path, target: Path) -> None:
    try:
        new.rename(target)
    except OSError:
        if not target.is_dir():  # else somebody was faster, with the same content
            raise


def _must_be_safe(member: tarfile.TarInfo) -> None:
    """Raises BadInput for what is no plain file within the folders of an assignment. A sparse one may claim any size
    with nothing in the archive to show for it."""
    path = PurePosixPath(member.name)
    outside = ".." in path.parts or not path.parts or path.parts[0] not in ROOTS
    if not member.isfile() or member.issparse() or outside:
        raise _unsafe(member.name)


def _unsafe(why: str) -> BadInput:
    shown = "".join(letter if letter.isprintable() else "?" for letter in why[:200])
    return BadInput(
        Text(
            f"안전한 과제 묶음이 아니라서 풀지 않았습니다: {shown}",
            f"This is no safe archive of an assignment, so it was not unpacked: {shown}",
        )
    )


def _too_large(name: str) -> BadAssignment:
    limit = MAX_BYTES // 2**20
    return BadAssignment(
        Text(
            f"{name}: 파일이 모두 {limit} MB나 {MAX_FILES:,}개를 넘습니다. 필요 없는 파일을 지우세요.",
            f"{name}: its files exceed {limit} MB or {MAX_FILES:,} in number. Remove those not needed.",
        )
    )
