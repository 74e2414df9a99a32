"""Similar submissions in the browser: staff alone, both side by side, and no word of it on a student's page."""

from __future__ import annotations

import re
from datetime import timedelta

import nbformat
import pytest
from course.test_likeness import COPY, OWN
from nbformat.v4 import new_code_cell, new_notebook
from sqlalchemy import select
from web.conftest import Web, bodies, person_of
from web.test_access import routes

from grader.course import likeness, people, submissions
from grader.store.likeness import LikenessLook, LikenessPair
from grader.store.models import Source

HERE = "/courses/dl/assignments/doubling/likeness"


@pytest.fixture
def found(web: Web) -> int:
    """mina and sora handed in the same in other words; the number of their pair."""
    with web.database.write() as session:
        row = people.assignment(session, people.the_course(session, "dl"), "doubling")
        for name, source in (("mina", f"# MARK <b>\n{OWN}"), ("sora", COPY)):
            data = nbformat.writes(new_notebook(cells=[new_code_cell(source, id="a")])).encode()
            who, at = person_of(session, name), web.now - timedelta(minutes=5)
            submissions.submit(session, row, who, data, "x.ipynb", Source.WEB, at=at, enqueue=lambda *_: None)
        id = row.id
    assert likeness.work(web.database, id) is False
    with web.database.read() as session:
        return session.scalars(select(LikenessPair.id)).one()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_staff_see_the_pair_and_what_it_does_not_prove(web: Web, found: int, lang: str) -> None:
    page = web.client_as("helper").get(f"{HERE}?lang={lang}").text
    assert f'{HERE}/{found}">' in page
    assert {"ko": "증거가 아닙니다", "en": "no proof of copying"}[lang] in page
    assert re.search(r'class="number">(9\d(\.\d)?|100)%', page)


def test_both_stand_side_by_side_with_what_they_share_marked(web: Web, found: int) -> None:
    page = web.client_as("helper").get(f"{HERE}/{found}?lang=en").text
    left, right = page.split('id="r-name"')
    shared = 'class="line shared'
    assert left.count(shared) == right.count(shared) > 10
    assert 'href="#r1"' in left
    assert 'id="r1"' in right
    assert "nobody" not in page
    assert "# MARK &lt;b&gt;" in page  # a student's words are words
    assert not re.search(r"<script(?! src)| style=|<style| on[a-z]+=", page)


def test_no_page_of_a_student_knows_of_it(web: Web, found: int) -> None:
    for name in ("mina", "sora"):
        browser = web.client_as(name)
        assert browser.get(HERE).status_code == 404
        assert browser.get(f"{HERE}/{found}").status_code == 404
        assert browser.send(HERE).status_code == 404
        assert browser.send(f"{HERE}/{found}", note="x").status_code == 404
    browser, read = web.client_as("mina"), 0
    for endpoint, method, address, _ in routes(web, web.receipts["mina"][1]):
        if method == "GET" and endpoint not in ("static", "live.events") and address != "/metrics":
            answer = browser.get(address, query_string={"lang": "en"})
            if answer.status_code == 200:
                words, read = "".join(bodies(answer)), read + 1
                assert "likeness" not in words, address
                assert "imilar submission" not in words, address
    assert read >= 5


def test_an_instructor_settles_and_an_assistant_cannot(web: Web, found: int) -> None:
    assert web.client_as("helper").send(f"{HERE}/{found}", note="x").status_code == 404
    teacher = web.client_as("teacher")
    refused = teacher.send(f"{HERE}/{found}?lang=en", note="n" * 2500)
    assert refused.status_code == 400
    assert "n" * 2500 in refused.text  # what was typed is not lost
    assert teacher.send(f"{HERE}/{found}", note="We talked.").status_code == 303
    assert "We talked." in teacher.get(HERE).text
    assert teacher.send(f"{HERE}/{found}", again="1").status_code == 303
    assert "We talked." not in teacher.get(HERE).text


def test_asking_leaves_one_errand_and_says_that_it_waits(web: Web) -> None:
    helper = web.client_as("helper")
    for _ in range(2):
        assert helper.send(f"{HERE}?lang=en").status_code == 303
    assert "Waiting to be compared" in helper.get(f"{HERE}?lang=en").text
    with web.database.read() as session:
        assert len(session.scalars(select(LikenessLook)).all()) == 1


def test_a_pair_of_another_assignment_or_none_is_not_there(web: Web, found: int) -> None:
    teacher = web.client_as("teacher")
    assert teacher.get(f"{HERE}/{found + 1}").status_code == 404
    assert teacher.send(f"{HERE}/{found + 1}", note="x").status_code == 404
