"""Tables of what was measured: for the terminal, and for bench/RESULTS.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

TITLE = "# Results of `make bench`"
PACKAGES = ("torch", "numpy", "ipython", "pytest", "nbformat")


@dataclass(frozen=True)
class Row:
    """One line against a target."""

    what: str
    target: str
    measured: str
    met: bool | None = None  # None: there is no target

    def cells(self) -> tuple[str, str, str, str]:
        return self.what, self.target, self.measured, {True: "yes", False: "no", None: ""}[self.met]


@dataclass
class Results:
    """Everything that one run of the benchmark found."""

    quick: bool
    rows: list[Row] = field(default_factory=list)
    graders: list[tuple[str, ...]] = field(default_factory=list)
    phases: list[tuple[str, ...]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    load: str = field(default_factory=lambda: _load())

    def at_most(self, what: str, value: float, limit: float, unit: str, note: str = "") -> None:
        self.rows.append(Row(what, f"at most {limit:g}{unit}", f"{_number(value)}{unit}{note}", value <= limit))

    def at_least(self, what: str, value: float, limit: float, unit: str, note: str = "") -> None:
        self.rows.append(Row(what, f"at least {limit:,g}{unit}", f"{_number(value)}{unit}{note}", value >= limit))

    def fact(self, what: str, measured: str) -> None:
        self.rows.append(Row(what, "", measured))

    def markdown(self) -> str:
        parts = [
            TITLE,
            "Written by the command; docs/performance.md explains them.",
            bullets(self._machine()),
            "## Targets",
            table(("what", "target", "measured", "met"), [row.cells() for row in self.rows]),
        ]
        if self.graders:
            head = ("grader", "wall s", "CPU s", "peak MB", "overhead s", "wall, ratio to ours, a folder")
            parts += ["## The same notebook and the same checks, cost a notebook", table(head, self.graders), NOTES]
        parts += ["## One warm grading of ours, median seconds", table(("phase", "seconds"), self.phases)]
        return "\n\n".join(parts) + "\n"

    def _machine(self) -> Mapping[str, str]:
        ours = {name: version(name) for name in PACKAGES}
        return {
            "date": date.today().isoformat(),
            "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
            "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
            "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
            "load average, 1 minute": f"{self.load} before, {_load()} after (the benchmark itself included)",
            "ours": ", ".join(f"{name} {number}" for name, number in ours.items()),
            **({"others": ", ".join(f"{n} {v}" for n, v in self.versions.items())} if self.versions else {}),
        }


NOTES = """\
Wall and CPU seconds include all child processes and the start of the command; memory is the PSS of the whole process
tree at its peak. Overhead is wall less the seconds that the student's cells take in our box. A folder is graded by
one command: 5 notebooks for nbgrader, 30 for ours, whose only worker starts its warm process within that time.
otter-grader has no such command without Docker. Only ours puts a notebook in a sealed box."""


def machine() -> dict[str, str]:
    """Where and when it was measured."""
    return {
        "date": date.today().isoformat(),
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load average, 1 minute": f"{_load()} after (the benchmark itself included)",
    }


def rewrite(file: Path, title: str, text: str) -> None:
    """Puts a part that begins with that title in the place of the one that is there; the other parts stay."""
    parts = re.split(r"^(?=# )", file.read_text() if file.exists() else "", flags=re.MULTILINE)
    kept = [part for part in parts if part.strip() and not part.startswith(title + "\n")]
    file.write_text("\n\n".join(part.strip() for part in sorted([*kept, text])) + "\n")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def bullets(facts: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in facts.items())


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"
