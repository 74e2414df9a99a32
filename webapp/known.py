"""Browsers in which somebody has signed in before: whoever fails from the same place does not keep them out."""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from webapp.cookie import HOST_ONLY

COOKIE = "grader_known"
LIFE_S = 180 * 24 * 3600
MOST = 8  # people that one browser is known for: a family's, or a computer of a classroom


def is_known(email: str) -> bool:
    """Whether somebody has signed in with this address in the browser that asks."""
    return _mark(email) in _marks()


def remember(answer: Response, email: str) -> None:
    """From now on this browser is known for that address."""
    mark = _mark(email)
    marks = [mark, *(one for one in _marks() if one != mark)][:MOST]
    secure = request.is_secure or current_app.config["SESSION_COOKIE_SECURE"]
    word = _signer().dumps(marks)
    answer.set_cookie(_name(), word, max_age=LIFE_S, httponly=True, samesite="Lax", secure=secure)


def _marks() -> list[str]:
    """Those that the browser's cookie holds."""
    try:
        return [str(one) for one in _signer().loads(request.cookies.get(_name(), ""), max_age=LIFE_S)]
    except BadData:
        return []


def _mark(email: str) -> str:
    """An address as the cookie holds it: what stands there can be read, and a computer may have many users."""
    return hmac.new(_key(), email.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_key(), salt="known browser")


def _key() -> bytes:
    found = current_app.secret_key or b""
    return found if isinstance(found, bytes) else found.encode()


def _name() -> str:
    return HOST_ONLY + COOKIE if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE
