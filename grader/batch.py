"""A folder of notebooks: which ones to grade, and a report file for each, so that a batch can go on later."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import files
from grader import notebook as notebooks
from grader.assignment import Assignment
from grader.errors import BadInput, BadNotebook
from grader.report import Report, Status
from grader.text import Text


@dataclass(frozen=True)
class Reports:
    """A folder that holds a report as JSON for each notebook, under the notebook's own path."""

    folder: Path

    def file(self, name: Path) -> Path:
        return self.folder / name.with_suffix(".json")

    def save(self, name: Path, report: Report) -> None:
        """All or nothing; an earlier grade is never replaced by a report that gives none."""
        file = self.file(name)
        if report.status is not Status.GRADED and self._status(file) == Status.GRADED.value:
            return
        files.make_folder(file.parent)
        files.write(file, report.to_json() + "\n")

    def is_done(self, name: Path, notebook: Path, assignment: Assignment) -> bool:
        """Whether just this notebook has been graded by just this suite, on just these data."""
        earlier = self._read(self.file(name))
        if _data_of(earlier) != (assignment.own_data.facts["data"] if assignment.own_data else None):
            return False
        if earlier.get("status") != Status.GRADED.value or earlier.get("suite_version") != assignment.suite_version:
            return False
        try:
            return bool(earlier.get("notebook_sha256") == notebooks.read(notebook).sha256)
        except BadNotebook:
            return False

    def _status(self, file: Path) -> object:
        return self._read(file).get("status")

    @staticmethod
    def _read(file: Path) -> dict[str, object]:
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _data_of(report: dict[str, object]) -> object:
    """What a report says which data of one's own it was made on; None for what is shipped."""
    environment = report.get("environment")
    return environment.get("data") if isinstance(environment, dict) else None


def find(folder: Path) -> list[Path]:
    """Every notebook under a folder, by its path there, in order; hidden folders are left out. Raises BadInput."""
    if not folder.is_dir():
        raise BadInput(
            Text(
                f"{folder}은(는) 폴더가 아닙니다. 노트북이 든 폴더를 주세요.",
                f"{folder} is not a folder. Name the folder that holds the notebooks.",
            )
        )
    found = sorted(_walk(folder, Path()))
    if not found:
        raise BadInput(
            Text(
                f"{folder}에 .ipynb 파일이 없습니다. 노트북이 든 폴더를 주세요.",
                f"There is no .ipynb file in {folder}. Name the folder that holds the notebooks.",
            )
        )
    return found


def _walk(root: Path, below: Path) -> Iterator[Path]:
    """Links to folders are not followed, so that a circle cannot hold us."""
    for entry in os.scandir(root / below):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, below / entry.name)
        elif entry.name.lower().endswith(".ipynb"):
            yield below / entry.name


def left(assignment: Assignment, folder: Path, names: Sequence[Path], reports: Reports, resume: bool) -> list[Path]:
    """The notebooks that are still to be graded."""
    if not resume:
        return list(names)
    return [name for name in names if not reports.is_done(name, folder / name, assignment)]
