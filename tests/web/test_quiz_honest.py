"""What pages and programs say of quizzes is the whole truth, and no faster than it may be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import event, update
from web.api import program
from web.conftest import Browser, Web
from web.quizlab import COURSE, DAY, EXPLANATION, HINT, KEY, PLAIN, Lab, opened

from grader.course import people, quizzes
from grader.store.models import Role
from grader.store.quizzes import QuizItem
from webapp import create_app


@pytest.fixture
def lab(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return opened(web, tmp_path / "shelf", monkeypatch)


def test_the_weight_of_an_assignment_is_of_all_that_counts(lab: Lab) -> None:
    """100 points of the notebook, and 10 of a quiz whose weight is 10."""

    def told(address: str) -> str:
        page = lab.browser().get(f"{COURSE}{address}?lang=en").text
        return re.sub(r"<[^>]+>", " ", page)

    assert re.search(r"Weight\s+90\.9%", told(""))
    assert re.search(r"Weight\s+9\.1%", told(f"/quizzes/{KEY}"))
    lab.schedule(weight=10)
    assert re.search(r"Weight\s+50%", told(""))
    assert re.search(r"Weight\s+50%", told(f"/quizzes/{KEY}"))


def test_a_persons_page_has_their_quizzes_for_staff(lab: Lab) -> None:
    address, id = lab.begun(), lab.person("mina").id
    running = lab.browser("helper").get(f"{COURSE}/people/{id}?lang=en").text
    assert "being taken" in running
    assert f'href="{address}/review"' in running
    lab.answered(address)
    with lab.web.database.write() as session:
        quiz = quizzes.the_quiz(session, people.the_course(session, "dl"), KEY)
        mina = lab.person("mina")
        quizzes.override(session, quiz, session.merge(mina), 3, "oral", actor="test")
    page = lab.browser("helper").get(f"{COURSE}/people/{id}?lang=en").text
    assert "<strong>3</strong> / 10" in page
    assert "by hand" in page
    assert lab.browser("helper").get(f"{address}/review").status_code == 200


def test_the_start_page_asks_the_store_no_more_for_more_quizzes(lab: Lab) -> None:
    """Nor for more attempts."""

    def asked() -> int:
        count = 0

        def one(*_: object) -> None:
            nonlocal count
            count += 1

        lab.browser("sora").get(COURSE)  # whatever is unpacked once is there
        event.listen(lab.web.database.engine, "before_cursor_execute", one)
        try:
            assert lab.browser("sora").get(COURSE).status_code == 200
        finally:
            event.remove(lab.web.database.engine, "before_cursor_execute", one)
        return count

    def sat(key: str) -> None:
        """Days ago, so that a quest knows of it."""
        address = lab.begun("sora", key=key)
        lab.answered(address)
        with lab.web.database.write() as session:
            row = quizzes.by_receipt(session, lab.attempt(address).receipt)
            row.started_at = row.submitted_at = lab.web.now - 3 * DAY
            session.execute(update(QuizItem).filter_by(attempt_id=row.id).values(answered_at=row.started_at))

    sat(KEY)
    few = asked()
    lab.publish(PLAIN, rules={"graded": True, "practice": "always"}, opens=lab.web.now)
    sat(PLAIN)
    assert asked() == few


def test_a_program_saves_no_more_often_than_a_page_may(lab: Lab) -> None:
    place, kept = lab.begun(), lab.web.app
    app = lab.web.app = create_app(lab.web.home)
    app.test_client_class = Browser
    asks, body = program(lab.web, "mina"), {"answer": "x", "revision": 0}
    codes = [asks.post(f"{place}/answers/4", json=body).status_code for _ in range(242)]
    assert codes[:2] == [200, 200]
    assert codes[-2:] == [429, 429]
    page = lab.web.client_as("mina").send(f"{place}/answers/4", r4="0", a4="y")
    assert page.status_code == 429  # what counts is who asks, by whichever way
    lab.web.app = kept
    app.extensions["grader"].close()


def test_an_old_tab_of_practice_shows_nothing_of_a_quiz_that_is_being_taken(lab: Lab) -> None:
    lab.schedule(rules={"practice": "always"})
    practice = lab.begun(mode="practice")
    browser = lab.browser()
    for position in range(1, 10):
        browser.send(f"{practice}/answers", do=f"hint:{position}", q=str(position))
    shown = f"{practice}?view=all"
    assert HINT in browser.get(shown).text
    mine = lab.start()
    assert HINT not in browser.get(shown).text
    for verb in ("check:1", "hint:1"):
        page = browser.send(f"{practice}/answers", do=verb, q="1", r1="0", a1="a")
        assert page.status_code == 409
        assert HINT not in page.text
    browser.send(f"{practice}/submit")
    review = browser.get(f"{practice}/review").text
    assert HINT not in review
    assert program(lab.web, "mina").get(practice).json["score"] is None
    assert not re.search(r"<strong>[\d.]+</strong> / 10", browser.get(f"{COURSE}/quizzes/{KEY}").text)
    assert EXPLANATION not in review
    browser.send(f"{mine}/submit")
    assert EXPLANATION in browser.get(f"{practice}/review").text


def test_who_becomes_an_assistant_in_the_middle_ends_their_own_attempt_unaided(lab: Lab) -> None:
    address = lab.begun()
    with lab.web.database.write() as session:
        course = people.the_course(session, "dl")
        people.set_role(session, course, session.merge(lab.person("mina")), Role.ASSISTANT, actor="test")
    page = lab.browser().get(f"{address}/review")
    assert page.status_code == 303  # it is taken on, not looked at with its keys
    assert lab.browser().send(f"{address}/submit").status_code == 303


def test_who_is_deactivated_in_the_middle_can_do_nothing_more(lab: Lab) -> None:
    address, browser = lab.begun(), lab.browser()
    browser.get(address)
    key = browser.form_key()
    with lab.web.database.write() as session:
        people.deactivate(session, session.merge(lab.person("mina")), actor="test")
    fields = {"csrf_token": key, "r4": "0", "a4": "은닉층"}
    assert browser.post(f"{address}/answers/4", data=fields).status_code in (302, 303, 400, 401, 403, 404)
    assert lab.item(address, "text").answer is None
