"""Workers, as processes: what they grade, how they fail, how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from jobs.yard import PATIENCE, Yard, descendants, end_tree
from sqlalchemy import select, text

from grader import worker
from grader.store import audit
from grader.store.database import Home
from grader.store.models import CheckRow, Purpose, Run, RunProgress, State


def committed(yard: Yard) -> int:
    with yard.database.read() as session:
        assert audit.broken(session) is None
        return len(session.scalars(select(Run.id).where(Run.committed_at.is_not(None))).all())


def test_a_submission_is_graded_once_and_its_result_is_kept(yard: Yard) -> None:
    key = yard.add("1")
    yard.start()
    assert yard.ended(key) == ["done"]
    run = yard.run(key)
    assert (run.status, run.score, run.tries, run.fence) == ("graded", 100.0, 1, 1)
    assert run.worker == "w-0"
    assert yard.lines("start") == ["1"]
    with yard.database.read() as session:
        assert session.scalars(select(CheckRow.name)).all() == ["a.one"]
        assert session.scalars(select(RunProgress)).all() == []


def test_they_are_graded_in_the_order_of_the_queue(yard: Yard) -> None:
    keys = [yard.add(f"m{number}", "many") for number in range(4)]
    keys += [yard.add("regrade", "x", purpose=Purpose.REGRADE), yard.add("other", "y")]
    yard.start()
    assert set(yard.ended(*keys)) == {"done"}
    assert yard.lines("start") == ["m0", "other", "m1", "m2", "m3", "regrade"]


def test_the_workers_shows_who_is_busy_and_how_far(yard: Yard, tmp_path: Path) -> None:
    key = yard.add("1", gate=str(tmp_path / "gate"), tell=True)
    yard.start(2, name="host")
    yard.until(lambda: len(yard.slots()) == 2 and yard.lines("start"))

    def progress() -> RunProgress | None:
        with yard.database.read() as session:
            return session.scalars(select(RunProgress)).one_or_none()

    yard.until(progress)
    found = progress()
    assert found is not None
    assert (found.cells_done, found.cells, found.checks, found.fence) == (2, 5, {"a.one": "passed"}, 1)
    assert sorted(str(one.run) for one in yard.jobs.workers()) == sorted([key, "None"])
    (tmp_path / "gate").touch()
    assert yard.ended(key) == ["done"]


def test_a_notebook_that_cannot_be_graded_is_never_tried_again(yard: Yard) -> None:
    key = yard.add("1", do="bad")
    yard.start()
    assert yard.ended(key) == ["done"]
    assert (yard.run(key).status, yard.run(key).tries) == ("not_gradable", 1)


@pytest.mark.parametrize("do", ["error", "raise", "kill child", "kill worker"])
def test_our_fault_is_tried_three_times_and_holds_up_nobody(yard: Yard, do: str) -> None:
    key, other = yard.add("1", do=do), yard.add("2", "b")
    yard.start(name="w")
    assert yard.ended(key, other) == ["set_aside", "done"]
    run = yard.run(key)
    assert run.tries == 3
    assert run.reason is not None
    assert set(run.reason) == {"ko", "en"}
    assert yard.lines("start").count("1") == 3
    assert committed(yard) == 1


def test_what_was_set_aside_is_graded_when_a_person_says_so(yard: Yard, tmp_path: Path) -> None:
    key = yard.add("1", do="kill child")
    yard.start()
    assert yard.ended(key) == ["set_aside"]
    assert yard.jobs.requeue(key, "cli")
    yard.until(lambda: yard.lines("start").count("1") == 6)
    assert yard.ended(key) == ["set_aside"]


def test_a_machine_without_boxes_gives_the_job_to_another(yard: Yard, tmp_path: Path) -> None:
    key = yard.add("1", do="unable", mended=str(tmp_path / "mended"))
    yard.start()
    yard.until(lambda: yard.lines("start").count("1") >= 4)  # more often than a fault of ours would be tried
    (tmp_path / "mended").touch()
    assert yard.ended(key) == ["done"]
    assert yard.run(key).tries == 1


def test_a_cancelled_grading_ends_long_before_its_time(yard: Yard, tmp_path: Path) -> None:
    key, other = yard.add("1", gate=str(tmp_path / "never")), yard.add("2", "b")
    yard.start()
    yard.until(lambda: yard.lines("start") == ["1"])
    child = int(yard.journal.read_text().split()[3])
    assert yard.jobs.cancel(key, "cli")
    yard.until(lambda: not Path(f"/proc/{child}").exists(), 15.0)  # of the minute and more that it has
    assert yard.ended(key, other) == ["cancelled", "done"]
    assert yard.lines("end") == ["2"]


def test_a_grading_that_takes_too_long_is_ended(yard: Yard, tmp_path: Path) -> None:
    key = yard.add("1", gate=str(tmp_path / "never"))
    yard.start(slack=-59.5)
    assert yard.ended(key) == ["set_aside"]
    reason = yard.run(key).reason
    assert reason is not None
    assert "within its time" in reason["en"]


def test_a_late_result_of_a_slot_that_was_cut_off_is_refused(yard: Yard, tmp_path: Path) -> None:
    key = yard.add("1", gate=str(tmp_path / "gate"))
    first = yard.start(name="a")
    yard.until(lambda: yard.lines("start") == ["1"])
    frozen = list(descendants(first.pid))
    slot = int(yard.journal.read_text().split()[2])
    os.kill(slot, signal.SIGSTOP)
    yard.start(name="b")
    yard.until(lambda: yard.lines("start") == ["1", "1"])
    (tmp_path / "gate").touch()
    assert yard.ended(key) == ["done"]
    assert yard.run(key).worker == "b-0"
    os.kill(slot, signal.SIGCONT)
    yard.until(lambda: len(yard.slots()) == 2)
    after = yard.add("2")
    assert yard.ended(after) == ["done"]
    assert (yard.run(key).worker, yard.run(key).fence) == ("b-0", 3)
    assert committed(yard) == 2
    assert slot in frozen


def test_a_worker_that_stops_ends_its_job_first(yard: Yard, tmp_path: Path) -> None:
    keys = [yard.add("1", gate=str(tmp_path / "gate")), yard.add("2", "b")]
    process = yard.start()
    yard.until(lambda: yard.lines("start") == ["1"])
    process.send_signal(signal.SIGTERM)
    yard.until(lambda: "worker.stops" in yard.said())
    (tmp_path / "gate").touch()
    assert process.wait(PATIENCE) == 0
    assert yard.states(keys) == ["done", "queued"]
    assert yard.slots() == []
    yard.start()
    assert yard.ended(*keys) == ["done", "done"]


def test_what_cannot_end_in_time_is_given_back_as_if_it_had_not_begun(
    yard: Yard, tmp_path: Path, gone: Callable[..., bool]
) -> None:
    key = yard.add("1", gate=str(tmp_path / "gate"))
    process = yard.start(drain=0.3)
    yard.until(lambda: yard.lines("start") == ["1"])
    left = list(descendants(process.pid))
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert (yard.run(key).state, yard.run(key).tries) == (State.QUEUED, 0)
    yard.until(lambda: gone(left))
    assert yard.jobs.place(key) == 1
    (tmp_path / "gate").touch()
    yard.start()
    assert yard.ended(key) == ["done"]
    assert yard.run(key).tries == 1


def test_a_second_signal_ends_at_once(yard: Yard, tmp_path: Path) -> None:
    key = yard.add("1", gate=str(tmp_path / "never"))
    process = yard.start(drain=600.0)
    yard.until(lambda: yard.lines("start") == ["1"])
    process.send_signal(signal.SIGINT)
    yard.until(lambda: "worker.stops" in yard.said())
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 1
    assert yard.run(key).state is State.QUEUED


def test_a_worker_that_is_killed_leaves_nothing_behind(yard: Yard, tmp_path: Path, gone: Callable[..., bool]) -> None:
    key = yard.add("1", gate=str(tmp_path / "gate"))
    process = yard.start(drain=0.3)
    yard.until(lambda: yard.lines("start") == ["1"])
    left = list(descendants(process.pid))
    process.kill()
    process.wait()
    yard.until(lambda: gone(left))
    assert yard.run(key).state is State.QUEUED
    (tmp_path / "gate").touch()
    yard.start()
    assert yard.ended(key) == ["done"]


@pytest.fixture
def gone() -> Callable[..., bool]:
    return lambda pids: not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_drained_worker_ends_its_job_and_takes_no_other_until_it_may(yard: Yard, tmp_path: Path) -> None:
    keys = [yard.add("1", gate=str(tmp_path / "gate")), yard.add("2", "b")]
    yard.start()
    yard.until(lambda: yard.lines("start") == ["1"])
    assert yard.jobs.drain("w-0", "cli") == 1
    yard.until(lambda: "slot.drains" in yard.said())
    (tmp_path / "gate").touch()
    assert yard.ended(keys[0]) == ["done"]
    seen = yard.jobs.workers()[0]
    yard.until(lambda: yard.jobs.workers()[0].beat_at > seen.beat_at)  # it lives, and takes nothing
    assert yard.states(keys) == ["done", "queued"]
    assert yard.jobs.estimate(keys[1]) is None
    assert yard.jobs.drain("w-0", "cli", on=False) == 1
    assert yard.ended(keys[1]) == ["done"]


def test_a_job_for_a_gpu_waits_for_a_worker_with_one(yard: Yard) -> None:
    gpu, cpu = yard.add("gpu", "a", queue="gpu"), yard.add("cpu", "b")
    yard.start(name="c")
    assert yard.ended(cpu) == ["done"]
    assert yard.run(gpu).state is State.QUEUED
    assert yard.lines("start") == ["cpu"]
    yard.start({"gpu": 1, "cpu": 1}, ["gpu", "cpu"], name="g")
    assert yard.ended(gpu) == ["done"]
    assert str(yard.run(gpu).worker).startswith("g-")


def test_hosts_may_have_different_numbers_of_slots(yard: Yard, tmp_path: Path) -> None:
    keys = [yard.add(f"{number}", f"p{number}", gate=str(tmp_path / "gate")) for number in range(6)]
    yard.start(1, name="small")
    yard.start(3, name="large")
    yard.until(lambda: len(yard.lines("start")) == 4)
    busy = sorted(one.name.partition("-")[0] for one in yard.jobs.workers() if one.run is not None)
    assert busy == ["large", "large", "large", "small"]
    (tmp_path / "gate").touch()
    assert set(yard.ended(*keys)) == {"done"}


def test_two_workers_of_a_host_have_names_of_their_own_and_keep_them(yard: Yard) -> None:
    first, second = yard.start(), yard.start()
    yard.until(lambda: yard.slots() == ["w-0", "w-1"])
    for process in (first, second):
        end_tree(process.pid)
        process.wait()
    yard.start(2)
    yard.until(lambda: len(yard.lines("start")) == 0 and len(set(yard.slots())) == 2)
    assert yard.slots() == ["w-0", "w-1"]


def test_a_dead_workers_job_is_done_by_another(yard: Yard, tmp_path: Path) -> None:
    key = yard.add("1", gate=str(tmp_path / "gate"))
    first = yard.start(name="a")
    yard.until(lambda: yard.lines("start") == ["1"])
    end_tree(first.pid)
    (tmp_path / "gate").touch()
    yard.start(name="b")
    assert yard.ended(key) == ["done"]
    assert (yard.run(key).worker, yard.run(key).tries) == ("b-0", 2)


def test_a_job_that_was_claimed_and_never_started_is_found(yard: Yard) -> None:
    """As when the database went away between the two."""
    yard.start()
    yard.until(yard.slots)
    key = yard.add("1", enqueue=False)
    table = "workflow_status" if yard.database.embedded else "dbos.workflow_status"
    with yard.database.write() as session:
        yard.jobs.enqueue(session, session.scalars(select(Run).where(Run.key == key)).one())
        words = {"key": key, "worker": "w-0"}
        session.execute(
            text(f"UPDATE {table} SET status='PENDING', executor_id=:worker WHERE workflow_uuid=:key"), words
        )
    assert yard.ended(key) == ["done"]
    assert yard.run(key).tries == 1
    assert "queue.lost" in yard.said()


def test_what_workers_say_holds_no_content(yard: Yard) -> None:
    key = yard.add("a-secret-id", "somebody", do="raise")
    other = yard.add("fine", "somebody")
    yard.start()
    yard.ended(key, other)
    yard.until(lambda: "job.done" in yard.said() and "job.set_aside" in yard.said())  # said once it is written down
    said = "".join(file.read_text() for file in yard.home.glob("log-*"))  # the whole of it
    for word in ("somebody", "example.com", "a-secret-id", "my.ipynb"):
        assert word not in said
    events = [json.loads(line)["event"] for line in said[: said.rindex("\n")].splitlines()]
    assert {"slot.up", "job.starts", "job.fault", "job.set_aside", "job.done"} <= set(events)


def test_a_command_brings_its_own_worker_where_there_is_none(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    url = yard.database.engine.url.render_as_string(False)
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def noted(*words: object, **more: object) -> subprocess.Popen[bytes]:
        started.append(real(*words, **more))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(worker.subprocess, "Popen", noted)  # type: ignore[attr-defined]
    with worker.ensure_worker(Home(yard.home, url), "cpu", "gpu") as running:
        assert running()
        yard.until(lambda: len(yard.slots()) == 2)
        assert {queue for one in yard.jobs.workers() for queue in one.queues} == {"cpu", "gpu"}
        with worker.ensure_worker(Home(yard.home, url)) as again:
            assert again()
        assert len(started) == 1
    assert (yard.home / "worker.log").stat().st_mode & 0o777 == 0o600
    assert "slot.up" in (yard.home / "worker.log").read_text()
    assert started[0].poll() is not None
    assert yard.slots() == []
