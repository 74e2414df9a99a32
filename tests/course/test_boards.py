"""The leaderboard of an assignment: who is on it, in which place, and when the private part opens."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from course.world import DAY, NOON, World, report
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grader.course import boards, decisions, people, regrading, submissions
from grader.course.boards import Entry, Look, Standing, Terms, finals, likeness, ranking, stand
from grader.errors import BadInput
from grader.ladder import Answers
from grader.report import Report, Status
from grader.store import audit
from grader.store.boards import BoardAnswer, BoardName
from grader.store.models import Role, Run, State

N = 400
TERMS = Terms(3, NOON + 10 * DAY, "one", UTC)


def answers(public: int, private: int = 300, draw: str = "one") -> Answers:
    """So many right, always the first ones."""
    return Answers(draw, (1 << public) - 1, N, (1 << private) - 1, N)


def entry(number: int, public: int | None, *, at: datetime = NOON, waits: bool = False, **more: Any) -> Entry:
    return Entry(number, at, waits, None if public is None else answers(public, **more))


def fates(*entries: Entry, terms: Terms = TERMS) -> list[str]:
    return [line.fate.value for line in stand(entries, terms).lines]


# ------------------------------------------------------------------------------------------------------ pure


def test_a_score_moves_only_by_more_than_chance() -> None:
    assert fates(entry(1, 300), entry(2, 301), entry(3, 320)) == ["moved", "kept", "moved"]
    found = stand([entry(1, 300), entry(2, 301)], TERMS)
    assert found.best == answers(300)
    assert found.naive == answers(301)


def test_beyond_the_budget_nothing_counts_until_the_next_day_of_the_course() -> None:
    days = [entry(n, 200 + 20 * n, at=NOON + timedelta(minutes=n)) for n in range(1, 6)]
    tomorrow = entry(9, 390, at=NOON + DAY)
    assert fates(*days, tomorrow, terms=TERMS) == [*["moved"] * 3, *["budget"] * 2, "moved"]
    assert stand(days, TERMS).naive == answers(260)
    evening = [entry(n, 200 + 20 * n, at=NOON + timedelta(hours=6 + 2 * n)) for n in range(4)]  # of two days in Seoul
    assert fates(*evening, terms=replace(TERMS, zone=ZoneInfo("Asia/Seoul"), a_day=1)) == [
        *("moved", "budget", "budget", "moved"),
    ]


def test_what_gives_no_answer_costs_no_budget() -> None:
    none = [entry(n, None, at=NOON + timedelta(minutes=n)) for n in range(3)]
    assert fates(*none, entry(9, 300, at=NOON + timedelta(hours=1))) == [*["nothing"] * 3, "moved"]


def test_from_one_that_waits_all_later_ones_wait() -> None:
    some = [entry(1, 300), entry(2, None, waits=True), entry(3, 390), entry(4, None)]
    assert fates(*some) == ["moved", "waiting", "waiting", "nothing"]
    assert stand(some, TERMS).best == answers(300)


def test_what_comes_too_late_or_was_asked_about_other_matches_does_not_count() -> None:
    late = entry(2, 390, at=NOON + 11 * DAY)
    assert fates(entry(1, 300), late) == ["moved", "late"]
    assert fates(entry(1, 300, draw="two"), entry(2, 250)) == ["older", "moved"]
    assert fates(late, terms=replace(TERMS, ends=None)) == ["moved"]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter_and_scores_never_fall(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    entries = [
        entry(
            number,
            data.draw(st.none() | st.integers(0, N)),
            at=NOON + timedelta(hours=data.draw(st.integers(0, 60))),
            waits=data.draw(st.booleans()),
        )
        for number in range(count)
    ]
    shuffled = entries.copy()
    random.Random(data.draw(st.integers())).shuffle(shuffled)
    assert stand(entries, TERMS) == stand(shuffled, TERMS)
    before = 0
    for known in range(count + 1):
        best = stand(sorted(entries, key=lambda one: (one.received_at, one.submission_id))[:known], TERMS).best
        assert best is None or best.right_in_public >= before
        before = best.right_in_public if best else before


def test_the_private_part_has_no_say_before_the_end() -> None:
    rng = np.random.default_rng(2)
    some = [(int(rng.integers(100, N)), int(rng.integers(0, N))) for _ in range(30)]

    def shown(turn: bool) -> Any:
        terms = replace(TERMS, a_day=100)
        found = stand([entry(n, pub, private=N - pri if turn else pri) for n, (pub, pri) in enumerate(some)], terms)
        return found.lines, ranking({1: found}, {1: "a"})

    assert shown(False) == shown(True)


def standing(public: int, private: int, naive: tuple[int, int] | None = None) -> Standing:
    best = answers(public, private)
    return Standing((), best, best if naive is None else answers(*naive))


def test_the_same_score_shares_a_place() -> None:
    found = {1: standing(300, 1), 2: standing(390, 1), 3: standing(300, 1), 4: standing(200, 1)}
    names = {3: "b", 1: "a", 2: "z", 4: "c", 5: "new"}
    rows = [(one.place, one.name) for one in ranking(found, names)]
    assert rows == [(1, "z"), (2, "a"), (2, "b"), (4, "c"), (None, "new")]


def test_nobody_is_listed_without_a_name() -> None:
    found = {1: standing(300, 300), 2: standing(390, 390)}
    assert [one.person_id for one in ranking(found, {1: "a"})] == [1]
    assert [one.person_id for one in finals(found, {1: "a"})] == [1]


def test_the_final_places_say_how_sure_they_are() -> None:
    """398 and 396 of 400 cannot be told apart, 300 and 200 can."""
    found = {1: standing(390, 396), 2: standing(395, 398), 3: standing(380, 300), 4: standing(399, 200)}
    rows = finals(found, {1: "a", 2: "b", 3: "c", 4: "d"})
    assert [(one.name, one.place, one.first, one.last) for one in rows] == [
        ("b", 1, 1, 2),
        ("a", 2, 1, 2),
        ("c", 3, 3, 3),
        ("d", 4, 4, 4),
    ]
    assert rows[0].private.low < 396 / 400 < rows[0].private.high


def test_what_a_naive_board_would_have_shown_is_kept_apart() -> None:
    (row,) = finals({1: standing(300, 300, naive=(305, 280))}, {1: "a"})
    assert (row.public.right, row.private.right, row.naive.right, row.naive_private.right) == (300, 300, 305, 280)


@pytest.mark.parametrize(
    ("one", "other"), [("Learner", "learner"), ("lol 1", "LOLl"), ("B0b", "bob"), ("rn-x", "mx"), ("가 나", "가나")]
)
def test_names_that_look_alike_are_the_same(one: str, other: str) -> None:
    assert likeness(one) == likeness(other)


# ----------------------------------------------------------------------------------------------- in a course


def board_report(public: int, private: int = 300, draw: str = "one") -> Report:
    return replace(report(), board=answers(public, private, draw))


@pytest.fixture
def board(world: World) -> World:
    """With a leaderboard, and a time to close."""
    with world.write() as session:
        one = world.assignment(session)
        one.due, one.closes = NOON + 5 * DAY, NOON + 7 * DAY
        boards.open_board(session, one, a_day=3, actor="test")
    return world


def hand_in(world: World, name: str, data: str, public: int | None, *, private: int = 300, **more: Any) -> Run:
    run = world.submit(name, data.encode(), **more).run
    if public is not None:
        assert world.grade(run, board_report(public, private))
    return run


def choose(world: World, name: str, words: str) -> str:
    with world.write() as session:
        return boards.choose_name(session, world.assignment(session), world.person(session, name), words)


def look(world: World, at: datetime = NOON) -> Look:
    with world.database.read() as session:
        found = boards.look(session, world.assignment(session), at=at)
    assert found is not None
    return found


def score(world: World, name: str) -> int | None:
    with world.database.read() as session:
        share = look(world).score_of(world.person(session, name))
    return None if share is None else share.right


def test_without_a_decision_there_is_no_board(world: World) -> None:
    with world.database.read() as session:
        assert boards.look(session, world.assignment(session)) is None
    with pytest.raises(BadInput, match="Only students"):
        choose(world, "mina", "Falcon")


def test_opening_and_closing_go_into_the_audit_log(board: World) -> None:
    with board.write() as session:
        one, before = board.assignment(session), audit.last(session)[0]
        boards.open_board(session, one, a_day=3, actor="test")  # as it is: no decision
        assert audit.last(session)[0] == before
        with pytest.raises(BadInput, match="from 1 to"):
            boards.open_board(session, one, a_day=0, actor="test")
        boards.open_board(session, one, a_day=4, actor="test")
        boards.close_board(session, one, actor="test")
        assert audit.last(session)[0] == before + 2
        assert not boards.is_open(session, one)


def test_a_result_puts_the_answers_beside_the_run_and_a_score_on_the_board(board: World) -> None:
    hand_in(board, "mina", "a", 300)
    choose(board, "mina", "Falcon")
    found = look(board)
    assert [(one.place, one.name, one.score.right if one.score else None) for one in found.places] == [
        (1, "Falcon", 300)
    ]
    assert found.sizes == (N, N)
    with board.database.read() as session:
        run = session.scalars(select(Run)).one()
        assert submissions.report_of(session, run).board is None  # what is shown anywhere is built from this


def test_a_board_of_bits_that_no_byte_ends_with_comes_back_as_it_was(board: World) -> None:
    rng = np.random.default_rng(0)
    run = board.submit("mina", b"a").run
    parts = rng.random(1001) < 0.5
    known = Answers.of([rng.random(1001) < 0.7], parts, "odd")
    board.grade(run, replace(report(), board=known))
    with board.database.read() as session:
        assert look(board).of(board.person(session, "mina")).best == known


def test_results_that_arrive_in_another_order_make_the_same_board(board: World) -> None:
    runs = [hand_in(board, "mina", str(n), None, at=NOON + timedelta(minutes=n)) for n in range(3)]
    board.grade(runs[2], board_report(390))
    assert score(board, "mina") is None  # the first two may still be graded
    board.grade(runs[0], board_report(300))
    assert score(board, "mina") == 300
    board.grade(runs[1], board_report(302))
    assert score(board, "mina") == 390


def test_a_cancelled_run_holds_nobody_up_and_a_fault_of_ours_costs_nothing(board: World) -> None:
    run = hand_in(board, "mina", "a", None)
    hand_in(board, "mina", "b", 350, at=NOON + timedelta(minutes=1))
    assert score(board, "mina") is None
    with board.write() as session:
        session.get_one(Run, run.id).state = State.CANCELLED
    assert score(board, "mina") == 350


def test_a_report_without_a_grade_is_not_on_the_board(board: World) -> None:
    run = board.submit("mina", b"x").run
    board.grade(run, replace(report(status=Status.NOT_GRADABLE), board=answers(399)))
    assert score(board, "mina") is None
    with board.database.read() as session:
        assert session.scalar(select(func.count()).select_from(BoardAnswer)) == 0


def test_a_regrade_counts_once_it_is_committed_and_can_be_repeated(board: World) -> None:
    hand_in(board, "mina", "a", 300)
    board.change_suite()
    board.publish()
    with board.write() as session:
        batch = regrading.plan(session, board.assignment(session), actor="test", enqueue=board.enqueue).batch
        shadow = session.scalars(select(Run).where(Run.batch == batch)).one()
    board.grade(shadow, board_report(350))
    assert score(board, "mina") == 300
    with board.write() as session:
        regrading.commit(session, batch, actor="test", shown=regrading.word_for(regrading.compare(session, batch)))
    assert score(board, "mina") == 350
    assert look(board) == look(board)


def test_of_two_draws_the_newest_versions_is_compared(board: World) -> None:
    hand_in(board, "mina", "a", 390)
    hand_in(board, "juno", "a", 380)
    board.change_suite()
    board.publish()
    board.grade(board.submit("juno", b"b", at=NOON + timedelta(hours=1)).run, board_report(200, draw="two"))
    assert (score(board, "mina"), score(board, "juno")) == (None, 200)


def test_points_decided_by_hand_do_not_move_the_board(board: World) -> None:
    hand_in(board, "mina", "a", 300)
    with board.write() as session:
        decisions.set_override(
            session, board.assignment(session), board.person(session, "mina"), 5.0, "a test", actor="test"
        )
    assert score(board, "mina") == 300


# -------------------------------------------------------------------------------------------------- the end


def test_the_private_part_opens_after_the_last_moment_that_anybody_has(board: World) -> None:
    hand_in(board, "mina", "a", 300, private=250)
    choose(board, "mina", "Falcon")
    closes = NOON + 7 * DAY
    assert look(board, closes).finals is None
    opened = look(board, closes + timedelta(seconds=1)).finals
    assert opened is not None
    assert opened[0].private.right == 250
    with board.write() as session:
        one, juno = board.assignment(session), board.person(session, "juno")
        decisions.grant_extension(session, one, juno, closes=closes + 3 * DAY, reason="ill", actor="test")
    assert look(board, closes + DAY).finals is None
    assert look(board, closes + 4 * DAY).finals is not None
    assert look(board, closes + DAY).finals_for_staff


def test_without_a_closing_date_the_board_ends_when_it_is_due_and_without_that_never(board: World) -> None:
    with board.write() as session:
        one = board.assignment(session)
        one.closes, one.policy = None, {"grace_days": 1}
    assert look(board).ends == NOON + 6 * DAY
    hand_in(board, "mina", "late", 390, at=NOON + 6.5 * DAY)
    assert score(board, "mina") is None
    with board.write() as session:
        board.assignment(session).due = None
    assert look(board, NOON + 1000 * DAY).finals is None
    assert score(board, "mina") == 390


def test_nothing_private_is_in_what_a_look_prints(board: World) -> None:
    hand_in(board, "mina", "a", 300, private=217)
    choose(board, "mina", "Falcon")
    words = repr(look(board)) + repr(look(board).places)
    assert "217" not in words
    assert str((1 << 217) - 1) not in words


# ------------------------------------------------------------------------------------------------- the names


NO_NAMES = [
    "",
    "a",
    "x" * 21,
    "mina@example.com",
    "ＭＩＮＡ＠x",
    "Раvel",
    "a\u200bb",
    "<b>hi</b>",
    "ㅋㅋㅋ",
    "- -",
    "20241234",
    "010-1234-5678",
]


def test_what_is_no_pseudonym_is_refused(board: World) -> None:
    for words in NO_NAMES:
        with pytest.raises(BadInput):
            choose(board, "mina", words)


def test_a_real_name_is_no_pseudonym(board: World) -> None:
    for words in ("Mina", "MINA", "Juno", "m-i-n-a"):
        with pytest.raises(BadInput, match="real name"):
            choose(board, "mina", words)


def test_a_name_is_unique_may_change_and_be_taken_back(board: World) -> None:
    assert choose(board, "mina", "  Blue   Falcon ") == "Blue Falcon"
    assert choose(board, "mina", "blue falcon") == "blue falcon"
    for words in ("Blue Falcon", "bluefa1con", "BLUE_FALCON"):
        with pytest.raises(BadInput, match="somebody else"):
            choose(board, "juno", words)
    with board.write() as session:
        boards.withdraw(session, board.assignment(session), board.person(session, "mina"))
        assert boards.name_of(session, board.assignment(session), board.person(session, "mina")) is None
    assert choose(board, "juno", "푸른 매") == "푸른 매"
    assert [one.name for one in look(board).places] == ["푸른 매"]


def test_staff_are_no_competitors_and_may_remove_a_name(board: World) -> None:
    with pytest.raises(BadInput, match="Only students"):
        choose(board, "teacher", "Falcon")
    choose(board, "mina", "Falcon")
    with board.write() as session:
        one, mina = board.assignment(session), board.person(session, "mina")
        boards.remove_name(session, one, mina, actor="test")
        number = audit.last(session)[0]
        boards.remove_name(session, one, mina, actor="test")
        assert audit.last(session)[0] == number
    assert look(board).places == []


def test_who_is_forgotten_or_gone_is_on_no_board(board: World) -> None:
    for name, words in (("mina", "Falcon"), ("juno", "Heron")):
        hand_in(board, name, name, 300)
        choose(board, name, words)
    with board.write() as session:
        people.forget(session, board.person(session, "mina"), actor="test")
        board.person(session, "juno").active = False
    assert look(board).places == []
    with board.database.read() as session:
        assert [row.name for row in session.scalars(select(BoardName))] == ["Heron"]
        assert session.scalar(select(func.count()).select_from(BoardAnswer)) == 1
        assert session.scalar(select(func.count()).select_from(Run)) == 2


def test_roles_are_those_of_now(board: World) -> None:
    with board.write() as session:
        people.add_person(session, board.course(session), "kim@example.com", "Kim", Role.STUDENT, actor="test")
    choose(board, "kim", "Falcon")
    assert [one.name for one in look(board).places] == ["Falcon"]
