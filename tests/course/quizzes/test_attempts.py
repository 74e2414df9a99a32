"""Attempts: what is kept stays kept, whatever a browser, a network or a clock does."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from course.quizzes.hall import DAY, GRADED, HOUR, MINUTE, NOON, PRACTICE, Hall
from sqlalchemy import func, select

from grader.course import people, quizzes
from grader.course.quizzes.seen import GRACE
from grader.errors import BadInput
from grader.quiz.question import Kind
from grader.store.quizzes import EndedBy, QuizAttempt, QuizItem, QuizVersion
from grader.text import Text

SECOND = timedelta(seconds=1)
TODAY = Text("오늘", "Today")


def test_all_right_earns_everything_but_for_what_was_skipped(hall: Hall) -> None:
    receipt = hall.sat()
    sheet = hall.sheet(receipt)
    assert (sheet.score, sheet.max_score, sheet.ended) == (9, 10, EndedBy.SUBMITTED)
    assert hall.grade()[:7] == (9, 10, 1, 0, "graded", 9, 1.0)


def test_all_wrong_earns_nothing(hall: Hall) -> None:
    assert hall.sheet(hall.sat(wrong=tuple(Kind))).score == 0


def test_a_double_click_is_one_attempt(hall: Hall) -> None:
    assert hall.start(token="one") == hall.start(token="one")
    assert hall.start(token="two") == hall.start(token="one")  # one is running, so another window goes on with it


def test_many_clicks_at_once_are_one_attempt(hall: Hall) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = set(pool.map(lambda number: hall.start(token=f"t{number % 3}"), range(16)))
    assert len(receipts) == 1
    with hall.database.read() as session:
        assert session.scalar(select(func.count()).select_from(QuizAttempt)) == 1


def test_a_practice_is_another_one_each_time(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    first = hall.start(mode=PRACTICE, token="a")
    assert hall.start(mode=PRACTICE, token="a") == first
    assert hall.start(mode=PRACTICE, token="b") != first


def test_an_answer_is_kept_at_once_and_read_back(hall: Hall) -> None:
    receipt = hall.start()
    for item in hall.sheet(receipt).items:
        given = hall.right(receipt, item.position)
        saved = hall.save(receipt, item.position, given)
        assert (saved.revision, saved.at, saved.said) == (1, NOON, None)
        assert hall.sheet(receipt).items[item.position - 1].answer == given


def test_the_same_answer_twice_is_kept_once(hall: Hall) -> None:
    receipt = hall.start()
    first = hall.save(receipt, 1, "a", 0)
    hall.now += SECOND
    assert hall.save(receipt, 1, "a", 0) == first  # the answer to the first never arrived
    assert hall.save(receipt, 1, "a", 1) == first
    assert hall.sheet(receipt).items[0].revision == 1


def test_two_tabs_do_not_overwrite_each_other_unseen(hall: Hall) -> None:
    receipt = hall.start()
    hall.save(receipt, 1, "a", 0)
    with pytest.raises(quizzes.Stale) as caught:
        hall.save(receipt, 1, "b", 0)
    assert (caught.value.item.answer, caught.value.item.revision) == ("a", 1)
    assert hall.sheet(receipt).items[0].answer == "a"
    assert hall.save(receipt, 1, "b", caught.value.item.revision).revision == 2


def test_many_tabs_at_once_keep_each_revision_once(hall: Hall) -> None:
    receipt = hall.start()

    def saved(number: int) -> bool:
        try:
            return hall.save(receipt, 4, f"answer {number}", 0).revision == 1
        except quizzes.Stale:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(saved, range(8))) == 1


def test_an_answer_can_be_taken_back(hall: Hall) -> None:
    receipt = hall.start()
    hall.save(receipt, 2, ["a", "b"])
    assert hall.sheet(receipt).items[1].answered
    hall.save(receipt, 2, [])
    assert not hall.sheet(receipt).items[1].answered


def test_what_is_no_answer_is_kept_as_typed_and_says_why(hall: Hall) -> None:
    receipt = hall.start()
    number = hall.position(receipt, Kind.NUMBER)
    saved = hall.save(receipt, number, "about 12,5")
    assert saved.said is not None
    assert "cannot be read as a number" in saved.said.en
    item = hall.sheet(receipt).items[number - 1]
    assert (item.answer, item.said) == ("about 12,5", saved.said)
    hall.submit(receipt)
    assert hall.sheet(receipt).score == 0


MALFORMED: list[Any] = [
    7,
    1.5,
    True,
    object(),
    b"a",
    [1, 2],
    [["a"]],
    {"a": 1},
    {1: "a"},
    {"a": ["1"]},
    [None],
    "x" * 5_000,
    "x" * 10_000_000,
    ["x"] * 101,
    {str(n): "1" for n in range(99)},
    ["x" * 3_000] * 2,
]


def test_what_no_form_sends_is_refused_and_nothing_is_lost(hall: Hall) -> None:
    receipt = hall.start()
    hall.save(receipt, 1, "a", 0)
    for raw in MALFORMED:
        with pytest.raises(BadInput):
            hall.save(receipt, 1, raw, 1)
    assert hall.sheet(receipt).items[0].answer == "a"


def test_strange_letters_are_kept_and_break_nothing(hall: Hall) -> None:
    receipt = hall.start()
    text = hall.position(receipt, Kind.TEXT)
    for raw in ("\0", "a\0b", "\ud800", "🎈" * 50, "ㅎ\u202e한", "'; DROP TABLE quiz_item; --"):
        hall.save(receipt, text, raw)
        assert hall.sheet(receipt).items[text - 1].answer is not None or raw == "\0"
    hall.submit(receipt)
    assert hall.sheet(receipt).score == 0


def test_a_question_that_is_not_there(hall: Hall) -> None:
    receipt = hall.start()
    nowhere: Any
    for nowhere in (0, -1, 11, 10**30, True, "1", None, 1.0):
        with pytest.raises(BadInput, match="no question of that number"):
            hall.save(receipt, nowhere, "a", 0)


def test_what_a_browser_says_of_time_harms_nothing(hall: Hall) -> None:
    receipt = hall.start()
    seconds: Any
    for revision, seconds in enumerate([float("nan"), float("inf"), -5, 1e300, "7", None, True]):
        hall.save(receipt, 4, f"answer {revision}", revision, seconds=seconds)
    with hall.database.read() as session:
        assert session.scalars(select(QuizItem.seconds).filter_by(position=4)).one() == 3600


def test_an_answer_counts_until_the_deadline_and_the_networks_grace(hall: Hall) -> None:
    receipt = hall.start()
    hall.now += 30 * MINUTE + GRACE
    assert hall.save(receipt, 1, hall.right(receipt, 1)).revision == 1
    hall.now += SECOND
    with pytest.raises(quizzes.Ended):
        hall.save(receipt, 2, ["a"])
    hall.submit(receipt)
    sheet = hall.sheet(receipt)
    assert (sheet.score, sheet.ended, sheet.submitted_at) == (1, EndedBy.TIME, NOON + 30 * MINUTE)
    assert hall.grade().late_days == 0


def test_after_the_end_nothing_is_taken_and_nothing_is_lost(hall: Hall) -> None:
    receipt = hall.start()
    hall.save(receipt, 1, hall.right(receipt, 1))
    hall.submit(receipt)
    before = hall.sheet(receipt)
    hall.submit(receipt)
    for late in (lambda: hall.save(receipt, 1, "b", 1), lambda: hall.save(receipt, 2, ["a"], 0)):
        with pytest.raises(quizzes.Ended, match="handed in already"):
            late()
    with pytest.raises(quizzes.Ended), hall.write() as session:
        quizzes.flag(session, hall.attempt(session, receipt), 1, True, at=hall.now)
    assert hall.sheet(receipt) == before


def test_the_last_second_gives_what_is_left(hall: Hall) -> None:
    hall.now = NOON + HOUR - SECOND
    assert hall.sheet(hall.start()).deadline == NOON + HOUR
    hall.now += SECOND
    with pytest.raises(quizzes.Refused, match="closed"):
        hall.start("juno")


def test_not_before_it_opens_and_not_more_often_than_the_rules_say(hall: Hall) -> None:
    hall.now = NOON - SECOND
    with pytest.raises(quizzes.Refused, match=r"opens at 2026-03-02 \(Mon\) 12:00"):
        hall.start()
    hall.now = NOON
    hall.sat(token="one")
    hall.sat(token="two")
    with pytest.raises(quizzes.Refused, match="All 2 attempts"):
        hall.start(token="three")


def test_who_is_not_in_the_course_begins_nothing(hall: Hall) -> None:
    with hall.write() as session:
        people.deactivate(session, hall.person(session, "mina"), actor="test")
    with pytest.raises(quizzes.Refused, match="not in the course"):
        hall.start()


def test_time_that_is_over_ends_an_attempt_by_itself(hall: Hall) -> None:
    receipts = [hall.start("mina"), hall.start("juno")]
    hall.save(receipts[0], 1, hall.right(receipts[0], 1))
    hall.now += 31 * MINUTE
    shown = hall.sheet(receipts[0])  # in a transaction that only reads
    assert (shown.ended, shown.submitted_at, shown.score) == (EndedBy.TIME, NOON + 30 * MINUTE, None)
    with hall.write() as session:
        assert quizzes.expire(session, at=hall.now) == 2
        assert quizzes.expire(session, at=hall.now) == 0
    assert [hall.sheet(one).score for one in receipts] == [1, 0]


def test_reading_in_a_transaction_that_writes_ends_what_is_over(hall: Hall) -> None:
    receipt = hall.start()
    hall.now += 31 * MINUTE
    with hall.write() as session:
        assert quizzes.sheet(session, hall.attempt(session, receipt), at=hall.now).score == 0
    assert hall.grade().status == "graded"


def test_an_attempt_whose_time_is_over_makes_room_for_the_next(hall: Hall) -> None:
    first = hall.start(token="one")
    hall.now += 31 * MINUTE
    second = hall.start(token="two")
    assert second != first
    assert hall.sheet(first).score == 0


def test_a_clock_that_goes_back_refuses_nothing_and_loses_nothing(hall: Hall) -> None:
    receipt = hall.start()
    hall.now += MINUTE
    hall.save(receipt, 1, "a")
    hall.now -= HOUR
    hall.save(receipt, 1, "b")
    hall.save(receipt, 2, ["a"])
    with hall.database.read() as session:
        times = session.scalars(select(QuizItem.answered_at).where(QuizItem.answered_at.is_not(None))).all()
    assert sorted(str(one) for one in times if one) == [str(NOON), str(NOON + MINUTE)]
    hall.submit(receipt)
    sheet = hall.sheet(receipt)
    assert sheet.submitted_at == sheet.started_at == NOON
    assert hall.grade().late_days == 0


def test_a_clock_that_jumps_ahead_loses_no_answer(hall: Hall) -> None:
    receipt = hall.start()
    hall.save(receipt, 1, hall.right(receipt, 1))
    hall.now += 400 * DAY
    with hall.write() as session:
        quizzes.expire(session, at=hall.now)
    hall.now = NOON + MINUTE
    sheet = hall.sheet(receipt)
    assert (sheet.score, sheet.submitted_at) == (1, NOON + 30 * MINUTE)
    with hall.write() as session:  # an instructor gives the attempt back
        person, teacher = hall.person(session, "mina"), hall.person(session, "teacher")
        quizzes.extend(session, hall.quiz(session), person, attempts=1, reason="clock", actor=teacher)
    hall.start(token="again")


def test_other_rules_and_another_version_change_nothing_for_a_running_attempt(hall: Hall) -> None:
    receipt = hall.start()
    before = hall.sheet(receipt)
    right = hall.right(receipt, 1)
    hall.schedule(rules={"minutes": 1, "attempts": 1, "questions": 2, "hints": True}, closes=NOON + 2 * HOUR)
    hall.publish({'key = "line"': 'key = "data"', "feedback.data": "feedback.line", "@{d} inputs": "@{d} units"})
    assert hall.sheet(receipt) == before
    with pytest.raises(BadInput, match="no hints"), hall.write() as session:
        quizzes.hint(session, hall.attempt(session, receipt), 1, at=hall.now)
    hall.save(receipt, 1, right)
    hall.submit(receipt)
    assert hall.sheet(receipt).score == 1  # by the key of its own version


def test_hints_are_opened_one_by_one(hall: Hall) -> None:
    hall.schedule(rules={"hints": True})
    receipt = hall.start()
    assert (hall.sheet(receipt).items[0].hints, hall.sheet(receipt).items[0].hints_left) == ((), 1)
    for _ in range(3):
        with hall.write() as session:
            (hint,) = quizzes.hint(session, hall.attempt(session, receipt), 1, at=hall.now)
        assert hint.en == "Draw the four points."
    assert hall.sheet(receipt).items[0].hints_left == 0


def test_a_flag_is_kept(hall: Hall) -> None:
    receipt = hall.start()
    for on in (True, False):
        with hall.write() as session:
            quizzes.flag(session, hall.attempt(session, receipt), 3, on, at=hall.now)
        assert hall.sheet(receipt).items[2].flagged is on


def test_an_extension_of_a_person_moves_a_running_attempt(hall: Hall) -> None:
    mina, juno = hall.start("mina"), hall.start("juno")
    with hall.write() as session:
        teacher = hall.person(session, "teacher")
        mine = hall.person(session, "mina")
        quizzes.extend(session, hall.quiz(session), mine, minutes=10, reason="r", actor=teacher, at=hall.now)
    assert hall.sheet(mina).deadline == NOON + 40 * MINUTE
    assert hall.sheet(juno).deadline == NOON + 30 * MINUTE
    with hall.write() as session:  # taken back: nobody loses time that they were promised
        teacher = hall.person(session, "teacher")
        mine = hall.person(session, "mina")
        quizzes.extend(session, hall.quiz(session), mine, minutes=0, reason="r", actor=teacher, at=hall.now)
    assert hall.sheet(mina).deadline == NOON + 40 * MINUTE


def test_an_extension_of_a_group_opens_the_quiz_for_it_alone(hall: Hall) -> None:
    with hall.write() as session:
        group = people.the_group(session, hall.course(session), "A")
        quizzes.extend(
            session, hall.quiz(session), group, due=NOON + DAY, attempts=1, reason="r", actor="test", at=hall.now
        )
    hall.now = NOON + 2 * HOUR
    with pytest.raises(quizzes.Refused, match="closed"):
        hall.start("mina")
    hall.sat("juno")
    assert hall.grade("juno").score == 9
    with hall.database.read() as session:
        ((standing), *_) = quizzes.mine(session, hall.course(session), hall.person(session, "juno"), at=hall.now)
    assert (standing.attempts_left, standing.window.due) == (2, NOON + DAY)


def test_practice_gives_feedback_at_once_and_the_first_answer_stands(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    receipt = hall.start(mode=PRACTICE)
    wrong, right = hall.wrong(receipt, 1), hall.right(receipt, 1)
    feedback = hall.check(receipt, 1, wrong)
    assert feedback.share == 0
    assert [text.en for text in feedback.said] == ["AND has four as well, and works."]
    assert feedback.right is not None
    assert feedback.right.en == "No single line separates it"
    assert hall.check(receipt, 1, wrong, 1) == hall.check(receipt, 1, wrong) == feedback
    for again in (lambda: hall.check(receipt, 1, right, 1), lambda: hall.save(receipt, 1, right, 1)):
        with pytest.raises(BadInput, match="marked already"):
            again()
    assert [item.feedback is None for item in hall.sheet(receipt).items] == [False] + [True] * 9


def test_in_practice_what_is_no_answer_costs_nothing(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    receipt = hall.start(mode=PRACTICE)
    number = hall.position(receipt, Kind.NUMBER)
    feedback = hall.check(receipt, number, "twelve")
    assert (feedback.share, feedback.pending, feedback.right) == (None, False, None)
    assert hall.check(receipt, number, hall.right(receipt, number), 1).share == 1


def test_nobody_looks_up_the_key_in_practice_during_a_graded_attempt(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    practice = hall.start(mode=PRACTICE)
    hall.check(practice, 2, ["a"])
    graded = hall.start(mode=GRADED)
    with pytest.raises(BadInput, match="middle of a graded attempt"):
        hall.check(practice, 1, "a")
    with pytest.raises(BadInput, match="middle of a graded attempt"), hall.write() as session:
        quizzes.hint(session, hall.attempt(session, practice), 1, at=hall.now)
    hall.submit(practice)  # which shows all keys, at other times
    assert {item.feedback for item in hall.sheet(practice).items} == {None}
    with pytest.raises(quizzes.Refused, match="while your graded attempt runs"):
        hall.start(mode=PRACTICE, token="more")
    hall.submit(graded)
    assert None not in [item.feedback for item in hall.sheet(practice).items]


def test_nothing_is_practised_before_it_opens(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    hall.now = NOON - SECOND
    with pytest.raises(quizzes.Refused, match="opens at"):
        hall.start(mode=PRACTICE)


def test_a_graded_attempt_is_not_marked_on_the_way(hall: Hall) -> None:
    with pytest.raises(BadInput, match="marked at its end"):
        hall.check(hall.start(), 1, "a")


def test_what_is_graded_is_practised_after_the_last_persons_due_date(hall: Hall) -> None:
    with hall.write() as session:
        person = hall.person(session, "juno")
        quizzes.extend(session, hall.quiz(session), person, due=NOON + DAY, reason="r", actor="test", at=hall.now)
    for hall.now in (NOON, NOON + 2 * HOUR, NOON + DAY):
        with pytest.raises(quizzes.Refused, match="after it is due"):
            hall.start(mode=PRACTICE)
    hall.now = NOON + DAY + SECOND
    hall.start(mode=PRACTICE)


def test_drawn_questions_are_spread_over_the_topics_and_others_for_each_person(hall: Hall) -> None:
    hall.schedule(rules={"questions": 6, "shuffle": True})
    drawn = {name: hall.sheet(hall.start(name), staff=True) for name in ("mina", "juno", "teacher")}
    for sheet in drawn.values():
        assert len({item.topic for item in sheet.items}) == 5  # all that there are
        assert len({item.question for item in sheet.items}) == len(sheet.items) == 6
    assert len({tuple(item.question for item in sheet.items) for sheet in drawn.values()}) > 1


def test_a_quest_is_over_questions_of_any_quiz(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    with hall.write() as session:
        version = session.scalars(select(QuizVersion)).one()
        person, course = hall.person(session, "mina"), hall.course(session)
        chosen = [(version, "demo-text"), (version, "demo-choice")]
        begin = partial(quizzes.quest, session, course, person, chosen, title=TODAY, token="today", at=hall.now)
        receipts = [begin().receipt for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert hall.check(receipts[0], 1, "은닉층").share == 1
    assert [item.kind for item in hall.sheet(receipts[0]).items] == ["text", "choice"]
    with hall.write() as session:
        version = session.scalars(select(QuizVersion)).one()
        person, course = hall.person(session, "mina"), hall.course(session)
        with pytest.raises(BadInput, match="no question 'none'"):
            quizzes.quest(session, course, person, [(version, "none")], title=TODAY, token="other", at=hall.now)


def test_every_receipt_and_token_is_another(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    receipts = [hall.start(name, PRACTICE, token) for name, token in itertools.product(("mina", "juno"), "abc")]
    assert len(set(receipts)) == 6
