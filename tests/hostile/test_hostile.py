"""Notebooks that attack the grader, each with the fate that it must meet.

`attacks/<group>/<name>.py` is a script of cells (`# %%`) that is put before or after the cells of a wrong notebook
(`# place:`, or cell by cell: `# %% before`). `# must:` says how its checks end, and `# limit:` which limit the report has to name. Whatever it
does: no point is gained, no secret leaves, nothing lives on, and the next honest notebook earns all it should.

Secrets lie all around while the attacks run: in our environment and command line, in the reference folder, in
another folder of /tmp, in the memory and the files of another submission's box. The hidden inputs are secret too.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader import notebook as notebooks
from grader import page, pipeline
from grader.assignment import Assignment, Catalog, Limits
from grader.notebook import Notebook
from grader.report import Status, Verdict
from grader.rpc import Session
from grader.rpc.session import UNITS, CallEnded
from grader.sandbox import Box, Warm, bubblewrap

HERE = Path(__file__).parent
GROUPS = ("forging", "secrets", "disturbing", "malformed")
SPACE = ("memory_mb", "processes", "disk_mb", "output_mb")  # limits that are met before any of time, given time enough
PATIENT = {"notebook_seconds": 60, "call_seconds": 20, "suite_seconds": 90}  # of a busy machine
SLACK = 30.0  # seconds over its limits that a run may take
BREACHED = "BREACHED"  # what an attack prints that got through; its source says "BREA" + "CHED"
AFTERLIFE = 20.0  # seconds within which everything of a box is gone
HEADER = re.compile(r"^# (what|place|with|must|limit|slow|open): (.+)$", re.MULTILINE)
CELL = re.compile(r"^# %% ?(\w*).*$", re.MULTILINE)

lack = bubblewrap.lacks()
pytestmark = pytest.mark.skipif(lack is not None, reason=lack.text.en if lack else "")


# ----------------------------------------------------------------------------------------------- the attacks


@dataclass(frozen=True)
class Attack:
    """One script: its cells before and after those of the wrong notebook, and its fate."""

    group: str
    name: str
    header: dict[str, str]
    before: tuple[str, ...]
    after: tuple[str, ...]

    def limits(self, usual: Limits) -> Limits:
        """What takes too much room has the time for it, however busy the machine."""
        return dataclasses.replace(usual, **PATIENT) if self.header.get("limit") in SPACE else usual

    @property
    def must(self) -> list[str]:
        """Verdicts that some check has to have; "graded" is what every attack must be."""
        return [word for word in self.header["must"].replace(",", " ").split() if word != "graded"]


def read_attack(file: Path) -> Attack:
    text = file.read_text(encoding="utf-8")
    header = dict(HEADER.findall(text))
    _, *parts = CELL.split(text)  # place, source, place, source, ...
    cells = [
        (place or header["place"], source.strip("\n")) for place, source in zip(parts[::2], parts[1::2], strict=True)
    ]
    if "with" in header:
        cells.insert(0, (cells[0][0], (HERE / f"{header['with']}.py").read_text(encoding="utf-8")))
    before, after = (tuple(source for where, source in cells if where == place) for place in ("before", "after"))
    assert len(before) + len(after) == len(cells) > 0, f"{file}: a cell is neither before nor after"
    return Attack(file.parent.name, file.stem, header, before, after)


ATTACKS = [read_attack(file) for group in GROUPS for file in sorted((HERE / "attacks" / group).glob("*.py"))]


def parameters() -> Iterator[Any]:
    for attack in ATTACKS:
        marks = [pytest.mark.slow] if "slow" in attack.header else []
        if "open" in attack.header:
            marks.append(pytest.mark.xfail(reason=attack.header["open"], raises=AssertionError, strict=True))
        yield pytest.param(attack, id=f"{attack.group}/{attack.name}", marks=marks)


def cells_of(name: str) -> list[str]:
    text = (HERE / "notebooks" / f"{name}.py").read_text(encoding="utf-8")
    return [source.strip("\n") for source in CELL.split(text)[2::2]]


def made_of(sources: list[str]) -> Notebook:
    node = new_notebook(cells=[new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)])
    return notebooks.parse(nbformat.writes(node).encode(), "made")


RIGHT = made_of(cells_of("right"))
WRONG = made_of(cells_of("wrong"))


# ----------------------------------------------------------------------------------------------- the scene


@dataclass
class Scene:
    """What stays while the attacks come and go."""

    assignment: Assignment
    warm: Warm
    secrets: dict[str, str]
    wrong_score: float
    honest: dict[str, Any]
    sibling: Session
    namespaces: list[int] = field(default_factory=list)  # of the boxes of the attack at hand

    def grade(self, notebook: Notebook, limits: Limits) -> pipeline.Graded:
        assignment = dataclasses.replace(self.assignment, limits=limits)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the command line has no "error"
            return pipeline.grade(assignment, notebook, self.warm)


def planted(course: Path) -> dict[str, str]:
    """Secrets by their places. All start alike, so that an attack can look for them."""
    found = {name: f"CANARY-{secrets.token_hex(8)}" for name in ("environment", "command", "folder", "sibling")}
    text, number = f"CANARY-{secrets.token_hex(8)}", str(10**9 + secrets.randbelow(9 * 10**9))
    (course / "reference/target/secret.txt").write_text(f"{text} {number}", encoding="utf-8")
    return found | {"hidden text": text, "hidden number": number}


SIBLING = """
import os, socket, threading
secret = SECRET
for folder in ("/content", "/tmp", "/dev/shm", "/home/student"):
    with open(f"{folder}/private.txt", "w") as file:
        file.write(secret)
server = socket.socket(socket.AF_UNIX)
server.bind("\\0grader-sibling")
server.listen()

def speak():
    while True:
        server.accept()[0].sendall(secret.encode())

threading.Thread(target=speak, daemon=True).start()

def alive():
    return os.path.exists("/content/private.txt") and len(secret)
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    course = tmp_path_factory.mktemp("judge") / "course"
    shutil.copytree(HERE / "course", course)
    known = planted(course)
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "private.txt").write_text(known["folder"], encoding="utf-8")
    os.environ["GRADER_TEST_SECRET"] = known["environment"]
    program = "import sys; sys.stdin.read()"
    bystander = subprocess.Popen([sys.executable, "-c", program, known["command"]], stdin=subprocess.PIPE)
    assignment = Catalog(course / "assignments", course / "reference").load("target")
    patient = dataclasses.replace(assignment.limits, notebook_seconds=600, call_seconds=20, suite_seconds=600)
    source = SIBLING.replace("SECRET", repr(known["sibling"]))
    try:
        with pipeline.warm_for(assignment) as warm, Session(warm, patient, [(0, source)]) as sibling:
            sibling.run_notebook()
            assert sibling.cells[0].status == "ok", sibling.cells[0]
            scene = Scene(assignment, warm, known, 0.0, {}, sibling)
            scene.wrong_score = scene.grade(WRONG, assignment.limits).report.score
            scene.honest = honest(scene)
            _record_namespaces(scene)
            yield scene
    finally:
        del os.environ["GRADER_TEST_SECRET"]
        with bystander:
            bystander.terminate()


def _record_namespaces(scene: Scene) -> None:
    fork = scene.warm.fork

    def recording(limits: Limits) -> Box:
        box = fork(limits)
        scene.namespaces.append(namespace(box.pid) or 0)
        return box

    scene.warm.fork = recording  # type: ignore[method-assign]


def namespace(pid: int | str) -> int | None:
    """The number of the process's pid namespace."""
    with contextlib.suppress(OSError):
        return os.stat(f"/proc/{pid}/ns/pid").st_ino
    return None


def inhabitants(namespaces: list[int], until: float) -> list[str]:
    """Processes below us in these namespaces that began before `until`, in seconds since the machine's start: the
    kernel gives a dead namespace's number to a new one, perhaps of another grader on this machine."""
    found = [pid for pid in os.listdir("/proc") if pid.isdigit() and namespace(pid) in namespaces]
    return [pid for pid in found if began(pid) < until and is_below_us(pid)]


def is_below_us(pid: str) -> bool:
    """Who outlives a box is handed to the first process of a namespace around it, which is below us as well."""
    while int(pid) > 1:
        if int(pid) == os.getpid():
            return True
        try:
            pid = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            return False
    return False


def began(pid: str) -> float:
    """Seconds from the machine's start to the process's; infinity where it is gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return float("inf")


def timeless(report: dict[str, Any]) -> dict[str, Any]:
    """The report without what differs from run to run."""
    kept = json.loads(json.dumps(report))
    kept.pop("seconds")
    for row in (*kept["checks"], *kept["cells"]):
        row.pop("seconds")
    return dict(kept)


def descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def everything(graded: pipeline.Graded) -> str:
    """All that a student can get to read, in one string; nothing in it may fail to be written as UTF-8."""
    parts = [graded.report.to_json(), page.html(graded.executed, graded.report, None)]
    if graded.executed is not None:
        parts.append(nbformat.writes(graded.executed))
    text = "\n".join(parts)
    text.encode("utf-8")
    return text


def forms(secret: str) -> list[str]:
    """The secret as it may be disguised."""
    raw = secret.removeprefix("CANARY-")
    return [raw, raw[::-1], raw.encode().hex(), secret.encode().hex(), raw.upper()]


def restored_core_pattern() -> bool:
    """False if the machine's core_pattern was changed; it is changed back."""
    file = Path("/proc/sys/kernel/core_pattern")
    if file.read_text() == CORE_PATTERN:
        return True
    file.write_text(CORE_PATTERN)
    return False


CORE_PATTERN = Path("/proc/sys/kernel/core_pattern").read_text()
ROWS: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Writes what became of each attack, where HOSTILE_TABLE names a file."""
    yield
    if file := os.environ.get("HOSTILE_TABLE"):
        Path(file).write_text("\n".join(ROWS) + "\n", encoding="utf-8")


# ----------------------------------------------------------------------------------------------- the tests


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 48
    assert {attack.group for attack in ATTACKS} == set(GROUPS)
    assert all({"what", "place", "must"} <= set(attack.header) for attack in ATTACKS)


def test_the_honest_notebooks(scene: Scene) -> None:
    assert scene.honest["score"] == scene.honest["max_score"] == 100.0
    assert scene.wrong_score == 15.0


@pytest.mark.parametrize("attack", list(parameters()))
def test_attack(attack: Attack, scene: Scene, wait_until: Callable[[Callable[[], bool], float], bool]) -> None:
    limits = attack.limits(scene.assignment.limits)
    notebook = made_of([*attack.before, *cells_of("wrong"), *attack.after])
    scene.namespaces.clear()
    opened = descriptors()
    started = time.monotonic()

    graded = scene.grade(notebook, limits)

    seconds = time.monotonic() - started
    report = graded.report
    said = everything(graded)
    verdicts = sorted({check.verdict.value for check in report.checks})
    ROWS.append(f"{attack.group}/{attack.name}\t{report.score:g}\t{' '.join(verdicts)}\t{seconds:.2f}")

    assert report.status is Status.GRADED, report.reason
    assert report.score <= scene.wrong_score
    assert set(attack.must) <= set(verdicts), said_of(graded)
    for check in report.checks:
        assert check.verdict is not Verdict.ERROR
    if "limit" in attack.header:
        assert named(attack.header["limit"], limits) in said_of(graded), said_of(graded)

    assert BREACHED not in said
    leaked = [place for place, secret in scene.secrets.items() for form in forms(secret) if form in said]
    assert not leaked
    assert len(said) < 16 << 20

    assert seconds < limits.notebook_seconds + limits.suite_seconds + SLACK
    assert scene.namespaces, "no box was seen"
    ended = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert wait_until(lambda: not inhabitants(scene.namespaces, ended), AFTERLIFE)
    assert wait_until(lambda: descriptors() <= opened, 10.0)
    assert restored_core_pattern()
    if attack.group == "disturbing":
        assert_all_is_well(scene)


def said_of(graded: pipeline.Graded) -> str:
    """The sentences about what went wrong."""
    texts = [graded.report.reason, *(check.message for check in graded.report.checks)]
    return "\n".join(dict.fromkeys(text.en for text in texts if text))


def named(limit: str, limits: Limits) -> str:
    return UNITS[limit].en.format(getattr(limits, limit))


def honest(scene: Scene) -> dict[str, Any]:
    """What an honest notebook's report says now."""
    return timeless(scene.grade(RIGHT, dataclasses.replace(scene.assignment.limits, **PATIENT)).report.as_json())


def assert_all_is_well(scene: Scene) -> None:
    """An honest notebook's report is what it was at first, and the neighbour's box works."""
    assert honest(scene) == scene.honest
    [answer] = scene.sibling.ask(
        {"op": "call", "target": ["name", "alive"], "args": (), "kwargs": {}, "echo": False}, "alive"
    )
    assert answer["value"] == len(scene.secrets["sibling"])


def test_all_is_well_at_the_end(scene: Scene) -> None:
    assert_all_is_well(scene)


LOUD = ("fork_bomb", "memory_bomb", "output_flood_print", "signals_to_everyone", "loop_in_call")


def test_an_honest_notebook_beside_hostile_ones(scene: Scene) -> None:
    """Their boxes run at the same time; the honest report does not change."""
    stop = threading.Event()
    rounds: list[str] = []

    def attack() -> None:
        loud = [a for a in ATTACKS if a.name in LOUD]
        while not stop.is_set():
            for one in loud:
                if stop.is_set():
                    return
                sources = [*one.before, *cells_of("wrong"), *one.after]
                with Session(scene.warm, scene.assignment.limits, list(enumerate(sources))) as session:
                    session.run_notebook()
                    with contextlib.suppress(CallEnded):
                        request = {"op": "call", "target": ["name", "scale"], "kwargs": {}, "echo": False}
                        session.ask(request | {"args": (1.0,)}, "scale")
                rounds.append(one.name)

    hostile = threading.Thread(target=attack)
    hostile.start()
    try:
        deadline = time.monotonic() + 180.0
        reports = []
        while len(rounds) < len(LOUD) and time.monotonic() < deadline:
            reports.append(honest(scene))
    finally:
        stop.set()
        hostile.join()
    assert set(rounds) == set(LOUD)
    assert len(reports) > 1
    assert all(report == scene.honest for report in reports)
