"""Nothing that decides reaches a browser before it may."""

from __future__ import annotations

import dataclasses
import json
import random
from typing import Any

import pytest
from course.quizzes.hall import DAY, HOUR, NOON, PRACTICE, Hall, write
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from grader.course import people, quizzes
from grader.course.quizzes import posing
from grader.course.quizzes.posing import drawn
from grader.errors import BadInput
from grader.quiz.question import Key, Kind, Option, Posed, Question
from grader.store.quizzes import QuizItem, QuizSecret
from grader.text import Text

# what stands in the files of the docs and no taker may see: ids of options and questions, keys, feedback, hints,
# solutions, names of generators, and values that are not shown
IDS = ("line", "tanh", "sigmoid", "relu", "forward", "backward", "update", "binary", "many", "softmax")
KEYS = ("s*(1 - s)", "(n, 16)", "은닉층", "hidden layer", "np.maximum", "unbiased", "twice", "parameters", "printed")
SAID = ("AND has four", "across from each other", "Draw the four points", "The biases are missing", "turned round")


def everything(thing: Any) -> str:
    """All that a page could make of it."""
    return json.dumps(dataclasses.asdict(thing), default=str, ensure_ascii=False)


def leaks(hall: Hall, receipt: str) -> set[str]:
    """What a sheet holds that it must not; words that a question itself shows are not counted."""
    sheet = hall.sheet(receipt)
    told = everything(dataclasses.replace(sheet, items=[_bare(item) for item in sheet.items]))
    with hall.database.read() as session:
        held = hall.attempt(session, receipt)
        rows = session.scalars(select(QuizItem).filter_by(attempt_id=held.id)).all()
        secrets = {row.seed for row in rows} | {session.scalars(select(QuizSecret.secret)).one()}
        secrets |= {str(row.values[name]) for row in rows for name in ("answer", "unbiased") if name in row.values}
    return {word for word in {*(f'"{id}"' for id in IDS), "demo-", *KEYS, *SAID, *secrets} if word in told}


def _bare(item: quizzes.Item) -> Any:
    """Without the texts of the question, which may use the same words as an id does, and what the taker wrote."""
    options = [dataclasses.replace(one, text=Text("", "")) for one in item.options]
    left = [dataclasses.replace(one, text=Text("", "")) for one in item.left]
    return dataclasses.replace(
        item, stem=Text("", ""), options=options, left=left, code="", starter="", defines="", unit=None, answer=None
    )


def test_a_sheet_holds_nothing_that_decides(hall: Hall) -> None:
    receipt = hall.start()
    assert leaks(hall, receipt) == set()
    for item in hall.sheet(receipt).items:  # nor after wrong answers, which are told nothing
        if item.kind != Kind.TEXT:
            hall.save(receipt, item.position, hall.wrong(receipt, item.position))
    assert leaks(hall, receipt) == set()


def test_even_the_texts_of_a_sheet_hold_no_key_and_no_feedback(hall: Hall) -> None:
    told = everything(hall.sheet(hall.start()))
    assert [word for word in (*SAID, "s*(1 - s)", "은닉층", "np.maximum", "unbiased", "twice") if word in told] == []


def test_after_the_end_a_sheet_tells_what_the_rules_allow(hall: Hall) -> None:
    receipt = hall.sat(wrong=tuple(Kind))
    sheet = hall.sheet(receipt)
    assert (sheet.may_review, sheet.review_from) == (False, NOON + HOUR)
    assert leaks(hall, receipt) == set()
    hall.now = NOON + HOUR
    assert not hall.sheet(receipt).may_review
    hall.now = NOON + 2 * HOUR
    sheet = hall.sheet(receipt)
    assert sheet.may_review
    assert "AND has four as well, and works." in everything(sheet)
    assert [item.question for item in sheet.items] == [""] * 10
    hall.schedule(rules={"review": "score_only"})
    assert leaks(hall, receipt) == set()
    assert hall.sheet(receipt).score == 0
    hall.schedule(rules={"review": "at_once"})
    hall.now = NOON
    assert hall.sheet(receipt).may_review


def test_who_has_more_time_is_told_nothing_by_who_has_not(hall: Hall) -> None:
    receipt = hall.sat()
    with hall.write() as session:
        person = hall.person(session, "juno")
        quizzes.extend(session, hall.quiz(session), person, due=NOON + DAY, reason="r", actor="test", at=hall.now)
    hall.now = NOON + DAY
    assert leaks(hall, receipt) == set()
    hall.now += HOUR
    assert hall.sheet(receipt).may_review


def test_days_of_grace_are_before_the_answers(hall: Hall) -> None:
    """Who answers within them loses nothing, so nobody is told anything before they are over."""
    hall.schedule(rules={"grace_days": 1}, closes=None)
    receipt = hall.sat()
    for hall.now in (NOON + 2 * HOUR, NOON + DAY + HOUR):
        assert leaks(hall, receipt) == set()
        with pytest.raises(quizzes.Refused, match="after it is due"):
            hall.start(mode=PRACTICE)
    hall.now = NOON + DAY
    hall.start("juno")
    hall.now = NOON + DAY + 3 * HOUR
    assert hall.sheet(receipt).may_review


def test_after_the_due_date_is_not_yet_where_there_is_none(hall: Hall) -> None:
    """Else a forgotten date would show every key to who hands in first."""
    hall.schedule(rules={"review": "after_due"}, due=None, closes=None)
    receipt = hall.sat()
    hall.now += 100 * DAY
    assert not hall.sheet(receipt).may_review
    assert leaks(hall, receipt) == set()


def test_an_earlier_attempt_tells_nothing_while_the_next_one_runs(hall: Hall) -> None:
    hall.schedule(rules={"review": "at_once"})
    first = hall.sat()
    assert hall.sheet(first).may_review
    second = hall.start(token="second")
    assert not hall.sheet(first).may_review
    assert leaks(hall, first) == set()
    hall.submit(second)
    assert hall.sheet(first).may_review


def test_what_was_checked_in_practice_is_not_told_again_while_graded(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    practice = hall.start(mode=PRACTICE)
    hall.check(practice, 1, "a")
    hall.start()
    with pytest.raises(BadInput, match="middle of a graded attempt"):
        hall.check(practice, 1, "a", 1)


def test_staff_see_the_key_and_whose_question_it_is(hall: Hall) -> None:
    sheet = hall.sheet(hall.start(), staff=True)
    assert sheet.items[0].question == "demo-choice"
    assert all(item.feedback is not None and item.feedback.explanation for item in sheet.items)


def test_in_practice_a_question_tells_nothing_before_its_answer(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    receipt = hall.start(mode=PRACTICE)
    assert leaks(hall, receipt) == set()
    hall.check(receipt, 1, "a")
    told = everything(dataclasses.replace(hall.sheet(receipt), items=hall.sheet(receipt).items[1:]))
    assert [word for word in SAID if word in told] == []


def test_names_of_options_are_no_ids_and_other_ones_for_each_person(hall: Hall) -> None:
    with hall.write() as session:
        course = hall.course(session)
        for number in range(12):
            people.add_person(session, course, f"p{number}@example.com", f"P {number}", actor="test")
    seen = set()
    for number in range(12):
        receipt = hall.start(f"p{number}")
        item = hall.sheet(receipt).items[0]
        assert [one.alias for one in item.options] == ["a", "b", "c"]
        seen.add((hall.right(receipt, 1), tuple(one.text.en for one in item.options)))
    assert len({alias for alias, _ in seen}) > 1
    assert len({texts for _, texts in seen}) > 1


def test_the_banks_ids_are_no_answer(hall: Hall) -> None:
    receipt = hall.start()
    saved = hall.save(receipt, 1, "line")
    assert saved.said is not None  # as unknown as any other word
    hall.submit(receipt)
    assert hall.sheet(receipt).score == 0


def test_two_people_and_two_attempts_get_other_numbers(hall: Hall) -> None:
    stems = []
    for name, token in (("mina", "one"), ("mina", "two"), ("juno", "one")):
        receipt = hall.start(name, token=token)
        number = hall.position(receipt, Kind.NUMBER)
        stems.append(hall.sheet(receipt).items[number - 1].stem.en)
        hall.submit(receipt)
    assert len(set(stems)) == 3


def test_another_course_makes_other_seeds(hall: Hall) -> None:
    receipt = hall.start()
    with hall.database.read() as session:
        secret = session.scalars(select(QuizSecret.secret)).one()
    assert len(secret) == 64
    assert secret not in everything(hall.sheet(receipt, staff=True))


@given(st.permutations(["a1", "b1", "c1", "d1"]), st.integers(0, 2**64), st.integers(3, 4))
def test_the_order_that_is_shown_is_never_the_key(key: list[str], seed: int, count: int) -> None:
    options = tuple(Option(id, Text(id, id)) for id in sorted(key[:count]))
    asked = Question("q", Kind.ORDER, "t", 1, Text("가", "a"), options=options)
    found = Posed(asked, Key(key[:count], Text("가", "a")))
    shown, aliases = posing.aliased(found, random.Random(seed))
    assert [aliases[one.id] for one in shown.options] != key[:count]
    assert sorted(aliases.values()) == sorted(key[:count])


@given(st.lists(st.sampled_from("xyz"), min_size=1, max_size=12), st.integers(1, 12), st.booleans(), st.integers())
def test_a_draw_takes_as_many_as_asked_from_all_topics(topics: list[str], count: int, shuffle: bool, seed: int) -> None:
    asked = [Question(str(n), Kind.TEXT, topic, 1, Text("가", "a")) for n, topic in enumerate(topics)]
    found = drawn(asked, count, shuffle, random.Random(seed))
    assert len(found) == len({one.id for one in found}) == min(count, len(topics))
    assert len({one.topic for one in found}) == min(count, len(set(topics)))
    if not shuffle:
        assert found == sorted(found, key=lambda one: int(one.id))


def test_an_author_sees_any_variant_with_its_key(hall: Hall) -> None:
    bank = write(hall.folder)
    with hall.database.read() as session:
        one, other, again = (
            quizzes.preview(session, hall.course(session), bank, "week4-demo", seed, at=NOON) for seed in (1, 2, 1)
        )
    assert one == again
    assert one.items[2].stem != other.items[2].stem
    assert one.items[0].feedback is not None
    assert one.items[0].feedback.right == Text("직선 하나로는 나눌 수 없어서", "No single line separates it")
