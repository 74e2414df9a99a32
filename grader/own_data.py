"""Data of one's own to grade on, such as the study group's real matches, in place of what an assignment ships.

The folder is checked and copied before any box is made. The copy holds what a notebook may see: the training part and
the features of the test part. The labels of the test part stay in the judge's memory; no file that a box can reach
has them, and neither has the copy.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from grader import lol
from grader.assignment import HARD_CAPS, Assignment, Limits, OwnData
from grader.errors import BadInput
from grader.text import Text

LABELS = "y_test.csv"
SHOWN = tuple(name for name in lol.FILES if name != LABELS)
MEMORY_PER_BYTE = 20  # what a table of text takes as Python objects while it is read


@contextmanager
def graded_on(assignment: Assignment, folder: Path) -> Iterator[Assignment]:
    """The assignment, to be graded on the data of this folder while the context lasts. Raises BadInput."""
    if assignment.takes_data is None:
        raise _takes_none(assignment)
    _check(folder)
    matches = lol.load(folder)
    assert matches.y_test is not None
    with tempfile.TemporaryDirectory(prefix="grader-data-") as root:
        data = Path(root) / "data"
        _copy(assignment, folder, data)
        own = OwnData(data, matches.X_test, matches.y_test, len(matches.y_train), _digest(folder))
        yield replace(assignment, own_data=own, limits=_roomier(assignment, data))


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise BadInput(
            Text(
                f"{folder}은(는) 폴더가 아닙니다. --data에는 {', '.join(lol.FILES)}가 든 폴더를 주세요.",
                f"{folder} is not a folder. Give --data the folder that holds {', '.join(lol.FILES)}.",
            )
        )
    faults = lol.check(folder)
    if not (folder / LABELS).exists():
        faults.append(
            Text(
                f"{folder / LABELS}: 파일이 없습니다. 예측을 이 정답과 비교합니다(노트북은 볼 수 없습니다).",
                f"{folder / LABELS}: there is no such file. Predictions are compared with it "
                "(the notebook never sees it).",
            )
        )
    if faults:
        said = Text(" ".join(fault.ko for fault in faults), " ".join(fault.en for fault in faults))
        raise BadInput(
            said
            + Text(
                f"고친 뒤 `grader data check {folder}`로 확인하세요. 파일의 형식은 docs/lol-data.md에 있습니다.",
                f"Mend this and see with `grader data check {folder}`; docs/lol-data.md describes the files.",
            )
        )


def _takes_none(assignment: Assignment) -> BadInput:
    return BadInput(
        Text(
            f"{assignment.id} 과제는 다른 자료로 채점할 수 없습니다. --data 없이 실행하세요.",
            f"The assignment {assignment.id} takes no data of one's own. Run this without --data.",
        )
    )


def _copy(assignment: Assignment, folder: Path, data: Path) -> None:
    """What is shipped, but for the folder of this kind; there, what a notebook may see."""
    kind = str(assignment.takes_data)
    try:
        shutil.copytree(assignment.shipped_data, data, ignore=lambda _, names: {kind} & set(names))
        (data / kind).mkdir()
        for name in SHOWN:
            shutil.copyfile(folder / name, data / kind / name)
    except OSError as error:
        raise BadInput(
            Text(
                f"{folder}의 자료를 {data.parent}에 복사할 수 없습니다({error.strerror}). 그 디스크에 자리를 내거나 "
                "TMPDIR로 다른 곳을 알려 주세요.",
                f"The data of {folder} cannot be copied to {data.parent} ({error.strerror}). Make room on that disk, "
                "or name another place in TMPDIR.",
            )
        ) from error


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in lol.FILES:
        digest.update(name.encode() + b"\0" + (folder / name).read_bytes() + b"\0")
    return digest.hexdigest()


def _roomier(assignment: Assignment, data: Path) -> Limits:
    """More matches take more time, in proportion, and more memory and disk than those shipped."""
    ours, theirs = _size(assignment.shipped_data), _size(data)
    more_mb = max(0, theirs - ours) / 2**20
    times = max(1.0, theirs / max(ours, 1))
    limits = assignment.limits
    seconds = {name: getattr(limits, name) * times for name in ("notebook_seconds", "call_seconds", "suite_seconds")}
    wanted = seconds | {
        "memory_mb": round(limits.memory_mb + MEMORY_PER_BYTE * more_mb),
        "disk_mb": round(limits.disk_mb + 2 * more_mb),
    }
    return replace(limits, **{name: min(value, HARD_CAPS[name]) for name, value in wanted.items()})


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
