"""A clever student who looks for the answers while somebody is still being graded finds none."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from course.quizzes.hall import DAY, GRADED, HOUR, MINUTE, NOON, PRACTICE, Hall, write
from sqlalchemy import select

from grader.course import people, quizzes
from grader.course.quizzes import posing
from grader.course.quizzes.seen import GRACE
from grader.errors import BadInput
from grader.quiz.question import Key, Kind, Option, Posed, Question
from grader.store.models import Person, Role
from grader.store.quizzes import Quiz, QuizAttempt
from grader.text import Text

AFTER = {"review": "after_due", "practice": "after_due"}


def told(hall: Hall, receipt: str) -> bool:
    """Whether a sheet tells a key, feedback or a hint of anything."""
    sheet = hall.sheet(receipt)
    return sheet.may_review or any(item.feedback or item.hints or item.hints_left for item in sheet.items)


def practises(hall: Hall, name: str = "mina") -> bool:
    """Whether practice can be begun now; it is not."""
    try:
        with hall.write() as session:
            quizzes.start(session, hall.quiz(session), hall.person(session, name), PRACTICE, token="p", at=hall.now)
            session.rollback()
    except quizzes.Refused:
        return False
    return True


def extend(hall: Hall, name: str, **more: Any) -> None:
    with hall.write() as session:
        person = hall.person(session, name)
        quizzes.extend(session, hall.quiz(session), person, reason="r", actor="test", at=hall.now, **more)


# ----------------------------------------------------------------------------- while somebody else may still answer


def test_a_due_date_that_is_moved_earlier_tells_nothing_while_somebody_sits(hall: Hall) -> None:
    mine = hall.sat()
    theirs = hall.start("juno")
    hall.now += MINUTE
    hall.schedule(due=hall.now, closes=hall.now)
    hall.now += 2 * MINUTE
    hall.save(theirs, 4, "은닉층")  # an attempt that runs keeps its time
    assert not told(hall, mine)
    assert not practises(hall)
    hall.submit(theirs)
    assert told(hall, mine)
    assert practises(hall)


def test_nothing_is_told_before_the_last_second_of_the_network(hall: Hall) -> None:
    mine = hall.sat()
    theirs = hall.start("juno")
    hall.schedule(due=NOON + MINUTE, closes=NOON + MINUTE)
    hall.now = NOON + 30 * MINUTE + GRACE
    hall.save(theirs, 4, "은닉층")
    assert (told(hall, mine), practises(hall)) == (False, False)
    hall.now += MINUTE / 60
    assert (told(hall, mine), practises(hall)) == (True, True)


def test_more_minutes_for_one_keep_the_others_from_the_answers(hall: Hall) -> None:
    mine, theirs = hall.sat(), hall.start("juno")
    extend(hall, "juno", due=NOON + DAY, minutes=300)
    hall.now = NOON + 4 * HOUR
    hall.save(theirs, 4, "은닉층")
    assert not told(hall, mine)


def test_who_left_the_group_with_the_extension_sits_on_and_the_others_wait(hall: Hall) -> None:
    mine, theirs = hall.sat(), hall.start("juno")
    with hall.write() as session:
        group = people.the_group(session, hall.course(session), "A")
        quizzes.extend(
            session, hall.quiz(session), group, minutes=20, closes=NOON + 2 * HOUR, reason="r", actor="t", at=NOON
        )
        member = people.member(session, hall.course(session), "juno@example.com")
        member.group_id = None
    hall.schedule(closes=NOON + MINUTE, due=NOON + MINUTE)
    hall.now = NOON + 45 * MINUTE
    hall.save(theirs, 4, "은닉층")
    assert not told(hall, mine)


@pytest.mark.parametrize("late", ["percent", "none"])
def test_what_is_taken_late_is_over_when_it_closes(hall: Hall, late: str) -> None:
    """Else who hands in on time gives the answers to who comes late."""
    hall.schedule(rules={"late": late}, closes=NOON + DAY)
    mine = hall.sat()
    hall.now = NOON + 2 * HOUR
    assert (told(hall, mine), practises(hall)) == (False, False)
    hall.start("juno")
    hall.now = NOON + DAY + MINUTE
    assert (told(hall, mine), practises(hall)) == (True, True)


def test_an_attempt_without_an_end_keeps_all_waiting_until_the_quiz_gets_one(hall: Hall) -> None:
    hall.schedule(rules={"late": "none", "minutes": None}, closes=None)
    mine, theirs = hall.sat(), hall.start("juno")
    hall.now = NOON + 9 * DAY
    hall.save(theirs, 4, "은닉층")
    assert not told(hall, mine)
    with pytest.raises(quizzes.Refused, match="still sitting"):
        hall.start(mode=PRACTICE)
    hall.schedule(closes=NOON + 2 * HOUR, at=hall.now)
    hall.now += MINUTE
    assert told(hall, mine)
    with pytest.raises(quizzes.Ended):
        hall.save(theirs, 4, "출력층")
    assert hall.sheet(theirs).items[3].answer == "은닉층"


def test_what_becomes_practice_is_practised_when_nobody_sits_any_more(hall: Hall) -> None:
    theirs = hall.start("juno")
    hall.schedule(rules={"graded": False, "practice": "always"})
    hall.save(theirs, 4, "은닉층")
    with pytest.raises(quizzes.Refused, match="still sitting"):
        hall.start(mode=PRACTICE)
    hall.submit(theirs)
    assert practises(hall)


def test_who_cannot_sign_in_any_more_keeps_nobody_waiting(hall: Hall) -> None:
    hall.schedule(rules={"late": "none", "minutes": None}, closes=None)
    mine = hall.sat()
    hall.start("juno")
    with hall.write() as session:
        people.deactivate(session, hall.person(session, "juno"), actor="test")
    hall.now = NOON + DAY
    assert told(hall, mine)


# ------------------------------------------------------------------------------------ while one is being graded


def practised(hall: Hall, *, key: str = "week4-demo", course: str = "dl") -> str:
    """Practice that was begun in time, in which one hint is open and one answer marked."""
    with hall.write() as session:
        about = people.the_course(session, course)
        quiz, person = quizzes.the_quiz(session, about, key), hall.person(session, "mina")
        attempt = quizzes.start(session, quiz, person, PRACTICE, token="before", at=hall.now)
        text = next(item for item in quizzes.sheet(session, attempt).items if item.kind == Kind.TEXT)
        number = next(item for item in quizzes.sheet(session, attempt).items if item.kind == Kind.NUMBER)
        quizzes.hint(session, attempt, number.position, at=hall.now)
        quizzes.check(session, attempt, text.position, "은닉층", revision=0, at=hall.now)
        return attempt.receipt


def must_tell_nothing(hall: Hall, receipt: str) -> None:
    """By no way: neither by looking, checking, a hint, nor by the points of what is handed in."""
    sheet = hall.sheet(receipt)
    assert not any(item.feedback or item.hints or item.hints_left for item in sheet.items)
    choice = next(item for item in sheet.items if item.kind == Kind.CHOICE)
    with pytest.raises(BadInput, match="graded"):
        hall.check(receipt, choice.position, "a")
    with hall.write() as session, pytest.raises(BadInput, match="graded"):
        quizzes.hint(session, hall.attempt(session, receipt), choice.position, at=hall.now)
    hall.save(receipt, choice.position, hall.right(receipt, choice.position))
    hall.submit(receipt)
    sheet = hall.sheet(receipt)
    assert sheet.score is None
    assert not any(item.feedback or item.hints for item in sheet.items)
    with hall.database.read() as session:
        (line, *_) = [
            one
            for standing in quizzes.mine(session, hall.course(session), hall.person(session, "mina"), at=hall.now)
            for one in standing.sittings
            if one.mode is PRACTICE
        ] or [None]
        assert line is None or line.score is None


def test_practice_that_was_begun_before_tells_nothing_not_even_by_its_points(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    before = practised(hall)
    mine = hall.start()
    must_tell_nothing(hall, before)
    hall.submit(mine)
    assert told(hall, before)
    assert hall.sheet(before).score == 2  # what was checked, and what was kept


def test_the_same_quiz_in_another_course_tells_nothing(hall: Hall) -> None:
    with hall.write() as session:
        other = people.create_course(session, "again", Text("다시", "Again"), actor="test")
        people.add_person(session, other, "mina@example.com", "Mina", Role.STUDENT, actor="test")
        quizzes.publish(session, other, write(hall.folder), "week4-demo", actor="test", faults=())
    before = practised(hall, course="again")
    hall.start()
    with hall.write() as session:
        quiz = quizzes.the_quiz(session, people.the_course(session, "again"), "week4-demo")
        with pytest.raises(quizzes.Refused):
            quizzes.start(session, quiz, hall.person(session, "mina"), PRACTICE, token="now", at=hall.now)
    must_tell_nothing(hall, before)


def test_another_quiz_that_asks_the_same_tells_nothing_of_that(hall: Hall) -> None:
    bank = write(hall.folder, {'id = "week4-demo"': 'id = "week5-more"'})
    for folder in (bank.public, bank.secret):
        assert folder is not None
        for file in folder.glob("week4-demo.*"):
            file.rename(file.with_name(file.name.replace("week4-demo", "week5-more")))
    with hall.write() as session:
        quizzes.publish(session, hall.course(session), bank, "week5-more", actor="test", faults=())
    before = practised(hall, key="week5-more")
    assert told(hall, before)
    hall.start()
    must_tell_nothing(hall, before)


def test_practice_of_what_is_graded_now_tells_nothing_more(hall: Hall) -> None:
    """Else who has begun enough practice while it was one knows every key of the exam that is made of it."""
    hall.schedule(rules={"practice": "always"})
    before = practised(hall)
    hall.schedule(rules={"practice": "after_due"})
    assert not told(hall, before)
    position = hall.position(before, Kind.CHOICE)
    with pytest.raises(BadInput, match="after it is due"):
        hall.check(before, position, hall.right(before, position))
    hall.submit(before)
    assert hall.sheet(before).score is None
    hall.now = NOON + 2 * HOUR
    assert hall.sheet(before).score == 1
    assert told(hall, before)


def test_an_extension_does_not_open_again_what_is_over(hall: Hall) -> None:
    """Whether or not somebody has looked since: after the end one may have practised."""
    receipt = hall.start()
    hall.now += 31 * MINUTE
    extend(hall, "mina", minutes=60)
    with pytest.raises(quizzes.Ended):
        hall.save(receipt, 4, "은닉층")


def test_two_things_in_order_are_not_always_shown_the_wrong_way_round() -> None:
    two = Question("q", Kind.ORDER, "t", 1, Text("가", "a"), [Option(one, Text(one, one)) for one in "ab"])
    posed = Posed(two, Key(["a", "b"], Text("가", "a")))
    shown = {tuple(posing.aliased(posed, random.Random(seed))[1].values()) for seed in range(20)}
    assert shown == {("a", "b"), ("b", "a")}


def test_the_own_attempt_shows_the_hints_that_its_rules_allow(hall: Hall) -> None:
    hall.schedule(rules={"hints": True})
    receipt = hall.start()
    position = hall.position(receipt, Kind.NUMBER)
    with hall.write() as session:
        quizzes.hint(session, hall.attempt(session, receipt), position, at=hall.now)
    assert hall.sheet(receipt).items[position - 1].hints


# ------------------------------------------------------------------------------------------------ and nothing is lost


def test_who_is_made_an_assistant_or_deactivated_ends_as_everybody(hall: Hall) -> None:
    mine, theirs = hall.start(), hall.start("juno")
    hall.save(mine, 4, "은닉층")
    hall.save(theirs, 4, "은닉층")
    with hall.write() as session:
        people.set_role(session, hall.course(session), hall.person(session, "mina"), Role.ASSISTANT, actor="test")
        people.deactivate(session, hall.person(session, "juno"), actor="test")
    hall.now = NOON + HOUR
    with hall.write() as session:
        assert quizzes.expire(session, at=hall.now) == 2
    assert (hall.sheet(mine).score, hall.sheet(theirs).score) == (1, 1)


def test_the_clocks_that_change_move_no_due_date_and_no_running_attempt(hall: Hall) -> None:
    """In Berlin, in the night in which the clocks go forward at two."""
    with hall.write() as session:
        hall.course(session).timezone = "Europe/Berlin"
    night = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half past one; at two it will be three
    hall.schedule(opens=night - DAY, due=night + HOUR, closes=night + HOUR, rules={"grace_days": 1}, at=night)
    hall.schedule(closes=None, at=night)
    hall.now = night
    receipt = hall.start()
    assert hall.sheet(receipt).deadline == night + 30 * MINUTE
    hall.submit(receipt)
    hall.now = night + HOUR + DAY
    assert not told(hall, receipt)
    hall.now += MINUTE
    assert told(hall, receipt)


def test_people_quizzes_and_attempts_of_the_tests_are_what_they_seem(hall: Hall) -> None:
    """Nothing in here may pass since there was nothing to tell."""
    hall.schedule(rules={"practice": "always"})
    assert told(hall, practised(hall))
    with hall.database.read() as session:
        assert len(session.scalars(select(Quiz)).all()) == 1
        assert session.scalars(select(QuizAttempt.mode)).all() == [PRACTICE]
        assert session.scalars(select(Person.email)).all()
    assert hall.sheet(hall.start(mode=GRADED)).open
