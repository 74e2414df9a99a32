"""How often and how long, in seconds. Tests are in more of a hurry than courses."""

from __future__ import annotations

from dataclasses import dataclass

MAX_TRIES = 3  # starts of a run before it is set aside


@dataclass(frozen=True)
class Pace:
    """All waits of the queue."""

    poll: float = 0.2  # between two looks for a job; an idle slot costs about two hundredths of a core
    beat: float = 3.0
    dead: float = 15.0  # without a beat, a slot counts as gone
    care: float = 5.0  # between two rounds of reaper and sweep
    stray: float = 10.0  # how old a run without a job must be before the sweep looks at it
    still: float = 0.4  # between two looks whether a run was cancelled
    progress: float = 0.5  # at least, between two notes of how far a run is
    again: float = 2.0  # before the second start of a run; doubled for each further one
    rest: float = 30.0  # of a slot that cannot make a box
    slack: float = 180.0  # of one grading, besides the assignment's own limits: a cold start, a full machine


PACE = Pace()
