"""Grades of quizzes: a pure function that no order, no lateness and no fault of ours can bend."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from course.quizzes.hall import DAY, HOUR, MINUTE, NOON, PRACTICE, Hall
from hypothesis import given
from hypothesis import strategies as st

from grader.course import exports, quizzes
from grader.course.policy import Counts, Late, Window
from grader.course.quizzes import QuizRules, grading
from grader.course.quizzes.grading import AttemptSeen, grade
from grader.errors import BadInput
from grader.quiz import statistics
from grader.quiz.question import Kind

SHARES = st.none() | st.floats(0, 1)
MARKS = st.lists(st.tuples(st.sampled_from([0.5, 1.0, 2.0, 3.0]), SHARES), min_size=1, max_size=5)
TIMES = st.integers(-3000, 9000).map(lambda minutes: NOON + timedelta(minutes=minutes))
RULES = st.builds(
    QuizRules,
    graded=st.just(True),
    counts=st.sampled_from(Counts),
    late=st.sampled_from(Late),
    percent_a_day=st.floats(0, 100),
    floor_percent=st.floats(0, 100),
)


@st.composite
def sittings(draw: st.DrawFn) -> list[AttemptSeen]:
    found = draw(st.lists(st.tuples(TIMES, st.booleans(), MARKS), max_size=5))
    return [AttemptSeen(number, number, at, ended, marks) for number, (at, ended, marks) in enumerate(found, 1)]


@given(sittings(), RULES, st.randoms())
def test_order_does_not_matter(found: list[AttemptSeen], rules: QuizRules, rng: Random) -> None:
    window = Window(due=NOON)
    mixed = [one._replace(marks=rng.sample(one.marks, len(one.marks))) for one in found]
    rng.shuffle(mixed)
    assert grade(found, rules, window, 10.0) == grade(mixed, rules, window, 10.0)


@given(sittings(), RULES)
def test_best_is_never_below_last_and_late_never_above_in_time(found: list[AttemptSeen], rules: QuizRules) -> None:
    def share(rules: QuizRules, window: Window) -> float:
        one = grade(found, rules, window, 10.0)
        return one.score / one.max_score if one.max_score else 0.0

    late, free = Window(due=NOON), Window()
    best, last = replace(rules, counts=Counts.BEST), replace(rules, counts=Counts.LAST)
    assert share(best, late) >= share(last, late) - 1e-6
    assert share(best, free) >= share(best, late) - 1e-6


@given(sittings(), RULES)
def test_a_later_due_date_never_lowers(found: list[AttemptSeen], rules: QuizRules) -> None:
    early, later = (
        grade(found, replace(rules, counts=Counts.BEST), Window(due=due), 10.0) for due in (NOON, NOON + 2 * DAY)
    )
    assert later.score * (early.max_score or 1) >= early.score * (later.max_score or 1) - 1e-5


@given(sittings(), RULES)
def test_what_is_not_marked_or_still_runs_counts_for_nothing_and_against_nobody(
    found: list[AttemptSeen], rules: QuizRules
) -> None:
    whole = [one for one in found if one.ended and all(share is not None for _, share in one.marks)]
    some, only = grade(found, rules, Window(), 10.0), grade(whole, rules, Window(), 10.0)
    assert (some.score, some.attempt_id) == (only.score, only.attempt_id)
    if not whole:
        waits = any(one.ended for one in found)
        assert some.status == ("pending" if waits else "open" if found else "none")


def test_an_attempt_is_as_late_as_its_last_answer(hall: Hall) -> None:
    hall.schedule(rules={"late": "percent", "percent_a_day": 20}, due=NOON + 10 * MINUTE, closes=NOON + 3 * DAY)
    receipt = hall.start()
    hall.answer(receipt)
    hall.now = NOON + 20 * MINUTE  # only the click on "submit" is late
    hall.submit(receipt)
    assert (hall.grade().score, hall.grade().late_days) == (9, 0)
    hall.now = NOON + HOUR
    late = hall.sat(token="two")
    assert hall.grade().score == 9  # the best counts
    hall.schedule(rules={"counts": "last"})
    assert (hall.grade().score, hall.grade().late_days, hall.grade().raw) == (7.2, 1, 9)
    assert hall.sheet(late).score == 9


def test_the_grade_says_what_there_is(hall: Hall) -> None:
    assert (hall.grade().status, hall.grade().max_score) == ("none", 10)
    receipt = hall.start()
    assert hall.grade().status == "open"
    hall.save(receipt, 10, "def relu(z): return z")
    hall.submit(receipt)
    assert (hall.grade().status, hall.sheet(receipt).pending) == ("pending", 1)


def test_practice_counts_for_nothing(hall: Hall) -> None:
    hall.schedule(rules={"practice": "always"})
    receipt = hall.start(mode=PRACTICE)
    hall.check(receipt, 1, hall.right(receipt, 1))
    hall.submit(receipt)
    assert hall.sheet(receipt).score == 1
    assert hall.grade().status == "none"


def test_what_is_practice_alone_is_in_no_gradebook(hall: Hall) -> None:
    hall.schedule(rules={"graded": False})
    with pytest.raises(quizzes.Refused, match="practice alone"):
        hall.start()
    with hall.database.read() as session:
        assert all(row == {} for _, row in quizzes.grades(session, hall.course(session)))


def test_standing_says_what_can_be_done_now(hall: Hall) -> None:
    def standing() -> quizzes.Standing:
        with hall.database.read() as session:
            ((found),) = quizzes.mine(session, hall.course(session), hall.person(session, "mina"), at=hall.now)
            return found

    assert ([mode.value for mode in standing().may_start], standing().attempts_left) == (["graded"], 2)
    receipt = hall.start()
    assert [one.receipt for one in standing().open] == [receipt]
    assert [mode.value for mode in standing().may_start] == ["graded"]  # to go on with it
    hall.answer(receipt)
    hall.submit(receipt)
    assert (standing().sittings[0].score, standing().grade.score, standing().attempts_left) == (9, 9, 1)
    hall.now = NOON + 2 * HOUR
    assert [mode.value for mode in standing().may_start] == ["practice"]
    assert standing().refusal is not None
    hall.now = NOON - HOUR
    assert (standing().may_start, standing().practice_from) == ([], NOON + HOUR)


def test_rules_that_are_none_are_refused_and_change_nothing(hall: Hall) -> None:
    wrong: list[dict[str, object]] = [{"minutes": 0}, {"minutes": True}, {"minutes": 10**9}, {"attempts": -1}]
    wrong += [{"review": "never"}, {"practice": "sometimes"}, {"late": "maybe"}, {"shuffle": "perhaps"}]
    for rules in (*wrong, {"questions": 0}, {"colour": 1}):
        with pytest.raises(BadInput, match=next(iter(rules))):
            hall.schedule(rules=rules)
    with hall.database.read() as session:
        assert QuizRules.from_json(hall.quiz(session).policy).minutes == 30


def test_rules_survive_their_json() -> None:
    rules = QuizRules(True, minutes=5, attempts=None, late=Late.PERCENT, questions=3, hints=True)
    assert QuizRules.from_json(rules.as_json()) == rules


def test_the_answers_of_a_class_feed_the_statistics(hall: Hall) -> None:
    hall.sat("mina")
    hall.sat("juno", wrong=(Kind.CHOICE,))
    hall.sat("juno", token="second")  # the first attempt counts
    with hall.database.read() as session:
        rows = quizzes.results(session, hall.quiz(session))
        found = statistics.statistics(rows, quizzes.options(session, hall.quiz(session)))
    choice = next(item for item in found.items if item.question == "demo-choice")
    assert (found.people, choice.n, choice.difficulty) == (2, 2, 0.5)
    assert {name: sum(taken.values()) for name, taken in choice.choices.items()} == {"line": 1, "data": 1, "rate": 0}


def test_questions_that_are_drawn_make_the_points_that_there_are(hall: Hall) -> None:
    """Else nobody could have more than six of ten."""
    hall.schedule(rules={"questions": 6})
    assert (hall.grade("juno").max_score, hall.grade("juno").status) == (6, "none")
    hall.sat("mina", skip=())
    with hall.database.read() as session:
        course = hall.course(session)
        (listed,) = grading.quizzes(session, course)
        assert listed.max_score == hall.grade("mina").max_score == 6
        (standing,) = quizzes.mine(session, course, hall.person(session, "juno"), at=hall.now)
        assert (standing.questions, standing.max_score) == (6, 6)
        (column,) = exports.gather(session, course).quizzes
        assert column.max_score == 6
