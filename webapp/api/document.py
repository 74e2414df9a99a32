"""How an operation of the API is declared, and the OpenAPI document that follows from the declarations.

`operation` says everything of a view in one place: the scope it needs, the shapes it takes and gives, and what can go
wrong. Spectree checks requests against the shapes and writes the document; what it has no words for (bodies that are
no JSON, problems as RFC 9457 has them, headers) is added here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response as Answer
from flask import current_app, jsonify, render_template, request
from pydantic import BaseModel, ValidationError
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

import grader
from grader.course.tokens import Scope
from grader.text import Text
from webapp import hosts, problems
from webapp.access import everybody, needs
from webapp.api import models
from webapp.api.blueprint import blueprint
from webapp.problems import KINDS, Problem

BYTES = "application/octet-stream"
TITLES = {
    "me": Text("나", "Who I am"),
    "courses": Text("강좌와 과제", "Courses and assignments"),
    "submissions": Text("제출", "Submissions"),
    "grades": Text("성적", "Grades"),
    "quizzes": Text("퀴즈", "Quizzes"),
    "requests": Text("재검토 요청", "Asking for another look"),
    "staff": Text("조교와 강사", "For staff"),
}
_INVALID = Text(
    "값이 맞지 않습니다. 'faults'가 어느 값인지 말합니다.", "A value is not as it should be; 'faults' says which."
)
_NO_JSON = Text(
    "본문은 JSON이어야 합니다: Content-Type: application/json",
    "The body has to be JSON: Content-Type: application/json",
)
_OPERATION = "_operation"


@dataclass(frozen=True)
class Operation:
    """What the document says of a view beyond its shapes."""

    ko: str
    scope: Scope | None
    body: bool  # whether it takes JSON
    takes: str | None
    gives: Sequence[str]
    headers: Mapping[str, Mapping[str, str]]


def _refuse(request: Any, response: Any, error: Exception | None, instance: Any, adapter: Any) -> None:
    if isinstance(error, ValidationError):
        faults = [{"where": list(one["loc"]), "what": one["msg"]} for one in error.errors(include_url=False)]
        raise Problem("invalid", _INVALID, faults=faults)


_tree = SpecTree(
    "flask",
    mode="strict",
    annotations=False,
    title="Notebook grader",
    version=grader.__version__,
    description=(
        "What the pages show, for programs: hand notebooks in, watch their grading, read reports and grades. "
        "Each request carries a token that a person makes under My account."
    ),
    before=_refuse,
    validation_error_model=models.Problem,
    naming_strategy=lambda model: str(model.__name__),
    nested_naming_strategy=lambda _, child: child,
    security_schemes=[
        SecurityScheme(
            name="token",
            data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer", description="A token of a person"),
        )
    ],
    security={"token": []},
)


def operation(
    ko: str,
    *,
    tag: str,
    scope: Scope | None,
    returns: type[BaseModel] | Sequence[str],
    code: int = 200,
    also: Sequence[int] = (),
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    headers: type[BaseModel] | None = None,
    takes: str | None = None,
    errors: Sequence[int] = (404,),
    gives_headers: Mapping[str, Mapping[str, str]] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Answer]]:
    """The view is an operation of the API. Its docstring is the summary, `ko` the same in Korean; `returns` is a shape,
    or the media types of bytes; `takes` the media type of a body that is no JSON; `also` are other codes with the same
    shape; `errors` those beyond the ones that every operation has."""
    shape = returns if isinstance(returns, type) else None
    told: dict[str, Any] = dict.fromkeys((f"HTTP_{each}" for each in (code, *also)), shape)
    told |= dict.fromkeys((f"HTTP_{each}" for each in (401, *errors, 429)), models.Problem)
    if scope is not None:
        told["HTTP_403"] = models.Problem

    def mark(view: Callable[..., Any]) -> Callable[..., Answer]:
        checked: Callable[..., Answer] = _tree.validate(
            query=query,
            json=body,
            headers=headers,
            resp=Response(**dict(sorted(told.items()))),
            tags=(tag,),
            operation_id=view.__name__,
        )(view)
        gives = () if isinstance(returns, type) else tuple(returns)
        setattr(checked, _OPERATION, Operation(ko, scope, body is not None, takes, gives, gives_headers or {}))
        return needs(scope)(checked)

    return mark


@blueprint.before_request
def _must_be_json() -> None:
    """Spectree takes a form for no body at all, and does not look where JSON is too deep to be read."""
    facts: Operation | None = getattr(current_app.view_functions[request.endpoint or ""], _OPERATION, None)
    if facts is None or not facts.body:
        return
    try:
        request.get_json(silent=True)
    except RecursionError as error:
        raise Problem("invalid", _NO_JSON) from error
    if not request.is_json:
        raise Problem("invalid", _NO_JSON)


@blueprint.get("/openapi.json")
@everybody
def openapi() -> Answer:
    """The document, OpenAPI 3.1."""
    return jsonify(document())


@blueprint.get("/")
@everybody
def readable() -> str:
    """The document for a reader, in their language."""
    return render_template(
        "api/page.html",
        groups=_by_tag(document()),
        titles=TITLES,
        kinds=KINDS,
        scopes=tuple(Scope),
        bytes=BYTES,
        server=hosts.root(),
    )


def document() -> dict[str, Any]:
    """The whole document of this application."""
    known: dict[str, Any] | None = current_app.extensions.get("openapi")
    if known is None:
        known = current_app.extensions["openapi"] = _whole(copy.deepcopy(_tree.spec))
    return known


def _whole(spec: dict[str, Any]) -> dict[str, Any]:
    """The document with what spectree has no words for."""
    facts = {
        view.__name__: getattr(view, _OPERATION)
        for view in current_app.view_functions.values()
        if hasattr(view, _OPERATION)
    }
    spec["tags"] = [{"name": name, "description": text.en} for name, text in TITLES.items()]
    for methods in spec["paths"].values():
        for one in methods.values():
            _complete(one, facts[one["operationId"]])
    return spec


def _complete(one: dict[str, Any], facts: Operation) -> None:
    one["x-summary-ko"] = facts.ko
    one["x-scope"] = None if facts.scope is None else facts.scope.value
    one["security"] = [{"token": []}]
    if facts.takes is not None:
        schema = {"type": "string", "format": "binary", "minLength": 1}
        one["requestBody"] = {"required": True, "content": {facts.takes: {"schema": schema}}}
    for code, answer in one["responses"].items():
        if int(code) >= 400:
            answer["content"] = {problems.MEDIA_TYPE: answer["content"]["application/json"]}
        elif facts.gives:
            answer["content"] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in facts.gives}
        extra = dict(facts.headers.get(code, {}))
        if code == "401":
            extra["WWW-Authenticate"] = "What is wrong with the token (RFC 6750)"
        if code == "429":
            extra["Retry-After"] = "Seconds until a request is taken again"
        if extra:
            answer["headers"] = {
                name: {"description": words, "schema": {"type": "string"}} for name, words in extra.items()
            }


def _by_tag(spec: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The operations for the page, by tag."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TITLES}
    for path, methods in spec["paths"].items():
        for method, one in methods.items():
            found[one["tags"][0]].append({"method": method.upper(), "path": path, **one})
    return found
