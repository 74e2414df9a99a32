"""The daily quest on the web: begun, left, gone on with, and where to learn what was missed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from course.quizzes import hall
from sqlalchemy import select
from web.conftest import Web
from web.quizlab import COURSE, DAY, KEY, Lab, fields, given, right

from grader.course import people, quizzes
from grader.store.quests import Quest
from grader.store.quizzes import QuizAttempt, QuizItem

QUEST = f"{COURSE}/quest"


@pytest.fixture
def lab(web: Web, tmp_path: Path) -> Lab:
    """A quiz for practice that opened yesterday."""
    found = Lab(web, tmp_path / "bank")
    found.publish(KEY, rules={"graded": False}, opens=web.now - DAY)
    return found


def begin(lab: Lab, name: str = "mina") -> str:
    answer = lab.browser(name).send(QUEST)
    assert answer.status_code == 303
    return str(answer.location)


def items(lab: Lab) -> list[QuizItem]:
    with lab.web.database.read() as session:
        (quest,) = session.scalars(select(Quest))
        query = select(QuizItem).filter_by(attempt_id=quest.attempt_id)
        return list(session.scalars(query.order_by(QuizItem.position)))


def check(lab: Lab, address: str, item: QuizItem, raw: object) -> str:
    browser = lab.browser()
    page = browser.get(address, query_string={"q": item.position}).text
    name = f"check:{item.position}"
    sent = browser.send(f"{address}/answers", do=name, **fields(page, item.position), **given(item, raw))
    assert sent.status_code == 303
    return str(browser.get(address, query_string={"q": item.position, "lang": "en"}).text)


def test_the_start_page_offers_it_and_it_is_begun_once(lab: Lab) -> None:
    home = lab.browser().get(COURSE, query_string={"lang": "ko"}).text
    assert "오늘의 퀘스트" in home
    assert "짧은 문제 5개" in home
    page = lab.browser().get(QUEST, query_string={"lang": "en"}).text
    assert "5 short questions" in page
    assert begin(lab) == begin(lab)
    assert len(items(lab)) == 5
    assert "cell" not in {item.kind for item in items(lab)}


def test_it_is_gone_on_with_and_says_where_to_learn_what_was_missed(lab: Lab) -> None:
    address = begin(lab)
    first, *rest = items(lab)
    page = check(lab, address, first, hall.wrong(first))
    assert f"{COURSE}/topics/{first.topic}" in page
    page = lab.browser().get(QUEST, query_string={"lang": "en"}).text
    assert "1 of 5 answered" in page
    assert f"{COURSE}/topics/{first.topic}" in page
    assert "1 / 5" in lab.browser().get(COURSE).text
    for item in rest:
        check(lab, address, item, right(item))
    page = lab.browser().get(QUEST, query_string={"lang": "en"}).text
    assert "4 of 5 answers were right" in page
    assert "lost" not in page
    assert "done" in lab.browser().get(COURSE, query_string={"lang": "en"}).text


def test_it_is_the_persons_own(lab: Lab) -> None:
    address = begin(lab)
    for other in ("juno", "outsider"):
        assert lab.browser(other).get(address).status_code == 404
    assert "of 5 answered" not in lab.browser("juno").get(QUEST, query_string={"lang": "en"}).text


def test_who_has_done_all_is_told_when_the_next_one_is(lab: Lab) -> None:
    yesterday = datetime.now(UTC) - DAY  # of this moment: since the course was made midnight may have passed
    with lab.web.database.write() as session:
        quiz = quizzes.the_quiz(session, people.the_course(session, "dl"), KEY)
        person = lab.person("mina")
        row = quizzes.start(session, quiz, person, quizzes.QuizMode.PRACTICE, token="x", at=yesterday)
        for item in session.scalars(select(QuizItem).filter_by(attempt_id=row.id)):
            if item.kind != "cell":
                quizzes.save(session, row, item.position, right(item), revision=0, at=yesterday)
        quizzes.submit(session, row, at=yesterday)
    page = lab.browser().get(QUEST, query_string={"lang": "en"}).text
    assert "Nothing is due today. The next quest is on" in page
    assert "nothing is due today" in lab.browser().get(COURSE, query_string={"lang": "en"}).text
    answer = lab.browser().send(QUEST)
    assert answer.location.endswith(QUEST)
    with lab.web.database.read() as session:
        assert session.scalars(select(Quest)).all() == []
        assert len(session.scalars(select(QuizAttempt)).all()) == 1


def test_it_takes_a_form_of_this_site(lab: Lab) -> None:
    assert lab.browser().post(QUEST).status_code == 400


def test_a_course_without_questions_speaks_of_no_quest(web: Web) -> None:
    browser = web.client_as("mina")
    assert "오늘의 퀘스트" not in browser.get(COURSE, query_string={"lang": "ko"}).text
    assert browser.get(QUEST).status_code == 200
