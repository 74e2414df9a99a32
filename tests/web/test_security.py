"""Headers, forms from elsewhere, limits, errors."""

from __future__ import annotations

import re

import pytest
from web.conftest import Browser, Web, notebook

from webapp import create_app


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
    app = create_app(web.home, testing=True, behind_proxy=True)
    answer = app.test_client().get("/sign-in", headers={"X-Forwarded-Proto": "https"})
    app.extensions["grader"].close()
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in answer.headers


def test_the_key_of_the_server_is_its_owners_alone(web: Web) -> None:
    file = web.home.folder / "web.key"
    assert file.stat().st_mode & 0o077 == 0
    assert len(file.read_bytes()) == 32


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
    assert "없는 곳" in browser.get(address, query_string={"lang": "ko"}).text
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
