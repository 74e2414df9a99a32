"""What people decide about a grade: points, more time, a word, a second look. Each is a row of its own, and a line of
the audit log."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader import words
from grader.course import people
from grader.course.publishing import KEEP, Keep, When, must_be_near
from grader.errors import BadInput
from grader.store import audit
from grader.store.database import lock, now
from grader.store.models import (
    Assignment,
    CheckRow,
    Comment,
    Course,
    Decision,
    Extension,
    Group,
    Override,
    Person,
    RegradeRequest,
    Run,
    Submission,
    Version,
)
from grader.text import Text

Actor = Person | str
LONGEST_REASON = 2_000  # letters
LONGEST_WORDS = 10_000
MOST_ATTEMPTS = 1_000


# ----------------------------------------------------------------------------------------------- overrides


def set_override(
    session: Session,
    assignment: Assignment,
    person: Person,
    points: float | None,
    reason: str,
    *,
    submission: Submission | None = None,
    check: str | None = None,
    actor: Actor,
    at: datetime | None = None,
) -> Override:
    """Gives a person these points of the whole assignment, or those of one check of one submission; `points` None
    takes the earlier decision of that kind back. The latest of its kind counts. Raises BadInput for points that there
    are not, a check that no run of that submission has, or no reason."""
    must_be_of(session, assignment.course_id, person)
    if (submission is None) is not (check is None):
        raise BadInput(
            Text(
                "항목 하나의 점수는 제출과 항목을 함께 정해야 합니다.",
                "The points of one check need both a submission and a check.",
            )
        )
    if submission is not None and (submission.person_id, submission.assignment_id) != (person.id, assignment.id):
        raise BadInput(
            Text(
                "그 제출은 이 사람의 이 과제 제출이 아닙니다.",
                "That submission is not this person's, or not of this assignment.",
            )
        )
    most = _most(session, assignment) if submission is None or check is None else _most_of(session, submission, check)
    must_be_points(points, most)
    row = Override(
        assignment_id=assignment.id,
        person_id=person.id,
        submission_id=None if submission is None else submission.id,
        check=check,
        points=points,
        reason=as_kept(reason, LONGEST_REASON),
        author_id=audit.id_of(actor),
        created_at=at or now(session),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        "set.override" if points is not None else "clear.override",
        f"override:{row.id}",
        assignment=assignment.id,
        person=person.id,
        submission=row.submission_id,
        check=check,
        points=points,
    )
    return row


def overrides(session: Session, assignment: Assignment, person: Person) -> Sequence[Override]:
    """All of a person's in an assignment, the earliest first."""
    query = select(Override).filter_by(assignment_id=assignment.id, person_id=person.id)
    return session.scalars(query.order_by(Override.id)).all()


def _most(session: Session, assignment: Assignment) -> float:
    """The most points of any version: a bound against a slip of the finger, not a rule of grading."""
    query = select(Version.max_score).where(Version.assignment_id == assignment.id)
    return max(session.scalars(query), default=math.inf)


def _most_of(session: Session, submission: Submission, check: str) -> float:
    query = select(CheckRow.name, CheckRow.max_points).join(Run).where(Run.submission_id == submission.id)
    rows = session.execute(query.distinct().order_by(CheckRow.name)).all()
    found = [float(row.max_points) for row in rows if row.name == check]
    if not found:
        known = ", ".join(dict.fromkeys(row.name for row in rows)) or "-"
        raise BadInput(
            Text(
                f"이 제출의 채점에 '{check[:128]}' 항목이 없습니다. 있는 항목: {known}.",
                f"No grading of this submission has the check '{check[:128]}'. Known: {known}.",
            )
        )
    return max(found)


def must_be_points(points: float | None, most: float) -> None:
    """Raises BadInput for points that cannot be given."""
    if points is not None and not 0 <= points <= most:
        raise BadInput(
            Text(
                f"{points:g}점은 줄 수 없습니다. 0에서 {most:g}까지입니다.",
                f"{points:g} points cannot be given: 0 to {most:g}.",
            )
        )


# ---------------------------------------------------------------------------------------------- extensions


def grant_extension(
    session: Session,
    assignment: Assignment,
    whom: Person | Group,
    *,
    due: When = KEEP,
    closes: When = KEEP,
    attempts: int | None = None,
    reason: str,
    actor: Actor,
    at: datetime | None = None,
) -> Extension:
    """Gives a person or a group more time or more attempts (beyond what the policy gives). What is not said stays as
    the last extension for them has it; `due` or `closes` None takes it back. Raises BadInput."""
    must_be_of(session, assignment.course_id, whom)
    if isinstance(due, Keep) and isinstance(closes, Keep) and attempts is None:
        raise BadInput(
            Text(
                "무엇을 늘릴지 정하세요: 마감(due), 종료(closes), 횟수(attempts) 가운데 하나 이상.",
                "Say what to extend: due, closes or attempts, at least one.",
            )
        )
    if attempts is not None and not 0 <= attempts <= MOST_ATTEMPTS:
        raise BadInput(
            Text(
                f"추가 횟수는 0에서 {MOST_ATTEMPTS:,}까지입니다.",
                f"Between 0 and {MOST_ATTEMPTS:,} more attempts can be given.",
            )
        )
    must_fit(due, closes)
    person, group = (whom, None) if isinstance(whom, Person) else (None, whom)
    last = _last(session, assignment, person, group)
    row = Extension(
        assignment_id=assignment.id,
        person_id=person.id if person else None,
        group_id=group.id if group else None,
        due=(last.due if last else None) if isinstance(due, Keep) else due,
        closes=(last.closes if last else None) if isinstance(closes, Keep) else closes,
        attempts=(last.attempts if last else 0) if attempts is None else attempts,
        reason=as_kept(reason, LONGEST_REASON),
        author_id=audit.id_of(actor),
        created_at=at or now(session),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        "grant.extension",
        f"extension:{row.id}",
        assignment=assignment.id,
        person=row.person_id,
        group=row.group_id,
        due=row.due.isoformat() if row.due else None,
        closes=row.closes.isoformat() if row.closes else None,
        attempts=row.attempts,
    )
    return row


def extensions(session: Session, assignment: Assignment) -> Sequence[Extension]:
    """All of an assignment, the earliest first."""
    return session.scalars(select(Extension).filter_by(assignment_id=assignment.id).order_by(Extension.id)).all()


def _last(session: Session, assignment: Assignment, person: Person | None, group: Group | None) -> Extension | None:
    query = select(Extension).filter_by(
        assignment_id=assignment.id,
        person_id=person.id if person else None,
        group_id=group.id if group else None,
    )
    return session.scalars(query.order_by(Extension.id.desc()).limit(1)).first()


def must_fit(due: When, closes: When) -> None:
    """Raises BadInput for times without a zone, and for a due date after the close where both were said."""
    moments = [moment for moment in (due, closes) if isinstance(moment, datetime)]
    if any(moment.tzinfo is None for moment in moments):
        raise BadInput(Text("시각에 시간대가 없습니다.", "The time has no time zone."))
    for moment in moments:
        must_be_near(moment)
    if len(moments) == 2 and moments[0] > moments[1]:
        end, close = (words.moment(one, one.tzinfo or UTC) for one in moments)
        raise BadInput(
            Text(
                f"마감이 종료보다 늦습니다. 마감: {end.ko}, 종료: {close.ko}.",
                f"It would be due after it closes. Due: {end.en}, closes: {close.en}.",
            )
        )


# ------------------------------------------------------------------------------------------------ comments


def comment(
    session: Session,
    submission: Submission,
    words: str,
    *,
    cell: int | None = None,
    actor: Actor,
    at: datetime | None = None,
) -> Comment:
    """Says something about a submission, or about its cell of that index (from 0). Raises BadInput."""
    if cell is not None and cell < 0:
        raise BadInput(Text("셀은 0부터 셉니다.", "Cells count from 0."))
    row = Comment(
        submission_id=submission.id,
        cell=cell,
        text=as_kept(words, LONGEST_WORDS),
        author_id=audit.id_of(actor),
        created_at=at or now(session),
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "add.comment", f"comment:{row.id}", submission=submission.id, cell=cell)
    return row


def comment_counts(session: Session, submissions: Collection[int]) -> Mapping[int, int]:
    """By submission how many comments it has, of those that have any."""
    query = select(Comment.submission_id, func.count()).where(Comment.submission_id.in_(submissions))
    return {int(id): int(count) for id, count in session.execute(query.group_by(Comment.submission_id))}


def comments(session: Session, submission: Submission) -> Sequence[Comment]:
    """All of a submission, the earliest first."""
    return session.scalars(select(Comment).filter_by(submission_id=submission.id).order_by(Comment.id)).all()


# ------------------------------------------------------------------------------------- requests for a regrade


def open_request(
    session: Session, submission: Submission, person: Person, reason: str, *, at: datetime | None = None
) -> RegradeRequest:
    """The student asks for another look at their own submission. Raises BadInput for another's, or while an earlier
    request for it is open."""
    if submission.person_id != person.id:
        raise BadInput(
            Text(
                "자기 제출만 다시 봐 달라고 할 수 있습니다.",
                "You can ask for another look at your own submission only.",
            )
        )
    lock(session, f"regrade-request:{submission.id}")
    query = select(RegradeRequest.id).filter_by(submission_id=submission.id, decision=Decision.OPEN)
    if session.scalars(query).first() is not None:
        raise BadInput(
            Text(
                "이 제출에 대한 요청이 이미 있습니다. 답을 기다려 주세요.",
                "There is an open request for this submission already. Please wait for the answer.",
            )
        )
    row = RegradeRequest(
        submission_id=submission.id,
        person_id=person.id,
        reason=as_kept(reason, LONGEST_WORDS),
        decision=Decision.OPEN,
        created_at=at or now(session),
    )
    session.add(row)
    session.flush()
    audit.record(session, person, "open.regrade_request", f"regrade_request:{row.id}", submission=submission.id)
    return row


def accept(
    session: Session, request: RegradeRequest, answer: str, *, actor: Actor, at: datetime | None = None
) -> RegradeRequest:
    """The student was right. What follows (an override, a regrade) is a decision of its own. Raises BadInput where
    the request is decided already."""
    return _decide(session, request, Decision.ACCEPTED, answer, actor, at)


def decline(
    session: Session, request: RegradeRequest, answer: str, *, actor: Actor, at: datetime | None = None
) -> RegradeRequest:
    """The grade stays, and the answer says why. Raises BadInput where the request is decided already."""
    return _decide(session, request, Decision.DECLINED, answer, actor, at)


def open_requests(session: Session, course: Course) -> Sequence[RegradeRequest]:
    """What waits for an answer in the course, the earliest first."""
    query = (
        select(RegradeRequest)
        .join(Submission, Submission.id == RegradeRequest.submission_id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Assignment.course_id == course.id, RegradeRequest.decision == Decision.OPEN)
    )
    return session.scalars(query.order_by(RegradeRequest.id)).all()


def _decide(
    session: Session, request: RegradeRequest, decision: Decision, answer: str, actor: Actor, at: datetime | None
) -> RegradeRequest:
    row = session.get_one(RegradeRequest, request.id, populate_existing=True, with_for_update=True)
    if row.decision is not Decision.OPEN:
        raise BadInput(
            Text(
                f"이미 답한 요청입니다({row.decision.value}).",
                f"This request is answered already ({row.decision.value}).",
            )
        )
    row.decision, row.answer = decision, as_kept(answer, LONGEST_WORDS)
    row.decided_by, row.decided_at = audit.id_of(actor), at or now(session)
    verb = "accept" if decision is Decision.ACCEPTED else "decline"
    audit.record(session, actor, f"{verb}.regrade_request", f"regrade_request:{row.id}", submission=row.submission_id)
    return row


# -------------------------------------------------------------------------------------------------- pieces


def as_kept(said: str, longest: int) -> str:
    """What somebody wrote, as it is kept: not nothing, not endless. A database holds no NUL and no half letters. Raises
    BadInput."""
    found = said.encode("utf-8", "replace").decode().replace("\0", "").strip()
    if not found:
        raise BadInput(Text("이유를 적어 주세요.", "Say something: an empty text explains nothing."))
    if len(found) > longest:
        raise BadInput(
            Text(
                f"글이 {longest:,}자를 넘습니다. 줄여 주세요.",
                f"The text has more than {longest:,} letters. Shorten it.",
            )
        )
    return found


def must_be_of(session: Session, course_id: int, whom: Person | Group) -> None:
    """Raises BadInput for who is not in the course, or a group of another."""
    if isinstance(whom, Group):
        if whom.course_id != course_id:
            raise BadInput(Text("그 그룹은 다른 강좌의 것입니다.", "That group is in another course."))
        return
    course = session.get_one(Course, course_id)
    if people.membership(session, course, whom) is None:
        raise BadInput(
            Text(
                f"이 사람은 {course.key} 강좌에 없습니다.",
                f"This person is not in the course {course.key}.",
            )
        )
