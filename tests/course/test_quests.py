"""The daily quest: what is asked when, from what somebody answered, and once a day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from course.quizzes.hall import DAY, HOUR, NOON, Hall, hall
from course.world import World, report
from fsrs import Rating
from sqlalchemy import select

from grader.course import people, quests, quizzes
from grader.course.quests import Answered, Known, Memory, Reason
from grader.course.quizzes import QuizMode
from grader.errors import BadInput
from grader.misconception import Misconception, Topic
from grader.quiz.question import Kind
from grader.report import Visibility
from grader.store.models import Person
from grader.store.quests import Quest
from grader.store.quizzes import QuizAttempt, QuizItem
from grader.text import Text

__all__ = ["hall"]
SEOUL = ZoneInfo("Asia/Seoul")
MONDAY = date(2026, 3, 2)
PRACTICE = {"graded": False, "practice": "always", "shuffle": False}


def answer(question: str, share: float, days: float = 0, *, kind: str = "number", hints: int = 0) -> Answered:
    return Answered(question, kind, share, hints, NOON + days * DAY, 4)


def due(*answers: Answered) -> dict[str, int]:
    """After how many days from Monday each question is due."""
    return {id: (one.due - MONDAY).days for id, one in quests.memories(answers, SEOUL).items()}


# ------------------------------------------------------------------------------------------------ when it comes again


@pytest.mark.parametrize(
    ("kind", "share", "hints", "expected"),
    [
        ("number", 1.0, 0, Rating.Easy),
        ("choice", 1.0, 0, Rating.Good),  # it may have been luck
        ("number", 1.0, 1, Rating.Hard),
        ("multiple", 0.5, 0, Rating.Hard),
        ("multiple", 0.5, 1, Rating.Again),
        ("match", 0.25, 0, Rating.Again),
        ("number", 0.0, 0, Rating.Again),
    ],
)
def test_how_well_somebody_knew_it(kind: str, share: float, hints: int, expected: Rating) -> None:
    assert quests.rating(kind, share, hints) is expected


def test_what_was_missed_comes_the_next_day_and_what_was_known_later() -> None:
    found = due(
        answer("missed", 0), answer("chosen", 1, kind="choice"), answer("typed", 1), answer("helped", 1, hints=1)
    )
    assert found["missed"] == found["helped"] == 1
    assert 1 < found["chosen"] < found["typed"]


def test_each_time_it_is_known_it_comes_later_but_within_the_course() -> None:
    one = [answer("q", 1, 0, kind="choice")]
    two = [*one, answer("q", 1, 2, kind="choice")]
    three = [*two, answer("q", 1, 14, kind="choice")]
    gaps = [due(*some)["q"] - round((some[-1].at - NOON) / DAY) for some in (one, two, three)]
    assert gaps == sorted(set(gaps))
    assert gaps[-1] <= quests.LONGEST_DAYS


def test_to_miss_it_once_more_brings_it_back_at_once() -> None:
    assert due(answer("q", 1, 0), answer("q", 0, 8))["q"] == 9


def test_the_order_in_which_answers_are_read_is_no_matter() -> None:
    some = [answer("q", share, days) for share, days in ((1, 0), (0, 3), (1, 4), (1, 9))]
    assert due(*some) == due(*reversed(some))


def test_a_day_is_one_of_the_course() -> None:
    late = Answered("q", "number", 0.0, 0, datetime(2026, 3, 2, 15, 30, tzinfo=UTC), 4)  # half past midnight in Seoul
    assert quests.memories([late], SEOUL)["q"].due == date(2026, 3, 4)


# ----------------------------------------------------------------------------------------------------- what is asked


POOL = [Known(1, f"w{week}-{topic}{n}", f"{topic}{week}", week) for week in (3, 4) for topic in "ab" for n in range(3)]


def chosen(
    known: dict[str, Memory] | None = None, weak: dict[str, datetime] | None = None, weeks: Sequence[int] = (4, 3)
) -> list[quests.Chosen]:
    return quests.choose(POOL, known or {}, weak or {}, weeks, MONDAY, random.Random(1))


def memory(days: int, last: int = -10) -> Memory:
    return Memory(NOON + last * DAY, MONDAY + days * DAY)


def test_a_first_quest_asks_of_yesterdays_chapter_and_of_all_its_topics() -> None:
    found = chosen()
    assert [one.reason for one in found] == [Reason.NEW] * 5
    assert all(one.question.startswith("w4-") for one in found)
    assert {one.question[3] for one in found[:2]} == {"a", "b"}


def test_what_is_due_comes_before_what_is_new_the_longest_first() -> None:
    found = chosen({"w3-a0": memory(-1), "w3-a1": memory(-5), "w3-a2": memory(0), "w3-b0": memory(1)})
    assert [(one.question, one.reason) for one in found[:2]] == [("w3-a1", Reason.DUE), ("w3-a0", Reason.DUE)]
    assert [one.reason for one in found[2:]] == [Reason.NEW] * 3


def test_a_topic_that_a_report_shows_as_not_understood_comes_first() -> None:
    known = {"w3-a0": memory(20, last=-1), "w3-a1": memory(20, last=-5)}  # one was answered after that report
    found = chosen(known, {"a3": NOON - 2 * DAY})
    assert [one.reason for one in found] == [Reason.WEAK] * 2 + [Reason.NEW] * 3
    assert {one.question for one in found[:2]} == {"w3-a1", "w3-a2"}


def test_more_that_is_due_fills_up_where_there_is_nothing_new() -> None:
    known = {one.id: memory(-n) for n, one in enumerate(POOL)}
    found = chosen(known)
    assert [one.reason for one in found] == [Reason.DUE] * 5
    assert [one.question for one in found] == [one.id for one in POOL[:-6:-1]]


def test_who_is_ahead_is_asked_nothing() -> None:
    assert chosen({one.id: memory(3) for one in POOL}) == []


def test_no_week_is_asked_before_it_was_taught() -> None:
    assert chosen(weeks=[3])[0].question.startswith("w3-")
    known = {one.id: memory(3) for one in POOL if one.week == 3}
    assert chosen(known, weeks=[3]) == []


def test_which_chapter_was_yesterdays() -> None:
    yesterday, before = MONDAY - DAY, MONDAY - 4 * DAY
    opened = [(before, 4), (MONDAY - 9 * DAY, 3), (MONDAY, 5)]
    assert quests.chapters(opened, [], MONDAY) == [4, 3]  # that of today comes tomorrow
    assert quests.chapters(opened, [(yesterday, 3)], MONDAY) == [3, 4]  # what was worked on yesterday goes before
    assert quests.chapters([], [(before, 2)], MONDAY) == [2]


@pytest.mark.parametrize(
    ("days", "expected"),
    [([], 0), ([0], 1), ([-1], 1), ([0, -1, -2], 3), ([0, -3, -4], 3), ([-3], 1), ([-4], 0), ([0, -4], 1), ([1], 0)],
)
def test_days_in_a_row_may_have_rests(days: list[int], expected: int) -> None:
    assert quests.run([MONDAY + day * DAY for day in days], MONDAY) == expected


# -------------------------------------------------------------------------------------------------- in a course


class Quests:
    """The hall, with its quiz for practice, and a clock."""

    def __init__(self, hall: Hall, folder: Path) -> None:
        self.hall, self.folder = hall, folder
        hall.schedule(rules=PRACTICE, opens=NOON - DAY, due=None, closes=None)

    def today(self, days: float = 0, name: str = "mina") -> quests.Today:
        with self.hall.database.read() as session:
            person = self.hall.person(session, name)
            return quests.today(session, self.hall.course(session), person, self.folder, at=NOON + days * DAY)

    def asked(self, days: float = 0, name: str = "mina") -> list[str]:
        found = self.today(days, name).plan
        return [] if found is None else [one.question for one in found.chosen]

    def begin(self, days: float = 0, name: str = "mina") -> str:
        self.hall.now = NOON + days * DAY
        with self.hall.write() as session:
            person, course = self.hall.person(session, name), self.hall.course(session)
            return quests.begin(session, course, person, self.folder, at=self.hall.now).receipt

    def rows(self, receipt: str) -> list[QuizItem]:
        with self.hall.database.read() as session:
            held = self.hall.attempt(session, receipt)
            query = select(QuizItem).filter_by(attempt_id=held.id).order_by(QuizItem.position)
            return list(session.scalars(query))

    def check_all(self, receipt: str, wrong: Sequence[str] = ()) -> None:
        for row in self.rows(receipt):
            given = self.hall.wrong if row.question in wrong else self.hall.right
            self.hall.check(receipt, row.position, given(receipt, row.position))


@pytest.fixture
def daily(hall: Hall, tmp_path: Path) -> Quests:
    return Quests(hall, tmp_path / "published")


def test_a_quest_is_five_questions_without_code_and_the_same_however_often_one_looks(daily: Quests) -> None:
    asked = daily.asked()
    assert len(asked) == 5
    assert "demo-cell" not in asked
    assert daily.asked() == asked
    receipt = daily.begin()
    assert [row.question for row in daily.rows(receipt)] == asked
    assert daily.begin(0.1) == receipt
    with daily.hall.database.read() as session:
        held = daily.hall.attempt(session, receipt)
        assert (held.mode, held.quiz_id) == (QuizMode.QUEST, None)


def test_begun_in_two_windows_at_once_it_is_one(daily: Quests) -> None:
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(lambda _: daily.begin(), range(4)))) == 1


def test_a_corrected_mark_changes_what_is_due(daily: Quests) -> None:
    receipt = daily.begin()
    daily.check_all(receipt)
    missed = daily.rows(receipt)[0]
    with daily.hall.write() as session:
        session.get_one(QuizItem, (missed.attempt_id, missed.position)).share = 0.0
    assert missed.question in daily.asked(1)


def test_a_neighbour_and_another_day_have_another_one(daily: Quests) -> None:
    assert len({tuple(daily.asked(0, name)) for name in ("mina", "juno")} | {tuple(daily.asked(1))}) == 3


def test_what_one_practises_today_changes_tomorrow_and_not_today(daily: Quests) -> None:
    receipt = daily.hall.start(mode=QuizMode.PRACTICE)
    before = daily.asked()
    for row in daily.rows(receipt):
        if row.kind != Kind.CELL:
            daily.hall.check(receipt, row.position, daily.hall.right(receipt, row.position))
    assert daily.asked(0.1) == before
    assert daily.asked(1) == []


def test_what_was_missed_comes_again_and_what_was_known_does_not(daily: Quests) -> None:
    receipt = daily.begin()
    questions = [row.question for row in daily.rows(receipt)]
    daily.check_all(receipt, wrong=questions[:2])
    asked = daily.asked(1)
    assert set(questions) & set(asked) == set(questions[:2])
    assert set(asked[:2]) == set(questions[:2])


def test_who_answered_all_is_told_the_next_day(daily: Quests) -> None:
    day = 0
    while daily.asked(day):
        daily.check_all(daily.begin(day))
        day += 1
    found = daily.today(day).plan
    assert found is not None
    assert found.next is not None
    assert MONDAY + (day + 1) * DAY <= found.next < MONDAY + 30 * DAY
    assert daily.asked((found.next - MONDAY).days)
    with pytest.raises(BadInput, match="The next quest is on") as caught:
        daily.begin(day)
    assert "다음 퀘스트" in caught.value.text.ko


def test_a_quest_that_was_left_is_ended_and_what_was_not_answered_comes_again(daily: Quests) -> None:
    first = daily.begin()
    row = daily.rows(first)[0]
    daily.hall.check(first, row.position, daily.hall.right(first, row.position))
    begun = daily.today(0.1).begun
    assert begun is not None
    assert begun.open
    second = daily.begin(1)
    assert second != first
    with daily.hall.database.read() as session:
        assert daily.hall.attempt(session, first).submitted_at is not None
    asked = {item.question for item in daily.rows(second)}
    assert row.question not in asked
    assert len(asked) == 5
    past = daily.today(1).past
    assert [(one.answered, one.right, one.questions) for one in past] == [(0, 0, 5), (1, 1, 5)]


def test_graded_answers_speak_only_when_they_may_be_looked_behind(hall: Hall, tmp_path: Path) -> None:
    hall.sat(wrong=(Kind.NUMBER,))

    def known(at: datetime) -> set[str]:
        with hall.database.read() as session:
            found = quests.answered(session, hall.course(session), hall.person(session, "mina"), at)
            return {one.question for one in found if one.share == 0}

    assert known(NOON + HOUR / 2) == set()
    assert known(NOON + HOUR + timedelta(seconds=1)) == {"demo-number"}
    hall.schedule(rules={"review": "score_only"})
    assert known(NOON + 5 * DAY) == set()


def test_no_question_of_a_quiz_that_is_still_graded_is_asked(hall: Hall, tmp_path: Path) -> None:
    def asked(at: datetime) -> int:
        with hall.database.read() as session:
            person = hall.person(session, "mina")
            return len(quests.plan(session, hall.course(session), person, tmp_path, at=at).chosen)

    assert asked(NOON) == 0
    assert asked(NOON + 1 * DAY) == 5  # due and open to practice


def test_the_topic_of_a_failed_check_comes_first(daily: Quests, monkeypatch: pytest.MonkeyPatch) -> None:
    topics: dict[str, datetime] = {"backpropagation": NOON - DAY}
    monkeypatch.setattr(quests, "misunderstood", lambda *words: topics)
    found = daily.today().plan
    assert found is not None
    weak = [one.question for one in found.chosen if one.reason is Reason.WEAK]
    assert set(weak) == {"demo-order", "demo-formula"}
    assert [one.question for one in found.chosen[:2]] == weak


def test_nobody_outside_the_course_begins_one(daily: Quests) -> None:
    with daily.hall.write() as session:
        other = people.create_course(session, "other", Text("다른", "Other"), actor="test", at=NOON)
        people.add_person(session, other, "x@example.com", "X", people.role_of("student"), actor="test", at=NOON)
    with daily.hall.write() as session:
        person = session.scalars(select(Person).filter_by(email="x@example.com")).one()
        course = people.the_course(session, "dl")
        with pytest.raises(BadInput):
            quests.begin(session, course, person, daily.folder, at=NOON)


def test_quests_count_for_no_grade(daily: Quests) -> None:
    daily.check_all(daily.begin())
    with daily.hall.database.read() as session:
        rows = quizzes.grades(session, daily.hall.course(session))
        assert all(by_key == {} for _, by_key in rows)
        assert session.scalars(select(Quest)).one().day == MONDAY


def test_a_forgotten_person_has_no_memories(daily: Quests) -> None:
    daily.check_all(daily.begin())
    with daily.hall.write() as session:
        people.forget(session, daily.hall.person(session, "mina"), actor="test", at=NOON + HOUR)
    with daily.hall.database.read() as session:
        (person_id,) = session.scalars(select(Quest.person_id))
        person = session.get_one(Person, person_id)
        assert quests.answered(session, daily.hall.course(session), person, NOON + DAY) == []
        assert session.scalars(select(QuizAttempt.submitted_at)).all() != [None]


def test_what_a_report_shows_as_not_understood(world: World, tmp_path: Path) -> None:
    """By the misconception that a check names; secret checks are not spoken of."""

    def belief(topic: str) -> Misconception:
        words = Text(topic, topic)
        return Misconception(f"about-{topic}", Topic(topic, 1, words), words, words)

    world.publish()
    base = report(0, 0)
    values, zero = base.checks
    checks = (
        replace(values, misconception=belief("gradients")),
        replace(zero, misconception=belief("secrets"), visibility=Visibility.SECRET),
    )
    received = world.submit("mina", b"one")
    assert world.grade(received.run, replace(base, checks=checks))
    with world.database.read() as session:
        course, person = world.course(session), world.person(session, "mina")
        later = NOON + 1000 * DAY
        assert list(quests.misunderstood(session, course, person, {}, later)) == ["gradients"]
        assert quests.misunderstood(session, course, person, {}, NOON) == {}
