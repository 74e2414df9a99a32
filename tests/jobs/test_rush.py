"""A thousand submissions in the last minute before a deadline, from several processes, while a worker grades."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter, defaultdict

import pytest
from jobs.yard import TESTS, Yard, noted
from sqlalchemy import func, select

from grader.store.models import CheckRow, Run, Submission

pytestmark = pytest.mark.slow
SUBMISSIONS, PEOPLE, SENDERS, SECONDS = 1000, 300, 4, 60.0
SENDER = """
import random, sys, time
from pathlib import Path
from grader.store.database import Database
from jobs.yard import Yard
url, home, number, senders, submissions, people, seconds, first = sys.argv[1:]
yard = Yard(Database(url), Path(home), fresh=False)
yard.people = {f"p{n}": int(first) + n for n in range(int(people))}
mine = range(int(number), int(submissions), int(senders))
chance, begin = random.Random(int(number)), time.monotonic()
slowest = 0.0
for place, one in enumerate(mine):
    time.sleep(max(0.0, begin + float(seconds) * place / len(mine) - time.monotonic()))
    who = chance.randrange(int(people)) if one % 5 else 0
    asked = time.monotonic()
    yard.add(f"{who}.{one}", f"p{who}", seconds=0.15)
    slowest = max(slowest, time.monotonic() - asked)
print(len(mine), slowest)
"""


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # the one with a single writer
def test_a_thousand_submissions_in_a_minute(yard: Yard, backend: str) -> None:
    first = min([yard.person(f"p{number}") for number in range(PEOPLE)])
    url = yard.database.engine.url.render_as_string(False)
    yard.start(2)
    yard.until(yard.slots)
    begin = time.monotonic()
    numbers = [SENDERS, SUBMISSIONS, PEOPLE, SECONDS, first]
    senders = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", SENDER, url, str(yard.home), str(one), *map(str, numbers)],
            env=os.environ | {"PYTHONPATH": str(TESTS)},
            stdout=subprocess.PIPE,
        )
        for one in range(SENDERS)
    ]
    said = [process.communicate(timeout=300)[0].split() for process in senders]
    sent, slowest = sum(int(one[0]) for one in said), max(float(one[1]) for one in said)
    lasted = time.monotonic() - begin
    assert sent == SUBMISSIONS
    with yard.database.read() as session:
        keys = list(session.scalars(select(Run.key)))
    waiting = len(yard.jobs.waiting())
    assert len(keys) == SUBMISSIONS
    states = Counter(yard.ended(*keys, seconds=900))
    assert states == {"done": SUBMISSIONS}
    with yard.database.read() as session:
        assert session.scalar(select(func.count()).select_from(CheckRow)) == SUBMISSIONS
        rows = session.execute(
            select(Submission.person_id, Run.requested_at, Run.started_at)
            .join(Run, Run.submission_id == Submission.id)
            .order_by(Run.started_at)
        ).all()
    unfair = _overtaken(rows)
    noted(
        test="rush", database=backend, submissions=sent, people=PEOPLE, seconds=round(lasted, 1),
        slowest_to_accept=round(slowest, 3), waiting_at_the_end=waiting, graded_in=round(time.monotonic() - begin, 1),
        started_late=unfair,
    )  # fmt: skip
    assert slowest < 10.0
    assert unfair <= 2  # two slots start at the same moment


def _overtaken(rows: list[tuple[int, float, float]]) -> int:
    """How often somebody's first waiting submission was passed by a second one of a person who had been served since
    it came in."""
    count = 0
    started: dict[int, list[float]] = defaultdict(list)
    first: dict[int, float] = {}
    for person, _, start in rows:
        started[person].append(start)
        first.setdefault(person, start)
    asked = {person: min(r for p, r, _ in rows if p == person) for person in first}
    for person, start in first.items():
        came = asked[person]
        for other, moments in started.items():
            if other != person and sum(came < moment < start for moment in moments) > 2:
                count += 1
    return count
