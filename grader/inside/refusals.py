"""Notes what a notebook tries that no notebook needs and that finds nothing here: for staff, as the start of a talk.

Theory of operation. Python tells audit hooks what it is about to do. Once the walls stand, ours notes a short list of
attempts: files that the box has not, other processes, the network, programs, native code. It lets everything through,
for it is no wall: the walls are `grader.inside.jail`'s and the kernel's, and none of them needs it. It lives in the
student's own process, which can silence and forge it, so nobody's points depend on it; nor does it see what a program
that was started does, or a forked child.

What libraries look for by themselves is left out, so that an honest notebook's list is empty.
"""

from __future__ import annotations

import os
import re
import site
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

MOST = 50  # different attempts
LONGEST = 200  # characters of one
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
LOOKED_FOR = (
    "/proc/self",
    "/proc/sys",
    "/proc/driver",
    "/sys",
    "/dev",
    "/opt/data",
    "/etc/fonts",
    "/var/cache/fontconfig",
)
LOOKED_AT = frozenset(
    f"/{name}"
    for name in (
        *("proc/cpuinfo", "proc/meminfo", "proc/stat", "proc/version", "proc/mounts", "proc/filesystems"),
        *("etc/passwd", "etc/group", "etc/localtime", "etc/timezone", "etc/mime.types", "etc/os-release"),
        *("etc/lsb-release", "etc/debian_version", "etc/ld.so.cache", "etc/hosts", "etc/resolv.conf"),
        *("etc/nsswitch.conf", "etc/ipython", "etc/matplotlibrc"),
    )
)
PEEKING = re.compile(r"/proc/(?:\d+/(?:task/\d+/)?(?:environ|mem|root|cwd|fd)|self/(?:mem|root))(?:/|$)")
HELPERS = frozenset(("uname", "lscpu", "ldconfig", "gcc", "cc", "c++", "g++", "ld", "objdump", "getconf", "nvidia-smi"))
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

Attempt = tuple[str, str]  # kind, what


class Refusals:
    """The attempts so far, each with how often. At most `MOST` differ; what finds no room is counted."""

    def __init__(self) -> None:
        self._times: dict[Attempt, int] = {}
        self._left_out = 0
        self._told = 0
        self.busy: set[int] = set()  # threads that are noting something, or that act for the product

    def note(self, kind: str, what: str) -> None:
        attempt = (kind, what[:LONGEST])
        times = self._times.get(attempt)
        if times is not None:
            self._times[attempt] = times + 1
        elif len(self._times) < MOST:
            self._times[attempt] = 1
        else:
            self._left_out += 1

    def as_data(self) -> dict[str, Any]:
        return {"attempts": [[*one, times] for one, times in list(self._times.items())], "left_out": self._left_out}

    def news(self) -> dict[str, Any]:
        """`as_data` under the key of a reply, where there is more than the last time; else nothing."""
        total = self._left_out + sum(list(self._times.values()))
        if total == self._told:
            return {}
        self._told = total
        return {"noted": self.as_data()}

    @contextmanager
    def unnoted(self) -> Iterator[None]:
        """What this thread does in here is what the product does for a cell, such as `!ls`."""
        self.busy.add(get_ident())
        try:
            yield
        finally:
            self.busy.discard(get_ident())


refusals = Refusals()


def watch() -> None:
    """Notes attempts from now on, in this process, for good. The working folder and HOME are the notebook's own."""
    libraries = (*SYSTEM, *_python())
    usual = _folders((*libraries, *LOOKED_FOR, *_own()))
    looks = _looks(usual, _folders(libraries))
    busy, note = refusals.busy, refusals.note

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        look = looks.get(event)
        if look is None:
            return
        thread = get_ident()
        if thread in busy:
            return
        busy.add(thread)
        try:
            attempt = look(*arguments)
            if attempt is not None:
                note(*attempt)
        except Exception:  # noqa: BLE001 - the notebook goes on as if nobody listened
            pass
        finally:
            busy.discard(thread)

    sys.addaudithook(hook)


def _python() -> set[str]:
    """Where Python and its packages are."""
    return {sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages(), *filter(os.path.isabs, sys.path)}


def _own() -> set[str]:
    """Where the notebook may do as it likes."""
    return {os.getcwd(), "/tmp", os.environ.get("HOME", "/tmp"), os.environ.get("TMPDIR", "/tmp")}


def _folders(paths: Any) -> tuple[str, ...]:
    """As beginnings of what lies below them, links followed too."""
    both = {*paths, *map(os.path.realpath, paths)} - {"/"}
    return tuple(sorted(path.rstrip("/") + "/" for path in both))


def _looks(usual: tuple[str, ...], libraries: tuple[str, ...]) -> dict[str, Callable[..., Attempt | None]]:
    """By event of Python's, what makes an attempt of its arguments, or None of what is as it should be."""

    def opened(path: Any, _: Any = None, flags: Any = 0) -> Attempt | None:
        name = _path(path)
        if name is None or name in LOOKED_AT:
            return None
        if PEEKING.match(name):
            return "process", name
        if f"{name}/".startswith(usual) or _is_there(name, type(flags) is int and bool(flags & WRITING)):
            return None
        return "file", name

    def listed(path: Any) -> Attempt | None:
        return None if path is None else opened(path)

    def loaded(name: Any) -> Attempt | None:
        path = _text(name) or ""  # one without a slash is looked for where libraries are
        return None if "/" not in path or os.path.abspath(path).startswith(libraries) else ("library", path)

    return {
        "open": opened,
        "os.listdir": listed,
        "os.scandir": listed,
        "ctypes.dlopen": loaded,
        "socket.connect": _spoken_to,
        "socket.bind": _spoken_to,
        "socket.sendto": _spoken_to,
        "socket.sendmsg": _spoken_to,
        "socket.getaddrinfo": lambda host, port, *_: _asked_for(host, port),
        "socket.gethostbyname": _asked_for,
        "urllib.Request": lambda address, *_: ("network", _text(address) or "?"),
        "subprocess.Popen": lambda _, arguments, *__: _started(arguments),
        "os.system": lambda command: ("program", _text(command) or "?"),
        "os.exec": lambda path, arguments, _: _started(arguments),
        "os.posix_spawn": lambda path, arguments, _: _started(arguments),
        "pty.spawn": _started,
        "os.kill": _signalled,
        "os.killpg": _signalled,
    }


def _text(value: Any) -> str | None:
    """Text, as plain text; no method of the notebook's runs here."""
    if isinstance(value, str):
        return str.__str__(value)
    return os.fsdecode(bytes.__bytes__(value)) if isinstance(value, bytes) else None


def _path(value: Any) -> str | None:
    """An absolute path, or one that climbs, made plain; None for another file of the notebook's own folder."""
    name = _text(value)
    if name is None or not (name.startswith("/") or ".." in name):
        return None
    return os.path.abspath(name) if "/." in name or "//" in name or name[0] != "/" else name


def _is_there(name: str, to_write: bool) -> bool:
    """Whether it can be opened, or made."""
    if not to_write:
        return os.access(name, os.R_OK)
    return os.access(name if os.path.lexists(name) else os.path.dirname(name), os.W_OK)


def _spoken_to(_: Any, address: Any = None) -> Attempt | None:
    """A Unix socket's address is text, and stays in the box."""
    return _asked_for(*address[:2]) if type(address) is tuple and len(address) > 1 else None


def _asked_for(host: Any, port: Any = None) -> Attempt | None:
    name, door = _text(host), port if type(port) is int else _text(port)
    if name is None:
        return None
    return "network", name if door is None else f"{name}:{door}"


def _started(arguments: Any) -> Attempt | None:
    some = [arguments] if isinstance(arguments, (str, bytes)) else list(arguments)[:20]
    words = [_text(one) or "?" for one in some] or ["?"]
    program = os.path.basename(words[0])
    if program in HELPERS:
        return None
    return "program", words[2] if program.endswith("sh") and words[1:2] == ["-c"] and words[2:] else " ".join(words)


def _signalled(process: Any, number: Any) -> Attempt | None:
    """All that is in the box is the notebook's own; 0 is its own group, and -1 all that there is."""
    if type(process) is not int or process == 0 or (process != -1 and os.path.exists(f"/proc/{abs(process)}")):
        return None
    return "signal", f"pid {process}, signal {int(number)}"
