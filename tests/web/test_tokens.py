"""The page on which a person makes and ends tokens."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from web.api import Program, token_of
from web.conftest import Web, person_of

from grader.course import tokens
from grader.course.tokens import MOST, Scope
from grader.errors import BadInput
from grader.store.models import Audit
from grader.store.tokens import ApiToken

PAGE = "/account/tokens"


def made(words: str) -> str:
    found = re.search(r'value="(grt_[\w-]{43})"', words)
    assert found is not None, words
    return found[1]


def rows(web: Web) -> list[ApiToken]:
    with web.database.read() as session:
        return list(session.scalars(select(ApiToken).order_by(ApiToken.id)))


def test_a_token_is_shown_once_and_kept_as_a_hash(web: Web) -> None:
    browser = web.client_as("mina")
    answer = browser.send(PAGE, name="내 노트북", scope=["read", "submit"], days="30")
    token = made(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert token not in browser.get(PAGE).text
    assert "내 노트북" in browser.get(PAGE).text
    (row,) = rows(web)
    assert (row.name, row.scopes, (row.expires_at - row.created_at).days) == ("내 노트북", ["read", "submit"], 30)
    assert Program(web, token).get("/me").json["token"]["name"] == "내 노트북"
    for file in web.home.folder.iterdir():
        assert token.encode() not in file.read_bytes(), file
    with web.database.read() as session:
        line = session.scalars(select(Audit).order_by(Audit.number.desc())).first()
        assert line is not None
        assert (line.action, line.actor) == ("make.token", f"person:{row.person_id}")
        assert "노트북" not in str(line.data)


def test_a_revoked_token_is_gone(web: Web) -> None:
    browser = web.client_as("mina")
    token = made(browser.send(PAGE, name="a", scope="read", days="7").text)
    assert browser.send(f"{PAGE}/{rows(web)[0].id}/revoke").status_code == 303
    assert Program(web, token).get("/me").status_code == 401
    assert "없습니다" in browser.get(PAGE, query_string={"lang": "ko"}).text
    assert browser.send(f"{PAGE}/{rows(web)[0].id}/revoke").status_code == 404


def test_nobody_ends_or_sees_somebody_elses(web: Web) -> None:
    token = token_of(web, "juno")
    browser = web.client_as("mina")
    assert browser.send(f"{PAGE}/{rows(web)[0].id}/revoke").status_code == 404
    assert Program(web, token).get("/me").status_code == 200
    assert "test" not in re.sub(r"<head>.*</head>", "", browser.get(PAGE).text, flags=re.DOTALL)


def test_the_scope_of_staff_is_for_staff(web: Web) -> None:
    student, teacher = web.client_as("mina"), web.client_as("teacher")
    assert 'value="staff"' not in student.get(PAGE).text
    assert 'value="staff"' in teacher.get(PAGE).text
    assert student.send(PAGE, name="a", scope=["read", "staff"], days="7").status_code == 400
    assert rows(web) == []
    assert teacher.send(PAGE, name="a", scope=["read", "staff"], days="7").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [{"name": "a", "days": "7"}, {"name": " ", "scope": "read"}, {"name": "a", "scope": "read", "days": "3650"}],
)
def test_a_form_that_is_not_right_makes_none(web: Web, fields: dict[str, str]) -> None:
    answer = web.client_as("mina").send(PAGE, **fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert rows(web) == []


def test_there_are_not_endlessly_many(web: Web) -> None:
    for _ in range(MOST):
        token_of(web, "mina")
    with pytest.raises(BadInput, match="Revoke"):
        token_of(web, "mina")


def test_a_form_of_another_site_makes_none(web: Web) -> None:
    assert web.client_as("mina").post(PAGE, data={"name": "a", "scope": "read"}).status_code == 400
    assert rows(web) == []


def test_who_is_deactivated_gets_none(web: Web) -> None:
    with web.database.write() as session:
        mina = person_of(session, "mina")
        mina.active = False
        with pytest.raises(BadInput):
            tokens.make(session, mina, "a", [Scope.READ], actor="test")
