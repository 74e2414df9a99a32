"""One upload is one submission, however often it arrives; one result is one report, whoever brings it."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import nbformat
import pytest
from course.world import DAY, NOON, World, report
from nbformat.v4 import new_code_cell, new_notebook
from sqlalchemy import func, select

from grader import report as reports
from grader.course import people, submissions
from grader.course.policy import Why
from grader.course.submissions import OfAnother, Received, Refused
from grader.errors import BadInput
from grader.jobs import slot
from grader.misconception import Misconception, Topic
from grader.picture import Interval, Intervals
from grader.report import CellResult, CheckResult, Metric, Report, Status, Verdict, Visibility
from grader.store import blobs, models, tables
from grader.store.database import now
from grader.store.models import (
    Audit,
    Blob,
    CheckRow,
    MetricRow,
    Purpose,
    Run,
    RunProgress,
    Source,
    State,
    Submission,
)
from grader.text import Text


def total(world: World, kind: type[models.Base] = Submission) -> int:
    with world.database.read() as session:
        return session.scalars(select(func.count()).select_from(kind)).one()


def run_of(world: World, received: Received) -> Run:
    with world.database.read() as session:
        return session.get_one(Run, received.run.id)


# in


def test_a_submission_is_kept_as_it_came_with_its_run_and_its_job(world: World) -> None:
    received = world.submit("mina", b"{}", token="t")
    with world.database.read() as session:
        row = submissions.by_receipt(session, received.submission.receipt.lower())
        assert (row.source, row.token, row.received_at, row.filename) == (Source.WEB, "t", NOON, "my.ipynb")
        assert blobs.get(session, row.notebook) == b"{}"
        run = session.scalars(select(Run)).one()
        assert (run.purpose, run.state, run.queue, run.requested_at) == (Purpose.SUBMISSION, State.QUEUED, "cpu", NOON)
        assert run.version_id == world.assignment(session).version_id
        assert len(row.receipt) == 26
    assert world.queued == [run.key]
    assert not received.duplicate


def test_the_same_token_is_the_same_submission(world: World) -> None:
    first, second = world.submit("mina", b"a", token="t"), world.submit("mina", b"a", token="t", at=NOON + DAY)
    assert first.submission.id == second.submission.id
    assert (second.duplicate, second.run.id) == (True, first.run.id)
    third = world.submit("mina", b"b", token="u")
    assert world.submit("mina", b"a", token="t").submission.id == first.submission.id  # also when it is not the latest
    assert (total(world), len(world.queued)) == (2, 2)
    assert third.submission.id != first.submission.id


def test_a_token_that_comes_with_another_file_loses_no_work(world: World) -> None:
    """A page that the browser restored sends its old token with a new file."""
    first, second = world.submit("mina", b"a", token="t"), world.submit("mina", b"b", token="t")
    assert not second.duplicate
    assert world.submit("mina", b"b", token="t").submission.id == second.submission.id
    assert world.submit("mina", b"a", token="t").submission.id == first.submission.id
    assert total(world) == 2


@pytest.mark.parametrize("token", ["", "x" * 1000, "a\0b", "한" * 64])
def test_any_token_will_do(world: World, token: str) -> None:
    first = world.submit("mina", b"a", token=token)
    assert world.submit("mina", b"a", token=token).submission.id == first.submission.id


def test_one_persons_token_is_not_anothers(world: World) -> None:
    assert world.submit("mina", b"a", token="t").submission.id != world.submit("juno", b"a", token="t").submission.id
    assert total(world, Blob) == 2  # the notebook once, and the archive


def test_the_same_bytes_as_the_latest_spend_nothing(world: World) -> None:
    first = world.submit("mina", b"a")
    assert world.submit("mina", b"a").duplicate
    second = world.submit("mina", b"b", at=NOON + DAY)
    back = world.submit("mina", b"a", at=NOON + 2 * DAY)  # a change that was taken back is a new submission
    assert len({first.submission.id, second.submission.id, back.submission.id}) == 3
    assert total(world) == 3


def test_a_double_click_is_one_submission(world: World) -> None:
    found: list[Received] = []
    barrier = threading.Barrier(8)

    def click(token: str | None) -> None:
        barrier.wait()
        found.append(world.submit("mina", b"a", token=token))

    threads = [threading.Thread(target=click, args=("t" if n % 2 else None,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({one.submission.id for one in found}) == 1
    assert sum(not one.duplicate for one in found) == 1
    assert (total(world), total(world, Run), len(world.queued)) == (1, 1, 1)


def test_many_at_once_are_all_kept(world: World) -> None:
    found: list[Received] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(world.submit("mina" if n % 2 else "juno", bytes([n]))))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), total(world), total(world, Run)) == (12, 12, 12)


def test_an_upload_that_died_halfway_leaves_nothing_and_can_be_retried(world: World) -> None:
    class Died(Exception):
        pass

    def die(session: Any, run: Run) -> None:
        raise Died

    enqueue, world.enqueue = world.enqueue, die  # type: ignore[method-assign]
    with pytest.raises(Died):
        world.submit("mina", b"a", token="t")
    world.enqueue = enqueue  # type: ignore[method-assign]
    assert (total(world), total(world, Run), total(world, Blob)) == (0, 0, 1)
    assert not world.submit("mina", b"a", token="t").duplicate


def test_a_retry_after_the_answer_was_lost_finds_the_submission(world: World) -> None:
    first = world.submit("mina", b"a", token="t")
    world.grade(first.run, report())
    world.publish(closes=NOON + timedelta(minutes=1))
    again = world.submit("mina", b"a", token="t", at=NOON + DAY)  # even when it has closed meanwhile
    assert (again.submission.id, again.run.id, again.duplicate) == (first.submission.id, first.run.id, True)


def test_after_a_fault_of_ours_the_same_bytes_are_graded_anew_but_not_for_ever(world: World) -> None:
    received = world.submit("mina", b"a")
    for _ in range(submissions.MOST_AGAIN + 3):
        world.grade(received.run, report(status=Status.ERROR))
        received = world.submit("mina", b"a", at=NOON + DAY)
        assert received.duplicate
    assert total(world) == 1
    assert total(world, Run) == 1 + submissions.MOST_AGAIN
    assert received.submission.received_at == NOON  # so it is not late


def test_what_was_cancelled_can_be_handed_in_again(world: World) -> None:
    received = world.submit("mina", b"a")
    with world.write() as session:
        session.get_one(Run, received.run.id).state = State.CANCELLED
    assert not world.submit("mina", b"a").duplicate
    assert total(world) == 2


# rules


def test_closed_not_open_and_used_up_are_refused_with_a_reason(world: World) -> None:
    world.publish(opens=NOON, closes=NOON + 10 * DAY, policy={"attempts": 2, "attempts_a_day": 1})
    reasons = []
    for n, at in enumerate([NOON - DAY, NOON, NOON, NOON + DAY, NOON + 2 * DAY, NOON + 11 * DAY]):
        try:
            world.submit("mina", bytes([n]), at=at)
            reasons.append(None)
        except Refused as refused:
            reasons.append(refused.refusal and refused.refusal.why)
    assert reasons == [Why.NOT_OPEN, None, Why.TODAY, None, Why.ATTEMPTS, Why.CLOSED]
    assert (total(world), len(world.queued)) == (2, 2)


@pytest.mark.parametrize("status", [Status.ERROR, Status.NOT_GRADABLE])
def test_what_gave_no_grade_spends_no_attempt(world: World, status: Status) -> None:
    world.publish(policy={"attempts": 1})
    received = world.submit("mina", b"no notebook")
    with pytest.raises(Refused):
        world.submit("mina", b"b")  # while it may get a grade yet
    world.grade(received.run, report(status=status))
    assert not world.submit("mina", b"b").duplicate


def test_nobody_submits_to_a_course_that_they_are_not_in(world: World) -> None:
    with world.write() as session:
        people.deactivate(session, world.person(session, "mina"), actor="test")
        session.add(models.Person(email="eve@example.com", name="Eve", active=True, created_at=NOON))
    for name in ("mina", "eve"):
        with pytest.raises(Refused, match="not in the course"):
            world.submit(name, b"a")


def test_a_file_too_large_is_refused_and_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submissions, "MAX_BYTES", 10)
    with pytest.raises(BadInput, match="at most"):
        world.submit("mina", bytes(11))
    assert total(world, Blob) == 1
    world.submit("mina", bytes(10))


def test_what_is_not_published_cannot_be_handed_in(world: World) -> None:
    with world.write() as session:
        world.assignment(session).version_id = None
    with pytest.raises(BadInput, match="not published"):
        world.submit("mina", b"a")


def test_handing_in_for_somebody_else_is_audited(world: World) -> None:
    received = world.submit("mina", b"a", actor="cli")
    with world.database.read() as session:
        line = session.scalars(select(Audit).where(Audit.action == "receive.submission")).one()
        assert (line.actor, line.subject) == ("cli", f"submission:{received.submission.id}")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mina\\과제.ipynb", "과제.ipynb"),
        ("a\0b\n.ipynb", "ab.ipynb"),
        ("\u1100\u116a.ipynb", "과.ipynb"),
        ("", "notebook.ipynb"),
        ("/", "notebook.ipynb"),
        ("x" * 300 + ".ipynb", "x" * 249 + ".ipynb"),
        ("a\ud800.ipynb", "a?.ipynb"),
    ],
)
def test_a_file_name_is_only_a_name(given: str, kept: str) -> None:
    assert submissions.file_name(given) == kept


def test_an_unknown_receipt_is_told(world: World) -> None:
    with pytest.raises(BadInput, match="no submission"), world.database.read() as session:
        submissions.by_receipt(session, "ABC")


# out

TOPIC = Topic("gradient-descent", 2, Text("경사 하강법", "Gradient descent"))
FULL = Report(
    assignment="doubling",
    suite_version="0123456789ab",
    notebook_sha256="f" * 64,
    status=Status.GRADED,
    reason=Text("멈춤", "stopped"),
    checks=(
        CheckResult(
            "b.second", Text("둘", "two"), 12.5, 60, Verdict.FAILED, Visibility.HIDDEN, Text("왜", "why"), None, 0.25
        ),
        CheckResult(
            "a.first",
            Text("하나", "one"),
            0,
            40,
            Verdict.SKIPPED,
            Visibility.AFTER_DUE,
            None,
            Text("힌트\0", "hint\0"),
            0.125,
            Misconception("opposite-sign", TOPIC, Text("부호", "sign"), Text("거꾸로", "the wrong way")),
        ),
    ),
    cells=(CellResult(0, "ok", 0.123456789), CellResult(3, "error", 1.0, "NameError, line 3: \ud83d \U0001f600")),
    metrics={
        "z": Metric(0.9, 0.8, 0.95, 100, 0.85, Text("정확도", "accuracy")),
        "a": Metric(1.5, 1.0, 2.0, 3),
    },
    pictures=(Intervals("m", Text("그림", "picture"), [Interval(Text("가", "a"), 0.5, 0.25, 0.75, None)]),),
    environment={"grader": "0.1.0", "threads": 1, "gpu": None, "nested": {"한": [1, 2]}},
    seconds={"total": 2.123456, "box": 0.1},
)


@pytest.mark.parametrize(
    "written",
    [
        FULL,
        report(),
        report(status=Status.ERROR),
        report(status=Status.NOT_GRADABLE),
        replace(FULL, checks=(), metrics={}),
    ],
)
def test_a_report_comes_back_as_it_was_written(world: World, written: Report) -> None:
    received = world.submit("mina", b"a")
    assert world.grade(received.run, written)
    with world.database.read() as session:
        found = submissions.report_of(session, session.get_one(Run, received.run.id))
    assert found == written
    assert list(found.metrics) == list(written.metrics)
    assert found.as_json() == written.as_json()
    assert reports.from_json(found.as_json()).as_json() == written.as_json()


def test_a_number_that_is_none_comes_back_too(world: World) -> None:
    received = world.submit("mina", b"a")
    world.grade(received.run, replace(FULL, metrics={**FULL.metrics, "a": Metric(math.nan, -math.inf, math.inf, 3)}))
    with world.database.read() as session:
        found = submissions.report_of(session, session.get_one(Run, received.run.id)).metrics
    assert math.isnan(found["a"].value)
    assert (found["a"].low, found["a"].high, list(found)) == (-math.inf, math.inf, ["z", "a"])


def test_a_result_is_rows_and_counts_at_once(world: World) -> None:
    received = world.submit("mina", b"a")
    assert world.grade(received.run, FULL, b"executed")
    run = run_of(world, received)
    assert (run.state, run.status, run.score, run.max_score) == (State.DONE, "graded", 12.5, 100)
    assert run.committed_at == run.finished_at
    assert run.finished_at is not None
    assert (total(world, CheckRow), total(world, MetricRow)) == (2, 2)
    with world.database.read() as session:
        assert blobs.get(session, run.executed or "") == b"executed"


@pytest.mark.parametrize("status", [Status.ERROR, Status.NOT_GRADABLE])
def test_no_grade_is_no_zero(world: World, status: Status) -> None:
    received = world.submit("mina", b"a")
    world.grade(received.run, report(status=status))
    run = run_of(world, received)
    assert (run.state, run.status, run.score, run.max_score) == (State.DONE, status.value, None, None)


def test_a_result_of_another_start_or_of_a_run_that_ended_is_not_written(world: World) -> None:
    received = world.submit("mina", b"a")
    with world.write() as session:
        run = session.get_one(Run, received.run.id)
        assert not submissions.finish(session, run, 0, report())  # it never began
        run.state, run.fence = State.RUNNING, 2
        session.add(RunProgress(run_id=run.id, fence=2, cells_done=1, cells=2, checks={}, at=NOON))
    with world.write() as session:
        run = session.get_one(Run, received.run.id)
        assert not submissions.finish(session, run, 1, report(0, 0), b"late")
        assert submissions.finish(session, run, 2, report(60, 0))
        assert not submissions.finish(session, run, 2, report(0, 0))
    assert (run_of(world, received).score, total(world, CheckRow)) == (60, 2)
    assert total(world, Blob) == 2
    assert total(world, RunProgress) == 0


def test_two_that_bring_the_same_result_write_it_once(world: World) -> None:
    received = world.submit("mina", b"a")
    with world.write() as session:
        run = session.get_one(Run, received.run.id)
        run.state, run.fence = State.RUNNING, 1
    written: list[bool] = []

    def bring(points: float) -> None:
        with world.write() as session:
            written.append(submissions.finish(session, session.get_one(Run, run.id), 1, report(points, 0)))

    threads = [threading.Thread(target=bring, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [False] * 5 + [True]
    assert total(world, CheckRow) == 2


# the notebook of another assignment


def released(name: str | None, *sources: str) -> bytes:
    """A notebook that `grader release` made for the assignment of that name; one from Colab says nothing."""
    cells = [new_code_cell(source, id=f"c{number}") for number, source in enumerate(sources)]
    metadata = {} if name is None else {"grader": {"assignment": name}}
    return nbformat.writes(new_notebook(cells=cells, metadata=metadata)).encode()


def test_the_notebook_of_an_assignment_that_is_not_published_here_spends_no_attempt(world: World) -> None:
    world.publish(policy={"attempts": 1})
    foreign = released("tripling", "def triple(x):\n    return 3 * x")
    kept = total(world, Blob)
    with pytest.raises(OfAnother) as refused:
        world.submit("mina", foreign)
    assert refused.value.name == "tripling"
    assert "tripling" in refused.value.text.ko
    assert "no attempt was spent" in refused.value.text.en
    assert (total(world), total(world, Blob), world.queued) == (0, kept, [])
    assert not world.submit("mina", released("doubling", "def double(x):\n    return x")).duplicate


@pytest.mark.parametrize(
    "data",
    [
        released(None, "def triple(x):\n    return 3 * x"),
        released("tripling", "def double(x):\n    return 2 * x"),
        released("doubling", "pass"),
        b'{"grader": {"assignment": "tripling"}',
    ],
    ids=["it says nothing", "its answers are this one's", "it is this one's, and empty", "it cannot be read"],
)
def test_what_may_be_meant_for_this_assignment_is_taken(world: World, data: bytes) -> None:
    assert world.submit("mina", data).submission.notebook == blobs.name_of(data)


def test_a_foreign_notebook_that_was_taken_once_stays_the_same_submission(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = released("tripling", "def triple(x):\n    return 3 * x")
    with monkeypatch.context() as before:
        before.setattr("grader.course.meant.elsewhere", lambda *_: None)
        first = world.submit("mina", foreign)
    assert world.submit("mina", foreign).submission.receipt == first.submission.receipt


def test_a_sweep_takes_what_nothing_refers_to_and_nothing_else(world: World) -> None:
    world.graded("mina", b"a", 60, 40)
    with world.write() as session:
        orphan = blobs.put(session, b"orphan")
    with world.write() as session:
        assert blobs.sweep(session) == (1, 6)
        with pytest.raises(KeyError):
            blobs.get(session, orphan)
        assert blobs.sweep(session) == (0, 0)
    assert total(world, Blob) == 3


def test_what_is_cleared_was_referred_to_by_nothing_and_brought_by_nobody_for_a_day(world: World) -> None:
    taken = world.graded("mina", b"taken", 60, 40)  # long ago
    with world.write() as session:
        at = now(session)
        for words, age in (("old", 2.0), ("new", 0.9), ("again", 2.0), ("just now", 0.0)):
            blobs.put(session, words.encode(), at - age * DAY)
        blobs.put(session, b"again")
        for number in range(blobs.AT_ONCE):
            blobs.put(session, f"{number:04d}".encode(), at - 2 * DAY)
        before = session.scalars(select(func.count()).select_from(Blob)).one()
    assert blobs.clear(world.database) == (blobs.AT_ONCE + 1, 4 * blobs.AT_ONCE + 3)
    assert blobs.clear(world.database) == (0, 0)
    assert total(world, Blob) == before - blobs.AT_ONCE - 1
    with world.database.read() as session:
        for words in (b"taken", b"executed taken", b"new", b"again", b"just now"):
            assert blobs.get(session, blobs.name_of(words)) == words
        version = session.get_one(models.Version, taken.run.version_id)
        assert blobs.get(session, version.archive)


def test_a_worker_clears_away_what_was_never_confirmed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot, "_tidying", slot._Hourly())
    kept = total(world, Blob)
    for _ in range(2):
        with world.write() as session:
            blobs.put(session, b"never confirmed", now(session) - 2 * DAY)
        slot.chores(world.database, world.enqueue)
        assert total(world, Blob) == kept
        kept += 1  # the second look is not due before an hour is over


def test_every_column_that_names_a_blob_keeps_it() -> None:
    """One that is missing would let its bytes be swept away."""
    every = (key for table in tables.Base.metadata.tables.values() for key in table.foreign_keys)
    refer = {str(key.parent) for key in every if key.target_fullname == "blob.sha256"}
    assert {str(column.property.columns[0]) for column in blobs.REFERRING} == refer
