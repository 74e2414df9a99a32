"""The anonymous survey on the web: who may answer and look, and that nothing beside the answer tells of it."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import Any

import pytest
from sqlalchemy import select
from web.conftest import Browser, Web

from grader.course import people
from grader.store.models import Role, WebSession
from grader.store.surveys import SurveyBox
from webapp import logs

COURSE, PAGE, DESK = "/courses/dl", "/courses/dl/survey", "/courses/dl/surveys"
CROWD = tuple(f"crowd{n}" for n in range(4))


def box(web: Web) -> dict[str, Any]:
    with web.database.read() as session:
        return session.scalars(select(SurveyBox)).one().content


def as_one_of(web: Web, name: str) -> Browser:
    """A browser of somebody more in the course."""
    with web.database.write() as session:
        course = people.the_course(session, "dl")
        people.add_person(session, course, f"{name}@example.com", name, Role.STUDENT, actor="test")
    return web.client_as(name)


@pytest.fixture
def opened(web: Web) -> Web:
    assert web.client_as("teacher").send(DESK, do="open").status_code == 303
    return web


def answer(browser: Browser, **fields: str) -> Any:
    return browser.send(PAGE, **{f"q-{name}": value for name, value in fields.items()})


def filled(web: Web) -> None:
    """Five answers."""
    answer(web.client_as("mina"), overall="5", hours="2-4", change="mina-words")
    for n, name in enumerate(CROWD):
        answer(as_one_of(web, name), overall=str(n + 1), keep=f"{name}-words")


def test_a_student_is_asked_answers_and_is_thanked(opened: Web) -> None:
    browser = opened.client_as("mina")
    assert "Anonymous survey" in browser.get(COURSE, query_string={"lang": "en"}).text
    page = browser.get(PAGE).text
    assert page.count('type="radio"') == 6 * 5 + 4 + 5
    assert answer(browser, overall="4", change="더 많은 실습").status_code == 303
    assert "Thank you" in browser.get(PAGE).text
    assert 'name="q-overall"' not in browser.get(PAGE).text
    assert "Anonymous survey" not in browser.get(COURSE).text
    assert box(opened)["answers"]["overall"] == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}
    assert box(opened)["answers"]["change"] == ["더 많은 실습"]


def test_a_second_answer_and_a_malformed_one_are_refused_and_keep_what_was_typed(opened: Web) -> None:
    browser = opened.client_as("mina")
    wrong = answer(browser, overall="6", change="typed before")
    assert wrong.status_code == 400
    assert "typed before" in wrong.text
    assert answer(browser).status_code == 400
    assert answer(browser, overall="4").status_code == 303
    again = answer(browser, overall="1")
    assert again.status_code == 400
    assert box(opened)["answered"] == 1


def test_staff_cannot_answer_and_strangers_find_nothing(opened: Web) -> None:
    for who in ("teacher", "helper"):
        assert "disabled" in opened.client_as(who).get(PAGE).text
        assert answer(opened.client_as(who), overall="4").status_code == 400
    for who in ("outsider", None):
        assert answer(opened.client_as(who), overall="4").status_code in (303, 404)
    assert box(opened)["answered"] == 0


def test_it_takes_a_form_of_this_site(opened: Web) -> None:
    assert opened.client_as("mina").post(PAGE, data={"q-overall": "4"}).status_code == 400
    assert box(opened)["answered"] == 0


def test_nobody_sees_a_result_while_it_is_open_and_students_only_what_is_published(opened: Web) -> None:
    filled(opened)
    teacher, student = opened.client_as("teacher"), opened.client_as("sora")
    assert "5 of 7 students" in teacher.get(DESK, query_string={"lang": "en"}).text
    assert teacher.get(f"{DESK}/1").status_code == 404
    assert teacher.send(DESK, do="close").status_code == 303
    page = teacher.get(f"{DESK}/1", query_string={"lang": "en"}).text
    assert "mina-words" in page
    assert page.count("<svg") == 2
    assert "Mean 3.0 [1.0, 5.0]" in page  # 5, 1, 2, 3, 4
    assert "The survey is over" in student.get(PAGE, query_string={"lang": "en"}).text
    assert student.get(f"{DESK}/1").status_code == 404
    assert teacher.send(f"{DESK}/1", on="1").status_code == 303
    shown = student.get(PAGE).text
    assert shown.count("<svg") == 2
    assert "-words" not in shown
    assert teacher.send(f"{DESK}/1", on="0").status_code == 303
    assert "<svg" not in student.get(PAGE).text


def test_an_answer_after_it_closed_is_refused(opened: Web) -> None:
    filled(opened)
    opened.client_as("teacher").send(DESK, do="close")
    assert answer(opened.client_as("sora"), overall="4").status_code == 400


def test_few_answers_are_thrown_away_only_if_that_is_said(opened: Web) -> None:
    answer(opened.client_as("mina"), overall="4")
    teacher = opened.client_as("teacher")
    assert teacher.send(DESK, do="close").status_code == 400
    assert teacher.send(DESK, do="close", discard="1").status_code == 303
    assert "thrown away" in teacher.get(DESK, query_string={"lang": "en"}).text
    assert teacher.get(f"{DESK}/1").status_code == 404


def test_assistants_look_and_do_not_decide(opened: Web) -> None:
    helper = opened.client_as("helper")
    assert helper.get(DESK).status_code == 200
    assert 'value="close"' not in helper.get(DESK).text
    assert helper.send(DESK, do="close").status_code == 404


def test_no_log_and_no_count_tells_of_a_visit_to_the_survey(opened: Web) -> None:
    lines = io.StringIO()
    kept = logs.log.handlers, logs.log.propagate, logs.log.level
    try:
        logs.say_to(lines, requests=True)
        browser = opened.client_as("mina")
        browser.get(PAGE)
        assert answer(browser, overall="4", change="logged-words").status_code == 303
        browser.get(PAGE)
        answer(browser, overall="4")
        browser.get(COURSE)
    finally:
        logs.log.handlers, logs.log.propagate, logs.log.level = kept
        logging.getLogger("webapp").handlers = []
    views = [json.loads(line).get("view") for line in lines.getvalue().splitlines()]
    assert "home.course" in views
    assert not [view for view in views if view and view.startswith("surveys.")]
    assert "logged-words" not in lines.getvalue()
    counts = opened.client_as(None).get("/metrics").text
    assert "home.course" in counts
    assert not re.search(r'view="surveys\.(show|answer)"', counts)


def test_nothing_in_the_folder_holds_an_answer_with_a_person(opened: Web) -> None:
    """All files of the home, after five answered one after the other with their times known from their sessions."""
    filled(opened)
    answers = [b"mina-words", *(f"{name}-words".encode() for name in CROWD)]
    files = {path: path.read_bytes() for path in opened.home.folder.rglob("*") if path.is_file()}
    holding = {path.name: [words for words in answers if words in data] for path, data in files.items()}
    assert {name for name, found in holding.items() if found} == {"grader.sqlite3"}
    (database,) = [data for path, data in files.items() if path.name == "grader.sqlite3"]
    assert [database.count(words) for words in answers] == [1] * 5
    with opened.database.read() as session:
        assert len(session.scalars(select(WebSession)).all()) >= 5  # who was there when is known
        (row,) = session.execute(select(SurveyBox.__table__)).all()
    assert set(SurveyBox.__table__.columns.keys()) == {"survey_id", "content"}
    assert not re.search(r"\d{4}-\d\d-\d\d|crowd\d@|mina@", json.dumps(row.content))


def test_a_form_of_nobodys_course_opens_nothing(web: Web) -> None:
    assert web.client_as("mina").get(PAGE).status_code == 200
    assert answer(web.client_as("mina"), overall="4").status_code == 404
    assert web.client_as("teacher").get(f"{DESK}/7").status_code == 404
