"""The box itself: training in it against bare Python, calls into it, and the memory of a fork."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.assignment import Limits
from grader.rpc import Session, Student
from grader.sandbox import Warm, bubblewrap
from grader.suite import checks

ROUNDS = 8
CALLS = 4000
CELLS = Path(__file__).parent / "cells"
PARAMETERS = 201  # of the net below: 2 inputs, 50 hidden units, 1 output


@dataclass(frozen=True)
class Race:
    """Seconds of one training loop in the box and in bare Python, run in pairs."""

    boxed: Sequence[float]
    bare: Sequence[float]

    @property
    def ratio(self) -> float:
        """The median over the pairs, of which each met the machine equally busy."""
        return statistics.median(boxed / bare for boxed, bare in zip(self.boxed, self.bare, strict=True))


def training() -> Race:
    """The order changes from pair to pair, so that neither always comes first."""
    source = (CELLS / "training.py").read_text()
    boxed, bare = [], []
    with _warm() as warm:
        for turn in range(ROUNDS):
            if turn % 2:
                boxed.append(_in_box(warm, source))
            bare.append(_bare(source))
            if not turn % 2:
                boxed.append(_in_box(warm, source))
    return Race(boxed, bare)


def private_mb() -> float:
    """Memory that a submission which trains XOR with torch has for itself, after its cells."""
    with _warm() as warm, _session(warm, (CELLS / "torch_xor.py").read_text()) as session:
        box = session._box
        assert box is not None
        lines = Path(f"/proc/{box.pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Dirty:", "Private_Clean:"))) / 1024


def calls() -> dict[str, float]:
    """Calls a second with an array of 50 numbers, there and back."""
    x = np.linspace(-1, 1, 50)
    with _warm() as warm, _session(warm, (CELLS / "calls.py").read_text()) as session:
        student = Student(session, {})
        ways: dict[str, Callable[[], Any]] = {
            "student.f(x)": lambda: [student.double(x) for _ in range(CALLS)],
            'student.call("f", x), arguments brought back': lambda: [student.call("double", x) for _ in range(CALLS)],
            'student.each("f", many)': lambda: student.each("double", [(x,)] * CALLS),
        }
        return {name: statistics.median(CALLS / _seconds(way) for _ in range(5)) for name, way in ways.items()}


def gradient_check() -> tuple[float, float]:
    """Median milliseconds to check a gradient of 201 parameters: as `checks.gradient` does it, and by plain
    central differences of every parameter."""
    rng = np.random.default_rng(0)
    shapes = {"W1": (2, 50), "b1": (50,), "W2": (50, 1), "b2": (1,)}
    net = {key: rng.normal(size=shape) for key, shape in shapes.items()}
    X, y = rng.normal(size=(16, 2)), (rng.random((16, 1)) < 0.5).astype(float)
    with _warm() as warm, _session(warm, (CELLS / "calls.py").read_text()) as session:
        student = Student(session, {})
        ours = [_seconds(lambda: _check(student, net, X, y)) for _ in range(ROUNDS)]
        plain = [_seconds(lambda: _differences(student, net, X, y)) for _ in range(ROUNDS)]
    return 1000 * statistics.median(ours), 1000 * statistics.median(plain)


def _check(student: Student, net: dict[str, Any], X: Any, y: Any) -> None:
    checks.gradient(
        student.backward(net, X, y),
        net,
        lambda points: student.each("loss", [(point, X, y) for point in points]),
        lambda point: _loss(point, X, y),
        name="backward(params, X, y)",
        n=len(X),
    )


def _loss(net: Any, X: Any, y: Any) -> float:
    """The judge's own loss, from the logits."""
    logits = np.tanh(X @ net["W1"] + net["b1"]) @ net["W2"] + net["b2"]
    return float(np.mean(np.logaddexp(0, logits) - y * logits))


def _differences(student: Student, net: dict[str, Any], X: Any, y: Any) -> None:
    points = []
    for key, value in net.items():
        for index in np.ndindex(value.shape):
            for sign in (1, -1):
                moved = value.copy()
                moved[index] += sign * 1e-5
                points.append(({**net, key: moved}, X, y))
    assert len(student.each("loss", points)) == 2 * PARAMETERS


def _warm() -> Warm:
    return Warm(["torch"], Path("/nonexistent"))


def _session(warm: Warm, source: str) -> Session:
    """A box in which one cell has run."""
    session = Session(warm, Limits(), [(0, source)])
    session.run_notebook()
    if session.cells[0].status != "ok":
        raise AssertionError(session.cells[0].fault)
    return session


def _in_box(warm: Warm, source: str) -> float:
    with _session(warm, source) as session:
        return float(session.cells[0].outputs[0]["text"])


def _bare(source: str) -> float:
    """The same source, threads and variables, in an ordinary Python."""
    with tempfile.TemporaryDirectory() as home:
        ran = subprocess.run(
            [sys.executable, "-c", source], capture_output=True, check=True, env=bubblewrap.environment(home), cwd=home
        )
    return float(json.loads(ran.stdout))


def _seconds(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started
