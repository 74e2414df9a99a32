"""Attempts: answered, checked, ended. Each answer is kept at once; what was kept is never lost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.quizzes import cells, items, marking, refusals
from grader.course.quizzes.seen import GRACE, is_over
from grader.course.quizzes.views import Feedback, Item, Saved
from grader.course.submissions import Enqueue
from grader.errors import BadInput
from grader.quiz.answer import LONGEST_OF, MANY
from grader.quiz.question import Kind
from grader.store.database import now
from grader.store.quizzes import EndedBy, QuizAttempt, QuizItem, QuizMark, QuizMode, QuizRemark, QuizVersion
from grader.text import Text

LONGEST = 4_000  # characters of an answer that is kept, but for code
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
    _must_be_told(session, held, item, at)
    item.hints = min(item.hints + 1, int(item.posed["hints"]))
    session.flush()
    return items.opened(session, item)


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
    _must_be_told(session, held, item, at)
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
    """Ends the attempts whose time is over, as they stand; how many these were, at most so many at once. Those that
    somebody else holds are left for the next look: who waited for them would hold what their holder may want."""
    at = at or now(session)
    over = expired(at).order_by(QuizAttempt.deadline, QuizAttempt.id).limit(most)
    ids = session.scalars(over.with_for_update(skip_locked=True)).all()
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


# ---------------------------------------------------------------------------------------------------- pieces


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


def _must_be_told(session: Session, held: QuizAttempt, item: QuizItem, at: datetime) -> None:
    if held.mode is not QuizMode.GRADED and (refusal := refusals.untold(session, held, [item], at)):
        raise BadInput(refusal[item.position])


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
