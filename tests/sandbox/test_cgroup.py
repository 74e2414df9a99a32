"""Control groups, on folders that look like the kernel's."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment import Limits
from grader.sandbox import cgroup

LIMITS = Limits(memory_mb=100, disk_mb=28, processes=10)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A root that hands both controllers down to user.slice, and user.slice nothing."""
    (tmp_path / "fs" / "user.slice").mkdir(parents=True)
    (tmp_path / "fs" / "cgroup.subtree_control").write_text("cpu memory pids\n")
    (tmp_path / "fs" / "user.slice" / "cgroup.subtree_control").write_text("\n")
    (tmp_path / "self").write_text("0::/user.slice\n")
    return tmp_path


def test_a_box_gets_a_group_under_the_nearest_one_that_hands_the_controllers_down(machine: Path) -> None:
    group = cgroup.make(4242, LIMITS, machine / "fs", machine / "self")
    assert group is not None
    assert group.folder.parent == machine / "fs"
    assert (group.folder / "cgroup.procs").read_text() == "4242"
    assert (group.folder / "memory.max").read_text() == str(128 << 20)
    assert int((group.folder / "pids.max").read_text()) > LIMITS.processes


def test_the_kernels_kill_for_memory_is_told_by_the_limits_name(machine: Path) -> None:
    group = cgroup.make(4242, LIMITS, machine / "fs", machine / "self")
    assert group is not None
    assert group.broken is None
    (group.folder / "memory.events").write_text("low 0\noom 1\noom_kill 3\n")
    assert group.broken == "memory_mb"


@pytest.mark.parametrize("line", ["", "7:memory:/x\n", "0::/elsewhere\n"])
def test_without_delegation_there_is_no_group_and_no_litter(tmp_path: Path, line: str) -> None:
    (tmp_path / "self").write_text(line)
    (tmp_path / "fs").mkdir()
    assert cgroup.make(1, LIMITS, tmp_path / "fs", tmp_path / "self") is None
    assert not list((tmp_path / "fs").iterdir())
