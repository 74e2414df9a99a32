"""The stable name of a slot: the same after a restart, and never that of two live ones."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "workers"


def host() -> str:
    """This machine's name, as far as it can be part of a file's name."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:64] or "host"


@contextmanager
def own(home: Path, base: str | None) -> Iterator[str]:
    """The first name of this home folder that nobody has, kept as long as this process lives or until it leaves.
    `base` is what names begin with, by default the host's name and a few letters of the home folder's own, because
    machines may have equal names."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    base = base or f"{host()}-{_letters(folder)}"
    for number in range(10_000):
        descriptor = os.open(folder / f"{base}-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        try:
            yield f"{base}-{number}"
        finally:
            os.close(descriptor)
        return
    raise RuntimeError("ten thousand slots are running from this folder")


def _letters(folder: Path) -> str:
    """Six letters that this folder keeps; of several processes that make them at once, one succeeds."""
    file = folder / f"{host()}.id"
    if not file.exists():
        draft = folder / f".{secrets.token_hex(8)}"
        draft.write_text(secrets.token_hex(3))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()
