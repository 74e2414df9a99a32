"""Key corrections: attempts marked again by another version, first in the shadow, then for good."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.quizzes import cells, grading, marking
from grader.course.quizzes.views import Change, ItemChange, Progress
from grader.course.submissions import Enqueue, before_many
from grader.errors import BadInput
from grader.store import audit
from grader.store.database import lock, now
from grader.store.models import Course, Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMark, QuizMode, QuizRemark, QuizVersion
from grader.text import Text

Actor = Person | str
NAMED = 10  # of those who are new in a preview


class NotShown(BadInput):
    """A commit would change other grades than whoever decides has been shown: `catch_up`, and show it again."""


def remark(
    session: Session,
    quiz: Quiz,
    version: QuizVersion | None = None,
    *,
    actor: Actor,
    enqueue: Enqueue | None = None,
    at: datetime | None = None,
) -> str:
    """Marks every ended graded attempt again by a version (the current one where None), in the shadow; returns the
    batch. Nobody's grade changes before `commit`. Answers that this version marked already, or cannot mark, keep
    their mark. Raises BadInput where there is nothing to mark."""
    lock(session, f"remark:{quiz.id}")
    at = at or now(session)
    by = version or session.get_one(QuizVersion, quiz.version_id)
    if by.quiz_id != quiz.id:
        raise BadInput(Text("다른 퀴즈의 버전입니다.", "That version is another quiz's."))
    rows = session.execute(_answers(quiz).where(QuizItem.marked_by != by.id)).all()
    if not rows:
        raise BadInput(
            Text(
                f"버전 {by.number}(으)로 다시 채점할 답이 없습니다. 정답을 고친 퀴즈를 먼저 내세요: "
                f"grader quiz publish {quiz.key}",
                f"Version {by.number} has nothing to mark again. Publish the mended quiz first: "
                f"grader quiz publish {quiz.key}",
            )
        )
    batch = uuid.uuid4().hex
    author = audit.id_of(actor)
    session.add(QuizRemark(batch=batch, quiz_id=quiz.id, version_id=by.id, author_id=author, created_at=at))
    session.flush()
    marked = 0
    before_many(session)
    for person, item in rows:
        marked += _shadow(session, item, by, batch, person, at, enqueue)
    session.flush()
    audit.record(
        session,
        actor,
        "plan.quiz_remark",
        f"quiz:{quiz.id}",
        batch=batch,
        version=by.id,
        marks=marked,
        skipped=len(rows) - marked,
    )
    return batch


def progress(session: Session, batch: str) -> Progress:
    """How far it is. Raises BadInput for an unknown one."""
    row = _the(session, batch)
    counts = select(func.count(), func.count(QuizMark.share)).where(QuizMark.batch == batch)
    total, marked = session.execute(counts).one()
    return Progress(
        batch,
        row.quiz_id,
        row.version_id,
        marked,
        total - marked,
        _skipped(session, row),
        row.committed_at,
        row.discarded_at,
    )


def compare(session: Session, batch: str) -> list[Change]:
    """Who would have another grade if these marks counted, by name."""
    row = _the(session, batch)
    quiz = session.get_one(Quiz, row.quiz_id)
    course = session.get_one(Course, quiz.course_id)
    items = _item_changes(session, batch)
    before = grading.of_course(session, course, quiz=quiz, people=items)
    after = {one.person_id: found for one, found in grading.of_course(session, course, items, quiz=quiz, batch=batch)}
    found = []
    for member, grades in before:
        old, new = grades.get(quiz.key), after[member.person_id].get(quiz.key)
        if old is not None and new is not None and (old.score, old.status) != (new.score, new.status):
            found.append(Change(member.person, old, new, items[member.person_id]))
    return found


def word_for(changes: Sequence[Change]) -> str:
    """A word for these changes and whom they concern, to be given back to `commit`."""
    lines = [f"{one.person.id}:{one.before.score}:{one.before.status}:{one.after.score}" for one in changes]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    return f"{digest}:{','.join(str(one.person.id) for one in changes)}"


def catch_up(session: Session, batch: str, *, enqueue: Enqueue | None = None, at: datetime | None = None) -> int:
    """Marks what was not marked yet when the correction was tried, in the shadow as well; how many answers these
    were. Nothing is to be caught up with once it counts or is dropped."""
    lock(session, f"quiz-batch:{batch}")
    row = _the(session, batch)
    if row.committed_at is not None or row.discarded_at is not None:
        return 0
    quiz, by = session.get_one(Quiz, row.quiz_id), session.get_one(QuizVersion, row.version_id)
    done = select(QuizMark.id).where(
        QuizMark.batch == row.batch,
        QuizMark.attempt_id == QuizItem.attempt_id,
        QuizMark.position == QuizItem.position,
    )
    rows = session.execute(_ended(quiz).where(QuizItem.marked_by != by.id, ~done.exists())).all()
    before_many(session)
    found = sum(_shadow(session, item, by, batch, person, at or now(session), enqueue) for person, item in rows)
    session.flush()
    return found


def commit(
    session: Session,
    batch: str,
    *,
    actor: Actor,
    shown: str,
    enqueue: Enqueue | None = None,
    at: datetime | None = None,
) -> list[Change]:
    """From now on these marks count; returns whose grade changed. What still runs will be marked by this version when
    it ends. Twice changes nothing more. `shown` is the word for what whoever decides has looked at. Raises NotShown
    where other grades would change, as of who has handed in since; BadInput while cells are being marked, or for a
    correction that was dropped."""
    lock(session, f"quiz-batch:{batch}")
    row = _the(session, batch)
    if row.committed_at is not None:
        return []
    if row.discarded_at is not None:
        raise BadInput(Text("이미 버린 재채점입니다.", "This correction was dropped."))
    lock(session, f"remark:{row.quiz_id}")
    if _overtaken(session, row):
        raise BadInput(
            Text(
                "이 재채점을 만든 뒤에 다른 재채점이 반영되었습니다. 이것은 버리고 새로 재채점하세요.",
                "Another correction was made to count after this one was begun. Drop this one and mark again.",
            )
        )
    at, by = at or now(session), session.get_one(QuizVersion, row.version_id)
    running = select(QuizAttempt.id).where(QuizAttempt.quiz_id == row.quiz_id, QuizAttempt.submitted_at.is_(None))
    session.execute(running.order_by(QuizAttempt.id).with_for_update())  # who ends now was here before, or is after
    late = catch_up(session, batch, enqueue=enqueue, at=at)
    changes = compare(session, batch)
    if shown != word_for(changes):
        raise _not_shown(changes, shown)
    state = progress(session, batch)
    if not state.complete:
        text = Text(
            f"아직 {state.waiting}개를 채점하고 있습니다. 끝난 뒤에 다시 하세요.",
            f"{state.waiting} answers are still being marked. Try again when they are.",
        )
        raise NotShown(text) if late else BadInput(text)
    row.committed_at = at
    for mark in session.scalars(select(QuizMark).where(QuizMark.batch == batch, QuizMark.share.is_not(None))):
        item = session.get_one(QuizItem, (mark.attempt_id, mark.position), populate_existing=True)
        item.values = dict(marking.values_by(session, item, by) or item.values)
        item.share, item.said, item.marked_by, item.marked_at = mark.share, mark.said, mark.version_id, at
        mark.committed_at = at
    session.flush()
    audit.record(
        session,
        actor,
        "commit.quiz_remark",
        f"quiz:{row.quiz_id}",
        batch=batch,
        version=row.version_id,
        changed={str(one.person.id): [one.before.score, one.after.score] for one in changes},
    )
    return changes


def discard(session: Session, batch: str, *, actor: Actor, at: datetime | None = None) -> None:
    """Drops it; its marks never count. Raises BadInput for one that counts already."""
    lock(session, f"quiz-batch:{batch}")
    row = _the(session, batch)
    if row.committed_at is not None:
        raise BadInput(Text("이미 반영된 재채점입니다.", "This correction counts already."))
    if row.discarded_at is None:
        row.discarded_at = at or now(session)
        cells.call_off(session, batch)
        session.flush()
        audit.record(session, actor, "discard.quiz_remark", f"quiz:{row.quiz_id}", batch=batch)


def remarks(session: Session, quiz: Quiz) -> Sequence[QuizRemark]:
    """The corrections of a quiz, the latest first."""
    query = select(QuizRemark).filter_by(quiz_id=quiz.id)
    return session.scalars(query.order_by(QuizRemark.created_at.desc(), QuizRemark.batch)).all()


def the_batch(session: Session, quiz: Quiz, words: str) -> str:
    """The correction of this quiz whose name begins like this. Raises BadInput where there is none, or more than
    one."""
    start = words.strip().lower()
    query = select(QuizRemark.batch).filter_by(quiz_id=quiz.id)
    found = session.scalars(query.where(QuizRemark.batch.startswith(start, autoescape=True)).limit(2)).all()
    if len(start) >= 4 and len(found) == 1:
        return found[0]
    raise BadInput(
        Text(
            "그 이름으로 시작하는 정정이 하나로 정해지지 않습니다. 네 글자 이상 적어 주세요.",
            "That does not begin the name of exactly one correction. Give at least four letters of it.",
        )
    )


# ---------------------------------------------------------------------------------------------------- pieces


def _shadow(
    session: Session,
    item: QuizItem,
    by: QuizVersion,
    batch: str,
    person: int,
    at: datetime,
    enqueue: Enqueue | None,
) -> int:
    """The mark of one answer by that version; 1, or 0 where it cannot mark it."""
    found = marking.values_by(session, item, by)
    if found is None:
        return 0
    mark = marking.marked(session, item, by.id, found)
    row = QuizMark(attempt_id=item.attempt_id, position=item.position, batch=batch, version_id=by.id, at=at)
    if mark is not None:
        row.share, row.said = mark.share, [text.as_json() for text in mark.said]
    session.add(row)
    if mark is None:
        cells.ask(session, row, person, at, enqueue)
    return 1


def _not_shown(changes: Sequence[Change], shown: str) -> NotShown:
    """Says who was not in what was shown."""
    known = set(shown.partition(":")[2].split(","))
    new = [one.person.name or one.person.email for one in changes if str(one.person.id) not in known]
    names = ", ".join(new[:NAMED]) + (" …" if len(new) > NAMED else "")
    said = Text(
        "그 사이에 결과가 달라졌습니다. 다시 보고 정해 주세요.",
        "The outcome has changed meanwhile. Look again before you decide.",
    )
    if new:
        said += Text(f"그 뒤에 제출해 점수가 바뀌는 사람: {names}.", f"New, having handed in since: {names}.")
    return NotShown(said)


def _overtaken(session: Session, row: QuizRemark) -> bool:
    """Whether marks of another correction count since: these would put older ones in their place."""
    query = select(QuizRemark.batch).where(
        QuizRemark.quiz_id == row.quiz_id, QuizRemark.batch != row.batch, QuizRemark.committed_at > row.created_at
    )
    return session.scalars(query.limit(1)).first() is not None


def _answers(quiz: Quiz) -> Any:
    """The marked answers of ended graded attempts, each with its person, in order."""
    return _ended(quiz).where(QuizItem.share.is_not(None))


def _ended(quiz: Quiz) -> Any:
    """All answers of them, also those that wait for a worker."""
    return (
        select(QuizAttempt.person_id, QuizItem)
        .join(QuizItem, QuizItem.attempt_id == QuizAttempt.id)
        .join(Person, Person.id == QuizAttempt.person_id)
        .where(
            QuizAttempt.quiz_id == quiz.id,
            QuizAttempt.mode == QuizMode.GRADED,
            QuizAttempt.submitted_at.is_not(None),
            Person.forgotten_at.is_(None),
        )
        .order_by(QuizItem.attempt_id, QuizItem.position)
    )


def _skipped(session: Session, row: QuizRemark) -> Mapping[str, int]:
    """By question, the answers that the version could not mark."""
    if row.committed_at is not None or row.discarded_at is not None:
        return {}
    quiz = session.get_one(Quiz, row.quiz_id)
    here = select(QuizMark.attempt_id, QuizMark.position).where(QuizMark.batch == row.batch)
    done = {(attempt, position) for attempt, position in session.execute(here)}
    rows = session.execute(
        _answers(quiz).where(QuizItem.marked_by != row.version_id, QuizItem.marked_at <= row.created_at)
    )
    return Counter(item.question for _, item in rows if (item.attempt_id, item.position) not in done)


def _item_changes(session: Session, batch: str) -> dict[int, list[ItemChange]]:
    """By person, the answers whose share would change."""
    query = (
        select(QuizAttempt.person_id, QuizAttempt.receipt, QuizItem.position, QuizItem.question, QuizItem.share)
        .add_columns(QuizMark.share.label("after"))
        .select_from(QuizMark)
        .join(QuizAttempt, QuizAttempt.id == QuizMark.attempt_id)
        .join(QuizItem, (QuizItem.attempt_id == QuizMark.attempt_id) & (QuizItem.position == QuizMark.position))
        .where(QuizMark.batch == batch, QuizMark.share.is_distinct_from(QuizItem.share))
        .order_by(QuizMark.attempt_id, QuizMark.position)
    )
    found: dict[int, list[ItemChange]] = defaultdict(list)
    for person, receipt, position, question, before, after in session.execute(query):
        found[person].append(ItemChange(receipt, position, question, before, after))
    return found


def _the(session: Session, batch: str) -> QuizRemark:
    found = session.get(QuizRemark, batch)
    if found is None:
        raise BadInput(Text("그런 정정이 없습니다.", "There is no such correction."))
    return found
