"""Grading again what was submitted: first in the shadow, then, once somebody has seen who would change, for good."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course import grades
from grader.course.grades import Grade
from grader.course.submissions import Enqueue, before_many, new_run
from grader.errors import BadInput
from grader.report import Status
from grader.store import audit
from grader.store.database import lock, now
from grader.store.models import (
    Assignment,
    Audit,
    CheckRow,
    Course,
    Person,
    Purpose,
    Run,
    State,
    Submission,
    Version,
)
from grader.text import Text

Actor = Person | str
DISCARD, COMMIT = "discard.regrade", "commit.regrade"
WAITING = (State.QUEUED, State.RUNNING)
NAMED = 10  # of those who are new in a comparison


class NothingToDo(BadInput):
    """There is no submission to grade again: none was handed in, or each has a grade by this version already."""


class NotShown(BadInput):
    """A commit would change other grades than whoever decides has been shown: compare, and show it again."""


@dataclass(frozen=True)
class Plan:
    """A regrade that was begun. `skipped` submissions have a grade by that version already."""

    batch: str
    runs: int
    skipped: int


@dataclass(frozen=True)
class CheckChange:
    """One check that got another verdict or other points; None where a version does not have it."""

    name: str
    title: Text
    before: float | None
    after: float | None
    verdict_before: str | None
    verdict_after: str | None


@dataclass(frozen=True)
class Change:
    """A person whose grade the regrade would change, or did change, and in which checks of the submission that
    counts."""

    person: Person
    before: Grade
    after: Grade
    checks: Sequence[CheckChange]


@dataclass(frozen=True)
class Moved:
    """What a regrade that counts did to somebody's grade when it began to count, whatever that is by now. `before` is
    None of who had none."""

    person: Person
    before: float | None
    after: float
    max_score: float
    checks: Sequence[CheckChange]


@dataclass(frozen=True)
class Progress:
    """How far the runs of a regrade are. `failed` gave no grade: these submissions keep the one they have."""

    assignment_id: int
    version_id: int
    waiting: int
    graded: int
    failed: int
    cancelled: int
    committed: int

    @property
    def complete(self) -> bool:
        """Whether nothing is on its way any more."""
        return self.waiting == 0


def plan(
    session: Session,
    assignment: Assignment,
    version: Version | None = None,
    people: Collection[int] | None = None,
    *,
    counting_only: bool = False,
    again: bool = False,
    actor: Actor,
    enqueue: Enqueue,
    at: datetime | None = None,
) -> Plan:
    """Asks for a shadow run of every submission of the assignment (of these people's ids), or with `counting_only` of
    those that make a grade now, by `version` (the current one where None). Submissions with a grade by that version
    are left out, unless `again`. Nobody's grade changes before `commit`. Raises BadInput for a version that could
    not count, and NothingToDo."""
    lock(session, f"regrade:{assignment.id}")
    version = _version(session, assignment, version)
    submissions = _submissions(session, assignment, people)
    if counting_only:
        course = session.get_one(Course, assignment.course_id)
        rows = grades.of_course(session, course, assignment=assignment, people=people)
        counting = {row[1][assignment.key].submission_id for row in rows}
        submissions = [one for one in submissions if one.id in counting]
    done: set[int | None] = set() if again else _graded_by(session, version)
    todo = [one for one in submissions if one.id not in done]
    if not todo:
        raise NothingToDo(_nothing_to_do(assignment, version, len(submissions)))
    batch, at = uuid.uuid4().hex, at or now(session)
    before_many(session)
    for submission in todo:
        enqueue(session, new_run(session, submission, version, Purpose.REGRADE, at, batch))
    audit.record(
        session,
        actor,
        "plan.regrade",
        f"assignment:{assignment.id}",
        batch=batch,
        version=version.id,
        runs=len(todo),
        skipped=len(submissions) - len(todo),
    )
    return Plan(batch, len(todo), len(submissions) - len(todo))


def progress(session: Session, batch: str) -> Progress:
    """How far a regrade is. Raises BadInput for an unknown one."""
    runs = _runs(session, batch)
    kinds = Counter(_kind(run) for run in runs)
    return Progress(
        assignment_id=session.get_one(Submission, runs[0].submission_id).assignment_id,
        version_id=runs[0].version_id or 0,  # there always is one: only quizzes have runs without
        waiting=kinds["waiting"],
        graded=kinds["graded"],
        failed=kinds["failed"],
        cancelled=kinds["cancelled"],
        committed=sum(run.committed_at is not None for run in runs),
    )


def batches(session: Session, assignment: Assignment) -> list[str]:
    """The assignment's regrades, the latest first."""
    query = (
        select(Run.batch)
        .join(Submission, Submission.id == Run.submission_id)
        .where(Submission.assignment_id == assignment.id, Run.batch.is_not(None))
        .group_by(Run.batch)
        .order_by(func.max(Run.id).desc())
    )
    return [batch for batch in session.scalars(query) if batch is not None]


def the_batch(session: Session, words: str) -> str:
    """The regrade whose name begins like this. Raises BadInput where there is none, or more than one."""
    start = words.strip().lower()
    query = select(Run.batch).where(Run.batch.startswith(start, autoescape=True)).distinct().limit(2)
    found = [batch for batch in session.scalars(query) if batch is not None]
    if len(start) >= 4 and len(found) == 1:
        return found[0]
    shown = "".join(letter if letter.isprintable() else "?" for letter in words[:40])
    raise BadInput(
        Text(
            f"'{shown}'(으)로 시작하는 재채점이 하나로 정해지지 않습니다. 네 글자 이상 적어 주세요.",
            f"'{shown}' does not begin the name of exactly one regrade. Give at least four letters of it.",
        )
    )


def compare(session: Session, batch: str) -> list[Change]:
    """Who would have another grade if the graded runs of this regrade counted; by name. Before `commit`, and where
    runs are still waiting, as far as they are."""
    runs = _runs(session, batch)
    submissions = {
        one.id: one
        for one in session.scalars(select(Submission).where(Submission.id.in_({r.submission_id for r in runs})))
    }
    assignment = session.get_one(Assignment, next(iter(submissions.values())).assignment_id)
    course = session.get_one(Course, assignment.course_id)
    people = {one.person_id for one in submissions.values()}
    now_ = grades.of_course(session, course, assignment=assignment, people=people)
    then = grades.of_course(session, course, assignment=assignment, people=people, batch=batch)
    after = {member.person_id: row[assignment.key] for member, row in then}
    found = [(member.person, row[assignment.key], after[member.person_id]) for member, row in now_]
    changed = [(person, before, other) for person, before, other in found if _differs(before, other)]
    ids = {one.run_id for _, *both in changed for one in both if one.run_id is not None}
    rows = _check_rows(session, ids)
    return [
        Change(person, before, other, _checks(rows[before.run_id or 0], rows[other.run_id or 0]))
        for person, before, other in changed
    ]


def word_for(changes: Sequence[Change]) -> str:
    """A word for these changes and whom they concern, in whatever order they are shown: for `commit`."""
    told = sorted((one.person.id, *_told(one.before), *_told(one.after)) for one in changes)
    return f"{hashlib.sha256(repr(told).encode()).hexdigest()[:16]}:{','.join(str(id) for id, *_ in told)}"


def commit(session: Session, batch: str, *, actor: Actor, shown: str, at: datetime | None = None) -> list[Change]:
    """From now on the graded runs of this regrade count; returns whose grade changed. `shown` is the word for what
    whoever decides has looked at. Runs that gave no grade change nothing. Committing twice changes nothing more. Raises
    NotShown where other grades would change, BadInput while runs are waiting, and for a regrade that was called off."""
    lock(session, f"batch:{batch}")
    if called_off(session, batch):
        raise BadInput(
            Text(
                "취소한 재채점이라 반영할 수 없습니다. 새로 시작하세요: grader regrade",
                "This regrade was called off and cannot count. Begin another one: grader regrade",
            )
        )
    state = progress(session, batch)
    if not state.complete:
        raise BadInput(
            Text(
                f"아직 {state.waiting}개가 채점을 기다립니다. 끝난 뒤에 다시 하거나 버리세요: "
                "grader regrade --discard.",
                f"{state.waiting} are still to be graded. Try again when they are, or drop the regrade with "
                "grader regrade --discard.",
            )
        )
    shadows = [run for run in _runs(session, batch) if _kind(run) == "graded" and run.committed_at is None]
    if not shadows:
        return []
    changes = compare(session, batch)
    if shown != word_for(changes):
        raise _not_shown(changes, shown)
    at = at or now(session)
    for run in shadows:
        run.committed_at = at
    session.flush()
    audit.record(
        session,
        actor,
        COMMIT,
        f"assignment:{state.assignment_id}",
        batch=batch,
        runs=len(shadows),
        failed=state.failed,
        changed={str(one.person.id): [one.before.score, one.after.score] for one in changes},
        by={str(one.person.id): [one.before.run_id, one.after.run_id] for one in changes},
    )
    return changes


def moved(session: Session, batch: str) -> list[Moved]:
    """Whose grade this regrade changed when it began to count, and in which checks, as the audit log keeps it; by name.
    Nobody where it does not count."""
    subject = f"assignment:{progress(session, batch).assignment_id}"
    lines = session.scalars(select(Audit).filter_by(action=COMMIT, subject=subject)).all()
    known = next((line.data for line in lines if line.data.get("batch") == batch), {})
    changed, by = known.get("changed", {}), known.get("by", {})
    ids = {id for both in by.values() for id in both if id is not None}
    rows, runs = _check_rows(session, ids), _most_points(session, ids)
    people = session.scalars(select(Person).where(Person.id.in_([int(id) for id in changed])).order_by(Person.name))
    found = []
    for person in people:
        before, after = changed[str(person.id)]
        old, new = by.get(str(person.id), (None, None))
        had_none = old is None and not before
        checks = _checks(rows[old or 0], rows[new or 0])
        found.append(Moved(person, None if had_none else before, after, runs.get(new, 0.0), checks))
    return found


def discard(session: Session, batch: str, *, actor: Actor) -> int:
    """Calls a regrade off: what still waits of it is not graded, and what was graded stays a shadow for good, as
    `commit` refuses it from now on. Returns how many runs were called off. Raises BadInput for a regrade that counts
    already."""
    lock(session, f"batch:{batch}")
    runs = _runs(session, batch, lock=True)
    if any(run.committed_at is not None for run in runs):
        raise BadInput(Text("이미 반영된 재채점입니다.", "This regrade counts already."))
    waiting = [run for run in runs if run.state in (*WAITING, State.SET_ASIDE)]
    if called_off(session, batch) and not waiting:
        return 0
    for run in waiting:
        run.state, run.fence = State.CANCELLED, run.fence + 1
    session.flush()
    audit.record(session, actor, DISCARD, f"run:{runs[0].id}", batch=batch, runs=len(waiting))
    return len(waiting)


def called_off(session: Session, batch: str) -> bool:
    """Whether somebody called this regrade off; the audit log says so, from which no line is ever taken."""
    first = select(func.min(Run.id)).where(Run.batch == batch)
    subject = f"run:{session.scalar(first)}"
    return session.scalar(select(Audit.number).filter_by(action=DISCARD, subject=subject).limit(1)) is not None


# --------------------------------------------------------------------------------------------------- pieces


def _version(session: Session, assignment: Assignment, version: Version | None) -> Version:
    """A version older than the current one could not make a grade, as the newest that graded does."""
    if assignment.version_id is None:
        raise BadInput(
            Text(
                f"{assignment.key} 과제는 아직 나오지 않았습니다.",
                f"The assignment {assignment.key} is not published yet.",
            )
        )
    current = session.get_one(Version, assignment.version_id)
    if version is None:
        return current
    if version.assignment_id != assignment.id or version.number < current.number:
        raise BadInput(
            Text(
                f"지금 버전({current.number})보다 오래된 버전으로는 다시 채점할 수 없습니다. "
                "그 내용을 다시 내세요: grader publish",
                f"A version older than the current one ({current.number}) cannot regrade. Publish its content again: "
                "grader publish",
            )
        )
    return version


def _submissions(session: Session, assignment: Assignment, people: Collection[int] | None) -> list[Submission]:
    """All, the earliest first; none of the forgotten, whose notebooks are gone."""
    query = (
        select(Submission)
        .join(Person, Person.id == Submission.person_id)
        .where(Submission.assignment_id == assignment.id, Person.forgotten_at.is_(None))
    )
    if people is not None:
        query = query.where(Submission.person_id.in_(people))
    return list(session.scalars(query.order_by(Submission.received_at, Submission.id)))


def _graded_by(session: Session, version: Version) -> set[int | None]:
    """Submissions that are done with this version: they have a grade by it that counts, are on their way to one, or
    it has said that they cannot be graded."""
    query = select(Run.submission_id, Run.state, Run.status, Run.committed_at, Run.purpose).where(
        Run.version_id == version.id
    )
    return {
        submission
        for submission, state, status, committed_at, purpose in session.execute(query)
        if (status == Status.GRADED.value and committed_at is not None)
        or status == Status.NOT_GRADABLE.value
        or (state in WAITING and purpose is Purpose.SUBMISSION)
    }


def _nothing_to_do(assignment: Assignment, version: Version, submissions: int) -> Text:
    if submissions == 0:
        return Text(
            f"{assignment.key} 과제에 다시 채점할 제출이 없습니다.",
            f"There is no submission of {assignment.key} to grade again.",
        )
    return Text(
        f"모든 제출이 이미 버전 {version.number}(으)로 채점되었습니다. 그래도 다시 하려면 --again을 쓰세요.",
        f"Every submission has a grade by version {version.number} already. To grade them all the same, use --again.",
    )


def _runs(session: Session, batch: str, *, lock: bool = False) -> Sequence[Run]:
    """As they are now, whatever this session saw of them before; with `lock` nobody else changes them meanwhile."""
    query = select(Run).where(Run.batch == batch).order_by(Run.id).execution_options(populate_existing=True)
    runs = session.scalars(query.with_for_update() if lock else query).all()
    if not runs:
        raise BadInput(Text("그런 재채점이 없습니다.", "There is no such regrade."))
    return runs


def _kind(run: Run) -> str:
    if run.state in WAITING:
        return "waiting"
    if run.state is State.DONE:
        return "graded" if run.status == Status.GRADED.value else "failed"
    return "cancelled" if run.state is State.CANCELLED else "failed"


def _differs(before: Grade, after: Grade) -> bool:
    return _told(before) != _told(after)


def _told(grade: Grade) -> tuple[float, float, str]:
    """What a person sees of a grade."""
    return grade.score, grade.max_score, grade.status


def _not_shown(changes: Sequence[Change], shown: str) -> NotShown:
    """Says who was not in what was shown."""
    known = set(shown.partition(":")[2].split(","))
    new = [one.person.name or one.person.email for one in changes if str(one.person.id) not in known]
    names = ", ".join(new[:NAMED]) + (" …" if len(new) > NAMED else "")
    said = Text(
        "확인하는 사이에 결과가 바뀌어 반영하지 않았습니다. 새 비교를 보고 다시 결정해 주세요.",
        "The comparison changed after it was shown, so nothing counts yet. See the new one and decide again.",
    )
    return NotShown(said + Text(f"새로 바뀌는 사람: {names}.", f"New in it: {names}.") if new else said)


def _check_rows(session: Session, runs: Iterable[int]) -> Mapping[int, dict[str, CheckRow]]:
    found: defaultdict[int, dict[str, CheckRow]] = defaultdict(dict)
    ids = sorted(runs)
    for start in range(0, len(ids), 500):
        query = select(CheckRow).where(CheckRow.run_id.in_(ids[start : start + 500]))
        for row in session.scalars(query.order_by(CheckRow.run_id, CheckRow.position)):
            found[row.run_id][row.name] = row
    return found


def _most_points(session: Session, runs: Collection[int]) -> dict[int | None, float]:
    query = select(Run.id, Run.max_score).where(Run.id.in_(runs))
    return {id: most or 0.0 for id, most in session.execute(query)}


def _checks(before: Mapping[str, CheckRow], after: Mapping[str, CheckRow]) -> list[CheckChange]:
    """In the order of the new suite, then those that it no longer has."""
    names = dict.fromkeys([*after, *before])
    changes = [_change(name, before.get(name), after.get(name)) for name in names]
    return [one for one in changes if (one.before, one.verdict_before) != (one.after, one.verdict_after)]


def _change(name: str, before: CheckRow | None, after: CheckRow | None) -> CheckChange:
    shown = after or before
    assert shown is not None
    return CheckChange(
        name,
        Text.from_json(shown.title),
        before.points if before else None,
        after.points if after else None,
        before.verdict if before else None,
        after.verdict if after else None,
    )
