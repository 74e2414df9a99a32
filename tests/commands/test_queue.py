"""The queue from the command line: what is in it, and what one may do about it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from commands.conftest import Grader
from commands.test_verbs import completed

from grader.commands import status

REASON = '{"ko": "메모리가 모자랍니다", "en": "out of memory"}'


def submit(course: Grader, notebook: str = "right.ipynb", who: str = "minji") -> str:
    return str(course("submit", "doubling", notebook, "--as", f"{who}@example.com", "--json").json["receipt"])


def change(statement: str, *words: Any) -> None:
    file = Path(os.environ["GRADER_HOME"]) / "grader.sqlite3"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement, words)


def set_aside() -> None:
    change("UPDATE run SET state = 'set_aside', tries = 3, reason = ?", REASON)


def actions(course: Grader) -> list[str]:
    return [line["action"] for line in course("audit", "--json").json]


def test_what_waits_and_what_was_set_aside_is_shown_with_its_reason(course: Grader) -> None:
    receipt = submit(course)
    (waiting,) = course("queue", "--json").json["waiting"]
    assert (waiting["place"], waiting["receipt"], waiting["email"]) == (1, receipt, "minji@example.com")
    set_aside()
    shown = course("queue", "--set-aside").out
    assert receipt in shown
    assert "out of memory" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert completed("queue", "retry", receipt[:4].lower()) == [receipt]
    assert completed("queue", "cancel", "") == []


def test_what_was_set_aside_goes_back_alone_or_with_all_and_is_on_record(course: Grader) -> None:
    first, second = submit(course), submit(course, "wrong.ipynb", "jun")
    set_aside()
    assert course("queue", "retry", first, "--json").json == {"queued": [first]}
    assert course("queue", "retry", "--all-set-aside", "--json").json == {"queued": [second]}
    assert "Nothing was set aside" in course("queue", "retry", "--all-set-aside").out
    assert len(course("queue", "--json").json["waiting"]) == 2
    assert actions(course).count("requeue.run") == 2
    assert course("queue", "retry", first).code == 2
    assert course("queue", "retry").code == 2


def test_what_is_called_off_says_so_and_comes_back(course: Grader) -> None:
    receipt = submit(course)
    assert course("queue", "cancel", receipt, "--by", "ta@example.com", "--json").json == {"cancelled": [receipt]}
    again = course("queue", "cancel", receipt)
    assert (again.code, "cancelled" in again.err) == (2, True)
    assert course("queue", "--json").json["waiting"] == []
    assert course("queue", "retry", receipt).code == 0
    line = next(one for one in course("audit", "--json").json if one["action"] == "cancel.run")
    assert line["actor"].startswith("person:")


def test_a_worker_is_drained_by_its_name_and_taken_back(course: Grader) -> None:
    course("queue")
    change(
        "INSERT INTO worker (name, host, pid, queues, slots, draining, started_at, beat_at) "
        "SELECT 'w-0', 'box', 1, '[\"cpu\"]', 1, 0, at, at FROM (SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') AS at)"
    )
    assert "w-0" in course("queue", "drain", "nobody").err
    assert course("queue", "drain", "box", "--json").json == {"slots": 1, "draining": True}
    assert course("queue", "--json").json["workers"][0]["draining"]
    assert course("queue", "drain", "--all", "--off", "--json").json == {"slots": 1, "draining": False}
    assert {"drain.worker", "undrain.worker"} <= set(actions(course))


def test_what_was_graded_since_is_no_longer_set_aside(course: Grader) -> None:
    submit(course)
    set_aside()
    assert course("status", "--json").json["set_aside"] == {"cpu": 1}
    change(
        "INSERT INTO run (key, submission_id, version_id, purpose, queue, state, fence, tries, requested_at) "
        "SELECT 'new', submission_id, version_id, purpose, queue, 'done', 1, 1, requested_at FROM run"
    )
    assert course("status", "--json").json["set_aside"] == {}
    assert course("queue", "--json").json["set_aside"] == []
    assert course("queue", "retry", "--all-set-aside", "--json").json == {"queued": []}


def test_watching_ends_when_the_queue_is_empty_and_at_ctrl_c(course: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert course("status", "--watch").code == 0
    submit(course)
    monkeypatch.setattr(status.time, "sleep", lambda _: change("UPDATE run SET state = 'cancelled'"))
    assert course("status", "--watch").code == 0

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    change("UPDATE run SET state = 'queued'")
    monkeypatch.setattr(status.time, "sleep", interrupted)
    ended = course("status", "--watch")
    assert (ended.code, "Traceback" in ended.out + ended.err) == (130, False)


def test_a_regrade_with_nothing_to_do_is_no_fault(course: Grader) -> None:
    submit(course)
    change(
        "UPDATE run SET state = 'done', status = 'graded', score = 100, max_score = 100, committed_at = requested_at"
    )
    ended = course("regrade", "doubling", "--dry-run")
    assert (ended.code, "already" in ended.out) == (0, True)
    assert course("regrade", "doubling", "--dry-run", "--json").json["batch"] is None


def test_the_table_of_grades_tells_nothing_handed_in_from_what_waits_or_failed(course: Grader) -> None:
    submit(course)
    shown = course("grades", "--lang", "en").out
    assert ("…" in shown, "–" in shown, "!" in shown) == (True, True, False)
    set_aside()
    shown = course("grades", "--lang", "en").out
    assert "! problem" in shown


def test_the_log_of_decisions_fits_a_terminal_in_the_courses_time(course: Grader) -> None:
    course("policy", "doubling", "--due", "2027-03-12 18:00")
    shown = course("audit", "--lang", "en").out
    assert max(map(len, shown.splitlines())) <= 80
    assert "due=2027-03-12 18:00" in " ".join(shown.split())
    assert "Asia/Seoul" in shown
    assert "+00:00" not in shown
