"""The other graders, in an environment of their own: nbgrader and otter-grader."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from bench import lesson
from bench.measure import Cost, cost

LIST = Path(__file__).parent / "peers.txt"
STUDENTS = 5  # in one run of nbgrader, which shares its own start among them


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


class Nbgrader:
    """`nbgrader autograde` in a course folder."""

    def __init__(self, binaries: Path, root: Path) -> None:
        self._program, self._root, self._env = binaries / "nbgrader", root, _environment(binaries)
        self._name = lesson.nbgrader(root, STUDENTS)
        self._run("generate_assignment", self._name, "--create")

    def folder(self) -> Cost:
        """Cost a notebook, of one command for all."""
        taken = self._run("autograde", self._name, "--force").each(STUDENTS)
        self._run("export", "--to=grades.csv")
        with (self._root / "grades.csv").open() as file:
            _must_be_full([float(row["score"] or 0) for row in csv.DictReader(file)], STUDENTS)
        return taken

    def alone(self) -> Cost:
        """Cost of a command for one notebook."""
        return self._run("autograde", self._name, "--force", "--student", "student00")

    def _run(self, *words: str) -> Cost:
        return cost([self._program, *words], cwd=self._root, env=self._env)


class Otter:
    """`otter run`, the grading that otter's container does, without the container."""

    def __init__(self, binaries: Path, root: Path) -> None:
        self._program, self._root, self._env = binaries / "otter", root, _environment(binaries)
        tests, self._submission = lesson.otter(root)
        self._run("generate", "-t", tests, "-o", "autograder.zip", "--no-requirements", "--no-environment")

    def alone(self) -> Cost:
        taken = self._run("run", "-a", "autograder.zip", "-o", self._root, "--no-logo", self._submission)
        tests = json.loads((self._root / "results.json").read_text())["tests"]
        _must_be_full([sum(test.get("score") or 0.0 for test in tests)], 1)
        return taken

    def _run(self, *words: str | Path) -> Cost:
        return cost([self._program, *words], cwd=self._root, env=self._env)


def _must_be_full(scores: list[float], count: int) -> None:
    if scores != [100.0] * count:
        raise Unfair(f"expected {count} times 100 points, got {scores}")


def _environment(binaries: Path) -> dict[str, str]:
    """The peers' own environment; as many threads as our box gives, so that nobody gains by them."""
    one = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS")}
    return {**os.environ, **one, "PATH": f"{binaries}:{os.environ['PATH']}", "MPLBACKEND": "agg"}
