"""How attempts begin: drawn, posed and frozen, once however often somebody clicks."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course import people, receipts
from grader.course.quizzes import posing, refusals, seen, shelf
from grader.course.quizzes.attempts import settle
from grader.course.quizzes.rules import QuizRules
from grader.course.submissions import Refused
from grader.errors import BadInput
from grader.store.database import lock, now
from grader.store.models import Course, Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizSecret, QuizVersion
from grader.text import Text


@dataclass(frozen=True)
class Prepared:
    """The questions of an attempt that is about to start, and what they were posed for."""

    about: tuple[object, ...]
    receipt: str
    items: Sequence[QuizItem]


def prepare(session: Session, quiz: Quiz, person: Person, mode: QuizMode) -> Prepared | None:
    """Poses the questions of the person's next attempt, for `start`. That can take a second, in which `start` would
    keep all writers waiting: so it is to be called before, in a session that reads. None where there is nothing to
    pose, or nothing is known yet to pose it with."""
    secret = session.get(QuizSecret, quiz.course_id)
    if quiz.version_id is None or secret is None:
        return None
    earlier = _attempts(session, quiz, person, mode)
    if mode is QuizMode.GRADED and any(one.submitted_at is None for one in earlier):
        return None
    version, rules = session.get_one(QuizVersion, quiz.version_id), seen.held(session, quiz, person).rules
    receipt, number = receipts.new(), _next(earlier)
    items = _questions(session, quiz, version, rules, person, mode, number, receipt, bytes.fromhex(secret.secret))
    return Prepared(_about(version, rules, person, mode, number), receipt, items)


def start(
    session: Session,
    quiz: Quiz,
    person: Person,
    mode: QuizMode,
    *,
    token: str,
    prepared: Prepared | None = None,
    at: datetime | None = None,
) -> QuizAttempt:
    """Begins an attempt. The same token, and a graded attempt that still runs, is the same attempt. `prepared` is what
    `prepare` gave; it is used where nothing has changed since. Raises Refused where the rules do not allow one now,
    BadInput for a quiz without a version."""
    version = _version(session, quiz)
    course = session.get_one(Course, quiz.course_id)
    _must_belong(session, course, person)
    lock(session, f"quiz:{quiz.id}:{person.id}")
    at, token = at or now(session), _token(token, f"{quiz.id}:{mode.value}")
    found = session.scalars(select(QuizAttempt).filter_by(person_id=person.id, token=token)).first()
    if found is not None:
        return found
    earlier = _attempts(session, quiz, person, mode)
    held = seen.held(session, quiz, person)
    if mode is QuizMode.GRADED:
        for one in earlier:
            if one.submitted_at is None and not seen.is_over(one, at):
                return one
        for one in earlier:
            settle(session, one, at)
        if refusal := refusals.graded_refusal(held, len(earlier), at):
            raise Refused(refusal.text, refusal)
    elif text := refusals.practice_refusal(session, quiz, person, held.rules, at):
        raise Refused(text)
    number = _next(earlier)
    attempt = _begun(course, person, mode, number, token, at)
    attempt.quiz_id, attempt.version_id, attempt.title = quiz.id, version.id, dict(quiz.title)
    attempt.rules = held.rules.as_json()
    attempt.deadline = held.deadline(at) if mode is QuizMode.GRADED else None
    if prepared is not None and prepared.about == _about(version, held.rules, person, mode, number):
        attempt.receipt, items = prepared.receipt, prepared.items
    else:
        secret = _secret(session, course)
        items = _questions(session, quiz, version, held.rules, person, mode, number, attempt.receipt, secret)
    session.add(attempt)
    session.flush()
    for item in items:
        item.attempt_id = attempt.id
        session.add(item)
    session.flush()
    return attempt


def quest(
    session: Session,
    course: Course,
    person: Person,
    chosen: Sequence[tuple[QuizVersion, str]],
    *,
    title: Text,
    token: str,
    at: datetime | None = None,
) -> QuizAttempt:
    """Begins an attempt over questions (version, id) of several quizzes, with feedback at once. The same token is the
    same attempt. Raises BadInput for a question that there is not."""
    _must_belong(session, course, person)
    lock(session, f"quest:{course.id}:{person.id}")
    at, token = at or now(session), _token(token, "quest")
    found = session.scalars(select(QuizAttempt).filter_by(person_id=person.id, token=token)).first()
    if found is not None:
        return found
    number = 1 + (
        session.scalar(
            select(func.max(QuizAttempt.number)).filter_by(
                course_id=course.id, person_id=person.id, mode=QuizMode.QUEST
            )
        )
        or 0
    )
    attempt = _begun(course, person, QuizMode.QUEST, number, token, at)
    attempt.title, attempt.rules = title.as_json(), QuizRules().as_json()
    secret = _secret(session, course)
    session.add(attempt)
    session.flush()
    for position, (version, id) in enumerate(chosen, 1):
        book = shelf.book(session, version)
        question = book.question(id)
        if question is None:
            raise BadInput(Text(f"'{id[:80]}' 문제가 없습니다.", f"There is no question '{id[:80]}'."))
        words = [str(person.id), version.bank_version, attempt.receipt]
        item = posing.posed(book, version.id, question, position, words, secret)
        item.attempt_id = attempt.id
        session.add(item)
    session.flush()
    return attempt


# ---------------------------------------------------------------------------------------------------- pieces


def _version(session: Session, quiz: Quiz) -> QuizVersion:
    if quiz.version_id is None:
        raise BadInput(Text(f"{quiz.key} 퀴즈는 아직 나오지 않았습니다.", f"{quiz.key} is not published yet."))
    return session.get_one(QuizVersion, quiz.version_id)


def _must_belong(session: Session, course: Course, person: Person) -> None:
    if not person.active or people.membership(session, course, person) is None:
        raise Refused(
            Text(
                f"{course.key} 강좌에 등록되어 있지 않습니다. 강사에게 등록을 부탁하세요.",
                f"You are not in the course {course.key}. Ask your instructor to add you.",
            )
        )


def _attempts(session: Session, quiz: Quiz, person: Person, mode: QuizMode) -> Sequence[QuizAttempt]:
    query = select(QuizAttempt).filter_by(quiz_id=quiz.id, person_id=person.id, mode=mode)
    return session.scalars(query.order_by(QuizAttempt.number)).all()


def _next(earlier: Sequence[QuizAttempt]) -> int:
    return 1 + max((one.number for one in earlier), default=0)


def _about(version: QuizVersion, rules: QuizRules, person: Person, mode: QuizMode, number: int) -> tuple[object, ...]:
    """What decides the questions."""
    return version.id, rules, person.id, mode, number


def _questions(
    session: Session,
    quiz: Quiz,
    version: QuizVersion,
    rules: QuizRules,
    person: Person,
    mode: QuizMode,
    number: int,
    receipt: str,
    secret: bytes,
) -> list[QuizItem]:
    """Those of an attempt, posed; rows that belong to no session yet."""
    book = shelf.book(session, version)
    words = [str(person.id), version.bank_version, mode.value, str(number)]
    if mode is QuizMode.PRACTICE:
        words.append(receipt)
    rng = random.Random(hashlib.sha256("\0".join([secret.hex(), quiz.key, *words]).encode()).digest())
    chosen = posing.drawn(book.quiz.questions, rules.questions, rules.shuffle, rng)
    return [posing.posed(book, version.id, one, position, words, secret) for position, one in enumerate(chosen, 1)]


def _token(token: str, what: str) -> str:
    """A start's token as it is kept: one for each quiz and mode, whatever a form sends."""
    return hashlib.sha256(f"{what}\0{token or secrets.token_hex(16)}".encode("utf-8", "replace")).hexdigest()


def _begun(course: Course, person: Person, mode: QuizMode, number: int, token: str, at: datetime) -> QuizAttempt:
    return QuizAttempt(
        receipt=receipts.new(),
        course_id=course.id,
        person_id=person.id,
        mode=mode,
        number=number,
        token=token,
        started_at=at,
    )


def _secret(session: Session, course: Course) -> bytes:
    """What the course's seeds are made with, made when it is first needed."""
    found = session.get(QuizSecret, course.id)
    if found is None:
        lock(session, f"quiz-secret:{course.id}")
        found = session.get(QuizSecret, course.id, populate_existing=True)
    if found is None:
        found = QuizSecret(course_id=course.id, secret=secrets.token_hex(32))
        session.add(found)
        session.flush()
    return bytes.fromhex(found.secret)
