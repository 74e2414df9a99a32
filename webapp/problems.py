"""What is wrong, told to a program: problem details as RFC 9457 has them, for every address under /api.

`type` leads to the paragraph of the page /api that says what to do; `text` has both languages, `title` and `detail` the
one that the program asked for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from grader.text import Text
from webapp.language import say
from webapp.limits import limiter

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"
# the short name of each problem, its status, and what it is called
KINDS: Mapping[str, tuple[int, Text]] = {
    "bad-request": (400, Text("이해할 수 없는 요청", "The request could not be understood")),
    "no-token": (401, Text("토큰이 필요함", "A token is needed")),
    "unknown-token": (401, Text("없는 토큰", "There is no such token")),
    "expired-token": (401, Text("기한이 지난 토큰", "The token has expired")),
    "revoked-token": (401, Text("폐기된 토큰", "The token was revoked")),
    "inactive": (401, Text("비활성화된 사람", "The person is deactivated")),
    "scope": (403, Text("토큰의 권한이 모자람", "The token is not good for this")),
    "not-found": (404, Text("없음", "There is nothing here")),
    "method": (405, Text("쓸 수 없는 방법", "The method cannot be used here")),
    "refused": (409, Text("규칙이 허락하지 않음", "The rules do not allow it")),
    "conflict": (409, Text("지금 상태와 맞지 않음", "It does not fit what is there")),
    "too-large": (413, Text("너무 큰 파일", "The file is too large")),
    "media-type": (415, Text("받지 않는 형식", "The form of the body is not taken")),
    "invalid": (422, Text("값이 맞지 않음", "A value is not as it should be")),
    "too-many": (429, Text("너무 잦은 요청", "Too many requests")),
    "fault": (500, Text("서버의 문제", "A fault of ours")),
}
_OF_STATUS = {400: "bad-request", 404: "not-found", 405: "method", 413: "too-large", 415: "media-type", 429: "too-many"}


class Problem(Exception):
    """Ends a request of a program. `kind` is one of `KINDS`; `more` are further members of the answer."""

    def __init__(self, kind: str, text: Text, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(text.en)
        self.kind, self.text, self.headers, self.more = kind, text, dict(headers or {}), more


def wanted() -> bool:
    """Whether a program asks, and no browser."""
    return request.path.startswith(PREFIX) and request.path != PREFIX


def begin(app: Flask) -> None:
    """Answers with problems where one is raised."""
    app.register_error_handler(Problem, lambda one: answer(one.kind, one.text, one.headers, **one.more))


def answer(kind: str, text: Text, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """The answer that says it."""
    from webapp import logs

    status, title = KINDS[kind]
    document = {
        "type": f"{request.script_root}{PREFIX}#{kind}",
        "title": say(title),
        "status": status,
        "detail": say(text),
        "text": text.as_json(),
        "request": logs.number(),
        **more,
    }
    return Response(
        json.dumps(document, ensure_ascii=False), status, headers=dict(headers or {}), content_type=MEDIA_TYPE
    )


def of_http(error: HTTPException, text: Text) -> Response:
    """The same of a fault that the framework found."""
    code = error.code or 500
    kind = _OF_STATUS.get(code, "bad-request" if code < 500 else "fault")
    headers = {}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    if isinstance(error, RateLimitExceeded):
        headers["Retry-After"] = str(_seconds_left())
    return answer(kind, text, headers)


def _seconds_left() -> int:
    """Until the limit that was met lets somebody through again."""
    met = limiter.current_limit
    return 60 if met is None else max(1, int(met.reset_at - time.time()) + 1)
