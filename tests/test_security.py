"""What a box says of its attempts is read as hostile input, and kept in bounds on both sides."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from grader import security
from grader.inside import refusals
from grader.security import Attempt, Ending, Kind, Ledger


def told(*rows: Any, left_out: Any = 0) -> dict[str, Any]:
    return {"attempts": list(rows), "left_out": left_out}


def heard(*words: Any) -> security.Security:
    ledger = Ledger()
    for one in words:
        ledger.hear(one)
    return ledger.closed()


def test_attempts_are_kept_in_their_order_and_a_second_run_of_the_notebook_counts_once() -> None:
    found = heard(told(["file", "/etc/shadow", 2]), told(["file", "/etc/shadow", 3], ["network", "a:80", 1]))
    assert found.attempts == (Attempt(Kind.FILE, "/etc/shadow", 3), Attempt(Kind.NETWORK, "a:80", 1))
    assert not found.quiet
    assert heard(told()).quiet


@pytest.mark.parametrize(
    "nonsense",
    [
        *(None, 7, "file", [], {}, {"attempts": []}, {"attempts": {}, "left_out": 0}, {**told(), "score": 100}),
        *(told(left_out=-1), told(left_out=True), told(left_out="9"), told(left_out=np.zeros(3))),
        *(
            told("file"),
            told(["file", "/x"]),
            told(["file", "/x", 0]),
            told(["file", "/x", 1.5]),
            told(("file", "/x", 1)),
        ),
        *(told(["score", "/x", 1]), told([["file"], "/x", 1]), told(["file", b"/x", 1]), told(["file", "x" * 201, 1])),
        told(*[["file", f"/{n}", 1] for n in range(51)]),
        told([np.zeros(2), "/x", 1]),
    ],
    ids=repr,
)
def test_anything_else_is_called_nonsense_and_nothing_of_it_is_kept(nonsense: Any) -> None:
    found = heard(told(["file", "/etc/shadow", 1]), nonsense)
    assert (found.nonsense, len(found.attempts)) == (True, 1)


def test_what_is_told_stays_small_and_printable() -> None:
    found = heard(*[told(["file", f"/{n}\x1b[2J\ud800", 10**30], left_out=10**30) for n in range(200)])
    assert len(found.attempts) == security.MOST
    assert max(one.times for one in found.attempts) == security.MOST_TIMES
    assert all(one.what.isprintable() for one in found.attempts)
    assert len(json.dumps(found.as_json())) < 20_000


def test_a_million_attempts_take_no_room() -> None:
    seen = refusals.Refusals()
    for n in range(1_000_000):
        seen.note("file", f"/{n}" * 100)
    data = seen.as_data()
    assert len(data["attempts"]) == refusals.MOST
    assert data["left_out"] == 1_000_000 - refusals.MOST
    assert not heard(data).nonsense
    assert seen.news()
    assert not seen.news()  # nothing is said twice


def test_both_sides_speak_of_the_same() -> None:
    assert (refusals.MOST, refusals.LONGEST) == (security.MOST, security.LONGEST)


def test_a_security_report_comes_back_from_json() -> None:
    ledger = Ledger(endings=[Ending("memory_mb", 700), Ending(signal="SIGSEGV"), Ending(exit=3)])
    ledger.hear(told(["process", "/proc/1/environ", 2], left_out=4))
    ledger.took(700 << 20, 5)
    found = ledger.closed()
    assert security.from_json(json.loads(json.dumps(found.as_json()))) == found
    assert found.peak_mb == 700
