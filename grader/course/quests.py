"""The daily quest: a few questions a day, on what was taught last and on what somebody has to see again.

When a question is to be seen again is computed by FSRS from all that a person answered to it, in practice, in quests,
and in graded quizzes once those may be looked behind. Nothing of this is kept: as with grades, what follows from the
rows is computed from the rows, so that a corrected mark or a forgotten person leaves nothing behind. The day is that
of the course's time zone, and a quest is chosen from what was known at its midnight, so that looking again, or doing
something else meanwhile, changes nothing. Nothing of a quest counts for a grade, and a day without one costs nothing.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from fsrs import Card, Rating, Scheduler
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from grader.course import publishing, quizzes, teaching
from grader.course.quizzes import refusals, seen, shelf
from grader.course.quizzes.rules import QuizRules, Review
from grader.errors import BadInput, GraderError
from grader.quiz.question import Kind
from grader.report import Status, Verdict, Visibility
from grader.store.database import lock, now
from grader.store.models import Assignment, CheckRow, Course, Person, Run, Submission, Version
from grader.store.quests import Quest
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizSecret, QuizVersion
from grader.text import Text

AT_ONCE = 5  # questions of a quest
WEAK, DUE = 2, 2  # of these at most so many as long as there is something new
REST = 2  # days without a quest that end no run of them
GUESSED = (Kind.CHOICE, Kind.MULTIPLE)  # to be right once may be luck
TOLD = (Visibility.VISIBLE.value, Visibility.HIDDEN.value)  # checks that a student is told of
# a quest comes once a day, so nothing is asked again within minutes; the same answers give the same days; and a course
# lasts weeks, so everything comes back within one
LONGEST_DAYS = 30
SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False, maximum_interval=LONGEST_DAYS)
DAY = timedelta(days=1)


class Reason(StrEnum):
    """Why a question is in a quest."""

    WEAK = "weak"  # the latest report shows that its topic was not understood
    DUE = "due"  # it has to be seen again
    NEW = "new"  # of what was taught last


@dataclass(frozen=True)
class Known:
    """A question that can be asked."""

    version_id: int
    id: str
    topic: str
    week: int


@dataclass(frozen=True)
class Answered:
    """One answer that was marked; `share` is what it earned, 0 to 1."""

    question: str
    kind: str
    share: float
    hints: int
    at: datetime
    week: int


@dataclass(frozen=True)
class Memory:
    """What is known of a person and a question: when it was answered last, and on which day it is due again."""

    last: datetime
    due: date


@dataclass(frozen=True)
class Chosen:
    """A question of a quest, and why."""

    version_id: int
    question: str
    reason: Reason


@dataclass(frozen=True)
class Plan:
    """What a day's quest would ask. Where that is nothing, `next` is the day on which there will be something, as far
    as it is known."""

    day: date
    chosen: Sequence[Chosen]
    next: date | None


@dataclass(frozen=True)
class Past:
    """A quest that was begun: how many of its questions were answered, and how many of these right; None while the
    person is being graded."""

    day: date
    receipt: str
    questions: int
    answered: int
    right: int | None
    open: bool


@dataclass(frozen=True)
class Today:
    """Where a person stands today. `begun` is today's quest, `plan` what it would be while there is none; `past` are
    all, the latest first; `run` is how many days in a row had one, rests aside."""

    day: date
    begun: Past | None
    plan: Plan | None
    past: Sequence[Past]
    run: int


# ------------------------------------------------------------------------------------------------ pure functions


def rating(kind: str, share: float, hints: int) -> Rating:
    """How well somebody knew it. Right without help is easy where it could not be guessed."""
    if share >= 1:
        if hints:
            return Rating.Hard
        return Rating.Good if kind in GUESSED else Rating.Easy
    return Rating.Hard if share >= 0.5 and not hints else Rating.Again


def memories(answers: Iterable[Answered], zone: ZoneInfo) -> dict[str, Memory]:
    """By question, from all answers of one person."""
    cards: dict[str, Card] = {}
    for one in sorted(answers, key=lambda one: one.at):
        card = cards.get(one.question) or Card(card_id=0, due=one.at)
        cards[one.question], _ = SCHEDULER.review_card(
            card, rating(one.kind, one.share, one.hints), one.at.astimezone(UTC)
        )
    return {
        id: Memory(card.last_review, card.due.astimezone(zone).date())
        for id, card in cards.items()
        if card.last_review is not None
    }


def chapters(opened: Iterable[tuple[date, int]], worked: Iterable[tuple[date, int]], day: date) -> list[int]:
    """The weeks that were taught before that day, each from the day it opened or somebody worked on it; the one of
    yesterday's work first, then the one that opened last."""
    opened, worked = list(opened), list(worked)
    yesterday = sorted({week for when, week in worked if when == day - DAY}, reverse=True)
    since = sorted({(when, week) for when, week in [*opened, *worked] if when < day}, reverse=True)
    return list(dict.fromkeys([*yesterday, *(week for _, week in since)]))


def choose(
    pool: Iterable[Known],
    known: Mapping[str, Memory],
    weak: Mapping[str, datetime],
    weeks: Sequence[int],
    day: date,
    rng: random.Random,
) -> list[Chosen]:
    """The questions of a quest: of topics that were not understood (`weak`, since when) those not answered since, then
    those that are due, the longest first, then new ones of the weeks in their order; what is not due stays out."""
    mixed = sorted(pool, key=lambda one: one.id)
    rng.shuffle(mixed)
    topics = list(weak)
    again = [one for one in mixed if one.topic in weak and _before(known.get(one.id), weak[one.topic])]
    again.sort(key=lambda one: topics.index(one.topic))
    due = sorted(
        (one for one in mixed if one.id in known and known[one.id].due <= day), key=lambda one: known[one.id].due
    )
    new = [one for week in weeks for one in _spread(mixed, week) if one.id not in known]
    found: dict[str, Chosen] = {}
    for reason, some, most in (
        (Reason.WEAK, again, WEAK),
        (Reason.DUE, due, DUE),
        (Reason.NEW, new, AT_ONCE),
        (Reason.DUE, due, AT_ONCE),
        (Reason.WEAK, again, AT_ONCE),
    ):
        left = min(most, AT_ONCE - len(found))
        for one in [one for one in some if one.id not in found][:left]:
            found[one.id] = Chosen(one.version_id, one.id, reason)
    order = list(Reason)
    return sorted(found.values(), key=lambda one: order.index(one.reason))


def run(days: Collection[date], today: date) -> int:
    """How many of these days belong together up to today: between two of them, and since the last, are at most `REST`
    others."""
    count, last = 0, today
    for day in sorted((day for day in set(days) if day <= today), reverse=True):
        if (last - day).days > REST + 1:
            break
        count, last = count + 1, day
    return count


def _before(memory: Memory | None, since: datetime) -> bool:
    return memory is None or memory.last < since


def _spread(mixed: Sequence[Known], week: int) -> list[Known]:
    """Those of a week, one topic after the other."""
    topics: dict[str, list[Known]] = defaultdict(list)
    for one in mixed:
        if one.week == week:
            topics[one.topic].append(one)
    longest = max(map(len, topics.values()), default=0)
    return [some[place] for place in range(longest) for some in topics.values() if place < len(some)]


# ---------------------------------------------------------------------------------------------------- operations


def today(session: Session, course: Course, person: Person, folder: Path, *, at: datetime | None = None) -> Today:
    """Where a person stands; `folder` is where published assignments are unpacked."""
    at = at or now(session)
    day = _day(course, at)
    past = _past(session, course, person, at)
    begun = next((one for one in past if one.day == day), None)
    planned = plan(session, course, person, folder, at=at) if begun is None else None
    return Today(day, begun, planned, past, run([one.day for one in past if one.answered], day))


def begin(session: Session, course: Course, person: Person, folder: Path, *, at: datetime | None = None) -> QuizAttempt:
    """Today's quest; the one that was begun, where one was. An earlier one that was left open is ended: what was not
    answered in it comes again. Raises BadInput where nothing is to be asked."""
    at = at or now(session)
    day = _day(course, at)
    lock(session, f"quest:{course.id}:{person.id}")
    found = session.get(Quest, (course.id, person.id, day), populate_existing=True)
    if found is not None:
        return session.get_one(QuizAttempt, found.attempt_id)
    planned = plan(session, course, person, folder, at=at)
    if not planned.chosen:
        raise BadInput(nothing(planned))
    for row in session.scalars(_quests(course, person).where(QuizAttempt.submitted_at.is_(None))):
        quizzes.submit(session, row, at=at)
    chosen = [(session.get_one(QuizVersion, one.version_id), one.question) for one in planned.chosen]
    row = quizzes.quest(session, course, person, chosen, title=title(day), token=f"day:{course.id}:{day}", at=at)
    session.add(Quest(course_id=course.id, person_id=person.id, day=day, attempt_id=row.id))
    session.flush()
    return row


def plan(session: Session, course: Course, person: Person, folder: Path, *, at: datetime | None = None) -> Plan:
    """What today's quest would ask."""
    at = at or now(session)
    zone, day = ZoneInfo(course.timezone), _day(course, at)
    midnight = datetime.combine(day, time.min, zone).astimezone(UTC)
    query = select(Quiz, QuizVersion).join(QuizVersion, QuizVersion.id == Quiz.version_id)
    rows = [(quiz, version) for quiz, version in session.execute(query.where(Quiz.course_id == course.id))]
    pool = _pool(session, course, person, rows, at)
    answers = answered(session, course, person, midnight)
    known = memories(answers, zone)
    lessons = _lessons(session, course, folder)
    opened = [(one.opens, one.week) for one, _ in rows] + [(one.opens, lessons[id].week) for id, one in lessons.items()]
    submitted = select(Submission.assignment_id, Submission.received_at).where(
        Submission.person_id == person.id, Submission.received_at < midnight
    )
    worked = [(one.at, one.week) for one in answers]
    worked += [(when, lessons[id].week) for id, when in session.execute(submitted) if id in lessons]
    weeks = chapters(
        [(when.astimezone(zone).date(), week) for when, week in opened if when is not None],
        [(when.astimezone(zone).date(), week) for when, week in worked],
        day,
    )
    first = min((one.week for one in pool), default=0)
    weak = misunderstood(session, course, person, lessons, midnight)
    rng = _rng(session, course, person, day)
    chosen = choose(pool, known, weak, weeks or [first], day, rng)
    asked = {one.id for one in pool}
    later = [memory.due for id, memory in known.items() if id in asked and memory.due > day]
    later += [when.astimezone(zone).date() + DAY for when, _ in opened if when is not None and when > at]
    return Plan(day, chosen, min((when for when in later if when > day), default=None))


def answered(session: Session, course: Course, person: Person, before: datetime) -> list[Answered]:
    """All that a person answered and may know the marks of, before that time."""
    query = (
        select(QuizItem.question, QuizItem.kind, QuizItem.share, QuizItem.hints, QuizItem.answered_at)
        .add_columns(QuizAttempt.mode, QuizAttempt.submitted_at, QuizItem.version_id)
        .join(QuizAttempt, QuizAttempt.id == QuizItem.attempt_id)
        .where(
            QuizAttempt.person_id == person.id,
            QuizAttempt.course_id == course.id,
            QuizItem.share.is_not(None),
            QuizItem.answered_at < before,
            QuizItem.answer.is_not(None),
        )
    )
    told, found = _told(session, course), []
    for question, kind, share, hints, when, mode, ended, version in session.execute(query):
        week, ever, since = told[version]
        if mode is QuizMode.GRADED and (not ever or ended is None or max(ended, since or ended) >= before):
            continue
        found.append(Answered(question, kind, share, hints, when, week))
    return found


def misunderstood(
    session: Session, course: Course, person: Person, lessons: Mapping[int, Lesson], before: datetime
) -> dict[str, datetime]:
    """The topics that the person's latest report shows as not understood, the dearest first, since when: those of the
    misconceptions that it names; of a check that names none, those that its function is about."""
    latest = session.execute(
        select(Run, Submission.assignment_id, Submission.received_at)
        .join(Submission, Submission.id == Run.submission_id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(
            Assignment.course_id == course.id,
            Submission.person_id == person.id,
            Submission.received_at < before,
            Run.status == Status.GRADED.value,
            Run.committed_at < before,
        )
        .order_by(Submission.received_at.desc(), Run.committed_at.desc())
        .limit(1)
    ).first()
    if latest is None:
        return {}
    graded, assignment, when = latest
    named = {one["id"]: one["topic"]["id"] for one in (graded.rest or {}).get("misconceptions", ())}
    checks = select(CheckRow.name, CheckRow.misconception, CheckRow.max_points - CheckRow.points).where(
        CheckRow.run_id == graded.id, CheckRow.verdict == Verdict.FAILED.value, CheckRow.visibility.in_(TOLD)
    )
    lost: dict[str, float] = defaultdict(float)
    for name, belief, points in session.execute(checks):
        function = name.partition(".")[0].removeprefix("public_")
        of_function = lessons[assignment].topics.get(function, ()) if assignment in lessons else ()
        for topic in [named[belief]] if belief in named else of_function:
            lost[topic] += points
    return {topic: when for topic, _ in sorted(lost.items(), key=lambda one: (-one[1], one[0]))}


def title(day: date) -> Text:
    """What a day's quest is called."""
    return Text(f"오늘의 퀘스트 ({day.month}월 {day.day}일)", f"Today's quest ({day.day} {day:%B})")


def nothing(planned: Plan) -> Text:
    """What is said where there is nothing to ask."""
    if planned.next is None:
        return Text("오늘은 할 것이 없습니다. 배운 것을 잘 알고 있습니다.", "Nothing is due today: you are ahead.")
    return Text(
        f"오늘은 할 것이 없습니다. 다음 퀘스트는 {planned.next.month}월 {planned.next.day}일입니다.",
        f"Nothing is due today. The next quest is on {planned.next.day} {planned.next:%B}.",
    )


# -------------------------------------------------------------------------------------------------------- pieces


@dataclass(frozen=True)
class Lesson:
    """A published assignment: when it opens, its week, and by function the topics that its checks are about."""

    opens: datetime | None
    week: int
    topics: Mapping[str, frozenset[str]]


def _lessons(session: Session, course: Course, folder: Path) -> dict[int, Lesson]:
    query = select(Assignment, Version).join(Version, Version.id == Assignment.version_id)
    found = {}
    for row, version in session.execute(query.where(Assignment.course_id == course.id)):
        try:
            if not (folder / version.archive).is_dir():
                publishing.unpack(session, version, folder)
            week, topics = teaching.taught(folder / version.archive, row.key)
        except (GraderError, KeyError, OSError):
            continue  # an old archive without a suite teaches nothing that could be named
        found[row.id] = Lesson(row.opens, week, topics)
    return found


def _pool(
    session: Session, course: Course, person: Person, rows: Sequence[tuple[Quiz, QuizVersion]], at: datetime
) -> list[Known]:
    """What may be asked now: of quizzes that are open to practice, all but the cells, which take a while to mark."""
    found, others, under_way = [], seen.others(session, course), refusals.under_way(session, person.id, at)
    for quiz, version in rows:
        rules = QuizRules.from_json(quiz.policy)
        if refusals.practice_barred(quiz, rules, others[quiz.id], quiz.version_id in under_way.versions, at):
            continue
        found += [
            Known(version.id, question.id, question.topic, quiz.week)
            for question in shelf.book(session, version).quiz.questions
            if question.kind is not Kind.CELL
        ]
    return found


def _told(session: Session, course: Course) -> dict[int, tuple[int, bool, datetime | None]]:
    """By version of a quiz its week, whether graded attempts may ever be looked behind, and from when where not at
    once."""
    found, others = {}, seen.others(session, course)
    query = select(QuizVersion.id, Quiz).join(Quiz, Quiz.id == QuizVersion.quiz_id)
    for id, quiz in session.execute(query.where(Quiz.course_id == course.id)):
        rules = QuizRules.from_json(quiz.policy)
        start = seen.reviewed_from(quiz, rules, others[quiz.id])
        found[id] = quiz.week, rules.review is Review.AT_ONCE or start is not None, start
    return found


def _past(session: Session, course: Course, person: Person, at: datetime) -> list[Past]:
    hidden = bool(refusals.under_way(session, person.id, at))  # how many were right would tell which
    query = (
        select(Quest.day, QuizAttempt.receipt, QuizAttempt.submitted_at, func.count(QuizItem.position))
        .add_columns(
            func.count(QuizItem.position).filter(QuizItem.share.is_not(None), QuizItem.answer.is_not(None)),
            func.count(QuizItem.position).filter(QuizItem.share >= 1),
        )
        .join(QuizAttempt, QuizAttempt.id == Quest.attempt_id)
        .join(QuizItem, QuizItem.attempt_id == QuizAttempt.id)
        .where(Quest.course_id == course.id, Quest.person_id == person.id)
        .group_by(Quest.day, QuizAttempt.receipt, QuizAttempt.submitted_at)
        .order_by(Quest.day.desc())
    )
    return [
        Past(day, receipt, count, done, None if hidden else right, ended is None and done < count)
        for day, receipt, ended, count, done, right in session.execute(query)
    ]


def _quests(course: Course, person: Person) -> Select[QuizAttempt]:
    query = select(QuizAttempt).join(Quest, Quest.attempt_id == QuizAttempt.id)
    return query.where(Quest.course_id == course.id, Quest.person_id == person.id)


def _day(course: Course, at: datetime) -> date:
    return at.astimezone(ZoneInfo(course.timezone)).date()


def _rng(session: Session, course: Course, person: Person, day: date) -> random.Random:
    """Chance that is the same all day, and that nobody else can tell. A course has its secret as soon as anybody in it
    began a quiz."""
    found = session.get(QuizSecret, course.id)
    words = f"{found.secret if found else ''}:quest:{person.id}:{day}"
    return random.Random(hashlib.sha256(words.encode()).digest())
