"""Headers, limits and the secrets of the server.

A page may load only what this server serves, runs no script and no style that stands in it, talks to nobody else and
is shown in nobody's frame. Forms carry a token against requests from other sites.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from datetime import timedelta

from flask import Flask, Response, render_template, request
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from grader.errors import BadInput, GraderError
from grader.notebook import MAX_BYTES
from grader.store.database import Home
from grader.text import Text
from webapp import problems, ways
from webapp.cookie import HOST_ONLY
from webapp.limits import limiter

KEY = "web.key"
KEY_BYTES = 32
PAGE = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": PAGE,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # the check of forms over HTTPS looks at it
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "X-Robots-Tag": "noindex",
}
FORM_ROOM = 256 * 1024  # of a form around its file
csrf = CSRFProtect()


def begin(app: Flask, home: Home, behind_proxy: bool) -> None:
    """Sets cookies, limits, headers and the pages of errors up."""
    app.config.update(
        SECRET_KEY=_key(home),
        SESSION_COOKIE_NAME=f"{HOST_ONLY if behind_proxy else ''}grader_form",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=behind_proxy,
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page may stay open over night
        MAX_CONTENT_LENGTH=MAX_BYTES + FORM_ROOM,
        MAX_FORM_MEMORY_SIZE=FORM_ROOM,
        RATELIMIT_ENABLED=not app.testing,
    )
    if behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_headers)
    app.context_processor(lambda: {"came_from": ways.came_from})
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(GraderError, _of_ours)
    problems.begin(app)
    app.register_error_handler(Exception, _unforeseen)


def _key(home: Home) -> bytes:
    """What signs forms: made once, for the owner's eyes alone, and there whole or not at all. One that is too short,
    as a full disk leaves it, signs nothing and is made anew."""
    file = home.folder / KEY
    with suppress(FileNotFoundError):
        known = file.read_bytes()
        if len(known) >= KEY_BYTES:
            return known
        file.unlink()
    handle, draft = tempfile.mkstemp(prefix=f".{KEY}.", dir=home.folder)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass  # of two servers that start at once one makes it
        except OSError:
            os.replace(draft, file)  # a file system without links
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)
    return file.read_bytes()


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


# ------------------------------------------------------------------------------------------------- errors

_WORDS = {
    400: Text("요청을 이해하지 못했습니다.", "The request could not be understood."),
    404: Text(
        "주소가 잘못되었거나, 볼 수 있는 권한이 없습니다. 주소가 맞는지, 알맞은 계정으로 로그인했는지 확인해 주세요.",
        "The address is wrong, or you may not see what is here. Check the address, and that you are signed in with the "
        "right account.",
    ),
    405: Text("이 주소로는 보낼 수 없습니다.", "This address cannot be used like that."),
    413: Text(
        f"파일이 너무 큽니다. {MAX_BYTES // 2**20} MB까지 올릴 수 있습니다. 노트북의 모든 출력을 지우고 저장해 보세요.",
        f"The file is too large: at most {MAX_BYTES // 2**20} MB. Clear all outputs of the notebook and save it.",
    ),
    429: Text("너무 자주 요청했습니다. 잠시 뒤 다시 시도해 주세요.", "Too many requests. Try again in a while."),
}
_FORM = Text(
    "페이지가 너무 오래되어 보낸 내용을 처리하지 못했습니다. 이전 페이지로 돌아가 새로 고친 뒤 다시 보내 주세요.",
    "This form is too old or came from elsewhere. Go back, reload the page and try again.",
)
_OURS = Text(
    "서버에 문제가 생겨 방금 보낸 내용은 저장되지 않았을 수 있습니다. 접수 번호를 받은 제출은 안전합니다. "
    "잠시 뒤 다시 시도해 주세요.",
    "Something broke on our side, and what you just sent may not be kept. What has a receipt is safe. Try again in a "
    "while.",
)


def page_of_error(text: Text, code: int) -> tuple[str, int]:
    """A page that says what is wrong."""
    return render_template("base/error.html", text=text, code=code), code


def _of_http(error: HTTPException) -> AnyResponse | tuple[str, int] | tuple[str, int, dict[str, str]]:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, CSRFError):
        return page_of_error(_FORM, 400)
    if problems.wanted():
        return problems.of_http(error, _WORDS.get(error.code, _WORDS[400] if error.code < 500 else _OURS))
    page, code = page_of_error(_WORDS.get(error.code, _WORDS[400] if error.code < 500 else _OURS), error.code)
    return (page, code, {"Retry-After": "60"}) if isinstance(error, RateLimitExceeded) else (page, code)


def _of_ours(error: GraderError) -> AnyResponse | tuple[str, int]:
    if problems.wanted():
        return problems.answer("bad-request" if isinstance(error, BadInput) else "fault", error.text)
    return page_of_error(error.text, 400 if isinstance(error, BadInput) else 500)


def _unforeseen(error: Exception) -> AnyResponse | tuple[str, int]:
    from flask import current_app

    if current_app.testing:
        raise error
    current_app.logger.exception("a page failed")
    if problems.wanted():
        return problems.answer("fault", _OURS)
    return page_of_error(_OURS, 500)
