"""What slots of the tests work with: a notebook is JSON that says what its grading does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from grader.assignment import Assignment, Limits
from grader.child import Finished, Progress, Task, Tell
from grader.errors import SandboxFault, SandboxUnavailable
from grader.report import CheckResult, Report, Status, Verdict
from grader.text import Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.store.models import Version

JOURNAL = "GRADER_TEST_JOURNAL"
SURE = Text("상자를 만들 수 없습니다.", "No box can be made.")


def unpack(session: Session, version: Version, folder: Path) -> Assignment:
    """An assignment without files."""
    return Assignment(f"a{version.assignment_id}", Text("과제", "work"), 1, folder, None, {}, limits=LIMITS)


LIMITS = Limits(notebook_seconds=30, suite_seconds=30)


def note(*words: object) -> None:
    """A line in the journal; short lines of several processes do not mix."""
    line = " ".join(map(str, words)) + "\n"
    descriptor = os.open(os.environ[JOURNAL], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def errand(database: object, name: str, seconds: float) -> bool:
    """Notes that it was done; the name says how often it is to be done, as "likeness:2"."""
    done = sum(line.startswith(f"errand {name}") for line in Path(os.environ[JOURNAL]).read_text().splitlines())
    note("errand", name)
    return done + 1 < int(name.partition(":")[2])


def grade(task: Task, tell: Tell) -> Finished:
    """Does what the notebook says."""
    wish = json.loads(task.data)
    note("start", wish["id"], os.getppid(), os.getpid())
    if wish.get("tell"):
        tell(Progress(2, 5, {"a.one": "passed"}))
    while (gate := wish.get("gate")) and not Path(gate).exists():
        time.sleep(0.01)
    deadline = time.monotonic() + wish.get("seconds", 0.0)
    if wish.get("warm"):
        _in_box(deadline)
    while time.monotonic() < deadline:
        time.sleep(0.005)
    match wish.get("do", "grade"):
        case "kill worker":
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(30)
        case "kill child":
            os.kill(os.getpid(), signal.SIGKILL)
        case "raise":
            raise ValueError("ours")
        case "unable" if not Path(wish["mended"]).exists():
            raise SandboxUnavailable(SURE)
        case "error":
            return Finished(report(Status.ERROR), None)
        case "bad":
            return Finished(report(Status.NOT_GRADABLE), None)
    note("end", wish["id"])
    return Finished(report(Status.GRADED), b"executed")


def _in_box(deadline: float) -> None:
    """As with a warm process: where it dies, the box breaks."""
    with subprocess.Popen([sys.executable, "-c", WARM, str(os.getpid())]) as process:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise SandboxFault(SURE)
            time.sleep(0.005)
        process.kill()


WARM = """
import ctypes, os, signal, sys, time
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
while os.getppid() == int(sys.argv[1]):
    time.sleep(1)
"""


def report(status: Status) -> Report:
    """One check of 100 points."""
    row = CheckResult("a.one", Text("하나", "one"), 100.0, 100.0, Verdict.PASSED)
    reason = None if status is Status.GRADED else Text("이유", "the reason")
    return Report("a1", "0" * 12, "0" * 64, status, reason, (row,) if status is Status.GRADED else ())
