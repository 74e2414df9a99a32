"""Proves a suite: who must earn everything does, who must lose a check does.

The solution and every alternative earn all points, the released notebook its floor, every mutant loses the
checks that it names, and every check is lost by some mutant: a check that no wrong answer trips proves nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from grader import notebook as notebooks
from grader import pool
from grader.assignment import Assignment
from grader.errors import BadAssignment
from grader.notebook import Notebook
from grader.report import Report, Status, Verdict, misconceptions
from grader.sandbox import Backend
from grader.text import Text

LOST = frozenset({Verdict.FAILED, Verdict.TIMEOUT, Verdict.CRASHED, Verdict.REFUSED})


@dataclass(frozen=True)
class Trial:
    """One notebook whose fate is known: "reference", "blank", "alternative" or "mutant"."""

    kind: str
    name: str
    notebook: Notebook
    trips: tuple[str, ...] = ()
    misconception: Text | None = None
    named: tuple[str, ...] = ()  # the ids of misconceptions that the report must name, and no others


@dataclass(frozen=True)
class Proof:
    """What became of a trial."""

    kind: str
    name: str
    trips: tuple[str, ...]
    misconception: Text | None
    status: Status
    reason: Text | None
    score: float
    max_score: float
    verdicts: Mapping[str, Verdict]
    seconds: float
    floor: float = 0.0
    named: tuple[str, ...] = ()
    recognised: tuple[str, ...] = ()  # ids of misconceptions in the report
    metrics: tuple[str, ...] = ()  # names of what was measured
    tried: tuple[str, ...] = ()  # in vain: "file /etc/shadow"; commands that are skipped are no such thing

    @property
    def lost(self) -> list[str]:
        return [check for check, verdict in self.verdicts.items() if verdict in LOST]

    @property
    def holds(self) -> bool:
        """Whether it got what it must get."""
        if self.status is not Status.GRADED:
            return False
        if set(self.named) != set(self.recognised):
            return False
        if self.kind == "mutant":
            return set(self.trips) <= set(self.lost)
        return self.score == (self.floor if self.kind == "blank" else self.max_score)


@dataclass
class Verification:
    """All proofs of one suite."""

    assignment: str
    checks: Sequence[str]
    proofs: list[Proof] = field(default_factory=list)

    @property
    def unproved(self) -> list[str]:
        """Checks that no mutant loses."""
        lost = {check for proof in self.proofs if proof.kind == "mutant" for check in proof.lost}
        return [check for check in self.checks if check not in lost]

    @property
    def holds(self) -> bool:
        return all(proof.holds for proof in self.proofs) and not self.unproved

    def of(self, kind: str) -> list[Proof]:
        return [proof for proof in self.proofs if proof.kind == kind]

    def as_json(self) -> dict[str, Any]:
        return {
            "assignment": self.assignment,
            "holds": self.holds,
            "checks": list(self.checks),
            "unproved": self.unproved,
            "proofs": [_proof_as_json(proof) for proof in self.proofs],
        }


def _proof_as_json(proof: Proof) -> dict[str, Any]:
    return {
        "kind": proof.kind,
        "name": proof.name,
        "holds": proof.holds,
        "status": proof.status.value,
        "reason": proof.reason.as_json() if proof.reason else None,
        "score": proof.score,
        "max_score": proof.max_score,
        "trips": list(proof.trips),
        "lost": proof.lost,
        "misconception": proof.misconception.as_json() if proof.misconception else None,
        "named": list(proof.named),
        "recognised": list(proof.recognised),
        "metrics": list(proof.metrics),
        "seconds": round(proof.seconds, 3),
    }


def trials(assignment: Assignment) -> list[Trial]:
    """Every notebook whose fate is known. Raises BadAssignment or BadNotebook."""
    solution = notebooks.read(assignment.solution)
    if not assignment.notebook.exists():
        raise BadAssignment(
            Text(
                f"학생용 노트북이 아직 없습니다. 먼저 만드세요: grader release {assignment.id}",
                f"There is no notebook for students yet. Make it first: grader release {assignment.id}",
            )
        )
    folder = assignment.solution.parent
    found = [
        Trial("reference", "solution", solution),
        Trial("blank", "notebook", notebooks.read(assignment.notebook)),
    ]
    for file in sorted((folder / "alternatives").glob("*.*")):
        if file.suffix in (".py", ".ipynb"):
            found.append(Trial("alternative", file.stem, alternative(file)))
    for file in sorted((folder / "mutants").glob("*.py")):
        found.append(mutant(file, solution))
    return found


def mutant(file: Path, solution: Notebook) -> Trial:
    """The solution with one more cell, which defines something wrongly. Raises BadAssignment."""
    source = file.read_text(encoding="utf-8")
    header = dict(re.findall(r"^# (ko|en|trips|misconception): (.+)$", source, re.MULTILINE))
    named = _words(header.pop("misconception", ""))
    if set(header) != {"ko", "en", "trips"}:
        raise BadAssignment(
            Text(
                f"{file}: '# ko:', '# en:', '# trips:' 줄이 모두 있어야 합니다.",
                f"{file}: the lines '# ko:', '# en:' and '# trips:' must all be there.",
            )
        )
    said, trips = Text(header["ko"], header["en"]), _words(header["trips"])
    return Trial("mutant", file.stem, with_cell(solution, source), trips, said, named)


def _words(line: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in line.split(",") if word.strip())


def with_cell(solution: Notebook, source: str) -> Notebook:
    """The solution's code with one more cell at its end."""
    return _from_sources([*(cell.source for cell in solution.code_cells), source])


def alternative(file: Path) -> Notebook:
    """A notebook, or a script whose cells start with `# %%`."""
    if file.suffix == ".ipynb":
        return notebooks.read(file)
    cells = re.split(r"^# %%.*$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return _from_sources([cell.strip("\n") for cell in cells if cell.strip()])


def _from_sources(sources: Sequence[str]) -> Notebook:
    node = new_notebook(cells=[new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)])
    return notebooks.parse(nbformat.writes(node).encode(), "made")


def verify(
    assignment: Assignment,
    *,
    backend: Backend = Backend.BUBBLEWRAP,
    workers: int = 1,
    progress: Callable[[Proof, int], None] = lambda proof, count: None,
) -> Verification:
    """Runs every trial. Raises BadAssignment for a suite that is written wrongly."""
    from grader.suite import runner

    checks = [check.id for check in runner.outline(assignment)]
    ids = runner.misconceptions(assignment)
    todo = trials(assignment)
    for trial in todo:
        _known(trial, checks, ids)
    setting, found = pool.Setting(assignment, backend), {}

    def run(places: Sequence[int]) -> None:
        jobs = [pool.Job(place, todo[place].notebook) for place in places]
        for place, graded in pool.grade_all(setting, jobs, workers):
            found[place] = _proof(todo[place], graded.report, assignment.floor)
            if place < count:
                progress(found[place], count)

    count = len(todo)
    mutated = [place for place in range(count) if todo[place].kind == "mutant"]
    todo.append(replace(todo[0], notebook=_from_sources(lean([cell.source for cell in todo[0].notebook.code_cells]))))
    run([place for place in range(count + 1) if place not in mutated])
    if found.pop(count).holds:
        for place in mutated:
            *cells, last = [cell.source for cell in todo[place].notebook.code_cells]
            todo[place] = replace(todo[place], notebook=_from_sources([*lean(cells), last]))
    run(mutated)
    return Verification(assignment.id, checks, [found[place] for place in range(count)])


def lean(cells: Sequence[str]) -> list[str]:
    """The cells without the calls of the notebook's own functions that stand alone: pictures and self-checks, which
    define nothing and take a third of the time. Whether nothing hangs on them the solution proves: where it earns less
    like this, the mutants run whole."""
    trees: list[ast.Module | None] = []
    for source in cells:
        try:
            trees.append(ast.parse(source))
        except SyntaxError:  # a line that only IPython reads
            trees.append(None)
    own = {one.name for tree in trees if tree for one in tree.body if isinstance(one, ast.FunctionDef)}

    def looks(one: ast.stmt) -> bool:
        call = one.value if isinstance(one, ast.Expr) else None
        return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in own

    found = []
    for source, tree in zip(cells, trees, strict=True):
        kept = [one for one in tree.body if not looks(one)] if tree else []
        if tree is None or len(kept) == len(tree.body):
            found.append(source)
        elif kept:
            found.append(ast.unparse(ast.Module(kept, [])))
    return found


def _known(trial: Trial, checks: Sequence[str], ids: Collection[str]) -> None:
    for id in trial.named:
        if id not in ids:
            raise BadAssignment(
                Text(
                    f"{trial.name}: '{id}'라는 오개념이 없습니다.",
                    f"The mutant {trial.name} names the misconception '{id}', which nobody explains.",
                )
            )
    for check in trial.trips:
        if check not in checks:
            raise BadAssignment(
                Text(
                    f"{trial.name}: '{check}'라는 채점 항목이 없습니다.",
                    f"The mutant {trial.name} names the check '{check}', which does not exist.",
                )
            )


def _proof(trial: Trial, report: Report, floor: float) -> Proof:
    return Proof(
        kind=trial.kind,
        name=trial.name,
        trips=trial.trips,
        misconception=trial.misconception,
        status=report.status,
        reason=report.reason,
        score=report.score,
        max_score=report.max_score,
        verdicts={check.id: check.verdict for check in report.checks},
        seconds=report.seconds.get("total", 0.0),
        floor=floor,
        named=trial.named,
        recognised=tuple(one.id for one in misconceptions(report.checks)),
        metrics=tuple(report.metrics),
        tried=() if report.security is None else tuple(report.security.in_vain),
    )
