"""Signing in and out, invitations and passwords."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update
from web.conftest import PASSWORD, Browser, Web, person_of

from grader.course import invitations, people, tokens
from grader.course.tokens import Scope
from grader.errors import BadInput
from grader.store.models import Credential, Invitation, Person, WebSession
from webapp import create_app, passwords


def invite(web: Web, name: str) -> str:
    with web.database.write() as session:
        return invitations.invite(session, person_of(session, name), actor="test")


def accept(browser: Browser, token: str, password: str = PASSWORD, again: str | None = None) -> int:
    fields = {"password": password, "again": password if again is None else again}
    return int(browser.send(f"/invitations/{token}", **fields).status_code)


def test_an_invitation_sets_a_password_once_and_signs_in(web: Web) -> None:
    token = invite(web, "mina")
    browser = web.client_as(None)
    assert "mina@example.com" in browser.get(f"/invitations/{token}").text
    assert accept(browser, token) == 303
    assert browser.get("/courses/dl").status_code == 200
    assert accept(web.client_as(None), token) == 404
    other = web.client_as(None)
    done = other.send("/sign-in", email="Mina@Example.com ", password=PASSWORD, next="/courses/dl")
    assert (done.status_code, done.location) == (303, "/courses/dl")
    assert "HttpOnly" in done.headers["Set-Cookie"]


def test_of_two_who_use_an_invitation_at_once_one_is_late(web: Web) -> None:
    token, found, looked = invite(web, "mina"), [], threading.Event()

    def second() -> None:
        with web.database.write() as session:
            found.append(invitations.redeem(session, token))
            looked.set()

    late = threading.Thread(target=second)
    with web.database.write() as session:
        who = invitations.redeem(session, token)
        assert who is not None
        late.start()
        assert not looked.wait(0.3)  # it waits for us
        passwords.set_password(session, who, PASSWORD, actor=who)
    late.join()
    assert found == [None]


def test_an_account_that_is_won_back_has_no_tokens_of_before(web: Web) -> None:
    """Somebody else may have made one; a new password of one's own says that tokens stay."""
    with web.database.write() as session:
        mina = person_of(session, "mina")
        token = tokens.make(session, mina, "a script", [Scope.READ], actor=mina)
    ask = {"Authorization": f"Bearer {token}"}
    browser = web.client_as("mina")
    browser.send("/account/password", old="wrong", password=PASSWORD, again=PASSWORD)
    assert web.client_as(None).get("/api/v1/me", headers=ask).status_code == 200
    browser = web.client_as(None)
    assert accept(browser, invite(web, "mina")) == 303
    assert web.client_as(None).get("/api/v1/me", headers=ask).status_code == 401
    assert "폐기했습니다" in browser.get("/courses/dl").text


def test_an_invitation_ends(web: Web) -> None:
    first, second = invite(web, "mina"), invite(web, "mina")
    assert web.client_as(None).get(f"/invitations/{first}").status_code == 404
    with web.database.write() as session:
        session.execute(update(Invitation).values(expires_at=web.now - timedelta(days=1)))
    assert web.client_as(None).get(f"/invitations/{second}").status_code == 404
    assert web.client_as(None).get("/invitations/made-up").status_code == 404


def test_the_store_holds_no_secret_in_the_clear(web: Web) -> None:
    token = invite(web, "mina")
    accept(web.client_as(None), token)
    with web.database.read() as session:
        words = [*session.scalars(select(Credential.password_hash)), *session.scalars(select(Invitation.token_hash))]
        words += session.scalars(select(WebSession.token_hash)).all()
    assert words
    assert not any(token in word or PASSWORD in word for word in words)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "minamina", "mina@example.com", "x" * 300])
def test_easy_passwords_are_refused(web: Web, password: str) -> None:
    browser, token = web.client_as(None), invite(web, "mina")
    assert accept(browser, token, password) == 400
    assert accept(browser, token) == 303  # the invitation is not used up


def test_two_different_passwords_are_refused(web: Web) -> None:
    assert accept(web.client_as(None), invite(web, "mina"), PASSWORD, "something else") == 400


def test_wrong_words_say_the_same_for_everybody(web: Web) -> None:
    accept(web.client_as(None), invite(web, "mina"))
    pages = []
    for email in ("mina@example.com", "juno@example.com", "nobody@example.com"):
        done = web.client_as(None).send("/sign-in", email=email, password="wrong password")
        assert done.status_code == 401
        pages.append(done.text.replace(email, "").partition("<main")[2].partition("csrf_token")[0])
    assert len(set(pages)) == 1


def test_who_was_let_out_and_in_again_signs_in_anew(web: Web) -> None:
    """Whoever held the account when it was closed does not get it back with it."""
    browser, token = web.client_as("mina"), invite(web, "mina")
    with web.database.write() as session:
        people.deactivate(session, person_of(session, "mina"), actor="test")
        people.activate(session, person_of(session, "mina"), actor="test")
    assert browser.get("/account").status_code == 303
    assert browser.get(f"/invitations/{token}").status_code == 404


def test_somebody_deactivated_is_out_at_once(web: Web) -> None:
    browser = web.client_as("mina")
    assert browser.get("/courses/dl").status_code == 200
    with web.database.write() as session:
        people.deactivate(session, person_of(session, "mina"), actor="test")
    assert browser.get("/courses/dl").status_code == 303
    with web.database.write() as session, pytest.raises(BadInput):
        invitations.invite(session, person_of(session, "mina"), actor="test")


def test_sign_out_ends_the_session_on_the_server(web: Web) -> None:
    browser = web.client_as("mina")
    kept = browser.get_cookie("grader_session")
    assert kept is not None
    assert browser.send("/sign-out").status_code == 303
    browser.set_cookie("grader_session", kept.value)
    assert browser.get("/courses/dl").status_code == 303


def test_another_password_signs_out_elsewhere(web: Web) -> None:
    here, elsewhere = web.client_as(None), web.client_as("mina")
    accept(here, invite(web, "mina"))
    assert elsewhere.get("/account").status_code == 303  # setting a password ended it
    elsewhere = web.client_as("mina")
    new = {"password": "another good phrase", "again": "another good phrase"}
    assert here.send("/account/password", old="wrong", **new).status_code == 400
    assert here.send("/account/password", old=PASSWORD, **new).status_code == 303
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    third = web.client_as("mina")
    assert here.send("/account/sign-out-elsewhere").status_code == 303
    assert third.get("/account").status_code == 303


def test_a_session_ends_unless_it_is_used(web: Web) -> None:
    browser = web.client_as("mina")
    with web.database.write() as session:
        row = session.scalars(select(WebSession)).one()
        row.seen_at = row.seen_at - timedelta(hours=1)
        row.expires_at = row.expires_at - timedelta(hours=1)
    assert browser.get("/account").status_code == 200
    with web.database.read() as session:
        row = session.scalars(select(WebSession)).one()
        assert row.expires_at - row.seen_at == passwords.LIFE  # it was put off
    with web.database.write() as session:
        session.execute(update(WebSession).values(expires_at=web.now - timedelta(days=1)))
    assert browser.get("/account").status_code == 303


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", ""])
def test_after_signing_in_nobody_is_led_elsewhere(web: Web, to: str) -> None:
    browser = web.client_as(None)
    accept(browser, invite(web, "mina"))
    done = web.client_as(None).send("/sign-in", email="mina@example.com", password=PASSWORD, next=to)
    assert done.location == "/"
    done = browser.get("/sign-in", query_string={"next": to})
    assert done.location == "/"


@pytest.mark.parametrize(
    ("came_from", "next"),
    [
        (
            "http://localhost/courses/dl/assignments/doubling/submit?lang=en",
            "/courses/dl/assignments/doubling/submit?lang=en",
        ),
        ("https://evil.example/courses/dl", None),
        ("http://localhost//evil.example/", None),
    ],
)
def test_what_is_sent_while_signed_out_is_said_to_be_lost(web: Web, came_from: str, next: str | None) -> None:
    browser = web.client_as(None)
    answer = browser.post("/courses/dl/assignments/doubling/submit", headers={"Referer": came_from})
    asked = parse_qs(urlsplit(answer.location).query)
    assert (answer.status_code, asked.get("next")) == (303, next and [next])
    assert "what you just sent was not kept" in browser.get(f"{answer.location}&lang=en").text
    assert "was not kept" not in browser.get("/sign-in?lang=en").text


def test_an_invitation_that_is_over_says_so(web: Web) -> None:
    answer = web.client_as(None).get("/invitations/nothing?lang=en")
    assert answer.status_code == 404
    assert "This invitation works no more" in answer.text


def test_forgetting_a_person_takes_their_password_along(web: Web, client_as: Callable[[str | None], Browser]) -> None:
    accept(web.client_as(None), invite(web, "mina"))
    browser = client_as("mina")
    with web.database.write() as session:
        people.forget(session, person_of(session, "mina"), actor="test")
    assert browser.get("/account").status_code == 303
    with web.database.read() as session:
        left = [session.scalars(select(table)).all() for table in (Credential, Invitation, WebSession)]
        assert left == [[], [], []]
        assert session.scalars(select(Person).where(Person.email == "mina@example.com")).first() is None


def test_guessing_is_slowed_down(web: Web) -> None:
    app = create_app(web.home)
    app.test_client_class = Browser
    browser = app.test_client()
    key = browser.form_key()  # type: ignore[attr-defined]
    codes = []
    for _ in range(9):
        fields = {"csrf_token": key, "email": "mina@example.com", "password": "guess guess"}
        codes.append(browser.post("/sign-in", data=fields).status_code)
    app.extensions["grader"].close()
    assert codes[0] == 401
    assert codes[-1] == 429


FAR, CLASSROOM = {"REMOTE_ADDR": "192.0.2.9"}, {"REMOTE_ADDR": "192.0.2.10"}


@pytest.fixture
def guarded(web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application with its limits, and a password that is read in no time."""
    monkeypatch.setattr(passwords, "is_right", lambda _, who, given: who is not None and given == PASSWORD)
    app = create_app(web.home)
    app.test_client_class = Browser
    yield app
    app.extensions["grader"].close()


def tries(browser: Any, email: str, password: str, place: dict[str, str] = CLASSROOM) -> Any:
    key = browser.form_key()
    words = {"csrf_token": key, "email": email, "password": password}
    return browser.post("/sign-in?lang=en", data=words, environ_base=place)


def test_one_password_tried_on_many_addresses_is_slowed_down(guarded: Flask) -> None:
    """And keeps out neither who is known in their browser, nor who comes from elsewhere."""
    mina = guarded.test_client()
    assert tries(mina, "mina@example.com", PASSWORD).status_code == 303
    mina.delete_cookie("grader_session")
    sprayer = guarded.test_client()
    # who got in is not counted
    codes = [tries(sprayer, f"student{n}@example.com", "123456").status_code for n in range(101)]
    assert codes == [401] * 100 + [429]
    told = tries(sprayer, "juno@example.com", PASSWORD)  # even the right one tells nothing now
    assert told.status_code == 429
    assert 0 < int(told.headers["Retry-After"]) <= 901
    assert "Too many have failed to sign in from this network" in told.text
    assert 'name="password"' in told.text
    sprayer.set_cookie("grader_known", "WyJhIl0.made.up")
    assert tries(sprayer, "juno@example.com", PASSWORD).status_code == 429
    assert tries(mina, "juno@example.com", PASSWORD).status_code == 429  # a browser is known for one's own address
    assert tries(mina, "mina@example.com", PASSWORD).status_code == 303
    assert tries(guarded.test_client(), "juno@example.com", PASSWORD, FAR).status_code == 303
