"""Daily quests and the survey of `grader demo`: made-up people who come on some days, and what they think."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.assignment import Catalog
    from grader.store.database import Database
    from grader.store.models import Course, Person
    from grader.store.quizzes import QuizAttempt

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
DAYS = {"minji": (6, 5, 4, 2, 1), "junho": (4, 2, 1), "seoyeon": (3,)}  # so many days ago there was a quest
SKILL = 0.7
SAID = (
    {"overall": "5", "pace": "3", "difficulty": "4", "feedback": "5", "hours": "4-8", "hardest": "week-4"},
    {"overall": "4", "pace": "4", "difficulty": "4", "feedback": "5", "hours": "4-8", "hardest": "week-4"},
    {"overall": "4", "pace": "3", "feedback": "4", "quizzes": "4", "hours": "2-4", "change": "실습 시간을 더 주세요."},
    {"overall": "5", "pace": "3", "quizzes": "5", "confidence": "4", "keep": "틀린 곳을 바로 알려 주는 점."},
    {
        "overall": "3",
        "pace": "5",
        "difficulty": "5",
        "hours": "over-8",
        "hardest": "week-5",
        "change": "More examples.",
    },
    {"overall": "4", "pace": "4", "confidence": "3", "hardest": "week-4", "keep": "Reading code together."},
)


def quests(session: Session, folder: Path, course: Course, people: dict[str, Person]) -> int:
    """Lets `people` (by what stands before "@") do quests on earlier days; how many these were. `folder` is where
    published assignments are unpacked."""
    from grader.course import quests
    from grader.store.database import now

    at, count = now(session), 0
    for name, days in DAYS.items():
        for ago in days:
            when = at - ago * DAY
            if quests.plan(session, course, people[name], folder, at=when).chosen:
                row = quests.begin(session, course, people[name], folder, at=when)
                _sit(session, row, when, random.Random(f"{name} {ago}"))
                count += 1
    return count


def _sit(session: Session, attempt: QuizAttempt, start: datetime, rng: random.Random) -> None:
    from sqlalchemy import select

    from grader.commands import demo_quizzes
    from grader.course import quizzes
    from grader.store.quizzes import QuizItem

    rows = session.scalars(select(QuizItem).filter_by(attempt_id=attempt.id).order_by(QuizItem.position)).all()
    shown = quizzes.review(session, attempt, staff=True, at=start).items
    for number, (row, item) in enumerate(zip(rows, shown, strict=True), 1):
        knows = rng.random() < SKILL
        given = demo_quizzes.right(session, row) if knows else demo_quizzes.wrong(session, row, item, rng)
        quizzes.check(session, attempt, row.position, given, revision=0, at=start + number * MINUTE)
    quizzes.submit(session, attempt, at=start + (len(rows) + 1) * MINUTE)


def survey(database: Database, catalog: Catalog, names: list[str]) -> int:
    """Opens the survey, which these people answer; how many. One more than the last is left to answer."""
    from grader.course import people, surveys

    file = catalog.assignments / surveys.FILE
    if not file.is_file():
        return 0
    with database.write() as session:
        course = people.the_course(session)
        row = surveys.open_survey(session, course, file, actor="cli")
        ids = [people.member(session, course, f"{name}@example.com").person_id for name in names]
    for person, said in zip(ids, SAID, strict=False):
        surveys.answer(database, course.id, row.id, person, said)
    return min(len(ids), len(SAID))
