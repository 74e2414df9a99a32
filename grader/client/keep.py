"""Where a person's tokens are kept: one file, for its owner alone, with a token for each server."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.client.connection import BadSetting, address
from grader.text import Text

SERVER, TOKEN = "GRADER_SERVER", "GRADER_TOKEN"


def file() -> Path:
    """The file: `grader/tokens.json` in the folder of settings."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "grader" / "tokens.json"


def save(server: str, token: str, *, insecure: bool = False) -> Path:
    """Keeps the token for this server, instead of an earlier one; where. Raises BadSetting."""
    known = _known()
    known[address(server, insecure=insecure)] = token
    return _write(known)


def forget(server: str) -> bool:
    """Removes the token for this server; whether there was one. Raises BadSetting."""
    known = _known()
    there = known.pop(address(server, insecure=True), None) is not None
    if there:
        _write(known)
    return there


def server_of(server: str | None = None) -> str:
    """The server named, or `GRADER_SERVER`, or the only one with a token. Raises BadSetting."""
    if found := server or os.environ.get(SERVER):
        return found
    known = sorted(_known())
    if len(known) == 1:
        return known[0]
    if known:
        shown = ", ".join(known)
        raise BadSetting(
            Text(
                f"어느 서버인지 알려 주세요(server=..., 또는 {SERVER}): {shown}.",
                f"Say which server (server=..., or {SERVER}): {shown}.",
            )
        )
    raise BadSetting(
        Text(
            f"서버를 모릅니다. save_token('https://...')로 토큰을 저장하거나 {SERVER}와 {TOKEN}을 정하세요.",
            f"No server is known. Save a token with save_token('https://...'), or set {SERVER} and {TOKEN}.",
        )
    )


def token_of(server: str, token_file: Path | None = None) -> str:
    """The token for this server: in the file named, or `GRADER_TOKEN`, or the one that was saved. Raises
    BadSetting."""
    if token_file is not None:
        try:
            return token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or type(error).__name__
            raise BadSetting(
                Text(f"{token_file}을(를) 읽을 수 없습니다({said}).", f"{token_file} cannot be read ({said}).")
            ) from error
    if found := os.environ.get(TOKEN):
        return found.strip()
    where = address(server, insecure=True)
    if found := _known().get(where):
        return found
    raise BadSetting(
        Text(
            f"{where}의 토큰이 없습니다. 그 서버의 '내 계정 → API 토큰'에서 만들고 저장하세요: "
            f"grader token save --server {where} (노트북에서는 save_token)",
            f"There is no token for {where}. Make one there under 'My account → API tokens' and save it: "
            f"grader token save --server {where} (in a notebook: save_token)",
        )
    )


def _known() -> dict[str, str]:
    try:
        with open(file(), encoding="utf-8") as stream:
            _must_be_ours(os.fstat(stream.fileno()))
            found: Any = json.load(stream)
            return {str(server): str(token) for server, token in found["servers"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSetting(
            Text(
                f"{file()}을(를) 읽을 수 없습니다. 지우고 토큰을 다시 저장하세요.",
                f"{file()} cannot be read. Remove it and save the token again.",
            )
        ) from error


def _must_be_ours(about: os.stat_result) -> None:
    """As ssh does with keys: what others can read is a secret no more."""
    if os.name == "posix" and about.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadSetting(
            Text(
                f"다른 사람이 {file()}을(를) 읽을 수 있습니다. 그 안의 토큰을 폐기하고 다시 만드세요. 그대로 쓰려면: "
                f"chmod 600 {file()}",
                f"Others can read {file()}. Revoke its tokens and make new ones; to use them all the same: "
                f"chmod 600 {file()}",
            )
        )


def _write(known: dict[str, str]) -> Path:
    """Whole or not at all, and never readable by others, not even for a moment."""
    target = file()
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump({"servers": dict(sorted(known.items()))}, out, indent=1)
        new.replace(target)
    except OSError as error:
        raise BadSetting(
            Text(f"{target}에 쓸 수 없습니다({error.strerror}).", f"{target} cannot be written ({error.strerror}).")
        ) from error
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
    return target
