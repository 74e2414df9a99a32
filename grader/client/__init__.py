"""Handing a notebook in from the notebook itself, and reading what came of it.

    from grader.client import save_token, submit
    save_token("https://grader.example.com")   # once: asks for the token
    submit("xor-mlp")

Needs nothing but Python, and changes nothing but the file of tokens.
"""

from __future__ import annotations

import os
import sys
from getpass import getpass
from typing import Any

from grader.client import keep, notebook
from grader.client.connection import BadSetting, Connection, Declined, Unreachable
from grader.client.service import Service
from grader.client.shown import Result, told
from grader.text import Text

__all__ = [
    "BadSetting",
    "Connection",
    "Declined",
    "Result",
    "Service",
    "Unreachable",
    "save_token",
    "status",
    "submit",
]
RUNNING = {
    "queued": Text("차례를 기다립니다", "waiting in the queue"),
    "running": Text("채점합니다", "grading"),
}


def submit(
    assignment: str,
    path: str | os.PathLike[str] | None = None,
    *,
    course: str | None = None,
    server: str | None = None,
    wait: bool = True,
) -> Result:
    """Hands a notebook in and, unless `wait` is False, waits for its report. Without a path it is the notebook that
    runs this, as it was saved last (in Colab: as it is). `course` is needed where you are in several. Raises
    BadSetting, Declined or Unreachable, which say what to do next."""
    found = notebook.read(path, assignment)
    service = Service.find(server)
    where = service.course(course or os.environ.get("GRADER_COURSE"))["key"]
    if found.note is not None:
        print(found.note)
    receipt = service.submit(where, assignment, found.data, found.filename)
    if not wait:
        return Result(receipt, None)
    print(told(receipt["receipt"], receipt["duplicate"]))
    return _result(service, receipt)


def status(receipt: str, *, server: str | None = None) -> Result | str:
    """What became of a submission: its result, or how far it is. Raises as `submit`."""
    service = Service.find(server)
    found = service.submission(receipt)
    return _result(service, found) if found["over"] else _far(found)


def save_token(server: str, token: str | None = None, *, insecure_http: bool = False) -> None:
    """Asks for a token of this server (better than writing it into a notebook), tries it, and keeps it in a file that
    only you can read. Raises BadSetting, Declined or Unreachable."""
    token = (getpass("token: ") if token is None else token).strip()
    me = Service(Connection(server, token, insecure=insecure_http)).me()
    file = keep.save(server, token, insecure=insecure_http)
    scopes, until = ", ".join(me["token"]["scopes"]), me["token"]["expires_at"][:10]
    print(
        Text(
            f"{me['email']}의 토큰({scopes}, {until}까지)을 {file}에 저장했습니다.",
            f"Saved the token of {me['email']} ({scopes}, until {until}) in {file}.",
        )
    )


def _result(service: Service, receipt: dict[str, Any]) -> Result:
    """Waits, with a line that says how far it is where a person looks."""
    last = ""

    def look(found: dict[str, Any]) -> None:
        nonlocal last
        words = _far(found)
        if words != last and sys.stdout.isatty() | _in_notebook():
            print(words)
        last = words

    service.wait(receipt["receipt"], look)
    return Result(receipt, service.report(receipt["receipt"]))


def _far(found: dict[str, Any]) -> str:
    word = RUNNING.get(found["state"])
    if word is None:
        return ""
    place = f" #{found['place']}" if found["place"] is not None else ""
    return f"{word.ko} / {word.en}{place}"


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules
