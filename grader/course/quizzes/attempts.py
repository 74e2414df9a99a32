"""Attempts: begun, answered, ended. Each answer is kept at once; what was kept is never lost."""

from __future__ import annotations

import base64
import hashlib
import math
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course import people
from grader.course.policy import Refusal, Why
from grader.course.quizzes import cells, items, marking, posing, seen, shelf
from grader.course.quizzes.rules import Practice, QuizRules
from grader.course.quizzes.views import Feedback, Item, Saved
from grader.course.submissions import Enqueue, Refused
from grader.errors import BadInput
from grader.quiz.answer import LONGEST_OF, MANY
from grader.quiz.question import Kind
from grader.store.database import lock, now
from grader.store.models import Course, Person
from grader.store.quizzes import (
    EndedBy,
    Quiz,
    QuizAttempt,
    QuizExtension,
    QuizItem,
    QuizMark,
    QuizMode,
    QuizRemark,
    QuizSecret,
    QuizVersion,
)
from grader.text import Text

GRACE = timedelta(seconds=5)  # that an answer may be on its way
LONGEST = 4_000  # characters of an answer that is kept, but for code
TOKEN = 64
AT_ONCE = 50  # attempts that one look for expired ones ends


class Stale(BadInput):
    """Another tab or device has kept an answer since; `item` is what is kept."""

    def __init__(self, item: Item) -> None:
        super().__init__(
            Text(
                "다른 창이나 기기에서 이 답을 바꾸었습니다. 저장된 답을 확인하고 다시 답하세요.",
                "This answer was changed in another window or on another device. Look at what is kept, and answer "
                "again.",
            )
        )
        self.item = item

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.item,)


class Ended(BadInput):
    """The attempt is over; what was kept until then counts."""


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
    receipt, number = _receipt(), _next(earlier)
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
            if one.submitted_at is None and not is_over(one, at):
                return one
        for one in earlier:
            settle(session, one, at)
        if refusal := graded_refusal(held, len(earlier), at):
            raise Refused(refusal.text, refusal)
    elif text := practice_refusal(session, quiz, person, held.rules, at):
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


def save(
    session: Session,
    attempt: QuizAttempt,
    position: int,
    raw: object,
    *,
    revision: int,
    seconds: float = 0.0,
    at: datetime | None = None,
) -> Saved:
    """Keeps an answer as it was given; `revision` is that of the answer it replaces, `seconds` how long the person
    looked at the question since the last one. An empty answer takes it back. What cannot be read as an answer is kept
    as typed, and `said` tells why it is none. The same again changes nothing. Raises Stale where another tab has kept
    one since, Ended when it is over, BadInput for what no form sends; then nothing changes."""
    kept, at = _kept(raw), at or now(session)
    held, item = _open(session, attempt, position, at)
    _must_not_be_marked(held, item)
    _must_fit(item, kept)
    return _keep(session, held, item, kept, revision, seconds, at)


def flag(session: Session, attempt: QuizAttempt, position: int, on: bool, *, at: datetime | None = None) -> None:
    """Marks a question to come back to, for the taker alone. Raises as `save`."""
    _, item = _open(session, attempt, position, at or now(session))
    item.flagged = bool(on)
    session.flush()


def hint(session: Session, attempt: QuizAttempt, position: int, *, at: datetime | None = None) -> Sequence[Text]:
    """Opens one more hint; returns all that are open. Where there is no further one, those that there are. Raises
    BadInput where a graded attempt has none, else as `save`."""
    at = at or now(session)
    held, item = _open(session, attempt, position, at)
    if not items.hints_allowed(held):
        raise BadInput(Text("이 퀴즈에서는 힌트를 볼 수 없습니다.", "This quiz gives no hints."))
    _must_not_be_under_way(session, held, item, at)
    item.hints = min(item.hints + 1, int(item.posed["hints"]))
    session.flush()
    return items.hints(session, item)


def check(
    session: Session,
    attempt: QuizAttempt,
    position: int,
    raw: object,
    *,
    revision: int,
    seconds: float = 0.0,
    at: datetime | None = None,
    enqueue: Enqueue | None = None,
) -> Feedback:
    """Keeps an answer and marks it at once, in practice and in a quest. The first answer that can be read counts; once
    it is marked, the same again gives the same feedback. What is no answer is kept, costs nothing, and `said` tells
    why. A cell is marked by a worker (`enqueue` puts it in the queue; without one the queue finds it within seconds)
    and is pending until then. Raises as `save`, and BadInput in a graded attempt."""
    kept, at = _kept(raw), at or now(session)
    held, item = _open(session, attempt, position, at)
    if held.mode is QuizMode.GRADED:
        raise BadInput(Text("평가에서는 답을 미리 확인할 수 없습니다.", "A graded quiz is marked at its end."))
    _must_not_be_under_way(session, held, item, at)
    if item.marked_at is not None:
        if kept != item.answer:
            raise _marked_already()
        return items.answered(session, item)
    _must_fit(item, kept)
    saved = _keep(session, held, item, kept, revision, seconds, at)
    if item.answer is None or saved.said is not None:
        why = saved.said or Text("아직 답이 없습니다.", "There is no answer yet.")
        return Feedback(None, [why], None, None, item.topic)
    _mark(session, held, item, at, enqueue)
    session.flush()
    return items.answered(session, item)


def submit(
    session: Session, attempt: QuizAttempt, *, at: datetime | None = None, enqueue: Enqueue | None = None
) -> QuizAttempt:
    """Ends an attempt and marks it; one that has ended stays as it is. After its time it ends as of then."""
    at = at or now(session)
    held = _locked(session, attempt)
    if held.submitted_at is None:
        late = is_over(held, at)
        _end(session, held, EndedBy.TIME if late else EndedBy.SUBMITTED, at, enqueue)
    return held


def expire(session: Session, *, at: datetime | None = None, enqueue: Enqueue | None = None, most: int = AT_ONCE) -> int:
    """Ends the attempts whose time is over, as they stand; how many these were, at most so many at once."""
    at = at or now(session)
    ids = session.scalars(expired(at).order_by(QuizAttempt.deadline).limit(most)).all()
    return sum(settle(session, session.get_one(QuizAttempt, id), at, enqueue) for id in ids)


def expired(at: datetime) -> Any:
    """The ids of those whose time is over and that nobody has ended."""
    return select(QuizAttempt.id).where(QuizAttempt.submitted_at.is_(None), QuizAttempt.deadline < at - GRACE)


def settle(session: Session, attempt: QuizAttempt, at: datetime, enqueue: Enqueue | None = None) -> bool:
    """Ends an attempt whose time is over; whether it did."""
    if attempt.submitted_at is not None or not is_over(attempt, at):
        return False
    held = _locked(session, attempt)
    if held.submitted_at is not None or not is_over(held, at):
        return False
    _end(session, held, EndedBy.TIME, at, enqueue)
    return True


def is_over(attempt: QuizAttempt, at: datetime) -> bool:
    """Whether nothing is taken any more at that time, its grace included."""
    return attempt.submitted_at is not None or (attempt.deadline is not None and at > attempt.deadline + GRACE)


def under_way(session: Session, person: int, at: datetime) -> set[int]:
    """The versions of the quizzes that a person is being graded in: practice and quests tell nothing of them until
    that is over."""
    query = (
        select(QuizVersion.id, QuizAttempt)
        .join(QuizAttempt, QuizAttempt.quiz_id == QuizVersion.quiz_id)
        .where(QuizAttempt.person_id == person, QuizAttempt.mode == QuizMode.GRADED, QuizAttempt.submitted_at.is_(None))
    )
    return {version for version, attempt in session.execute(query) if not is_over(attempt, at)}


def graded_refusal(held: seen.Held, used: int, at: datetime) -> Refusal | None:
    """Why no graded attempt can be started then."""
    if not held.rules.graded:
        return Refusal(Why.CLOSED, Text("연습만 할 수 있는 퀴즈입니다.", "This quiz is for practice alone."))
    if held.window.opens is not None and at < held.window.opens:
        when = f"{held.window.opens.astimezone(held.zone):%Y-%m-%d %H:%M} ({held.zone})"
        text = Text(f"아직 시작할 수 없습니다. {when}에 열립니다.", f"This quiz opens at {when}.")
        return Refusal(Why.NOT_OPEN, text, held.window.opens)
    end = held.deadline(at)
    if end is not None and end <= at:
        return Refusal(
            Why.CLOSED,
            Text(
                "응시 기간이 끝났습니다. 사정이 있으면 강사에게 연장을 요청하세요.",
                "This quiz is closed. If you have a reason, ask the instructor for an extension.",
            ),
        )
    if held.attempts is not None and used >= held.attempts:
        return Refusal(
            Why.ATTEMPTS,
            Text(f"응시 횟수 {held.attempts}번을 모두 썼습니다.", f"All {held.attempts} attempts are used."),
        )
    return None


def practice_refusal(session: Session, quiz: Quiz, person: Person, rules: QuizRules, at: datetime) -> Text | None:
    """Why nobody can practise then; no one may while their own graded attempt runs."""
    running = any(not is_over(one, at) for one in _attempts(session, quiz, person, QuizMode.GRADED))
    zone = ZoneInfo(session.get_one(Course, quiz.course_id).timezone)
    return practice_barred(quiz, rules, seen.extended(session, quiz), zone, running, at)


def practice_barred(
    quiz: Quiz,
    rules: QuizRules,
    extensions: Sequence[QuizExtension],
    zone: ZoneInfo,
    running: bool,
    at: datetime,
) -> Text | None:
    """The same, of what is known already: all extensions of the quiz, and whether the person's own graded attempt
    runs."""
    if running:
        return Text(
            "평가를 치르는 동안에는 같은 퀴즈를 연습할 수 없습니다.",
            "The quiz cannot be practised while your graded attempt runs.",
        )
    if quiz.opens is not None and at < quiz.opens:
        when = f"{quiz.opens.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"
        return Text(f"아직 시작할 수 없습니다. {when}에 열립니다.", f"This quiz opens at {when}.")
    if seen.may_practise(quiz, rules, extensions, at):
        return None
    start = seen.practice_from(quiz, rules, extensions)
    if rules.practice is Practice.NEVER or start is None:
        return Text("이 퀴즈는 연습할 수 없습니다.", "This quiz cannot be practised.")
    when = f"{start.astimezone(zone):%Y-%m-%d %H:%M}"
    return Text(f"마감({when}) 뒤에 연습할 수 있습니다.", f"It can be practised after it is due ({when}).")


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
        receipt=_receipt(),
        course_id=course.id,
        person_id=person.id,
        mode=mode,
        number=number,
        token=token,
        started_at=at,
    )


def _receipt() -> str:
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")


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


def _locked(session: Session, attempt: QuizAttempt) -> QuizAttempt:
    """The attempt as it is now; nobody else changes it before this transaction ends."""
    return session.get_one(QuizAttempt, attempt.id, populate_existing=True, with_for_update=True)


def _open(session: Session, attempt: QuizAttempt, position: int, at: datetime) -> tuple[QuizAttempt, QuizItem]:
    """The attempt, locked, and one of its questions. Raises Ended or BadInput."""
    held = _locked(session, attempt)
    if held.submitted_at is not None:
        raise Ended(
            Text(
                "이미 제출한 응시입니다. 그때까지 저장된 답이 남아 있습니다.",
                "This attempt is handed in already. What was kept until then counts.",
            )
        )
    if is_over(held, at):
        raise Ended(
            Text(
                "시간이 끝났습니다. 그때까지 저장된 답으로 채점합니다.",
                "The time is over. What was kept until then is marked.",
            )
        )
    item = None
    if isinstance(position, int) and not isinstance(position, bool) and 0 < position < 10_000:
        item = session.get(QuizItem, (held.id, position), populate_existing=True)
    if item is None:
        raise BadInput(Text("그런 번호의 문제가 없습니다.", "There is no question of that number."))
    return held, item


def _kept(raw: object) -> Any:
    """An answer as it can be kept: a text, texts, or a mapping of texts; None for an empty one. Raises BadInput."""
    if raw is None:
        return None
    if isinstance(raw, str):
        return _text(raw) if raw.strip() else None
    parts: list[object] = []
    if isinstance(raw, Mapping):
        parts = [*raw.keys(), *raw.values()]
    elif isinstance(raw, (list, tuple)):
        parts = list(raw)
    if not isinstance(raw, (Mapping, list, tuple)) or not all(isinstance(part, str) for part in parts):
        raise BadInput(Text("읽을 수 없는 형식의 답입니다.", "An answer is a text, texts, or pairs of texts."))
    if len(parts) > 2 * MANY:
        raise _too_long()
    if isinstance(raw, Mapping):
        pairs = {_text(str(left)): _text(str(right)) for left, right in raw.items()}
        return pairs if any(right.strip() for right in pairs.values()) else None
    texts = [_text(str(part)) for part in raw]
    return texts if any(text.strip() for text in texts) else None


def _text(raw: str) -> str:
    """No database holds NUL or half letters."""
    if len(raw) > LONGEST_OF[Kind.CELL]:
        raise _too_long()
    return raw.replace("\0", "").encode("utf-8", "replace").decode()


def _must_fit(item: QuizItem, kept: Any) -> None:
    texts = [kept] if isinstance(kept, str) else [*(kept or ()), *(kept.values() if isinstance(kept, dict) else ())]
    if sum(map(len, texts)) > (LONGEST_OF[Kind.CELL] if item.kind == Kind.CELL.value else LONGEST):
        raise _too_long()


def _too_long() -> BadInput:
    return BadInput(
        Text("답이 너무 길어 저장하지 않았습니다. 줄여 주세요.", "The answer is too long and was not kept. Shorten it.")
    )


def _must_not_be_marked(held: QuizAttempt, item: QuizItem) -> None:
    if held.mode is not QuizMode.GRADED and item.marked_at is not None:
        raise _marked_already()


def _marked_already() -> BadInput:
    return BadInput(
        Text(
            "이미 확인한 문제입니다. 다시 풀려면 새로 연습하세요.",
            "This question is marked already. Begin another practice to try it again.",
        )
    )


def _must_not_be_under_way(session: Session, held: QuizAttempt, item: QuizItem, at: datetime) -> None:
    if held.mode is not QuizMode.GRADED and item.version_id in under_way(session, held.person_id, at):
        raise BadInput(
            Text(
                "같은 퀴즈의 평가를 치르는 동안에는 확인할 수 없습니다. 평가를 먼저 마치세요.",
                "You are in the middle of a graded attempt at the same quiz. Finish that first.",
            )
        )


def _keep(
    session: Session, held: QuizAttempt, item: QuizItem, kept: Any, revision: int, seconds: float, at: datetime
) -> Saved:
    said = items.unreadable(item, kept)
    if kept == item.answer and revision in (item.revision, item.revision - 1):
        return Saved(item.revision, item.answered_at or at, said)
    if revision != item.revision:
        raise Stale(items.item(session, held, item, feedback=False))
    item.answer, item.revision = kept, item.revision + 1
    item.answered_at = max(at, held.started_at, item.answered_at or at)
    item.seconds += _seconds(seconds)
    session.flush()
    return Saved(item.revision, item.answered_at, said)


def _seconds(given: object) -> float:
    """What a browser says of time is for statistics alone."""
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not math.isfinite(given):
        return 0.0
    return min(max(float(given), 0.0), 3600.0)


def _end(session: Session, held: QuizAttempt, how: EndedBy, at: datetime, enqueue: Enqueue | None) -> None:
    end = held.deadline if how is EndedBy.TIME else at
    held.ended = how
    held.submitted_at = max(end or at, held.started_at)
    by = _corrected_by(session, held)
    for item in session.scalars(select(QuizItem).filter_by(attempt_id=held.id).order_by(QuizItem.position)):
        if item.marked_at is None:
            _mark(session, held, item, at, enqueue, by)
    session.flush()


def _corrected_by(session: Session, held: QuizAttempt) -> QuizVersion | None:
    """The version of the last key correction that was committed while this graded attempt ran: nobody marks it again
    afterwards, so it is marked by that at once."""
    if held.mode is not QuizMode.GRADED or held.quiz_id is None:
        return None
    query = (
        select(QuizVersion)
        .join(QuizRemark, QuizRemark.version_id == QuizVersion.id)
        .where(QuizRemark.quiz_id == held.quiz_id, QuizRemark.committed_at >= held.started_at)
        .order_by(QuizRemark.committed_at.desc(), QuizVersion.number.desc())
    )
    return session.scalars(query.limit(1)).first()


def _mark(
    session: Session,
    held: QuizAttempt,
    item: QuizItem,
    at: datetime,
    enqueue: Enqueue | None,
    by: QuizVersion | None = None,
) -> None:
    """The mark of an answer as it stands, or the job that gives it; by another version than its own where that can mark
    it."""
    values = None if by is None or by.id == item.version_id else marking.values_by(session, item, by)
    version = item.version_id if by is None or values is None else by.id
    if values is not None:
        item.values = dict(values)
    row = QuizMark(attempt_id=held.id, position=item.position, batch=None, version_id=version, share=None, at=at)
    session.add(row)
    item.marked_at, item.marked_by = at, version
    mark = marking.marked(session, item, version)
    if mark is None:
        cells.ask(session, row, held.person_id, at, enqueue)
        return
    row.share, row.said, row.committed_at = mark.share, [text.as_json() for text in mark.said], at
    item.share, item.said = row.share, row.said
