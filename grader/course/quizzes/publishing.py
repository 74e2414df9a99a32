"""Quizzes put into a course, in versions that never change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from grader import misconception
from grader.course import decisions, publishing
from grader.course.publishing import KEEP, Keep, When
from grader.course.quizzes import shelf
from grader.course.quizzes.rules import QuizRules
from grader.course.quizzes.seen import held, is_over
from grader.errors import BadInput
from grader.quiz import lint
from grader.quiz.bank import Bank
from grader.quiz.lint import Fault
from grader.quiz.question import Quiz as Asked
from grader.store import audit, blobs
from grader.store.database import lock, now
from grader.store.models import Course, Group, Member, Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizExtension, QuizMode, QuizVersion
from grader.text import Text

Actor = Person | str
MOST_MORE = 1_000  # attempts or minutes


def prove(bank: Bank, key: str) -> list[Fault]:
    """What `grader quiz lint` says of a quiz, its cells' solutions left out. It takes a second or two, so it is to be
    asked for before a transaction begins. Raises BadQuiz."""
    return lint.lint(bank, misconception.topics(bank.public.parent), [key])


def publish(
    session: Session,
    course: Course,
    bank: Bank,
    key: str,
    *,
    actor: Actor,
    rules: Mapping[str, Any] | QuizRules | None = None,
    opens: When = KEEP,
    due: When = KEEP,
    closes: When = KEEP,
    weight: float | None = None,
    forced: str | None = None,
    faults: Sequence[Fault] | None = None,
    at: datetime | None = None,
) -> Quiz:
    """The version that attempts pose from now on; one that runs stays with its own. `faults` are what `prove` said
    before (None: it is asked here). The same content as now is the same version; rules, times and weight change where
    they are said. Raises BadInput where a fault is an error and `forced` gives no reason, or for rules that are none;
    BadQuiz for what cannot be read."""
    found = prove(bank, key) if faults is None else faults
    errors = [fault for fault in found if not fault.warning]
    if errors and not (forced or "").strip():
        raise _faulty(key, errors)
    asked = bank.load(key)
    if not asked.questions or not asked.keys:
        raise BadInput(Text(f"{key}에 문제나 정답이 없습니다.", f"{key} has no questions, or no keys."))
    lock(session, f"publish-quiz:{course.id}:{key}")
    row = _row(session, course, asked)
    schedule(session, row, actor=actor, rules=rules, opens=opens, due=due, closes=closes, weight=weight, at=at)
    version = _version(session, row, asked, shelf.pack(bank, key), forced if errors else None, actor, at)
    if row.version_id != version.id:
        row.version_id, row.title, row.week = version.id, asked.title.as_json(), asked.week
        session.flush()
        audit.record(
            session,
            actor,
            "publish.quiz",
            f"quiz:{row.id}",
            version=version.id,
            number=version.number,
            archive=version.archive,
            forced=version.forced is not None,
        )
    return row


def schedule(
    session: Session,
    quiz: Quiz,
    *,
    actor: Actor,
    rules: Mapping[str, Any] | QuizRules | None = None,
    opens: When = KEEP,
    due: When = KEEP,
    closes: When = KEEP,
    weight: float | None = None,
    at: datetime | None = None,
) -> None:
    """Changes when a quiz is open and by which rules. Attempts that run keep theirs, but for those that had no end at
    all: where the quiz has got one, so have they. Raises BadInput."""
    before = (quiz.opens, quiz.due, quiz.closes, quiz.policy, quiz.weight)
    quiz.opens = quiz.opens if isinstance(opens, Keep) else opens
    quiz.due = quiz.due if isinstance(due, Keep) else due
    quiz.closes = quiz.closes if isinstance(closes, Keep) else closes
    if isinstance(rules, QuizRules):
        quiz.policy = rules.as_json()
    elif rules is not None:
        read = QuizRules.from_json(rules).as_json()
        quiz.policy = {**quiz.policy, **{key: read[key] for key in rules}}
    quiz.weight = quiz.weight if weight is None else float(weight)
    publishing.must_be_in_order(quiz, ZoneInfo(session.get_one(Course, quiz.course_id).timezone))
    if not 0 <= quiz.weight < math.inf:
        raise BadInput(Text(f"비중 {weight}은(는) 0 이상이어야 합니다.", f"The weight {weight} must be 0 or more."))
    session.flush()
    if before != (quiz.opens, quiz.due, quiz.closes, quiz.policy, quiz.weight):
        _end_endless(session, quiz, at or now(session))
        audit.record(
            session,
            actor,
            "schedule.quiz",
            f"quiz:{quiz.id}",
            **{name: _iso(getattr(quiz, name)) for name in ("opens", "due", "closes")},
            policy=quiz.policy,
            weight=quiz.weight,
        )


def extend(
    session: Session,
    quiz: Quiz,
    whom: Person | Group,
    *,
    due: When = KEEP,
    closes: When = KEEP,
    attempts: int | None = None,
    minutes: int | None = None,
    reason: str,
    actor: Actor,
    at: datetime | None = None,
) -> QuizExtension:
    """Gives a person or a group more time, more attempts, or more minutes in each. What is not said stays as their
    last extension has it. An attempt of theirs that runs gets the time, too. Raises BadInput."""
    decisions.must_be_of(session, quiz.course_id, whom)
    if isinstance(due, Keep) and isinstance(closes, Keep) and attempts is None and minutes is None:
        raise BadInput(
            Text(
                "무엇을 늘릴지 정하세요: 마감(due), 종료(closes), 횟수(attempts), 시간(minutes) 가운데 하나 이상.",
                "Say what to extend: due, closes, attempts or minutes, at least one.",
            )
        )
    for more in (attempts, minutes):
        if more is not None and not 0 <= more <= MOST_MORE:
            raise BadInput(Text(f"0에서 {MOST_MORE:,}까지입니다.", f"It can be 0 to {MOST_MORE:,}."))
    decisions.must_fit(due, closes)
    person, group = (whom.id, None) if isinstance(whom, Person) else (None, whom.id)
    last = session.scalars(
        select(QuizExtension)
        .filter_by(quiz_id=quiz.id, person_id=person, group_id=group)
        .order_by(QuizExtension.id.desc())
        .limit(1)
    ).first()
    row = QuizExtension(
        quiz_id=quiz.id,
        person_id=person,
        group_id=group,
        due=(last.due if last else None) if isinstance(due, Keep) else due,
        closes=(last.closes if last else None) if isinstance(closes, Keep) else closes,
        attempts=(last.attempts if last else 0) if attempts is None else attempts,
        minutes=(last.minutes if last else 0) if minutes is None else minutes,
        reason=decisions.as_kept(reason, decisions.LONGEST_REASON),
        author_id=audit.id_of(actor),
        created_at=at or now(session),
    )
    session.add(row)
    session.flush()
    moved = _move_deadlines(session, quiz, row, at or now(session))
    audit.record(
        session,
        actor,
        "grant.quiz_extension",
        f"quiz_extension:{row.id}",
        quiz=quiz.id,
        person=person,
        group=group,
        due=_iso(row.due),
        closes=_iso(row.closes),
        attempts=row.attempts,
        minutes=row.minutes,
        attempts_moved=moved,
    )
    return row


def _move_deadlines(session: Session, quiz: Quiz, row: QuizExtension, at: datetime) -> list[int]:
    """Gives the running attempts of whom it concerns the new time, and never less than they had; their ids."""
    running = _running(quiz)
    if row.person_id is not None:
        running = running.where(QuizAttempt.person_id == row.person_id)
    else:
        members = select(Member.person_id).where(Member.group_id == row.group_id)
        running = running.where(QuizAttempt.person_id.in_(members))
    moved = []
    for attempt in session.scalars(running.with_for_update()):
        if is_over(attempt, at):  # whether or not anybody has ended it yet
            continue
        later = held(session, quiz, session.get_one(Person, attempt.person_id)).deadline(attempt.started_at)
        if attempt.deadline is not None and (later is None or later > attempt.deadline):
            attempt.deadline = later
            moved.append(attempt.id)
    session.flush()
    return moved


def _end_endless(session: Session, quiz: Quiz, at: datetime) -> None:
    """Gives running attempts without an end that of the quiz, or now where that is past already: else whoever never
    hands in would keep everybody from the answers."""
    for attempt in session.scalars(_running(quiz).where(QuizAttempt.deadline.is_(None)).with_for_update()):
        end = held(session, quiz, session.get_one(Person, attempt.person_id)).end
        attempt.deadline = None if end is None else max(end, at)
    session.flush()


def _running(quiz: Quiz) -> Select[QuizAttempt]:
    return (
        select(QuizAttempt)
        .where(QuizAttempt.quiz_id == quiz.id, QuizAttempt.mode == QuizMode.GRADED, QuizAttempt.submitted_at.is_(None))
        .order_by(QuizAttempt.id)
    )


def extensions(session: Session, quiz: Quiz) -> Sequence[QuizExtension]:
    """All of a quiz, the earliest first."""
    return session.scalars(select(QuizExtension).filter_by(quiz_id=quiz.id).order_by(QuizExtension.id)).all()


def the_quiz(session: Session, course: Course, key: str) -> Quiz:
    """The published quiz of that key. Raises BadInput, with the known ones."""
    known = {one.key: one for one in quizzes(session, course)}
    if key in known:
        return known[key]
    names = ", ".join(known) or "-"
    shown = "".join(letter if letter.isprintable() else "?" for letter in key[:80])
    raise BadInput(
        Text(
            f"{course.key} 강좌에 '{shown}' 퀴즈가 없습니다. 있는 퀴즈: {names}. 새로 내려면: grader quiz publish",
            f"There is no quiz '{shown}' in the course {course.key}. Known: {names}. To add one: grader quiz publish",
        )
    )


def quizzes(session: Session, course: Course) -> Sequence[Quiz]:
    """All of a course, in order."""
    query = select(Quiz).filter_by(course_id=course.id).order_by(Quiz.position, Quiz.id)
    return session.scalars(query).all()


# ---------------------------------------------------------------------------------------------------- pieces


def _row(session: Session, course: Course, asked: Asked) -> Quiz:
    """The course's row of it, made where there is none."""
    found = session.scalars(select(Quiz).filter_by(course_id=course.id, key=asked.id)).first()
    if found is None:
        found = Quiz(
            course_id=course.id,
            key=asked.id,
            title=asked.title.as_json(),
            week=asked.week,
            position=asked.week,
            weight=1.0,
            policy={},
        )
        session.add(found)
        session.flush()
    return found


def _version(
    session: Session, row: Quiz, asked: Asked, archive: bytes, forced: str | None, actor: Actor, at: datetime | None
) -> QuizVersion:
    """The version of this content: the current one where nothing changed."""
    current = None if row.version_id is None else session.get_one(QuizVersion, row.version_id)
    if current is not None and current.archive == blobs.name_of(archive):
        return current
    last = session.scalar(select(func.max(QuizVersion.number)).where(QuizVersion.quiz_id == row.id)) or 0
    version = QuizVersion(
        quiz_id=row.id,
        number=last + 1,
        bank_version=asked.version,
        archive=blobs.put(session, archive, at),
        max_points=round(math.fsum(asked.keys[question.id].weight for question in asked.questions), 6),
        forced=forced,
        author_id=audit.id_of(actor),
        created_at=at or now(session),
    )
    session.add(version)
    session.flush()
    return version


def _faulty(key: str, errors: Sequence[Fault]) -> BadInput:
    first = errors[0]
    said = Text(
        f"{key}에 오류가 {len(errors)}개 있어 내지 않았습니다. 첫째: {first.question}: {first.text.ko} "
        f'모두 보려면: grader quiz lint {key}. 그래도 내려면 이유를 남기세요: --force "이유"',
        f"{key} was not published, since it has {len(errors)} errors. The first: {first.question}: {first.text.en} "
        f'To see all: grader quiz lint {key}. To publish it all the same, leave the reason: --force "reason"',
    )
    return BadInput(said)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
