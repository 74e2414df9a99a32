"""Until when, how often, and what a late day costs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.policy import (
    AttemptSeen,
    Counts,
    ExtensionGiven,
    Late,
    Policy,
    Why,
    Window,
    extra_attempts,
    lateness,
    may_submit,
    merged,
    window,
)
from grader.errors import BadInput

SEOUL, BERLIN, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ZONES = st.sampled_from([UTC, SEOUL, BERLIN, NEW_YORK, ZoneInfo("Africa/Cairo"), ZoneInfo("Australia/Lord_Howe")])
DUE = datetime(2026, 3, 20, 14, 59, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda value: value.replace(tzinfo=UTC))
PERCENT = st.floats(0, 100)
POLICIES = st.builds(
    Policy,
    late=st.sampled_from(Late),
    percent_a_day=PERCENT,
    floor_percent=PERCENT,
    grace_days=st.sampled_from([0.0, 0.25, 1.0, 3.0]),
    attempts=st.none() | st.integers(1, 4),
    attempts_a_day=st.none() | st.integers(1, 3),
    counts=st.sampled_from(Counts),
)
WINDOWS = st.builds(Window, opens=st.none() | MOMENTS, due=st.none() | MOMENTS, closes=st.none() | MOMENTS)
EXTENSIONS = st.lists(
    st.builds(
        ExtensionGiven,
        created_at=st.sampled_from([DUE, DUE + timedelta(hours=1)]),
        number=st.integers(1, 10**6),
        due=st.none() | MOMENTS,
        closes=st.none() | MOMENTS,
        attempts=st.integers(0, 3),
        group=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: one.number,
)


def local(text: str, zone: ZoneInfo, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


# ---------------------------------------------------------------------------------------------------- as JSON


@given(POLICIES)
def test_a_policy_survives_json(policy: Policy) -> None:
    assert Policy.from_json(json.loads(json.dumps(policy.as_json()))) == policy


def test_what_is_not_named_is_as_usual() -> None:
    assert Policy.from_json({}) == Policy()
    assert Policy.from_json({"late": "none", "percent_a_day": 5}) == Policy(late=Late.NONE, percent_a_day=5.0)


def test_an_assignment_goes_before_its_course() -> None:
    course = {"attempts": 3, "percent_a_day": 20, "counts": "last"}
    found = merged(course, {"attempts": None, "percent_a_day": 5})
    assert found == Policy(attempts=None, percent_a_day=5.0, counts=Counts.LAST)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"percent_per_day": 10}, "percent_per_day"),
        ({"percent_a_day": "10"}, "percent_a_day must be a number from 0 to 100, and is '10'"),
        ({"percent_a_day": 101}, "percent_a_day"),
        ({"percent_a_day": float("nan")}, "percent_a_day"),
        ({"floor_percent": -1}, "floor_percent"),
        ({"grace_days": -0.5}, "grace_days"),
        ({"grace_days": float("inf")}, "grace_days"),
        ({"attempts": 0}, "attempts must be a whole number from 1"),
        ({"attempts": True}, "attempts"),
        ({"attempts_a_day": 1.5}, "attempts_a_day"),
        ({"counts": "worst"}, "counts must be one of best, last"),
        ({"late": None}, "late"),
        ({"late": ["none"]}, "late"),
    ],
)
def test_a_bad_rule_is_named(data: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        Policy.from_json(data)
    assert words in caught.value.text.en
    assert next(iter(data)) in caught.value.text.ko


# ---------------------------------------------------------------------------------------------------- windows


def test_without_an_extension_nothing_changes() -> None:
    base = Window(DUE - timedelta(days=9), DUE, DUE + timedelta(days=3))
    assert window(base, []) == base
    assert extra_attempts([]) == 0


def test_the_latest_of_each_counts_and_the_better_of_the_two() -> None:
    day = timedelta(days=1)
    mistake = ExtensionGiven(DUE, 1, due=DUE + 365 * day, attempts=50)
    person = ExtensionGiven(DUE, 2, due=DUE + 2 * day, attempts=1)
    group = ExtensionGiven(DUE - day, 3, due=DUE + 3 * day, attempts=0, group=True)
    assert window(Window(due=DUE), [mistake, person, group]).due == DUE + 3 * day
    assert window(Window(due=DUE), [group, person, mistake]).due == DUE + 3 * day
    assert window(Window(due=DUE), [mistake, person]).due == DUE + 2 * day
    assert extra_attempts([mistake, group, person]) == 1


def test_a_later_due_date_keeps_the_assignment_open() -> None:
    base = Window(None, DUE, DUE + timedelta(days=1))
    later = DUE + timedelta(days=7)
    assert window(base, [ExtensionGiven(DUE, due=later)]) == Window(None, later, later)
    assert window(base, [ExtensionGiven(DUE, closes=later)]) == Window(None, DUE, later)
    assert window(base, [ExtensionGiven(DUE, due=DUE - timedelta(days=1))]) == base


@given(WINDOWS, EXTENSIONS)
def test_an_extension_only_ever_widens(base: Window, extensions: list[ExtensionGiven]) -> None:
    found = window(base, extensions)
    assert found.opens == base.opens
    for before, after in ((base.due, found.due), (base.closes, found.closes)):
        assert after is None if before is None else after is not None and after >= before


@given(st.data(), WINDOWS, EXTENSIONS)
def test_the_order_of_extensions_does_not_matter(data: st.DataObject, base: Window, some: list[ExtensionGiven]) -> None:
    others = data.draw(st.permutations(some))
    assert window(base, others) == window(base, some)
    assert extra_attempts(others) == extra_attempts(some)


# --------------------------------------------------------------------------------------------------- lateness


@pytest.mark.parametrize(
    ("late_by", "days", "share"),
    [
        (timedelta(days=-30), 0, 1.0),
        (timedelta(0), 0, 1.0),
        (timedelta(microseconds=1), 1, 0.9),
        (timedelta(days=1), 1, 0.9),
        (timedelta(days=1, microseconds=1), 2, 0.8),
        (timedelta(days=6), 6, 0.4),
        (timedelta(days=300), 300, 0.3),
    ],
)
def test_a_started_day_is_a_day(late_by: timedelta, days: int, share: float) -> None:
    found = lateness(DUE + late_by, Window(due=DUE), Policy(floor_percent=30), SEOUL)
    assert found.days == days
    assert found.share == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize(("hours", "days"), [(36, 0), (36.01, 1), (60, 1), (60.01, 2)])
def test_days_of_grace_cost_nothing(hours: float, days: int) -> None:
    found = lateness(DUE + timedelta(hours=hours), Window(due=DUE), Policy(grace_days=1.5), SEOUL)
    assert found == (days, (10 - days) / 10)


def test_the_kinds_of_late() -> None:
    after = DUE + timedelta(hours=30)
    assert lateness(after, Window(due=DUE), Policy(late=Late.NONE)) == (2, 1.0)
    assert lateness(after, Window(due=DUE), Policy(late=Late.REFUSE, floor_percent=50)) == (2, 0.0)
    assert lateness(after, Window(), Policy()) == (0, 1.0)


@pytest.mark.parametrize(
    ("due", "received", "zone", "days"),
    [
        # Berlin loses an hour on 2026-03-29: the day after 28 March, 23:59, is 23 hours long
        ("2026-03-28T23:59", "2026-03-29T23:59", BERLIN, 1),
        ("2026-03-28T23:59", "2026-03-29T23:59:01", BERLIN, 2),
        # and gains one on 2026-10-25: a student has 25 hours for the same money
        ("2026-10-24T23:59", "2026-10-25T23:59", BERLIN, 1),
        ("2026-10-24T23:59", "2026-10-26T00:00", BERLIN, 2),
        # a time of day that this day does not have is the moment after the hour that is missing
        ("2026-03-28T02:30", "2026-03-29T03:30", BERLIN, 1),
        ("2026-03-28T02:30", "2026-03-29T03:31", BERLIN, 2),
        # no clock changes in Seoul
        ("2026-03-28T23:59", "2026-03-29T23:59", SEOUL, 1),
        ("2026-03-28T23:59", "2026-03-29T23:59:01", SEOUL, 2),
        ("2026-10-24T23:59", "2026-10-25T23:59", SEOUL, 1),
    ],
)
def test_a_day_is_one_of_the_calendar(due: str, received: str, zone: ZoneInfo, days: int) -> None:
    assert lateness(local(received, zone), Window(due=local(due, zone)), Policy(), zone).days == days


def test_of_an_hour_that_comes_twice_the_second_one_is_in_time() -> None:
    due = Window(due=local("2026-10-24T02:30", BERLIN))
    assert lateness(local("2026-10-25T02:30", BERLIN, fold=1), due, Policy(), BERLIN).days == 1
    assert lateness(local("2026-10-25T02:31", BERLIN, fold=1), due, Policy(), BERLIN).days == 2
    twice = Window(due=local("2026-10-25T02:30", BERLIN, fold=1))
    assert lateness(local("2026-10-25T02:29", BERLIN, fold=1), twice, Policy(), BERLIN).days == 0
    assert lateness(local("2026-10-25T02:31", BERLIN, fold=1), twice, Policy(), BERLIN).days == 1


@given(MOMENTS, MOMENTS, MOMENTS, POLICIES, ZONES)
def test_later_is_never_better(first: datetime, second: datetime, due: datetime, policy: Policy, zone: Any) -> None:
    early, late = (lateness(at, Window(due=due), policy, zone) for at in sorted((first, second)))
    assert early.days <= late.days
    assert 0 <= late.share <= early.share <= 1


@given(MOMENTS, MOMENTS, MOMENTS, POLICIES, ZONES)
def test_a_later_due_date_is_never_worse(
    at: datetime, first: datetime, second: datetime, policy: Policy, zone: Any
) -> None:
    sooner, later = (lateness(at, Window(due=due), policy, zone) for due in sorted((first, second)))
    assert later.days <= sooner.days
    assert sooner.share <= later.share


@given(MOMENTS, MOMENTS, ZONES)
def test_days_are_those_of_the_elapsed_time_but_for_a_changed_clock(at: datetime, due: datetime, zone: Any) -> None:
    found = lateness(at, Window(due=due), Policy(), zone).days
    elapsed = max(0.0, (at - due) / timedelta(days=1))
    assert elapsed - 1.05 / 24 <= found < elapsed + 1 + 1.05 / 24


# ------------------------------------------------------------------------------------------------- may submit


def tried(*texts: str, zone: ZoneInfo = SEOUL, counts: bool = True) -> list[AttemptSeen]:
    return [AttemptSeen(local(text, zone), counts) for text in texts]


def test_before_it_opens() -> None:
    opens = local("2026-03-02T09:00", SEOUL)
    refusal = may_submit(opens - timedelta(seconds=1), Window(opens=opens), Policy(), [], 0, SEOUL)
    assert refusal is not None
    assert (refusal.why, refusal.next_at) == (Why.NOT_OPEN, opens)
    assert "2026-03-02 (월) 09:00 KST부터" in refusal.text.ko
    assert "You can submit from 2026-03-02 (Mon) 09:00 KST" in refusal.text.en
    assert may_submit(opens, Window(opens=opens), Policy(), [], 0, SEOUL) is None


@pytest.mark.parametrize(
    ("found", "policy", "last"),
    [
        (Window(closes=DUE), Policy(), DUE),
        (Window(due=DUE), Policy(late=Late.REFUSE), DUE),
        (Window(due=DUE), Policy(late=Late.REFUSE, grace_days=1), DUE + timedelta(days=1)),
        (Window(due=DUE, closes=DUE + timedelta(days=2)), Policy(), DUE + timedelta(days=2)),
        (Window(due=DUE, closes=DUE + timedelta(days=2)), Policy(late=Late.REFUSE), DUE),
    ],
)
def test_after_its_end(found: Window, policy: Policy, last: datetime) -> None:
    assert may_submit(last, found, policy, [], 9, SEOUL) is None
    refusal = may_submit(last + timedelta(microseconds=1), found, policy, [], 9, SEOUL)
    assert refusal is not None
    assert (refusal.why, refusal.next_at) == (Why.CLOSED, None)
    assert "No further submission is possible" in refusal.text.en
    assert "연장" in refusal.text.ko


def test_attempts_in_all() -> None:
    policy = Policy(attempts=2)
    two = tried("2026-03-01T10:00", "2026-03-02T10:00")
    assert may_submit(DUE, Window(), policy, two[:1], 0, SEOUL) is None
    refusal = may_submit(DUE, Window(), policy, two, 0, SEOUL)
    assert refusal is not None
    assert (refusal.why, refusal.next_at) == (Why.ATTEMPTS, None)
    assert may_submit(DUE, Window(), policy, two, 1, SEOUL) is None
    assert (
        may_submit(DUE, Window(), policy, tried("2026-03-01T10:00", "2026-03-02T10:00", counts=False), 0, SEOUL) is None
    )


def test_attempts_of_a_day_begin_anew_at_midnight_in_the_courses_zone() -> None:
    policy = Policy(attempts_a_day=2)
    used = tried("2026-03-20T22:00", "2026-03-20T23:00")
    refusal = may_submit(local("2026-03-20T23:59:59", SEOUL), Window(), policy, used, 0, SEOUL)
    assert refusal is not None
    assert (refusal.why, refusal.next_at) == (Why.TODAY, local("2026-03-21T00:00", SEOUL))
    assert "You can submit from 2026-03-21 (Sat) 00:00 KST" in refusal.text.en
    assert may_submit(local("2026-03-21T00:00", SEOUL), Window(), policy, used, 0, SEOUL) is None
    # all of it is one and the same day in London and two days in New York
    assert (
        may_submit(local("2026-03-21T00:00", SEOUL), Window(), policy, used, 0, ZoneInfo("Europe/London")) is not None
    )


def test_midnight_on_a_day_when_the_clocks_change() -> None:
    policy = Policy(attempts_a_day=1)
    used = tried("2026-03-29T00:30", zone=BERLIN)
    refusal = may_submit(local("2026-03-29T12:00", BERLIN), Window(), policy, used, 0, BERLIN)
    assert refusal is not None
    assert refusal.next_at == datetime(2026, 3, 29, 22, tzinfo=UTC)  # 23 hours after the last midnight
    cairo = ZoneInfo("Africa/Cairo")  # has no midnight on 24 April 2026: the clocks go from 23:59:59 to 1:00
    used = tried("2026-04-23T12:00", zone=cairo)
    refusal = may_submit(local("2026-04-23T13:00", cairo), Window(), policy, used, 0, cairo)
    assert refusal is not None
    assert refusal.next_at is not None
    assert refusal.next_at.astimezone(cairo).isoformat() == "2026-04-24T01:00:00+03:00"
    assert "2026-04-24 (Fri) 01:00" in refusal.text.en


def test_no_tomorrow_where_it_closes_today() -> None:
    used = tried("2026-03-20T10:00")
    found = Window(closes=local("2026-03-20T23:59", SEOUL))
    refusal = may_submit(local("2026-03-20T11:00", SEOUL), found, Policy(attempts_a_day=1), used, 0, SEOUL)
    assert refusal is not None
    assert (refusal.why, refusal.next_at) == (Why.TODAY, None)
    assert "No further submission" in refusal.text.en


def test_extra_attempts_go_beyond_a_days_limit_once() -> None:
    policy = Policy(attempts_a_day=1)
    used = tried("2026-03-20T10:00")
    assert may_submit(local("2026-03-20T11:00", SEOUL), Window(), policy, used, 1, SEOUL) is None
    used += tried("2026-03-20T11:00")
    assert may_submit(local("2026-03-20T12:00", SEOUL), Window(), policy, used, 1, SEOUL) is not None
    used += tried("2026-03-21T10:00")  # the extra one is used up
    assert may_submit(local("2026-03-21T11:00", SEOUL), Window(), policy, used, 1, SEOUL) is not None


ATTEMPTS = st.lists(st.builds(AttemptSeen, MOMENTS, st.booleans()), max_size=6)


@given(MOMENTS, WINDOWS, POLICIES, ATTEMPTS, st.integers(0, 3), ZONES)
def test_at_the_time_that_a_refusal_names_it_is_taken(
    at: datetime, found: Window, policy: Policy, used: list[AttemptSeen], extra: int, zone: Any
) -> None:
    used = [one for one in used if one.received_at <= at]
    refusal = may_submit(at, found, policy, used, extra, zone)
    if refusal is None or refusal.next_at is None:
        return
    assert refusal.next_at > at
    again = may_submit(refusal.next_at, found, policy, used, extra, zone)
    assert again is None or (refusal.why is Why.NOT_OPEN and again.why is not Why.NOT_OPEN)


@given(st.data(), MOMENTS, WINDOWS, POLICIES, ATTEMPTS, st.integers(0, 3), EXTENSIONS)
def test_more_time_and_attempts_never_refuse(
    data: st.DataObject,
    at: datetime,
    found: Window,
    policy: Policy,
    used: list[AttemptSeen],
    extra: int,
    more: list[ExtensionGiven],
) -> None:
    if may_submit(at, found, policy, used, extra, SEOUL) is None:
        assert may_submit(at, window(found, more), policy, used, extra + extra_attempts(more), SEOUL) is None
        fewer = data.draw(st.permutations(used))[1:]
        assert may_submit(at, found, policy, fewer, extra, SEOUL) is None
