"""The security report of one run: what its boxes took, how they ended, and what the notebook tried in vain. For staff:
it lies beside the report and is in no JSON and on no page that a student gets, and no point depends on it.

What was taken and how a box ended is seen from outside, by the watcher and the kernel. What was tried is told by the
program's own interpreter (`grader.inside.refusals`), so it may be silenced or forged: it is read as hostile input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

MOST = 50  # different attempts
LONGEST = 200  # characters of one
MOST_TIMES = 10**12


class Kind(StrEnum):
    """What was tried."""

    FILE = "file"  # one that is not in the box, or that cannot be read or written there
    PROCESS = "process"  # what the kernel shows of a process: its variables, memory, open files
    NETWORK = "network"
    PROGRAM = "program"  # one was started; it runs in the box
    SIGNAL = "signal"  # to a process that is not in the box
    LIBRARY = "library"  # native code from outside the installed packages
    COMMAND = "command"  # `!pip install ...`: skipped with a word, and no fault of anybody's


@dataclass(frozen=True)
class Attempt:
    """Something that was tried, and how often."""

    kind: Kind
    what: str
    times: int


@dataclass(frozen=True)
class Ending:
    """How a box ended before its time: at a limit, by its name in `Limits` and its value, by a signal, or by itself
    with an exit status."""

    limit: str | None = None
    value: float | None = None
    signal: str | None = None
    exit: int | None = None


@dataclass(frozen=True)
class Security:
    """`memory` in bytes and `processes`, threads included, are the most at a time. `left_out` counts attempts for which
    there was no room. `nonsense`: what a box said of its attempts was no list of them, or nothing."""

    memory: int
    processes: int
    endings: Sequence[Ending] = ()
    attempts: Sequence[Attempt] = ()
    left_out: int = 0
    nonsense: bool = False

    @property
    def peak_mb(self) -> int:
        return round(self.memory / (1 << 20))

    @property
    def in_vain(self) -> list[str]:
        """What was tried, in a word each, without the commands that are merely skipped."""
        return [f"{one.kind.value} {one.what}" for one in self.attempts if one.kind is not Kind.COMMAND]

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to talk about."""
        return not (self.endings or self.attempts or self.left_out or self.nonsense)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(data: Mapping[str, Any]) -> Security:
    """What `as_json` gave."""
    return Security(
        int(data["memory"]),
        int(data["processes"]),
        tuple(Ending(**one) for one in data["endings"]),
        tuple(Attempt(Kind(one["kind"]), one["what"], one["times"]) for one in data["attempts"]),
        int(data["left_out"]),
        bool(data["nonsense"]),
    )


@dataclass
class Ledger:
    """What becomes known of the boxes of one run, which may need several: a notebook that is run again tries again, so
    an attempt counts as often as the box says that tried it most."""

    memory: int = 0
    processes: int = 0
    endings: list[Ending] = field(default_factory=list)
    nonsense: bool = False
    left_out: int = 0
    _times: dict[tuple[Kind, str], int] = field(default_factory=dict)

    def took(self, memory: int, processes: int) -> None:
        """The most that a box has used."""
        self.memory, self.processes = max(self.memory, memory), max(self.processes, processes)

    def hear(self, told: Any) -> None:
        """What a box says that was tried in it. Raises nothing, whatever it is."""
        read = _read(told)
        if read is None:
            self.nonsense = True
            return
        times, left_out = read
        for attempt, count in times.items():
            if attempt in self._times or len(self._times) < MOST:
                self._times[attempt] = max(count, self._times.get(attempt, 0))
            else:
                left_out += count
        self.left_out = max(self.left_out, left_out)

    def closed(self) -> Security:
        """All of it; what was tried in the order in which it was told."""
        attempts = [Attempt(kind, what, times) for (kind, what), times in self._times.items()]
        return Security(self.memory, self.processes, tuple(self.endings), tuple(attempts), self.left_out, self.nonsense)


def _read(told: Any) -> tuple[dict[tuple[Kind, str], int], int] | None:
    """What was tried how often, and what was left out; None where a part of it is anything else."""
    if type(told) is not dict or set(told) != {"attempts", "left_out"}:
        return None
    rows, left_out = told["attempts"], told["left_out"]
    if type(rows) is not list or len(rows) > MOST or not _is_count(left_out, 0):
        return None
    times: dict[tuple[Kind, str], int] = {}
    for row in rows:
        if type(row) is not list or len(row) != 3:
            return None
        kind, what, count = row
        if type(kind) is not str or kind not in KINDS or type(what) is not str or not _is_count(count, 1):
            return None
        if len(what) > LONGEST:
            return None
        attempt = KINDS[kind], "".join(letter if letter.isprintable() else " " for letter in what)
        times[attempt] = min(times.get(attempt, 0) + count, MOST_TIMES)
    return times, min(left_out, MOST_TIMES)


def _is_count(value: Any, least: int) -> bool:
    return type(value) is int and value >= least


KINDS = {kind.value: kind for kind in Kind}
