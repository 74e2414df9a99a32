"""Signing in with an account elsewhere, against a provider that is a program of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from sqlalchemy import select

from grader.course import identities, people
from grader.errors import BadInput
from grader.store.identities import Identity
from grader.store.models import Person
from webapp import create_app
from webapp.oidc import FILE, Provider

from .conftest import Browser, Web

BACK = "http://localhost/sign-in/elsewhere/back"
PASSWORD = "correct horse battery"
WORDS = (
    'issuer = "{issuer}"\nclient_id = "grader"\nclient_secret = "a secret"\nname = {{ ko = "학교", en = "School" }}\n'
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider that knows mina, juno, sora and nobody."""
    command = [sys.executable, str(Path(__file__).parent / "provider.py"), BACK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@dataclass
class Elsewhere:
    """A browser at the provider's pages."""

    session: requests.Session = field(default_factory=requests.Session)

    def sign_in(self, address: str, name: str) -> str:
        """Fills the forms in; where the provider sends the browser back to."""
        answer = self.session.get(address, allow_redirects=False)
        for form in (None, {"login": name}, {"password": PASSWORD}):
            if form is not None:
                answer = self.session.post(answer.url, data=form, allow_redirects=False)
            while answer.is_redirect:
                to = urljoin(answer.url, answer.headers["Location"])
                if to.startswith(BACK):
                    return to
                answer = self.session.get(to, allow_redirects=False)
        raise AssertionError(f"{answer.status_code} {answer.url}")


def app_with(web: Web, words: str) -> Any:
    (web.home.folder / FILE).write_text(words, encoding="utf-8")
    app = create_app(web.home, testing=True)
    app.test_client_class = Browser
    return app


@pytest.fixture
def browser(web: Web, issuer: str) -> Iterator[Browser]:
    app = app_with(web, WORDS.format(issuer=issuer))
    yield app.test_client()
    app.extensions["grader"].close()


def arrive(browser: Browser, name: str, next: str = "") -> Any:
    """The whole way: to the provider, through its forms, and back."""
    away = browser.get("/sign-in/elsewhere", query_string={"next": next} if next else {})
    assert away.status_code == 302, away.text
    return browser.get(Elsewhere().sign_in(away.headers["Location"], name))


def test_the_form_offers_the_provider(browser: Browser) -> None:
    page = browser.get("/sign-in?next=/courses/dl").text
    assert "학교" in page
    assert "/sign-in/elsewhere?next=/courses/dl" in page


def test_without_a_provider_there_is_none(web: Web) -> None:
    browser = web.client_as(None)
    assert "elsewhere" not in browser.get("/sign-in").text
    assert browser.get("/sign-in/elsewhere").status_code == 404
    assert browser.get("/sign-in/elsewhere/back").status_code == 404


def test_a_person_of_the_course_signs_in_and_goes_where_they_wanted(browser: Browser, web: Web) -> None:
    answer = arrive(browser, "mina", "/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "김미나" in browser.get("/account").text
    with web.database.read() as session:
        tied = session.execute(select(Identity.subject, Person.email).join(Person)).all()
    assert tied == [("mina", "mina@example.com")]


def test_what_is_asked_is_protected_by_state_nonce_and_pkce(browser: Browser) -> None:
    asked = parse_qs(urlsplit(browser.get("/sign-in/elsewhere").headers["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert all(len(asked[name][0]) >= 16 for name in ("state", "nonce", "code_challenge"))


def test_an_address_that_was_not_verified_is_nobodys(browser: Browser) -> None:
    answer = arrive(browser, "sora")
    assert answer.status_code == 403
    assert "확인하지 않았습니다" in answer.text
    assert browser.get("/account").status_code == 303


def test_an_account_that_no_course_knows_makes_nobody(browser: Browser, web: Web) -> None:
    assert arrive(browser, "nobody").status_code == 403
    with web.database.read() as session:
        assert session.scalars(select(Identity)).all() == []


def test_the_subject_decides_once_it_is_tied(browser: Browser, web: Web) -> None:
    """The address of an account may change hands, at the provider or in the course; the subject does not."""
    arrive(browser, "mina")
    with web.database.write() as session:
        mina = session.scalars(select(Person).where(Person.email == "mina@example.com")).one()
        mina.email = "mina.kim@example.com"
        session.flush()
        juno = session.scalars(select(Person).where(Person.email == "juno@example.com")).one()
        juno.email = "mina@example.com"
    browser.send("/sign-out")
    arrive(browser, "mina")
    assert "김미나" in browser.get("/account").text


def test_an_answer_for_another_browser_is_refused(browser: Browser) -> None:
    """As when somebody makes a victim's browser finish a sign-in that the attacker began."""
    away = browser.get("/sign-in/elsewhere").headers["Location"]
    back = Elsewhere().sign_in(away, "mina")
    other = browser.application.test_client()
    assert other.get(back).status_code == 400
    assert other.get("/account").status_code == 303


def test_an_answer_can_be_used_once(browser: Browser) -> None:
    back = Elsewhere().sign_in(browser.get("/sign-in/elsewhere").headers["Location"], "mina")
    assert browser.get(back).status_code == 303
    browser.send("/sign-out")
    assert browser.get(back).status_code == 400


@pytest.mark.parametrize("words", ["", "?error=access_denied", "?code=x&state=y", "?code=&state="])
def test_an_answer_that_is_none_is_told(browser: Browser, words: str) -> None:
    answer = browser.get(f"/sign-in/elsewhere/back{words}")
    assert answer.status_code == 400
    assert "로그인하지 못했습니다" in answer.text


def test_a_code_of_another_sign_in_is_refused(browser: Browser) -> None:
    """PKCE and the nonce: a code that was stolen from another sign-in is worth nothing here."""
    stolen = Elsewhere().sign_in(browser.get("/sign-in/elsewhere").headers["Location"], "mina")
    thief = browser.application.test_client()
    state = parse_qs(urlsplit(thief.get("/sign-in/elsewhere").headers["Location"]).query)["state"][0]
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    assert thief.get("/sign-in/elsewhere/back", query_string={"code": code, "state": state}).status_code == 400
    assert thief.get("/account").status_code == 303


def test_who_was_deactivated_stays_out(browser: Browser, web: Web) -> None:
    arrive(browser, "mina")
    browser.send("/sign-out")
    with web.database.write() as session:
        session.scalars(select(Person).where(Person.email == "mina@example.com")).one().active = False
    assert arrive(browser, "mina").status_code == 403


def test_a_person_has_one_account_at_a_provider_until_it_is_untied(web: Web) -> None:
    with web.database.write() as session:
        identities.sign_in(session, "https://a.example", "1", "Mina@Example.com", verified=True)
        with pytest.raises(BadInput, match="another account"):
            identities.sign_in(session, "https://a.example", "2", "mina@example.com", verified=True)
        mina = session.scalars(select(Person).where(Person.email == "mina@example.com")).one()
        assert identities.untie(session, mina, actor="test") == 1
        assert identities.sign_in(session, "https://a.example", "2", "mina@example.com", verified=True) is mina


def test_a_forgotten_person_has_no_account(web: Web) -> None:
    with web.database.write() as session:
        mina = identities.sign_in(session, "https://a.example", "1", "mina@example.com", verified=True)
        people.forget(session, mina, actor="test")
        assert session.scalars(select(Identity)).all() == []


def test_a_provider_that_is_away_is_told(web: Web) -> None:
    app = app_with(web, WORDS.format(issuer="http://127.0.0.1:9"))
    answer = app.test_client().get("/sign-in/elsewhere")
    assert answer.status_code == 502
    assert "대답하지 않습니다" in answer.text
    app.extensions["grader"].close()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ('issuer = "https://a.example"\nclient_id = "x"\n', "client_secret is missing"),
        (WORDS.format(issuer="http://login.example.com"), "https"),
        (WORDS.format(issuer="https://a.example") + "color = 1\n", "nothing reads color"),
        ("issuer = \n", "cannot be used"),
    ],
)
def test_a_file_that_cannot_be_used_keeps_the_server_from_starting(web: Web, words: str, why: str) -> None:
    (web.home.folder / FILE).write_text(words, encoding="utf-8")
    with pytest.raises(BadInput, match=why):
        Provider.find(web.home)


def test_the_example_in_the_docs_is_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "web.md").read_text(encoding="utf-8")
    (words,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    provider = Provider.read(tomllib.loads(words), Path(FILE))
    assert provider.name.en == "University account"
    assert not provider.trust_email
    assert Provider.read(tomllib.loads(words.replace("# trust", "trust")), Path(FILE)).trust_email
