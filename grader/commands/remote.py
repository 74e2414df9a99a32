"""The verbs that reach a course on another machine: which server, with which token, and what its answers mean here."""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from grader.client.service import Service
from grader.errors import BadInput, GraderError
from grader.text import Text

if TYPE_CHECKING:
    from grader.report import Report


@dataclass(frozen=True)
class Remote:
    """A server, and where its token is if not among those that were saved."""

    server: str
    token_file: Path | None
    insecure: bool

    def service(self) -> Service:
        """How to ask it. Raises BadInput."""
        return Service.find(self.server, token_file=self.token_file, insecure=self.insecure)


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--server, --token-file and --insecure-http: the command gets them as `server`, None without one."""

    @functools.wraps(function)
    def call(*words: Any, server: str | None, token_file: Path | None, insecure_http: bool, **more: Any) -> Any:
        if server is None:
            return function(*words, server=None, **more)
        _must_be_for_a_server()
        return function(*words, server=Remote(server, token_file, insecure_http), **more)

    for option in (insecure_option, token_file_option, server_option):
        call = option(call)
    return call


server_option = click.option(
    "--server",
    envvar="GRADER_SERVER",
    help="강좌가 있는 서버의 주소 / Address of the course's server. Default: GRADER_SERVER, or this machine.",
)
token_file_option = click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="토큰이 있는 파일 / File with the token. Default: GRADER_TOKEN, or what grader token save kept.",
)
insecure_option = click.option(
    "--insecure-http",
    envvar="GRADER_INSECURE_HTTP",
    is_flag=True,
    help="암호화하지 않는 http도 씁니다. / Use plain http, on which others can read the token.",
)


def _must_be_for_a_server() -> None:
    """Nobody shall believe that they acted for somebody else. A variable of the environment is left alone."""
    context = click.get_current_context()
    for parameter, option in (("home", "--home"), ("email", "--as"), ("by", "--by")):
        if context.get_parameter_source(parameter) is ParameterSource.COMMANDLINE:
            raise BadInput(
                Text(
                    f"{option}은(는) --server와 함께 쓸 수 없습니다. 서버에서는 토큰의 주인이 하는 일입니다.",
                    f"{option} does not go with --server: there, it is the token that says who acts.",
                )
            )


def report_of(document: Mapping[str, Any]) -> Report:
    """The report of a server's answer. What of its score no listed check explains (checks that are for staff alone, a
    person's decision) stands in one secret row, which is counted and not shown."""
    from grader import report as reports
    from grader.report import Status, Verdict, Visibility

    rows = [
        {
            **row,
            "visibility": row["visibility"] or Visibility.VISIBLE.value,
            "seconds": row["seconds"] or 0.0,
            "hint": _joined(row["hint"], row.get("next_hint")),
        }
        for row in document["checks"]
    ]
    points = document["score"] - sum(min(row["points"], row["max_points"]) for row in rows)
    most = document["max_score"] - sum(row["max_points"] for row in rows)
    if document["status"] == Status.GRADED and (abs(points) > 1e-6 or abs(most) > 1e-6):
        rest = {"id": "-", "title": {"ko": "-", "en": "-"}, "points": min(points, most), "max_points": most}
        rest |= {"verdict": Verdict.PASSED.value, "visibility": Visibility.SECRET.value, "seconds": 0.0}
        rows.append(rest | {"message": None, "hint": None, "misconception": None})
    cells = [{**cell, "seconds": cell["seconds"] or 0.0} for cell in document["cells"]]
    environment = document["environment"] or {}
    return reports.from_json(
        {**document, "checks": rows, "cells": cells, "metrics": _metrics(document), "environment": environment}
    )


def _joined(hint: dict[str, str] | None, more: dict[str, str] | None) -> dict[str, str] | None:
    """The hints that are open, and below them when the next one opens."""
    return {name: f"{hint[name]}\n{more[name]}" for name in hint} if hint and more else hint or more


def _metrics(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """JSON has no NaN; null stands for it."""
    return {
        name: {**metric, **{key: math.nan for key in ("value", "low", "high") if metric[key] is None}}
        for name, metric in document["metrics"].items()
    }


def export(
    remote: Remote, course: str | None, kind: str, assignments: Sequence[str], out: Path, force: bool
) -> dict[str, Any]:
    """Writes the file and its manifest, each whole or not at all; the manifest. Raises BadInput or GraderError."""
    from grader.course.exports import manifest_file, writing

    beside = manifest_file(out)
    if not force:
        writing.must_be_free(out, beside)
    service = remote.service()
    manifest, data = service.export(service.course(course)["key"], kind, assignments)
    if hashlib.sha256(data).hexdigest() != manifest["sha256"]:
        raise GraderError(
            Text(
                "받은 파일이 손상되었습니다. 다시 해 주세요.",
                "The file came damaged. Try again.",
            )
        )
    manifest["file"] = out.name
    writing.write(out, data, force=force)
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    writing.write(beside, text.encode(), force=force)
    return manifest
