"""Asking a grader's server over HTTP, on a line that may break.

A request that got no answer, or was told that the server is in trouble, is sent again, a few times and ever more
slowly. That is safe: what only reads may be read twice, and an upload carries a word by which the server knows it
again. A token goes to the address that it is for and nowhere else: redirects are not followed, certificates are
verified, and plain HTTP is for this machine alone.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import random
import re
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from grader.errors import BadInput, GraderError
from grader.text import Text

TRIES = 6
FIRST_S = 0.5  # between two tries, then twice as long each time
LONGEST_S = 60.0  # that a server may ask us to wait
TIMEOUT_S = 30.0  # without a byte
MOST_BYTES = 500 * 2**20
Query = Mapping[str, str | Sequence[str]]


class _Shown:
    """In a notebook an error of ours is its paragraph, in both languages, and no traceback."""

    text: Text

    def _render_traceback_(self) -> list[str]:
        return [str(self.text)]


class Unreachable(_Shown, GraderError):
    """No answer came, or none that a grader gives."""


class Declined(_Shown, BadInput):
    """The server answered, and said no. `kind` is its short name for why, such as "expired-token" or "refused";
    `status` the HTTP code; `problem` all that it said."""

    def __init__(self, text: Text, kind: str, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(text)
        self.kind, self.status, self.problem = kind, status, dict(problem)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.text, self.kind, self.status, self.problem)


class BadSetting(_Shown, BadInput):
    """An address, a token or a file that cannot be used."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Nowhere: the token is for this address."""


class Connection:
    """One server, and the token that we show it. `pause` waits so many seconds."""

    def __init__(
        self, server: str, token: str, *, insecure: bool = False, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.server = address(server, insecure=insecure)
        if not re.fullmatch(r"[!-~]{1,200}", token):
            raise BadSetting(
                Text(
                    "토큰에 쓸 수 없는 글자가 있거나 비어 있습니다. 다시 복사해 주세요.",
                    "The token is empty or has letters that none has. Copy it again.",
                )
            )
        self._token, self._pause = token, pause
        context = ssl.create_default_context()
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect(), urllib.request.HTTPSHandler(context=context)]
        if self.server.startswith("http://"):  # a proxy would read the token; over TLS it sees the name alone
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def get(self, *path: str, query: Query | None = None) -> Any:
        """The JSON at that address below /api/v1. Raises Declined or Unreachable."""
        return self._json(self._send("GET", path, query))

    def post(self, *path: str, query: Query | None = None, body: bytes, key: str) -> Any:
        """Sends bytes; `key` makes a second try the same upload. Raises Declined or Unreachable."""
        headers = {"Content-Type": "application/octet-stream", "Idempotency-Key": key}
        return self._json(self._send("POST", path, query, body, headers))

    def _send(
        self,
        method: str,
        path: Sequence[str],
        query: Query | None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        where = f"{self.server}/api/v1/" + "/".join(quote(part, safe="") for part in path)
        if query:
            where += "?" + urlencode(query, doseq=True)
        request = urllib.request.Request(where, body, dict(headers or {}), method=method)
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        request.add_header("Accept", "application/json")
        for left in reversed(range(TRIES)):
            try:
                with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                    found: bytes = answer.read(MOST_BYTES)
                    if len(found) < int(answer.headers.get("Content-Length") or 0):
                        raise http.client.IncompleteRead(found)
                    return found
            except urllib.error.HTTPError as error:
                wait = _wait_of(error, left)
                if wait is None:
                    raise self._declined(error) from None
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", error)
                if left == 0 or _is_for_good(reason):
                    raise self._lost(reason) from error
                wait = None
            self._pause(wait if wait is not None else _backoff(TRIES - 1 - left))
        raise AssertionError("the last try returns or raises")

    def _json(self, data: bytes) -> Any:
        try:
            return json.loads(data)
        except ValueError as error:
            raise self._no_grader() from error

    def _declined(self, error: urllib.error.HTTPError) -> GraderError:
        with error, suppress(OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            if 300 <= error.code < 400:
                return self._moved(error.headers.get("Location", ""))
            problem = json.loads(error.read(2**20))
            text = Text.from_json(problem["text"])
            return Declined(Text(_clean(text.ko), _clean(text.en)), _kind(problem), error.code, problem)
        return self._no_grader(error.code)

    def _moved(self, to: str) -> GraderError:
        shown = _clean(to)[:200]
        return BadSetting(
            Text(
                f"{self.server}이(가) 다른 주소({shown})로 보냅니다. 그 주소가 맞으면 그것을 쓰세요.",
                f"{self.server} sends us elsewhere ({shown}). If that is right, use that address.",
            )
        )

    def _no_grader(self, code: int | None = None) -> GraderError:
        said = "" if code is None else f" (HTTP {code})"
        return Unreachable(
            Text(
                f"{self.server}은(는) 채점 서버가 아닌 듯합니다{said}. 주소를 확인하세요.",
                f"There seems to be no grader at {self.server}{said}. Check the address.",
            )
        )

    def _lost(self, reason: object) -> GraderError:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return Unreachable(
                Text(
                    f"{self.server}의 인증서를 믿을 수 없습니다({reason.verify_message}). 토큰은 보내지 않았습니다. "
                    "주소를 확인하고, 맞으면 강사에게 알려 주세요.",
                    f"The certificate of {self.server} cannot be trusted ({reason.verify_message}). The token was not "
                    "sent. Check the address; if it is right, tell your instructor.",
                )
            )
        said = _clean(str(getattr(reason, "strerror", None) or reason or type(reason).__name__))[:200]
        return Unreachable(
            Text(
                f"{self.server}에 닿지 않습니다({said}). 주소와 인터넷 연결을 확인하고 다시 해 주세요. 다시 해도 두 번 "
                "제출되지 않습니다.",
                f"{self.server} cannot be reached ({said}). Check the address and your connection, and try again: "
                "nothing is submitted twice.",
            )
        )


def address(words: str, *, insecure: bool = False) -> str:
    """A server's address, without a slash at its end. Raises BadSetting."""
    parts = urlsplit(words.strip())
    bad = Text(
        f"'{_clean(words)[:200]}'은(는) 서버 주소가 아닙니다. 예: https://grader.example.com",
        f"'{_clean(words)[:200]}' is no address of a server. Example: https://grader.example.com",
    )
    try:
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadSetting(bad) from error
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise BadSetting(bad)
    if not re.fullmatch(r"[!-~]+", words.strip()):
        raise BadSetting(bad)
    if parts.scheme == "http" and not insecure and not _is_here(host):
        raise BadSetting(
            Text(
                f"{parts.scheme}://{host}로는 토큰이 누구에게나 보입니다. https 주소를 쓰세요. 스스로 지키는 망이라면 "
                "--insecure-http를 붙이세요.",
                f"Over {parts.scheme}://{host} anybody on the way can read the token. Use its https address; in a "
                "network that you guard yourself, add --insecure-http.",
            )
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_for_good(reason: object) -> bool:
    """Whether another try can change nothing: no such name, or no trust."""
    return isinstance(reason, ssl.SSLError | socket.gaierror | http.client.InvalidURL)


def _wait_of(error: urllib.error.HTTPError, left: int) -> float | None:
    """How long to wait before the next try; None where there is none."""
    if left == 0 or (error.code != 429 and error.code < 500):
        return None
    words = error.headers.get("Retry-After") or ""
    if not words.isdecimal():
        return None if error.code == 429 else _backoff(TRIES - 1 - left)
    return float(words) if float(words) <= LONGEST_S else None


def _backoff(tried: int) -> float:
    """Somewhat at random, so that a class that lost its server does not come back at once."""
    return FIRST_S * 2.0**tried * random.uniform(0.75, 1.25)


def _kind(problem: Mapping[str, Any]) -> str:
    return str(problem.get("type", "")).rpartition("#")[2]


def _clean(words: str) -> str:
    """What somebody else's server says, without letters that a terminal would obey."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in words)
