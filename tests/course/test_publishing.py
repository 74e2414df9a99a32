"""A version is proved, packed the same way every time, and unpacked nowhere else than it should be."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from course.world import DAY, NOON, World, proof
from sqlalchemy import func, select

from grader.course import publishing
from grader.errors import BadAssignment, BadInput
from grader.store import blobs
from grader.store.models import Assignment, Audit, Version


def publish(world: World, verification: Any, **more: Any) -> Version:
    with world.write() as session:
        return publishing.publish(session, world.course(session), world.doubling, verification, actor="test", **more)


def versions(world: World) -> list[tuple[int, bool, str | None]]:
    with world.database.read() as session:
        return [(one.number, one.verified, one.forced) for one in session.scalars(select(Version).order_by(Version.id))]


def row(world: World) -> Assignment:
    with world.database.read() as session:
        return world.assignment(session)


# versions


def test_a_version_holds_what_the_suite_says(world: World) -> None:
    with world.database.read() as session:
        version = session.scalars(select(Version)).one()
    assert (version.number, version.max_score, version.queue, version.verified) == (1, 100.0, "cpu", True)
    assert version.suite_version == world.doubling.suite_version
    assert version.verification == proof().as_json()
    assert row(world).version_id == version.id
    assert row(world).title == {"ko": "두 배", "en": "Doubling"}


def test_the_same_content_is_the_same_version(world: World) -> None:
    first = versions(world)
    publish(world, proof())
    os.utime(world.doubling.notebook, (1, 1))
    (world.doubling.folder / "__pycache__").mkdir()
    (world.doubling.folder / "__pycache__" / "x.pyc").write_bytes(b"x")
    publish(world, None)
    assert versions(world) == first


def test_another_content_is_another_version_and_the_old_one_stays(world: World) -> None:
    world.change_suite()
    second = publish(world, proof())
    assert [number for number, *_ in versions(world)] == [1, 2]
    assert row(world).version_id == second.id
    world.doubling.notebook.write_text("{ }", encoding="utf-8")  # not a part of the suite's version
    third = publish(world, None)
    assert (third.number, third.suite_version) == (3, second.suite_version)
    assert third.verified


def test_content_that_comes_back_is_newer_than_what_it_replaces(world: World) -> None:
    """Else the grades of the withdrawn version would stay, as the newest that graded counts."""
    test = world.doubling.folder.parent.parent / "reference" / "doubling" / "hidden_tests" / "test_double.py"
    before = test.read_text()
    world.change_suite()
    publish(world, proof())
    test.write_text(before)
    third = publish(world, None)
    with world.database.read() as session:
        archives = session.scalars(select(Version.archive).order_by(Version.id)).all()
        contents = [gzip.decompress(blobs.get(session, archive)) for archive in archives]
    assert third.number == 3
    assert len(set(archives)) == 3
    assert contents[0] == contents[2] != contents[1]
    assert publish(world, None).id == third.id


def test_what_is_not_proved_is_refused(world: World) -> None:
    world.change_suite()
    with pytest.raises(BadInput, match="not proved yet"):
        publish(world, None)
    with pytest.raises(BadInput, match=r"fails: wrong.*--force"):
        publish(world, proof(holds=False))
    with pytest.raises(BadInput):
        publish(world, proof(holds=False), forced="  ")
    assert len(versions(world)) == 1


def test_with_a_reason_it_is_published_all_the_same_and_the_reason_is_kept(world: World) -> None:
    world.change_suite()
    publish(world, proof(holds=False), forced="the lecture begins")
    assert versions(world)[1] == (2, False, "the lecture begins")
    with world.database.read() as session:
        line = session.scalars(select(Audit).where(Audit.action == "publish.assignment").order_by(Audit.number)).all()[
            -1
        ]
        assert (line.data["forced"], line.data["verified"]) == (True, False)
        assert publishing.verified(session, world.doubling) is None
    publish(world, proof())  # proved later: the same version, now with a proof
    assert versions(world)[1] == (2, True, "the lecture begins")


def test_forced_without_any_proof_the_points_come_from_the_suite(world: World) -> None:
    world.change_suite()
    version = publish(world, None, forced="no box here")
    assert (version.max_score, version.verified, version.verification) == (100.0, False, {})


def test_a_proof_of_another_assignment_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="tripling"):
        publish(world, replace(proof(), assignment="tripling"))


def test_two_who_publish_at_once_make_one_version(world: World) -> None:
    world.change_suite()
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(publish(world, proof()).id)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(versions(world)) == 2


def test_a_gpu_assignment_waits_in_the_queue_for_gpus(world: World) -> None:
    file = world.doubling.folder / "assignment.toml"
    file.write_text(file.read_text().replace("week = 1", 'week = 1\ndevice = "gpu"'))
    assert publish(world, proof()).queue == "gpu"


# times and rules


def test_times_and_rules_stay_until_they_are_said_anew(world: World) -> None:
    publish(world, None, opens=NOON, due=NOON + DAY, closes=NOON + 2 * DAY, policy={"late": "none"}, weight=2.5)
    publish(world, None, due=NOON + 2 * DAY)
    now = row(world)
    assert (now.opens, now.due, now.closes) == (NOON, NOON + 2 * DAY, NOON + 2 * DAY)
    assert (now.policy, now.weight) == ({"late": "none"}, 2.5)
    publish(world, None, opens=None, closes=None, policy={})
    assert (row(world).opens, row(world).closes, row(world).policy) == (None, None, {})
    with world.database.read() as session:
        query = select(func.count()).select_from(Audit).where(Audit.action == "schedule.assignment")
        assert session.scalars(query).one() == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens": NOON + DAY, "due": NOON},
        {"due": NOON + DAY, "closes": NOON},
        {"opens": NOON + DAY, "closes": NOON},
        {"due": datetime(2026, 3, 2)},
        {"weight": -1.0},
        {"weight": float("nan")},
        {"policy": {"lateness": 1}},
        {"policy": {"attempts": 0}},
    ],
)
def test_impossible_times_and_rules_change_nothing(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        publish(world, None, **wrong)
    assert (row(world).due, row(world).weight, row(world).policy) == (None, 1.0, {})


# archives


def test_an_archive_depends_on_names_and_content_alone(world: World, tmp_path: Path) -> None:
    first = publishing.tar(world.doubling)
    copy = tmp_path / "elsewhere"
    shutil.copytree(world.catalog.assignments.parent, copy)
    for file in copy.rglob("*"):
        os.utime(file, (1, 1))
        file.chmod(0o777)
    moved = type(world.catalog)(copy / "assignments", copy / "reference").load("doubling")
    assert publishing.tar(moved) == first
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        assert archive.getnames() == [
            "assignments/doubling/assignment.toml",
            "assignments/doubling/notebook.ipynb",
            "assignments/topics.toml",
            "reference/doubling/hidden_tests/test_double.py",
            "reference/doubling/solution.ipynb",
            "reference/misconceptions.toml",
        ]


def test_a_link_is_not_packed(world: World) -> None:
    (world.doubling.folder / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(BadAssignment, match="no ordinary file"):
        publishing.tar(world.doubling)


def test_too_many_files_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "MAX_FILES", 3)
    with pytest.raises(BadAssignment, match="exceed"):
        publishing.tar(world.doubling)


def test_an_unpacked_version_is_the_assignment_as_it_was(world: World, tmp_path: Path) -> None:
    before = world.doubling
    suite, content = before.suite_version, publishing.tar(before)
    world.change_suite()
    with world.database.read() as session:
        version = session.scalars(select(Version)).one()
        found = publishing.unpack(session, version, tmp_path / "cache")
        assert found.suite_version == suite
        assert publishing.tar(found) == content
        marker = found.folder / "marker"
        marker.touch()
        again = publishing.unpack(session, version, tmp_path / "cache")
    assert (again, marker.exists()) == (found, True)  # it was not unpacked again
    assert datetime.fromtimestamp(found.notebook.stat().st_mtime, UTC).year == 1970


def test_many_may_unpack_at_once(world: World, tmp_path: Path) -> None:
    found = []

    def unpack() -> None:
        with world.database.read() as session:
            found.append(publishing.unpack(session, session.scalars(select(Version)).one(), tmp_path / "cache").folder)

    threads = [threading.Thread(target=unpack) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(list((tmp_path / "cache").iterdir())) == 1


def packed(*members: tarfile.TarInfo) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return gzip.compress(target.getvalue())


def info(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.size = kind, link, 1 if kind == tarfile.REGTYPE else 0
    return found


def sparse(name: str, claimed: int) -> tarfile.TarInfo:
    """A file that says that it is large, and of which the archive holds one block."""
    found = info(name)
    found.size = 1024
    about = {"major": 1, "minor": 0, "name": name, "realsize": claimed}
    found.pax_headers = {f"GNU.sparse.{key}": str(value) for key, value in about.items()}
    return found


def packed_sparse() -> bytes:
    claimed, target = 10**9, io.BytesIO()
    places = b"1\n%d\n1\n" % (claimed - 1)
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(sparse("assignments/sparse", claimed), io.BytesIO(places.ljust(1024, b"\0")))
    return gzip.compress(target.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        packed(info("assignments/../../evil")),
        packed(info("/tmp/evil")),
        packed(info("../evil")),
        packed(info("elsewhere/evil")),
        packed(info("assignments/link", tarfile.SYMTYPE, "/etc"), info("assignments/link/evil")),
        packed(info("assignments/hard", tarfile.LNKTYPE, "/etc/passwd")),
        packed(info("assignments/device", tarfile.CHRTYPE)),
        packed(info("assignments/pipe", tarfile.FIFOTYPE)),
        packed(info("")),
        packed_sparse(),
        b"no archive at all",
        packed(info("assignments/a"))[:-20],
        gzip.compress(b"no tar" * 200),
    ],
    ids=[
        *("dots", "absolute", "up", "elsewhere", "symlink", "hardlink", "device", "pipe", "no name", "sparse"),
        *("nothing", "cut", "no tar"),
    ],
)
def test_an_unsafe_archive_writes_nothing(tmp_path: Path, data: bytes) -> None:
    folder = tmp_path / "in" / "cache"
    with pytest.raises(BadInput, match="no safe archive"):
        publishing.extract(data, folder / "x")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() or path.name == "x"]


def test_an_archive_that_swells_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "MAX_BYTES", 10_000)
    monkeypatch.setattr(publishing, "MAX_FILES", 1)
    with pytest.raises(BadInput, match="too large"):
        publishing.extract(gzip.compress(bytes(1_000_000)), tmp_path / "x")


def test_a_metric_or_a_misconception_whose_name_has_no_room_is_refused(world: World) -> None:
    reference = world.doubling.reference
    assert reference is not None
    long = "m" * 129
    (reference / "calibration.json").write_text(f'{{"{long}": {{}}}}')
    with pytest.raises(BadAssignment, match="the name of a metric has more than 128 letters"):
        publish(world, proof())
    (reference / "calibration.json").unlink()
    measured = proof()
    measured.proofs[0] = replace(measured.proofs[0], metrics=(long,))
    world.change_suite()
    with pytest.raises(BadAssignment, match="the name of a metric"):
        publish(world, measured)
    words = '{ko = "가", en = "a"}'
    file = reference.parent / "misconceptions.toml"
    file.write_text(f'["{"a" * 65}"]\ntopic = "x"\ntitle = {words}\ntext = {words}\n')
    with pytest.raises(BadAssignment, match="the id of a misconception has more than 64 letters"):
        publish(world, proof())


def test_times_out_of_order_are_told_as_the_clocks_of_the_course_show_them(world: World) -> None:
    with pytest.raises(BadInput) as refused:
        world.publish(opens=NOON + DAY, due=NOON)
    assert "opens: 2026-03-03 (Tue) 12:00 KST, due: 2026-03-02 (Mon) 12:00 KST" in refused.value.text.en
    assert "2026-03-03 (화) 12:00 KST" in refused.value.text.ko
