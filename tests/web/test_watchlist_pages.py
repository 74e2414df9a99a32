"""The watchlist in the browser: for staff, with reasons, links and a way to put a line away."""

from __future__ import annotations

import re

import pytest
from web.conftest import DAY, Web

from grader.course import people

HERE = "/courses/dl/watchlist"


@pytest.fixture
def due_soon(web: Web) -> Web:
    """sora has handed nothing in, and it is due tomorrow."""
    with web.database.write() as session:
        people.assignment(session, people.the_course(session, "dl"), "doubling").due = web.now + DAY
    return web


def fields(page: str) -> dict[str, str]:
    form = page.split('name="person"', 1)[1]
    return {"person": re.findall(r'^ value="([^"]*)"', form)[0]} | dict(
        re.findall(r'name="(rule|about|mark)" value="([^"]*)"', form.split("</form>", 1)[0])
    )


@pytest.mark.parametrize(("lang", "words"), [("ko", "아직 제출이 없고"), ("en", "nothing handed in, and it is due")])
def test_a_line_says_its_rule_its_facts_and_where_to_look(due_soon: Web, lang: str, words: str) -> None:
    page = due_soon.client_as("helper").get(f"{HERE}?lang={lang}").text
    assert words in page
    assert "박소라" in page
    assert f'/people/{due_soon.person("sora").id}#doubling"' in page
    assert not re.search(r"<script(?! src)| style=|<style| on[a-z]+=", page)


def test_a_line_is_put_away_and_brought_back(due_soon: Web) -> None:
    helper = due_soon.client_as("helper")
    given = fields(helper.get(HERE).text)
    assert helper.send(HERE, reason="She is ill.", **given).status_code == 303
    page = helper.get(f"{HERE}?lang=en").text
    assert "There is nobody on it now." in page
    assert "She is ill." in page
    given.pop("mark")
    assert helper.send(HERE, back="1", **given).status_code == 303
    assert "There is nobody on it now." not in helper.get(f"{HERE}?lang=en").text


def test_a_mistake_is_said_at_the_list_and_what_was_typed_is_kept(due_soon: Web) -> None:
    helper = due_soon.client_as("helper")
    given = fields(helper.get(HERE).text) | {"mark": "0" * 64}
    answer = helper.send(f"{HERE}?lang=en", reason="TYPED", **given)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'value="TYPED"' in answer.text


def test_students_have_no_watchlist(due_soon: Web) -> None:
    for name in ("mina", "sora"):
        browser = due_soon.client_as(name)
        assert browser.get(HERE).status_code == 404
        assert browser.send(HERE, person="1", rule="nothing").status_code == 404
        assert "watchlist" not in browser.get("/courses/dl").text


@pytest.mark.parametrize(
    "given",
    [{}, {"person": "1", "rule": "made-up"}, {"person": "x", "rule": "nothing"}, {"person": "9999999", "rule": "late"}],
)
def test_nonsense_is_not_there(due_soon: Web, given: dict[str, str]) -> None:
    assert due_soon.client_as("helper").send(HERE, reason="x", **given).status_code == 404
    outsider = str(due_soon.person("outsider").id)
    sent = due_soon.client_as("helper").send(HERE, person=outsider, rule="late", reason="x")
    assert sent.status_code == 404  # a person of another course
