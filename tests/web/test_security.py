"""Headers, forms from elsewhere, limits, errors."""

from __future__ import annotations

import re

import pytest
from web.conftest import PASSWORD, Browser, Web, notebook, person_of

from webapp import create_app, passwords


def pages(web: Web) -> list[str]:
    first = web.receipts["mina"][0]
    here = "/courses/dl/assignments/doubling"
    return ["/courses/dl", here, f"{here}/submit", f"/submissions/{first}", f"/submissions/{first}/live", "/account"]


def test_every_page_has_a_strict_policy_and_nothing_inline(web: Web) -> None:
    browser = web.client_as("mina")
    for address in pages(web):
        answer = browser.get(address)
        assert answer.status_code == 200, address
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", answer.text), address


def test_a_form_without_its_key_is_refused(web: Web) -> None:
    browser = web.client_as("mina")
    receipt = web.receipts["mina"][0]
    for address in ("/sign-out", f"/submissions/{receipt}/request", "/courses/dl/assignments/doubling/submit"):
        assert browser.post(address, data={"reason": "x"}).status_code == 400
    assert browser.get("/courses/dl").status_code == 200  # still signed in


def test_a_key_of_another_browser_is_refused(web: Web) -> None:
    theirs = web.client_as("juno").form_key()
    assert web.client_as("mina").post("/sign-out", data={"csrf_token": theirs}).status_code == 400


def test_cookies_are_for_https_where_there_is_a_proxy(web: Web) -> None:
    """And a neighbour under the same domain can set none of them."""
    with web.database.write() as session:
        passwords.set_password(session, person_of(session, "mina"), PASSWORD, actor="test")
    app = create_app(web.home, testing=True, behind_proxy=True)
    app.test_client_class = Browser
    browser, https = app.test_client(), {"X-Forwarded-Proto": "https", "Referer": "https://localhost/sign-in"}
    answer = browser.get("/sign-in", base_url="https://localhost", headers=https)
    key = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert key is not None
    words = {"csrf_token": key[1], "email": "mina@example.com", "password": PASSWORD}
    done = browser.post("/sign-in", base_url="https://localhost", headers=https, data=words)
    assert done.status_code == 303
    assert browser.get("/courses/dl", base_url="https://localhost", headers=https).status_code == 200
    key = re.search(r'csrf_token" value="([^"]+)"', browser.get("/account", base_url="https://localhost").text)
    assert key is not None
    out = browser.post("/sign-out", base_url="https://localhost", headers=https, data={"csrf_token": key[1]})
    app.extensions["grader"].close()
    kept = [line for one in (answer, done, out) for line in one.headers.getlist("Set-Cookie") if "lang=" not in line]
    assert len(kept) >= 3
    for line in kept:
        assert line.startswith("__Host-grader_")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; "))
        assert "Domain" not in line
    assert "Strict-Transport-Security" in answer.headers


def test_the_key_of_the_server_is_its_owners_alone(web: Web) -> None:
    file = web.home.folder / "web.key"
    assert file.stat().st_mode & 0o077 == 0
    assert len(file.read_bytes()) == 32


@pytest.mark.parametrize("left", [b"", b"half a key"])
def test_a_key_that_a_full_disk_cut_off_is_made_anew(web: Web, left: bytes) -> None:
    """Nothing would be easier to sign with."""
    file = web.home.folder / "web.key"
    file.write_bytes(left)
    app = create_app(web.home, testing=True)
    app.extensions["grader"].close()
    assert len(app.config["SECRET_KEY"]) == 32
    assert file.read_bytes() == app.config["SECRET_KEY"]
    assert file.stat().st_mode & 0o077 == 0
    assert not list(web.home.folder.glob(".web.key*"))


def test_the_executed_notebook_can_do_nothing(web: Web) -> None:
    answer = web.client_as("mina").get(f"/submissions/{web.receipts['mina'][0]}/notebook")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "MINA-OUTPUT 1" in answer.text


def test_what_was_handed_in_is_never_shown_by_the_browser(web: Web) -> None:
    answer = web.client_as("mina").get(f"/submissions/{web.receipts['mina'][0]}/file")
    assert answer.data == notebook("first")
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=mina.ipynb"


@pytest.mark.parametrize("address", ["/none", "/submissions/NONE", "/courses/none/assignments/none"])
def test_what_is_not_there_says_so_in_both_languages(web: Web, address: str) -> None:
    browser = web.client_as("mina")
    assert "Not found" in browser.get(address, query_string={"lang": "en"}).text
    assert "페이지를 찾을 수 없습니다" in browser.get(address, query_string={"lang": "ko"}).text
    assert browser.get(address).status_code == 404


def test_the_language_is_kept_and_else_the_browsers(web: Web) -> None:
    browser = web.client_as("mina")
    assert '<html lang="en">' in browser.get("/courses/dl", headers={"Accept-Language": "en-GB,en"}).text
    assert '<html lang="ko">' in browser.get("/courses/dl", headers={"Accept-Language": "ko-KR"}).text
    assert '<html lang="ko">' in browser.get("/courses/dl?lang=xx", headers={"Accept-Language": "fr"}).text
    browser.get("/courses/dl?lang=en")
    assert '<html lang="en">' in browser.get("/courses/dl", headers={"Accept-Language": "ko-KR"}).text


def test_limits_count_by_person_as_a_class_shares_an_address(web: Web) -> None:
    app = create_app(web.home)
    app.test_client_class = Browser
    web.app, kept = app, web.app
    mina, juno = web.client_as("mina"), web.client_as("juno")
    address = "/courses/dl/assignments/doubling/submit"
    codes = [mina.post(address, data={"csrf_token": key}).status_code for key in [mina.form_key()] * 62]
    assert codes[0] == 400
    assert codes[-1] == 429
    assert juno.send(address).status_code == 400
    web.app = kept
    app.extensions["grader"].close()
