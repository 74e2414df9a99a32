"""The rules of an assignment, as pure functions: until when, how often, and what a late day costs.

A day is a calendar day in the course's time zone, so that one in which the clocks change is one day all the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from grader import words
from grader.errors import BadInput
from grader.text import Text

DAY = timedelta(days=1)
MOST = 10_000  # attempts or days that anybody could mean


class Late(StrEnum):
    """What becomes of work that comes after its time."""

    NONE = "none"  # nothing is deducted
    PERCENT = "percent"  # a share of the points for each started day
    REFUSE = "refuse"  # it is not taken


class Counts(StrEnum):
    """Which of several submissions makes the grade."""

    BEST = "best"
    LAST = "last"


@dataclass(frozen=True)
class Policy:
    """The rules of one assignment. A day late costs `percent_a_day` of the points that were earned, down to
    `floor_percent` of them; the first `grace_days` cost nothing. No number of attempts is no limit."""

    late: Late = Late.PERCENT
    percent_a_day: float = 10.0
    floor_percent: float = 0.0
    grace_days: float = 0.0
    attempts: int | None = None  # in all
    attempts_a_day: int | None = None
    counts: Counts = Counts.BEST

    def as_json(self) -> dict[str, Any]:
        return {key: value.value if isinstance(value, StrEnum) else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Policy:
        """The rules that are named; the others are as above. Raises BadInput, which names the key."""
        must_be_rules(data, {field.name for field in fields(cls)})
        return cls(**{key: READERS[key](key, value) for key, value in data.items()})


def must_be_rules(names: Iterable[str], known: Collection[str]) -> None:
    """Raises BadInput for the first that is no rule."""
    for key in names:
        if key not in known:
            raise BadInput(
                Text(
                    f"알 수 없는 규칙입니다: {key!r}. 쓸 수 있는 규칙: {', '.join(sorted(known))}.",
                    f"There is no rule {key!r}. The rules are {', '.join(sorted(known))}.",
                )
            )


@dataclass(frozen=True)
class Window:
    """When an assignment may be handed in. None: always has been, no due date, never closes. The last moment of
    each counts as within."""

    opens: datetime | None = None
    due: datetime | None = None
    closes: datetime | None = None


@dataclass(frozen=True)
class ExtensionGiven:
    """More time or attempts for a person, or for the group that the person is in. `number` tells apart those of one
    moment."""

    created_at: datetime
    number: int = 0
    due: datetime | None = None
    closes: datetime | None = None
    attempts: int = 0
    group: bool = False


class Lateness(NamedTuple):
    """Started days after the due date and the days of grace, and the share of the points that is kept."""

    days: int
    share: float


IN_TIME = Lateness(0, 1.0)


@dataclass(frozen=True)
class AttemptSeen:
    """An earlier submission; `counts` is False where it was nobody's attempt (our fault, or no notebook)."""

    received_at: datetime
    counts: bool = True


class Why(StrEnum):
    """Why a submission is not taken."""

    NOT_OPEN = "not_open"
    CLOSED = "closed"
    ATTEMPTS = "attempts"
    TODAY = "today"


@dataclass(frozen=True)
class Refusal:
    """A submission that is not taken, and when one would be; `next_at` is None where it will not be."""

    why: Why
    text: Text
    next_at: datetime | None = None


def merged(course: Mapping[str, Any], assignment: Mapping[str, Any]) -> Policy:
    """The rules of an assignment: its own, and the course's where it names none. Raises as `Policy.from_json`."""
    return Policy.from_json({**course, **assignment})


def window(base: Window, extensions: Sequence[ExtensionGiven]) -> Window:
    """The window of one person. The person's latest extension and the group's latest count, each date by itself,
    and only where it is later than what was. Who may hand in by a later due date finds the assignment open."""
    given = _latest(extensions)
    due = _later(base.due, [one.due for one in given])
    moved = due if due != base.due else None
    return Window(base.opens, due, _later(base.closes, [moved, *(one.closes for one in given)]))


def extra_attempts(extensions: Sequence[ExtensionGiven]) -> int:
    """Attempts beyond the policy's: the person's or the group's latest, whichever gives more."""
    return max((one.attempts for one in _latest(extensions)), default=0)


def lateness(received: datetime, window: Window, policy: Policy, zone: tzinfo = UTC) -> Lateness:
    """How late a submission is, in days of that zone, and what it keeps of its points (0..1)."""
    if window.due is None or received <= window.due:  # a grace is never negative
        return IN_TIME
    days = _started_days(window.due, policy.grace_days, received, zone)
    if days == 0 or policy.late is Late.NONE:
        return Lateness(days, 1.0)
    if policy.late is Late.REFUSE:
        return Lateness(days, 0.0)
    return Lateness(days, max(100.0 - policy.percent_a_day * days, policy.floor_percent) / 100.0)


def may_submit(
    at: datetime,
    window: Window,
    policy: Policy,
    attempts_used: Sequence[AttemptSeen],
    extra_attempts: int,
    zone: tzinfo,
) -> Refusal | None:
    """None where a submission may be handed in now. Extra attempts go beyond both limits, the one in all and the one
    of a day, wherever they are needed."""
    if window.opens is not None and at < window.opens:
        return _refusal(Why.NOT_OPEN, window.opens, zone)
    end = ends(window, policy, zone)
    if end is not None and at > end:
        return _refusal(Why.CLOSED, None, zone)
    days = Counter(one.received_at.astimezone(zone).date() for one in attempts_used if one.counts)
    if policy.attempts is not None and days.total() >= policy.attempts + extra_attempts:
        return _refusal(Why.ATTEMPTS, None, zone)
    if policy.attempts_a_day is None:
        return None
    today = at.astimezone(zone).date()
    beyond = sum(max(0, used - policy.attempts_a_day) for day, used in days.items() if day != today)
    if days[today] < policy.attempts_a_day + max(0, extra_attempts - beyond):
        return None
    tomorrow = datetime.combine(today + DAY, time(), zone).astimezone(UTC)
    return _refusal(Why.TODAY, tomorrow if end is None or tomorrow <= end else None, zone)


def _latest(extensions: Iterable[ExtensionGiven]) -> list[ExtensionGiven]:
    """Of the person's and of the group's the last one that was given: a mistaken one can be mended by another."""
    found: dict[bool, ExtensionGiven] = {}
    for one in sorted(extensions, key=lambda one: (one.created_at, one.number)):
        found[one.group] = one
    return list(found.values())


def _later(base: datetime | None, others: Iterable[datetime | None]) -> datetime | None:
    """The latest of all; None, which is no limit at all, stays."""
    return None if base is None else max([base, *(one for one in others if one is not None)])


@lru_cache(maxsize=10_000)  # a gradebook asks about the same few due dates again and again
def _shifted(moment: datetime, days: float, zone: tzinfo) -> datetime:
    """The same time of day so many days later, in that zone; the later one of two where the clocks change."""
    if not days:
        return moment
    hands = moment.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return max(hands.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _started_days(due: datetime, grace: float, received: datetime, zone: tzinfo) -> int:
    """0 until the grace ends, 1 until a day after it, and so on."""
    days = max(0, math.ceil((received - due) / DAY - grace) - 1)  # never too many: a day is hardly longer than 24 hours
    while received > _shifted(due, grace + days, zone):
        days += 1
    return days


def ends(window: Window, policy: Policy, zone: tzinfo) -> datetime | None:
    """The last moment at which anything is taken."""
    ends = [window.closes]
    if policy.late is Late.REFUSE and window.due is not None:
        ends.append(_shifted(window.due, policy.grace_days, zone))
    return min((end for end in ends if end is not None), default=None)


def _refusal(why: Why, next_at: datetime | None, zone: tzinfo) -> Refusal:
    text = WHY[why]
    if next_at is None:
        return Refusal(why, text + NEVER)
    when = words.moment(next_at, zone)
    return Refusal(why, text + Text(f"{when.ko}부터 제출할 수 있습니다.", f"You can submit from {when.en}."), next_at)


WHY = {
    Why.NOT_OPEN: Text("아직 제출 기간이 아닙니다.", "This assignment is not open yet."),
    Why.CLOSED: Text("제출 기간이 끝났습니다.", "This assignment is closed."),
    Why.ATTEMPTS: Text("제출 횟수를 모두 썼습니다.", "All attempts are used."),
    Why.TODAY: Text("오늘의 제출 횟수를 모두 썼습니다.", "Today's attempts are used."),
}
NEVER = Text(
    "더는 제출할 수 없습니다. 사정이 있으면 강사에게 연장을 요청하세요.",
    "No further submission is possible. If you have a reason, ask the instructor for an extension.",
)


def _number(least: float, most: float) -> Callable[[str, Any], float]:
    def read(key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise bad(key, value, Text(f"{least:g}~{most:g} 사이의 수", f"a number from {least:g} to {most:g}"))
        return float(value)

    return read


def _limit(key: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        kind = Text(
            f"1~{MOST} 사이의 정수(제한이 없으면 none)", f"a whole number from 1 to {MOST}, or none for no limit"
        )
        raise bad(key, value, kind)
    return value


def word(kind: type[StrEnum]) -> Callable[[str, Any], StrEnum]:
    """Reads one of these words."""
    words = [one.value for one in kind]

    def read(key: str, value: Any) -> StrEnum:
        if value not in words:
            raise bad(key, value, Text(f"{', '.join(words)} 중 하나", f"one of {', '.join(words)}"))
        return kind(value)

    return read


def bad(key: str, value: Any, kind: Text) -> BadInput:
    """A rule with a value that it cannot have."""
    return BadInput(
        Text(f"{key}의 값은 {kind.ko}여야 하는데 {value!r}입니다.", f"{key} must be {kind.en}, and is {value!r}.")
    )


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "late": word(Late),
    "percent_a_day": _number(0, 100),
    "floor_percent": _number(0, 100),
    "grace_days": _number(0, MOST),
    "attempts": _limit,
    "attempts_a_day": _limit,
    "counts": word(Counts),
}
