"""The leaderboard's pages: who sees what, and that nothing private is anywhere before its time."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import url_for
from sqlalchemy import select
from web.conftest import DAY, Browser, Web, bodies, finish, graded, notebook, person_of

from grader import jobs
from grader.course import boards, people, submissions
from grader.ladder import Answers
from grader.store.boards import BoardAnswer, BoardName
from grader.store.models import Person, Role, Source

N_PUBLIC, N_PRIVATE = 1000, 1009  # a prime, so that its shares are in nobody's other numbers
PAGE = "/courses/dl/assignments/doubling/board"
STAFF = f"{PAGE}/staff"


def bits(right: int, n: int, seed: int) -> int:
    """So many bits of n, anywhere."""
    return sum(1 << place for place in random.Random(seed).sample(range(n), right))


def hand_in(web: Web, name: str, public: int, private: int, days: float = -0.5) -> str:
    """A graded submission with so many right; its receipt."""
    queue = jobs.Jobs(web.database)
    with web.database.write() as session:
        assignment = people.assignment(session, people.the_course(session, "dl"), "doubling")
        at = web.now + days * DAY
        received = submissions.submit(
            *(session, assignment, person_of(session, name), notebook(f"{name} {days}"), f"{name}.ipynb", Source.WEB),
            at=at,
            enqueue=queue.enqueue,
        )
        answers = Answers("one", (1 << public) - 1, N_PUBLIC, bits(private, N_PRIVATE, private), N_PRIVATE)
        finish(session, received.run, replace(graded(60), board=answers))
        receipt = received.submission.receipt
    queue.close()
    return receipt


@pytest.fixture
def board(web: Web) -> Web:
    """Open; mina has 700 of 1,000 in public and then 701, sora 900; juno waits."""
    with web.database.write() as session:
        one = people.assignment(session, people.the_course(session, "dl"), "doubling")
        boards.open_board(session, one, a_day=50, actor="test")
    hand_in(web, "mina", 700, 613, -0.6)
    hand_in(web, "mina", 701, 401, -0.4)
    hand_in(web, "sora", 900, 829)
    return web


def secrets(web: Web) -> set[str]:
    """Every way in which a private score, or the bits, could be written."""
    found = set()
    with web.database.read() as session:
        for row in session.scalars(select(BoardAnswer)):
            right = int.from_bytes(row.private, "little").bit_count()
            share = right / row.n_private
            found |= {f"{100 * share:.{digits}f}%" for digits in (1, 2, 3)}
            found |= {f"{share:.5f}", f"{100 * share:.3f}", f"{right}/{row.n_private}", f"{right} / {row.n_private}"}
            for data in (row.public, row.private):
                found |= {data.hex(), str(int.from_bytes(data, "little")), data.hex()[:16]}
    return found


def over(web: Web) -> None:
    """The assignment closed yesterday, after all of it came in."""
    with web.database.write() as session:
        one = people.assignment(session, people.the_course(session, "dl"), "doubling")
        one.opens, one.due, one.closes = web.now - 20 * DAY, web.now - DAY / 4, web.now - DAY / 8


def join(browser: Browser, name: str) -> Any:
    return browser.send(PAGE, name=name)


def test_without_a_board_students_find_nothing_and_staff_an_offer(web: Web) -> None:
    assert web.client_as("mina").get(PAGE).status_code == 404
    assert join(web.client_as("mina"), "Falcon").status_code == 404
    assert PAGE not in web.client_as("mina").get("/courses/dl/assignments/doubling").text
    teacher = web.client_as("teacher")
    assert teacher.get(PAGE).location == STAFF
    assert "no leaderboard" in teacher.get(STAFF, query_string={"lang": "en"}).text
    assert teacher.send(STAFF, a_day="3").status_code == 303
    assert 'value="3"' in teacher.get(STAFF).text
    assert PAGE in web.client_as("mina").get("/courses/dl/assignments/doubling").text


def test_nobody_is_listed_who_did_not_ask_for_it(board: Web) -> None:
    page = board.client_as("mina").get(PAGE, query_string={"lang": "en"}).text
    assert "Nobody is on it yet" in page
    assert "70.00%" in page  # her own
    assert "90.00%" not in page
    assert "Only you see it" in page


def test_joining_shows_the_pseudonym_and_marks_the_own_line(board: Web) -> None:
    mina, sora = board.client_as("mina"), board.client_as("sora")
    assert join(mina, "Blue Falcon").status_code == 303
    assert join(sora, "푸른 매").status_code == 303
    page = mina.get(PAGE, query_string={"lang": "en"}).text
    table = page.split('id="ranking"')[1].split("</table>")[0]
    assert table.index("푸른 매") < table.index("Blue Falcon")
    assert table.count('class="mine"') == 1
    assert "Blue Falcon" in table.split('class="mine"')[1]
    assert not [word for word in ("박소라", "sora@", "이준호", "김미나") if word in page.split("<main")[1]]


def test_a_name_can_be_changed_and_taken_back(board: Web) -> None:
    mina = board.client_as("mina")
    join(mina, "Falcon")
    join(mina, "Heron")
    page = board.client_as("sora").get(PAGE).text
    assert "Heron" in page
    assert "Falcon" not in page
    assert mina.send(f"{PAGE}/leave").status_code == 303
    assert "Heron" not in board.client_as("sora").get(PAGE).text
    with board.database.read() as session:
        assert session.scalars(select(BoardName)).all() == []


def test_a_name_that_cannot_be_taken_is_explained_and_kept_in_the_field(board: Web) -> None:
    join(board.client_as("sora"), "Falcon")
    mina = board.client_as("mina")
    answer = mina.send(f"{PAGE}?lang=en", name="fa1con")
    assert answer.status_code == 400
    assert "looks too much like it" in answer.text
    assert 'value="fa1con"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    answer = mina.send(PAGE, name="<script>alert(1)</script>")
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text
    assert mina.send(PAGE, name="mina@example.com").status_code == 400


@pytest.mark.parametrize(
    ("lang", "stayed", "moved"),
    [("en", "The score stayed", "The first score"), ("ko", "점수가 그대로입니다", "첫 점수입니다")],
)
def test_why_a_score_did_not_move_is_said_in_plain_words(board: Web, lang: str, stayed: str, moved: str) -> None:
    tries = board.client_as("mina").get(PAGE, query_string={"lang": lang}).text.split('id="tries"')[1]
    assert tries.index(stayed) < tries.index(moved)  # the latest first
    assert "70.1" not in tries


def test_staff_are_not_asked_to_join(board: Web) -> None:
    helper = board.client_as("helper")
    assert 'name="name"' not in helper.get(PAGE).text
    assert join(helper, "Falcon").status_code == 400


def test_only_staff_reach_the_names_and_only_instructors_the_rules(board: Web) -> None:
    join(board.client_as("mina"), "Falcon")
    mina = board.person("mina")
    for who, sees, decides in (("sora", 404, 404), ("helper", 200, 404), ("teacher", 200, 303), ("outsider", 404, 404)):
        browser = board.client_as(who)
        assert browser.get(STAFF).status_code == sees
        assert browser.send(STAFF, a_day="7").status_code == decides
    assert board.client_as("sora").send(f"{PAGE}/remove", person=str(mina.id)).status_code == 404
    page = board.client_as("helper").get(STAFF).text
    assert "김미나" in page
    assert f"{100 * 613 / N_PRIVATE:.2f}%" in page
    assert board.client_as("helper").send(f"{PAGE}/remove", person=str(mina.id)).status_code == 303
    assert "Falcon" not in board.client_as("sora").get(PAGE).text
    assert board.client_as("helper").send(f"{PAGE}/remove", person="x").status_code == 404


def test_a_budget_that_is_none_is_refused(board: Web) -> None:
    teacher = board.client_as("teacher")
    for words in ("0", "-1", "1000000000", "many"):
        assert teacher.send(STAFF, a_day=words).status_code == 400
    assert teacher.send(STAFF, what="close").status_code == 303
    assert board.client_as("mina").get(PAGE).status_code == 404


def addresses(web: Web, receipt: str) -> list[str]:
    """Every page of the application, of these arguments."""
    words: dict[str, Any] = {"course": "dl", "assignment": "doubling", "receipt": receipt, "id": 1, "format": "csv"}
    with web.app.test_request_context():
        return [
            url_for(rule.endpoint, **{name: words.get(name, "1") for name in rule.arguments})
            for rule in web.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint not in ("static", "live.events")
        ]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_nothing_private_and_no_bit_is_in_any_answer_before_the_end(board: Web, lang: str) -> None:
    """In all bodies and headers of all pages, for a student who is on the board with others."""
    for name, words in (("mina", "Falcon"), ("sora", "Heron")):
        join(board.client_as(name), words)
    hidden, seen = secrets(board), 0
    with board.database.read() as session:
        query = select(submissions.Submission.receipt).join(Person, Person.id == submissions.Submission.person_id)
        hers = list(session.scalars(query.where(Person.email == "mina@example.com")))[-2:]
        receipts = [*hers, *session.scalars(query.where(Person.email == "sora@example.com"))]
    for who in ("mina", "juno"):
        browser = board.client_as(who)
        for receipt in receipts:
            for address in addresses(board, receipt):
                answer = browser.get(address, query_string={"lang": lang})
                words = "".join(bodies(answer)) + str(answer.headers)
                assert not [one for one in hidden if one in words], address
                assert "#final" not in words
                seen += answer.status_code == 200
                answer.close()
    assert seen > 50


def test_the_sentinels_would_be_found(board: Web) -> None:
    join(board.client_as("sora"), "Heron")
    over(board)
    page = board.client_as("mina").get(PAGE).text
    assert [one for one in secrets(board) if one in page]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_after_the_end_the_private_ranking_opens_with_its_lesson(board: Web, lang: str) -> None:
    join(board.client_as("mina"), "Falcon")
    join(board.client_as("sora"), "Heron")
    over(board)
    page = board.client_as("mina").get(PAGE, query_string={"lang": lang}).text
    final = page.split('id="final"')[1].split('id="ranking"')[0]
    rows = final.split("<tbody>")[1].split("</tbody>")[0]
    assert rows.index("Heron") < rows.index("Falcon")
    assert f"{100 * 613 / N_PRIVATE:.2f}%" in rows  # of what moved the score; what followed was no better
    assert "<svg" in final
    assert "90.00%" in final.split("<h3>")[1]  # who would have been first on a naive board
    assert final.count("<table") == 2  # the ranking, and the picture's numbers


def test_who_did_not_join_is_not_in_the_end_either(board: Web) -> None:
    join(board.client_as("sora"), "Heron")
    over(board)
    page = board.client_as("mina").get(PAGE).text
    assert f"{100 * 613 / N_PRIVATE:.2f}" not in page
    assert f"{100 * 829 / N_PRIVATE:.2f}" in page


def test_an_extension_keeps_the_private_part_closed_for_all(board: Web) -> None:
    from grader.course import decisions

    join(board.client_as("mina"), "Falcon")
    over(board)
    assert 'id="final"' in board.client_as("mina").get(PAGE).text
    with board.database.write() as session:
        one = people.assignment(session, people.the_course(session, "dl"), "doubling")
        later = board.now + timedelta(days=2)
        decisions.grant_extension(session, one, person_of(session, "juno"), due=later, reason="ill", actor="test")
    assert 'id="final"' not in board.client_as("mina").get(PAGE).text


def test_the_report_leads_to_the_board_and_its_json_has_nothing_of_it(board: Web) -> None:
    receipt = hand_in(board, "mina", 800, 555, -0.2)
    assert PAGE in board.client_as("mina").get(f"/submissions/{receipt}").text
    answers = Answers("one", 1, N_PUBLIC, 1, N_PRIVATE)
    report = replace(graded(60), board=answers)
    assert report.to_json() == graded(60).to_json()
    assert "Answers" not in repr(report)


def test_who_is_forgotten_leaves_the_board(board: Web) -> None:
    join(board.client_as("sora"), "Heron")
    with board.database.write() as session:
        people.forget(session, person_of(session, "sora"), actor="test")
    assert "Heron" not in board.client_as("mina").get(PAGE).text
    assert "Heron" not in board.client_as("teacher").get(STAFF).text


def test_a_student_who_becomes_staff_keeps_the_page(board: Web) -> None:
    join(board.client_as("mina"), "Falcon")
    with board.database.write() as session:
        course = people.the_course(session, "dl")
        people.member(session, course, "mina@example.com").role = Role.ASSISTANT
    assert board.client_as("mina").get(PAGE).status_code == 200
