"""Taking a quiz in the browser: start, answer, autosave, two tabs, the clock, the end, the review, practice."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from web.conftest import Browser, Web
from web.quizlab import COURSE, EXPLANATION, FEEDBACK, HINT, HOUR, KEY, PLAIN, Lab, fields, given, opened, right

from grader.course import people, quizzes, teaching
from grader.store.quizzes import QuizAttempt, QuizItem
from webapp.quizzes import topics

KINDS = ("choice", "multiple", "number", "text", "order", "match", "shape", "formula", "output", "cell")


@pytest.fixture
def lab(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    found = opened(web, tmp_path / "shelf", monkeypatch)
    found.publish(PLAIN, rules={"graded": False, "shuffle": False})
    return found


def shows(browser: Browser, address: str, **query: str) -> str:
    answer = browser.get(address, query_string={"lang": "en", **query})
    assert answer.status_code == 200, answer.location
    return str(answer.text)


def save(browser: Browser, address: str, item: QuizItem, raw: Any, revision: int = 0) -> Any:
    """What the script of the page does."""
    return browser.send(
        f"{address}/answers/{item.position}", **{f"r{item.position}": str(revision)}, **given(item, raw)
    )


def kept(lab: Lab, address: str, kind: str) -> Any:
    return lab.item(address, kind).answer


# ---------------------------------------------------------------------------------------------------- lists


def test_the_list_says_what_is_open_due_and_to_be_practised(lab: Lab) -> None:
    page = shows(lab.browser(), f"{COURSE}/quizzes")
    assert "Take it" in page
    assert "2 attempts left" in page
    assert "23 hours 59 minutes left" in page or "1 day left" in page or "23 hours" in page
    assert "To be practised after" in page  # the graded one
    assert page.count("Practise</button>") == 1  # the other
    assert "Quizzes</a>" in page


def test_the_start_page_tells_of_a_quiz_until_it_is_taken(lab: Lab) -> None:
    assert 'id="quizzes"' in shows(lab.browser(), COURSE)
    lab.start()
    assert "Go on" in shows(lab.browser(), COURSE)
    address = lab.begun()
    lab.answered(address)
    assert 'id="quizzes"' not in shows(lab.browser(), COURSE)


def test_a_start_sent_twice_is_one_attempt_and_a_refusal_is_told(lab: Lab) -> None:
    first = lab.start()
    assert lab.start() == first
    assert lab.start(token="another") == first  # it still runs
    lab.schedule(closes=lab.web.now - HOUR, due=lab.web.now - HOUR)
    page = lab.browser("juno").send(f"{COURSE}/quizzes/{KEY}/start", mode="graded", token="x", lang="en")
    assert page.location == f"{COURSE}/quizzes/{KEY}"
    assert "This quiz is closed" in shows(lab.browser("juno"), page.location)


# -------------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_kept_by_the_form_and_shown_again(lab: Lab, kind: str) -> None:
    address = lab.start()
    item = lab.item(address, kind)
    browser, raw = lab.browser(), right(item)
    page = shows(browser, address, q=str(item.position))
    sent = {**fields(page, item.position), **given(item, raw)}
    answer = browser.send(f"{address}/answers", do="next", q=str(item.position), **sent)
    assert answer.status_code == 303
    assert kept(lab, address, kind) == (raw.strip("\n") + "\n" if kind == "cell" else raw)
    page = shows(browser, address, q=str(item.position))
    if kind in ("choice", "multiple"):
        assert page.count(" checked>") == (1 if kind == "choice" else 2)
    elif kind in ("order", "match"):
        assert len(re.findall(r'<option value="[^"]+" selected>', page)) == len(raw)
    else:
        assert raw.split("\n")[0] in page.replace("&#39;", "'")
    assert f'class="place answered" aria-current="step" data-place="{item.position}"' in page
    again = browser.send(f"{address}/answers", do="save", q="1", **fields(page, item.position), **given(item, raw))
    assert again.status_code == 303  # sent again, it is the same
    assert lab.item(address, kind).revision == 1


def test_the_script_saves_with_the_hour_and_a_reading(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    answer = save(browser, address, lab.item(address, "formula"), "s*(1-s)/2")
    assert answer.status_code == 200
    assert answer.json["revision"] == 1
    assert re.search(r"\d\d:\d\d:\d\d", answer.json["saved"])
    assert "<mfrac>" in answer.json["reading"]
    assert 0 < answer.json["left"] <= 30 * 60
    again = save(browser, address, lab.item(address, "formula"), "s*(1-s)", 1)
    assert again.json["revision"] == 2
    number = save(browser, address, lab.item(address, "number"), "3/4")
    assert number.json["reading"] == "0.75"


@pytest.mark.parametrize(
    ("kind", "raw", "told"),
    [
        ("number", "열두 개", "cannot be read as a number"),
        ("formula", "2s", "sign of multiplication"),
        ("shape", "(n, !", "Write a shape"),
        ("order", ["a"], "Give each its own"),
        ("match", {"a": "1"}, "for each on the left"),
    ],
)
def test_what_is_no_answer_is_told_at_once_kept_and_costs_nothing(lab: Lab, kind: str, raw: Any, told: str) -> None:
    address, browser = lab.start(), lab.browser()
    browser.get(f"{COURSE}?lang=en")
    item = lab.item(address, kind)
    answer = save(browser, address, item, raw)
    assert told in answer.json["said"]
    assert answer.json["state"] == "unclear"
    assert kept(lab, address, kind) is not None
    assert lab.item(address, kind).marked_at is None
    page = shows(browser, address, q=str(item.position))
    assert told in page
    assert "cannot be read, and so earn nothing" in shows(browser, f"{address}/submit")
    fixed = save(browser, address, item, right(item), 1)
    assert (fixed.json["said"], fixed.json["state"]) == ("", "answered")


def test_an_answer_can_be_taken_back(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    item = lab.item(address, "choice")
    save(browser, address, item, right(item))
    page = shows(browser, address, q="1")
    browser.send(f"{address}/answers", do="clear:1", q="1", **fields(page, 1), **given(item, right(item)))
    assert kept(lab, address, "choice") is None


def test_all_on_one_page_and_one_by_one_is_remembered(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    assert shows(browser, address).count('<section class="question"') == 1
    assert shows(browser, address, view="all").count('<section class="question"') == 10
    assert shows(browser, address).count('<section class="question"') == 10
    assert shows(browser, address, view="one", q="4").count('id="q4"') == 1
    assert shows(browser, address, clock="hidden").count("clock-words") == 0
    assert "Show the clock" in shows(browser, address)


def test_flags_and_the_overview_before_handing_in(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    item = lab.item(address, "choice")
    save(browser, address, item, right(item))
    browser.send(f"{address}/answers", do="flag:4", q="4")
    page = shows(browser, f"{address}/submit")
    assert "1 of 10 questions are answered" in page
    assert page.count(">Question ") == 10  # nine without an answer, one to look at again
    assert lab.item(address, "text").flagged
    browser.send(f"{address}/answers", do="unflag:4", q="4")
    assert not lab.item(address, "text").flagged


# ------------------------------------------------------------------------------------------------- two tabs


def test_two_tabs_that_change_one_answer_choose_between_both(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    item = lab.item(address, "text")
    old = shows(browser, address, q="4")
    save(browser, address, item, "은닉층")
    mine = {**fields(old, 4), **given(item, "출력층")}
    clash = browser.send(f"{address}/answers", do="next", q="4", lang="en", **mine)
    assert clash.status_code == 409
    assert "은닉층" in clash.text
    assert 'value="출력층"' in clash.text  # what was typed stands in its field
    assert kept(lab, address, "text") == "은닉층"
    again = {**fields(clash.text, 4), **given(item, "출력층")}
    assert browser.send(f"{address}/answers", do="save", q="4", **again).status_code == 409  # nobody has chosen yet
    seen = re.search(r'name="seen4" value="(\d+)"', clash.text)
    assert seen
    done = browser.send(f"{address}/answers", do="keep:4", q="4", seen4=seen[1], **again)
    assert done.status_code == 303
    assert kept(lab, address, "text") == "출력층"


def test_who_takes_the_other_tabs_answer_gets_it(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    item = lab.item(address, "text")
    old = shows(browser, address, q="4")
    save(browser, address, item, "은닉층")
    done = browser.send(f"{address}/answers", do="take:4", q="4", **fields(old, 4), **given(item, "출력층"))
    assert done.status_code == 303
    assert 'value="은닉층"' in shows(browser, address, q="4")


def test_the_script_is_told_of_a_clash_with_both_versions(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    item = lab.item(address, "number")
    save(browser, address, item, "12")
    answer = save(browser, address, item, "13", 0)
    assert answer.status_code == 409
    assert "12" in answer.json["html"]
    assert "13" in answer.json["html"]
    assert 'value="keep:3"' in answer.json["html"]


def test_a_tab_does_not_undo_what_it_never_touched(lab: Lab) -> None:
    """Every answer of a page is sent; the old ones in it are left alone."""
    address, browser = lab.start(), lab.browser()
    old = shows(browser, address, view="all")
    text, number = lab.item(address, "text"), lab.item(address, "number")
    save(browser, address, text, "은닉층")
    sent = {**fields(old, 4), "a4": "", **fields(old, 3), "a3": "7"}
    assert browser.send(f"{address}/answers", do="save", q="1", **sent).status_code == 303
    assert (kept(lab, address, "text"), kept(lab, address, "number")) == ("은닉층", "7")
    assert number.answer is None  # it was changed by this form alone


# -------------------------------------------------------------------------------------------------- the end


def test_handing_in_twice_is_once_and_reloading_is_harmless(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    lab.answered(address, submit=False)
    first = browser.send(f"{address}/submit")
    assert first.location == f"{address}/review"
    assert browser.send(f"{address}/submit").location == f"{address}/review"
    assert browser.get(address).location == f"{address}/review"
    assert browser.get(f"{address}/submit").location == f"{address}/review"
    with lab.web.database.read() as session:
        assert session.scalar(select(func.count()).select_from(QuizAttempt)) == 1


def test_what_comes_after_the_end_is_refused_with_words_and_not_lost(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    item = lab.item(address, "text")
    save(browser, address, item, "은닉층")
    page = shows(browser, address, q="4")
    lab.ends(address, HOUR)
    late = browser.send(f"{address}/answers", do="next", q="4", lang="en", **fields(page, 4), a4="너무 늦은 답")
    assert late.status_code == 409
    assert "너무 늦은 답" in late.text
    by_script = save(browser, address, item, "더 늦은 답", 1)
    assert by_script.status_code == 410
    assert by_script.json["address"] == f"{address}/review"
    assert kept(lab, address, "text") == "은닉층"


def test_when_the_time_is_over_the_page_ends_the_attempt_with_what_was_kept(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    save(browser, address, lab.item(address, "text"), "은닉층")
    assert browser.get(f"{address}/time").json["open"]
    lab.ends(address, HOUR)
    assert browser.get(address).location == f"{address}/review"
    row = lab.attempt(address)
    assert (row.ended, row.submitted_at) == ("time", row.deadline)
    assert lab.item(address, "text").share == 1.0
    assert not browser.get(f"{address}/time").json["open"]
    assert "by time, as it was kept" in shows(browser, f"{address}/review")


def test_an_answer_within_the_grace_of_the_network_is_taken(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    lab.ends(address, quizzes.seen.GRACE / 2)
    assert save(browser, address, lab.item(address, "text"), "은닉층").status_code == 200


# -------------------------------------------------------------------------------------------------- reviews


def test_a_review_waits_for_the_due_date_and_then_explains(lab: Lab) -> None:
    address, browser = lab.begun(), lab.browser()
    lab.answered(address, wrong=("choice",))
    early = shows(browser, f"{address}/review")
    assert "when everybody has finished" in early
    assert EXPLANATION not in early
    lab.schedule(due=lab.web.now - HOUR, closes=lab.web.now - HOUR)
    page = shows(browser, f"{address}/review")
    assert page.count(f"{EXPLANATION} ") >= 9
    assert f"{FEEDBACK} AND has four" in page
    assert "No single line separates it" in page
    assert "Report an error" in page


def test_a_score_alone_is_told_where_the_rules_say_so(lab: Lab) -> None:
    lab.schedule(rules={"review": "score_only"})
    address = lab.begun()
    with lab.web.database.write() as session:  # without the cell all is marked
        row = quizzes.by_receipt(session, address.rsplit("/", 1)[1])
        quizzes.submit(session, row)
    lab.schedule(due=lab.web.now - HOUR, closes=lab.web.now - HOUR)
    page = shows(lab.browser(), f"{address}/review")
    assert "<strong>0</strong> / 10" in page
    assert "only the score is told" in page
    assert EXPLANATION not in page


def test_an_error_is_reported_answered_and_read(lab: Lab) -> None:
    lab.schedule(rules={"review": "at_once"})
    address, browser = lab.begun(), lab.browser()
    lab.answered(address)
    browser.send(f"{address}/report/1", reason="Two options are <right>.")
    assert "Two options are &lt;right&gt;." in shows(browser, f"{address}/review")
    staff = lab.browser("helper")
    page = shows(staff, f"{COURSE}/quizreports")
    assert "Two options are &lt;right&gt;." in page
    assert "demo-choice" in page
    number = re.search(r"/quizreports/(\d+)", page)
    assert number
    staff.send(f"{COURSE}/quizreports/{number[1]}", answer="You are right, the key is mended.")
    assert "You are right, the key is mended." in shows(browser, f"{address}/review")
    assert browser.send(f"{address}/report/1", reason=" ").status_code == 303
    assert "Say something" in shows(browser, f"{address}/review")


# ------------------------------------------------------------------------------------------------- practice


def test_practice_tells_at_once_and_hints_open_one_by_one(lab: Lab) -> None:
    address, browser = lab.start(mode="practice", key=PLAIN), lab.browser()
    item = lab.item(address, "choice")
    wrong = next(alias for alias, id in item.aliases.items() if id == "data")
    page = shows(browser, address, q="1")
    assert HINT not in page
    sent = {**fields(page, 1), **given(item, wrong)}
    browser.send(f"{address}/answers", do="hint:1", q="1", **sent)
    page = shows(browser, address, q="1")
    assert f"{HINT} Draw the four points." in page
    assert "Show a hint" not in page  # there was one
    browser.send(f"{address}/answers", do="check:1", q="1", **fields(page, 1), **given(item, wrong))
    page = shows(browser, address, q="1")
    for words in ("Wrong", f"{FEEDBACK} AND has four", f"{EXPLANATION} The classes", "No single line separates it"):
        assert words in page
    assert fields(page, 1) == {}  # it is marked, and cannot be answered again
    assert browser.send(f"{address}/answers", do="finish", q="1").location == f"{address}/review"
    assert "Practise again" in shows(browser, f"{address}/review")


def test_checking_what_is_no_answer_costs_nothing(lab: Lab) -> None:
    address, browser = lab.start(mode="practice", key=PLAIN), lab.browser()
    page = shows(browser, address, q="3")
    browser.send(f"{address}/answers", do="check:3", q="3", **fields(page, 3), a3="twelve")
    page = shows(browser, address, q="3")
    assert "cannot be read as a number" in page
    assert lab.item(address, "number").marked_at is None


def test_checking_nothing_says_so(lab: Lab) -> None:
    address, browser = lab.start(mode="practice", key=PLAIN), lab.browser()
    page = shows(browser, address, q="3")
    answer = browser.send(f"{address}/answers", do="check:3", q="3", **fields(page, 3), a3=" ")
    assert "There is no answer yet to check" in answer.text


def test_code_waits_for_its_worker_and_says_so(lab: Lab) -> None:
    address, browser = lab.start(mode="practice", key=PLAIN), lab.browser()
    item = lab.item(address, "cell")
    page = shows(browser, address, q="10")
    assert "raise NotImplementedError" in page
    browser.send(f"{address}/answers", do="check:10", q="10", **fields(page, 10), **given(item, right(item)))
    assert "It is being marked" in shows(browser, address, q="10")
    assert "zz-explanation" not in shows(browser, address, q="10")


def test_no_key_is_practised_out_while_a_graded_attempt_runs(lab: Lab) -> None:
    lab.schedule(rules={"practice": "always"})
    lab.start()
    answer = lab.browser().send(f"{COURSE}/quizzes/{KEY}/start", mode="practice", token="p", lang="en")
    assert answer.location == f"{COURSE}/quizzes/{KEY}"


def test_a_topic_is_practised_with_its_questions_and_leads_to_its_notebook(lab: Lab) -> None:
    browser = lab.browser()
    page = shows(browser, f"{COURSE}/topics/backpropagation")
    assert "Practise this topic" in page
    assert "It can be practised after it is due" in page  # the graded quiz is left out
    done = browser.send(f"{COURSE}/topics/backpropagation/practise", token="k")
    again = browser.send(f"{COURSE}/topics/backpropagation/practise", token="k")
    assert done.location == again.location
    with lab.web.database.read() as session:
        row = quizzes.by_receipt(session, done.location.rsplit("/", 1)[1])
        topics = session.scalars(select(QuizItem.topic).filter_by(attempt_id=row.id)).all()
        assert set(topics) == {"backpropagation"}
        assert people.the_course(session, "dl").id == row.course_id
    assert shows(browser, done.location)
    assert browser.get(f"{COURSE}/topics/no-such").status_code == 404


def test_a_report_leads_to_the_practice_of_its_misconception(lab: Lab) -> None:
    report = f"/submissions/{lab.web.receipts['mina'][0]}"
    assert "Practise this topic" not in shows(lab.browser(), report)  # no quiz asks about gradients yet
    lab.publish(PLAIN, {'topic = "backpropagation"': 'topic = "gradients"'})
    assert f"{COURSE}/topics/gradients" in shows(lab.browser(), report)


def test_an_assignment_leads_to_its_topics_and_a_topic_to_its_functions(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the checks of a function know by name is taught there; nothing else of a suite is named."""
    about = {"double": frozenset({"backpropagation", "no-quiz"}), "edges": frozenset({"no-quiz"})}
    monkeypatch.setattr(topics, "_by_group", lambda version, key: about)
    browser, report = lab.browser(), f"/submissions/{lab.web.receipts['mina'][0]}"
    here = f'<a href="{COURSE}/topics/backpropagation">'
    assert here in shows(browser, f"{COURSE}/assignments/doubling")
    assert here in shows(browser, report)
    assert "no-quiz" not in shows(browser, report)
    page = shows(browser, f"{COURSE}/topics/backpropagation")
    assert f'<a href="{COURSE}/assignments/doubling">Doubling</a>: <code>double</code>' in page
    best = f"/submissions/{lab.web.receipts['mina'][1]}"  # it lost points in another group alone
    assert here not in shows(browser, best)
    about["edges"] = about["double"]
    assert here in shows(browser, best)
    for quiz in (KEY, PLAIN):
        lab.schedule(quiz, opens=lab.web.now + 24 * HOUR)
    assert here not in shows(browser, best)  # nothing may be practised yet


def test_the_names_of_tests_of_nothing_that_a_student_writes_are_not_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = teaching.Taught(1, {name: frozenset({"backpropagation"}) for name in ("double", "trap")})
    monkeypatch.setattr(teaching, "taught", lambda root, key: found)
    page = shows(lab.browser(), f"{COURSE}/topics/backpropagation")
    assert "<code>double</code>" in page
    assert "trap" not in page


def test_json_of_the_page_is_small_and_says_nothing_else(lab: Lab) -> None:
    address, browser = lab.start(), lab.browser()
    answer = save(browser, address, lab.item(address, "text"), "은닉층")
    assert set(json.loads(answer.text)) == {"revision", "was", "saved", "said", "reading", "state", "word", "left"}
