"""The queue without a worker: what comes first, what is told, what is put right."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace

import pytest
from jobs.yard import PACE, Yard
from sqlalchemy import event, select, text

import grader.jobs
from grader.jobs import hold
from grader.jobs import slot as slots
from grader.jobs.pace import PACE as DEFAULT
from grader.store import audit
from grader.store.database import now
from grader.store.models import Audit, Purpose, Run, State, Worker


def order(yard: Yard) -> list[str]:
    return [one.key for one in yard.jobs.waiting()]


def alive(yard: Yard, name: str, queue: str = "cpu", slots: int = 1, **more: object) -> None:
    """As if a slot had just shown life."""
    with yard.database.write() as session:
        at = now(session)
        values = {"host": "h", "pid": 1, "draining": False, "started_at": at, "beat_at": at} | more
        session.merge(Worker(name=name, queues=[queue], slots=slots, **values))


def take(yard: Yard, key: str, worker: str = "w-0") -> hold.Taken:
    with yard.database.write() as session:
        taken = hold.take(session, key, worker, 3)
    assert taken is not None
    return taken


def as_dbos(yard: Yard, key: str, status: str, executor: str = "w-0") -> None:
    """As if DBOS had got so far with a job."""
    table = "workflow_status" if yard.database.embedded else "dbos.workflow_status"
    with yard.database.write() as session:
        words = {"key": key, "status": status, "executor": executor}
        session.execute(
            text(f"UPDATE {table} SET status=:status, executor_id=:executor WHERE workflow_uuid=:key"), words
        )


def test_fifty_of_one_person_stand_in_nobodys_way(yard: Yard) -> None:
    mine = [yard.add(f"m{number}", "many") for number in range(50)]
    others = [yard.add(f"o{number}", f"other{number}") for number in range(3)]
    assert order(yard)[:5] == [mine[0], *others, mine[1]]
    assert [key for key in order(yard) if key in mine] == mine


def test_who_comes_later_waits_for_the_present_round_only(yard: Yard) -> None:
    keys = [yard.add(f"m{number}", "many") for number in range(6)]
    for key in keys[:3]:
        take(yard, key)
        as_dbos(yard, key, "PENDING")
    late = yard.add("late", "late")
    assert order(yard) == [keys[3], late, *keys[4:]]


def test_purposes_come_in_their_order(yard: Yard) -> None:
    kinds = list(Purpose)
    keys = [yard.add(kind.value, f"p{number}", purpose=kind) for number, kind in enumerate(reversed(kinds))]
    assert order(yard) == list(reversed(keys))


def test_a_regrade_of_a_whole_course_does_not_hold_up_a_submission(yard: Yard) -> None:
    for number in range(20):
        yard.add(f"r{number}", f"p{number}", purpose=Purpose.REGRADE)
    new = yard.add("new", "p1")
    assert order(yard)[0] == new


def test_places_are_counted_within_a_queue(yard: Yard) -> None:
    first, second = yard.add("1", "a"), yard.add("2", "b")
    other = yard.add("3", "c", queue="gpu")
    assert [yard.jobs.place(key) for key in (first, second, other)] == [1, 2, 1]
    take(yard, first)
    as_dbos(yard, first, "PENDING")
    assert yard.jobs.place(first) is None
    assert yard.jobs.place(second) == 1
    assert yard.jobs.place("unknown") is None
    assert [(one.key, one.place) for one in yard.jobs.waiting("gpu")] == [(other, 1)]


def test_an_estimate_needs_a_worker_that_is_alive(yard: Yard) -> None:
    key = yard.add("1")
    assert yard.jobs.estimate(key) is None
    alive(yard, "g", "gpu")
    alive(yard, "d", draining=True)
    with yard.database.read() as session:
        long_ago = now(session) - timedelta(hours=1)
    alive(yard, "old", beat_at=long_ago)
    assert yard.jobs.estimate(key) is None
    alive(yard, "w")
    assert yard.jobs.estimate(key) == 30.0
    assert yard.jobs.estimate("unknown") is None


def test_an_estimate_is_the_median_of_the_last_and_what_is_ahead_by_slots(yard: Yard) -> None:
    for number, seconds in enumerate((100.0, 120.0, 3000.0)):
        key = yard.add(f"old{number}")
        with yard.database.write() as session:
            run = session.scalars(select(Run).where(Run.key == key)).one()
            run.state, run.started_at = State.DONE, now(session)
            run.finished_at = run.started_at + timedelta(seconds=seconds)
    alive(yard, "w0")
    keys = [yard.add(f"n{number}", f"p{number}") for number in range(4)]
    assert [yard.jobs.estimate(key) for key in keys] == [120.0, 240.0, 360.0, 480.0]
    alive(yard, "w1")
    assert [yard.jobs.estimate(key) for key in keys] == [120.0, 120.0, 240.0, 240.0]
    take(yard, keys[0])
    as_dbos(yard, keys[0], "PENDING")
    running = yard.jobs.estimate(keys[0])
    assert running is not None
    assert 80.0 < running <= 120.0


def test_many_look_at_the_queue_once(yard: Yard) -> None:
    """A hundred submissions in a list must not read a queue of thousands a hundred times."""
    keys = [yard.add(str(n)) for n in range(3)] + [yard.add("g", queue="gpu"), yard.add("r")]
    take(yard, keys[4])
    alive(yard, "w-0")
    asked: list[str] = []
    listen = lambda *words: asked.append(words[2])  # noqa: E731
    event.listen(yard.database.engine, "before_cursor_execute", listen)
    found = yard.jobs.outlook([*keys, "unknown"])
    few = len(asked)
    yard.jobs.outlook(keys[:1])
    event.remove(yard.database.engine, "before_cursor_execute", listen)
    assert few <= 2 * (len(asked) - few)  # two queues
    assert [found[key].place for key in keys] == [yard.jobs.place(key) for key in keys] == [1, 2, 3, 1, None]
    for key in keys:
        seconds = found[key].seconds
        assert (seconds is None) is (key == keys[3])  # nobody serves that queue
        assert seconds == pytest.approx(yard.jobs.estimate(key), abs=5) if seconds is not None else True
    assert "unknown" not in found


def test_a_run_is_enqueued_once(yard: Yard) -> None:
    key = yard.add("1")
    with yard.database.write() as session:
        run = session.scalars(select(Run).where(Run.key == key)).one()
        yard.jobs.enqueue(session, run)
        yard.jobs.enqueue(session, run)
    assert order(yard) == [key]


def test_a_job_is_kept_only_with_its_submission(yard: Yard) -> None:
    kept = yard.add("1")
    run = yard.run(kept)
    twin = Run(key="f" * 32, submission_id=run.submission_id, version_id=run.version_id, purpose=run.purpose)
    twin.queue, twin.state, twin.requested_at = "cpu", State.QUEUED, run.requested_at

    def fail() -> None:
        with yard.database.write() as session:
            session.add(twin)
            yard.jobs.enqueue(session, twin)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert order(yard) == [kept]


def test_a_cancelled_run_leaves_the_queue_and_can_come_back(yard: Yard) -> None:
    key, other = yard.add("1"), yard.add("2", "b")
    assert yard.jobs.cancel(key, "cli")
    assert not yard.jobs.cancel(key, "cli")
    assert order(yard) == [other]
    assert yard.run(key).state is State.CANCELLED
    assert yard.jobs.requeue(key, "cli")
    assert not yard.jobs.requeue(key, "cli")
    assert set(order(yard)) == {key, other}
    assert yard.run(key).tries == 0
    with yard.database.read() as session:
        assert list(session.scalars(select(Audit.action).order_by(Audit.number))) == ["cancel.run", "requeue.run"]
        assert audit.broken(session) is None


def test_a_stale_start_can_write_nothing(yard: Yard) -> None:
    key = yard.add("1")
    first, second = take(yard, key, "w-0"), take(yard, key, "w-1")
    with yard.database.write() as session:
        assert hold.held(session, first) is None
        assert not hold.give_back(session, first)
        assert not hold.set_aside(session, first, hold.KILLED, "w-0")
        assert not hold.progress(session, first, 1, 2, {})
        assert hold.held(session, second) is not None


def test_the_fourth_start_sets_aside(yard: Yard) -> None:
    key = yard.add("1")
    for _ in range(3):
        take(yard, key)
    with yard.database.write() as session:
        assert hold.take(session, key, "w", 3) is None
    run = yard.run(key)
    assert (run.state, run.tries) == (State.SET_ASIDE, 3)
    assert run.reason is not None
    assert set(run.reason) == {"ko", "en"}


def test_the_reaper_gives_back_what_a_dead_slot_held(yard: Yard) -> None:
    key, kept = yard.add("1"), yard.add("2", "b")
    for one, worker in ((key, "dead"), (kept, "lives")):
        take(yard, one, worker)
        as_dbos(yard, one, "PENDING", worker)
    alive(yard, "lives")
    assert yard.jobs.reap("unheard of") == []
    assert yard.jobs.reap("lives") == [key]
    assert yard.jobs.reap("lives") == []
    assert (yard.run(key).state, yard.run(key).fence) == (State.QUEUED, 2)
    assert yard.run(kept).state is State.RUNNING
    assert order(yard) == [key]


def test_a_clock_that_jumps_makes_nobody_dead(yard: Yard) -> None:
    """Right after a jump all beats look old, also that of the slot that looks."""
    key = yard.add("1")
    take(yard, key, "lives")
    as_dbos(yard, key, "PENDING", "lives")
    with yard.database.read() as session:
        moments = [now(session) + timedelta(hours=hours) for hours in (-1, 1)]
    for moment in moments:
        alive(yard, "lives", beat_at=moment)
        alive(yard, "me", beat_at=moment)
        assert yard.jobs.reap("me") == []
    assert yard.run(key).state is State.RUNNING


def test_who_wakes_first_takes_nobody_for_dead(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that slept, or a clock that was set: for whoever beats first all others look dead for a moment. The
    waits' clock stood still meanwhile."""
    moment = [1_000.0]
    monkeypatch.setattr(slots, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    me = slots.Slot(slots.Setup(yard.database.url, yard.home, "cpu", pace=PACE), "me")
    key = yard.add("1")
    take(yard, key, "other")
    as_dbos(yard, key, "PENDING", "other")
    with yard.database.read() as session:
        before_sleep = now(session) - timedelta(hours=1)
    alive(yard, "other", beat_at=before_sleep)
    moment[0] += 10 * PACE.dead
    me._beat()
    me._care()
    assert yard.run(key).state is State.RUNNING
    alive(yard, "other")
    moment[0] += PACE.care
    me._care()
    assert yard.run(key).state is State.RUNNING
    alive(yard, "other", beat_at=before_sleep)  # and this time it is dead
    for _ in range(2):
        assert yard.run(key).state is State.RUNNING
        me._beat()
        me._care()
        moment[0] += 2 * PACE.beat
    me._care()
    assert (yard.run(key).state, yard.run(key).fence) == (State.QUEUED, 2)
    me.jobs.close()
    me.database.close()


def test_the_reaper_sets_aside_what_was_started_too_often(yard: Yard) -> None:
    key = yard.add("1")
    for _ in range(3):
        take(yard, key, "dead")
    as_dbos(yard, key, "PENDING", "dead")
    assert yard.jobs.reap() == []
    assert yard.run(key).state is State.SET_ASIDE
    assert yard.jobs.requeue(key, "cli")
    assert order(yard) == [key]


def test_the_sweep_makes_a_job_for_a_run_without_one(yard: Yard) -> None:
    key = yard.add("1", enqueue=False)
    assert order(yard) == []
    assert yard.jobs.sweep() == []  # it may be on its way at this moment
    old(yard, key)
    assert yard.jobs.sweep() == [key]
    assert order(yard) == [key]
    assert yard.jobs.sweep() == []


@pytest.mark.parametrize("status", ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"])
@pytest.mark.parametrize("taken", [False, True])
def test_the_sweep_revives_a_job_that_ended_without_a_result(yard: Yard, status: str, taken: bool) -> None:
    key = yard.add("1")
    if taken:
        take(yard, key)
    as_dbos(yard, key, status)
    old(yard, key)
    assert yard.jobs.sweep() == [key]
    assert order(yard) == [key]


def test_a_job_that_several_revive_at_the_same_moment_waits_once(yard: Yard) -> None:
    keys = [yard.add(str(number)) for number in range(5)]
    for key in keys:
        as_dbos(yard, key, "SUCCESS")
    together = Barrier(6)

    def revive(_: int) -> None:
        for key in keys:
            together.wait(30)
            yard.jobs.revive(key)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(revive, range(6)))
    assert sorted(order(yard)) == sorted(keys)


def old(yard: Yard, key: str) -> None:
    """Asked for, and started, an hour ago."""
    with yard.database.write() as session:
        run = session.scalars(select(Run).where(Run.key == key)).one()
        run.requested_at -= timedelta(hours=1)
        if run.started_at is not None:
            run.started_at -= timedelta(hours=1)


def test_jobs_of_runs_that_ended_long_ago_are_forgotten_and_the_runs_stay(yard: Yard) -> None:
    done, waits = yard.add("1"), yard.add("2", "b")
    with yard.database.write() as session:
        run = session.scalars(select(Run).where(Run.key == done)).one()
        run.state, run.finished_at = State.DONE, now(session)
        later = now(session) + timedelta(days=1)
    assert yard.jobs.forget(later) == 0  # DBOS has not noted the end yet
    as_dbos(yard, done, "SUCCESS")
    assert yard.jobs.forget(later) == 1
    assert yard.run(done).state is State.DONE
    assert order(yard) == [waits]


def test_a_whole_host_is_drained_by_its_name(yard: Yard) -> None:
    alive(yard, "h-0")
    alive(yard, "h-1")
    alive(yard, "other", host="i")
    assert yard.jobs.drain("h", "cli") == 2
    assert [one.draining for one in yard.jobs.workers()] == [True, True, False]
    assert yard.jobs.drain("h-1", "cli", on=False) == 1
    alive(yard, "gpu-box-0", host="j")
    assert yard.jobs.drain("gpu-box", "cli") == 1
    assert yard.jobs.drain("nobody", "cli") == 0


def test_no_decision_asks_the_hosts_clock() -> None:
    """Times come from the database, waits from a clock that nobody sets."""
    for file in sorted(Path(grader.jobs.__file__).parent.glob("*.py")):
        names = {ast.unparse(node) for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Attribute)}
        assert not names & {"time.time", "datetime.now", "datetime.utcnow", "date.today", "time.time_ns"}, file


def test_the_pace_of_tests_is_like_that_of_courses() -> None:
    for pace in (PACE, DEFAULT):
        assert pace.beat * 4 < pace.dead
        assert pace.still <= 0.5
