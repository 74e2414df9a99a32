"""Who asks, by the token in the header `Authorization: Bearer ...`, and what that token is good for."""

from __future__ import annotations

from flask import g, request

from grader.course import tokens
from grader.course.tokens import Scope
from grader.store.database import now
from grader.store.models import Person
from grader.text import Text
from webapp.problems import Problem
from webapp.site import reading, writing

LONGEST = 200  # letters; ours have 47
ANEW = Text("새로 만드세요: 내 계정 → API 토큰.", "Make a new one: My account → API tokens.")
_TEXTS = {
    "no-token": Text(
        "이 주소는 토큰이 있어야 합니다. 머리글에 'Authorization: Bearer 토큰'을 넣으세요.",
        "This address needs a token. Send the header 'Authorization: Bearer TOKEN'.",
    ),
    "unknown-token": Text(
        "그런 토큰은 없습니다. 빠짐없이 옮겼는지 확인하세요.", "There is no such token. Check that it is whole."
    ),
    "expired-token": Text("토큰의 기한이 지났습니다.", "The token has expired."),
    "revoked-token": Text("폐기된 토큰입니다.", "The token was revoked."),
    "inactive": Text(
        "이 사람은 비활성화되었습니다. 강사에게 물어보세요.", "This person is deactivated. Ask your instructor."
    ),
}
_SCOPE = Text(
    "이 토큰에는 '{0}' 권한이 없습니다. 그 권한이 있는 토큰을 만드세요: 내 계정 → API 토큰.",
    "This token lacks the scope '{0}'. Make one that has it: My account → API tokens.",
)


def whose_token() -> tuple[Person, frozenset[str]]:
    """Whose token the request shows, and its scopes; notes now and then that it is used. Raises Problem."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise _refusal("no-token")
    found = tokens.known(reading(), token) if len(token) <= LONGEST else None
    if found is None:
        raise _refusal("unknown-token")
    row, who = found
    at = now(reading())
    if row.revoked_at is not None:
        raise _refusal("revoked-token")
    if row.expires_at <= at:
        raise _refusal("expired-token")
    if not who.active:
        raise _refusal("inactive")
    g.token = row.id
    if row.used_at is None or at - row.used_at > tokens.SEEN_EVERY:
        with writing() as session:
            tokens.touch(session, row.id, at)
        who = reading().get_one(Person, who.id)
    return who, frozenset(row.scopes)


def must_have(scope: Scope | None) -> None:
    """Raises Problem where the token of this request lacks the scope."""
    if scope is not None and scope not in g.scopes:
        challenge = f'Bearer realm="grader", error="insufficient_scope", scope="{scope.value}"'
        text = Text(_SCOPE.ko.format(scope.value), _SCOPE.en.format(scope.value))
        raise Problem("scope", text, headers={"WWW-Authenticate": challenge}, scope=scope.value)


def _refusal(kind: str) -> Problem:
    text = _TEXTS[kind]
    if kind in ("unknown-token", "expired-token", "revoked-token"):
        text += ANEW
    error = "" if kind == "no-token" else ', error="invalid_token"'
    return Problem(kind, text, headers={"WWW-Authenticate": f'Bearer realm="grader"{error}'})
