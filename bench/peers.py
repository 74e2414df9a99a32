"""The other graders, in an environment of their own: nbgrader and otter-grader."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from bench import lesson
from bench.measure import Cost, cost, middle

LIST = Path(__file__).parent / "peers.txt"
STUDENTS = 5  # in one run of nbgrader, which shares its own start among them
RUNS = 3  # of otter-grader, which grades one notebook a run


class Unfair(AssertionError):
    """A grader did not give the right notebook all points, so its seconds say nothing."""


def install(venv: Path) -> Path:
    """The environment's bin/, made once for one list of versions."""
    ready = venv / "ready"
    if not ready.exists() or ready.read_text() != LIST.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip: list[str | Path] = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", LIST]
        subprocess.run(pip, check=True)
        ready.write_text(LIST.read_text())
    return venv / "bin"


def versions(binaries: Path) -> dict[str, str]:
    listed = subprocess.run(
        [binaries / "pip", "list", "--format=json", "--disable-pip-version-check"], capture_output=True, check=True
    )
    found = {row["name"]: row["version"] for row in json.loads(listed.stdout)}
    return {name: found[name] for name in ("nbgrader", "otter-grader", "nbclient", "torch")}


def nbgrader(binaries: Path, root: Path) -> tuple[Cost, Cost]:
    """Cost a notebook: of a folder graded by one command, and of a command for one notebook."""
    name = lesson.nbgrader(root, STUDENTS)
    env = _environment(binaries)
    cost([binaries / "nbgrader", "generate_assignment", name, "--create"], cwd=root, env=env)
    folder = cost([binaries / "nbgrader", "autograde", name], cwd=root, env=env).each(STUDENTS)
    again: list[str | Path] = [binaries / "nbgrader", "autograde", name, "--force", "--student"]
    alone = middle([cost([*again, f"student{i:02}"], cwd=root, env=env) for i in range(RUNS)])
    _must_be_full(_nbgrader_scores(binaries, root, env), STUDENTS)
    return folder, alone


def otter(binaries: Path, root: Path) -> Cost:
    """Cost a notebook of `otter run`, the grading that its container does, without the container."""
    tests, submission = lesson.otter(root)
    env = _environment(binaries)
    words: list[str | Path] = [binaries / "otter", "generate", "-t", tests, "-o", "autograder.zip", "--no-requirements"]
    cost([*words, "--no-environment"], cwd=root, env=env)
    run: list[str | Path] = [binaries / "otter", "run", "-a", "autograder.zip", "-o", root, "--no-logo", submission]
    taken = middle([cost(run, cwd=root, env=env) for _ in range(RUNS)])
    tests_run = json.loads((root / "results.json").read_text())["tests"]
    _must_be_full([sum(test.get("score") or 0.0 for test in tests_run)], 1)
    return taken


def _nbgrader_scores(binaries: Path, root: Path, env: dict[str, str]) -> list[float]:
    cost([binaries / "nbgrader", "export", "--to=grades.csv"], cwd=root, env=env, memory=False)
    with (root / "grades.csv").open() as file:
        return [float(row["score"] or 0) for row in csv.DictReader(file)]


def _must_be_full(scores: list[float], count: int) -> None:
    if scores != [100.0] * count:
        raise Unfair(f"expected {count} times 100 points, got {scores}")


def _environment(binaries: Path) -> dict[str, str]:
    """The peers' own environment; as many threads as our box gives, so that nobody gains by them."""
    one = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS")}
    return {**os.environ, **one, "PATH": f"{binaries}:{os.environ['PATH']}", "MPLBACKEND": "agg"}
