"""Signing in with an account elsewhere: OpenID Connect, the authorization code flow with PKCE.

It is on where the folder of the course holds `oidc.toml`:

    issuer = "https://login.example.ac.kr/realms/study"
    client_id = "grader"
    client_secret = "..."
    name = { ko = "학교 계정", en = "University account" }

and the provider knows this address of ours: `https://grader.example.ac.kr/sign-in/elsewhere/back`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, session, url_for
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from grader.course import identities
from grader.errors import BadInput
from grader.store.database import Home
from grader.text import Text
from webapp import hosts, signin
from webapp.access import everybody
from webapp.limits import limiter
from webapp.site import writing

FILE = "oidc.toml"
KEYS = {"issuer", "client_id", "client_secret", "name", "trust_email"}
SECONDS = 10.0  # to wait for the provider
NEXT = "oidc_next"
TRIES = 4  # that may be on their way at once, in as many windows
FAILED = Text(
    "그 계정으로 로그인하지 못했습니다. 처음부터 다시 해 보고, 또 안 되면 강사에게 알려 주세요.",
    "Signing in with that account did not work. Start again; if it fails once more, tell your instructor.",
)
AWAY = Text(
    "계정을 확인하는 곳이 대답하지 않습니다. 잠시 뒤에 다시 해 주세요.",
    "The place that knows your account does not answer. Try again in a while.",
)
blueprint = Blueprint("oidc", __name__)


@dataclass(frozen=True)
class Provider:
    """Who knows the accounts. `trust_email`: it says nothing of whether it verified an address, and always has."""

    issuer: str
    client_id: str
    client_secret: str
    name: Text
    trust_email: bool = False

    @classmethod
    def find(cls, home: Home) -> Provider | None:
        """What the course's folder says; None where accounts are here alone. Raises BadInput."""
        file = home.folder / FILE
        try:
            return cls.read(tomllib.loads(file.read_text(encoding="utf-8")), file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise _bad(file, str(error)) from error

    @classmethod
    def read(cls, words: Mapping[str, Any], file: Path) -> Provider:
        """Raises BadInput for what is missing, unknown or unsafe."""
        if missing := sorted(KEYS - {"name", "trust_email"} - words.keys()):
            raise _bad(file, f"{missing[0]} is missing")
        if unknown := sorted(words.keys() - KEYS):
            raise _bad(file, f"nothing reads {unknown[0]}")
        issuer = str(words["issuer"]).rstrip("/")
        address = urlsplit(issuer)
        if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise _bad(file, "the issuer has to begin with https://")
        try:
            name = Text.from_json(words.get("name") or {"ko": address.hostname, "en": address.hostname})
        except (KeyError, TypeError, ValueError) as error:
            raise _bad(file, 'name is { ko = "...", en = "..." }') from error
        id, secret = str(words["client_id"]), str(words["client_secret"])
        return cls(issuer, id, secret, name, words.get("trust_email") is True)


def begin(app: Flask, home: Home) -> None:
    """Offers the provider, if there is one. Raises BadInput for a file that cannot be used."""
    provider = app.extensions["provider"] = Provider.find(home)
    if provider is None:
        return
    oauth = OAuth(app)
    oauth.register(
        "elsewhere",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": SECONDS},
    )


@blueprint.get("/sign-in/elsewhere")
@everybody
@limiter.limit("120/minute")
def leave() -> Response | str | tuple[str, int]:
    """Goes to the provider, who sends the browser back."""
    _provider()
    session[NEXT] = signin.next_address()
    _forget_old_tries()
    try:
        answer: Response = _client().authorize_redirect(hosts.link("oidc.back"))
    except (AuthlibBaseError, requests.RequestException, ValueError, RuntimeError) as error:
        return _refused(AWAY, error, 502)
    return answer


@blueprint.get("/sign-in/elsewhere/back")
@everybody
@limiter.limit("120/minute")
def back() -> Response | str | tuple[str, int]:
    """The provider says who it is."""
    provider = _provider()
    try:
        claims = _claims(provider)
    except requests.RequestException as error:
        return _refused(AWAY, error, 502)
    except (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError, RuntimeError) as error:
        return _refused(FAILED, error, 400)
    email, verified = claims.get("email"), provider.trust_email or claims.get("email_verified") in (True, "true")
    try:
        with writing() as store:
            who = identities.sign_in(
                store, provider.issuer, str(claims["sub"]), str(email) if email else None, verified=verified
            )
    except BadInput as error:
        return _refused(error.text, None, 403)
    return signin.welcome(who, session.pop(NEXT, None) or url_for("home.start"))


def _claims(provider: Provider) -> Mapping[str, Any]:
    """What the provider says of the account. Authlib checks state, nonce, signature and times. That the issuer is
    the one that was asked, that it speaks to us (an empty audience passes there), and that both answers are about one
    account, is checked here."""
    client = _client()
    token = client.authorize_access_token()
    claims: dict[str, Any] = dict(token["userinfo"])
    if str(claims["iss"]).rstrip("/") != provider.issuer:
        raise ValueError("another issuer")
    if provider.client_id not in ([claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]):
        raise ValueError("meant for somebody else")
    if not claims.get("sub"):
        raise ValueError("no subject")
    if "email" not in claims:
        more = dict(client.userinfo(token=token))
        if more.get("sub") != claims["sub"]:
            raise ValueError("another subject")
        claims = more | claims
    return claims


def _forget_old_tries() -> None:
    """Each try leaves a state in the cookie, and a browser keeps no cookie that is too large."""
    tries = [name for name in session if name.startswith("_state_elsewhere_")]
    for name in sorted(tries, key=lambda name: float(session[name].get("exp", 0)))[:-TRIES]:
        session.pop(name)


def _provider() -> Provider:
    found: Provider | None = current_app.extensions["provider"]
    if found is None:
        abort(404)
    return found


def _client() -> Any:
    return current_app.extensions["authlib.integrations.flask_client"].create_client("elsewhere")


def _refused(text: Text, error: Exception | None, code: int) -> tuple[str, int]:
    if error is not None:  # its kind alone: what a provider says may name a person
        current_app.logger.warning("signing in elsewhere failed: %s", type(error).__name__)
    session.pop(NEXT, None)
    return signin.sheet(wrong=text), code


def _bad(file: Path, why: str) -> BadInput:
    return BadInput(
        Text(
            f"{file}을(를) 쓸 수 없습니다: {why}. docs/web.md의 예를 보세요.",
            f"{file} cannot be used: {why}. See the example in docs/web.md.",
        )
    )
