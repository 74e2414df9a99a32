"""Writing files so that nothing is half written and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from grader.errors import BadInput
from grader.text import Text


def write(file: Path, text: str) -> None:
    """All or nothing: a reader never sees half a file. Raises BadInput, with what to do."""
    new = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise _unwritable(file, error) from error


def make_folder(folder: Path) -> None:
    """Raises BadInput where it cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(file: Path, error: OSError) -> BadInput:
    return BadInput(
        Text(
            f"{file}에 쓸 수 없습니다({error.strerror}). 쓸 수 있는 다른 곳을 주세요.",
            f"{file} cannot be written ({error.strerror}). Name another place that you may write to.",
        )
    )
