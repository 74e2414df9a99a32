"""A program that asks the API with somebody's token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from web.conftest import Web, person_of

from grader.course import tokens
from grader.course.tokens import Scope

STAFF = ("helper", "teacher")
SUBMIT = "/courses/dl/assignments/doubling/submissions"


def token_of(web: Web, name: str, *scopes: Scope, days: int = 30) -> str:
    """A token of that person; with all scopes that they can have where none is named."""
    wanted = scopes or (tuple(Scope) if name in STAFF else (Scope.READ, Scope.SUBMIT))
    with web.database.write() as session:
        return tokens.make(session, person_of(session, name), "test", wanted, days, actor="test")


@dataclass
class Program:
    """Asks below /api/v1, as somebody."""

    web: Web
    token: str | None

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = dict(more.pop("headers", {}))
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.web.app.test_client().open("/api/v1" + path, method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> Any:
        return self.ask("POST", path, **more)


def program(web: Web, name: str | None, *scopes: Scope) -> Program:
    """With a new token of that person; None is nobody."""
    return Program(web, None if name is None else token_of(web, name, *scopes))


def routes(web: Web, receipt: str) -> Iterator[tuple[str, str, str, set[str]]]:
    """Endpoint, method, path below /api/v1 and the rule's arguments, of all rules there."""
    words = {"course": "dl", "assignment": "doubling", "receipt": receipt, "id": 1, "format": "csv"}
    words |= {"quiz": "week4-demo", "sitting": "A" * 26, "position": 1}
    with web.app.test_request_context():
        for rule in web.app.url_map.iter_rules():
            if rule.rule.startswith("/api/v1/"):
                address = web.app.url_for(rule.endpoint, **{name: words[name] for name in rule.arguments})
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    yield rule.endpoint, method, address.removeprefix("/api/v1"), set(rule.arguments)
