"""The pages that keep what they computed show every change at once, whoever made it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from sqlalchemy import select
from web.conftest import Browser, Web, finish, graded

from grader.course import decisions, people, submissions
from grader.store.models import Run, Source
from webapp.staff import roster

COURSE = "/courses/dl"
GRADE = """
import sys
from sqlalchemy import text
from grader.store.database import Database
with Database(sys.argv[1]).write() as session:
    session.execute(text("UPDATE run SET score = 41 WHERE score = 80"))
"""


def cells(client: Browser) -> list[str]:
    return re.findall(r'<td class="number \w+"><a[^>]*>([^<]+)</a>', client.get(f"{COURSE}/gradebook?sort=name").text)


def test_the_gradebook_shows_what_another_process_changed(web: Web) -> None:
    client = web.client_as("teacher")
    assert cells(client) == ["80", "–", "…"]
    subprocess.run([sys.executable, "-c", GRADE, web.database.url], check=True)
    assert cells(client) == ["41", "–", "…"]


def test_the_gradebook_shows_what_the_web_changed(web: Web) -> None:
    client = web.client_as("teacher")
    assert cells(client)[0] == "80"
    with web.database.write() as session:
        course = people.the_course(session, "dl")
        assignment, mina = people.assignment(session, course, "doubling"), web.person("mina")
        decisions.set_override(session, assignment, session.merge(mina), 12.5, "fair", actor="test")
    assert cells(client)[0] == "* 12.5"
    with web.database.write() as session:
        people.deactivate(session, session.merge(web.person("mina")), actor="test")
    assert cells(client) == ["–", "…"]


def test_results_show_a_grade_that_has_just_come_in(web: Web) -> None:
    client, page = web.client_as("teacher"), f"{COURSE}/assignments/doubling/results/people"
    assert "박소라" not in client.get(f"{page}?state=graded&lang=ko").text
    with web.database.write() as session:
        course = people.the_course(session, "dl")
        assignment, sora = people.assignment(session, course, "doubling"), session.merge(web.person("sora"))
        received = submissions.submit(
            session, assignment, sora, b'{"cells": []}', "s.ipynb", Source.WEB, enqueue=lambda *_: None
        )
        run = received.run.id
    assert "박소라" in client.get(f"{page}?state=pending").text
    with web.database.write() as session:
        finish(session, session.scalars(select(Run).where(Run.id == run)).one(), graded(0.0), None)
    assert "박소라" in client.get(f"{page}?state=graded").text
    assert "박소라" in client.get(f"{page}?check=edges.zero").text


def test_both_languages_have_their_own_words(web: Web) -> None:
    client = web.client_as("teacher")
    assert "nothing handed in" in client.get(f"{COURSE}/gradebook?lang=en").text
    assert 'title="제출 없음"' in client.get(f"{COURSE}/gradebook?lang=ko").text


def test_long_lists_come_in_pages(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "PAGE", 2)
    client = web.client_as("teacher")
    seen: list[str] = []
    for page in (1, 2, 3):
        shown = client.get(f"{COURSE}/people?page={page}").text
        seen += re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', shown)
    assert {"김미나", "이준호", "박소라"} <= set(seen)
    assert len(seen) == len(set(seen))
    assert 'aria-current="page">1</a>' in client.get(f"{COURSE}/people?page=nonsense").text
    assert 'aria-current="page">1</a>' in client.get(f"{COURSE}/people?page=0").text
