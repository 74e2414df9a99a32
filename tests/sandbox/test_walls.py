"""What only the sealed box owes: whatever a notebook tries, there is a wall."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import grader
from grader.assignment import Limits
from grader.inside import seccomp
from grader.sandbox import Backend, Box, Warm

ROOMY = Limits(memory_mb=3000)


@pytest.fixture(scope="module")
def _box(warm_of: Callable[[Backend], Warm]) -> Iterator[Box]:
    with warm_of(Backend.BUBBLEWRAP).fork(ROOMY) as box:
        yield box


@pytest.fixture
def guest(_box: Box, guest_of: Callable[[Box], Any]) -> Any:
    """One sealed box for all the tests that only look."""
    return guest_of(_box)


def test_there_is_no_network(guest: Any) -> None:
    assert guest.value("import socket\n[name for _, name in socket.if_nameindex()]") == ["lo"]
    tried = guest.value(
        "import socket\n[socket.socket().connect_ex(place) for place in [('1.1.1.1', 53), ('10.0.0.1', 80), ('169.254.169.254', 80)]]"
    )
    assert all(tried)
    assert "Network is unreachable" in guest.value(
        "import os\nos.strerror(socket.socket().connect_ex(('1.1.1.1', 53)))"
    )


@pytest.mark.parametrize("family", ["AF_VSOCK", "AF_ALG", "AF_PACKET"])
def test_no_socket_reaches_past_the_namespaces(guest: Any, family: str) -> None:
    guest.run(
        f"import socket\ntry:\n    socket.socket(socket.{family}, socket.SOCK_SEQPACKET); got = 'a socket'\n"
        "except OSError as error:\n    got = type(error).__name__"
    )
    assert guest.value("got") == "PermissionError"


@pytest.mark.parametrize(
    "place",
    ["/", "/usr", "/usr/bin", "/opt", "/opt/grader/grader/inside", "/etc", "/dev", "/bin", "/lib", "/mnt", "/home", "/opt/data",
     "/proc/sys/kernel", "/var", "/run", "/root", "/sys"],
)  # fmt: skip
def test_no_file_can_be_made_in_the_system(guest: Any, place: str) -> None:
    guest.run(
        f"try:\n    open('{place}/made', 'w').close(); got = 'made'\nexcept OSError as error:\n    got = type(error).__name__"
    )
    assert guest.value("got") in ("PermissionError", "OSError", "FileNotFoundError")


@pytest.mark.parametrize(
    "file",
    ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger",
     "/proc/sys/fs/binfmt_misc/register", "/etc/passwd", "/etc/ld.so.cache", "/opt/data/gates.csv", "/usr/bin/env",
     "/opt/grader/grader/inside/worker.py"],
)  # fmt: skip
def test_no_setting_or_file_of_the_system_can_be_opened_for_writing(guest: Any, file: str) -> None:
    guest.run(
        f"import os\ntry:\n    os.close(os.open('{file}', os.O_WRONLY | os.O_APPEND)); got = 'opened'\n"
        "except OSError as error:\n    got = type(error).__name__"
    )
    assert guest.value("got") in ("PermissionError", "OSError", "FileNotFoundError")


@pytest.mark.parametrize(("file", "text"), [("uid_map", "0 0 1"), ("gid_map", "0 0 1"), ("setgroups", "allow")])
def test_the_map_of_users_cannot_be_written_again(guest: Any, file: str, text: str) -> None:
    guest.run(
        f"import os\ntry:\n    fd = os.open('/proc/self/{file}', os.O_WRONLY); os.write(fd, b'{text}'); got = 'written'\n"
        "except OSError as error:\n    got = type(error).__name__"
    )
    assert guest.value("got") in ("PermissionError", "OSError")


def test_home_is_empty_and_ones_own(guest: Any) -> None:
    guest.run("import os")
    assert guest.value(
        "os.path.expanduser('~'), [n for n in os.listdir(os.path.expanduser('~')) if n != '.ipython']"
    ) == (
        "/home/student",
        [],
    )
    assert guest.value("import os\nos.listdir('/home')") == ["student"]
    assert guest.value("open(os.path.expanduser('~/f'), 'w').write('x')") == 1


def test_the_student_is_nobody_in_particular(guest: Any) -> None:
    assert guest.value("import os\nos.getresuid() + os.getresgid()") == (1000,) * 6
    assert set(guest.value("os.getgroups()")) <= {1000, 65534}
    status = dict(
        line.split(":\t", 1) for line in guest.value("open('/proc/self/status').read()").splitlines() if ":\t" in line
    )
    assert {status[f"Cap{kind}"].strip("0") for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {""}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_root_cannot_be_had_back(guest: Any) -> None:
    guest.run(
        "import os\ngot = []\nfor call in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.chown('/tmp', 0, 0)):\n"
        "    try:\n        call(); got.append(call)\n    except OSError: pass"
    )
    assert guest.value("len(got)") == 0


def test_it_is_process_one_and_sees_only_its_own(guest: Any) -> None:
    assert guest.value("import os\nos.getpid()") == 1
    assert guest.value("[int(name) for name in os.listdir('/proc') if name.isdigit()]") == [1]
    assert guest.value("os.getppid()") == 0


def test_a_sibling_is_invisible(sealed: Warm, guest_of: Callable[[Box], Any]) -> None:
    with sealed.fork(ROOMY) as one, sealed.fork(ROOMY) as two:
        first, second = guest_of(one), guest_of(two)
        first.run("import socket\ns = socket.socket(socket.AF_UNIX); s.bind('\\0meet'); s.listen()\nopen('/tmp/meet', 'w').close()\n"
                  "open('/dev/shm/meet', 'w').close()")  # fmt: skip
        assert second.value("import os\n[p for p in os.listdir('/proc') if p.isdigit()]") == ["1"]
        assert "meet" not in second.value("os.listdir('/tmp') + os.listdir('/dev/shm')")
        assert second.value("import socket\nsocket.socket(socket.AF_UNIX).connect_ex('\\0meet')") != 0


def secrets() -> list[str]:
    """Places of this machine that must not be there inside."""
    repository = Path(grader.__file__).resolve().parent.parent
    places = [
        repository / name for name in ("reference", "tests", "assignments", ".git", "pyproject.toml", "grader/cli.py")
    ]
    places += [
        Path.home() / ".ssh",
        Path.home() / ".bashrc",
        Path("/etc/shadow"),
        Path("/etc/hosts"),
        Path("/var/lib/dpkg"),
    ]
    places += [Path("/opt/grader/grader") / name for name in ("cli.py", "suite", "rpc", "sandbox", "pipeline.py")]
    return [str(place) for place in places]


def test_no_secret_place_of_the_machine_is_there(guest: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    places = [*secrets(), str(tmp_path)]
    assert guest.value(f"import os\n[place for place in {places} if os.path.exists(place)]") == []
    assert guest.value("sorted(os.listdir('/opt/grader/grader'))") == ["__init__.py", "inside"]


def test_no_file_of_the_reference_folder_can_be_walked_to(guest: Any) -> None:
    found = guest.value(
        "import os\n[os.path.join(folder, name) for folder, folders, files in os.walk('/') if not folder.startswith(('/proc', '/usr'))"
        " for name in folders + files if name in ('hidden_tests', 'mutants', 'oracle.py', 'solution.ipynb', '.git', 'id_rsa')"
        " and 'site-packages' not in folder]"
    )
    assert found == []


def test_no_link_in_proc_leads_outside(guest: Any) -> None:
    assert guest.value("import os\nsorted(os.listdir('/proc/1/root/'))") == guest.value("sorted(os.listdir('/'))")
    guest.run(
        "got = [w for w in open('/proc/self/mountinfo').read().split() if 'reference' in w or 'hidden_tests' in w]"
    )
    assert guest.value("got") == []


@pytest.mark.parametrize("name", ["kcore", "kallsyms", "keys", "timer_list"])
def test_files_that_tell_of_the_kernel_are_empty(guest: Any, name: str) -> None:
    guest.run(f"try:\n    got = open('/proc/{name}').read(100)\nexcept OSError:\n    got = ''")
    assert guest.value("got") == ""


def test_every_refused_call_fails_with_eperm(guest: Any) -> None:
    column = list(seccomp.ARCHITECTURES).index(platform.machine())
    numbers = {name: pair[column] for name, pair in seccomp.REFUSED.items() if pair[column] is not None}
    guest.run(
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "def errno_of(number, *arguments):\n    ctypes.set_errno(0)\n"
        "    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_ulong, arguments)), ctypes.get_errno()"
    )
    assert (
        guest.value(f"{{n: errno_of(k, 0, 0, 0) for n, k in {numbers}.items() if errno_of(k, 0, 0, 0) != (-1, 1)}}")
        == {}
    )
    assert guest.value(f"errno_of({seccomp.CLONE3}, 0, 0)") == (-1, 38)
    assert guest.value(f"errno_of({seccomp.CLONE[column]}, 0x10000000 | 17, 0)") == (-1, 1)


def test_the_tools_that_make_namespaces_fail(guest: Any) -> None:
    guest.run("import subprocess\ncodes = [subprocess.run(c, shell=True, capture_output=True).returncode for c in "
              "('unshare -U true', 'unshare -r true', 'mount -t tmpfs x /tmp', 'su -c true', 'nsenter -t 1 -a true')]")  # fmt: skip
    assert 0 not in guest.value("codes")


def test_devices_are_only_the_harmless_ones(guest: Any) -> None:
    names = set(guest.value("import os\nos.listdir('/dev')"))
    assert names <= {
        "console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero",
    }  # fmt: skip
    guest.run(
        "try:\n    os.mknod('/tmp/disk', 0o60666, os.makedev(8, 0)); got = 'made'\nexcept OSError:\n    got = 'no'"
    )
    assert guest.value("got") == "no"


def test_the_machines_name_and_time_zone_are_the_boxs_own(guest: Any) -> None:
    assert guest.value("import socket\nsocket.gethostname()") == "box"
    assert guest.value("import time\ntime.tzname[0]") == "UTC"


def test_signals_to_everyone_reach_nobody_outside(sealed: Warm, guest_of: Callable[[Box], Any]) -> None:
    with sealed.fork(ROOMY) as box, sealed.fork(ROOMY) as sibling:
        guest_of(box).run("import os, signal\nfor pid in range(2, 400):\n    try: os.kill(pid, 9)\n    except OSError: pass\n"
                          "try: os.kill(-1, 9)\nexcept OSError: pass")  # fmt: skip
        assert guest_of(sibling).value("1 + 1") == 2
        assert sealed.fork(ROOMY).end().signal == "SIGKILL"
