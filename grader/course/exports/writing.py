"""Writing a file of people's grades: whole or not at all, for its owner alone, and over nothing."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from grader.errors import BadInput
from grader.text import Text


def must_be_free(*names: Path) -> None:
    """Raises BadInput where one of them exists."""
    for file in names:
        if file.is_symlink() or file.exists():
            raise _taken(file)


def write(file: Path, data: bytes, *, force: bool) -> None:
    """A reader never sees half a file. Without `force` nothing is overwritten, not even what appears meanwhile.
    Raises BadInput, with what to do."""
    new = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if force:
            new.replace(file)
        else:
            os.link(new, file)  # unlike a rename, this fails where the file exists
    except FileExistsError as error:
        raise _taken(file) from error
    except OSError as error:
        raise BadInput(
            Text(
                f"{file}에 쓸 수 없습니다({error.strerror}). 쓸 수 있는 다른 곳을 주세요.",
                f"{file} cannot be written ({error.strerror}). Name another place that you may write to.",
            )
        ) from error
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def _taken(file: Path) -> BadInput:
    return BadInput(
        Text(
            f"{file}이(가) 이미 있습니다. 다른 이름을 주거나 --force로 덮어쓰세요.",
            f"{file} exists already. Give another name, or overwrite it with --force.",
        )
    )
