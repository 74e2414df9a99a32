"""A real provider of identities (Canaille), as a process of its own: `python provider.py BACK` prints its address.

BACK is where it may send browsers; mina, juno, sora and nobody have the password "correct horse battery", and sora's
address is not verified."""

from __future__ import annotations

import os
import socket
import sys
from datetime import UTC, datetime

from waitress.server import create_server

PASSWORD = "correct horse battery"
VERIFIED = ("mina", "juno", "nobody")


def main(back: str) -> None:
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    from canaille import create_app
    from canaille.app import models
    from canaille.backends import Backend
    from canaille.oidc import provider
    from joserfc.jwk import RSAKey

    held = socket.socket()  # from now on nobody else's
    held.bind(("127.0.0.1", 0))
    port = held.getsockname()[1]
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    usual = provider.generate_user_claims
    # this provider says nothing of whether an address was verified, as others do
    provider.generate_user_claims = lambda user, *more: (
        usual(user, *more) | ({"email_verified": True} if user.user_name in VERIFIED else {})
    )
    # asked for two things at once, its memory finds what has one of them
    provider.AuthorizationCodeGrant.query_authorization_code = lambda grant, code, client: next(
        (one for one in Backend.instance.query(models.AuthorizationCode) if one.code == code), None
    )
    app = create_app(
        {
            "SECRET_KEY": "of a test",
            "WTF_CSRF_ENABLED": False,
            "PREFERRED_URL_SCHEME": "http",
            "SERVER_NAME": f"127.0.0.1:{port}",
            "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}}},
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
        }
    )
    with app.app_context():
        for name in ("mina", "juno", "sora", "nobody"):
            user = models.User(
                user_name=name, family_name=name, formatted_name=name, emails=[f"{name}@example.com"], password=PASSWORD
            )
            Backend.instance.save(user)
        client = models.Client(
            client_id="grader",
            client_secret="a secret",
            client_id_issued_at=datetime.now(UTC),
            client_name="grader",
            client_uri=back,
            redirect_uris=[back],
            grant_types=["authorization_code"],
            response_types=["code"],
            token_endpoint_auth_method="client_secret_basic",
            scope=["openid", "profile", "email"],
            id_token_signed_response_alg="RS256",
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
    server = create_server(app, sockets=[held], threads=1)
    print(f"http://127.0.0.1:{port}", flush=True)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1])
