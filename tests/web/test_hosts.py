"""Names that lead here: whose requests are answered, and with which address links begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from web.conftest import Browser, Web

from grader.errors import BadInput
from webapp import create_app, hosts

PUBLIC = "https://grader.example.ac.kr"


@contextmanager
def opened(web: Web, public_url: str | None = PUBLIC, **more: bool) -> Iterator[Browser]:
    """A browser of the teacher at a server with this public address."""
    app, kept = create_app(web.home, testing=True, public_url=public_url, **more), web.app
    app.test_client_class = Browser
    web.app = app
    yield web.client_as("teacher")
    web.app = kept
    app.extensions["grader"].close()


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "grader.example.ac.kr", "127.0.0.1.evil.example", "evil"),
        *("localhost:80@evil.example", "evil.example#127.0.0.1", "127.0.0.1/x", "localhost, evil.example", "[::1", "."),
    ],
)
def test_a_request_for_somebody_elses_name_is_refused(web: Web, host: str) -> None:
    """Such as of a page whose name its owner just led to this machine."""
    for address in ("/sign-in", "/metrics", "/healthz", "/api/v1/me", "/static/style.css"):
        answer = web.client_as("teacher").get(address, headers={"Host": host})
        assert answer.status_code == 421, address
        assert "--public-url" in answer.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "192.0.2.7"])
def test_this_machine_and_plain_addresses_are_answered(web: Web, host: str) -> None:
    assert web.client_as(None).get("/sign-in", headers={"Host": host}).status_code == 200


def test_the_public_name_is_answered_and_no_other(web: Web) -> None:
    with opened(web) as browser:
        assert browser.get("/sign-in", headers={"Host": "Grader.example.ac.kr:443"}).status_code == 200
        assert browser.get("/sign-in", headers={"Host": "evil.example"}).status_code == 421


def test_what_a_proxy_was_told_counts(web: Web) -> None:
    with opened(web, behind_proxy=True) as browser:
        told = {"X-Forwarded-Proto": "https", "Host": "127.0.0.1:8000"}
        assert browser.get("/sign-in", headers={**told, "X-Forwarded-Host": "evil.example"}).status_code == 421
        assert browser.get("/sign-in", headers={**told, "X-Forwarded-Host": "grader.example.ac.kr"}).status_code == 200


def test_an_invitation_begins_with_the_public_address_whatever_the_request_says(web: Web) -> None:
    address = f"/courses/dl/people/{web.person('mina').id}/invitation"
    with opened(web) as browser:
        page = browser.send(address).text
        assert re.search(r"https://grader\.example\.ac\.kr/invitations/[\w-]{43}", page)
        assert "http://localhost" not in page
        assert f"--server {PUBLIC}<" in browser.send("/account/tokens", name="x", scope="read", days="7").text
        assert f"{PUBLIC}/api/v1/me" in browser.get("/api/").text


@pytest.mark.parametrize(
    "words",
    ["grader.example", "ftp://a.example", "https://a.example/under", "https://u@a.example", "https://", "x://["],
)
def test_what_is_no_public_address_is_told(words: str) -> None:
    with pytest.raises(BadInput, match=re.escape("https://grader.example.ac.kr")):
        hosts.address(words)


def test_counts_are_not_for_who_asks_through_this_machine(web: Web) -> None:
    """A proxy on this machine that does not say for whom it asks is no reason to tell everybody."""
    with opened(web) as browser:

        def get(**headers: str) -> int:
            return browser.get("/metrics", headers=headers).status_code

        assert get() == 200
        assert get(Host="grader.example.ac.kr") == 404
        assert get(**{"X-Forwarded-Proto": "https"}) == 404
