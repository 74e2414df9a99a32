"""The outer box as a bubblewrap command: what is mounted, and nothing else is there.

Run by an ordinary person, the box's root is that person in a user namespace. Run by root, that would leave the
kernel's own settings (/proc/sys, which is guarded by uid alone) writable from inside, and root's process limit
is never enforced; so root first makes a user namespace in which the submission's uid is nobody's.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grader
from grader.errors import SandboxUnavailable
from grader.inside import jail, seccomp
from grader.text import Text

PROGRAM = Path("/opt/grader")  # our code, as the box sees it
DATA = Path("/opt/data")
NOBODY = 65534
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "mime.types")
MASKED = ("grader", "webapp", "tests", "reference", "assignments")
PASSWD = "root:x:0:0::/nonexistent:/usr/sbin/nologin\nstudent:x:1000:1000::/home/student:/bin/sh\n"
GROUP = "root:x:0:\nstudent:x:1000:\n"


def environment(home: str) -> dict[str, str]:
    """All the variables that a box has. Threads: one, so that a sum is the same sum twice."""
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "VECLIB")}
    return {
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": f"{home}/.ipython",
        **threads,
    }


@dataclass(frozen=True)
class Lack:
    """Something that this machine misses, and the command that mends it."""

    text: Text
    mend: str


@dataclass(frozen=True)
class Passed:
    """What a box gets above what every box has: mounts as (bubblewrap's option, source, target), and variables."""

    mounts: Sequence[tuple[str, str, str]] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        words: list[str] = []
        for option, source, target in self.mounts:
            words += [*_folder(Path(target).parent), option, source, target]
        return words


NOTHING = Passed()


def lacks() -> Lack | None:
    """Why no sealed box can be made here, found by making one; None where it works."""
    if sys.platform != "linux" or not seccomp.supported():
        return Lack(
            Text(
                "봉인된 상자는 x86_64 또는 aarch64 리눅스에서만 만들 수 있습니다.",
                "A sealed box needs Linux on x86_64 or aarch64.",
            ),
            "wsl --install  # Windows; on a Mac: a Linux virtual machine or container",
        )
    if shutil.which("bwrap") is None:
        return Lack(
            Text("bubblewrap(bwrap)이 설치되어 있지 않습니다.", "bubblewrap (bwrap) is not installed."),
            "sudo apt-get install -y bubblewrap",
        )
    return _lack_of_namespaces()


def _lack_of_namespaces() -> Lack | None:
    try:
        with _user_namespace() as descriptor:
            command = ["bwrap", *_namespaces(descriptor), *_file_system(()), "--", "/bin/true"]
            tried = subprocess.run(
                command, capture_output=True, text=True, timeout=20, pass_fds=_some(descriptor), check=False
            )
    except (OSError, subprocess.SubprocessError) as error:
        return _no_namespaces(str(error))
    return None if tried.returncode == 0 else _no_namespaces(tried.stderr.strip()[-300:])


def _no_namespaces(why: str) -> Lack:
    return Lack(
        Text(
            f"이 컴퓨터에서는 사용자 네임스페이스를 만들 수 없습니다: {why}",
            f"This machine does not allow user namespaces: {why}",
        ),
        mend_namespaces(),
    )


def mend_namespaces() -> str:
    """The setting that stands in the way, as far as we can tell: one of the kernel, else the container's, else a
    filter that our own process was given."""
    inside = in_container()
    where = "  # on the host" if inside else ""
    if _setting("/proc/sys/user/max_user_namespaces") == "0":
        return "sudo sysctl -w user.max_user_namespaces=15000" + where
    if _setting("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return "sudo sysctl -w kernel.unprivileged_userns_clone=1" + where
    if inside:
        return "docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined ..."
    if _setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" and os.geteuid() != 0:
        return "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    if "Seccomp:\t2" in _setting("/proc/self/status").splitlines():
        return "systemctl cat UNIT  # take out RestrictNamespaces and SystemCallFilter, which forbid namespaces"
    return "sudo dmesg | tail  # the kernel says there what it refused"


def in_container() -> bool:
    """Whether this machine is a container, as docker, podman and systemd mark one."""
    marks = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
    return any(Path(mark).exists() for mark in marks) or "container" in os.environ


def _setting(name: str) -> str:
    """What a file of the kernel says; nothing where there is none."""
    try:
        return Path(name).read_text().strip()
    except OSError:
        return ""


@contextmanager
def command(data: Path, control: int, passed: Passed = NOTHING) -> Iterator[tuple[list[str], tuple[int, ...]]]:
    """The command that starts the warm process, and the descriptors to hand on. Raises SandboxUnavailable."""
    if shutil.which("bwrap") is None:
        lack = lacks()
        assert lack is not None
        raise unavailable(lack)
    with _user_namespace() as descriptor, _memory_file(PASSWD) as passwd, _memory_file(GROUP) as group:
        files = ["--ro-bind-data", str(passwd), "/etc/passwd", "--ro-bind-data", str(group), "/etc/group"]
        if data.is_dir():
            files += ["--ro-bind", str(data), str(DATA)]
        files += passed.words
        words = ["bwrap", *_namespaces(descriptor), *_environment(passed.variables), *_file_system(files)]
        words += ["--", sys.executable, "-s", "-P", "-m", "grader.inside.warm", str(control)]
        yield words, (control, passwd, group, *_some(descriptor))


def unavailable(lack: Lack) -> SandboxUnavailable:
    """What is missing, the command that mends it, and the way without a box."""
    return SandboxUnavailable(
        lack.text
        + Text(
            f"고치는 명령: {lack.mend} (자세히: grader doctor). 믿을 수 있는 노트북이라면 --unsafe-no-sandbox로 "
            "상자 없이 채점할 수 있습니다.",
            f"To mend it: {lack.mend} (more: grader doctor). A notebook that you trust can be graded without a "
            "box by --unsafe-no-sandbox.",
        )
    )


def _namespaces(user_namespace: int | None) -> list[str]:
    words = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    words += ["--unshare-user"] if user_namespace is None else ["--userns", str(user_namespace)]
    words += ["--uid", "0", "--gid", "0", "--cap-add", "ALL", "--hostname", "box"]
    return [*words, "--die-with-parent", "--new-session", "--as-pid-1"]


def _environment(more: Mapping[str, str]) -> list[str]:
    words = ["--clearenv"]
    for name, value in (environment(str(jail.HOME)) | {"PYTHONPATH": str(PROGRAM)} | dict(more)).items():
        words += ["--setenv", name, value]
    return words


def _file_system(files: Sequence[str]) -> list[str]:
    """Read-only: the system, Python, and the part of our code that belongs inside. Writable: what each fork
    covers with a folder of its own."""
    words: list[str] = []
    for path in SYSTEM:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            words += ["--ro-bind", path, path]
    words += ["--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", "/etc"]
    for name in ETC:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for folder in (jail.WORK, jail.STAGE, PROGRAM / "grader"):
        words += _folder(folder)
    words += ["--perms", "1777", "--tmpfs", "/tmp", *_folder(jail.HOME.parent), "--tmpfs", str(jail.HOME)]
    words += _python()
    package = Path(grader.__file__).resolve().parent
    for name in ("__init__.py", "inside"):
        words += ["--ro-bind", str(package / name), str(PROGRAM / "grader" / name)]
    words += files
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/"]


def _folder(folder: Path) -> list[str]:
    """Every folder on the way, readable by all: bubblewrap would make them for root alone."""
    words: list[str] = []
    for part in (*reversed(folder.parents), folder):
        if part != Path("/"):
            words += ["--perms", "0755", "--dir", str(part)]
    return words


def _python() -> list[str]:
    """The interpreter and its packages, without what else lies beside them."""
    words: list[str] = []
    for path in _python_parts():
        words += [*_folder(path.parent), "--ro-bind", str(path), str(path)]
    for folder in site.getsitepackages():
        for name in MASKED:
            if os.path.isdir(os.path.join(folder, name)):
                words += ["--tmpfs", os.path.join(folder, name), "--remount-ro", os.path.join(folder, name)]
    return words


def _python_parts() -> list[Path]:
    """Where the interpreter and its packages are, as far as that is not below /usr."""
    prefixes = dict.fromkeys((Path(sys.base_prefix).resolve(), Path(sys.base_prefix), Path(sys.prefix)))
    parts = [prefix / name for prefix in prefixes for name in ("bin", "lib", "lib64", "pyvenv.cfg")]
    return [part for part in parts if part.exists() and not part.is_relative_to("/usr")]


def kept() -> list[str]:
    """Parts of Python that lie where each box has a folder of its own, such as an environment made in /tmp."""
    return [str(part) for part in _python_parts() if any(map(part.is_relative_to, jail.COVERED))]


@contextmanager
def _user_namespace() -> Iterator[int | None]:
    """For root: a namespace where uid 0 is root, so that the box can be built, and the submission's uid is
    nobody's. For others: None, and bubblewrap makes one."""
    if os.geteuid() != 0:
        yield None
        return
    with subprocess.Popen(
        ["unshare", "--user", "sh", "-c", "echo; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout is not None
            if not holder.stdout.readline():
                raise OSError("unshare --user failed")
            for kind in ("uid_map", "gid_map"):
                Path(f"/proc/{holder.pid}/{kind}").write_text(f"0 0 1\n{jail.UID} {NOBODY} 1")
            descriptor = os.open(f"/proc/{holder.pid}/ns/user", os.O_RDONLY)
        finally:
            holder.kill()
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _memory_file(text: str) -> Iterator[int]:
    descriptor = os.memfd_create("file")
    try:
        os.write(descriptor, text.encode())
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _some(descriptor: int | None) -> tuple[int, ...]:
    return () if descriptor is None else (descriptor,)
