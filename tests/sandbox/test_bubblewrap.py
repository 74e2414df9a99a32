from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import grader
from grader.errors import SandboxUnavailable
from grader.inside import seccomp
from grader.sandbox import Backend, Warm, bubblewrap


@pytest.fixture
def words(warm_of: Callable[[Backend], Warm], public_data: Path) -> list[str]:
    """The command line of the outer box, on a machine that can make one."""
    warm_of(Backend.BUBBLEWRAP)
    with bubblewrap.command(public_data, 5) as (line, _):
        return line


def after(words: list[str], option: str, count: int = 1) -> list[tuple[str, ...]]:
    """What follows each occurrence of an option."""
    return [tuple(words[place + 1 : place + 1 + count]) for place, word in enumerate(words) if word == option]


def mounts(words: list[str]) -> list[Path]:
    pairs = after(words, "--ro-bind", 2) + after(words, "--ro-bind-try", 2)
    return [Path(source).resolve() for source, _ in pairs]


def test_everything_of_the_machine_is_mounted_read_only(words: list[str]) -> None:
    assert [
        word for word in words if word in ("--bind", "--bind-try", "--dev-bind", "--dev-bind-try", "--bind-fd")
    ] == []
    assert len(mounts(words)) > 3


def test_nothing_secret_is_mounted_nor_a_folder_that_holds_it(words: list[str]) -> None:
    repository = Path(grader.__file__).resolve().parent.parent
    secret = [repository / name for name in ("reference", "tests", "assignments", "webapp", ".git", "grader/cli.py")]
    secret += [Path.home() / ".bashrc", Path("/etc/shadow"), Path("/etc/passwd"), Path("/var/lib"), Path("/tmp/x")]
    assert [(place, source) for place in secret for source in mounts(words) if place.is_relative_to(source)] == []


def test_of_our_own_code_only_the_inside_is_mounted(words: list[str]) -> None:
    package = Path(grader.__file__).resolve().parent
    assert {source for source in mounts(words) if source.is_relative_to(package)} == {
        package / "inside",
        package / "__init__.py",
    }


def test_every_namespace_is_left_and_the_box_dies_with_us(words: list[str]) -> None:
    assert {"--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"} <= set(words)
    assert {"--die-with-parent", "--new-session", "--clearenv", "--as-pid-1"} <= set(words)
    assert ("--unshare-user" in words) != ("--userns" in words)
    assert after(words, "--remount-ro") [-1] == ("/",)  # fmt: skip


def test_the_environment_is_a_short_list_of_our_own(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict(after(words, "--setenv", 2))
    assert set(given) == set(bubblewrap.environment("/home/student")) | {"PYTHONPATH"}
    assert given["PYTHONHASHSEED"] == "0"
    assert {name for name in given if name.endswith("_NUM_THREADS") and given[name] != "1"} == set()


def test_no_descriptor_is_left_open_by_making_the_command(public_data: Path, words: list[str]) -> None:
    before = os.listdir("/proc/self/fd")
    with bubblewrap.command(public_data, 5):
        pass
    assert os.listdir("/proc/self/fd") == before


def test_the_box_runs_our_python_on_our_worker(words: list[str]) -> None:
    assert words[words.index("--") + 1 :] == [sys.executable, "-s", "-P", "-m", "grader.inside.warm", "5"]


def test_without_bubblewrap_no_box_is_made_and_the_mend_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    lack = bubblewrap.lacks()
    assert lack is not None
    assert lack.mend == "sudo apt-get install -y bubblewrap"
    with pytest.raises(SandboxUnavailable, match="apt-get install -y bubblewrap") as caught:
        Warm((), tmp_path)
    assert "--unsafe-no-sandbox" in caught.value.text.ko


def broken_bwrap(folder: Path) -> None:
    """A bwrap that fails as it does where namespaces are forbidden."""
    file = folder / "bwrap"
    file.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    file.chmod(0o755)


def test_where_namespaces_are_forbidden_no_box_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken_bwrap(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SandboxUnavailable, match=r"does not allow user namespaces: .*No permissions") as caught:
        Warm((), tmp_path)
    assert "grader doctor" in str(caught.value)


def test_where_unshare_is_missing_or_hangs_there_is_a_lack_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("bwrap", 20)

    monkeypatch.setattr(subprocess, "run", late)
    lack = bubblewrap.lacks()
    assert lack is not None
    assert lack.mend


def test_another_kind_of_machine_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "supported", lambda: False)
    lack = bubblewrap.lacks()
    assert lack is not None
    assert "x86_64" in lack.text.en


@pytest.mark.parametrize(
    ("setting", "text", "mend"),
    [
        ("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "apparmor_restrict_unprivileged_userns=0"),
        ("proc/sys/kernel/unprivileged_userns_clone", "0", "unprivileged_userns_clone=1"),
        ("proc/sys/user/max_user_namespaces", "0", "max_user_namespaces=15000"),
        (".dockerenv", "", "docker run"),
        ("run/.containerenv", "", "docker run"),
        ("proc/self/status", "Name:\tx\nSeccomp:\t2", "RestrictNamespaces"),
        ("nothing", "", "dmesg"),
    ],
)
def test_the_setting_in_the_way_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str, text: str, mend: str
) -> None:
    (tmp_path / setting).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / setting).write_text(text + "\n")
    monkeypatch.setattr(bubblewrap, "Path", lambda place: tmp_path / place.removeprefix("/"))
    monkeypatch.setattr(bubblewrap.os, "geteuid", lambda: 1000)
    monkeypatch.delenv("container", raising=False)
    assert mend in bubblewrap.mend_namespaces()
    assert ("docker" in mend) == ("docker" in bubblewrap.mend_namespaces())


def test_an_environment_in_a_folder_that_boxes_cover_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert str(tmp_path / "lib") in bubblewrap.kept()
