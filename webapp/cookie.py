"""Who is signed in, by the cookie of the browser."""

from __future__ import annotations

from flask import current_app, g, request

from grader.store.database import now
from grader.store.models import Person
from webapp import passwords
from webapp.site import reading, writing

COOKIE = "grader_session"
HOST_ONLY = "__Host-"  # browsers take a cookie of such a name from this very host alone, over HTTPS


def name() -> str:
    """What the cookie is called. Behind HTTPS no other host of the domain can set it: on a university's, anybody with
    pages there could else sign a visitor in as themselves, and get what the visitor hands in."""
    return HOST_ONLY + COOKIE if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def whose_cookie() -> Person | None:
    """Who is signed in, by the request's cookie; notes now and then that the session is used."""
    token = request.cookies.get(name())
    if not token:
        return None
    found = passwords.session_of(reading(), token)
    if found is None:
        return None
    row, who = found
    g.web_session = row.id
    if now(reading()) - row.seen_at > passwords.SEEN_EVERY:
        with writing() as store:
            passwords.touch(store, row.id)
        return reading().get_one(Person, who.id)
    return who
