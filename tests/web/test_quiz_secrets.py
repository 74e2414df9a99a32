"""Attacks: nothing that decides reaches a browser before it may, and nobody reaches what is another's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web.conftest import Web
from web.quizlab import COURSE, HINT, HOUR, KEY, LATER, NEVER, PLAIN, Lab, fields, given, opened, right

from grader.store.models import Role
from webapp import access

EVERYBODY = ("nobody", "outsider", "sora", "juno", "mina", "helper", "teacher")
RANKS = {"sora": 0, "juno": 0, "mina": 0, "helper": 1, "teacher": 2}


@pytest.fixture
def lab(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    found = opened(web, tmp_path / "shelf", monkeypatch, hints=True)
    found.publish(PLAIN, rules={"graded": False, "shuffle": False})
    return found


def routes(lab: Lab, address: str, batch: str = "none") -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and address of every page of quizzes."""
    words: dict[str, Any] = {
        **{"course": "dl", "quiz": KEY, "sitting": address.rsplit("/", 1)[1], "topic": "backpropagation"},
        **{"question": "demo-choice", "position": 1, "name": "none.svg", "batch": batch, "report": 1},
    }
    with lab.web.app.test_request_context():
        for rule in lab.web.app.url_map.iter_rules():
            if rule.endpoint.partition(".")[0] in ("quizzes", "quizbook"):
                found = lab.web.app.url_for(rule.endpoint, **{name: words[name] for name in rule.arguments})
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    yield rule.endpoint, method, found


def all_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True)) + str(answer.headers)


def leaks(lab: Lab, address: str, words: str, *, later: bool = True, hints: bool = True) -> list[str]:
    words = re.sub(r"questions/demo-choice|week4-demo", "", words)  # what was asked for is said back
    wanted = [*NEVER, *lab.secrets(address), *(LATER if later else ()), *([HINT] if hints else [])]
    numbers = {word for word in wanted if word.isdecimal()}  # which stand within longer words by chance
    found = [word for word in wanted if word not in numbers and word in words]
    return found + [word for word in numbers if re.search(rf"(?<![\w.-]){word}(?![\w-])", words)]


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_of_quizzes_as_everybody(lab: Lab, who: str) -> None:
    """Allowed by the role that the view names; a student finds only the own attempts; never a fault of ours."""
    address = lab.begun("mina")
    browser = lab.web.client_as(None if who == "nobody" else who)
    key = browser.form_key()
    for endpoint, method, place in routes(lab, address):
        answer = browser.open(place, method=method, data={"csrf_token": key} if method == "POST" else None)
        label = f"{who} {method} {place}: {answer.status_code}"
        whom = getattr(lab.web.app.view_functions[endpoint], access.MARK)
        assert isinstance(whom, Role), label
        assert answer.status_code < 500, label
        if who == "nobody":
            assert answer.status_code == 303, label
            assert answer.location.startswith("/sign-in"), label
            continue
        allowed = RANKS.get(who, -1) >= access.RANK[whom]
        theirs = "/sittings/" in place and who != "mina"
        seen_by_staff = endpoint in ("quizzes.look", "quizzes.picture", "quizbook.override") and RANKS.get(who, -1) >= 1
        if not allowed or (theirs and not seen_by_staff):
            assert answer.status_code == 404, label
        if who not in ("helper", "teacher"):
            assert leaks(lab, address, all_of(answer)) == [], label


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_taker_reads_what_decides_before_its_time(lab: Lab, lang: str) -> None:
    """All pages while the attempt runs, after wrong answers to all, and after the end until the due date."""
    address, browser = lab.begun(), lab.browser()
    lab.answered(address, wrong=("choice", "multiple", "number", "shape", "formula", "output"), submit=False)
    seen = 0
    for over in (False, True):
        if over:
            browser.send(f"{address}/submit")
        places = [place for _, method, place in routes(lab, address) if method == "GET"]
        for place in (*places, f"{address}?view=all", f"{address}?q=3"):
            answer = browser.get(place, query_string={"lang": lang} if "?" not in place else None)
            assert leaks(lab, address, all_of(answer)) == [], place
            seen += answer.status_code == 200
    assert seen >= 12


def test_the_script_is_told_nothing_that_decides(lab: Lab) -> None:
    address, browser = lab.begun(), lab.browser()
    for kind in ("choice", "multiple", "number", "text", "order", "match", "shape", "formula", "output"):
        item = lab.item(address, kind)
        name = f"{address}/answers/{item.position}"
        sure = browser.send(name, **{f"r{item.position}": "0"}, **given(item, right(item)))
        doubt = browser.send(name, **{f"r{item.position}": "1"}, **{f"a{item.position}": "a"})
        for answer in (sure, doubt):
            assert [word for word in (*NEVER, *LATER, HINT) if word in all_of(answer)] == [], kind
            assert "right" not in answer.text or "left" in answer.text
        assert set(sure.json) == set(doubt.json) or doubt.status_code != 200


def test_a_graded_question_cannot_be_checked_and_shows_only_hints_that_were_opened(lab: Lab) -> None:
    address, browser = lab.begun(), lab.browser()
    page = browser.get(f"{address}?view=all&lang=en").text
    item = lab.item(address, "choice")
    answer = browser.send(f"{address}/answers", do="check:1", q="1", **fields(page, 1), **given(item, right(item)))
    assert lab.item(address, "choice").marked_at is None
    assert leaks(lab, address, all_of(answer)) == []
    browser.send(f"{address}/answers", do="hint:1", q="1")
    page = browser.get(f"{address}?view=all").text
    assert page.count(HINT) == 1
    assert leaks(lab, address, page, hints=False) == []


def test_options_have_other_names_in_each_attempt_and_ids_never_show(lab: Lab) -> None:
    names = set()
    for who in ("mina", "juno", "sora"):
        address = lab.begun(who)
        page = lab.browser(who).get(f"{address}?view=all&lang=en").text
        found = re.findall(r'name="a1" value="(\w)"> <span>([^<]+)<', page)
        assert [alias for alias, _ in found] == ["a", "b", "c"]
        names.add(tuple(words for _, words in found))
        assert leaks(lab, address, page) == []
    assert len(names) > 1 or lab.item(lab.begun("mina"), "choice").aliases


def test_who_practises_sees_feedback_of_what_was_checked_alone(lab: Lab) -> None:
    address, browser = lab.start(mode="practice", key=PLAIN), lab.browser()
    item = lab.item(address, "choice")
    page = browser.get(f"{address}?view=all&lang=en").text
    assert [word for word in (*LATER, HINT, "plain-", "optid-zz") if word in page.replace(PLAIN, "")] == []
    browser.send(f"{address}/answers", do="check:1", q="1", **fields(page, 1), **given(item, right(item)))
    page = browser.get(f"{address}?view=all").text
    assert page.count("zz-explanation") == 1
    assert HINT not in page
    assert "optid-zz" not in page


def test_another_ones_attempt_is_not_there_to_read_or_to_change(lab: Lab) -> None:
    address = lab.begun("mina")
    item = lab.item(address, "text")
    other = lab.browser("juno")
    for place in ("", "/review", "/submit", "/time", "/pictures/1"):
        assert other.get(f"{address}{place}").status_code == 404
    for place, sent in (("/answers", {"do": "save"}), ("/answers/4", {"r4": "0", "a4": "x"}), ("/submit", {})):
        assert other.send(f"{address}{place}", **sent).status_code == 404
    assert other.send(f"{address}/report/1", reason="x").status_code == 404
    staff = lab.browser("teacher")
    assert staff.send(f"{address}/answers/4", r4="0", a4="x").status_code == 404  # staff look, and do not answer
    assert staff.send(f"{address}/submit").status_code == 404
    assert lab.item(address, "text").answer == item.answer
    assert lab.attempt(address).submitted_at is None
    foreign = address.replace("/courses/dl/", "/courses/other/")
    assert lab.browser("outsider").get(f"{foreign}/review").status_code == 404


def test_forms_of_other_sites_change_nothing(lab: Lab) -> None:
    address, browser = lab.begun(), lab.browser()
    for place, sent in (
        (f"{address}/answers/4", {"r4": "0", "a4": "은닉층"}),
        (f"{address}/answers", {"do": "save", "r4": "0", "w4": "", "a4": "은닉층"}),
        (f"{address}/submit", {}),
        (f"{COURSE}/quizzes/{PLAIN}/start", {"mode": "practice"}),
    ):
        assert browser.post(place, data=sent).status_code == 400
    assert lab.item(address, "text").answer is None
    assert lab.attempt(address).submitted_at is None


def test_markup_in_an_answer_is_text_everywhere(lab: Lab) -> None:
    lab.schedule(rules={"review": "at_once"})
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    address, browser = lab.begun(), lab.browser()
    for position in (3, 4, 7, 8, 9, 10):
        browser.send(f"{address}/answers/{position}", **{f"r{position}": "0", f"a{position}": evil})
    stale = browser.send(f"{address}/answers/4", r4="0", a4=evil + "!")
    pages = [browser.get(f"{address}?view=all").text, browser.get(f"{address}/submit").text, stale.json["html"]]
    browser.send(f"{address}/submit")
    pages += [browser.get(f"{address}/review").text, lab.browser("teacher").get(f"{address}/review").text]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_hostile_fields_are_no_fault_of_ours(lab: Lab) -> None:
    address, browser = lab.begun(), lab.browser()
    long, odd = "9" * 60_000, "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    for position in (0, 1, 3, 5, 6, 8, 10, 11):
        for words in (long, odd, "\0", "1e999999999", "((((" * 400, "a" * 300):
            for name in (f"a{position}", f"a{position}-a"):
                answer = browser.send(f"{address}/answers/{position}", **{f"r{position}": "0", name: words})
                assert answer.status_code in (200, 400, 404, 409), (position, words[:20])
    for revision in ("-1", "x", "9" * 40, "1.5", "٣"):
        assert browser.send(f"{address}/answers/4", r4=revision, a4="x").status_code in (200, 409)
    for verb in ("", "go:99999", "check:", "hint:-1", "keep:x", "flag:" + "9" * 30, "nothing", "go:٣"):
        assert browser.send(f"{address}/answers", do=verb, q="٣").status_code < 500
    for seed in ("-1", "x", "9" * 30, "٣"):
        page = lab.browser("teacher").get(f"{COURSE}/quizbook/{KEY}/questions", query_string={"seed": seed})
        assert page.status_code == 200


def test_pages_carry_no_inline_script_or_style_and_their_policy_forbids_them(lab: Lab) -> None:
    lab.schedule(rules={"review": "at_once"})
    address, browser, staff = lab.begun(), lab.browser(), lab.browser("teacher")
    pages = [browser.get(place) for place in (f"{COURSE}/quizzes", f"{COURSE}/quizzes/{KEY}", f"{address}?view=all")]
    lab.answered(address)
    pages.append(browser.get(f"{address}/review"))
    pages += [staff.get(f"{COURSE}/quizbook{end}") for end in ("", f"/{KEY}", f"/{KEY}/questions", f"/{KEY}/rules")]
    pages.append(staff.get(f"{COURSE}/quizbook/{KEY}/questions/demo-choice"))
    for answer in pages:
        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", answer.text), answer.request.path


def test_staff_without_the_rank_change_nothing(lab: Lab) -> None:
    helper = lab.browser("helper")
    for place in (f"/quizbook/{KEY}/rules", f"/quizbook/{KEY}/corrections", f"/quizbook/{KEY}/corrections/x"):
        assert helper.send(f"{COURSE}{place}", verb="save").status_code == 404
    assert lab.browser("mina").get(f"{COURSE}/quizbook/{KEY}").status_code == 404


def test_what_is_not_published_is_for_staff_alone(lab: Lab) -> None:
    waiting = lab.folder / "assignments/quizzes/week9-later.toml"
    waiting.write_text('id = "week9-later"\nweek = 9\ntitle = { ko = "나중", en = "Later" }\n', encoding="utf-8")
    assert lab.browser().get(f"{COURSE}/quizzes/week9-later").status_code == 404
    assert "Later" not in lab.browser().get(f"{COURSE}/quizzes?lang=en").text
    assert "Later" in lab.browser("helper").get(f"{COURSE}/quizbook?lang=en").text


def test_a_running_attempt_keeps_its_clock_whatever_a_browser_says(lab: Lab) -> None:
    address, browser = lab.begun(), lab.browser()
    lab.ends(address, HOUR)
    for sent in ({"s4": "-99999"}, {"at": "2020-01-01"}, {"deadline": "2099-01-01"}):
        answer = browser.send(f"{address}/answers/4", r4="0", a4="은닉층", **sent)
        assert answer.status_code == 410
