"""An assignment: what its two folders hold, read from `assignment.toml`."""

from __future__ import annotations

import difflib
import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import BadAssignment, UnknownAssignment
from grader.text import Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Limits:
    """What a notebook may use. Seconds are wall clock, mb are 2**20 bytes."""

    notebook_seconds: float = 120.0  # all cells together
    call_seconds: float = 10.0  # one call from a check
    suite_seconds: float = 180.0  # all calls together, restarts included
    memory_mb: int = 2048  # the whole process tree
    processes: int = 64
    disk_mb: int = 256  # files in the private folders
    output_mb: int = 16  # printed text, figures and rich output together
    gpu_memory_mb: int = 4096  # what torch hands out of a real GPU's memory

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = getattr(self, limit.name)
            cap = HARD_CAPS[limit.name]
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= cap:
                raise BadAssignment(
                    Text(
                        f"한도 {limit.name} = {value!r}: 0보다 크고 {cap} 이하인 수여야 합니다.",
                        f"The limit {limit.name} = {value!r} must be a number above 0 and at most {cap}.",
                    )
                )


HARD_CAPS: Mapping[str, float] = {
    "notebook_seconds": 3600,
    "call_seconds": 600,
    "suite_seconds": 3600,
    "memory_mb": 65536,
    "processes": 1024,
    "disk_mb": 8192,
    "output_mb": 256,
    "gpu_memory_mb": 131072,
}


@dataclass(frozen=True)
class OwnData:
    """Data that whoever grades has brought along; `grader.own_data` prepares them. The labels of the test part are
    here alone, never in the folder that goes into the box."""

    folder: Path  # in place of the assignment's data/
    X_test: NDArray[np.float64] = field(repr=False, compare=False)  # (m, d)
    y_test: NDArray[np.int64] = field(repr=False, compare=False)  # (m,)
    n_train: int
    sha256: str  # of the files, the labels of the test part among them

    @property
    def facts(self) -> Mapping[str, str | int]:
        """What a report says about them: neither a path nor a row."""
        return {"data": self.sha256[:12], "training_matches": self.n_train, "test_matches": len(self.y_test)}


@dataclass(frozen=True)
class Assignment:
    """One assignment. `reference` is None where only the public folder is at hand."""

    id: str
    title: Text
    week: int
    folder: Path
    reference: Path | None
    defines: Mapping[str, str]
    needs: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    device: str = "cpu"  # or "gpu": what it is about; a box without one simulates it
    floor: float = 0.0  # what the released notebook earns untouched
    takes_data: str | None = None  # the kind of data of one's own that it can be graded on; a folder of data/
    topics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by group of checks what it is about
    own_data: OwnData | None = None  # what this grading is on, where that is not what is shipped

    @property
    def data(self) -> Path:
        """What a notebook finds under data/."""
        return self.shipped_data if self.own_data is None else self.own_data.folder

    @property
    def shipped_data(self) -> Path:
        return self.folder / "data"

    @property
    def notebook(self) -> Path:
        return self.folder / "notebook.ipynb"

    @property
    def solution(self) -> Path:
        return self._instructor() / "solution.ipynb"

    @property
    def test_folders(self) -> tuple[Path, ...]:
        """Public tests, then hidden tests, where they are at hand."""
        hidden = () if self.reference is None else (self.reference / "hidden_tests",)
        return tuple(folder for folder in (self.folder / "public_tests", *hidden) if folder.is_dir())

    @property
    def oracle(self) -> Path | None:
        if self.reference is None or not (self.reference / "oracle.py").is_file():
            return None
        return self.reference / "oracle.py"

    @property
    def calibration(self) -> Path | None:
        """Where the points curves of the metrics are kept."""
        return None if self.reference is None else self.reference / "calibration.json"

    @property
    def suite_version(self) -> str:
        """Twelve hex digits that change with any file that decides a score."""
        digest = hashlib.sha256()
        files = [self.folder / "assignment.toml"]
        files += [f for folder in (*self.test_folders, self.shipped_data) for f in sorted(folder.rglob("*"))]
        files += [file for file in (self.oracle, self.calibration) if file]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()[:12]

    def _instructor(self) -> Path:
        if self.reference is None:
            raise BadAssignment(
                Text(
                    f"{self.id}의 reference 폴더가 없습니다. 강사용 저장소에서 실행하거나 --reference로 알려 주세요.",
                    f"The reference folder of {self.id} is not here. Run this in the instructor's checkout, "
                    "or name it with --reference.",
                )
            )
        return self.reference


@dataclass(frozen=True)
class Catalog:
    """Where assignments are looked for: two roots that hold one folder an assignment."""

    assignments: Path
    reference: Path

    @classmethod
    def find(cls, assignments: Path | None = None, reference: Path | None = None) -> Catalog:
        """The folders named, or those of the environment, of the working folder or one above it, or of the
        checkout that this package was installed from."""
        root = _checkout()
        return cls(
            assignments or Path(os.environ.get("GRADER_ASSIGNMENTS", root / "assignments")),
            reference or Path(os.environ.get("GRADER_REFERENCE", root / "reference")),
        )

    def ids(self) -> list[str]:
        return sorted(file.parent.name for file in self.assignments.glob("*/assignment.toml"))

    def all(self) -> list[Assignment]:
        return [self.load(name) for name in self.ids()]

    def load(self, name: str) -> Assignment:
        """Raises UnknownAssignment, with the nearest name, or BadAssignment."""
        if name not in self.ids():
            raise UnknownAssignment(self._unknown(name))
        reference = self.reference / name
        return _read(self.assignments / name, reference if reference.is_dir() else None)

    def _unknown(self, name: str) -> Text:
        ids = self.ids()
        if not ids:
            return Text(
                f"{self.assignments}에 과제가 없습니다. assignments 옆에서 실행하거나 --assignments로 알려 주세요.",
                f"There are no assignments in {self.assignments}. Run this where the folder `assignments` is, "
                "or name it with --assignments.",
            )
        near = difflib.get_close_matches(name.lower().replace("_", "-"), ids, n=1, cutoff=0.4)
        known = ", ".join(ids)
        if near:
            return Text(
                f"'{name}'이라는 과제는 없습니다. '{near[0]}'을(를) 뜻하셨나요? 있는 과제: {known}.",
                f"There is no assignment '{name}'. Did you mean '{near[0]}'? Known: {known}.",
            )
        return Text(
            f"'{name}'이라는 과제는 없습니다. 있는 과제: {known}.",
            f"There is no assignment '{name}'. Known: {known}.",
        )


def _checkout() -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if any(folder.glob("assignments/*/assignment.toml")):
            return folder
    return Path(__file__).resolve().parent.parent


def _read(folder: Path, reference: Path | None) -> Assignment:
    file = folder / "assignment.toml"
    try:
        return parsed(file.read_text(encoding="utf-8"), folder, reference)
    except (KeyError, TypeError, ValueError, tomllib.TOMLDecodeError) as error:
        raise BadAssignment(
            Text(f"{file}을(를) 읽을 수 없습니다: {error}.", f"{file} cannot be read: {error}.")
        ) from error


def parsed(words: str, folder: Path, reference: Path | None = None) -> Assignment:
    """What the words of an assignment.toml say, of an assignment in that folder. Raises KeyError, TypeError or
    ValueError for words that are none."""
    return _assignment(tomllib.loads(words), folder, reference)


def _assignment(data: dict[str, Any], folder: Path, reference: Path | None) -> Assignment:
    if data["id"] != folder.name:
        raise ValueError(f"id is {data['id']!r}, the folder is {folder.name!r}")
    return Assignment(
        id=data["id"],
        title=Text.from_json(data["title"]),
        week=int(data["week"]),
        folder=folder.resolve(),
        reference=reference.resolve() if reference else None,
        defines={str(name): str(signature) for name, signature in data["defines"].items()},
        needs=tuple(data.get("needs", ())),
        limits=Limits(**data.get("limits", {})),
        device=_device(data.get("device", "cpu")),
        floor=float(data.get("floor", 0.0)),
        takes_data=_kind_of_data(data.get("takes_data")),
        topics={str(group): tuple(map(str, ids)) for group, ids in data.get("topics", {}).items()},
    )


def _device(word: object) -> str:
    if word not in ("cpu", "gpu"):
        raise ValueError(f"device is {word!r}, not 'cpu' or 'gpu'")
    return str(word)


def _kind_of_data(word: object) -> str | None:
    if word not in (None, "lol"):
        raise ValueError(f"takes_data is {word!r}, not 'lol'")
    return None if word is None else str(word)
