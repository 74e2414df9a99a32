"""The quizzes of `grader demo`: for practice and graded, taken by made-up people who know more or less."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.assignment import Catalog
    from grader.course.quizzes import Item
    from grader.store.models import Course, Person
    from grader.store.quizzes import QuizAttempt, QuizItem

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SKILL = {"minji": 0.95, "junho": 0.75, "seoyeon": 0.6, "doyun": 0.45, "haeun": 0.7, "jiwoo": 0.3}  # share that is right
SKIPPED = 0.1  # of what somebody does not know
LATE = "doyun"


@dataclass(frozen=True)
class Offer:
    """A quiz of the course: its rules, when it opens and is due (in days from now), and whether people have sat."""

    key: str
    rules: dict[str, Any]
    opens: float | None = None
    due: float | None = None
    closes: float | None = None
    taken: bool = False


OFFERS = (
    Offer("week1-history", {"practice": "always"}),
    Offer(
        "week2-linear-regression",
        {"graded": True, "minutes": 40, "attempts": 2, "late": "percent", "percent_a_day": 10},
        *(-10.0, -3.0, -1.0),
        taken=True,
    ),
    Offer(
        "week4-perceptron",
        {"graded": True, "minutes": 30, "attempts": 1, "questions": 8, "hints": True, "review": "after_due"},
        *(-1.0, 6.0, 6.0),
    ),
    Offer(
        "week4-backpropagation",
        {"graded": True, "minutes": 30, "attempts": 1, "questions": 10, "review": "score_only"},
        *(5.0, 12.0, 12.0),
    ),
)


def fill(session: Session, catalog: Catalog, course: Course, people: dict[str, Person]) -> int:
    """Publishes the quizzes that the folder has, and lets `people` (by what stands before "@") sit; how many attempts
    these were."""
    from grader.course import quizzes
    from grader.quiz.bank import Bank
    from grader.store.database import now

    bank, at, count = Bank(catalog.assignments / "quizzes", catalog.reference / "quizzes"), now(session), 0
    known = bank.ids()
    for offer in (one for one in OFFERS if one.key in known):
        quiz = quizzes.publish(
            session,
            course,
            bank,
            offer.key,
            actor="cli",
            rules=offer.rules,
            faults=(),  # the bank of this repository is proved by its tests
            opens=_from(at, offer.opens),
            due=_from(at, offer.due),
            closes=_from(at, offer.closes),
            at=at - 14 * DAY,
        )
        for name, skill in SKILL.items() if offer.taken else ():
            assert quiz.due is not None
            start = quiz.due + (DAY / 2 if name == LATE else -DAY)
            attempt = quizzes.start(session, quiz, people[name], quizzes.QuizMode.GRADED, token="demo", at=start)
            _sit(session, attempt, skill, start, random.Random(f"{name} {offer.key}"))
            count += 1
    return count


def _from(now: datetime, days: float | None) -> datetime | None:
    return None if days is None else now.replace(minute=0, second=0, microsecond=0) + days * DAY


def _sit(session: Session, attempt: QuizAttempt, skill: float, start: datetime, rng: random.Random) -> None:
    """Answers by a person who knows this share of it, and hands in."""
    from sqlalchemy import select

    from grader.course import quizzes
    from grader.store.quizzes import QuizItem

    rows = session.scalars(select(QuizItem).filter_by(attempt_id=attempt.id).order_by(QuizItem.position)).all()
    shown = quizzes.review(session, attempt, staff=True, at=start).items
    for number, (row, item) in enumerate(zip(rows, shown, strict=True), 1):
        knows = rng.random() < skill
        if not knows and rng.random() < SKIPPED:
            continue
        given = right(session, row) if knows else wrong(session, row, item, rng)
        at = start + number * MINUTE
        quizzes.save(session, attempt, row.position, given, revision=0, seconds=rng.uniform(15, 110), at=at)
    quizzes.submit(session, attempt, at=start + (len(rows) + 1) * MINUTE)


def right(session: Session, row: QuizItem) -> Any:
    """The key, in the words of the attempt."""
    from grader.course.quizzes import items
    from grader.quiz.question import Kind

    found = items.by_which(session, row)
    answer, alias = found.key.answer, {id: alias for alias, id in row.aliases.items()}
    if row.kind == Kind.CHOICE:
        return alias[answer if isinstance(answer, str) else answer[0]]
    if row.kind in (Kind.MULTIPLE, Kind.ORDER):
        return [alias[one] for one in answer]
    if row.kind == Kind.MATCH:
        # an id may stand on both sides, and means another option on each
        left = {id: alias for alias, id in row.aliases.items() if not alias.isdecimal()}
        right = {id: alias for alias, id in row.aliases.items() if alias.isdecimal()}
        return {left[one]: right[other] for one, other in answer.items()}
    if row.kind == Kind.TEXT and isinstance(answer, dict):
        return str(answer["accepted"][0])
    return found.key.solution if row.kind == Kind.CELL else repr(answer) if isinstance(answer, float) else str(answer)


def wrong(session: Session, row: QuizItem, item: Item, rng: random.Random) -> Any:
    """What somebody might say who does not know: an expected mistake, or anything that is there."""
    from grader.course.quizzes import items
    from grader.quiz.question import Kind

    options = [option.alias for option in item.options]
    if row.kind == Kind.CHOICE:
        return rng.choice([one for one in options if one != right(session, row)])
    if row.kind == Kind.MULTIPLE:
        return rng.sample(options, rng.randint(1, len(options) - 1))
    if row.kind == Kind.ORDER:
        return rng.sample(options, len(options))
    if row.kind == Kind.MATCH:
        return {option.alias: rng.choice(options) for option in item.left}
    expected = items.by_which(session, row).key.wrong
    if row.kind == Kind.CELL or not expected:
        return item.starter or rng.choice(("0", "1", "x"))
    return _typed(rng.choice(expected).value)


def _typed(value: Any) -> str:
    words: Sequence[Any] = value["accepted"] if isinstance(value, dict) else [value]
    return repr(words[0]) if isinstance(words[0], float) else str(words[0])
