"""Under which names browsers reach this server: those that it was started with, and no other.

The host of a request is whatever its sender says. So a link that is to be used elsewhere (an invitation, the way back
from an account) begins with the public address and not with that host; and a request for a name that is not ours is
refused before anything looks at it. Somebody who lets a name of theirs lead to this machine could else read in a
visitor's browser what the server answers. An IP address is nobody's name, and this machine may always ask itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, request, url_for
from werkzeug.wrappers import Response

from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PUBLIC = "PUBLIC_URL"
LOCAL = "localhost"
UNKNOWN = Text(
    "이 서버는 이 이름으로 열리지 않았습니다. 서버를 돌보는 사람은 grader serve --public-url로 이 주소를 알려 주세요.",
    "This server was not opened under this name. Whoever runs it says so with grader serve --public-url.",
)
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


def begin(app: Flask, public_url: str | None, names: Iterable[str] = ()) -> None:
    """Answers requests for the host of `public_url`, for `names`, for this machine and for IP addresses, and refuses
    all others. Raises BadInput for a public address that can be none."""
    public = app.config[PUBLIC] = None if public_url is None else address(public_url)
    ours = {LOCAL, *(name.lower() for name in names), *(() if public is None else (_name(public.partition("://")[2]),))}
    inner = app.wsgi_app

    def only_ours(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST")
        if not host or (name := _name(host)) in ours or _is_ip(name):
            return inner(environ, start_response)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        refusal = Response(f"{UNKNOWN.ko}\n{UNKNOWN.en}\n", 421, headers, content_type="text/plain; charset=utf-8")
        return refusal(environ, start_response)

    app.wsgi_app = only_ours  # type: ignore[method-assign]


def address(words: str) -> str:
    """A public address, such as https://grader.example.ac.kr, as links begin with it. Raises BadInput."""
    scheme, _, host = words.strip().rstrip("/").lower().partition("://")
    if scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise BadInput(
            Text(
                f"'{words[:80]}'은(는) 서버의 주소가 될 수 없습니다. https://grader.example.ac.kr처럼 쓰세요.",
                f"'{words[:80]}' cannot be the address of a server. Write it like https://grader.example.ac.kr.",
            )
        )
    return f"{scheme}://{host}"


def link(endpoint: str, **values: Any) -> str:
    """The whole address of a view, for use elsewhere."""
    return root() + url_for(endpoint, **values)


def root() -> str:
    """What whole addresses begin with, without a slash at its end."""
    public: str | None = current_app.config[PUBLIC]
    return public or request.host_url.rstrip("/")


def is_local() -> bool:
    """Whether this machine asks itself, and nobody through it: no proxy, and no name that leads here."""
    host = _name(request.environ.get("HTTP_HOST") or LOCAL)
    through = any(name.startswith("HTTP_X_FORWARDED_") for name in request.environ)
    return not through and (host == LOCAL or _is_loopback(host)) and _is_loopback(request.remote_addr or "")


def _name(host: str) -> str:
    """The name or address in a request's host, without its port; nothing where it is malformed."""
    found = _HOST.fullmatch(host.lower())
    return found[1].strip("[]") if found else ""


def _is_ip(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_ip(name) and ip_address(name).is_loopback
