"""Runs cells as Jupyter does, without a kernel: IPython's shell in this process, outputs as data.

Every output is handed to `emit` as a dict in nbformat's own words ("stream", "display_data", "execute_result",
"error", and "clear_output"), at once, so that the outputs made before a cell dies are not lost.
"""

from __future__ import annotations

import base64
import contextlib
import io
import os
import re
import subprocess
import sys
import time
import traceback
import types
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from grader.inside.refusals import refusals

Emit = Callable[[dict[str, Any]], None]
FLUSH_CHARACTERS = 8192
FLUSH_SECONDS = 0.2
TIMED = "<timed exec>"  # the body of a cell under %%time
NETWORK_TOOLS = re.compile(
    r"^\s*(sudo\s+)?(python3?\s+-m\s+)?(pip3?|uv|conda|mamba|apt|apt-get|wget|curl|git\s+clone|npm)\b"
)
NETWORK_OFF = (
    "채점 상자 안에서는 네트워크가 꺼져 있어 이 명령을 건너뜁니다. 필요한 패키지는 이미 설치되어 있습니다.\n"
    "The network is off inside the grading box, so this command is skipped; the packages you need are here: "
)


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the notebook."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, descriptor: int, emit: Emit) -> None:
        self._name, self._descriptor, self._emit = name, descriptor, emit
        self._parts: deque[str] = deque()  # threads add at one end while another takes from the other
        self.other: Stream | None = None  # the one to flush first, so that text stays in order
        self._size = 0
        self._since = 0.0

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if not self._parts:
            self._since = time.monotonic()
            if self.other is not None:
                self.other.flush()
        self._parts.append(text)
        self._size += len(text)
        if self._size >= FLUSH_CHARACTERS or time.monotonic() - self._since > FLUSH_SECONDS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        if not self._parts:
            return
        taken = []
        with contextlib.suppress(IndexError):
            for _ in range(len(self._parts)):
                taken.append(self._parts.popleft())
        text = "".join(taken)
        self._size = 0
        for start in range(0, len(text), 1 << 20):
            self._emit({"output_type": "stream", "name": self._name, "text": text[start : start + (1 << 20)]})


class Publisher(DisplayPublisher):  # type: ignore[misc]
    """display(...) and figures."""

    emit: Emit = staticmethod(lambda output: None)

    def publish(self, data: Any, metadata: Any = None, **_: Any) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.emit({"output_type": "display_data", "data": _bundle(data), "metadata": _json(metadata or {})})

    def clear_output(self, wait: bool = False) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.emit({"output_type": "clear_output"})


class Hook(DisplayHook):  # type: ignore[misc]
    """The value of a cell's last expression."""

    emit: Emit = staticmethod(lambda output: None)

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.emit(
            {
                "output_type": "execute_result",
                "data": _bundle(format_dict),
                "metadata": _json(md_dict or {}),
                "execution_count": self.prompt_count,
            }
        )


class Shell(InteractiveShell):  # type: ignore[misc]
    """IPython's shell, whose outputs go to `emit` and which asks nobody anything."""

    emit: Emit = staticmethod(lambda output: None)

    shown: BaseException | None = None  # the last error that a cell has shown

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to open."""

    def ask_exit(self) -> None:
        """`exit()` in a cell ends that cell."""
        raise SystemExit("exit()")

    def showtraceback(self, exc_tuple: Any = None, *args: Any, **kwargs: Any) -> None:
        """As IPython does; but an endless recursion has a thousand frames, which IPython studies for seconds."""
        kind, error, trace = self._get_exc_info(exc_tuple)
        if isinstance(error, RecursionError):
            self._showtraceback(kind, error, traceback.format_exception(kind, error, trace, limit=-12, chain=False))
        else:
            super().showtraceback(exc_tuple, *args, **kwargs)

    def _format_exception_for_storage(self, *_: Any, **__: Any) -> dict[str, Any]:
        """IPython would format each error once more, for a history that nobody reads."""
        return {}

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.shown = evalue
        sys.stdout.flush()
        sys.stderr.flush()
        self.emit(
            {
                "output_type": "error",
                "ename": str(getattr(etype, "__name__", etype))[:200],
                "evalue": _short(evalue),
                "traceback": [str(line) for line in stb],
            }
        )

    def system(self, cmd: str) -> None:
        """`!command`: its output is the cell's output; what would need the network is skipped with a word."""
        command = self.var_expand(cmd, depth=1)
        if NETWORK_TOOLS.match(command):
            _skip(command.strip())
            return
        sys.stdout.flush()
        with refusals.unnoted():
            process = subprocess.Popen(
                command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        assert process.stdout is not None
        while chunk := process.stdout.read1(65536):  # type: ignore[attr-defined]
            print(chunk.decode("utf-8", "replace"), end="", flush=True)
        self.user_ns["_exit_code"] = process.wait()

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """`x = !command`."""
        if skipped := NETWORK_TOOLS.match(cmd):
            _skip(cmd.strip())
        with refusals.unnoted():
            return super().getoutput("true" if skipped else cmd, split, depth + 1)


@dataclass(frozen=True)
class Fault:
    """Where and how student code raised."""

    type: str
    message: str
    cell: int | None
    line: int | None


@dataclass(frozen=True)
class Ran:
    """How one cell ended."""

    seconds: float
    fault: Fault | None


def make_shell() -> Shell:
    """A shell with no history file and no threads, ready to be forked."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryAccessor.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.banner1 = ""
    config.InteractiveShell.xmode = "Context"
    config.InteractiveShell.cache_size = 1000
    Shell.display_pub_class = Publisher
    Shell.displayhook_class = Hook
    shell = Shell.instance(config=config)
    shell.register_magic_function(_pip_magic, "line", "pip")
    shell.register_magic_function(_pip_magic, "line", "conda")
    return shell  # type: ignore[no-any-return]


def _pip_magic(line: str) -> None:
    _skip(f"pip {line}".strip())


def _skip(command: str) -> None:
    """Says that a command for the network is not run."""
    refusals.note("command", command)
    print(NETWORK_OFF + command)


class Notebook:
    """One notebook in one shell: runs its cells and knows which line belongs to which cell."""

    def __init__(self, shell: Shell, emit: Emit) -> None:
        self.shell = shell
        self._cells: dict[str, tuple[int, int]] = {}  # file name of compiled code -> its cell, lines before it there
        self._running = (0, "")
        shell.compile.cache = partial(self._remember, shell.compile.cache)
        self._out, self._err = Stream("stdout", 1, emit), Stream("stderr", 2, emit)
        self._out.other, self._err.other = self._err, self._out
        sys.stdout, sys.stderr = self._out, self._err
        shell.emit = shell.display_pub.emit = shell.displayhook.emit = emit
        os.register_at_fork(before=self.flush)  # or a student's child would print our unsent text again

    @property
    def names(self) -> dict[str, Any]:
        return self.shell.user_ns  # type: ignore[no-any-return]

    def run(self, index: int, source: str) -> Ran:
        """Runs one cell; whatever it raises is in the result, and in the outputs as Jupyter shows it."""
        self._running = (index, source)
        self.shell.shown = None
        start = time.perf_counter()
        error: BaseException | None = None
        try:
            result = self.shell.run_cell(source, store_history=True)
            error = result.error_before_exec or result.error_in_exec or self.shell.shown  # shown: under %%capture
        except BaseException as escaped:  # noqa: BLE001 - SystemExit and whatever else a student raises
            error = self.shell.shown or escaped
            self.shell.showtraceback((type(escaped), escaped, escaped.__traceback__))
        seconds = time.perf_counter() - start
        self.flush()
        return Ran(seconds, None if error is None else self.fault(error))

    def flush(self) -> None:
        for stream in (self._out, self._err, sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:  # noqa: BLE001 - a student's own stream
                pass

    def _remember(self, cache: Callable[..., str], transformed: str, number: int = 0, raw_code: str = "") -> str:
        """Notes whose code it is that IPython is about to compile: the cell's own, or the body under its magic."""
        name = cache(transformed, number, raw_code=raw_code)
        index, source = self._running
        blank = len(raw_code) - len(raw_code.lstrip())  # IPython drops empty lines at the top
        before = source[: max(source.find(raw_code.rstrip()), 0)].count("\n") + raw_code[:blank].count("\n")
        self._cells.setdefault(name, (index, before))
        return name

    def fault(self, error: BaseException) -> Fault:
        """The innermost place in the student's own cells that the exception passed through."""
        cell: int | None = None
        line: int | None = None
        magic: int | None = None  # the line of a cell magic
        if isinstance(error, SyntaxError) and error.filename in self._cells:
            cell, before = self._cells[error.filename]
            return Fault(type(error).__name__, _short(error), cell, before + (error.lineno or 1))
        trace = error.__traceback__
        while isinstance(trace, types.TracebackType):
            name = trace.tb_frame.f_code.co_filename
            if name in self._cells:
                cell, before = self._cells[name]
                line = magic = before + trace.tb_lineno
            elif name == TIMED and magic is not None and self._running[1].lstrip().startswith("%%time"):
                line = magic + trace.tb_lineno
            trace = trace.tb_next
        if cell is None and isinstance(error, SyntaxError):  # not even cut into words
            cell, line = self._running[0], error.lineno
        return Fault(type(error).__name__[:80], _short(error), cell, line)


def _short(error: Any) -> str:
    try:
        return str(error)[:2000]
    except Exception:  # noqa: BLE001 - a student's __str__
        return "(?)"


def _bundle(data: dict[str, Any]) -> dict[str, Any]:
    """A MIME bundle as text: pictures become base64, JSON stays JSON."""
    return {str(kind): _mime(value) for kind, value in data.items()}


def _mime(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> Any:
    """Plain JSON values; what is none becomes its text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    return str(value)
